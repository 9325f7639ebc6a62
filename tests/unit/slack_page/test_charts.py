"""Charts: numbers as geometry that can be checked, as words, and as a table."""

from typing import Any

import pytest

from local.slack.page.charts import HEIGHT, WIDTH, draw, number
from local.slack.page.render import Renderer
from local.slack.page.viewer import Viewer

Json = dict[str, Any]
DAYS = ("Mon", "Tue", "Wed")


def chart(kind: str, days: tuple[str, ...] = DAYS, **series: list[float]) -> Json:
    lines = [
        {"name": name, "data": [{"label": day, "value": value} for day, value in zip(days, values, strict=True)]}
        for name, values in series.items()
    ]
    drawn = {"type": kind, "series": lines, "axis_config": {"categories": list(days), "y_label": "findings"}}
    return {"type": "data_visualization", "block_id": "b", "title": "Findings a day", "chart": drawn}


def pie(**segments: float) -> Json:
    slices = [{"label": label, "value": value} for label, value in segments.items()]
    return {
        "type": "data_visualization",
        "block_id": "b",
        "title": "Share",
        "chart": {"type": "pie", "segments": slices},
    }


def test_bars_stand_on_zero_and_are_as_high_as_their_numbers() -> None:
    drawn = draw(chart("bar", high=[0, 2, 4]))
    (stroke,) = drawn.strokes
    assert [mark.height for mark in stroke.marks] == [
        0,
        pytest.approx(stroke.marks[2].height / 2),
        stroke.marks[2].height,
    ]
    assert {mark.y + mark.height for mark in stroke.marks} == {drawn.zero}
    assert [mark.words for mark in stroke.marks] == ["high, Mon: 0", "high, Tue: 2", "high, Wed: 4"]


def test_bars_of_several_series_stand_beside_each_other() -> None:
    critical, high = draw(chart("bar", critical=[1, 1, 1], high=[1, 1, 1])).strokes
    for left, right in zip(critical.marks, high.marks, strict=True):
        assert left.x + left.width == pytest.approx(right.x, abs=0.2)


def test_what_is_below_zero_hangs_from_it() -> None:
    drawn = draw(chart("bar", change=[-2, 0, 2]))
    down, _, up = drawn.strokes[0].marks
    assert (down.y, up.y + up.height) == (drawn.zero, drawn.zero)


@pytest.mark.parametrize("kind", ["line", "area"])
def test_a_line_goes_through_its_points_in_the_order_of_the_axis(kind: str) -> None:
    block = chart(kind, high=[3, 1, 2])
    block["chart"]["series"][0]["data"].reverse()
    (stroke,) = draw(block).strokes
    assert [mark.value for mark in stroke.marks] == ["3", "1", "2"]
    assert stroke.line.count("L") == 2
    assert bool(stroke.area) is (kind == "area")


def test_slices_add_up_and_say_their_share() -> None:
    drawn = draw(pie(critical=1, high=3))
    assert [stroke.share for stroke in drawn.strokes] == ["25%", "75%"]
    assert drawn.words == "Pie chart: critical 1 (25%), high 3 (75%)."


def test_a_single_slice_is_a_whole_circle() -> None:
    (stroke,) = draw(pie(high=3)).strokes
    assert " 0 1 1 " in stroke.area  # the long way round
    assert stroke.share == "100%"


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ([0, 0, 0], ["0", "1"]),
        ([1, 2, 3], ["0", "1", "2", "3"]),
        ([0, 0, 212], ["0", "100", "200", "300"]),
        ([0.1, 0.2, 0.5], ["0", "0.2", "0.4", "0.6"]),
        ([12_000, 1, 1], ["0", "5,000", "10,000", "15,000"]),
    ],
)
def test_the_axis_has_round_numbers(values: list[float], ticks: list[str]) -> None:
    assert [row.text for row in draw(chart("line", high=values)).rows] == ticks


@pytest.mark.parametrize("kind", ["line", "bar", "area"])
def test_everything_stays_on_the_page(kind: str) -> None:
    days = tuple(f"a long label {n:02}" for n in range(20))
    series: dict[str, list[float]] = {f"s{n}": [float(n * day) for day in range(20)] for n in range(12)}
    drawn = draw(chart(kind, days, **series))
    marks = [mark for stroke in drawn.strokes for mark in stroke.marks]
    assert all(mark.x >= 0 and mark.x + mark.width <= WIDTH for mark in marks)
    assert all(mark.y >= 0 and mark.y + mark.height <= HEIGHT for mark in marks)
    gaps = [after.at - before.at for before, after in zip(drawn.columns, drawn.columns[1:], strict=False)]
    assert min(gaps) > 90  # the labels do not run into each other


def test_numbers_are_written_as_people_write_them() -> None:
    assert [number(value) for value in (0, 3.0, 1234567, 0.5, 2.25)] == ["0", "3", "1,234,567", "0.5", "2.25"]


def test_a_chart_can_be_read_without_seeing_it(renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([chart("bar", critical=[1, 0, 2], high=[5, 6, 7])], viewer, "s")
    words = "Bar chart. critical: Mon 1, Tue 0, Wed 2; high: Mon 5, Tue 6, Wed 7."
    assert f'role="img" aria-label="{words}"' in html
    assert '<th scope="row">Tue</th><td class="align-right">0</td><td class="align-right">6</td>' in html
    assert "findings" in html


def test_names_in_a_chart_stay_text(renderer: Renderer, viewer: Viewer) -> None:
    hostile = chart("line", high=[1, 2, 3]) | {"title": "<img src=x>"}
    hostile["chart"]["series"][0]["name"] = "<script>"
    html = renderer.blocks([hostile], viewer, "s")
    assert "<script>" not in html
    assert "<img" not in html
