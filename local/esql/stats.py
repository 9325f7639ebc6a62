"""STATS and INLINE STATS: what is grouped, what is measured, and what is calculated from both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from local.esql import casts, tree
from local.esql.functions import measures
from local.esql.plan import Const, Expand, Expr, Extend, Group, InlineGroup, Key, Measure, Ref, Stage
from local.esql.resolver import Resolver
from local.esql.scope import Column, Scope
from local.esql.types import Type

NewColumn = Callable[[], str]
_ANY_ROW = Const(value=True, type=Type.BOOLEAN)  # what COUNT(*) counts


@dataclass(frozen=True, slots=True)
class Grouping:
    """What STATS becomes: stages, the columns after it, and the warnings about names given twice."""

    stages: tuple[Stage, ...]
    scope: Scope
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _NamedKey:
    """One key of BY: `row` is its column before grouping (maybe with several values), `group` after it."""

    name: str
    row: Ref
    group: Ref
    computed: Expr | None

    @property
    def key(self) -> Key:
        return Key(self.row.column, self.group.column, self.row.is_many)


class _InsideAggregate(Resolver):
    """Inside an aggregate there can be no other one."""

    def measure(self, node: tree.Call) -> Expr | None:
        text = self.text(node.span)
        self.complain(node.span, f"nested aggregations [{text}] not allowed inside other aggregations")
        return None


class _AroundAggregates(Resolver):
    """Resolves aggregates: inside one, names are those of the rows; around it, those of the groups."""

    def __init__(self, inside: Resolver, keys: Scope, new_column: NewColumn) -> None:
        super().__init__(inside.source, keys, inside.now_ms, inside.fold, inside.problems)
        self.measures: list[Measure] = []
        self.filter: Expr | None = None
        self._inside = inside
        self._new_column = new_column

    def name(self, node: tree.Name) -> Expr | None:
        if self.scope.find(node.name) is None and self._inside.scope.find(node.name) is not None:
            wrong = f"column [{node.name}] must appear in the STATS BY clause or be used in an aggregate function"
            self.complain(node.span, wrong)
            return None
        return super().name(node)

    def measure(self, node: tree.Call) -> Expr | None:
        row = measures()[node.function.lower()]
        arguments = [_ANY_ROW if isinstance(a, tree.Star) else self._inside.resolve(a) for a in node.arguments]
        known = [argument for argument in arguments if argument is not None]
        if len(known) < len(arguments):
            return None
        aligned = self.aligned(row.name, row.parameters, node.span, known)
        wrong = casts.complaint(self, row, node.span, node.arguments, aligned)
        if wrong:
            self.complain(node.span, wrong)
            return None
        taken = tuple(self._inside.with_constants(row.parameters, aligned)) or (_ANY_ROW,)
        result = row.result if isinstance(row.result, Type) else row.result([a.type for a in taken])
        column = self._new_column()
        self.measures.append(Measure(column, row, taken, result, self.origin(node.span), self.filter))
        return Ref(column, result, row.gives_list)


def grouping(command: tree.Stats, resolver: Resolver, new_column: NewColumn) -> Grouping:
    """The plan of STATS ... BY ..."""
    keys = _keys(command.groups, resolver, new_column)
    rows = resolver.scope.extended(Column(key.name, key.row) for key in keys)
    inside = _InsideAggregate(resolver.source, rows, resolver.now_ms, resolver.fold, resolver.problems)
    around = _AroundAggregates(inside, Scope(tuple(Column(key.name, key.group) for key in keys)), new_column)
    results: list[Column] = []
    calculated: list[tuple[str, Expr]] = []
    for aggregate in command.aggregates:
        value = _result(aggregate, around, inside)
        if value is None:
            continue
        if not isinstance(value, Ref):
            calculated.append((new_column(), value))
            value = Ref(calculated[-1][0], value.type, value.is_many)
        results.append(Column(_name(aggregate, resolver), value))
    make = _inline if command.is_inline else _grouped
    stages, scope = make(resolver.scope, keys, results, around.measures, calculated)
    computed = tuple((key.row.column, key.computed) for key in keys if key.computed is not None)
    before = (Extend(computed),) if computed else ()
    return Grouping((*before, *stages), scope, _shadowed(command, resolver))


def _grouped(
    _: Scope,
    keys: Sequence[_NamedKey],
    results: Sequence[Column],
    found: Sequence[Measure],
    calculated: Sequence[tuple[str, Expr]],
) -> tuple[list[Stage], Scope]:
    """STATS: measures first, then keys; nothing else is left."""
    stages: list[Stage] = [Expand(key.row, key.group.column, is_distinct=True) for key in keys if key.row.is_many]
    stages.append(Group(tuple(dict.fromkeys(key.group.column for key in keys)), tuple(found)))
    if calculated:
        stages.append(Extend(tuple(calculated)))
    return stages, Scope().extended([*results, *(Column(key.name, key.group) for key in keys)])


def _inline(
    before: Scope,
    keys: Sequence[_NamedKey],
    results: Sequence[Column],
    found: Sequence[Measure],
    calculated: Sequence[tuple[str, Expr]],
) -> tuple[list[Stage], Scope]:
    """INLINE STATS: everything stays; a row with several keys gets the results of all its groups."""
    is_many = any(key.row.is_many for key in keys)
    wanted = tuple(dict.fromkeys((c.ref.column, c.ref.is_many) for c in results))
    stage = InlineGroup(tuple(key.key for key in keys), tuple(found), tuple(calculated), wanted)
    columns = [Column(c.name, Ref(c.ref.column, c.ref.type, c.ref.is_many or is_many)) for c in results]
    return [stage], before.extended([*columns, *(Column(key.name, key.row) for key in keys)])


def _name(given: tree.Field, resolver: Resolver) -> str:
    """The name given, else that of a plain column, else the source text."""
    if given.name is not None:
        return given.name
    if isinstance(given.value, tree.Name):
        return given.value.name
    return resolver.text(given.span if given.filter else given.value.span)


def _keys(groups: Sequence[tree.Field], resolver: Resolver, new_column: NewColumn) -> list[_NamedKey]:
    """The keys of BY; of two with one name the last counts."""
    names = [_name(group, resolver) for group in groups]
    keys: list[_NamedKey] = []
    for index, group in enumerate(groups):
        value = resolver.resolve(group.value)
        if value is None or names[index] in names[index + 1 :]:
            continue
        row = value if isinstance(value, Ref) else Ref(new_column(), value.type, value.is_many)
        single = Ref(new_column(), row.type, is_many=False) if row.is_many else row
        keys.append(_NamedKey(names[index], row, single, None if isinstance(value, Ref) else value))
    return keys


def _result(aggregate: tree.Field, around: _AroundAggregates, inside: Resolver) -> Expr | None:
    around.filter = _filter(aggregate, inside)
    value = around.resolve(aggregate.value)
    if isinstance(value, Const):
        around.complain(
            aggregate.span, f"expected an aggregate function but found [{around.text(aggregate.value.span)}]"
        )
        return None
    return value


def _filter(aggregate: tree.Field, inside: Resolver) -> Expr | None:
    if aggregate.filter is None:
        return None
    condition = inside.resolve(aggregate.filter)
    if condition is not None and condition.type not in (Type.BOOLEAN, Type.NULL):
        wrong = f"Condition expression needs to be boolean, found [{condition.type.name}]"
        inside.complain(aggregate.filter.span, wrong)
    return condition


def _shadowed(command: tree.Stats, resolver: Resolver) -> tuple[str, ...]:
    """A warning for each name that a later one takes the place of."""
    fields = (*command.aggregates, *command.groups)
    names = [_name(given, resolver) for given in fields]
    last = dict(zip(names, fields, strict=True))
    warnings: list[str] = []
    for name, given in zip(names, fields, strict=True):
        if last[name] is not given:
            line, column = resolver.source.position(given.span.start)
            place = ":".join(map(str, resolver.source.position(last[name].span.start)))
            warnings.append(f"Line {line}:{column}: Field '{name}' shadowed by field at line {place}")
    return tuple(warnings)
