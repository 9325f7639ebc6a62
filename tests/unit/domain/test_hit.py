"""Rows, read into hits: what they are, when they were, what they belong to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.hit import fingerprint, read_hits, shown
from bot.domain.hunt import IdentityKey
from bot.domain.rows import Column, Rows, Value
from bot.domain.severity import Severity
from bot.errors import BadArgument
from tests.examples import GRANTS, row, rows
from tests.stand_ins import START

DATE, LONG, WORD = "date", "long", "keyword"
BY_ITS_COLUMNS = replace(GRANTS, identity=())


def test_a_row_is_read_with_all_its_columns() -> None:
    [hit] = read_hits(GRANTS, rows(row("alice", "e-1", severity="CRITICAL", at=START)), START)

    assert (hit.id, hit.at, hit.severity, hit.text("principal")) == ("e-1", START, Severity.CRITICAL, "alice")
    assert (hit.was_granted, hit.is_revoked, hit.text("nothing")) == (True, False, None)


@pytest.mark.parametrize(
    ("severity", "read"),
    [("low", Severity.LOW), (" Info ", Severity.INFO), (None, Severity.MEDIUM), (7, Severity.MEDIUM)],
)
def test_a_severity_that_is_none_is_medium(severity: Value, read: Severity) -> None:
    [hit] = read_hits(BY_ITS_COLUMNS, Rows((Column("severity", WORD),), ((severity,),)), START)

    assert hit.severity is read


@pytest.mark.parametrize(
    ("columns", "values", "at"),
    [
        ([("@timestamp", DATE)], ["2026-11-01T08:00:00.123Z"], datetime(2026, 11, 1, 8, 0, 0, 123_000, UTC)),
        ([("@timestamp", DATE)], ["2026-11-01T08:00:00.123456789Z"], datetime(2026, 11, 1, 8, 0, 0, 123_456, UTC)),
        (
            [("first", DATE), ("last", DATE)],
            ["2026-11-01T08:00:00Z", "2026-11-01T09:00:00Z"],
            START - timedelta(days=1),
        ),
        ([("@timestamp", DATE), ("x", DATE)], [None, "2026-11-01T09:00:00"], START - timedelta(days=1)),
        ([("user", WORD)], ["alice"], START),
        ([("@timestamp", DATE)], ["yesterday"], START),
        ([("@timestamp", DATE)], ["9999-12-31T23:59:59-12:00"], START),
    ],
    ids=[
        "milliseconds",
        "nanoseconds",
        "the latest time there is",
        "no zone means UTC",
        "no time at all",
        "no time",
        "a time beyond all years",
    ],
)
def test_a_hit_is_dated(columns: list[tuple[str, str]], values: list[Value], at: datetime) -> None:
    answer = Rows(tuple(Column(*column) for column in columns), (tuple(values),))

    assert read_hits(BY_ITS_COLUMNS, answer, at_default=START)[0].at == at


def test_a_row_without_an_event_is_known_by_its_words() -> None:
    columns = (Column("user", WORD), Column("n", LONG), Column("last", DATE))
    first, second, other = ("a", 1, "2026-11-01T00:00:00Z"), ("a", 2, "2026-11-02T00:00:00Z"), ("b", 1, None)

    [alone] = read_hits(BY_ITS_COLUMNS, Rows(columns, (first,)), START)
    [latest, another] = read_hits(BY_ITS_COLUMNS, Rows(columns, (first, second, other)), START)

    assert alone.id == latest.id != another.id
    assert latest.columns["n"] == 2


def test_identity_tells_null_from_nothing_and_one_hunt_from_another() -> None:
    key = (IdentityKey("user"),)
    prints = {
        fingerprint("h", key, {"user": None}),
        fingerprint("h", key, {"user": ""}),
        fingerprint("h", key, {"user": "null"}),
        fingerprint("h", key, {"user": ("a", "b")}),
        fingerprint("h", key, {"user": "a, b"}),
        fingerprint("other", key, {"user": None}),
    }

    assert len(prints) == 6
    assert fingerprint("h", key, {}) in prints


def test_case_is_ignored_only_where_the_hunt_says_so() -> None:
    folded, exact = (IdentityKey("action", ignores_case=True),), (IdentityKey("action"),)

    assert fingerprint("h", folded, {"action": "A"}) == fingerprint("h", folded, {"action": "a"})
    assert fingerprint("h", exact, {"action": "A"}) != fingerprint("h", exact, {"action": "a"})


def test_refreshed_columns_leave_the_identity_alone() -> None:
    hunt = replace(GRANTS, identity=())
    [before] = read_hits(hunt, rows(row("alice", "e-1", severity="low")), START)
    [after] = read_hits(hunt, rows(row("alice", "e-1", severity="high")), START)

    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("value", "text"), [(None, None), (("a", 1, True), "a, 1, true"), (False, "false"), (3, "3"), ("x", "x")]
)
def test_values_are_shown_as_people_read_them(value: Value, text: str | None) -> None:
    assert shown(value) == text


def test_an_event_that_comes_twice_is_one_hit_the_worse_of_the_two() -> None:
    answer = rows(row("alice", "e-1", severity="low"), row("bob", "e-2"), row("alice", "e-1", severity="high"))

    assert [(hit.id, hit.severity) for hit in read_hits(GRANTS, answer, START)] == [
        ("e-1", Severity.HIGH),
        ("e-2", Severity.HIGH),
    ]


def test_one_event_may_be_a_hit_of_two_findings() -> None:
    answer = rows(row("alice", "e-1"), row("bob", "e-1"))

    assert len({hit.fingerprint for hit in read_hits(GRANTS, answer, START)}) == 2


def test_an_event_id_is_text_that_can_be_stored() -> None:
    [hit] = read_hits(GRANTS, rows(row("alice", "e-\ud800")), START)

    assert hit.id.encode() == b"e-\\ud800"


def test_an_event_id_that_no_index_takes_is_known_by_its_hash() -> None:
    first, other = "e" * 5_000, "e" * 5_000 + "!"
    answers = [read_hits(GRANTS, rows(row("alice", event)), START)[0].id for event in (first, first, other)]

    assert answers[0] == answers[1] != answers[2]
    assert max(map(len, answers)) < 256


def test_an_identity_that_the_answer_lacks_is_refused_and_not_taken_as_null() -> None:
    mistyped = replace(GRANTS, identity=(IdentityKey("principal"), IdentityKey("acount")))

    with pytest.raises(BadArgument, match="answers without acount"):
        read_hits(mistyped, rows(row("alice", "e-1")), START)
