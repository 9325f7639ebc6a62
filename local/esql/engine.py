"""A query from text to rows: parse, analyze, write SQL, run it, and shape the response as Elasticsearch does."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from local.esql import javatime, sql
from local.esql.analysis import Narrowing, Surroundings, analyze
from local.esql.catalog import Brought, Catalog, Relation, lists_in
from local.esql.database import Database
from local.esql.demand import wanted
from local.esql.encoding import decode_ip, decode_version
from local.esql.errors import ArgumentError
from local.esql.expressions import TOO_DEEP
from local.esql.lexer import Source
from local.esql.parameters import Parameters
from local.esql.parser import parse
from local.esql.plan import Expr, Output, Plan, Scan
from local.esql.pruning import pruned
from local.esql.running import Running
from local.esql.sql_expressions import constant_statement
from local.esql.tree import From, Query
from local.esql.types import Type
from local.wanted import Deadline

Json = None | bool | int | float | str | list["Json"]
_SHOWN: dict[Type, Callable[[object], Json]] = {
    Type.DATE: lambda value: javatime.iso(int(str(value))),
    Type.DATE_NANOS: lambda value: javatime.iso_nanos(int(str(value))),
    Type.IP: lambda value: decode_ip(str(value)),
    Type.VERSION: lambda value: decode_version(str(value)),
}


@dataclass(frozen=True, slots=True)
class Response:
    """What a query answers: columns as (name, type), rows ready for JSON, and the warning headers."""

    columns: tuple[tuple[str, str], ...]
    values: tuple[tuple[Json, ...], ...]
    took_ms: int
    is_partial: bool = False
    warnings: tuple[str, ...] = ()

    def body(self) -> dict[str, object]:
        """Elasticsearch's response to `POST /_query`."""
        return {
            "took": self.took_ms,
            "is_partial": self.is_partial,
            "columns": [{"name": name, "type": type_} for name, type_ in self.columns],
            "values": [list(row) for row in self.values],
        }


class Engine:
    """Answers queries over the indices of a catalog. `query` may be called from several threads."""

    def __init__(self, catalog: Catalog, now: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._now = now
        self._database = Database(keeps_order=catalog.has_tables)
        self._running = Running()

    def close(self) -> None:
        """Queries that are running end with a ClosedError."""
        self._running.end()
        self._database.close()

    def query(
        self,
        text: str,
        params: Sequence[object] | Mapping[str, object] = (),
        deadline: Deadline | None = None,
        narrowing: Narrowing | None = None,
    ) -> Response:
        """Runs a query; `NOW()` is the same throughout. `narrowing`: which rows of FROM it sees.

        Raises:
            ParsingError, VerificationError, UnsupportedError, UnknownIndexError: the query is refused.
            ArgumentError: a parameter is no value, or the query cannot be carried out.
            QueryTimeoutError: it was not done before the deadline.
            ClosedError: the engine is closed, or was while the query ran.
        """
        started = time.monotonic()
        run = self._run(text, params, deadline or Deadline())
        try:
            with self._running.query(run.deadline):
                answered = run.answered(javatime.from_datetime(self._now()), narrowing)
        except RecursionError:
            raise run.source.error(0, TOO_DEEP) from None
        took_ms = int((time.monotonic() - started) * 1000)
        return _response(answered, took_ms)

    def plan(self, text: str, params: Sequence[object] | Mapping[str, object] = ()) -> Plan:
        """How a query is understood; no row is read. Raises as `query` does."""
        run = self._run(text, params, Deadline())
        return run.plan(run.around(javatime.from_datetime(self._now()), None))

    def _run(self, text: str, params: Sequence[object] | Mapping[str, object], deadline: Deadline) -> "_Run":
        source = Source(text)
        query = parse(source, Parameters.from_request(params))
        return _Run(self._catalog, self._database, query, source, deadline)


@dataclass(frozen=True, slots=True)
class _Answered:
    """The rows of a plan, and what failed in making them. `is_partial`: there may be more that was not read."""

    plan: Plan
    rows: Sequence[Sequence[object]]
    warnings: Sequence[str]
    is_partial: bool


@dataclass(frozen=True, slots=True)
class _Run:
    """One query on its way from the syntax tree to rows."""

    catalog: Catalog
    database: Database
    query: Query
    source: Source
    deadline: Deadline

    def around(self, now_ms: int, narrowing: Narrowing | None) -> Surroundings:
        first = self.query.commands[0]
        relation = self.catalog.relation(first, self.source) if isinstance(first, From) else Relation()
        return Surroundings(relation, narrowing, now_ms)

    def plan(self, around: Surroundings) -> Plan:
        return pruned(analyze(self.query, self.source, around, self._fold))

    def answered(self, now_ms: int, narrowing: Narrowing | None) -> _Answered:
        around = self.around(now_ms, narrowing)
        plan = self.plan(around)
        wants = wanted(plan, self._fold)
        sources = self.catalog.read(around.relation, wants, self.deadline)
        try:
            return self._over(sources, around, plan)
        except ArgumentError:
            if not self.catalog.doubt(sources):
                raise
            sources = self.catalog.read(around.relation, wants, self.deadline)
            return self._over(sources, around, plan)

    def _over(self, sources: Sequence[Brought], around: Surroundings, plan: Plan) -> _Answered:
        """What a plan gives; it is made anew where columns are lists that were not known to be, or the other way."""
        lists = lists_in(sources)
        if _differs(plan, lists):
            plan = self.plan(replace(around, relation=around.relation.with_lists(lists)))
        return self._rows(plan, sources)

    def _rows(self, plan: Plan, sources: Sequence[Brought]) -> _Answered:
        session = self.database.new_session(self.deadline)
        rows = self.database.run(session, sql.statement(plan, session.name, sources))
        return _Answered(plan, rows, session.warnings(), any(source.is_partial for source in sources))

    def _fold(self, expression: Expr) -> object:
        """The value of an expression that reads no column."""
        session = self.database.new_session(self.deadline)
        ((value,),) = self.database.run(session, constant_statement(expression, session.name))
        return tuple(value) if isinstance(value, list) else value


def _differs(plan: Plan, lists: Mapping[str, bool]) -> bool:
    return any(
        lists.get(stored, ref.is_many) != ref.is_many
        for stage in plan.stages
        if isinstance(stage, Scan)
        for stored, ref in stage.columns
    )


def _response(answered: _Answered, took_ms: int) -> Response:
    outputs = answered.plan.outputs
    values = tuple(
        tuple(_shown(cell, output) for cell, output in zip(row, outputs, strict=False)) for row in answered.rows
    )
    columns = tuple((output.name, output.type.value) for output in outputs)
    return Response(columns, values, took_ms, answered.is_partial, (*answered.plan.warnings, *answered.warnings))


def _shown(cell: object, output: Output) -> Json:
    """A cell as JSON: a list of one is the value, a list of none is null."""
    show = _SHOWN.get(output.type)
    if isinstance(cell, list):
        shown = [show(value) if show else value for value in cell]
        return shown if len(shown) > 1 else shown[0] if shown else None
    if cell is None or show is None:
        return cell  # type: ignore[return-value]  # DuckDB gives booleans, numbers and text here
    return show(cell)
