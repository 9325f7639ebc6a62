"""The judgement, from outside: what stands in Slack and what its peers took, against what the store says."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.adapters.sql import SqlStore
from bot.adapters.sql.tables import findings, hits, intents, runs
from bot.domain.audit import Entry, Gap, verify
from bot.domain.finding import FindingId
from bot.domain.intent import Kind, Progress
from bot.domain.run import RunState
from bot.domain.triage import OPENINGS, AuditEvent, Move, State
from local.slack.model import Message
from local.slack.workspace import Workspace
from tests.faults.proxy import Taken

Row = Mapping[str, Any]


@dataclass
class Verdict:
    """What was found. `items` is what had to be there once: messages, calls, presses, due times, findings.

    `extra` counts second copies that Slack took, `removed` the messages that were deleted again. What is `repeated`
    is a call that a target, which is idempotent, was told of again.
    """

    items: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    extra: int = 0
    removed: int = 0
    repeated: int = 0
    scene: list[str] = field(default_factory=list)  # what the store holds, for whoever looks into a fault

    @property
    def is_clean(self) -> bool:
        return not self.lost and not self.doubled

    def add(self, other: "Verdict") -> None:
        self.items += other.items
        self.lost += other.lost
        self.doubled += other.doubled
        self.extra += other.extra
        self.removed += other.removed
        self.repeated += other.repeated


@dataclass(frozen=True, slots=True)
class Expected:
    """What the people were told, and what the logs and the clock say: `principals` and `due` are by hunt."""

    presses: Sequence[tuple[FindingId, str, Move]] = ()
    principals: Mapping[str, Iterable[str]] = field(default_factory=dict)
    due: Mapping[str, Sequence[str]] = field(default_factory=dict)  # nominal local times
    runs: int = 0  # that were asked for


async def judge(store: SqlStore, slack: Workspace, taken: Sequence[Taken], expected: Expected) -> Verdict:
    """At rest. Raises StoreError."""
    verdict = Verdict()
    async with store.database.read() as connection:
        wishes = [dict(row) for row in (await connection.execute(select(intents))).mappings()]
        found = [dict(row) for row in (await connection.execute(select(findings))).mappings()]
        seen = [dict(row) for row in (await connection.execute(select(hits))).mappings()]
        done = [dict(row) for row in (await connection.execute(select(runs))).mappings()]
    chain = [link async for link in store.audit.chain()]
    ruling = verify(chain, await store.audit.tip())
    if ruling.fault:
        verdict.lost.append(f"the audit chain: {ruling.fault}")
    histories = _histories(chain)
    _messages(verdict, wishes, slack, taken)
    _calls(verdict, wishes, taken)
    _findings(verdict, found, seen, wishes, expected)
    _runs(verdict, done, expected)
    _presses(verdict, histories, expected)
    for row in found:
        _history(verdict, row, histories.get(row["id"], []))
    _faces(verdict, found, wishes, slack)
    verdict.scene += [_told(row, "key", "progress", "ts", "wanted", "drawn", "only_for", "fence") for row in wishes]
    verdict.scene += [_told(row, "id", "state", "fence", "is_private", "missed", "nominal", "error") for row in done]
    return verdict


def _told(row: Row, *names: str) -> str:
    return " ".join(f"{name}={getattr(row[name], 'value', row[name])}" for name in names)


def marks_of(message: Mapping[str, Any]) -> str | None:
    """The mark in a message's metadata, which holds that and nothing else."""
    match message.get("metadata"):
        case {"event_payload": dict(payload)} if len(payload) == 1:
            [mark] = payload.values()
            return str(mark)
        case _:
            return None


def _standing(slack: Workspace) -> Iterator[Message]:
    """What the bot said that everybody can read."""
    for channel in slack.directory.channels_seen_by(slack.app.bot_user_id):
        for message in slack.messages._ordered(channel.id):
            if message.user == slack.app.bot_user_id and message.ephemeral_to is None:
                yield message


