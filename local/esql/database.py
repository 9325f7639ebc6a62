"""DuckDB: runs statements, calls back into Python for them, and stops those that take too long."""

import re
import threading
from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from itertools import count
from typing import Any

import duckdb
from duckdb.func import FunctionNullHandling, PythonUDFType
from duckdb.sqltypes import DuckDBPyType

from local.esql.errors import ArgumentError
from local.esql.sql_expressions import Statement
from local.wanted import Deadline

_FAILURES_RECORDED = 20  # of one expression, as in Elasticsearch
_PLACE = re.compile(r"\{(?:\d|why)\}")


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
    """An in-memory database, shared by threads; every statement has its own cursor.

    `keeps_order`: whether statements may count on the order of rows in tables. Where none does, DuckDB puts the few
    rows that pass a filter in each batch together, and works out what comes after it once for all of them.
    """

    def __init__(self, *, keeps_order: bool = True) -> None:
        self._connection = duckdb.connect(":memory:", config={"preserve_insertion_order": str(keeps_order).lower()})
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
                    arguments = ("VARCHAR", *python.arguments)
                    self._create(python.name, self._checked(python.call), arguments, python.result)

    def _create(self, name: str, call: Callable[..., Any], arguments: Sequence[str], result: str) -> None:
        if name in self._python:
            return
        types: list[Any] = [DuckDBPyType(argument) for argument in arguments]
        # Of one row, not of Arrow arrays: of the few rows that pass a hunt's filter these cost more than they save.
        self._connection.create_function(
            name,
            _bare(call, len(arguments)),
            types,
            DuckDBPyType(result),
            type=PythonUDFType.NATIVE,
            null_handling=FunctionNullHandling.SPECIAL,
            side_effects=True,
        )
        self._python.add(name)

    def _warn(self, name: str, number: int, shown: list[str | None]) -> None:
        self._sessions[name].fail(number, shown)

    def _extract(self, name: str, number: int, values: list[str | None] | None) -> list[list[str] | None] | None:
        session = self._sessions[name]
        session.deadline.check()  # nothing else ends a callback
        return _extracted(values, session.statement.extractors[number].extract)

    def _checked(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A function as long as there is time; it is not called for a row with a null."""

        def checked(name: str, *row: object) -> Any:
            self._sessions[name].deadline.check()
            return None if None in row else call(*row)

        return checked


def _extracted(
    values: list[str | None] | None, extract: Callable[[str], list[list[str] | None] | None]
) -> list[list[str] | None] | None:
    """What is found in all values of a field, one below the other."""
    found = [fields for value in values or () if value is not None and (fields := extract(value)) is not None]
    if not found:
        return None
    return [[text for part in parts if part for text in part] or None for parts in zip(*found, strict=True)]


def _bare(call: Callable[..., Any], arity: int) -> Callable[..., Any]:
    """A function with so many plain parameters: DuckDB counts them, and evaluates what they are annotated with."""

    def bare(*row: object) -> Any:
        return call(*row)

    parameters = [Parameter(f"a{i}", Parameter.POSITIONAL_ONLY) for i in range(arity)]
    bare.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  # typed as a plain function
    bare.__annotations__.clear()
    return bare
