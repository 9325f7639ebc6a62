"""Many processes, one store: leases on runs, lanes, routes, marks, the audit chain, snoozes, retention."""

import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.adapters.sql.types import Named, Prose, Utc, Words
from bot.domain.audit import Tip, chained
from bot.domain.responder import Place
from bot.domain.triage import AuditEvent, Move, Resolution, State

revision = "0002"
down_revision = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

AT_ONCE = 1_000
Moment = sa.DateTime(timezone=True)

_events = sa.table(  # as this revision finds it
    "events",
    sa.column("id", sa.Integer),
    sa.column("finding_id", sa.Integer),
    sa.column("move", Named(Move)),
    sa.column("by", Words),
    sa.column("at", Utc),
    sa.column("before", Named(State)),
    sa.column("after", Named(State)),
    sa.column("accepted", sa.Boolean),
    sa.column("resolution", Named(Resolution)),
    sa.column("note", Prose),
    sa.column("channel", Words),
    sa.column("message", Words),
    sa.column("seq", sa.Integer),
    sa.column("previous", sa.String),
    sa.column("hash", sa.String),
)


def upgrade() -> None:
    _snoozes()
    _audit_chain()
    _leases_of_runs()
    _outbox()
    _retention()


def _snoozes() -> None:
    op.add_column("findings", sa.Column("snoozed_until", Moment))
    op.add_column("findings", sa.Column("snoozed_by", sa.String))
    op.add_column("findings", sa.Column("is_waiting", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("UPDATE findings SET is_waiting = (state != 'resolved'), rank = -rank")
    worst_first = ("rank", "opened_at", "id")
    op.create_index("ix_findings_snoozed_until", "findings", ["snoozed_until"])
    op.create_index("findings_worst_first", "findings", ["is_waiting", *worst_first])
    op.create_index("findings_of_hunt_worst_first", "findings", ["hunt", "is_waiting", *worst_first])
    op.create_index("findings_longest_waiting", "findings", ["hunt", "state", "opened_at", "id"])
    op.create_index("findings_of_owner", "findings", ["owner", "is_waiting", *worst_first])
    op.create_index("findings_of_state", "findings", ["state", *worst_first])
    op.create_index("findings_by_first_seen", "findings", ["hunt", "is_waiting", "is_revoked", "first_seen"])
    op.create_index("findings_by_resolution", "findings", ["is_waiting", "resolved_at"])


def _audit_chain() -> None:
    op.add_column("events", sa.Column("until", Moment))
    op.add_column("events", sa.Column("delivery", sa.String))
    op.add_column("events", sa.Column("seq", sa.Integer, nullable=False, server_default="0"))
    op.add_column("events", sa.Column("previous", sa.String, nullable=False, server_default=""))
    op.add_column("events", sa.Column("hash", sa.String, nullable=False, server_default=""))
    op.create_table(
        "gaps",
        sa.Column("first", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("purged_at", Moment, nullable=False),
    )
    tip = op.create_table(
        "tip",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
    )
    end = _chain_what_is_there()
    op.bulk_insert(tip, [{"id": 1, "seq": end.seq, "hash": end.hash}])
    op.create_index("events_delivery_key", "events", ["delivery"], unique=True)
    op.create_index("events_seq_key", "events", ["seq"], unique=True)
    op.create_index("events_by_time", "events", ["at"])


def _chain_what_is_there() -> Tip:
    """In portions: a store of before may hold a million events."""
    connection, end, last_id = op.get_bind(), Tip(), 0
    placed = sa.update(_events).where(_events.c.id == sa.bindparam("this"))
    while rows := connection.execute(_events_after(last_id)).all():
        places = []
        for row in rows:
            entry = chained(end, row.finding_id, _event(row))
            places.append({"this": row.id, "seq": entry.seq, "previous": entry.previous, "hash": entry.hash})
            end = Tip(entry.seq, entry.hash)
        connection.execute(placed, places)
        last_id = rows[-1].id
    return end


def _events_after(row_id: int) -> sa.Select[Any]:
    return sa.select(_events).where(_events.c.id > row_id).order_by(_events.c.id).limit(AT_ONCE)


def _event(row: sa.Row[Any]) -> AuditEvent:
    return AuditEvent(
        move=row.move,
        by=row.by,
        at=row.at,
        before=row.before,
        after=row.after,
        accepted=row.accepted,
        resolution=row.resolution,
        note=row.note,
        place=Place(row.channel, row.message),
    )


def _leases_of_runs() -> None:
    op.add_column("runs", sa.Column("missed", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("fence", sa.Integer, nullable=False, server_default="0"))
    op.add_column("runs", sa.Column("lease_until", Moment))
    op.create_index("runs_by_state", "runs", ["state"])
    op.create_index("runs_by_end", "runs", ["hunt", "finished_at"])
    op.create_index("runs_by_finish", "runs", ["finished_at"])
    op.create_index("runs_by_due_time", "runs", ["schedule_key", "due_at"])
    op.create_index("runs_digests", "runs", ["hunt", "trigger", "state", "finished_at"])
    op.create_index("runs_marks", "runs", ["hunt", "is_complete", "is_filtered", "trigger", "window_end"])
    op.create_index("runs_searched", "runs", ["hunt", "is_complete", "is_filtered", "window_start"])
    news = sa.text("novelty != 'known'")
    op.create_index("run_findings_news", "run_findings", ["run_id"], sqlite_where=news, postgresql_where=news)


def _outbox() -> None:
    op.add_column("intents", sa.Column("mark", sa.String, nullable=False, server_default=""))
    op.add_column("intents", sa.Column("about_route", sa.String))
    for moment in ("suspect_at", "tried_at", "wanted_at"):
        op.add_column("intents", sa.Column(moment, Moment))
    _mark_what_is_there()
    op.create_index("intents_mark_key", "intents", ["mark"], unique=True)
    op.drop_index("intents_by_progress", "intents")
    to_post, to_redraw = sa.text("drawn < wanted AND ts IS NULL"), sa.text("drawn < wanted AND ts IS NOT NULL")
    for name, columns, which in (
        ("intents_given_up", ["id"], sa.text("progress = 'broken'")),
        ("intents_suspect", ["suspect_at"], sa.text("suspect_at IS NOT NULL")),
        ("intents_to_post", ["channel", "kind", "id"], to_post),
        ("intents_to_redraw", ["channel", "kind", "id"], to_redraw),
        ("intents_to_post_of_run", ["run_id"], to_post),
    ):
        op.create_index(name, "intents", columns, sqlite_where=which, postgresql_where=which)
    op.create_table(
        "lanes",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("is_redraw", sa.Boolean, primary_key=True),
        sa.Column("opens_at", Moment, nullable=False),
    )
    op.create_table(
        "routes",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("broken_at", Moment, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("try_at", Moment, nullable=False),
    )


def _retention() -> None:
    for counted in ("forgotten_hits", "forgotten_granted", "forgotten_revoked"):
        op.add_column("findings", sa.Column(counted, sa.Integer, nullable=False, server_default="0"))
    op.add_column("findings", sa.Column("forgotten_until", Moment))
    op.create_index("hits_by_time", "hits", ["at", "finding_id", "hit_id"])
    op.create_index("run_findings_of_finding", "run_findings", ["finding_id"])
    op.create_index("ix_intents_event_id", "intents", ["event_id"])
    op.create_table(
        "chores",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("seen_at", Moment, nullable=False),
        sa.Column("steady_since", Moment, nullable=False),
        sa.Column("taken_until", Moment),
        sa.Column("done_at", Moment),
    )


def _mark_what_is_there() -> None:
    """Messages of before carry their key: it stays their mark. What was not posted yet gets a random one."""
    connection = op.get_bind()
    intents = sa.table("intents", *map(sa.column, ("id", "key", "mark", "ts", "may_stand")))
    posted = sa.or_(intents.c.ts.is_not(None), sa.cast(intents.c.may_stand, sa.Integer) == 1)
    connection.execute(sa.update(intents).where(posted).values(mark=intents.c.key))
    for (row_id,) in connection.execute(sa.select(intents.c.id).where(intents.c.mark == "")).all():
        connection.execute(sa.update(intents).where(intents.c.id == row_id).values(mark=secrets.token_hex(12)))
