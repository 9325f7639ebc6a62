"""The plan as one SQL statement. Only this file, `sql_expressions` and the function table's templates write SQL.

A stage is a common table expression over the one before. Order is kept explicitly: every row carries its ordinals,
and SORT adds its keys before them, so that equal rows stay in input order whatever DuckDB does in parallel.
"""

# ruff: noqa: S608  # SQL is what this room writes: identifiers are ours or quoted, values are bound

from collections.abc import Sequence
from functools import singledispatchmethod

from local.esql.catalog import Brought
from local.esql.plan import (
    AllOf,
    Apply,
    Const,
    Expand,
    Expr,
    Extend,
    Extract,
    Filter,
    Group,
    InlineGroup,
    Limit,
    Measure,
    OneRow,
    Plan,
    Ref,
    Scan,
    Sort,
    Stage,
)
from local.esql.pruning import expressions_in
from local.esql.sql_expressions import (
    ExpressionWriter,
    Failure,
    Statement,
    deduplicated,
    rendered,
    sql_type,
)
from local.esql.sql_sources import scanned
from local.esql.types import Type

_LARGEST_INLINED = 10_000


def statement(plan: Plan, session: str, sources: Sequence[Brought] = ()) -> Statement:
    """The statement of a plan over the rows of its scan; `session` names the query in the callbacks."""
    return _Writer(session, sources).statement(plan)


