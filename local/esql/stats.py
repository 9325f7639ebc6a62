"""STATS and INLINE STATS: what is grouped, what is measured, and what is calculated from both."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from local.esql import tree
from local.esql.buckets import bucket
from local.esql.errors import VerificationError
from local.esql.functions import measures
from local.esql.plan import Const, Expand, Expr, Extend, Group, InlineGroup, Key, Measure, Ref, Stage
from local.esql.resolver import ANY_ROW, Resolver
from local.esql.scope import NULL, Column, Scope
from local.esql.types import Type

NewColumn = Callable[[], str]


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
    field: tree.Field

    @property
    def shape(self) -> tuple[object, ...]:
        return tree.shape(self.field.value)

    @property
    def span(self) -> tree.Span:
        return self.field.span

    @property
    def has_alias(self) -> bool:
        return self.field.name is not None

    @property
    def names(self) -> frozenset[str]:
        """The columns it is made of."""
        return frozenset(_names(self.shape))

    @property
    def key(self) -> Key:
        return Key(self.row.column, self.group.column, self.row.is_many)


class _InsideBy(Resolver):
    """What rows are grouped by: no aggregates, and one BUCKET around all of it."""

    def measure(self, node: tree.Call) -> Expr | None:
        self.misplaced(node.span, f"cannot use an aggregate [{self.text(node.span)}] for grouping")
        return NULL

    def grouping(self, node: tree.Call) -> Expr | None:
        return bucket(_InsideBucket(self, node), node)


class _InsideBucket(_InsideBy):
    def __init__(self, around: Resolver, outer: tree.Call) -> None:
        super().__init__(around.source, around.scope, around.now_ms, around.fold, around.complaints)
        self._outer = outer

    def grouping(self, node: tree.Call) -> Expr | None:
        found, outer = self.text(node.span), self.text(self._outer.span)
        self.misplaced(node.span, f"cannot nest grouping functions; found [{found}] inside [{outer}]")
        return super().grouping(node)


class _InsideAggregate(Resolver):
    """Inside an aggregate, `outer`, there can be no other one; nor in its WHERE, then `filtered` is all of it."""

    def __init__(self, around: Resolver, rows: Scope, keys: Sequence["_NamedKey"]) -> None:
        super().__init__(around.source, rows, around.now_ms, around.fold, around.complaints)
        self.outer: tree.Span | None = None
        self.filtered: tree.Span | None = None
        self._rows = {key.shape: key.row for key in keys}
        self._parts = frozenset(part for key in keys for part in _parts(key.shape))

    def measure(self, node: tree.Call) -> Expr | None:
        text = self.text(node.span)
        if self.filtered is not None:
            whole = self.text(self.filtered)
            self.misplaced(node.span, f"cannot use aggregate function [{text}] in aggregate WHERE clause [{whole}]")
        elif self.outer is not None:
            outer = self.text(self.outer)
            self.misplaced(node.span, f"nested aggregations [{text}] not allowed inside other aggregations [{outer}]")
        found = self.measured(measures()[node.function.lower()], node, [self.argument(a) for a in node.arguments])
        return None if found is None else Const(None, found[1])

    def argument(self, node: tree.Expression) -> Expr | None:
        return ANY_ROW if isinstance(node, tree.Star) else self.resolve(node)

    def grouping(self, node: tree.Call) -> Expr | None:
        """It is a key, or a part of one."""
        shape = tree.shape(node)
        if shape not in self._parts:
            _only_in_by(self, node)
            return NULL
        return self._rows.get(shape) or bucket(self, node)


def _only_in_by(resolver: Resolver, node: tree.Call) -> None:
    text = resolver.text(node.span)
    resolver.misplaced(node.span, f"can only use grouping function [{text}] as part of the BY clause")


class _AroundAggregates(Resolver):
    """Resolves aggregates: inside one, names are those of the rows; around it, those of the groups."""

    def __init__(self, inside: _InsideAggregate, keys: Sequence["_NamedKey"], new_column: NewColumn) -> None:
        scope = Scope(tuple(Column(key.name, key.group) for key in keys))
        super().__init__(inside.source, scope, inside.now_ms, inside.fold, inside.complaints)
        self.measures: list[Measure] = []
        self.filter: Expr | None = None
        self._inside = inside
        self._keys = keys
        self._groups = {key.shape: key.group for key in keys}
        self._new_column = new_column

    @property
    def rows(self) -> Scope:
        return self._inside.scope

    def resolve(self, node: tree.Expression) -> Expr | None:
        """A part that says the same as a key is that key."""
        if isinstance(node, tree.Name | tree.Literal):
            return super().resolve(node)
        known = self._groups.get(tree.shape(node))
        return super().resolve(node) if known is None else known

    def is_key(self, node: tree.Expression) -> bool:
        if isinstance(node, tree.Name) and self.scope.find(node.name):
            return True
        return tree.shape(node) in self._groups

    def grouping(self, node: tree.Call) -> Expr | None:
        _only_in_by(self, node)
        return NULL

    def name(self, node: tree.Name) -> Expr | None:
        if self.scope.find(node.name) is not None or self._inside.scope.find(node.name) is None:
            return super().name(node)
        key = next((key for key in self._keys if key.has_alias and node.name in key.names), None)
        if key is None:
            wrong = f"column [{node.name}] must appear in the STATS BY clause or be used in an aggregate function"
        else:
            declared = f"declared in the STATS BY grouping key [{self.text(key.span)}]"
            wrong = f"column [{node.name}] cannot be used as an aggregate once {declared}"
        self.misplaced(node.span, wrong)
        column = self._inside.scope.find(node.name)
        return None if column is None else Const(None, column.ref.type)

    def measure(self, node: tree.Call) -> Expr | None:
        row = measures()[node.function.lower()]
        self._inside.outer = node.span
        found = self._inside.measured(row, node, [self._inside.argument(argument) for argument in node.arguments])
        if found is None:
            return None
        taken, result = found
        column = self._new_column()
        self.measures.append(Measure(column, row, taken, result, self.origin(node.span), self.filter))
        return Ref(column, result, row.is_many(of_lists=taken[0].is_many))


def grouping(command: tree.Stats, resolver: Resolver, new_column: NewColumn) -> Grouping:
    """The plan of STATS ... BY ..."""
    _refuse_bare_keys(command, resolver)
    keys = _keys(command.groups, resolver, new_column)
    rows = resolver.scope.extended(Column(key.name, key.row) for key in keys)
    inside = _InsideAggregate(resolver, rows, keys)
    around = _AroundAggregates(inside, keys, new_column)
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


def _refuse_bare_keys(command: tree.Stats, resolver: Resolver) -> None:
    """Keys are columns of the answer anyway, and what they are made of is not; source: `LogicalPlanBuilder.stats`."""
    keys = {_name(group, resolver) for group in command.groups}
    used = {name for group in command.groups for name in _names(tree.shape(group.value))}
    for aggregate in command.aggregates:
        node = aggregate.value
        if aggregate.filter is not None or not isinstance(node, tree.Name):
            continue
        if node.name in keys:
            message = f"grouping key [{node.name}] already specified in the STATS BY clause"
        elif node.name in used:
            message = f"Cannot specify grouping expression [{node.name}] as an aggregate"
        else:
            continue
        raise VerificationError([resolver.source.problem(node.span.start, message)])


def _grouped(
    _: Scope,
    keys: Sequence[_NamedKey],
    results: Sequence[Column],
    found: Sequence[Measure],
    calculated: Sequence[tuple[str, Expr]],
) -> tuple[list[Stage], Scope]:
    """STATS: measures first, then keys; nothing else is left."""
    many = dict.fromkeys((key.row, key.group.column) for key in keys if key.row.is_many)
    stages: list[Stage] = [Expand(row, column, is_distinct=True) for row, column in many]
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
    stage = InlineGroup(tuple(dict.fromkeys(key.key for key in keys)), tuple(found), tuple(calculated), wanted)
    columns = [Column(c.name, Ref(c.ref.column, c.ref.type, c.ref.is_many or is_many)) for c in results]
    return [stage], before.extended([*columns, *(Column(key.name, key.row) for key in keys)])


def _name(given: tree.Field, resolver: Resolver) -> str:
    """The name given, else that of a plain column, else the source text."""
    if given.name is not None:
        return given.name
    if isinstance(given.value, tree.Name):
        return given.value.name
    return resolver.text(given.span if given.filter else given.value.span)


def _names(shape: Iterable[object]) -> Iterator[str]:
    match shape:
        case ("name", str() as name):
            yield name
        case _:
            for part in shape:
                if isinstance(part, tuple):
                    yield from _names(part)


def _parts(shape: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
    """A shape and all that it is made of."""
    yield shape
    for part in shape:
        if isinstance(part, tuple):
            yield from _parts(part)


def _keys(groups: Sequence[tree.Field], resolver: Resolver, new_column: NewColumn) -> list[_NamedKey]:
    """The keys of BY; of two with one name the last counts."""
    names = [_name(group, resolver) for group in groups]
    by = _InsideBy(resolver.source, resolver.scope, resolver.now_ms, resolver.fold, resolver.complaints)
    keys: list[_NamedKey] = []
    singles: dict[str, Ref] = {}
    for index, group in enumerate(groups):
        value = by.resolve(group.value)
        if value is None or names[index] in names[index + 1 :]:
            continue
        row = value if isinstance(value, Ref) else Ref(new_column(), value.type, value.is_many)
        single = row
        if row.is_many:
            single = singles.setdefault(row.column, Ref(new_column(), row.type, is_many=False))
        keys.append(_NamedKey(names[index], row, single, None if isinstance(value, Ref) else value, group))
    return keys


def _result(aggregate: tree.Field, around: _AroundAggregates, inside: _InsideAggregate) -> Expr | None:
    """An aggregate, or what is calculated from some."""
    around.filter = _filter(aggregate, inside)
    before = len(around.measures)
    value = around.resolve(aggregate.value)
    _check(aggregate, around, has_measures=len(around.measures) > before, is_constant=isinstance(value, Const))
    return value


def _check(aggregate: tree.Field, around: _AroundAggregates, *, has_measures: bool, is_constant: bool) -> None:
    """Objects to what has no aggregate in it; source: `Aggregate.postAnalysisVerification`."""
    node = aggregate.value
    text = around.text(node.span)
    if aggregate.filter is not None and not has_measures:
        whole = around.text(tree.Span(node.span.start, aggregate.span.end))
        none = f"WHERE clause allowed only for aggregate functions, none found in [{whole}]"
        around.misplaced(node.span, none)
    elif isinstance(node, tree.Call) and node.function.lower() in ("bucket", "bin") and around.is_key(node):
        once = "cannot be used as an aggregate once declared in the STATS BY clause"
        around.misplaced(node.span, f"grouping function [{text}] {once}")
    elif around.is_key(node):
        around.misplaced(node.span, f"grouping key [{text}] already specified in the STATS BY clause")
    elif is_constant and not has_measures and not around.complaints.unfit:
        around.misplaced(node.span, f"expected an aggregate function but found [{text}]")


def _filter(aggregate: tree.Field, inside: _InsideAggregate) -> Expr | None:
    if aggregate.filter is None:
        return None
    inside.filtered = tree.Span(aggregate.value.span.start, aggregate.span.end)
    condition = inside.resolve(aggregate.filter)
    inside.filtered = None
    if condition is not None and condition.type not in (Type.BOOLEAN, Type.NULL):
        wrong = f"Condition expression needs to be boolean, found [{condition.type.name}]"
        inside.misplaced(aggregate.filter.span, wrong)
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
