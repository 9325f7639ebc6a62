"""Makes parts anew that are no good as they are: half dead, too many small ones, or lists where others are not.

The rows are taken from the old parts, and no log is read again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from local.cache.copy import Copy, Writer, told_as_copy_error
from local.cache.layout import FILE
from local.cache.manifest import Manifest, Part
from local.cache.parts import GROUP_ROWS, PART_ROWS, PartWriter

SMALL_ROWS = PART_ROWS // 8
MOST_SMALL = 8
"""Parts that are small for a while are cheaper than making the same part again and again."""


class _UnreadableError(Exception):
    """A part that is damaged where its size does not show it."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


def mend(writer: Writer) -> None:
    """Leave the copy with parts that can be read together, mostly live and not too small.

    Raises:
        CopyError: the copy can not be written; it stands as it was.
    """
    for group in tuple(_groups(writer.manifest)):
        try:
            parts, held = _made_anew(writer.copy, writer.manifest, group)
        except _UnreadableError as unreadable:
            writer.drop((), (unreadable.part,))
        else:
            writer.replace(group, parts, held)


def unreadable(copy: Copy, manifest: Manifest) -> tuple[str, ...]:
    """The parts that can not be read to their end."""
    return tuple(name for name in manifest.parts if not _is_readable(copy, name))


def _is_readable(copy: Copy, name: str) -> bool:
    try:
        for _ in _rows(copy, (name,), ()):
            pass
    except _UnreadableError:
        return False
    return True


def _groups(manifest: Manifest) -> Iterator[tuple[str, ...]]:
    """The parts to make anew, those together that fit into one."""
    live = manifest.live_rows()
    small = {name for name, rows in live.items() if rows < SMALL_ROWS}
    wanting = manifest.out_of_step() | {name for name, rows in live.items() if 2 * rows < manifest.parts[name].rows}
    if len(small) > MOST_SMALL:
        wanting |= small
    group: list[str] = []
    for name in manifest.parts:
        if name not in wanting:
            continue
        if group and sum(live[each] for each in (*group, name)) > PART_ROWS:
            yield tuple(group)
            group = []
        group.append(name)
    if group:
        yield tuple(group)


def _made_anew(
    copy: Copy, manifest: Manifest, group: Sequence[str]
) -> tuple[dict[str, Part], Mapping[int, Mapping[str, int]]]:
    """New parts with the live rows of a group, and how many rows of each file stand in which of them."""
    held: defaultdict[int, Counter[str]] = defaultdict(Counter)
    former = frozenset(group)
    numbers = [kept.number for kept in manifest.files.values() if not former.isdisjoint(kept.parts)]
    with told_as_copy_error():
        writer = PartWriter(copy.path_of(""), manifest.lists, most_rows=len(group) * 2 * PART_ROWS)
        try:
            for rows in _rows(copy, group, numbers):
                part = writer.add({name: rows.column(name) for name in rows.column_names})
                numbers_of_rows: list[Any] = rows.column(FILE).to_pylist()
                for number, count in Counter(numbers_of_rows).items():
                    held[number][part] += count
            return writer.close(), held
        except BaseException:
            writer.discard()
            raise


def _rows(copy: Copy, group: Iterable[str], numbers: Sequence[int]) -> Iterator[pa.Table]:
    """The rows of these files, in their order."""
    live = pa.array(numbers, pa.int32())
    for name in group:
        try:
            with pq.ParquetFile(copy.path_of(name)) as part:
                for batch in part.iter_batches(GROUP_ROWS):
                    rows = pa.Table.from_batches([batch])
                    if (kept := rows.filter(pc.is_in(rows.column(FILE), live))).num_rows:
                        yield kept
        except (OSError, pa.ArrowException) as error:
            raise _UnreadableError(name) from error