class _Writer(ExpressionWriter):
    """Writes the stages one after the other.

    `_columns` are those of the last stage, `_live` those that are read after the next one; `_order` and `_ordinals`
    are what the rows are ordered by so far. `_keeps_order`: DuckDB does; a database of no tables need not.
    """

    def __init__(self, session: str, sources: Sequence[Brought]) -> None:
        super().__init__(session)
        self._sources = sources
        self._stages: list[str] = []
        self._materialized: set[int] = set()
        self._sizes: dict[str, int] = {}
        self._columns: list[str] = []
        self._live: frozenset[str] = frozenset()
        self._order: list[tuple[str, str]] = []
        self._ordinals: list[str] = []
        self._is_in_order = self._keeps_order = True

    def statement(self, plan: Plan) -> Statement:
        for stage, live in zip(plan.stages, plan.live, strict=True):
            self._live = live
            self._hold_back(stage)
            self._stages.append(self._stage(stage))
        columns = ", ".join(f"{output.column.column} AS o{i}" for i, output in enumerate(plan.outputs)) or "1"
        tables = ",\n".join(
            f"s{i} AS {'MATERIALIZED' if i in self._materialized else 'NOT MATERIALIZED'} ({sql})"
            for i, sql in enumerate(self._stages)
        )
        return self.finished(f"WITH {tables}\nSELECT {columns} FROM {self._last}{self._order_by()}")

    def _hold_back(self, stage: Stage) -> None:
        """DuckDB puts what a column is made from in its place, also where it is read twice, and again in that.

        Before that grows without end the stage before is worked out by itself.
        """
        if max(map(self._size, expressions_in(stage)), default=0) > _LARGEST_INLINED:
            self._materialized.add(len(self._stages) - 1)
            self._sizes = {}
        if isinstance(stage, Extend):
            self._sizes |= {column: self._size(value) for column, value in stage.columns}

    def _size(self, value: Expr) -> int:
        """Of an expression with all that it is made from in place of its columns."""
        match value:
            case Ref():
                return self._sizes.get(value.column, 1)
            case Const():
                return 1
            case Apply():
                return 1 + sum(map(self._size, value.arguments))
            case AllOf():
                return 1 + sum(map(self._size, value.operands))

    @property
    def _last(self) -> str:
        return f"s{len(self._stages) - 1}"

    def _order_by(self) -> str:
        """Nothing where rows are in order by themselves: DuckDB keeps the order of insertion, and can stop early."""
        keys = self._order_keys()
        return f" ORDER BY {', '.join(keys)}" if keys and not self._is_in_order else ""

    def _order_keys(self) -> list[str]:
        return [*(f"{column} {direction}" for column, direction in self._order), *self._ordinals]

    def _selected(self, *new: tuple[str, str]) -> str:
        """`SELECT` of what is there and still read, and of new (SQL, column)."""
        kept = self._kept()
        self._columns = [*kept, *(column for _, column in new)]
        chosen = [*kept, *(f"{sql} AS {column}" for sql, column in new)]
        return f"SELECT {', '.join(chosen) or '1 AS one'} FROM {self._last}"

    def _kept(self) -> list[str]:
        order = {*self._ordinals, *(column for column, _ in self._order)}
        return [column for column in self._columns if column in self._live or column in order]

    # ---- stages

    @singledispatchmethod
    def _stage(self, stage: Stage) -> str:
        raise TypeError(stage)

    @_stage.register
    def _(self, stage: Scan) -> str:
        ordinal = self.new_name("n")
        self._ordinals, self._columns = [ordinal], [ordinal, *(ref.column for _, ref in stage.columns)]
        self._is_in_order = self._keeps_order = all(source.is_in_order for source in self._sources)
        return scanned(self, self._sources, ordinal, stage.columns)

    @_stage.register
    def _(self, _: OneRow) -> str:
        return "SELECT 1 AS one"

    @_stage.register
    def _(self, stage: Extend) -> str:
        return self._selected(*((self.expression(value), column) for column, value in stage.columns))

    @_stage.register
    def _(self, stage: Filter) -> str:
        condition = self.expression(stage.condition)
        return f"{self._selected()} WHERE {condition}"

    @_stage.register
    def _(self, stage: Expand) -> str:
        """A row without values stays, with null."""
        source = stage.source.column
        if not stage.source.is_many:
            return self._selected((source, stage.column))
        values = deduplicated(source) if stage.is_distinct else source
        place = self.new_name("n")
        self._ordinals.append(place)
        listed = f"coalesce({values}, [NULL])"
        return self._selected((f"unnest({listed})", stage.column), (f"unnest(range(len({listed})))", place))

    @_stage.register
    def _(self, stage: Extract) -> str:
        found = self.new_name("x")
        self.made.extractors.append(stage.extractor)
        number = len(self.made.extractors) - 1
        value = f"{self.expression(stage.value)}::{sql_type(Type.KEYWORD, is_many=stage.value.is_many)}"
        listed = value if stage.value.is_many else f"[{value}]"
        call = f"es_extract('{self.session}', {number}, {listed})"
        self._stages.append(f"SELECT *, {call} AS {found} FROM {self._last}")
        return self._selected(
            *(
                (_taken(f"{found}[{index + 1}]", type_, is_many=is_many), column)
                for column, index, type_, is_many in stage.outputs
            )
        )

    @_stage.register
    def _(self, stage: Sort) -> str:
        keys = [(self._sort_key(value, is_descending=d), column) for column, value, d, _ in stage.keys]
        self._order = [
            (column, f"{'DESC' if is_descending else 'ASC'} NULLS {'FIRST' if nulls_first else 'LAST'}")
            for column, _, is_descending, nulls_first in stage.keys
        ]
        self._is_in_order = False
        return self._selected(*keys)

    def _sort_key(self, value: Expr, *, is_descending: bool) -> str:
        sql = self.expression(value)
        return f"{'list_max' if is_descending else 'list_min'}({sql})" if value.is_many else sql

    @_stage.register
    def _(self, stage: Limit) -> str:
        selected = self._selected()
        if stage.keys:
            window = f"PARTITION BY {', '.join(stage.keys)} ORDER BY {', '.join(self._order_keys()) or '1'}"
            self._is_in_order = False
            return f"{selected} QUALIFY row_number() OVER ({window}) <= {stage.count}"
        limited = f"{selected}{self._order_by()} LIMIT {stage.count}"
        self._is_in_order = self._keeps_order
        return limited

    # ---- groups

    @_stage.register
    def _(self, stage: Group) -> str:
        """Groups stand in the order of their first rows."""
        columns = [*stage.keys, *self._measures(stage.measures)]
        self._columns = [*stage.keys, *(measure.column for measure in stage.measures)]
        before, self._ordinals = self._ordinals, [self.new_name("n")] if stage.keys and self._ordinals else []
        for ordinal in self._ordinals:
            first = before[0] if len(before) == 1 else f"row({', '.join(before)})"
            columns.append(f"min({first}) AS {ordinal}")
            self._columns.append(ordinal)
        self._order, self._is_in_order = [], False
        return f"SELECT {', '.join(columns) or '1 AS one'} FROM {self._last}{_group_by(stage.keys)}"

    @_stage.register
    def _(self, stage: InlineGroup) -> str:
        """The rows are numbered, so that the results of several groups find back to one row."""
        rows, row = len(self._stages), self.new_name("n")
        self._materialized.add(rows)
        self._is_in_order = False
        self._stages.append(f"SELECT *, row_number() OVER () AS {row} FROM {self._last}")
        self._add_keys(stage)
        keyed = self._last
        keys = [key.group for key in stage.keys]
        columns = ", ".join([*keys, *self._measures(stage.measures)]) or "1 AS one"
        self._stages.append(f"SELECT {columns} FROM {keyed}{_group_by(keys)}")
        if stage.calculated:
            new = ", ".join(f"{self.expression(value)} AS {column}" for column, value in stage.calculated)
            self._stages.append(f"SELECT *, {new} FROM {self._last}")
        kept, results = self._kept(), [column for column, _ in stage.results]
        self._columns = [*kept, *results]
        chosen = ", ".join([*(f"l.{column}" for column in kept), *(f"r.{column}" for column in results)])
        if any(key.is_many for key in stage.keys):
            self._materialized.add(int(keyed[1:]))
            self._stages.append(self._gathered(stage, keyed, row))
            return f"SELECT {chosen} FROM s{rows} l LEFT JOIN {self._last} r ON l.{row} = r.{row}"
        matched = " AND ".join(f"l.{k.row} IS NOT DISTINCT FROM r.{k.group}" for k in stage.keys) or "TRUE"
        return f"SELECT {chosen} FROM s{rows} l LEFT JOIN {self._last} r ON {matched}"

    def _add_keys(self, stage: InlineGroup) -> None:
        """A row for each of its keys."""
        for key in stage.keys:
            if key.is_many:
                values = f"unnest(coalesce({deduplicated(key.row)}, [NULL]))"
                self._stages.append(f"SELECT *, {values} AS {key.group} FROM {self._last}")

    def _gathered(self, stage: InlineGroup, keyed: str, row: str) -> str:
        """For each row the results of all its groups."""
        matched = " AND ".join(f"k.{key.group} IS NOT DISTINCT FROM g.{key.group}" for key in stage.keys)
        order = ", ".join(f"g.{key.group}" for key in stage.keys)
        lists = "".join(f", {_all_values(f'g.{c}', order, is_many=is_many)} AS {c}" for c, is_many in stage.results)
        return f"SELECT k.{row}{lists} FROM {keyed} k JOIN {self._last} g ON {matched} GROUP BY k.{row}"

    def _measures(self, measures: Sequence[Measure]) -> list[str]:
        return [f"{self._measure(measure)} AS {measure.column}" for measure in measures]

    def _measure(self, measure: Measure) -> str:
        if measure.type is Type.NULL:
            return f"NULL::{sql_type(Type.NULL, is_many=measure.aggregate.gives_list)}"
        aggregate = measure.aggregate
        arguments = [
            "NULL::INTEGER" if argument.type is Type.NULL else self.expression(argument)
            for argument in measure.arguments
        ]
        site = self.site(measure.arguments, arguments, measure.type, {})
        sql = rendered(aggregate.many if measure.arguments[0].is_many else aggregate.sql, site)
        condition = self.expression(measure.filter) if measure.filter is not None else ""
        where = f" FILTER (WHERE {condition})" if condition else ""
        sql = sql.replace("{filter}", where)
        sql = sql.replace("{and_filter}", f" AND ({condition})" if condition else "")
        if aggregate.failure:
            warning = self.warning(Failure(measure.origin, aggregate.failure), sql_type(measure.type))
            counted = f"count({arguments[0]}){where}"
            sql = f"coalesce({sql}, CASE WHEN {counted} > 0 AND ({sql}) IS NULL THEN {warning} END)"
        return f"({sql})::{sql_type(measure.type, is_many=aggregate.is_many(of_lists=measure.arguments[0].is_many))}"


def _group_by(keys: Sequence[str]) -> str:
    return f" GROUP BY {', '.join(keys)}" if keys else ""


def _all_values(sql: str, order: str, *, is_many: bool) -> str:
    listed = f"list({sql} ORDER BY {order}) FILTER (WHERE {sql} IS NOT NULL)"
    return f"flatten({listed})" if is_many else listed


def _taken(found: str, type_: Type, *, is_many: bool) -> str:
    """What an extractor found, converted to the type of its field; what does not convert is null."""
    if type_ is not Type.KEYWORD:
        found = f"list_transform({found}, lambda v: TRY_CAST(v AS {sql_type(type_)}))"
    return found if is_many else f"{found}[1]"
