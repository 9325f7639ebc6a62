"""The first schema: findings, hits, events, runs, schedules, intents."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "findings",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("fingerprint", sa.String, nullable=False, unique=True),
        sa.Column("hunt", sa.String, nullable=False),
        sa.Column("face_id", sa.String, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("is_revoked", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_backlog", sa.Boolean, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("owner", sa.String),
        sa.Column("taken_at", sa.DateTime(timezone=True)),
        sa.Column("escalated_at", sa.DateTime(timezone=True)),
        sa.Column("escalated_by", sa.String),
        sa.Column("is_taken_over", sa.Boolean, nullable=False),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("resolved_by", sa.String),
        sa.Column("resolution", sa.String),
        sa.Column("resolution_note", sa.Text, nullable=False),
        sa.Column("pressed_severity", sa.String),
        sa.Column("version", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("findings_by_hunt", "findings", ["hunt", "state"])
    op.create_table(
        "hits",
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("findings.id"), primary_key=True),
        sa.Column("hit_id", sa.String, primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("findings.id"), nullable=False),
        sa.Column("move", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.String, nullable=False),
        sa.Column("after", sa.String, nullable=False),
        sa.Column("accepted", sa.Boolean, nullable=False),
        sa.Column("resolution", sa.String),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("channel", sa.String),
        sa.Column("message", sa.String),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_finding_id", "events", ["finding_id"])
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("hunt", sa.String, nullable=False),
        sa.Column("trigger", sa.String, nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.String),
        sa.Column("by", sa.String),
        sa.Column("asked_start", sa.DateTime(timezone=True)),
        sa.Column("asked_end", sa.DateTime(timezone=True)),
        sa.Column("filter", sa.JSON, nullable=False),
        sa.Column("is_filtered", sa.Boolean, nullable=False),
        sa.Column("is_private", sa.Boolean, nullable=False),
        sa.Column("schedule_key", sa.String),
        sa.Column("nominal", sa.String),
        sa.Column("due_at", sa.DateTime(timezone=True)),
        sa.Column("dedupe_key", sa.String, unique=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("window_start", sa.DateTime(timezone=True)),
        sa.Column("window_end", sa.DateTime(timezone=True)),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("receipt", sa.JSON(none_as_null=True)),
        sa.Column("is_complete", sa.Boolean, nullable=False),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("schedule_key", "nominal", name="runs_once_a_due_time"),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_hunt", "runs", ["hunt", "state", "finished_at"])
    op.create_table(
        "run_findings",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("findings.id"), primary_key=True),
        sa.Column("novelty", sa.String, nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("key", sa.String, primary_key=True),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "intents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("channel", sa.String, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finding_id", sa.Integer, sa.ForeignKey("findings.id")),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id")),
        sa.Column("event_id", sa.Integer, sa.ForeignKey("events.id")),
        sa.Column("thread_of", sa.String),
        sa.Column("only_for", sa.String),
        sa.Column("progress", sa.String, nullable=False),
        sa.Column("ts", sa.String),
        sa.Column("wanted", sa.Integer, nullable=False),
        sa.Column("drawn", sa.Integer, nullable=False),
        sa.Column("may_stand", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("fence", sa.Integer, nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("not_before", sa.DateTime(timezone=True)),
        sa.Column("broken_reason", sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_intents_finding_id", "intents", ["finding_id"])
    op.create_index("ix_intents_run_id", "intents", ["run_id"])
    op.create_index("ix_intents_thread_of", "intents", ["thread_of"])
    op.create_index("intents_by_progress", "intents", ["progress", "channel"])
