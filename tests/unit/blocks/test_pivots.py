"""The buttons that ask around a finding, and the answer in its thread, whatever the logs hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.blocks import pivots
from bot.blocks.draw import draw
from bot.domain.hunt import Hunt, Window
from bot.domain.pivot import Answered, Pivot
from bot.domain.rows import Column, Value
from local.slack.blockkit import check_message_blocks, check_view
from tests.unit.blocks.examples import GRANTS, finding, hit, pivot_reply, read
from tests.unit.blocks.test_memory import nodes

AROUND = "FROM logs | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend AND actor == ?actor"
CALLS = Pivot("What the actor did", AROUND)
GRANTED = Pivot("The function's other grants", AROUND.replace("actor", "function"), timedelta(days=90))
WITH_PIVOTS = replace(GRANTS, pivots=(CALLS, GRANTED))


def offered(hunt: Hunt = WITH_PIVOTS, columns: Mapping[str, Value] | None = None) -> tuple[dict[str, Any], ...]:
    return pivots.buttons(finding(face=hit(columns)), hunt)


def test_each_pivot_has_a_button_that_carries_ids_alone() -> None:
    buttons = [node for node in nodes(offered()) if node.get("type") == "button"]

    assert [button["text"]["text"] for button in buttons] == ["What the actor did", "The function's other grants"]
    assert [button["value"] for button in buttons] == [f"{CALLS.key}:42", f"{GRANTED.key}:42"]
    assert [button["action_id"] for button in buttons] == ["finding.pivot:0", "finding.pivot:1"]


MISSING: list[tuple[Mapping[str, Value], str]] = [
    ({"actor": None}, "What the actor did: this finding has no single actor."),
    ({"actor": ("a", "b")}, "What the actor did: this finding has no single actor."),
]


@pytest.mark.parametrize(("columns", "expected"), MISSING)
def test_a_pivot_that_lacks_a_column_says_which_and_has_no_button(
    columns: Mapping[str, Value], expected: str
) -> None:
    blocks = offered(columns=columns)

    assert expected in read(blocks)
    assert [node["value"] for node in nodes(blocks) if node.get("type") == "button"] == [f"{GRANTED.key}:42"]


def test_a_hunt_without_pivots_offers_nothing() -> None:
    assert offered(GRANTS) == ()


def test_a_pivot_none_of_which_can_be_asked_has_no_empty_row() -> None:
    blocks = offered(replace(GRANTS, pivots=(CALLS,)), {"actor": None})

    assert [block["type"] for block in blocks] == ["rich_text"]


SAID = [
    (pivot_reply(finding()), "Asking the logs…", "asking the logs…"),
    (
        pivot_reply(finding(), error="It is <down>"),
        "The logs did not say: It is <down>",
        "did not say. It is &lt;down",
    ),
    (pivot_reply(finding(), rows=0), "No such event in these logs.", "no such event in these logs."),
    (
        pivot_reply(finding(), rows=0, nothing="`Invoke` calls are data events."),
        "No such event in these logs.\nInvoke calls are data events.",
        "no such event in these logs.",
    ),
    (pivot_reply(finding(), rows=3), "showing 3 of 3", "showing 3 of 3."),
    (pivot_reply(finding(), rows=137), "showing 10 of 137", "showing 10 of 137."),
]


@pytest.mark.parametrize(("reply", "told", "text"), SAID)
def test_it_says_what_came_of_it(reply: Any, told: str, text: str) -> None:
    drawn = draw(reply)

    assert told in read(drawn.blocks)
    assert drawn.text.startswith("F-42, What the actor did: ")
    assert text in drawn.text


def test_an_answer_that_reached_the_row_limit_says_more_than() -> None:
    reply = pivot_reply(finding(), rows=137)
    answer = reply.run.answer
    assert answer is not None
    cut = replace(reply, run=replace(reply.run, answer=replace(answer, is_more=True)))

    assert "showing 10 of more than 137" in read(draw(cut).blocks)


@pytest.mark.parametrize(
    ("end", "said"),
    [
        (timedelta(minutes=-1), ""),
        (timedelta(), "That is until it was asked, 12 m after the event: what comes later is not in it."),
        # as it was stored before the end was held to the time of asking
        (timedelta(hours=1), "That is until it was asked, 12 m after the event: what comes later is not in it."),
    ],
)
def test_an_hour_that_had_not_passed_when_it_was_asked_is_not_said_to_be_searched(end: timedelta, said: str) -> None:
    found = hit()
    reply = pivot_reply(finding(face=found), rows=0)
    asked = found.at + timedelta(minutes=12)
    window = Window(found.at - timedelta(hours=1), asked + end)
    told = read(draw(replace(reply, run=replace(reply.run, started_at=asked, window=window))).blocks)

    assert f"to {min(asked, asked + end):%Y-%m-%d %H:%M:%S} UTC, asked by" in told
    assert said in told
    assert ("until it was asked" in told) == bool(said)


def test_an_answer_that_is_kept_no_longer_says_so() -> None:
    reply = pivot_reply(finding(), rows=3)
    forgotten = replace(reply, run=replace(reply.run, answer=None))

    assert "This answer is kept no longer." in read(draw(forgotten).blocks)


def test_rows_are_a_table_whose_times_are_the_viewers() -> None:
    blocks: Any = draw(pivot_reply(finding(), rows=3)).blocks
    [table] = [block for block in blocks if block["type"] == "table"]

    assert [cell["text"] for cell in table["rows"][0]] == ["When", "Call", "Source ip"]
    told = [read(row).splitlines() for row in table["rows"][1:3]]
    assert told == [["2026-03-04 11:58:00 UTC", "Call0", "192.0.2.1"], ["2026-03-04 11:58:00 UTC", "Call1", "—"]]
    assert len(table["rows"]) == 4


def answered(columns: tuple[Column, ...], *rows: tuple[Value, ...]) -> Any:
    reply = pivot_reply(finding(), rows=1)
    return replace(reply, run=replace(reply.run, answer=Answered(columns, rows, len(rows))))


def test_too_wide_an_answer_is_a_list_without_what_holds_nothing() -> None:
    columns = tuple(Column(f"column_{n}", "keyword") for n in range(30))
    wide = answered(columns, tuple("a" for _ in columns), ("b", *[None] * 28, "z"))

    told = read(draw(wide).blocks)

    assert "Column 0 a · Column 1 a · " in told
    assert "Column 0 b · Column 29 z\n" in told
    assert not [block for block in draw(wide).blocks if block["type"] == "table"]


def test_what_is_too_long_for_a_message_is_left_out_and_said_to_be() -> None:
    columns = tuple(Column(f"column_{n}", "keyword") for n in range(40))
    long = answered(columns, *[tuple("x" * 200 for _ in columns)] * 10)

    drawn = draw(long)

    assert "The rest of the rows is too long for one message." in read(drawn.blocks)
    assert check_message_blocks(list(drawn.blocks)) == []


def test_a_secret_is_not_shown() -> None:
    columns = (Column("event_source_token", "keyword"), Column("request", "keyword"))
    told = read(draw(answered(columns, ("hunter2hunter2", "{eventSourceToken=hunter2hunter2, a=b}"))).blocks)

    assert "present" in told
    assert "hunter2" not in told


_VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=300)
_HOSTILE = st.sampled_from(
    [
        "<!channel>",
        "<@U0ALICE000>",
        "*b* _i_ `c` ~s~",
        "\u202eevil",
        "\u200b",
        "",
        " ",
        "<https://x|y>",
        ":rage:",
        "&<>",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_VALUES | _HOSTILE, _HOSTILE), max_size=12), st.text(max_size=90))
def test_whatever_the_logs_hold_the_message_stays_one_that_slack_takes(rows: list[Any], name: str) -> None:
    drawn = draw(answered((Column(name, "date"), Column(":x: <!here>", "keyword")), *rows))

    assert check_message_blocks(list(drawn.blocks)) == []
    assert not [node for node in nodes(drawn.blocks) if node.get("type") in {"broadcast", "link", "usergroup"}]
    assert "<" not in drawn.text


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=90))
def test_whatever_a_pivot_is_called_the_modal_stays_one_that_slack_takes(name: str) -> None:
    hunt = replace(GRANTS, pivots=(Pivot(name, AROUND), Pivot(f"{name}2", AROUND.replace("actor", "nothing_such"))))
    blocks = list(offered(hunt))

    view = {"type": "modal", "title": {"type": "plain_text", "text": "x"}, "blocks": blocks}
    assert check_view(view, "modal") == []
    assert check_view(pivots.asked("F-42", is_new=True), "modal") == []
