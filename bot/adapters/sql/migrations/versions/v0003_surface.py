"""What the Slack surface keeps: assignees, what a verdict is remembered by, Home tabs that were opened."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("events", sa.Column("assignee", sa.String))
    op.add_column("findings", sa.Column("memory_key", sa.String, nullable=False, server_default=""))
    op.create_index("findings_by_memory", "findings", ["memory_key", "resolved_at"])
    op.create_table(
        "homes",
        sa.Column("user", sa.String, primary_key=True),
        sa.Column("shows", sa.JSON, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
    )
