"""A bucket of S3, or a part of one, as an archive: what of it a query needs, and how its objects are opened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from local.cache.listing import Listing, Source
from local.cloudtrail.opening import Opened, Placed
from local.cloudtrail.receipt import Receipt, Tally
from local.cloudtrail.refusal import Kind, Refusal
from local.elasticsearch.folder import NoArchiveError
from local.objects import layout
from local.objects.access import FIRST_LOOK, Access
from local.objects.fetching import Failed, Fetching
from local.objects.layout import Days
from local.objects.listing import Listed, first_look, listed
from local.objects.place import Place, PlaceError, place_of
from local.wanted import ANYTHING, Deadline, Requirement

_NEIGHBOUR = Refusal(Kind.NEIGHBOUR, "left alone; give its own URL to read it")


@dataclass(frozen=True, slots=True)
class Bucket:
    """`clock`: seconds since the epoch."""

    fetching: Fetching
    clock: Callable[[], float]

    @classmethod
    def at(cls, url: str, access: Access, clock: Callable[[], float]) -> Bucket:
        """
        Raises:
            NoArchiveError: there is nothing, or it may not be listed; says what to do.
        """
        try:
            place = place_of(url)
            region = _region_of_what_is_there(place, access)
            return cls(Fetching(access.store(place.bucket, region), place), clock)
        except PlaceError as fault:
            raise NoArchiveError(str(fault)) from fault

    @property
    def identity(self) -> str:
        return self.fetching.place.url

    @property
    def opening(self) -> Callable[[Sequence[Placed]], Iterator[Opened]]:
        return partial(_opened, self.fetching)

    def listing(self, requirement: Requirement = ANYTHING, deadline: Deadline | None = None) -> Listing:
        """The objects that may hold what is required, in the order of their keys; where it has gone, none, and why.

        Raises:
            OverdueError: the deadline is over.
        """
        at, days, place = self.clock(), layout.days_of(requirement), self.fetching.place
        try:
            found = listed(self.fetching.store, place, days, deadline or Deadline())
        except PlaceError as fault:
            found = Listed(unlisted=((place.prefix, str(fault)),))
        sources = tuple(
            Source(place.name(each.key), place.where(each.key), each.size, each.stamp) for each in found.objects
        )
        leaves_out = partial(
            _is_left_out, place, days, tuple(folder and f"{folder}/" for folder, _ in found.unlisted)
        )
        return Listing(sources, at, _receipt(place, found), leaves_out, _scope(place, days))


def _region_of_what_is_there(place: Place, access: Access, region: str | None = None) -> str | None:
    """Where the bucket turns out to be, if not where we look first.

    Raises:
        PlaceError: there is nothing, or it may not be listed.
    """
    try:
        first_look(access.store(place.bucket, region, FIRST_LOOK), place)
    except PlaceError as fault:
        if region or fault.region is None:
            raise
        return _region_of_what_is_there(place, access, fault.region)
    return region


def _opened(fetching: Fetching, files: Sequence[Placed]) -> Iterator[Opened]:
    for fetched in fetching(files):
        yield Refusal(Kind.UNREADABLE, fetched.reason) if isinstance(fetched, Failed) else fetched


def _is_left_out(place: Place, days: Days, unlisted: tuple[str, ...], name: str) -> bool:
    key = f"{place.prefix}/{name}" if place.prefix else name
    span = layout.span_of(key)
    return key.startswith(unlisted) or (span is not None and not days.meet(*span))


def _receipt(place: Place, found: Listed) -> Receipt:
    tally = Tally()
    for neighbour in found.neighbours:
        tally.refuse(place.where(f"{neighbour}/"), _NEIGHBOUR)
    for folder, reason in found.unlisted:
        tally.refuse(place.where(f"{folder}/" if folder else ""), Refusal(Kind.UNREADABLE, reason))
    return tally.receipt()


def _scope(place: Place, days: Days) -> str:
    return "" if days.are_all else f"{place.url}: of CloudTrail's folders only the days {days} were looked at (UTC)"
