"""What a digest's message has no room for."""

import pytest

from bot.domain.finding import Finding
from bot.domain.paging import A_PAGE, LISTED, SHOWN, SHOWN_OF_MANY, Heading, pages, shown_of_each
from bot.domain.queue import Queued
from tests.examples import finding

NONE = Queued()


def several(count: int, total: int | None = None, *, is_more: bool = False) -> Queued:
    found: tuple[Finding, ...] = tuple(finding(number=number) for number in range(1, count + 1))
    return Queued(found, total or count, is_more)


@pytest.mark.parametrize(
    ("queued", "stretches"),
    [
        (NONE, []),
        (several(SHOWN), []),
        (several(SHOWN + 1), [(11, 11)]),
        (several(SHOWN + A_PAGE + 1), [(11, 35), (36, 36)]),
        (several(LISTED, 1_000, is_more=True), [(first, first + 24) for first in range(11, LISTED, A_PAGE)]),
    ],
)
def test_pages_go_on_where_the_message_ends(queued: Queued, stretches: list[tuple[int, int]]) -> None:
    found = pages([(Heading.NEW, queued), (Heading.UNTOUCHED, NONE)])

    assert [(page.first, page.last) for page in found] == stretches
    assert all((page.of, page.is_more) == (queued.total, queued.is_more) for page in found)
    listed = [one for page in found for one in page.findings]
    assert listed == [one.id for one in queued.findings[SHOWN:]]


def test_where_there_are_many_headings_each_shows_less_and_nothing_is_lost() -> None:
    every = [(heading, several(8)) for heading in Heading]

    shown = shown_of_each([queued for _, queued in every])
    found = pages(every)

    assert shown == SHOWN_OF_MANY
    assert [(page.heading, page.first, page.last) for page in found] == [(heading, 6, 8) for heading in Heading]
    assert shown_of_each([several(8), several(8), several(8)]) == SHOWN
