"""The tables, as they are at the newest schema; migrations/ says how a store gets there."""

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, UniqueConstraint, text

from bot.adapters.sql.types import Named, Prose, Utc, Words
from bot.domain.bulk import BulkState
from bot.domain.export import ExportState, FileFormat
from bot.domain.intent import Kind, Progress
from bot.domain.run import Novelty, RunState, Trigger
from bot.domain.severity import Severity
from bot.domain.triage import Move, Resolution, State

metadata = MetaData()

findings = Table(
    "findings",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("fingerprint", Words, nullable=False, unique=True),
    Column("hunt", Words, nullable=False),
    Column("face_id", Words, nullable=False),
    Column("rank", Integer, nullable=False),  # of its severity, negative: the most severe sorts first
    Column("first_seen", Utc, nullable=False),
    Column("last_seen", Utc, nullable=False),
    Column("count", Integer, nullable=False),
    Column("is_revoked", Boolean, nullable=False),
    Column("opened_at", Utc, nullable=False),
    Column("from_backlog", Boolean, nullable=False),
    Column("state", Named(State), nullable=False),
    Column("owner", Words),
    Column("taken_at", Utc),
    Column("escalated_at", Utc),
    Column("escalated_by", Words),
    Column("is_taken_over", Boolean, nullable=False),
    Column("resolved_at", Utc),
    Column("resolved_by", Words),
    Column("resolution", Named(Resolution)),
    Column("resolution_note", Prose, nullable=False),
    Column("pressed_severity", Named(Severity)),
    Column("snoozed_until", Utc, index=True),
    Column("snoozed_by", Words),
    Column("version", Integer, nullable=False),
    Column("forgotten_hits", Integer, nullable=False, server_default="0"),  # purged, and still counted
    Column("forgotten_granted", Integer, nullable=False, server_default="0"),
    Column("forgotten_revoked", Integer, nullable=False, server_default="0"),
    Column("forgotten_until", Utc),
    Column("memory_key", Words, nullable=False),
    Index("findings_by_memory", "memory_key", "resolved_at"),
    Column("is_waiting", Boolean, nullable=False),  # unresolved; a column of its own, to be the head of an index
    Index("findings_by_hunt", "hunt", "state"),
    Index("findings_worst_first", "is_waiting", "rank", "opened_at", "id"),
    Index("findings_of_hunt_worst_first", "hunt", "is_waiting", "rank", "opened_at", "id"),
    Index("findings_longest_waiting", "hunt", "state", "opened_at", "id"),
    Index("findings_of_owner", "owner", "is_waiting", "rank", "opened_at", "id"),
    Index("findings_of_state", "state", "rank", "opened_at", "id"),
    Index("findings_by_first_seen", "hunt", "is_waiting", "is_revoked", "first_seen"),
    Index("findings_by_resolution", "is_waiting", "resolved_at"),
    Index("findings_by_day", "hunt", "first_seen", "rank"),
    sqlite_autoincrement=True,  # an id that people have said is never given to another finding
)

hits = Table(
    "hits",
    metadata,
    Column("finding_id", ForeignKey("findings.id"), primary_key=True),
    Column("hit_id", Words, primary_key=True),
    Column("at", Utc, nullable=False),
    Column("severity", Named(Severity), nullable=False),
    Column("columns", JSON, nullable=False),
    Index("hits_by_time", "at", "finding_id", "hit_id"),
)

# Said in these words where it is asked for: a parameter fits no partial index.
VERDICTS = text("accepted AND move IN ('resolve', 'reopen')")

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("finding_id", ForeignKey("findings.id"), nullable=False, index=True),
    Column("move", Named(Move), nullable=False),
    Column("by", Words, nullable=False),
    Column("at", Utc, nullable=False),
    Column("before", Named(State), nullable=False),
    Column("after", Named(State), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("resolution", Named(Resolution)),
    Column("note", Prose, nullable=False),
    Column("channel", Words),
    Column("message", Words),
    Column("until", Utc),
    Column("delivery", Words),  # one press as Slack delivered it
    Column("assignee", Words),
    Column("severity", Named(Severity)),
    Column("seq", Integer, nullable=False),  # its place in the audit chain, without gaps
    Column("previous", Words, nullable=False),
    Column("hash", Words, nullable=False),
    Index("events_delivery_key", "delivery", unique=True),
    Index("events_seq_key", "seq", unique=True),
    Index("events_by_time", "at"),
    Index("events_verdicts", "finding_id", "id", sqlite_where=VERDICTS, postgresql_where=VERDICTS),
    sqlite_autoincrement=True,
)

