"""DuckDB: runs statements, calls back into Python for them, and stops those that take too long."""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from inspect import Parameter, Signature
from itertools import count
from typing import Any, TypeAlias, TypeVar

import duckdb
import pyarrow as pa
from duckdb.func import FunctionNullHandling, PythonUDFType
from duckdb.sqltypes import DuckDBPyType

from local.esql.errors import ArgumentError
from local.esql.functions.model import Python
from local.esql.sql_expressions import Statement
from local.wanted import Deadline

_FAILURES_RECORDED = 20  # of one expression, as in Elasticsearch
_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "DOUBLE": pa.float64(),
}
_PLACE = re.compile(r"\{\d\}")
Column: TypeAlias = "pa.ChunkedArray[Any]"
Values: TypeAlias = "pa.Array[Any]"
_Row = TypeVar("_Row")
_FOUND = pa.list_(pa.list_(pa.string()))


class Session:
    """One running statement: what its callbacks need, and what they noticed."""

    def __init__(self, name: str, deadline: Deadline) -> None:
        self.name = name
        self.deadline = deadline
        self.statement = Statement()
        self._failures: dict[int, dict[str, None]] = {}
        self._lock = threading.Lock()

    def fail(self, number: int, shown: Sequence[str | None]) -> None:
        """A row for which an expression failed, with the texts to show."""
        with self._lock:
            causes = self._failures.setdefault(number, {})
            if len(causes) < _FAILURES_RECORDED:
                texts = iter(shown)
                cause = _PLACE.sub(lambda _: str(next(texts)), self.statement.failures[number].cause)
                causes[cause] = None

    def watched(self, rows: Iterable[_Row]) -> Iterator[_Row]:
        """The same rows, as long as there is time: nothing else ends a callback.

        Raises:
            OverdueError: the deadline passed.
        """
        for row in rows:
            self.deadline.check()
            yield row

    def warnings(self) -> tuple[str, ...]:
        """The failures as Elasticsearch's warning headers: a line for the expression, then one for each cause."""
        lines: dict[str, None] = {}
        for number in sorted(self._failures):
            failure = self.statement.failures[number]
            at = f"Line {failure.origin.line}:{failure.origin.column}: "
            evaluation = f"evaluation of [{failure.origin.text}] failed, treating result as {failure.outcome}."
            lines[f"{at}{evaluation} Only first {_FAILURES_RECORDED} failures recorded."] = None
            lines |= dict.fromkeys(at + cause for cause in self._failures[number])
        return tuple(lines)


class Database:
    """An in-memory database, shared by threads; every statement has its own cursor."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")
        self._lock = threading.Lock()
        self._python: set[str] = set()
        self._sessions: dict[str, Session] = {}
        self._numbers = count(1)

    def new_session(self, deadline: Deadline) -> Session:
        return Session(f"q{next(self._numbers)}", deadline)

    def close(self) -> None:
        """To be called when no statement is running."""
        self._connection.close()

    def run(self, session: Session, statement: Statement) -> list[tuple[object, ...]]:
        """All rows of a statement.

        Raises:
            OverdueError: it did not finish before the session's deadline; it is stopped.
            ArgumentError: DuckDB refused it.
        """
        session.statement = statement
        self._sessions[session.name] = session
        try:
            return self._rows(session)
        except duckdb.Error as error:
            session.deadline.check()
            raise ArgumentError(f"the query failed: {error}") from error
        finally:
            del self._sessions[session.name]

    def _rows(self, session: Session) -> list[tuple[object, ...]]:
        statement = session.statement
        self._register(statement)
        with self._connection.cursor() as cursor:
            for name, table in statement.tables.items():
                cursor.register(name, table)
            with session.deadline.enforced(cursor.interrupt):
                return cursor.execute(statement.sql, statement.values or None).fetchall()

    def _register(self, statement: Statement) -> None:
        """The callbacks a statement needs, each once for the life of the database."""
        with self._lock:
            if statement.failures:
                self._create("es_warn", self._warn, ("VARCHAR", "INTEGER", "VARCHAR[]"), "VARCHAR")
            if statement.extractors:
                self._create("es_extract", self._extract, ("VARCHAR", "INTEGER", "VARCHAR[]"), "VARCHAR[][]")
            for python in statement.python.values():
                if f"{python.name}(" in statement.sql:
                    self._create(python.name, self._vectorized(python), ("VARCHAR", *python.arguments), python.result)

    def _create(self, name: str, call: Callable[..., Values], arguments: Sequence[str], result: str) -> None:
        if name in self._python:
            return
        types: list[Any] = [DuckDBPyType(argument) for argument in arguments]
        self._connection.create_function(
            name,
            _bare(call, len(arguments)),
            types,
            DuckDBPyType(result),
            type=PythonUDFType.ARROW,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=True,
        )
        self._python.add(name)

    def _warn(self, names: Column, numbers: Column, shown: Column) -> Values:
        rows: list[tuple[Any, Any, Any]] = list(
            zip(names.to_pylist(), numbers.to_pylist(), shown.to_pylist(), strict=True)
        )
        for name, number, text in rows:
            self._sessions[name].fail(number, text)
        return pa.nulls(len(names), pa.string())

    def _extract(self, names: Column, numbers: Column, texts: Column) -> Values:
        if len(names) == 0:
            return pa.array([], _FOUND)
        session = self._sessions[names[0].as_py()]
        extract = session.statement.extractors[numbers[0].as_py()].extract
        return pa.array([_extracted(values, extract) for values in session.watched(texts.to_pylist())], _FOUND)

    def _vectorized(self, python: Python) -> Callable[..., Values]:
        """A function of one row as one of many; it is not called for a row with a null."""
        result, call = _ARROW[python.result], python.call

        def over(names: Column, *columns: Column) -> Values:
            if len(names) == 0:
                return pa.array([], result)
            rows = self._sessions[names[0].as_py()].watched(zip(*(c.to_pylist() for c in columns), strict=True))
            return pa.array([None if None in row else call(*row) for row in rows], result)

        return over


def _extracted(
    values: list[str | None] | None, extract: Callable[[str], list[list[str] | None] | None]
) -> list[list[str] | None] | None:
    """What is found in all values of a field, one below the other."""
    found = [fields for value in values or () if value is not None and (fields := extract(value)) is not None]
    if not found:
        return None
    return [[text for part in parts if part for text in part] or None for parts in zip(*found, strict=True)]


def _bare(call: Callable[..., Values], arity: int) -> Callable[..., Values]:
    """A function with so many plain parameters: DuckDB counts them, and evaluates what they are annotated with."""

    def bare(*columns: Column) -> Values:
        return call(*columns)

    parameters = [Parameter(f"a{i}", Parameter.POSITIONAL_ONLY) for i in range(arity)]
    bare.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # typed as a plain function
    bare.__annotations__.clear()
    return bare
