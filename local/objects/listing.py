"""What lies in a bucket below a place, asked of the server with as few requests as the days that are needed allow."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import obstore

from local.objects import layout
from local.objects.asking import answered, each
from local.objects.faults import CAUGHT, ODD_KEY, fault_of
from local.objects.layout import Days
from local.objects.place import Place, PlaceError
from local.wanted import Deadline

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

_AT_ONCE = 24
"""Requests; S3 answers 5,500 a second and prefix."""

_PAGE = 1000
_UNKNOWN_LEVELS = 2
"""So far down AWSLogs is looked for: a trail's prefix is mostly one folder, as where Control Tower made it."""

_WIDE = 50
"""Folders beside each other that are more than this are no way to AWSLogs: one listing of all costs less."""

_LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Found:
    """An object. `stamp`: its ETag and when it was last put there; what is put there anew has another one."""

    key: str
    size: int
    stamp: str


@dataclass(frozen=True, slots=True)
class Listed:
    """`objects`: in the order of their keys. `neighbours`: folders of an account that hold other things than records.

    `unlisted`: folders that the server does not list, and why.
    """

    objects: tuple[Found, ...] = ()
    neighbours: tuple[str, ...] = ()
    unlisted: tuple[tuple[str, str], ...] = ()


def first_look(store: S3Store, place: Place) -> None:
    """
    Raises:
        PlaceError: there is nothing, or the server refuses. `region`: where the bucket is, if it said so.
    """
    try:
        is_there = asyncio.run(_is_there(store, place))  # a loop's wait is what Ctrl-C ends, the library's own is not
    except CAUGHT as error:
        fault = fault_of(error, "list")
        if fault.reason != ODD_KEY:  # which is there, and perhaps in one folder of many
            raise PlaceError(fault.reason, fault.region) from None
        is_there = True
    if not is_there:
        raise PlaceError("there is no object of this key, and none below it")


async def _is_there(store: S3Store, place: Place) -> bool:
    async for page in each(obstore.list(store, place.prefix or None, chunk_size=1)):
        if page:
            return True
    try:
        return bool(place.prefix) and bool(await answered(partial(obstore.head, store, place.prefix)))
    except FileNotFoundError:
        return False


def listed(store: S3Store, place: Place, days: Days, deadline: Deadline) -> Listed:
    """What there is at a place, of these days.

    Raises:
        PlaceError: the bucket is not there or refuses everything.
        OverdueError: the deadline is over; nothing goes on behind it.
    """
    return asyncio.run(_until(deadline, _Lister(store, place, days)))


async def _until(deadline: Deadline, lister: _Lister) -> Listed:
    """A request may hang as long as it likes: the deadline is looked at beside it."""
    task = asyncio.create_task(lister.everything())
    try:
        while not task.done():
            deadline.check()
            await asyncio.wait({task}, timeout=_LOOK_S)
        return task.result()
    finally:
        task.cancel()


@dataclass(slots=True)
class _Lister:
    """Walks down the layout; whatever is not of it is listed whole."""

    store: S3Store
    place: Place
    days: Days
    _objects: dict[str, Found] = field(default_factory=dict)
    _neighbours: set[str] = field(default_factory=set)
    _unlisted: dict[str, str] = field(default_factory=dict)
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def everything(self) -> Listed:
        """
        Raises:
            PlaceError: not even the place itself is listed.
        """
        place = self.place.prefix
        await self._folder(place, _UNKNOWN_LEVELS)
        if place and not self._objects and (found := await self._object(place)):
            self._unlisted.pop(place, None)
            self._objects[found.key] = found
        if place in self._unlisted and not self._objects:
            raise PlaceError(self._unlisted[place])
        return Listed(
            _in_order(self._objects), tuple(sorted(self._neighbours)), tuple(sorted(self._unlisted.items()))
        )

    async def _folder(self, folder: str, levels: int) -> None:
        """All below a folder that may be needed; `levels`: so far down AWSLogs is looked for."""
        span = layout.span_of(folder)
        if layout.neighbour_of(self.place.prefix) or (layout.kind_of(folder) and self.days.are_all):
            await self._whole(folder)
        elif span is not None:
            region = layout.region_of(folder) or ""
            parts = layout.folders(region, [span[0].year], self.days.cut(*span))
            await self._each(self._whole(part) for part in parts)
        elif layout.is_region(folder):
            await self._region(folder)
        elif layout.is_above_region(folder):
            await self._each(self._folder(child, 0) for child in await self._level(folder))
        elif levels:
            children = await self._level(folder)
            if len(children) > _WIDE:
                await self._whole(folder)
            else:
                await self._each(self._folder(child, levels - 1) for child in children)
        else:
            await self._whole(folder)

    async def _region(self, region: str) -> None:
        children = await self._level(region)
        spans = {child: layout.span_of(child) for child in children}
        years = [span[0].year for span in spans.values() if span]
        parts = [*layout.folders(region, years, self.days), *(child for child, span in spans.items() if span is None)]
        await self._each(self._whole(part) for part in parts)

    async def _level(self, folder: str) -> Sequence[str]:
        """Keep the objects that lie in the folder itself; gives the folders in it that may be needed."""
        try:
            async with self._slots:
                level = await answered(partial(obstore.list_with_delimiter, self.store, folder or None))
        except CAUGHT as error:
            self._unlisted[folder] = fault_of(error, "list").reason
            return ()
        self._keep(level["objects"])
        self._neighbours.update(child for child in level["common_prefixes"] if layout.neighbour_of(child))
        return [child for child in level["common_prefixes"] if not layout.neighbour_of(child)]

    async def _whole(self, folder: str) -> None:
        try:
            async with self._slots:
                async for page in each(obstore.list(self.store, folder or None, chunk_size=_PAGE)):
                    self._keep(page)
        except CAUGHT as error:
            self._unlisted[folder] = fault_of(error, "list").reason

    async def _object(self, key: str) -> Found | None:
        try:
            return _found(await answered(partial(obstore.head, self.store, key)))
        except CAUGHT:  # that the folder of this name has nothing, or why it is not listed, says more
            return None

    def _keep(self, page: Iterable[ObjectMeta]) -> None:
        is_asked_for = layout.neighbour_of(self.place.prefix) is not None
        for meta in page:
            key = meta["path"]
            if (neighbour := layout.neighbour_of(key)) and not is_asked_for:
                self._neighbours.add(neighbour)
            elif (span := layout.span_of(key)) is None or self.days.meet(*span):
                self._objects[key] = _found(meta)

    @staticmethod
    async def _each(work: Iterable[Coroutine[None, None, None]]) -> None:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)


def _found(meta: ObjectMeta) -> Found:
    return Found(meta["path"], meta["size"], f"{meta['e_tag']}.{meta['last_modified'].timestamp()}")


def _in_order(objects: Mapping[str, Found]) -> tuple[Found, ...]:
    """By key as the server has them. What only marks a folder, as the console makes one, is no object of its own."""
    keys = sorted(objects, key=str.encode)
    encoded = [key.encode() for key in keys]

    def is_folder(key: str) -> bool:
        below = f"{key}/".encode()
        return any(each.startswith(below) for each in encoded[bisect_left(encoded, below) :][:1])

    return tuple(objects[key] for key in keys if objects[key].size or not is_folder(key))