gaps = Table(  # stretches of the audit chain that a purge took out
    "gaps",
    metadata,
    Column("first", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    Column("hash", Words, nullable=False),
    Column("purged_at", Utc, nullable=False),
)

tip = Table(  # one row: the end of the audit chain
    "tip",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Words, nullable=False),
)

ANSWERED = text("answer IS NOT NULL")

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hunt", Words, nullable=False),
    Column("trigger", Named(Trigger), nullable=False),
    Column("requested_at", Utc, nullable=False),
    Column("channel", Words),
    Column("by", Words),
    Column("asked_start", Utc),
    Column("asked_end", Utc),
    Column("filter", JSON, nullable=False),
    Column("is_filtered", Boolean, nullable=False),
    Column("is_private", Boolean, nullable=False),
    Column("schedule_key", Words),
    Column("nominal", Words),
    Column("due_at", Utc),
    Column("dedupe_key", Words, unique=True),
    Column("state", Named(RunState), nullable=False),
    Column("window_start", Utc),
    Column("window_end", Utc),
    Column("started_at", Utc),
    Column("finished_at", Utc),
    Column("receipt", JSON(none_as_null=True)),
    Column("is_complete", Boolean, nullable=False),
    Column("error", Prose),
    Column("missed", Integer, nullable=False),
    Column("finding_id", Integer, index=True),  # no foreign key: SQLite adds none to a table that is there
    Column("pivot", Words),
    Column("answer", JSON(none_as_null=True)),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Utc),
    Index("runs_by_state", "state"),
    Index("runs_by_end", "hunt", "finished_at"),
    UniqueConstraint("schedule_key", "nominal", name="runs_once_a_due_time"),
    Index("runs_by_hunt", "hunt", "state", "finished_at"),
    Index("runs_by_finish", "finished_at"),
    Index("runs_by_due_time", "schedule_key", "due_at"),
    Index("runs_answered", "finished_at", sqlite_where=ANSWERED, postgresql_where=ANSWERED),
    Index("runs_digests", "hunt", "trigger", "state", "finished_at"),
    Index("runs_marks", "hunt", "is_complete", "is_filtered", "trigger", "window_end"),
    Index("runs_searched", "hunt", "is_complete", "is_filtered", "window_start"),
    sqlite_autoincrement=True,
)

_NEWS = text("novelty != 'known'")

run_findings = Table(
    "run_findings",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("finding_id", ForeignKey("findings.id"), primary_key=True),
    Column("novelty", Named(Novelty), nullable=False),
    Index("run_findings_of_finding", "finding_id"),
    Index("run_findings_news", "run_id", sqlite_where=_NEWS, postgresql_where=_NEWS),
)

schedules = Table(
    "schedules",
    metadata,
    Column("key", Words, primary_key=True),
    Column("met_at", Utc, nullable=False),
)

GIVEN_UP = text("progress = 'broken'")  # said in these words where it is asked for: a parameter fits no partial index
_SUSPECT = text("suspect_at IS NOT NULL")
_TO_POST = text("drawn < wanted AND ts IS NULL")
_TO_REDRAW = text("drawn < wanted AND ts IS NOT NULL")

chores = Table(  # what is done once in a while, by whichever process comes first
    "chores",
    metadata,
    Column("name", Words, primary_key=True),
    Column("seen_at", Utc, nullable=False),
    Column("steady_since", Utc, nullable=False),
    Column("taken_until", Utc),
    Column("done_at", Utc),
)

