"""A query from text to rows: parse, analyze, write SQL, run it, and shape the response as Elasticsearch does."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from local.esql import javatime, sql
from local.esql.analysis import analyze
from local.esql.catalog import Catalog, Relation
from local.esql.database import Database
from local.esql.encoding import decode_ip, decode_version
from local.esql.expressions import TOO_DEEP
from local.esql.lexer import Source
from local.esql.parameters import Parameters
from local.esql.parser import parse
from local.esql.plan import Expr, Output, Plan
from local.esql.pruning import pruned
from local.esql.sql_expressions import constant_statement
from local.esql.tree import From, Query
from local.esql.types import Type

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
        self._database = Database()

    def close(self) -> None:
        self._database.close()

    def query(
        self, text: str, params: Sequence[object] | Mapping[str, object] = (), timeout_s: float | None = None
    ) -> Response:
        """Runs a query; `NOW()` is the same throughout.

        Raises:
            ParsingError, VerificationError, UnsupportedError, UnknownIndexError: the query is refused.
            ArgumentError: a parameter is no value, or the query cannot be carried out.
            QueryTimeoutError: it took longer than `timeout_s`.
            ClosedError: the engine is closed.
        """
        started = time.monotonic()
        source = Source(text)
        query = parse(source, Parameters.from_request(params))
        try:
            plan = analyze(query, source, self._catalog, javatime.from_datetime(self._now()), self._fold)
            session = self._database.new_session()
            statement = sql.statement(pruned(plan), session.name)
        except RecursionError:
            raise source.error(0, TOO_DEEP) from None
        rows = self._database.run(session, statement, self._relations(query, source), timeout_s)
        took_ms = int((time.monotonic() - started) * 1000)
        return _response(plan, rows, took_ms, session.warnings())

    def _relations(self, query: Query, source: Source) -> list[Relation]:
        return [self._catalog.relation(command, source) for command in query.commands if isinstance(command, From)]

    def _fold(self, expression: Expr) -> object:
        """The value of an expression that reads no column."""
        session = self._database.new_session()
        ((value,),) = self._database.run(session, constant_statement(expression, session.name))
        return tuple(value) if isinstance(value, list) else value


def _response(plan: Plan, rows: Sequence[Sequence[object]], took_ms: int, warnings: Sequence[str]) -> Response:
    values = tuple(
        tuple(_shown(cell, output) for cell, output in zip(row, plan.outputs, strict=False)) for row in rows
    )
    columns = tuple((output.name, output.type.value) for output in plan.outputs)
    return Response(columns, values, took_ms, warnings=(*plan.warnings, *warnings))


def _shown(cell: object, output: Output) -> Json:
    """A cell as JSON: a list of one is the value, a list of none is null."""
    show = _SHOWN.get(output.type)
    if isinstance(cell, list):
        shown = [show(value) if show else value for value in cell]
        return shown if len(shown) > 1 else shown[0] if shown else None
    if cell is None or show is None:
        return cell  # type: ignore[return-value]  # DuckDB gives booleans, numbers and text here
    return show(cell)
