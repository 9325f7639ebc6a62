"""The audit chain: whatever was changed in it, taken out, put in or cut off is noticed."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.audit import Entry, Gap, Tip, chained, plain, remembers, verify
from bot.domain.finding import FindingId
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.severity import Severity
from bot.domain.triage import AuditEvent, Move, Resolution, State
from tests.examples import ANNA, BEN
from tests.stand_ins import START

EVENTS = (
    AuditEvent(Move.RECORDED, UserId("huntbot"), START, State.OPEN, State.OPEN),
    AuditEvent(Move.ACKNOWLEDGE, ANNA, START, State.OPEN, State.ACKNOWLEDGED, delivery="12.34.ab"),
    AuditEvent(Move.ACKNOWLEDGE, BEN, START, State.ACKNOWLEDGED, State.ACKNOWLEDGED, accepted=False),
    AuditEvent(Move.SNOOZE, BEN, START, State.ACKNOWLEDGED, State.ACKNOWLEDGED, until=START + timedelta(hours=1)),
    AuditEvent(
        *(Move.RESOLVE, ANNA, START + timedelta(microseconds=7), State.ACKNOWLEDGED, State.RESOLVED),
        resolution=Resolution.EXPECTED,
        note="our “own” \U0001f600 \ud800 <!channel>",
        place=Place(ChannelId("C1"), MessageTs("1.1")),
    ),
    AuditEvent(Move.REOPEN, BEN, START, State.RESOLVED, State.OPEN),
)


def written(events: Sequence[AuditEvent] = EVENTS) -> list[Entry]:
    entries: list[Entry] = []
    tip = Tip()
    for number, event in enumerate(events):
        entries.append(chained(tip, FindingId(1 + number % 2), event))
        tip = end(entries)
    return entries


def end(entries: Sequence[Entry]) -> Tip:
    return Tip(entries[-1].seq, entries[-1].hash) if entries else Tip()


CHAIN = written()
TIP = end(CHAIN)


def test_a_chain_that_nobody_touched_holds() -> None:
    verdict = verify(CHAIN, TIP)

    assert (verdict.fault, verdict.checked, verdict.purged, verdict.tip) == (None, 6, 0, TIP)
    assert verify([], Tip()).fault is None


def test_a_line_of_the_export_can_be_checked_with_nothing_but_a_hash() -> None:
    """The recipe of docs/design/reliability.md, by other means than ours."""
    for entry in written([event for event in EVENTS if "\ud800" not in event.note]):
        line = json.loads(json.dumps(plain(entry.seq, entry.finding, entry.event)))
        text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(f"{entry.previous}\n{text}".encode()).hexdigest() == entry.hash


CHANGES: Mapping[str, Callable[[AuditEvent], AuditEvent]] = {
    "move": lambda event: replace(event, move=Move.ESCALATE),
    "by": lambda event: replace(event, by=UserId("U-EVE")),
    "at": lambda event: replace(event, at=event.at + timedelta(microseconds=1)),
    "before": lambda event: replace(event, before=State.ESCALATED),
    "after": lambda event: replace(event, after=State.ESCALATED),
    "accepted": lambda event: replace(event, accepted=not event.accepted),
    "resolution": lambda event: replace(event, resolution=Resolution.MALICIOUS),
    "note": lambda event: replace(event, note="nothing to see"),
    "place": lambda event: replace(event, place=Place(ChannelId("C9"), event.place.message)),
    "until": lambda event: replace(event, until=START + timedelta(days=9)),
    "delivery": lambda event: replace(event, delivery="99.99.zz"),
    "assignee": lambda event: replace(event, assignee=UserId("U-EVE")),
    "severity": lambda event: replace(event, severity=Severity.INFO),
}


def test_every_field_of_an_event_is_tried() -> None:
    assert set(CHANGES) == set(AuditEvent.__dataclass_fields__)


@pytest.mark.parametrize("at", range(len(EVENTS)))
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_changed_event_is_noticed_whatever_was_changed(change: Callable[[AuditEvent], AuditEvent], at: int) -> None:
    forged = replace(CHAIN[at], event=change(CHAIN[at].event))

    verdict = verify([*CHAIN[:at], forged, *CHAIN[at + 1 :]], TIP)

    assert (verdict.checked, verdict.tip.seq) == (at, at)
    assert verdict.fault == f"event {at + 1} is not as it was written, or one before it is not"


def hashed_anew(entry: Entry) -> Entry:
    """As somebody would who knows how the hash is made."""
    return chained(Tip(entry.seq - 1, entry.previous), entry.finding, replace(entry.event, note="x"))


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: replace(entry, finding=FindingId(99)),
        lambda entry: replace(entry, previous="f" * 64),
        lambda entry: replace(entry, hash="f" * 64),
        lambda entry: replace(entry, seq=99),
        lambda entry: chained(
            Tip(entry.seq - 1, entry.previous), entry.finding, replace(entry.event, by=BEN, note="x")
        ),
    ],
    ids=["finding", "previous", "hash", "seq", "hashed anew"],
)
@pytest.mark.parametrize("at", range(len(EVENTS)))
def test_a_changed_link_is_noticed(change: Callable[[Entry], Entry], at: int) -> None:
    assert verify([*CHAIN[:at], change(CHAIN[at]), *CHAIN[at + 1 :]], TIP).fault is not None


@pytest.mark.parametrize("at", range(len(EVENTS)))
def test_a_deleted_event_is_noticed(at: int) -> None:
    assert verify([*CHAIN[:at], *CHAIN[at + 1 :]], TIP).fault is not None


@pytest.mark.parametrize("kept", range(len(EVENTS)))
def test_a_cut_tail_is_noticed(kept: int) -> None:
    assert verify(CHAIN[:kept], TIP).fault == f"the chain ends at event {kept} and was written up to 6"


def test_an_event_that_was_put_at_the_end_is_noticed() -> None:
    longer = [*CHAIN, chained(TIP, FindingId(1), EVENTS[1])]

    assert verify(longer, TIP).fault == "the chain ends at event 7 and was written up to 6"


def test_swapped_events_are_noticed() -> None:
    first, second, *rest = CHAIN
    swapped = [replace(second, seq=1), replace(first, seq=2), *rest]

    assert verify(swapped, TIP).fault is not None
    assert verify([second, first, *rest], TIP).fault is not None


def test_a_tip_that_was_set_back_is_noticed() -> None:
    assert verify(CHAIN, end(CHAIN[:-1])).fault is not None
    assert verify(CHAIN, replace(TIP, hash="f" * 64)).fault == "event 6 is not the one that was written last"


def gap(first: int, last: int, digest: str | None = None) -> Gap:
    return Gap(first, last, digest or CHAIN[last - 1].hash, START)


@pytest.mark.parametrize(("first", "last"), [(1, 1), (1, 3), (2, 5), (4, 6), (1, 6)])
def test_a_purged_stretch_leaves_a_chain_that_holds(first: int, last: int) -> None:
    verdict = verify([*CHAIN[: first - 1], gap(first, last), *CHAIN[last:]], TIP)

    assert (verdict.fault, verdict.purged, verdict.checked) == (None, last - first + 1, 6 - (last - first + 1))


@pytest.mark.parametrize(
    "forged",
    [
        [*CHAIN[:2], gap(3, 4, "f" * 64), *CHAIN[4:]],
        [*CHAIN[:2], gap(3, 4), *CHAIN[2:]],
        [*CHAIN[:3], gap(3, 4), *CHAIN[4:]],
        [*CHAIN[:1], gap(3, 4), *CHAIN[4:]],
        [*CHAIN[:2], gap(3, 3), *CHAIN[4:]],
        [*CHAIN[:2], gap(3, 2), *CHAIN[2:]],
        [*CHAIN[:2], gap(3, 6, "f" * 64)],
        [*CHAIN, gap(7, 9, TIP.hash)],
    ],
    ids=[
        "with another hash",
        "over events that are there",
        "reaching back",
        "with a hole before it",
        "too short",
        "over nothing",
        "at the end, with another hash",
        "behind the end",
    ],
)
def test_a_forged_gap_is_noticed(forged: Sequence[Entry | Gap]) -> None:
    assert verify(forged, TIP).fault is not None


@pytest.mark.parametrize(
    ("link", "kept", "known"),
    [
        (CHAIN[1], Tip(2, CHAIN[1].hash), True),
        (CHAIN[1], Tip(2, "f" * 64), False),
        (CHAIN[1], Tip(3, CHAIN[1].hash), None),
        (gap(1, 3), Tip(3, CHAIN[2].hash), True),
        (gap(1, 3), Tip(2, CHAIN[1].hash), None),
    ],
)
def test_an_earlier_tip_is_known_again(link: Entry | Gap, kept: Tip, *, known: bool | None) -> None:
    assert remembers(link, kept) is known
