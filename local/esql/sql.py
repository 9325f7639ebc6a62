"""The plan as one SQL statement. The only place that writes SQL, beside the templates of the function table.

Values of the query travel as bound parameters; identifiers are made by the plan (`c1`) or quoted in `identifier`.
A stage is a common table expression over the one before. Order is kept explicitly: every row carries its ordinals, and
SORT adds its keys before them, so equal rows stay in input order whatever DuckDB does in parallel.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from local.esql.functions.model import MISSING, Aggregate, Many, Python, Template
from local.esql.plan import (
    AllOf, Apply, Const, Expand, Expr, Extend, Extract, Extractor, Filter, Group, InlineGroup, Limit, Measure, OneRow, Origin,
    Plan, Ref, Scan, Sort,
)  # fmt: skip
from local.esql.storage import ORDINAL
from local.esql.types import DATES, Type

SQL_TYPES = {
    Type.NULL: "VARCHAR", Type.BOOLEAN: "BOOLEAN", Type.KEYWORD: "VARCHAR", Type.TEXT: "VARCHAR", Type.INTEGER: "INTEGER",
    Type.LONG: "BIGINT", Type.UNSIGNED_LONG: "UBIGINT", Type.DOUBLE: "DOUBLE", Type.DATE: "BIGINT", Type.DATE_NANOS: "BIGINT",
    Type.IP: "VARCHAR", Type.VERSION: "VARCHAR", Type.UNSUPPORTED: "VARCHAR", Type.DATE_PERIOD: "VARCHAR",
    Type.TIME_DURATION: "VARCHAR",
}  # fmt: skip
_BOUND = re.compile(r"\$(p\d+)\b")
_MULTI_VALUE = "java.lang.IllegalArgumentException: single-value function encountered multi-value"


@dataclass(frozen=True, slots=True)
class Warning_:
    """What to say when a call fails for a row; `{0}` in `cause` is the text of its first argument."""

    origin: Origin
    cause: str
    outcome: str = "null"


@dataclass(slots=True)
class Statement:
    """SQL, the values bound to it, and what it calls back."""

    sql: str = ""
    values: dict[str, object] = field(default_factory=dict)
    warnings: list[Warning_] = field(default_factory=list)
    extractors: list[Extractor] = field(default_factory=list)
    python: dict[str, Python] = field(default_factory=dict)


def identifier(name: str) -> str:
    """A quoted SQL identifier; the only place that quotes one."""
    return '"' + name.replace('"', '""') + '"'


def sql_type(type_: Type, *, is_many: bool = False) -> str:
    return SQL_TYPES[type_] + ("[]" if is_many else "")


def statement(plan: Plan, session: str) -> Statement:
    """The statement of a plan; `session` names the query in the callbacks."""
    return _Writer(session).statement(plan)


def constant_statement(expression: Expr, session: str) -> Statement:
    """The statement that works out an expression without columns."""
    writer = _Writer(session)
    sql = writer.expression(expression)
    return writer.finished(f"SELECT {sql}")


@dataclass(frozen=True, slots=True)
class _Site:
    """A call in the making: arguments are placeholders until it is known how often the template uses them."""

    writer: "_Writer"
    sql: tuple[str, ...]
    types: tuple[Type, ...]
    result: Type
    is_many: tuple[bool, ...]
    arguments: tuple[Expr, ...]
    options: Mapping[str, object]

    def constant(self, index: int) -> object:
        argument = self.arguments[index] if index < len(self.arguments) else None
        return argument.value if isinstance(argument, Const) else MISSING

    def option(self, name: str) -> object:
        return self.options.get(name)

    def bind(self, value: object) -> str:
        return self.writer.bind(value)

    def convert(self, index: int, to: Type) -> str:
        if self.types[index] is to:
            return self.sql[index]
        return f"{self.sql[index]}::{sql_type(to, is_many=self.is_many[index])}"


class _Writer:
    def __init__(self, session: str) -> None:
        self.made = Statement()
        self._session = session
        self._ordinals: list[str] = []
        self._order: list[str] = []
        self._is_in_order = True
        self._stages: list[str] = []
        self._twice: set[int] = set()
        self._names = 0

    # ---- stages

    def statement(self, plan: Plan) -> Statement:
        for stage in plan.stages:
            self._stages.append(self._stage(stage))
        columns = ", ".join(f"{output.column.column} AS o{i}" for i, output in enumerate(plan.outputs)) or "1"
        tables = ",\n".join(
            f"s{i} AS {'' if i in self._twice else 'NOT MATERIALIZED '}({sql})" for i, sql in enumerate(self._stages)
        )
        return self.finished(f"WITH {tables}\nSELECT {columns} FROM {self._last}{self._order_by()}")

    def finished(self, sql: str) -> Statement:
        """The statement; values of arguments that a template looked at but did not use are not sent."""
        used = set(_BOUND.findall(sql))
        self.made.sql = sql
        self.made.values = {name: value for name, value in self.made.values.items() if name in used}
        return self.made

    @property
    def _last(self) -> str:
        return f"s{len(self._stages) - 1}"

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _order_by(self) -> str:
        """Nothing where rows are in order by themselves: DuckDB keeps the order of insertion, and can stop early."""
        keys = [*self._order, *self._ordinals]
        return f" ORDER BY {', '.join(keys)}" if keys and not self._is_in_order else ""

    def _stage(self, stage: object) -> str:
        match stage:
            case Scan():
                return self._scan(stage)
            case OneRow():
                return "SELECT 1 AS one"
            case Extend():
                return self._extend(stage.columns)
            case Filter():
                return f"SELECT * FROM {self._last} WHERE {self.expression(stage.condition)}"
            case Expand():
                return self._expand(stage)
            case Extract():
                return self._extract(stage)
            case Group():
                return self._group(stage)
            case InlineGroup():
                return self._inline_group(stage)
            case Sort():
                return self._sort(stage)
            case Limit():
                return self._limit(stage)
            case _:
                raise TypeError(stage)

    def _scan(self, stage: Scan) -> str:
        ordinal = self._name("n")
        self._ordinals = [ordinal]
        columns = [
            f"{identifier(ORDINAL)} AS {ordinal}",
            *(f"{identifier(stored)} AS {column}" for stored, column in stage.columns),
        ]
        return f"SELECT {', '.join(columns)} FROM {stage.table}"

    def _extend(self, columns: Sequence[tuple[str, Expr]]) -> str:
        new = ", ".join(f"{self.expression(value)} AS {column}" for column, value in columns)
        return f"SELECT *, {new} FROM {self._last}"

    def _expand(self, stage: Expand) -> str:
        """One row a value; a row without values stays, with null."""
        values = _deduplicated(stage.source) if stage.is_distinct else stage.source
        place = self._name("n")
        self._ordinals.append(place)
        listed = f"coalesce({values}, [NULL])"
        return (
            f"SELECT *, unnest({listed}) AS {stage.column}, unnest(range(len({listed}))) AS {place} FROM {self._last}"
        )

    def _extract(self, stage: Extract) -> str:
        found = self._name("x")
        self.made.extractors.append(stage.extractor)
        number = len(self.made.extractors) - 1
        value = f"{self.expression(stage.value)}::VARCHAR{'[]' if stage.value.is_many else ''}"
        listed = value if stage.value.is_many else f"[{value}]"
        self._stages.append(
            f"SELECT *, es_extract('{self._session}', {number}, {listed}) AS {found} FROM {self._last}"
        )
        outputs = ", ".join(
            f"{_taken(f'{found}[{index + 1}]', type_, is_many=is_many)} AS {column}"
            for column, index, type_, is_many in stage.outputs
        )
        return f"SELECT *, {outputs} FROM {self._last}" if outputs else f"SELECT * FROM {self._last}"

    def _sort(self, stage: Sort) -> str:
        keys = [
            (column, self._sort_value(value, is_descending=d), d, first) for column, value, d, first in stage.keys
        ]
        self._is_in_order = False
        self._order = [
            f"{c} {'DESC' if d else 'ASC'} NULLS {'FIRST' if first else 'LAST'}" for c, _, d, first in keys
        ]
        return f"SELECT *, {', '.join(f'{value} AS {column}' for column, value, _, _ in keys)} FROM {self._last}"

    def _sort_value(self, value: Expr, *, is_descending: bool) -> str:
        sql = self.expression(value)
        return f"{'list_max' if is_descending else 'list_min'}({sql})" if value.is_many else sql

    def _limit(self, stage: Limit) -> str:
        if not stage.keys:
            limited = f"SELECT * FROM {self._last}{self._order_by()} LIMIT {stage.count}"
            self._is_in_order = True
            return limited
        self._is_in_order = False
        window = f"PARTITION BY {', '.join(stage.keys)}{self._order_by()}"
        return f"SELECT * FROM {self._last} QUALIFY row_number() OVER ({window}) <= {stage.count}"

    # ---- groups

    def _group(self, stage: Group) -> str:
        measures = [f"{self._measure(measure)} AS {measure.column}" for measure in stage.measures]
        ordinals = [(self._name("n"), old) for old in self._ordinals] if stage.keys else []
        self._order, self._ordinals, self._is_in_order = [], [new for new, _ in ordinals], False
        columns = [*stage.keys, *measures, *(f"min({old}) AS {new}" for new, old in ordinals)]
        grouped = f" GROUP BY {', '.join(stage.keys)}" if stage.keys else ""
        return f"SELECT {', '.join(columns) or '1 AS one'} FROM {self._last}{grouped}"

    def _inline_group(self, stage: InlineGroup) -> str:
        """Each row beside the measures of its group; null keys are a group. A row with several keys has no group."""
        rows = len(self._stages) - 1
        self._is_in_order = False
        self._twice.add(rows)
        keys = [(column, self._name("k"), is_many) for column, is_many in stage.keys]
        for column, key, is_many in keys:
            value = f"unnest(coalesce({_deduplicated(column)}, [NULL]))" if is_many else column
            self._stages.append(f"SELECT *, {value} AS {key} FROM {self._last}")
        measures = [f"{self._measure(measure)} AS {measure.column}" for measure in stage.measures]
        names = [key for _, key, _ in keys]
        grouped = f" GROUP BY {', '.join(names)}" if names else ""
        self._stages.append(f"SELECT {', '.join([*names, *measures])} FROM {self._last}{grouped}")
        groups = self._last
        single = {
            column: f"(CASE WHEN len(l.{column}) = 1 THEN l.{column}[1] END)" if many else f"l.{column}"
            for column, _, many in keys
        }
        matched = " AND ".join(f"{single[column]} IS NOT DISTINCT FROM r.{key}" for column, key, _ in keys) or "TRUE"
        joined = "".join(f", r.{measure.column}" for measure in stage.measures)
        return f"SELECT l.*{joined} FROM s{rows} l LEFT JOIN {groups} r ON {matched}"

    def _measure(self, measure: Measure) -> str:
        if measure.type is Type.NULL:
            return "NULL::VARCHAR"
        is_many = tuple(argument.is_many for argument in measure.arguments)
        arguments = tuple("NULL::INTEGER" if a.type is Type.NULL else self.expression(a) for a in measure.arguments)
        types = tuple(argument.type for argument in measure.arguments)
        site = _Site(self, arguments, types, measure.type, is_many, measure.arguments, {})
        aggregate = measure.aggregate
        sql = _rendered(aggregate.many if is_many[0] else aggregate.sql, site)
        condition = self.expression(measure.filter) if measure.filter is not None else ""
        sql = sql.replace("{filter}", f" FILTER (WHERE {condition})" if condition else "")
        sql = sql.replace("{and_filter}", f" AND ({condition})" if condition else "")
        if aggregate.failure:
            sql = f"coalesce({sql}, {self._overflow(aggregate, measure, sql, arguments)})"
        return f"({sql})::{sql_type(measure.type, is_many=aggregate.gives_list)}"

    def _overflow(self, aggregate: Aggregate, measure: Measure, sql: str, arguments: Sequence[str]) -> str:
        """A warning where there was something to add up and no sum came of it."""
        warning = self._warn(Warning_(measure.origin, aggregate.failure or ""), measure.type, is_many=False)
        return f"CASE WHEN count({arguments[0]}) > 0 AND ({sql}) IS NULL THEN {warning} END"

    # ---- expressions

    def bind(self, value: object) -> str:
        name = f"p{len(self.made.values) + 1}"
        self.made.values[name] = value
        return f"${name}"

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
            case None:
                return f"CAST(NULL AS {type_})"
            case bool():
                return str(node.value).upper()
            case int() if node.type is not Type.DOUBLE:
                return f"CAST({node.value} AS {type_})"
            case tuple():
                return f"CAST({self.bind(list(node.value))} AS {type_})"
            case int() | float() | str():
                return f"CAST({self.bind(float(node.value) if node.type is Type.DOUBLE else node.value)} AS {type_})"
            case _:
                return f"CAST(NULL AS {type_})"

    def _apply(self, node: Apply) -> str:
        row = node.function
        for python in row.python:
            self.made.python[python.name] = python
        if row.many is Many.EACH and node.arguments[0].is_many:
            return self._each(node)
        arguments = [self._argument(node, index) for index in range(len(node.arguments))]
        return self._call(node, arguments, tuple(a.type for a in node.arguments))

    def _each(self, node: Apply) -> str:
        """The function over every value of a list; values that fail are left out, and no value is null."""
        first, *rest = node.arguments
        variable, other = self._name("v"), self._name("v")
        arguments = [variable, *(self.expression(argument) for argument in rest)]
        body = self._call(node, arguments, tuple(a.type for a in node.arguments))
        each = f"list_transform({self.expression(first)}, lambda {variable}: {body})"
        return f"nullif(list_filter({each}, lambda {other}: {other} IS NOT NULL), [])"

    def _call(self, node: Apply, arguments: Sequence[str], types: tuple[Type, ...]) -> str:
        """A template filled in. An argument that is used more than once is calculated once."""
        marks = tuple(f"\1{index}\2" for index in range(len(arguments)))
        many = tuple(argument.is_many for argument in node.arguments)
        site = _Site(self, marks, types, node.type, many, node.arguments, node.options)
        body = _rendered(node.function.sql, site)
        if node.function.failure is not None:
            body = self._with_failure(node, body, site)
        body = _typed(node, body)
        for mark, argument in zip(marks, arguments, strict=True):
            if body.count(mark) <= 1 or _is_simple(argument):
                body = body.replace(mark, argument)
            else:
                variable = self._name("v")
                body = f"list_transform([{argument}], lambda {variable}: {body.replace(mark, variable)})[1]"
        return body

    def _with_failure(self, node: Apply, body: str, site: _Site) -> str:
        failure = node.function.failure
        cause = failure(site) if callable(failure) else failure or ""
        present = " AND ".join(f"{mark} IS NOT NULL" for mark in site.sql) or "TRUE"
        shown = f"{site.sql[0]}::VARCHAR" if "{0}" in cause and site.sql else "NULL"
        warning = self._warn(Warning_(node.origin, cause), node.type, is_many=_result_is_list(node), shown=shown)
        return f"coalesce({body}, CASE WHEN {present} THEN {warning} END)"

    def _warn(self, warning: Warning_, type_: Type, *, is_many: bool, shown: str = "NULL") -> str:
        self.made.warnings.append(warning)
        number = len(self.made.warnings) - 1
        return f"es_warn('{self._session}', {number}, {shown})::{sql_type(type_, is_many=is_many)}"

    def _argument(self, node: Apply, index: int) -> str:
        """An argument in the shape the function takes: one value, all values as a list, or as it comes."""
        argument = node.arguments[index]
        row = node.function
        sql = self._converted(node, argument)
        if row.many is Many.ANY_ARGUMENT:
            return self._branch(node, index, sql)
        if row.name in ("is null", "is not null"):
            return sql
        if row.parameters[min(index, len(row.parameters) - 1)].takes_list:
            return sql if argument.is_many else _as_list(sql)
        return self._single(node, argument, sql)

    def _converted(self, node: Apply, argument: Expr) -> str:
        """Dates of both kinds meet in nanoseconds; null takes the type of its neighbours."""
        if argument.type is Type.NULL:
            return (
                f"NULL::{sql_type(next((a.type for a in node.arguments if a.type is not Type.NULL), Type.NULL))}"
                if node.function.is_unified
                else self.expression(argument)
            )
        sql = self.expression(argument)
        mixed = node.function.is_unified and {Type.DATE, Type.DATE_NANOS} <= {a.type for a in node.arguments}
        return f"({sql} * 1000000)" if mixed and argument.type is Type.DATE and argument.type in DATES else sql

    def _branch(self, node: Apply, index: int, sql: str) -> str:
        """CASE and COALESCE: conditions are single, values take the type and shape of the result."""
        argument = node.arguments[index]
        is_condition = node.function.name == "case" and index % 2 == 0 and index < len(node.arguments) - 1
        if is_condition:
            return self._single(node, argument, sql, outcome="false")
        typed = f"{sql}::{sql_type(node.type, is_many=argument.is_many)}"
        return _as_list(typed) if node.is_many and not argument.is_many else typed

    def _single(self, node: Apply, argument: Expr, sql: str, outcome: str = "null") -> str:
        if not argument.is_many:
            return sql
        variable = sql if _is_simple(sql) else self._name("v")
        warning = self._warn(Warning_(node.origin, _MULTI_VALUE, outcome), argument.type, is_many=False)
        guarded = f"CASE WHEN len({variable}) = 1 THEN {variable}[1] WHEN len({variable}) > 1 THEN {warning} END"
        return guarded if variable == sql else f"list_transform([{sql}], lambda {variable}: {guarded})[1]"


def _rendered(template: Template, site: _Site) -> str:
    if callable(template):
        return _filled(template(site), site)
    return _filled(template, site)


def _filled(template: str, site: _Site) -> str:
    for index, sql in enumerate(site.sql):
        template = template.replace(f"{{{index}}}", sql)
    return template


def _typed(node: Apply, body: str) -> str:
    """Results have exactly the type the analysis gave them, so that stages can rely on it."""
    return (
        f"({body})::{sql_type(node.type, is_many=_result_is_list(node))}" if node.type is not Type.BOOLEAN else body
    )


def _result_is_list(node: Apply) -> bool:
    return node.is_many and node.function.many is not Many.EACH


def _is_simple(sql: str) -> bool:
    return sql.isidentifier()


def _as_list(sql: str) -> str:
    return f"nullif([{sql}], [NULL])"


def _deduplicated(column: str) -> str:
    return f"list_filter({column}, lambda v, i: list_position({column}, v) = i)"


def _taken(found: str, type_: Type, *, is_many: bool) -> str:
    """What an extractor found, converted to the type of its field; what does not convert is null."""
    converted = (
        f"list_transform({found}, lambda v: TRY_CAST(v AS {sql_type(type_)}))" if type_ is not Type.KEYWORD else found
    )
    return converted if is_many else f"{converted}[1]"