intents = Table(
    "intents",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", Words, nullable=False, unique=True),
    Column("kind", Named(Kind), nullable=False),
    Column("channel", Words, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("finding_id", ForeignKey("findings.id"), index=True),
    Column("run_id", ForeignKey("runs.id"), index=True),
    Column("event_id", ForeignKey("events.id"), index=True),
    Column("thread_of", Words, index=True),
    Column("only_for", Words),
    Column("progress", Named(Progress), nullable=False),
    Column("ts", Words),
    Column("wanted", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("may_stand", Boolean, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_until", Utc),
    Column("not_before", Utc),
    Column("broken_reason", Prose),
    Column("mark", Words, nullable=False),  # what its message carries
    Column("about_route", Words),
    Column("suspect_at", Utc),  # when its channel is read back for a second copy
    Column("tried_at", Utc),  # since when a copy may stand that nobody knows of
    Column("wanted_at", Utc),  # since when it is to be drawn newer than it stands; null: since it was created
    Column("page", JSON(none_as_null=True)),  # which findings a page of a digest lists
    Column("bulk_id", Integer),  # no foreign key: SQLite adds none to a table that is there
    Index("intents_mark_key", "mark", unique=True),
    Index("intents_by_place", "channel", "ts"),
    Index("intents_given_up", "id", sqlite_where=GIVEN_UP, postgresql_where=GIVEN_UP),
    Index("intents_suspect", "suspect_at", sqlite_where=_SUSPECT, postgresql_where=_SUSPECT),
    Index("intents_to_post", "channel", "kind", "id", sqlite_where=_TO_POST, postgresql_where=_TO_POST),
    Index("intents_to_redraw", "channel", "kind", "id", sqlite_where=_TO_REDRAW, postgresql_where=_TO_REDRAW),
    Index("intents_to_post_of_run", "run_id", sqlite_where=_TO_POST, postgresql_where=_TO_POST),
    sqlite_autoincrement=True,
)

lanes = Table(  # when a queue towards Slack, or towards a target, takes the next message
    "lanes",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("is_redraw", Boolean, primary_key=True),
    Column("opens_at", Utc, nullable=False),
)

routes = Table(  # channels and targets that take nothing at present
    "routes",
    metadata,
    Column("channel", Words, primary_key=True),
    Column("reason", Prose, nullable=False),
    Column("broken_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("try_at", Utc, nullable=False),
)

bulks = Table(  # many findings that somebody wants changed at once
    "bulks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("by", Words, nullable=False),
    Column("at", Utc, nullable=False),
    Column("channel", Words),
    Column("message", Words),
    Column("shown", JSON, nullable=False),  # ids of findings, in the order in which they were shown
    Column("ticked", JSON, nullable=False),
    Column("chosen", JSON, nullable=False),
    Column("move", Named(Move)),
    Column("resolution", Named(Resolution)),
    Column("note", Prose, nullable=False),
    Column("state", Named(BulkState), nullable=False),
    Column("tally", JSON(none_as_null=True)),
    Column("lease_until", Utc),
    Index("bulks_by_state", "state", "at"),
    sqlite_autoincrement=True,
)

exports = Table(  # findings that somebody wants as a file
    "exports",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("file", Named(FileFormat), nullable=False),
    Column("by", Words, nullable=False),
    Column("at", Utc, nullable=False),
    Column("told_in", Words, nullable=False),
    Column("channel", Words),
    Column("thread", Words),
    Column("run", Integer),
    Column("queue", JSON(none_as_null=True)),
    Column("hunt", Words),
    Column("delivery", Words, unique=True),
    Column("state", Named(ExportState), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("lease_until", Utc),
    Index("exports_by_state", "state"),
    sqlite_autoincrement=True,
)

COUNTING = tuple(table.name for table in metadata.sorted_tables if table.autoincrement_column is not None)  # give ids

homes = Table(  # people whose Home tab was opened, with what they chose to see there, so that it updates itself
    "homes",
    metadata,
    Column("user", Words, primary_key=True),
    Column("shows", JSON, nullable=False),
    Column("opened_at", Utc, nullable=False),
)
