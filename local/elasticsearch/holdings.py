"""What the embedded Elasticsearch holds: its indices, and the engine that queries them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any, TypeAlias

from local.cloudtrail.columns import Columns
from local.cloudtrail.mapping import document
from local.cloudtrail.record import Record
from local.cloudtrail.schema import INDEX_NAME, field_types
from local.elasticsearch.filters import Filter
from local.esql.catalog import Catalog, Index
from local.esql.engine import Engine

Clock: TypeAlias = Callable[[], datetime]


@dataclass(slots=True)
class Holdings:
    """Indices that were given, and one of CloudTrail that can grow while queries run.

    A query works on the state it found: tables are immutable, and a new record makes a new engine.
    """

    now: Clock
    given: Sequence[Index] = ()
    _cloudtrail: Columns | None = None
    _indices: tuple[Index, ...] | None = None
    _engine: Engine | None = None
    _lock: Lock = field(default_factory=Lock)

    def add_records(self, records: Iterable[Record]) -> None:
        """Index CloudTrail records; the next query sees them. The CloudTrail index exists from here on."""
        with self._lock:
            if self._cloudtrail is None:
                self._cloudtrail = Columns()
            self._cloudtrail.add(map(document, records))
            self._indices = self._engine = None

    def indices(self) -> tuple[Index, ...]:
        with self._lock:
            return self._current()

    def engine(self, narrowed_by: Mapping[str, Any] | None = None) -> Engine:
        """The engine over all indices, or over those of their documents that a Query DSL clause lets through.

        Raises:
            RestError: the clause is malformed or not served.
        """
        with self._lock:
            indices = self._current()
            if narrowed_by is None:
                if self._engine is None:
                    self._engine = Engine(Catalog(indices), self.now)
                return self._engine
        now = self.now()
        return Engine(Catalog([_narrowed(index, narrowed_by, now) for index in indices]), self.now)

    def _current(self) -> tuple[Index, ...]:
        if self._indices is None:
            grown = [Index(INDEX_NAME, field_types(), self._cloudtrail.table())] if self._cloudtrail else []
            self._indices = (*grown, *self.given)
        return self._indices


def _narrowed(index: Index, clause: Mapping[str, Any], now: datetime) -> Index:
    mask = Filter(index.table, index.fields, now).mask(clause)
    return Index(index.name, index.fields, index.table.filter(mask))
