"""The store on SQLAlchemy Core: findings, runs and the outbox in SQLite."""

from bot.adapters.sql.store import SqlStore

__all__ = ["SqlStore"]
