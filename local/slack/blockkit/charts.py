"""Charts: the ``data_visualization`` block.

Source: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block. Copies of that page
disagree on how many series and segments there may be (6 or 12); 12 is the later one.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from local.slack.blockkit.objects import BLOCK_ID
from local.slack.blockkit.rules import Problem, Rule, array, failed, number, obj, string, typed, unique, variant
from local.slack.model import Json

SERIES = 12
POINTS = 20
PER_MESSAGE = 2

_LABEL: Final = string(least=1, most=20)
_AXIS: Final = obj(
    {"categories": array(_LABEL, most=POINTS)},
    {"x_label": string(least=1, most=50), "y_label": string(least=1, most=50)},
)
_SERIES: Final = obj({"name": _LABEL, "data": array(obj({"label": _LABEL, "value": number}), most=POINTS)})


def _positive(segment: Json, at: str) -> Iterator[Problem]:
    if segment["value"] <= 0:
        yield failed(f"{at}/value", "must be greater than 0", type="exclusive_minimum", expected=0)


def _matching(chart: Json, at: str) -> Iterator[Problem]:
    """Each series is named once and has one point a category."""
    names = [(series["name"], f"{at}/series/{index}/name") for index, series in enumerate(chart["series"])]
    yield from unique(names, "name")
    categories = chart["axis_config"]["categories"]
    yield from unique([(each, f"{at}/axis_config/categories/{i}") for i, each in enumerate(categories)], "category")
    for index, series in enumerate(chart["series"]):
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            yield failed(f"{at}/series/{index}/data", "labels must match the categories of the axis")


_DRAWN: Final = variant({"series": array(_SERIES, most=SERIES), "axis_config": _AXIS}, rules=[_matching])
_PIE: Final = variant({"segments": array(obj({"label": _LABEL, "value": number}, rules=[_positive]), most=SERIES)})

_CHARTS: Final[Mapping[str, Rule]] = {"line": _DRAWN, "bar": _DRAWN, "area": _DRAWN, "pie": _PIE}

DATA_VISUALIZATION: Final = variant(
    {"title": string(least=1, most=50), "chart": typed(_CHARTS)}, {"block_id": BLOCK_ID}
)
