"""The pages of a digest: what its message has no room for, listed in its thread."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.finding import FindingId
from bot.domain.queue import Queued

SHOWN = 10  # findings of one heading in the message: what a phone shows without scrolling for long
SHOWN_OF_MANY = 5  # of each, where there are many headings
ROOM = 30  # findings in the message: as many lines as surely fit
A_PAGE = 25  # findings of one page
MOST_PAGES = 8  # of one heading
LISTED = SHOWN + A_PAGE * MOST_PAGES  # findings of one heading that are loaded; what is beyond is counted


class Heading(Enum):
    """What a digest lists, the most pressing first."""

    WORSENED = "worsened"
    RECURRED = "recurred"
    NEW = "new"
    BACKLOG = "from the backlog"
    UNTOUCHED = "nobody has looked at"
    WAKING = "snoozed, and soon awake"


@dataclass(frozen=True, slots=True)
class DigestPage:
    """Findings `first`, `first` + 1, ... of the `of` that stand under a heading; `is_more`: there are even more."""

    heading: Heading
    findings: tuple[FindingId, ...]
    first: int
    of: int
    is_more: bool = False

    @property
    def last(self) -> int:
        return self.first + len(self.findings) - 1


def shown_of_each(listed: Collection[Queued]) -> int:
    """How many findings of each heading the message lists."""
    return SHOWN if sum(min(len(queued.findings), SHOWN) for queued in listed) <= ROOM else SHOWN_OF_MANY


def pages(headings: Sequence[tuple[Heading, Queued]]) -> tuple[DigestPage, ...]:
    """All that is listed beyond what the message shows."""
    shown = shown_of_each([queued for _, queued in headings])
    return tuple(page for heading, queued in headings for page in _of(heading, queued, shown))


def _of(heading: Heading, queued: Queued, shown: int) -> Iterator[DigestPage]:
    ids = [finding.id for finding in queued.findings[:LISTED]]
    for start in range(shown, len(ids), A_PAGE):
        yield DigestPage(heading, tuple(ids[start : start + A_PAGE]), start + 1, queued.total, queued.is_more)
