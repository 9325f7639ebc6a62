"""The pipe: commands to stages of the plan, with the columns in sight after each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from local.esql import tree
from local.esql.catalog import Relation
from local.esql.dissect import DissectPattern
from local.esql.errors import Complaints, Problem, VerificationError
from local.esql.grok import GrokPattern
from local.esql.lexer import Source
from local.esql.plan import (
    Const,
    Expand,
    Expr,
    Extend,
    Extract,
    Extractor,
    Filter,
    Limit,
    OneRow,
    Output,
    Plan,
    Ref,
    Scan,
    Sort,
    Stage,
)
from local.esql.pruning import columns_of
from local.esql.resolver import Fold, Resolver
from local.esql.scope import Column, Scope, unknown
from local.esql.stats import grouping
from local.esql.types import SPANS, STRINGS, Type, literal_type

DEFAULT_LIMIT, MAX_LIMIT = 1_000, 10_000
_SHOWN_CHARACTERS = 110  # of a command that a message quotes


Narrowing = Callable[[Mapping[str, Column]], Expr]
"""Makes of the fields of a FROM the condition under which a query sees a row."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a query is analyzed against: what FROM reads, which rows of it are seen, and the time."""

    relation: Relation
    narrowing: Narrowing | None
    now_ms: int


def analyze(query: tree.Query, source: Source, around: Surroundings, fold: Fold) -> Plan:
    """The typed plan of a query.

    Raises:
        VerificationError: names or types do not fit; all problems of the first command that has any.
        UnsupportedError: a function or pattern that only Elasticsearch has.
    """
    return _Analysis(source, around, fold).run(query)


