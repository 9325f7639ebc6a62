"""What a finding is remembered by, and whether what was said before may be said again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.finding import Finding, FindingId, press
from bot.domain.hit import Fingerprint, Hit
from bot.domain.hunt import Hunt
from bot.domain.memory import (
    LONGEST_NOTE,
    OVERTAKEN,
    Memory,
    Offer,
    SameAgain,
    Verdict,
    offer,
    say_again,
    seen_before,
)
from bot.domain.merging import found, seen_again
from bot.domain.rows import Value
from bot.domain.severity import Severity
from bot.domain.triage import EventId, Move, Press, Refusal, Resolution, State
from tests.examples import ANNA, BEN, GRANTS, finding, hit
from tests.stand_ins import START
from tests.storing import acknowledge, resolve

GRANT = {"principal": "444455556666", "function": "pay", "action": "lambda:InvokeFunction"}


def of(columns: Mapping[str, Value], fingerprint: str = "fp") -> Hit:
    return replace(hit(), columns=columns, fingerprint=Fingerprint(fingerprint))


def key(columns: Mapping[str, Value], hunt: Hunt = GRANTS, fingerprint: str = "fp") -> str:
    return Memory.of(hunt).key_of(of(columns, fingerprint))


def by(*columns: str) -> Hunt:
    return replace(GRANTS, memory=columns)


SAME = [
    ("another action", GRANT, {**GRANT, "action": "*"}, GRANTS, True),
    ("another grantee", GRANT, {**GRANT, "principal": "*"}, GRANTS, False),
    ("another function", GRANT, {**GRANT, "function": "ship"}, GRANTS, False),
    ("another case", GRANT, {**GRANT, "function": "PAY"}, GRANTS, False),
    ("neither grantee known", {**GRANT, "principal": None}, {**GRANT, "principal": None}, GRANTS, False),
    ("an empty grantee", {**GRANT, "principal": ""}, {**GRANT, "principal": ""}, GRANTS, False),
    ("no such columns", {"host": "a"}, {"host": "a"}, GRANTS, False),
    ("the columns that the file names", GRANT, {**GRANT, "function": "ship"}, by("principal"), True),
    ("values that are the same only joined", {"a": "x", "b": "yz"}, {"a": "xy", "b": "z"}, by("a", "b"), False),
]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "hunt", "are_same"), [row[1:] for row in SAME], ids=[row[0] for row in SAME]
)
def test_findings_are_the_same_in_what_they_are_remembered_by(
    one: Mapping[str, Value], other: Mapping[str, Value], hunt: Hunt, are_same: bool
) -> None:
    assert (key(one, hunt, "fp-1") == key(other, hunt, "fp-2")) is are_same
    assert key(one, hunt) == key(one, hunt)


def test_what_is_not_known_is_remembered_of_the_same_finding_alone() -> None:
    assert key({"principal": None, "function": "pay"}, fingerprint="fp-9") == "fp-9"


def test_two_hunts_remember_nothing_of_each_other() -> None:
    assert key(GRANT) != key(GRANT, replace(GRANTS, uuid="another"))


def test_a_finding_gets_its_key_when_it_is_found_or_seen_again() -> None:
    memory = Memory.of(GRANTS)
    seen = of(GRANT)
    new = found(GRANTS.slug, [seen], START, from_backlog=False, memory=memory).finding
    of_old = replace(new, memory_key="")

    again = seen_again(of_old, {seen.id: seen}, [seen], START, memory)

    assert new.memory_key == memory.key_of(seen) == again.finding.memory_key
    assert again.is_changed


# --- verdicts -------------------------------------------------------------------------------------


def verdict(
    resolution: Resolution = Resolution.BENIGN,
    severity: Severity | None = Severity.HIGH,
    note: str = "our own deploy",
    number: int = 12,
) -> Verdict:
    return Verdict(EventId(981), FindingId(number), BEN, START - timedelta(days=1), resolution, note, severity)


OFFERS = [
    (Resolution.BENIGN, Severity.HIGH, Offer.SAME_AGAIN),
    (Resolution.EXPECTED, Severity.CRITICAL, Offer.SAME_AGAIN),
    (Resolution.BENIGN, Severity.MEDIUM, Offer.NOW_WORSE),
    (Resolution.BENIGN, None, Offer.NOW_WORSE),
    (Resolution.MALICIOUS, Severity.HIGH, Offer.NOT_HARMLESS),
    (Resolution.MALICIOUS, Severity.LOW, Offer.NOT_HARMLESS),
    (Resolution.REVOKED, Severity.CRITICAL, Offer.NOT_HARMLESS),
]


@pytest.mark.parametrize(("resolution", "severity", "expected"), OFFERS)
def test_only_what_was_harmless_and_is_no_worse_now_is_offered(
    resolution: Resolution, severity: Severity | None, expected: Offer
) -> None:
    assert offer(finding([hit(severity=Severity.HIGH)]), verdict(resolution, severity)) is expected


def again(event: int = 981) -> SameAgain:
    return SameAgain(EventId(event), ANNA, START, delivery="d-1")


def test_saying_it_again_resolves_the_same_way_and_names_the_verdict() -> None:
    said = say_again(finding(), verdict(), again())

    assert said == Press(
        Move.RESOLVE,
        ANNA,
        START,
        resolution=Resolution.BENIGN,
        note="the same as F-12: our own deploy",
        delivery="d-1",
    )


NOTES = [
    ("", "the same as F-12"),
    ("the same as F-7: our own deploy", "the same as F-12: our own deploy"),
    ("the same as F-7", "the same as F-12"),
    ("it is the same as F-7: no", "the same as F-12: it is the same as F-7: no"),
]


@pytest.mark.parametrize(("note", "said"), NOTES)
def test_an_echo_of_an_echo_names_only_the_last(note: str, said: str) -> None:
    press = say_again(finding(), verdict(note=note), again())

    assert isinstance(press, Press)
    assert press.note == said


def test_an_echo_is_no_longer_than_a_note_may_be() -> None:
    press = say_again(finding(), verdict(note="x" * LONGEST_NOTE), again())

    assert isinstance(press, Press)
    assert len(press.note) == LONGEST_NOTE


OUTDATED = [
    ("another verdict", verdict(), again(980)),
    ("no verdict any more", None, again()),
    ("one that is not offered", verdict(Resolution.MALICIOUS), again()),
    ("one for something less severe", verdict(severity=Severity.LOW), again()),
]


@pytest.mark.parametrize(("stands", "asked"), [row[1:] for row in OUTDATED], ids=[row[0] for row in OUTDATED])
def test_what_does_not_stand_any_more_is_not_said_again(stands: Verdict | None, asked: SameAgain) -> None:
    said = say_again(finding(), stands, asked)

    assert said == Refusal(Move.RESOLVE, ANNA, START, asked.place, OVERTAKEN, "d-1")


def test_whoever_says_it_after_somebody_else_resolved_it_is_told_of_them() -> None:
    closed, _ = press(finding(), resolve())

    said = say_again(closed, verdict(), again())

    assert isinstance(said, Refusal)
    assert not said.why


def test_a_resolution_keeps_how_bad_it_was() -> None:
    _, resolved = press(finding([hit(severity=Severity.CRITICAL)]), resolve())
    _, taken = press(finding(), acknowledge())

    assert (resolved.after, resolved.severity) == (State.RESOLVED, Severity.CRITICAL)
    assert taken.severity is None


# --- as it is told --------------------------------------------------------------------------------


def test_it_is_told_in_which_columns_two_findings_are_the_same() -> None:
    about = replace(finding(), face=of(GRANT))

    seen = seen_before(GRANTS, about, verdict(), "https://slack.example/p1")

    assert (seen.columns, seen.is_own, seen.url) == (("principal", "function"), False, "https://slack.example/p1")


def test_the_same_finding_is_told_as_such_and_without_a_link_to_itself() -> None:
    about: Finding = replace(finding(number=12), face=of(GRANT))

    seen = seen_before(GRANTS, about, verdict(), "https://slack.example/p1")

    assert (seen.columns, seen.is_own, seen.url) == ((), True, None)
