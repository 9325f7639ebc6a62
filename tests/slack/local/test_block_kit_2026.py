"""The blocks of 2026 as Slack checks them: charts, containers, video, and what a message holds of each."""

from typing import Any

import pytest

from local.slack.blockkit import check_message_blocks, check_view, with_ids
from local.slack.model import Json
from tests.slack.local.kit import HOME, MODAL, VIDEO, actions, button, chart, entry, plain, section

POINT = {"label": "Mon", "value": 1}


def series(*names: str, label: str = "Mon") -> list[Json]:
    return [{"name": name, "data": [{"label": label, "value": 1}]} for name in names]


def pie(*segments: Json) -> Json:
    return {"type": "data_visualization", "title": "t", "chart": {"type": "pie", "segments": list(segments)}}


def container(**more: Any) -> Json:
    return {"type": "container", "title": plain(), "child_blocks": [section()], **more}


ONE_DAY = {"categories": ["Mon"]}


@pytest.mark.parametrize(
    ("blocks", "pointer", "message"),
    [
        ([chart() | {"title": "x" * 51}], "/blocks/0/title", "must be less than 51 characters"),
        ([chart() | {"chart": {"type": "radar"}}], "/blocks/0/chart/type", "unsupported type: radar"),
        ([chart("line", series=[])], "/blocks/0/chart/series", "no fewer than 1 items allowed"),
        (
            [chart("line", series=series(*"abcdefghijklm"), axis_config=ONE_DAY)],
            "/blocks/0/chart/series",
            "no more than 12 items allowed",
        ),
        (
            [chart("area", series=series("a", "a"), axis_config=ONE_DAY)],
            "/blocks/0/chart/series/1/name",
            "`name` a already exists",
        ),
        (
            [chart(series=series("a", label="Sun"), axis_config=ONE_DAY)],
            "/blocks/0/chart/series/0/data",
            "labels must match the categories of the axis",
        ),
        (
            [chart(axis_config={"categories": ["x" * 21]})],
            "/blocks/0/chart/axis_config/categories/0",
            "must be less than 21 characters",
        ),
        (
            [chart(axis_config={"categories": ["Mon"] * 21})],
            "/blocks/0/chart/axis_config/categories",
            "no more than 20",
        ),
        ([pie(POINT | {"value": 0})], "/blocks/0/chart/segments/0/value", "must be greater than 0"),
        ([pie(POINT | {"value": "1"})], "/blocks/0/chart/segments/0/value", "must be a number"),
        ([chart("pie")] * 3, "/blocks/2", "only 2 data_visualization blocks are allowed in a message"),
        ([container(title=None)], "/blocks/0", "one of these is required: title, rich_text_title"),
        ([container(title=plain("x" * 151))], "/blocks/0/title/text", "must be less than 151 characters"),
        ([container(child_blocks=[section()] * 11)], "/blocks/0/child_blocks", "no more than 10 items allowed"),
        (
            [container(child_blocks=[entry({"type": "plain_text_input"})])],
            "/blocks/0/child_blocks/0/type",
            "unsupported type: input",
        ),
        ([container(child_blocks=[container()])], "/blocks/0/child_blocks/0/type", "unsupported type: container"),
        ([container(default_collapsed=True)], "/blocks/0/default_collapsed", "`default_collapsed` requires"),
        ([container(width="huge")], "/blocks/0/width", "must be one of: narrow, standard, wide, full"),
        ([VIDEO | {"video_url": "http://videos.example"}], "/blocks/0/video_url", "must be a valid URL"),
        ([VIDEO | {"title": plain("x" * 200)}], "/blocks/0/title/text", "must be less than 200 characters"),
    ],
)
def test_what_slack_refuses_is_named_where_it_is(blocks: list[Json], pointer: str, message: str) -> None:
    problem, *_ = check_message_blocks(blocks)
    assert problem.pointer == pointer
    assert problem.message.startswith(message)


def test_a_table_in_a_container_is_one_of_the_messages() -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}
    (problem,) = check_message_blocks([table, container(child_blocks=[table])])
    assert (problem.pointer, problem.message) == ("/blocks/1", "only one table block is allowed in a message")


@pytest.mark.parametrize("block", [chart(), container(), {"type": "markdown", "text": "x"}])
@pytest.mark.parametrize("view", [MODAL, HOME], ids=["modal", "home"])
def test_they_belong_in_messages(block: Json, view: Json) -> None:
    (problem,) = check_view({**view, "blocks": [block]})
    assert problem.message == f"unsupported type: {block['type']}"


@pytest.mark.parametrize("view", [MODAL, HOME], ids=["modal", "home"])
def test_a_video_may_stand_anywhere(view: Json) -> None:
    assert check_view({**view, "blocks": [VIDEO]}) == []


def test_blocks_in_a_container_have_ids_of_their_own() -> None:
    numbers = iter(range(10_000, 20_000))
    (outer,) = with_ids(
        [container(child_blocks=[actions(button()), section(block_id="mine")])], lambda: str(next(numbers))
    )
    first, second = outer["child_blocks"]
    assert len({outer["block_id"], first["block_id"]}) == 2
    assert second["block_id"] == "mine"