class _Analysis:
    def __init__(self, source: Source, around: Surroundings, fold: Fold) -> None:
        self._source = source
        self._around = around
        self._fold = fold
        self._scope = Scope()
        self._stages: list[Stage] = []
        self._warnings: list[str] = []
        self._found = Complaints()  # of the command at hand
        self._unfit: list[Problem] = []  # of all so far, those of the last command first
        self._numbers = count(1)

    def run(self, query: tree.Query) -> Plan:
        for number, command in enumerate(query.commands):
            self._found = Complaints()
            if isinstance(command, tree.Stats) and command.is_inline:
                self._check_no_limit_before(command, query.commands[:number])
            self._add(command)
            if self._found.unresolved:
                # What follows would only repeat it: Elasticsearch stops at the first command that does not resolve.
                raise VerificationError(self._found.unresolved)
            self._unfit = [*self._found.unfit, *self._unfit]
        if self._unfit:
            raise VerificationError(self._unfit)
        self._add_final_limit(query)
        outputs = tuple(Output(c.name, c.ref.type, c.ref) for c in self._scope.columns)
        return Plan(tuple(self._stages), outputs, tuple(self._warnings))

    def _check_no_limit_before(self, inline: tree.Stats, earlier: Sequence[tree.Command]) -> None:
        """INLINE STATS may follow LIMIT BY, but no LIMIT; source: `Verifier.checkLimitBeforeInlineStats`."""
        limits = [command for command in earlier if isinstance(command, tree.Limit) and not command.groups]
        if not limits:
            return
        limit = limits[-1]
        place = "@{}:{}".format(*self._source.position(limit.span.start))
        message = (
            "INLINE STATS cannot be used after an explicit or implicit LIMIT command, "
            f"but was [{self._quoted(inline)}] after [{self._quoted(limit)}] [{place}]"
        )
        self._object(inline.span, message)

    def _quoted(self, command: tree.Command) -> str:
        text = self._source.text[command.span.start : command.span.end]
        return text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "..."

    def _add_final_limit(self, query: tree.Query) -> None:
        is_limited = any(isinstance(command, tree.Limit) for command in query.commands)
        if not is_limited:
            self._warnings.insert(0, f"No limit defined, adding default limit of [{DEFAULT_LIMIT}]")
        self._stages.append(Limit(MAX_LIMIT if is_limited else DEFAULT_LIMIT))

    # ---- small parts

    def _new_column(self) -> str:
        return f"c{next(self._numbers)}"

    def _resolver(self) -> Resolver:
        return Resolver(self._source, self._scope, self._around.now_ms, self._fold, self._found)

    def _complain(self, span: tree.Span, message: str) -> None:
        self._found.unresolved.append(self._source.problem(span.start, message))

    def _object(self, span: tree.Span, message: str) -> None:
        self._found.unfit.append(self._source.problem(span.start, message))

    def _unknown_column(self, pattern: tree.NamePattern) -> None:
        self._complain(pattern.span, unknown("column", pattern.name, (c.name for c in self._scope.columns)))

    def _usable(self, pattern: tree.NamePattern) -> Column | None:
        column = self._scope.find(pattern.name)
        if column is None:
            self._unknown_column(pattern)
        elif column.conflict:
            self._complain(pattern.span, column.conflict)
            return None
        return column

    # ---- commands

    def _add(self, command: tree.Command) -> None:
        match command:
            case tree.From():
                self._add_from(self._around.relation)
            case tree.Row() | tree.Eval():
                self._add_fields(command)
            case tree.Stats():
                self._add_stats(command)
            case tree.Dissect() | tree.Grok():
                self._add_extract(command)
            case tree.Keep() | tree.Drop() | tree.Rename():
                self._project(command)
            case _:
                self._add_rows(command)

    def _add_rows(self, command: tree.Where | tree.Sort | tree.Limit | tree.MvExpand) -> None:
        match command:
            case tree.Where():
                self._add_where(command)
            case tree.Sort():
                self._add_sort(command)
            case tree.Limit():
                self._add_limit(command)
            case tree.MvExpand():
                self._add_expand(command)

    def _add_stats(self, command: tree.Stats) -> None:
        found = grouping(command, self._resolver(), self._new_column)
        self._stages.extend(found.stages)
        self._warnings.extend(found.warnings)
        self._scope = found.scope

    def _add_from(self, relation: Relation) -> None:
        self._scope = Scope(tuple(relation.columns))
        self._numbers = count(len(relation.columns) + 1)
        fields = zip(relation.fields.values(), relation.columns, strict=True)
        columns = [(field.stored, ref) for field, column in fields for ref in column.refs]
        self._stages.append(Scan(tuple((stored, ref) for stored, ref in columns if stored is not None)))
        missing = tuple((ref.column, Const(None, ref.type)) for stored, ref in columns if stored is None)
        if missing:
            self._stages.append(Extend(missing))
        if self._around.narrowing:
            self._stages.append(Filter(self._around.narrowing({c.name: c for c in relation.columns})))

    def _add_fields(self, command: tree.Row | tree.Eval) -> None:
        """EVAL and ROW: each field sees those before it, so a stage may end between two."""
        if isinstance(command, tree.Row):
            self._stages.append(OneRow())
        pending: list[tuple[str, Expr]] = []
        made: set[str] = set()
        for field in command.fields:
            value = self._resolver().resolve(field.value)
            if value is None:
                continue
            if value.type in SPANS:
                self._object_to_span(command, field, value.type)
                continue
            name = field.name if field.name is not None else _source_name(field, self._source)
            constant = self._resolver().constant_part(value)
            if isinstance(value, Ref):
                # One more name of a column: grouping by both is grouping by one.
                self._scope = self._scope.extended([Column(name, value, constant=constant)])
                continue
            if made & columns_of(value):
                self._stages.append(Extend(tuple(pending)))
                pending, made = [], set()
            ref = Ref(self._new_column(), value.type, value.is_many)
            pending.append((ref.column, value))
            made.add(ref.column)
            self._scope = self._scope.extended([Column(name, ref, constant=constant)])
        if pending:
            self._stages.append(Extend(tuple(pending)))

    def _object_to_span(self, command: tree.Row | tree.Eval, field: tree.Field, type_: Type) -> None:
        text = self._source.text[field.value.span.start : field.value.span.end]
        if isinstance(command, tree.Row):
            self._object(field.value.span, f"cannot use [{text}] directly in a row assignment")
        else:
            kind = f"type [{type_.label}] as the return data type of expression [{text}]"
            self._object(field.span, f"EVAL does not support {kind}")

    def _add_where(self, command: tree.Where) -> None:
        resolver = self._resolver()
        condition = resolver.resolve(command.condition)
        if condition is None:
            return
        if condition.type not in (Type.BOOLEAN, Type.NULL):
            message = f"Condition expression needs to be boolean, found [{condition.type.name}]"
            self._object(command.condition.span, message)
        self._stages.append(Filter(resolver.single(condition, resolver.origin(command.condition.span))))

    def _add_sort(self, command: tree.Sort) -> None:
        keys: list[tuple[str, Expr, bool, bool]] = []
        for order in command.orders:
            value = self._resolver().resolve(order.value)
            if value is not None:
                keys.append((self._new_column(), value, order.is_descending, order.nulls_first))
        self._stages.append(Sort(tuple(keys)))

    def _add_limit(self, command: tree.Limit) -> None:
        value = command.count.value if isinstance(command.count, tree.Literal) else None
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            text = self._source.text
            whole = text[command.span.start : command.count.span.end]
            given, type_ = text[command.count.span.start : command.count.span.end], literal_type(value)
            message = f"value of [{whole}] must be a non negative integer, found value [{given}] type [{type_.value}]"
            raise self._source.error(command.span.start, message)
        keys: list[str] = []
        for group in command.groups:
            found = self._resolver().resolve(group.value)
            if found is not None:
                column = self._new_column()
                self._stages.append(Extend(((column, found),)))
                keys.append(column)
        self._stages.append(Limit(value, tuple(keys)))

    def _add_extract(self, command: tree.Dissect | tree.Grok) -> None:
        """DISSECT and GROK: new columns, several values where the input or the pattern has several."""
        extractor = _extractor(self._source, command)
        resolver = self._resolver()
        value = resolver.resolve(command.value)
        if value is None:
            return
        if value.type not in STRINGS | {Type.NULL}:
            kind, text = type(command).__name__, resolver.text(command.value.span)
            message = (
                f"{kind} only supports KEYWORD or TEXT values, found expression [{text}] type [{value.type.name}]"
            )
            self._object(command.value.span, message)
        refs = [
            (name, Ref(self._new_column(), type_, value.is_many or extractor.is_repeated(name)))
            for name, type_ in zip(extractor.fields, extractor.types, strict=True)
        ]
        outputs = tuple((ref.column, index, ref.type, ref.is_many) for index, (_, ref) in enumerate(refs))
        self._stages.append(Extract(value, extractor, outputs))
        self._scope = self._scope.extended(Column(name, ref) for name, ref in refs)

    def _add_expand(self, command: tree.MvExpand) -> None:
        column = self._usable(command.name)
        if column is None:
            return
        single = Ref(self._new_column(), column.ref.type, is_many=False)
        self._stages.append(Expand(column.ref, single.column, is_distinct=False))
        self._scope = self._scope.replaced(column.name, single)

    def _project(self, command: tree.Keep | tree.Drop | tree.Rename) -> None:
        match command:
            case tree.Keep():
                self._check_patterns(command.patterns)
                self._scope = self._scope.kept(command.patterns)
            case tree.Drop():
                self._check_patterns(command.patterns)
                self._scope = self._scope.dropped(command.patterns)
            case tree.Rename():
                gone: dict[str, str] = {}
                for old, new in command.pairs:
                    self._rename(old, new, gone)
                    gone[old.name] = new.name
                    gone.pop(new.name, None)

    def _check_patterns(self, patterns: Sequence[tree.NamePattern]) -> None:
        for pattern in patterns:
            if self._scope.matching(pattern) or pattern.name == "*":
                continue
            if pattern.is_pattern:
                self._complain(pattern.span, f"No matches found for pattern [{pattern.name}]")
            else:
                self._unknown_column(pattern)

    def _rename(self, old: tree.NamePattern, new: tree.NamePattern, gone: Mapping[str, str]) -> None:
        """`gone`: the names that the same command took away, and what became of them."""
        for pattern in (old, new):
            if pattern.is_pattern:
                text = f"Using wildcards [*] in RENAME is not allowed [{old.name} AS {new.name}]"
                raise self._source.error(pattern.span.start, text)
        if old.name in gone and self._scope.find(old.name) is None:
            text = self._source.text[old.span.start : new.span.end]
            message = f"Column [{old.name}] renamed to [{gone[old.name]}] and is no longer available [{text}]"
            self._complain(old.span, message)
        elif self._usable(old) is not None:
            self._scope = self._scope.renamed(old.name, new.name)


def _extractor(source: Source, command: tree.Dissect | tree.Grok) -> Extractor:
    if isinstance(command, tree.Dissect):
        return DissectPattern.parse(source, command)
    return GrokPattern.parse(source, command)


def _source_name(field: tree.Field, source: Source) -> str:
    if isinstance(field.value, tree.Name):
        return field.value.name
    return source.text[field.value.span.start : field.value.span.end]