def _mark(message: Message) -> str | None:
    if message.metadata is None or len(message.metadata.event_payload) != 1:
        return None
    [mark] = message.metadata.event_payload.values()
    return str(mark)


def _messages(verdict: Verdict, wishes: Sequence[Row], slack: Workspace, taken: Sequence[Taken]) -> None:
    """Each message that ought to stand does so once, as it was last wanted, and nothing else does."""
    by_mark: dict[str | None, list[Message]] = defaultdict(list)
    for message in _standing(slack):
        by_mark[_mark(message)].append(message)
    for wish in wishes:
        if wish["kind"] is Kind.CALL or wish["only_for"] is not None:
            continue
        copies = by_mark.pop(wish["mark"], [])
        verdict.items += wish["wanted"] > 0
        if len(copies) > 1:
            verdict.doubled.append(f"{wish['key']} stands {len(copies)} times")
        if _is_owed(wish) and wish["ts"] not in {message.ts for message in copies}:
            verdict.lost.append(f"{wish['key']} does not stand where the store says ({wish['ts']})")
        if wish["progress"] is Progress.ALIVE and wish["drawn"] < wish["wanted"]:
            verdict.lost.append(f"{wish['key']} is drawn {wish['drawn']} of {wish['wanted']}")
        if wish["progress"] is Progress.BROKEN:
            verdict.lost.append(f"{wish['key']} was given up: {wish['broken_reason']}")
    strays = [message for copies in by_mark.values() for message in copies]
    verdict.doubled += [f"nobody knows of {message.channel} {message.ts}: {message.text}" for message in strays]
    posts = Counter(marks_of(each.asked) for each in taken if each.method == "chat.postMessage" and each.is_accepted)
    verdict.extra += sum(times - 1 for mark, times in posts.items() if mark is not None)
    verdict.removed += sum(each.method == "chat.delete" and each.is_accepted for each in taken)


def _is_owed(wish: Row) -> bool:
    return wish["wanted"] > 0 and (wish["progress"] is Progress.ALIVE or wish["ts"] is not None)


def _calls(verdict: Verdict, wishes: Sequence[Row], taken: Sequence[Taken]) -> None:
    """Each call arrived; told again it has no second effect, for its mark is the same."""
    heard = Counter(each.asked.get("mark") for each in taken if each.method == "target" and each.is_accepted)
    told = Counter(
        (each.asked["finding"], each.asked["phase"], each.asked["mark"])
        for each in taken
        if each.method == "target" and each.is_accepted
    )
    for wish in wishes:
        if wish["kind"] is not Kind.CALL:
            continue
        verdict.items += 1
        if not heard.pop(wish["mark"], 0):
            verdict.lost.append(f"{wish['key']} was never called")
    verdict.doubled += [f"nobody knows of the call {mark}" for mark in heard]
    verdict.repeated += sum(times - 1 for times in told.values())


def _findings(
    verdict: Verdict, found: Sequence[Row], seen: Sequence[Row], wishes: Sequence[Row], expected: Expected
) -> None:
    """Everybody who should be found is, once, with one live card a channel."""
    hunts = {row["id"]: row["hunt"] for row in found}
    there = Counter((hunts[row["finding_id"]], row["columns"]["principal"]) for row in seen)
    for hunt, principals in expected.principals.items():
        for principal in principals:
            verdict.items += 1
            if not there[hunt, principal]:
                verdict.lost.append(f"{principal} of {hunt} was never found")
    verdict.doubled += [
        f"{principal} of {hunt} was found {n} times" for (hunt, principal), n in there.items() if n > 1
    ]
    cards = Counter(
        (wish["finding_id"], wish["channel"])
        for wish in wishes
        if wish["kind"] is Kind.FINDING and wish["progress"] is Progress.ALIVE
    )
    verdict.doubled += [
        f"F-{finding} has {n} live cards in {channel}" for (finding, channel), n in cards.items() if n > 1
    ]
    carded = {finding for finding, _ in cards}
    verdict.lost += [f"F-{row['id']} has no card" for row in found if row["is_waiting"] and row["id"] not in carded]


