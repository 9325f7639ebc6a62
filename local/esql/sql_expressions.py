"""Expressions of the plan as SQL.

A call is a template of the function table filled in with its arguments. What an argument may be decides its shape:
one value (several make it null, with a warning), all values as a list, or as it comes.
"""

# SQL is what this room writes: identifiers are ours or quoted, values are bound

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local.esql.functions.model import MISSING, Many, Python, Template, parameter_at
from local.esql.plan import AllOf, Apply, Const, Expr, Extractor, Origin, Ref
from local.esql.types import SPANS, Type
from local.java_double import java_double

if TYPE_CHECKING:  # slow to load, and a statement over a copy of its logs reads no table
    import pyarrow as pa

SQL_TYPES = dict.fromkeys(Type, "VARCHAR") | {
    Type.BOOLEAN: "BOOLEAN",
    Type.INTEGER: "INTEGER",
    Type.LONG: "BIGINT",
    Type.UNSIGNED_LONG: "UBIGINT",
    Type.DOUBLE: "DOUBLE",
    Type.DATE: "BIGINT",
    Type.DATE_NANOS: "BIGINT",
}
_BOUND = re.compile(r"\$(p\d+)\b")
_SHOWN = re.compile(r"\{(\d|why)\}")
_MULTI_VALUE = "java.lang.IllegalArgumentException: single-value function encountered multi-value"
_NANOS_IN_MILLI = 1_000_000
DOUBLE_TEXT = Python("es_double_text", ("DOUBLE",), "VARCHAR", java_double)


@dataclass(frozen=True, slots=True)
class Failure:
    """What to say when a call fails for a row; `{0}` in `cause` is the text of an argument."""

    origin: Origin
    cause: str
    outcome: str = "null"


@dataclass(slots=True)
class Statement:
    """SQL, the values bound to it, the tables it reads, and what it calls back."""

    sql: str = ""
    values: dict[str, object] = field(default_factory=dict)
    tables: dict[str, pa.Table] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    extractors: list[Extractor] = field(default_factory=list)
    python: dict[str, Python] = field(default_factory=dict)


