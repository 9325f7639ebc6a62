"""Block Kit checks: what Slack takes, what it refuses and where, and never laxer than Slack's SDK."""

from typing import Any

import pytest

from local.slack.blockkit import check_message_blocks, check_view, with_ids
from local.slack.model import Json
from tests.slack.local.kit import (
    CODE,
    CONFIRM,
    GOOD,
    HOME,
    MODAL,
    actions,
    button,
    entry,
    line,
    mrkdwn,
    option,
    picture,
    plain,
    raw,
    rich,
    section,
)


@pytest.mark.parametrize("block", GOOD, ids=lambda block: block["type"])
def test_what_slack_takes_is_taken(block: Json) -> None:
    assert check_message_blocks([block]) == []


@pytest.mark.parametrize(
    ("blocks", "pointer", "message"),
    [
        ([], "/blocks", "no fewer than 1 items allowed"),
        ("text", "/blocks", "must be an array"),
        (["text"], "/blocks/0", "must be an object"),
        ([{}], "/blocks/0", "missing required field: type"),
        ([{"type": "sparkle"}], "/blocks/0/type", "unsupported type: sparkle"),
        ([{"type": ["divider"]}], "/blocks/0/type", "unsupported type: ['divider']"),
        ([{"type": "call"}], "/blocks/0/type", "unsupported type: call"),
        ([{"type": "alert", "text": plain()}], "/blocks/0/type", "unsupported type: alert"),
        ([{"type": "divider"}] * 51, "/blocks", "no more than 50 items allowed"),
        ([{"type": "divider", "color": "red"}], "/blocks/0", "invalid additional property: color"),
        ([{"type": "divider", "block_id": "x" * 256}], "/blocks/0/block_id", "must be less than 256 characters"),
        (
            [{"type": "divider", "block_id": "b"}, {"type": "divider", "block_id": "b"}],
            "/blocks/1/block_id",
            "`block_id` b already exists",
        ),
        ([{"type": "section"}], "/blocks/0", "one of these is required: text, fields"),
        ([{"type": "section", "text": mrkdwn("")}], "/blocks/0/text/text", "must be more than 0 characters"),
        (
            [{"type": "section", "text": mrkdwn("x" * 3001)}],
            "/blocks/0/text/text",
            "must be less than 3001 characters",
        ),
        ([{"type": "section", "text": "bare"}], "/blocks/0/text", "must be an object"),
        (
            [{"type": "section", "text": {**mrkdwn(), "emoji": True}}],
            "/blocks/0/text",
            "invalid additional property: emoji",
        ),
        ([{"type": "section", "fields": [plain()] * 11}], "/blocks/0/fields", "no more than 10 items allowed"),
        (
            [{"type": "section", "fields": [plain("x" * 2001)]}],
            "/blocks/0/fields/0/text",
            "must be less than 2001 characters",
        ),
        ([{"type": "header", "text": mrkdwn()}], "/blocks/0/text/type", "unsupported type: mrkdwn"),
        ([{"type": "header", "text": plain("x" * 151)}], "/blocks/0/text/text", "must be less than 151 characters"),
        ([{"type": "context", "elements": [mrkdwn()] * 11}], "/blocks/0/elements", "no more than 10 items allowed"),
        ([{"type": "context", "elements": [button()]}], "/blocks/0/elements/0/type", "unsupported type: button"),
        ([actions()], "/blocks/0/elements", "no fewer than 1 items allowed"),
        (
            [actions(*[button(action_id=str(n)) for n in range(26)])],
            "/blocks/0/elements",
            "no more than 25 items allowed",
        ),
        ([actions(button(), button())], "/blocks/0/elements/1/action_id", "`action_id` go already exists"),
        ([actions(button(text=mrkdwn()))], "/blocks/0/elements/0/text/type", "unsupported type: mrkdwn"),
        (
            [actions(button(text=plain("x" * 76)))],
            "/blocks/0/elements/0/text/text",
            "must be less than 76 characters",
        ),
        ([actions(button(value="x" * 2001))], "/blocks/0/elements/0/value", "must be less than 2001 characters"),
        ([actions(button(url="javascript:alert(1)"))], "/blocks/0/elements/0/url", "must be a valid URL"),
        ([actions(button(style="default"))], "/blocks/0/elements/0/style", "must be one of: primary, danger"),
        (
            [actions(button(action_id="x" * 256))],
            "/blocks/0/elements/0/action_id",
            "must be less than 256 characters",
        ),
        (
            [actions(button(confirm={**CONFIRM, "title": mrkdwn()}))],
            "/blocks/0/elements/0/confirm/title/type",
            "unsupported type: mrkdwn",
        ),
        (
            [actions(button(confirm={**CONFIRM, "deny": None}))],
            "/blocks/0/elements/0/confirm",
            "missing required field: deny",
        ),
        ([actions({"type": "plain_text_input"})], "/blocks/0/elements/0/type", "unsupported type: plain_text_input"),
        (
            [actions({"type": "overflow", "options": [option(str(n)) for n in range(6)]})],
            "/blocks/0/elements/0/options",
            "no more than 5 items allowed",
        ),
        (
            [actions({"type": "static_select"})],
            "/blocks/0/elements/0",
            "one of these is required: options, option_groups",
        ),
        (
            [actions({"type": "static_select", "options": [option()] * 101})],
            "/blocks/0/elements/0/options",
            "no more than 100 items allowed",
        ),
        (
            [actions({"type": "static_select", "options": [option()], "initial_option": option("two")})],
            "/blocks/0/elements/0",
            "initial options must match the options",
        ),
        (
            [actions({"type": "checkboxes", "options": [option(str(n)) for n in range(11)]})],
            "/blocks/0/elements/0/options",
            "no more than 10 items allowed",
        ),
        (
            [actions({"type": "datepicker", "initial_date": "tomorrow"})],
            "/blocks/0/elements/0/initial_date",
            "does not match the expected format",
        ),
        ([entry(button())], "/blocks/0/element/type", "unsupported type: button"),
        ([{"type": "input", "element": {"type": "plain_text_input"}}], "/blocks/0", "missing required field: label"),
        ([picture(image_url="ftp://x.y/z.png")], "/blocks/0/image_url", "must be a valid URL"),
        ([{"type": "image", "alt_text": "x"}], "/blocks/0", "one of these is required: image_url, slack_file"),
        ([rich({"type": "paragraph"})], "/blocks/0/elements/0/type", "unsupported type: paragraph"),
        (
            [rich(line({"type": "text", "text": ""}))],
            "/blocks/0/elements/0/elements/0/text",
            "must be more than 0 characters",
        ),
        (
            [rich(line({"type": "text", "text": "x", "style": {"loud": True}}))],
            "/blocks/0/elements/0/elements/0/style",
            "invalid additional property: loud",
        ),
        ([{"type": "markdown", "text": "x" * 12_001}], "/blocks/0/text", "must be less than 12001 characters"),
        ([{"type": "table", "rows": [[raw("x")]] * 101}], "/blocks/0/rows", "no more than 100 items allowed"),
        ([{"type": "table", "rows": [[raw("x")] * 21]}], "/blocks/0/rows/0", "no more than 20 items allowed"),
        ([{"type": "table", "rows": [[raw("")]]}], "/blocks/0/rows/0/0/text", "must be more than 0 characters"),
        (
            [{"type": "table", "rows": [[raw("x" * 10_001)]]}],
            "/blocks/0/rows",
            "must be less than 10001 characters over all cells",
        ),
        ([{"type": "table", "rows": [[raw("x")]]}] * 2, "/blocks/1", "only one table block is allowed in a message"),
        ([{"type": "data_table", "rows": [[raw("n")], [raw("1")]]}], "/blocks/0", "missing required field: caption"),
        (
            [{"type": "data_table", "caption": "x", "rows": [[raw("n")]]}],
            "/blocks/0/rows",
            "no fewer than 2 items allowed",
        ),
        (
            [{"type": "data_table", "caption": "x", "rows": [[raw("n")], [raw("1"), raw("2")]]}],
            "/blocks/0/rows/1",
            "must have 1 cells like the first row",
        ),
        (
            [{"type": "data_table", "caption": "x", "rows": [[rich(line(CODE))], [raw("1")]]}],
            "/blocks/0/rows/0/0",
            "a header cell cannot be rich text",
        ),
        (
            [{"type": "data_table", "caption": "x", "page_size": 101, "rows": [[raw("n")], [raw("1")]]}],
            "/blocks/0/page_size",
            "must be between 1 and 100",
        ),
    ],
)
def test_what_slack_refuses_is_named_where_it_is(blocks: Any, pointer: str, message: str) -> None:
    (problem,) = check_message_blocks(blocks)
    assert (problem.pointer, problem.message) == (pointer, message)
    assert problem.line == f"[ERROR] {message} [json-pointer:{pointer}]"


