"""What the Slack surface keeps: assignees, what a verdict is remembered by, runs about one finding, Home tabs."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("events", sa.Column("assignee", sa.String))
    op.add_column("events", sa.Column("severity", sa.String))
    verdicts = sa.text("accepted AND move IN ('resolve', 'reopen')")
    op.create_index(
        "events_verdicts", "events", ["finding_id", "id"], sqlite_where=verdicts, postgresql_where=verdicts
    )
    op.add_column("findings", sa.Column("memory_key", sa.String, nullable=False, server_default=""))
    op.create_index("findings_by_memory", "findings", ["memory_key", "resolved_at"])
    op.add_column("runs", sa.Column("finding_id", sa.Integer))
    op.add_column("runs", sa.Column("pivot", sa.String))
    op.add_column("runs", sa.Column("answer", sa.JSON))
    op.create_index("ix_runs_finding_id", "runs", ["finding_id"])
    answered = sa.text("answer IS NOT NULL")
    op.create_index("runs_answered", "runs", ["finished_at"], sqlite_where=answered, postgresql_where=answered)
    op.create_table(
        "homes",
        sa.Column("user", sa.String, primary_key=True),
        sa.Column("shows", sa.JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "bulks",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String),
        sa.Column("message", sa.String),
        *(sa.Column(name, sa.JSON, nullable=False) for name in ("shown", "ticked", "chosen")),
        sa.Column("move", sa.String),
        sa.Column("resolution", sa.String),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("tally", sa.JSON),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
    op.create_index("bulks_by_state", "bulks", ["state", "at"])
    op.add_column("intents", sa.Column("bulk_id", sa.Integer))
    op.create_index("intents_by_place", "intents", ["channel", "ts"])
    op.create_table(
        "exports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_in", sa.String, nullable=False),
        sa.Column("channel", sa.String),
        sa.Column("thread", sa.String),
        sa.Column("run", sa.Integer),
        sa.Column("queue", sa.JSON),
        sa.Column("hunt", sa.String),
        sa.Column("delivery", sa.String, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
    op.create_index("exports_by_state", "exports", ["state"])
    op.add_column("intents", sa.Column("page", sa.JSON))
    op.create_index("findings_by_day", "findings", ["hunt", "first_seen", "rank"])
