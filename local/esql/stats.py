"""STATS and INLINE STATS: what is grouped, what is measured, and what is calculated from both."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from local.esql import casts, tree
from local.esql.functions.model import Aggregate
from local.esql.plan import Apply, Const, Expand, Expr, Extend, Group, InlineGroup, Measure, Ref, Stage
from local.esql.resolver import Resolver
from local.esql.scope import Column, Scope
from local.esql.types import Type


@dataclass(frozen=True, slots=True)
class Grouping:
    """What STATS becomes: stages, the columns after it, and the warnings about names given twice."""

    stages: tuple[Stage, ...]
    scope: Scope
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Keys:
    """The BY half: columns to group by, and the stages that make them."""

    columns: list[Column] = field(default_factory=list)
    computed: list[tuple[str, Expr]] = field(default_factory=list)
    expanded: list[Expand] = field(default_factory=list)
    inputs: list[tuple[str, bool]] = field(default_factory=list)


class _MeasureResolver(Resolver):
    """Resolves aggregates: inside one, names are those of the rows; around it, those of the groups."""

    def __init__(self, inner: Resolver, keys: Scope, new_column: Callable[[], str]) -> None:
        super().__init__(inner.source, keys, inner._now_ms, inner._fold, inner.problems)
        self.measures: list[Measure] = []
        self._inner = inner
        self._keys = keys
        self._new_column = new_column
        self.filter: Expr | None = None

    def _name(self, node: tree.Name) -> Expr | None:
        if self._keys.find(node.name) is None and self._inner.scope.find(node.name) is not None:
            self.complain(
                node.span, f"column [{node.name}] must appear in the STATS BY clause or be used in an aggregate function"
            )  # fmt: skip
            return None
        return super()._name(node)

    def measure(self, node: tree.Call, row: Aggregate) -> Expr | None:
        arguments = [self._argument(argument) for argument in node.arguments]
        known = [argument for argument in arguments if argument is not None]
        if len(known) < len(arguments):
            return None
        aligned = self._inner._aligned(row.name, row.parameters, node.span, known)
        message = casts.complaint(self._inner, row, node.span, node.arguments, aligned)
        if message:
            self.complain(node.span, message)
            return None
        return self._measured(node, row, self._inner._with_constants(row.parameters, aligned))

    def _argument(self, node: tree.Expression) -> Expr | None:
        if isinstance(node, tree.Star):
            return Const(value=True, type=Type.BOOLEAN)
        return self._inner.resolve(node)

    def _measured(self, node: tree.Call, row: Aggregate, arguments: Sequence[Expr]) -> Expr:
        arguments = arguments or (Const(value=True, type=Type.BOOLEAN),)
        types = [argument.type for argument in arguments]
        result = row.result if isinstance(row.result, Type) else row.result(types)
        column = self._new_column()
        self.measures.append(Measure(column, row, tuple(arguments), result, self.origin(node.span), self.filter))
        return Ref(column, result, row.gives_list)


class _InnerResolver(Resolver):
    """Inside an aggregate there can be no other one."""

    outer = ""

    def measure(self, node: tree.Call, row: Aggregate) -> Expr | None:
        self.complain(
            node.span, f"nested aggregations [{self.text(node.span)}] not allowed inside other aggregations"
        )
        return None


def grouping(command: tree.Stats, resolver: Resolver, new_column: Callable[[], str]) -> Grouping:
    """The plan of STATS ... BY ..."""
    keys = _keys(command.groups, resolver, new_column)
    key_scope = Scope().extended(keys.columns)
    inner = _InnerResolver(resolver.source, resolver.scope, resolver._now_ms, resolver._fold, resolver.problems)
    outer = _MeasureResolver(inner, key_scope, new_column)
    results: list[Column] = []
    calculated: list[tuple[str, Expr]] = []
    for aggregate in command.aggregates:
        column = _result(aggregate, outer, inner, calculated, new_column)
        if column is not None:
            results.append(column)
    names = [_name(f, resolver) for f in (*command.aggregates, *command.groups)]
    return Grouping(
        _stages(command, keys, outer.measures, calculated),
        _scope_after(command, resolver.scope, results, keys),
        _shadowed(command, names, resolver),
    )


def _name(given: tree.Field, resolver: Resolver) -> str:
    """The name given, else that of a plain column, else the source text."""
    if given.name is not None:
        return given.name
    if isinstance(given.value, tree.Name):
        return given.value.name
    return resolver.text(given.span if given.filter else given.value.span)


def _keys(groups: Sequence[tree.Field], resolver: Resolver, new_column: Callable[[], str]) -> _Keys:
    keys = _Keys()
    names = [_name(group, resolver) for group in groups]
    for index, group in enumerate(groups):
        if names[index] in names[index + 1 :]:
            continue
        value = resolver.resolve(group.value)
        if value is None:
            continue
        name = names[index]
        ref = value if isinstance(value, Ref) else Ref(new_column(), value.type, value.is_many)
        if not isinstance(value, Ref):
            keys.computed.append((ref.column, value))
        keys.inputs.append((ref.column, ref.is_many))
        if ref.is_many:
            single = Ref(new_column(), ref.type, is_many=False)
            keys.expanded.append(Expand(ref.column, single.column, is_distinct=True))
            ref = single
        resolver = resolver.within(resolver.scope.extended([Column(name, ref)])) if group.name else resolver
        keys.columns.append(Column(name, Ref(ref.column, ref.type, is_many=False)))
    return keys


def _result(
    aggregate: tree.Field, outer: _MeasureResolver, inner: Resolver, calculated: list[tuple[str, Expr]], new_column: Callable[[], str]
) -> Column | None:  # fmt: skip
    outer.filter = _filter(aggregate, inner)
    before = len(outer.measures)
    value = outer.resolve(aggregate.value)
    if value is None:
        return None
    name = _name(aggregate, outer)
    if len(outer.measures) == before and not isinstance(value, Apply | Const | Ref):
        outer.complain(aggregate.span, f"expected an aggregate function but found [{name}]")
    if isinstance(value, Ref):
        return Column(name, value)
    column = new_column()
    calculated.append((column, value))
    return Column(name, Ref(column, value.type, value.is_many))


def _filter(aggregate: tree.Field, inner: Resolver) -> Expr | None:
    if aggregate.filter is None:
        return None
    condition = inner.resolve(aggregate.filter)
    if condition is not None and condition.type not in (Type.BOOLEAN, Type.NULL):
        inner.complain(
            aggregate.filter.span, f"Condition expression needs to be boolean, found [{condition.type.name}]"
        )
    return condition


def _stages(
    command: tree.Stats, keys: _Keys, measures: Sequence[Measure], calculated: Sequence[tuple[str, Expr]]
) -> tuple[Stage, ...]:  # fmt: skip
    stages: list[Stage] = [Extend(tuple(keys.computed))] if keys.computed else []
    if command.is_inline:
        stages.append(InlineGroup(tuple(keys.inputs), tuple(measures)))
    else:
        stages += [*keys.expanded, Group(tuple(dict.fromkeys(c.ref.column for c in keys.columns)), tuple(measures))]
    if calculated:
        stages.append(Extend(tuple(calculated)))
    return tuple(stages)


def _scope_after(command: tree.Stats, before: Scope, results: Sequence[Column], keys: _Keys) -> Scope:
    """Measures first, then keys; a key wins over a measure of the same name, a later name over an earlier one."""
    if not command.is_inline:
        return Scope().extended([*results, *keys.columns])
    columns = [
        Column(column.name, Ref(source, column.ref.type, is_many))
        for column, (source, is_many) in zip(keys.columns, keys.inputs, strict=True)
    ]
    return before.extended([*results, *columns])


def _shadowed(command: tree.Stats, names: Sequence[str], resolver: Resolver) -> tuple[str, ...]:
    fields = (*command.aggregates, *command.groups)
    warnings: list[str] = []
    for index, name in enumerate(names):
        later = [f for f, other in zip(fields[index + 1 :], names[index + 1 :], strict=True) if other == name]
        if later:
            here = resolver.source.position(fields[index].span.start)
            there = resolver.source.position(later[-1].span.start)
            warnings.append(
                f"Line {here[0]}:{here[1]}: Field '{name}' shadowed by field at line {there[0]}:{there[1]}"
            )
    return tuple(warnings)