def identifier(name: str) -> str:
    """A quoted SQL identifier; the only place that quotes one."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(type_: Type, *, is_many: bool = False) -> str:
    return SQL_TYPES[type_] + ("[]" if is_many else "")


def constant_statement(expression: Expr, session: str) -> Statement:
    """The statement that works out an expression without columns."""
    writer = ExpressionWriter(session)
    return writer.finished(f"SELECT {writer.expression(expression)}")


@dataclass(frozen=True, slots=True)
class _Site:
    """A call in the making: `sql` are placeholders until it is known how often the template uses them."""

    writer: ExpressionWriter
    sql: tuple[str, ...]
    types: tuple[Type, ...]
    result: Type
    is_many: tuple[bool, ...]
    arguments: tuple[Expr, ...]
    options: Mapping[str, object]

    def constant(self, index: int) -> object:
        argument = self.arguments[index] if index < len(self.arguments) else None
        return argument.value if isinstance(argument, Const) else MISSING

    def has(self, index: int) -> bool:
        return index < len(self.sql)

    def option(self, name: str) -> object:
        return self.options.get(name)

    def bind(self, value: object) -> str:
        return self.writer.bind(value)

    def list_of(self, index: int, type_: Type) -> str:
        return f"TRY_CAST({self.sql[index]} AS {sql_type(type_, is_many=True)})"


class ExpressionWriter:
    """Writes expressions, and keeps what their statement binds and calls back; `session` names the query there."""

    def __init__(self, session: str) -> None:
        self.made = Statement()
        self.session = session
        self._names = 0

    def new_name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def finished(self, sql: str) -> Statement:
        """The statement; values of arguments that a template looked at but did not use are not sent."""
        used = set(_BOUND.findall(sql))
        self.made.sql = sql
        self.made.values = {name: value for name, value in self.made.values.items() if name in used}
        return self.made

    def bind(self, value: object) -> str:
        name = f"p{len(self.made.values) + 1}"
        self.made.values[name] = value
        return f"${name}"

    def table(self, rows: pa.Table) -> str:
        """The name under which the statement reads a table."""
        name = f"t{len(self.made.tables)}"
        self.made.tables[name] = rows
        return name

    def expression(self, node: Expr) -> str:
        match node:
            case Ref():
                return node.column
            case Const():
                return self._constant(node)
            case AllOf():
                word = " OR " if node.is_any else " AND "
                return "(" + word.join(self._condition(operand) for operand in node.operands) + ")"
            case Apply():
                return self._apply(node)

    def _condition(self, operand: Expr) -> str:
        return self.expression(operand) if operand.type is Type.BOOLEAN else "NULL::BOOLEAN"

    def _constant(self, node: Const) -> str:
        type_ = sql_type(node.type, is_many=node.is_many)
        match node.value:
            case bool():
                return str(node.value).upper()
            case int() | float() if node.type is Type.DOUBLE:
                return f"CAST({self.bind(float(node.value))} AS {type_})"
            case int():
                return f"CAST({node.value} AS {type_})"
            case str():
                return f"CAST({self.bind(node.value)} AS {type_})"
            case tuple():
                return f"CAST({self.bind(list(node.value))} AS {type_})"
            case _:
                return f"CAST(NULL AS {type_})"

    # ---- calls

    def _apply(self, node: Apply) -> str:
        for python in (*node.function.python, DOUBLE_TEXT):
            self.made.python[python.name] = python
        if node.function.many is Many.EACH and node.arguments[0].is_many:
            return self._each(node)
        return self._call(node, [self._argument(node, index) for index in range(len(node.arguments))])

    def _each(self, node: Apply) -> str:
        """The function over every value of a list; values that fail are left out, and no value is null."""
        first, *rest = node.arguments
        variable, kept = self.new_name("v"), self.new_name("v")
        body = self._call(node, [variable, *(self.expression(argument) for argument in rest)])
        each = f"list_transform({self.expression(first)}, lambda {variable}: {body})"
        return f"nullif(list_filter({each}, lambda {kept}: {kept} IS NOT NULL), [])"

    def _call(self, node: Apply, arguments: Sequence[str]) -> str:
        """A template filled in. An argument that is used more than once is calculated once."""
        marks = tuple(f"\1{index}\2" for index in range(len(arguments)))
        site = self.site(node.arguments, marks, node.type, node.options)
        body = rendered(node.function.sql, site)
        if node.function.failure is not None:
            body = self._with_failure(node, body, site)
        for python in dict.fromkeys((*node.function.python, DOUBLE_TEXT)):
            body = body.replace(f"{python.name}(", f"{python.name}('{self.session}', ")
        if node.type is not Type.BOOLEAN:
            body = f"CAST({body} AS {sql_type(node.type, is_many=_result_is_list(node))})"
        for mark, argument in zip(marks, arguments, strict=True):
            if body.count(mark) <= 1 or _is_simple(argument):
                body = body.replace(mark, argument)
            else:
                variable = self.new_name("v")
                body = f"list_transform([{argument}], lambda {variable}: {body.replace(mark, variable)})[1]"
        return body

    def site(
        self, arguments: Sequence[Expr], sql: Sequence[str], result: Type, options: Mapping[str, object]
    ) -> _Site:
        types = tuple(argument.type for argument in arguments)
        is_many = tuple(argument.is_many for argument in arguments)
        return _Site(self, tuple(sql), types, result, is_many, tuple(arguments), options)

    def _with_failure(self, node: Apply, body: str, site: _Site) -> str:
        """Null although no argument is null: that is a failure, and a warning."""
        failure = node.function.failure
        cause = failure(site) if callable(failure) else failure or ""
        values = [mark for mark, type_ in zip(site.sql, site.types, strict=True) if type_ not in SPANS]
        why = "" if node.function.why is None else rendered(node.function.why, site)
        present = " AND ".join(f"({value}) IS NOT NULL" for value in (*values, *([why] if why else []))) or "TRUE"
        shown = [why if place == "why" else _shown(site, int(place)) for place in _SHOWN.findall(cause)]
        warning = self.warning(Failure(node.origin, cause), sql_type(node.type, is_many=_result_is_list(node)), shown)
        return f"coalesce({body}, CASE WHEN {present} THEN {warning} END)"

    def warning(self, failure: Failure, type_: str, shown: Sequence[str] = ()) -> str:
        """SQL that is null, and notes a failure where it is evaluated."""
        self.made.failures.append(failure)
        number = len(self.made.failures) - 1
        return f"es_warn('{self.session}', {number}, [{', '.join(shown)}]::VARCHAR[])::{type_}"

    # ---- arguments

    def _argument(self, node: Apply, index: int) -> str:
        argument, row = node.arguments[index], node.function
        sql = self._converted(node, index)
        if row.many is Many.ANY_ARGUMENT:
            return self._branch(node, index, sql)
        if row.takes_anything:
            return sql
        if parameter_at(row, index).takes_list:
            return sql if argument.is_many else as_list(sql)
        return self._single(node, argument, sql)

    def _converted(self, node: Apply, index: int) -> str:
        """Dates of both kinds meet in nanoseconds; null takes the type of its neighbours, or what is wanted."""
        argument, row = node.arguments[index], node.function
        types = {other.type for other in node.arguments}
        if argument.type is Type.NULL:
            wanted = sorted((types - {Type.NULL}) if row.is_unified else parameter_at(row, index).types, key=str)
            return f"NULL::{sql_type(wanted[0] if wanted else Type.NULL)}"
        sql = self.expression(argument)
        if not row.is_unified or argument.type is not Type.DATE or Type.DATE_NANOS not in types:
            return sql
        scaled = f"v * {_NANOS_IN_MILLI}"
        return f"list_transform({sql}, lambda v: {scaled})" if argument.is_many else f"({sql} * {_NANOS_IN_MILLI})"

    def _branch(self, node: Apply, index: int, sql: str) -> str:
        """CASE and COALESCE: conditions are single, values take the type and shape of the result."""
        argument = node.arguments[index]
        is_condition = node.function.name == "case" and index % 2 == 0 and index < len(node.arguments) - 1
        if is_condition:
            return self._single(node, argument, sql, outcome="false")
        typed = f"TRY_CAST({sql} AS {sql_type(node.type, is_many=argument.is_many)})"
        return as_list(typed) if node.is_many and not argument.is_many else typed

    def _single(self, node: Apply, argument: Expr, sql: str, outcome: str = "null") -> str:
        if not argument.is_many:
            return sql
        variable = sql if _is_simple(sql) else self.new_name("v")
        warning = self.warning(Failure(node.origin, _MULTI_VALUE, outcome), sql_type(argument.type))
        guarded = f"CASE WHEN len({variable}) = 1 THEN {variable}[1] WHEN len({variable}) > 1 THEN {warning} END"
        return guarded if variable == sql else f"list_transform([{sql}], lambda {variable}: {guarded})[1]"


def rendered(template: Template, site: _Site) -> str:
    sql = template(site) if callable(template) else template
    for index, argument in enumerate(site.sql):
        sql = sql.replace(f"{{{index}}}", argument)
    return sql


def _shown(site: _Site, index: int) -> str:
    """The text of an argument, a double as Java prints it."""
    return (
        f"{DOUBLE_TEXT.name}({site.sql[index]})"
        if site.types[index] is Type.DOUBLE
        else f"{site.sql[index]}::VARCHAR"
    )


def _result_is_list(node: Apply) -> bool:
    return node.is_many and node.function.many is not Many.EACH


def _is_simple(sql: str) -> bool:
    return sql.isidentifier()


def as_list(sql: str) -> str:
    return f"nullif([{sql}], [NULL])"


def deduplicated(column: str) -> str:
    """The values of a list column, each where it first stands."""
    return f"list_filter({column}, lambda v, i: list_position({column}, v) = i)"
