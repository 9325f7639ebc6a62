"""The chart of a digest: findings a day by severity, as Slack's own block, and the same numbers in words.

Source: https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block (title 50 characters, 12 series, 20
points, labels 20).
"""

from collections.abc import Mapping
from datetime import date

from bot.blocks.rich import Json
from bot.blocks.text import counted
from bot.domain.daily import Daily

TYPE = "data_visualization"
TITLE = "Findings a day, by severity"


def block(shown: Daily) -> Json:
    """A bar for each grade on each day; fewer days make broader bars."""
    drawn = shown.from_the_first
    labels = [label(day) for day in drawn.days]
    series = [
        {
            "name": grade.value,
            "data": [{"label": at, "value": value} for at, value in zip(labels, counts, strict=True)],
        }
        for grade, counts in drawn.counts.items()
    ]
    return {
        "type": TYPE,
        "title": TITLE,
        "chart": {"type": "bar", "series": series, "axis_config": {"categories": labels}},
    }


def in_words(shown: Daily) -> str:
    """`12 findings in 14 days: 2 critical, 10 low. Most on 31 Oct: 7.`; what a screen reader gets."""
    grades = ", ".join(f"{sum(counts):,} {grade.value}" for grade, counts in shown.counts.items())
    day, most = shown.busiest
    of_all = f"{counted(shown.total, 'finding')} in {counted(len(shown.days), 'day')}"
    return f"{of_all}: {grades}. Most on {label(day)}: {most:,}."


def by_day(shown: Daily) -> str:
    """`20 Oct 0 · 21 Oct 3 · ...`, of the days that are drawn."""
    drawn = shown.from_the_first
    return " · ".join(f"{label(day)} {count:,}" for day, count in zip(drawn.days, drawn.by_day, strict=True))


def is_chart(drawn: Mapping[str, object]) -> bool:
    return drawn.get("type") == TYPE


def label(day: date) -> str:
    return f"{day.day} {day:%b}"