def _runs(verdict: Verdict, done: Sequence[Row], expected: Expected) -> None:
    """Every run that was asked for is over, and every due time has its one digest, or was told as skipped."""
    verdict.lost += [
        f"run {row['id']} is {row['state'].value}: {row['error']}"
        for row in done
        if row["state"] not in {RunState.DONE, RunState.SKIPPED}
    ]
    asked = [row for row in done if row["schedule_key"] is None]
    verdict.items += expected.runs
    if len(asked) < expected.runs:
        verdict.lost.append(f"{expected.runs - len(asked)} of {expected.runs} runs that were acknowledged")
    if len(asked) > expected.runs:
        verdict.doubled.append(f"{len(asked)} runs for {expected.runs} commands")
    for hunt, nominals in expected.due.items():
        rows = [row for row in done if row["hunt"] == hunt and row["schedule_key"] is not None]
        taken = Counter(row["nominal"] for row in rows)
        told = len(rows) + sum(row["missed"] for row in rows)
        verdict.items += len(nominals)
        verdict.doubled += [f"{hunt} at {nominal} has {n} digests" for nominal, n in taken.items() if n > 1]
        if told < len(nominals):
            verdict.lost.append(f"{hunt}: {told} of {len(nominals)} due times are told of")


def _histories(chain: Sequence[Entry | Gap]) -> Mapping[int, Sequence[AuditEvent]]:
    histories: dict[int, list[AuditEvent]] = defaultdict(list)
    for link in chain:
        if isinstance(link, Entry):
            histories[link.finding].append(link.event)
    return histories


def _presses(verdict: Verdict, histories: Mapping[int, Sequence[AuditEvent]], expected: Expected) -> None:
    """Each acknowledged press stands in the history, once however often it was delivered."""
    asked = Counter(expected.presses)
    verdict.items += len(expected.presses)
    for (finding, by, move), times in asked.items():
        events = [event for event in histories.get(finding, ()) if (event.by, event.move) == (by, move)]
        if len(events) < times:
            verdict.lost.append(f"{by}'s {move.value} of F-{finding}, which was acknowledged")
        if len(events) > times:
            verdict.doubled.append(f"{by}'s {move.value} of F-{finding} stands {len(events)} times")


def _history(verdict: Verdict, row: Row, history: Sequence[AuditEvent]) -> None:
    """Its accepted events lead to its state, and nobody won twice between two openings."""
    state, won = State.OPEN, Counter[Move]()
    for event in (each for each in history if each.accepted):
        if event.before is not state:
            verdict.lost.append(f"F-{row['id']}: an event before {event.move.value}")
        if event.move in OPENINGS:
            won.clear()
        if event.move is Move.ESCALATE:
            won.pop(Move.ACKNOWLEDGE, None)  # whoever takes it over wins anew
        state = event.after
        won[event.move] += 1
    if state is not row["state"]:
        verdict.lost.append(f"F-{row['id']} is {row['state'].value}, its history says {state.value}")
    doubled = {move for move in (Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.RECORDED) if won[move] > 1}
    verdict.doubled += [f"F-{row['id']}: {move.value} was won twice" for move in doubled]


def _faces(verdict: Verdict, found: Sequence[Row], wishes: Sequence[Row], slack: Workspace) -> None:
    """A live card names its owner: the last drawing is the true one."""
    owners = {row["id"]: row["owner"] for row in found if row["state"] is not State.RESOLVED}
    for wish in wishes:
        owner = owners.get(wish["finding_id"])
        if wish["kind"] is not Kind.FINDING or wish["progress"] is not Progress.ALIVE or not owner or not wish["ts"]:
            continue
        shown = slack.messages._channels.get(wish["channel"], {}).get(wish["ts"])
        if shown is not None and owner not in json.dumps(shown.blocks):
            verdict.lost.append(f"{wish['key']} does not show that {owner} has it")
