"""What the embedded Elasticsearch holds: its indices, and the engine that queries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from local.cloudtrail.ecs.schema import INDEX_NAME, field_types
from local.esql.catalog import Catalog, Index
from local.esql.engine import Engine

if TYPE_CHECKING:  # what reads records loads with the first of them
    from local.cloudtrail.ecs.columns import Columns
    from local.cloudtrail.record import Mapped, Record

Clock: TypeAlias = Callable[[], datetime]


@dataclass(slots=True, eq=False)
class _Shared:
    """An engine and the count of queries that are using it right now."""

    engine: Engine
    users: int = 0


@dataclass(slots=True)
class Holdings:
    """Indices that were given, and one of CloudTrail that can grow while queries run.

    A query works on the state it found: tables are immutable, and new records make a new engine. The engine
    before it is closed by the last query that uses it.
    """

    now: Clock
    given: Sequence[Index] = ()
    _cloudtrail: Columns | None = None
    _indices: tuple[Index, ...] | None = None
    _shared: _Shared | None = None
    _retired: list[_Shared] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add_records(self, records: Iterable[Record | Mapped]) -> None:
        """Index CloudTrail records; the next query sees them. The CloudTrail index exists from here on."""
        with self._lock:
            self._add(records)

    def hold_records(self, records: Iterable[Record | Mapped]) -> None:
        """Index CloudTrail records in place of those that are there."""
        with self._lock:
            self._cloudtrail = None
            self._add(records)

    def indices(self) -> tuple[Index, ...]:
        with self._lock:
            return self._current()

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """The engine over all indices."""
        shared = self._borrow()
        try:
            yield shared.engine
        finally:
            self._give_back(shared)

    def close(self) -> None:
        """End the queries that are running and let go of the database; a later query opens another."""
        with self._lock:
            self._retire()
            retired = list(self._retired)
        for shared in retired:
            shared.engine.close()

    def _add(self, records: Iterable[Record | Mapped]) -> None:
        from local.cloudtrail.ecs.columns import Columns  # noqa: PLC0415 - see above
        from local.cloudtrail.ecs.mapping import document_of  # noqa: PLC0415

        if self._cloudtrail is None:
            self._cloudtrail = Columns()
        self._cloudtrail.add(map(document_of, records))
        self._indices = None
        self._retire()

    def _current(self) -> tuple[Index, ...]:
        if self._indices is None:
            grown = [Index.of_table(INDEX_NAME, field_types(), self._cloudtrail.table())] if self._cloudtrail else []
            self._indices = (*grown, *self.given)
        return self._indices

    def _borrow(self) -> _Shared:
        with self._lock:
            if self._shared is None:
                self._shared = _Shared(Engine(Catalog(self._current()), self.now))
            self._shared.users += 1
            return self._shared

    def _give_back(self, shared: _Shared) -> None:
        with self._lock:
            shared.users -= 1
            is_last = shared.users == 0 and shared in self._retired
            if is_last:
                self._retired.remove(shared)
        if is_last:
            shared.engine.close()

    def _retire(self) -> None:
        """No query begins with the engine any more; whichever uses it last closes it."""
        retired, self._shared = self._shared, None
        if retired is not None and retired.users:
            self._retired.append(retired)
        elif retired is not None:
            retired.engine.close()