def test_every_fault_is_named_at_once() -> None:
    problems = check_message_blocks(
        [{"type": "header", "size": 1}, {"type": "sparkle"}, section(), {"type": "section"}]
    )
    assert [problem.pointer for problem in problems] == ["/blocks/0", "/blocks/0", "/blocks/1/type", "/blocks/3"]


@pytest.mark.parametrize(
    ("view", "pointer", "message"),
    [
        ({**MODAL, "title": plain("x" * 25)}, "/view/title/text", "must be less than 25 characters"),
        ({**MODAL, "title": mrkdwn()}, "/view/title/type", "unsupported type: mrkdwn"),
        ({**MODAL, "submit": plain("x" * 25)}, "/view/submit/text", "must be less than 25 characters"),
        ({**MODAL, "close": plain("x" * 25)}, "/view/close/text", "must be less than 25 characters"),
        ({**MODAL, "private_metadata": "x" * 3001}, "/view/private_metadata", "must be less than 3001 characters"),
        ({**MODAL, "callback_id": "x" * 256}, "/view/callback_id", "must be less than 256 characters"),
        ({**MODAL, "hash": "1.a"}, "/view", "invalid additional property: hash"),
        ({**MODAL, "blocks": [{"type": "divider"}] * 101}, "/view/blocks", "no more than 100 items allowed"),
        (
            {**MODAL, "blocks": [{"type": "markdown", "text": "x"}]},
            "/view/blocks/0/type",
            "unsupported type: markdown",
        ),
        (
            {**MODAL, "blocks": [{"type": "table", "rows": [[raw("x")]]}]},
            "/view/blocks/0/type",
            "unsupported type: table",
        ),
        (
            {"type": "modal", "title": plain(), "blocks": [entry({"type": "plain_text_input"})]},
            "/view",
            "`submit` is required when an `input` block is within the `blocks` array",
        ),
        (
            {**MODAL, "blocks": [entry({"type": "plain_text_input", "focus_on_load": True})] * 2},
            "/view/blocks",
            "only one element can have `focus_on_load`",
        ),
        ({**HOME, "submit": plain()}, "/view", "invalid additional property: submit"),
        ({**HOME, "blocks": [{"type": "alert", "text": plain()}]}, "/view/blocks/0/type", "unsupported type: alert"),
        ({"type": "window"}, "/view/type", "unsupported type: window"),
        (None, "/view", "must be an object"),
    ],
)
def test_a_view_is_refused_where_it_is_wrong(view: Any, pointer: str, message: str) -> None:
    (problem,) = check_view(view)
    assert (problem.pointer, problem.message) == (pointer, message)


@pytest.mark.parametrize("view", [MODAL, HOME, {**MODAL, "blocks": [{"type": "divider"}] * 100}])
def test_a_sound_view_is_taken(view: Json) -> None:
    assert check_view(view) == []


def test_missing_ids_are_made_up_and_given_ones_kept() -> None:
    numbers = iter(range(10_000, 20_000))
    given = [actions(button(), {"type": "overflow", "options": [option()]}), section(block_id="mine")]
    first, second = with_ids(given, lambda: str(next(numbers)))
    assert first["elements"][0]["action_id"] == "go"
    assert {first["block_id"], first["elements"][1]["action_id"]} <= {str(n) for n in range(10_000, 10_010)}
    assert second["block_id"] == "mine"
    assert "block_id" not in given[0]
