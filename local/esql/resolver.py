"""Expressions: names to columns, calls to rows of the function table, and the type of everything."""

from collections.abc import Callable, Sequence

from local.esql import casts, spans, tree
from local.esql.buckets import bucket
from local.esql.errors import Complaints, UnsupportedError
from local.esql.functions import UNSUPPORTED, measures, scalars
from local.esql.functions.conversions import OF_TYPE
from local.esql.functions.model import MISSING, Aggregate, Function, Many, Parameter
from local.esql.lexer import Source
from local.esql.lucene import BeyondRe2Error, LikeError, LuceneError, re2_of_like, re2_of_lucene
from local.esql.plan import AllOf, Apply, Const, Expr, Origin, Ref
from local.esql.pruning import columns_of
from local.esql.scope import NULL, Scope, unknown
from local.esql.timerange import by_time, timerange
from local.esql.types import FOREIGN_TYPES, NO_CAST, OF_CAST, SPANS, STRINGS, Type, literal_type

ANY_ROW = Const(value=True, type=Type.BOOLEAN)  # what COUNT(*) counts
OPERATORS = frozenset({"in", "like", "not", "is null", "is not null", "unary -"})  # rows that nobody calls by name
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}
Fold = Callable[[Expr], object]


class Resolver:
    """Resolves the expressions of one command against one scope; problems are collected, not raised.

    A part that has a problem is None, and so is everything around it, silently.
    """

    def __init__(self, source: Source, scope: Scope, now_ms: int, fold: Fold, complaints: Complaints) -> None:
        self.source = source
        self.scope = scope
        self.complaints = complaints
        self.now_ms = now_ms
        self.fold = fold

    @property
    def rows(self) -> Scope:
        """The columns of the rows that come in."""
        return self.scope

    def within(self, scope: Scope) -> "Resolver":
        return Resolver(self.source, scope, self.now_ms, self.fold, self.complaints)

    def complain(self, span: tree.Span, message: str) -> None:
        self.complaints.unresolved.append(self.source.problem(span.start, message))

    def misplaced(self, span: tree.Span, message: str) -> None:
        """Says that what is resolved may not stand where it does."""
        self.complaints.unfit.append(self.source.problem(span.start, message))

    def text(self, span: tree.Span) -> str:
        return self.source.text[span.start : span.end]

    def origin(self, span: tree.Span) -> Origin:
        return Origin(*self.source.position(span.start), self.text(span))

    # ---- by kind of node

    def resolve(self, node: tree.Expression) -> Expr | None:
        match node:
            case tree.Literal():
                return Const(node.value, literal_type(node.value))
            case tree.Timespan():
                return spans.written(self, node)
            case tree.Name():
                return self.name(node)
            case tree.Call():
                return self._call(node)
            case _:
                return self._special(node)

    def _special(self, node: tree.Logic | tree.Cast | tree.Like | tree.Star) -> Expr | None:
        match node:
            case tree.Logic():
                return self._logic(node)
            case tree.Cast():
                return self._cast(node)
            case tree.Like():
                return self._like(node)
            case tree.Star():
                raise self.source.error(node.span.start, "extraneous input '*'")

    def name(self, node: tree.Name) -> Expr | None:
        column = self.scope.find(node.name)
        if column is None:
            self.complain(node.span, unknown("column", node.name, (c.name for c in self.scope.columns)))
            return None
        if column.conflict:
            self.complain(node.span, column.conflict)
            return None
        return column.ref

    def _logic(self, node: tree.Logic) -> Expr | None:
        found: list[Expr] = []
        for index, part in enumerate(node.operands):
            operand = self.resolve(part)
            if operand is None:
                continue
            if operand.type in (Type.BOOLEAN, Type.NULL):
                found.append(self.single(operand, self.origin(node.span)))
            else:
                text = self.text(node.span)
                self.complain(node.span, casts.wrong(self, text, min(index, 1), 2, "boolean", part, operand))
        return AllOf(tuple(found), node.operator == "or") if len(found) == len(node.operands) else None

    def single(self, operand: Expr, origin: Origin) -> Expr:
        """A condition that is a multi-value becomes null with a warning, by a function that takes one value."""
        if not operand.is_many:
            return operand
        return Apply(
            scalars()["=="],
            (operand, Const(value=True, type=Type.BOOLEAN)),
            Type.BOOLEAN,
            is_many=False,
            origin=origin,
        )

    def _cast(self, node: tree.Cast) -> Expr | None:
        name = node.type_name.lower()
        target = OF_CAST.get(name)
        if name in FOREIGN_TYPES:
            raise UnsupportedError(self.source.problem(node.span.start, f"unsupported type [{node.type_name}]"))
        if name in NO_CAST:
            raise self.source.error(node.span.start, f"Unsupported conversion to type [{name.upper()}]")
        if target is None:
            raise self.source.error(node.type_span.start, f"Unknown data type named [{node.type_name}]")
        row = scalars()[OF_TYPE[target]] if target in OF_TYPE else None
        united = casts.united(self, row, node, (node.operand,))
        operand = None if united else self.resolve(node.operand)
        if operand is None:
            return united
        if row is None:
            return spans.converted(self, node, node.operand, operand, target)
        return self.apply(row, node, (node.operand,), (operand,))

    def _like(self, node: tree.Like) -> Expr | None:
        operand = self.resolve(node.operand)
        if operand is None:
            return None
        if operand.type not in STRINGS | {Type.NULL}:
            text = self.text(node.span)
            self.complain(node.span, casts.wrong(self, text, 0, 1, "string", node.operand, operand))
            return None
        patterns = [str(pattern.value) for pattern in node.patterns if isinstance(pattern, tree.Literal)]
        if any(pattern == (".*" if node.is_regex else "*") for pattern in patterns):
            # Elasticsearch asks only whether there is a value: so NOT LIKE "*" finds the rows without.
            return Apply(
                scalars()["is not null"], (operand,), Type.BOOLEAN, is_many=False, origin=self.origin(node.span)
            )
        whole = "|".join(f"(?:{self._re2(pattern, node)})" for pattern in patterns)
        arguments = (operand, Const(whole, Type.KEYWORD))
        return Apply(scalars()["like"], arguments, Type.BOOLEAN, is_many=False, origin=self.origin(node.span))

    def _re2(self, pattern: str, node: tree.Like) -> str:
        try:
            return re2_of_lucene(pattern) if node.is_regex else re2_of_like(pattern)
        except LikeError as error:
            raise self.source.error(node.span.start, f"Invalid pattern for LIKE [{pattern}]: [{error}]") from None
        except LuceneError as error:
            raise self.source.error(
                node.span.start, f"Invalid regex pattern for RLIKE [{pattern}]: [{error}]"
            ) from None
        except BeyondRe2Error:
            text = self.text(node.span)
            raise UnsupportedError(self.source.problem(node.span.start, f"unsupported pattern in [{text}]")) from None

    # ---- calls

    def _call(self, node: tree.Call) -> Expr | None:
        name = node.function.lower()
        special = SPECIAL.get(name)
        if special is not None:
            return special(self, node)
        if name in measures():
            return self.measure(node)
        row = scalars().get(name)
        if row is None:
            self._unknown_function(node)
            return None
        if united := casts.united(self, row, node, node.arguments):
            return united
        arguments = [self.resolve(argument) for argument in node.arguments]
        known = [argument for argument in arguments if argument is not None]
        return self.apply(row, node, node.arguments, known) if len(known) == len(arguments) else None

    def measure(self, node: tree.Call) -> Expr | None:
        """An aggregate, which has no place outside STATS."""
        row = measures()[node.function.lower()]
        found = self.measured(row, node, [self._counted_rows(a) or self.resolve(a) for a in node.arguments])
        if found is None:
            return None
        self.misplaced(node.span, f"aggregate function [{self.text(node.span)}] not allowed outside STATS command")
        return Const(None, found[1])

    def grouping(self, node: tree.Call) -> Expr | None:
        """BUCKET, which has no place outside STATS either."""
        self.misplaced(node.span, f"cannot use grouping function [{self.text(node.span)}] outside of a STATS command")
        return bucket(self, node)

    @staticmethod
    def _counted_rows(argument: tree.Expression) -> Expr | None:
        return ANY_ROW if isinstance(argument, tree.Star) else None

    def measured(
        self, row: Aggregate, node: tree.Call, arguments: Sequence[Expr | None]
    ) -> tuple[tuple[Expr, ...], Type] | None:
        """The arguments of an aggregate, checked, and the type of its result."""
        known = [argument for argument in arguments if argument is not None]
        if len(known) < len(arguments):
            return None
        aligned = self.aligned(row.name, row.parameters, node.span, known)
        wrong = casts.complaint(self, row, node.span, node.arguments, aligned)
        if wrong:
            self.complain(node.span, wrong)
            return None
        if not self._has_constants(row.parameters, node, aligned):
            return None
        taken = tuple(self.with_constants(row.parameters, aligned)) or (ANY_ROW,)
        written = [MISSING if columns_of(argument) else self._value(argument) for argument in taken]
        if row.objection and (wrong := row.objection(written)):
            self.complain(node.span, wrong.replace("{whole}", self.text(node.span)))
            return None
        return taken, row.result if isinstance(row.result, Type) else row.result([a.type for a in taken])

    def _value(self, argument: Expr) -> object:
        known = self.constant(argument)
        return MISSING if known is None else known.value

    def _has_constants(self, parameters: Sequence[Parameter], node: tree.Call, arguments: Sequence[Expr]) -> bool:
        """Whether what must be known is, and is one value."""
        for index, argument in enumerate(arguments):
            if not parameters[min(index, len(parameters) - 1)].is_constant:
                continue
            known = self.constant(argument)
            wrong = "cannot be null" if known is not None and known.value is None else "must be a constant"
            if known is None or known.value is None or known.is_many:
                ordinal = casts.ordinal(index, len(arguments))
                part, whole = self.text(node.arguments[index].span), self.text(node.span)
                self.complain(node.span, f"{ordinal}argument of [{whole}] {wrong}, received [{part}]")
                return False
        return True

    def _unknown_function(self, node: tree.Call) -> None:
        name = node.function.lower()
        if name == "is_null":
            instead = "please use 'is null'/'is not null' predicates instead"
            raise self.source.error(node.span.start, f"is_null function is not supported anymore, {instead}")
        if name in UNSUPPORTED or name.startswith(("st_", "v_")):
            raise UnsupportedError(self.source.problem(node.span.start, f"unsupported function [{node.function}]"))
        if not node.function.isidentifier():
            raise self.source.error(node.span.start, f"mismatched input '{node.function}'")
        known = (*(name for name in scalars() if name not in OPERATORS), *measures(), *SPECIAL)
        self.complain(node.span, unknown("function", node.function, known, like=name))

    def apply(
        self, row: Function, node: tree.Call | tree.Cast, nodes: Sequence[tree.Expression], arguments: Sequence[Expr]
    ) -> Expr | None:
        """A call whose arguments are resolved: counted, cast, checked, and given its type."""
        arguments = self.aligned(row.name, row.parameters, node.span, arguments)
        nodes = (nodes[0], *nodes) if len(arguments) > len(nodes) and nodes else nodes
        span = spans.calculated(row, arguments)
        if span is not None:
            return span
        arguments = casts.from_strings(self, row, nodes, arguments)
        message = casts.complaint(self, row, node.span, nodes, arguments)
        if message:
            self.complain(node.span, message)
            return None
        arguments = self.with_constants(row.parameters, arguments)
        if row.objection and (wrong := row.objection([self._value(argument) for argument in arguments])):
            raise row.refusal(wrong.replace("{whole}", self.text(node.span)))
        if row.name == "case":
            return casts.case(self, row, node.span, arguments)
        types = [argument.type for argument in arguments]
        if len(types) == 1 and types[0] in row.leaves:
            return arguments[0]
        result = row.result if isinstance(row.result, Type) else row.result(types)
        if row.is_strict and any(map(_is_never_there, arguments)):
            return Const(None, result)
        options = dict(node.options) if isinstance(node, tree.Call) else {}
        many = is_many(row, arguments)
        return Apply(row, tuple(arguments), result, many, self.origin(node.span), options)

    def aligned(
        self, name: str, parameters: Sequence[Parameter], span: tree.Span, arguments: Sequence[Expr]
    ) -> Sequence[Expr]:
        """The arguments by parameter; an optional first one that is left out (DATE_FORMAT, DATE_PARSE) is null.

        Raises:
            ParsingError: there are too few or too many.
        """
        least = sum(not p.is_optional for p in parameters)
        most = None if parameters and parameters[-1].is_repeated else len(parameters)
        if len(arguments) < least or (most is not None and len(arguments) > most):
            raise self.source.error(span.start, f"error building [{name}]: expects {_counted(least, most)}")
        if parameters and parameters[0].is_optional and len(arguments) < len(parameters):
            return (NULL, *arguments) if len(parameters) > 1 else arguments
        return arguments

    def with_constants(self, parameters: Sequence[Parameter], arguments: Sequence[Expr]) -> Sequence[Expr]:
        """Arguments that must be known before the query runs are worked out now."""
        return tuple(
            self.constant(argument) or argument
            if parameters and parameters[min(index, len(parameters) - 1)].is_constant
            else argument
            for index, argument in enumerate(arguments)
        )

    def constant(self, expression: Expr) -> Const | None:
        """What an expression is in every row, or None where that depends on the row."""
        if isinstance(expression, Const):
            return expression
        expanded = self._expanded(expression)
        if expanded is None:
            return None
        return expanded if isinstance(expanded, Const) else Const(self.fold(expanded), expanded.type)

    def constant_part(self, expression: Expr) -> Expr | None:
        """The expression itself where it is the same in every row; not worked out before someone asks."""
        return self._expanded(expression)

    def _expanded(self, expression: Expr) -> Expr | None:
        """The expression with known columns replaced by what they hold; None where one is not known."""
        match expression:
            case Ref():
                return self.scope.constant_of(expression)  # in which nothing is left to expand
            case Const():
                return expression
            case Apply():
                parts = [self._expanded(argument) for argument in expression.arguments]
                found = tuple(part for part in parts if part is not None)
                if len(found) < len(parts):
                    return None
                return Apply(
                    expression.function,
                    found,
                    expression.type,
                    expression.is_many,
                    expression.origin,
                    expression.options,
                )
            case AllOf():
                parts = [self._expanded(operand) for operand in expression.operands]
                found = tuple(part for part in parts if part is not None)
                return AllOf(found, expression.is_any) if len(found) == len(parts) else None


def _now(resolver: Resolver, node: tree.Call) -> Expr:
    if node.arguments:
        raise resolver.source.error(node.span.start, "error building [now]: expects no arguments")
    return Const(resolver.now_ms, Type.DATE)


def _grouping(resolver: Resolver, node: tree.Call) -> Expr | None:
    return resolver.grouping(node)


def _is_never_there(argument: Expr) -> bool:
    """Null by its type, or a time span that is null."""
    return argument.type is Type.NULL or (argument.type in SPANS and argument == Const(None, argument.type))


def _counted(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {_COUNTS.get(least, least)} argument{'s' if least > 1 else ''}"
    if least == most:
        return f"exactly {_COUNTS.get(least, 'no')} argument{'s' if least != 1 else ''}" if least else "no arguments"
    return f"{' or '.join(_COUNTS.get(n, str(n)) for n in range(least, most + 1))} arguments"


def is_many(row: Function, arguments: Sequence[Expr]) -> bool:
    match row.many:
        case Many.ALWAYS:
            return True
        case Many.EACH:
            return arguments[0].is_many
        case Many.ANY_ARGUMENT:
            return any(argument.is_many for argument in arguments)
        case Many.NEVER:
            return False


_Special = Callable[[Resolver, tree.Call], Expr | None]
# Functions that are not rows of the table: they become other functions, or constants.
SPECIAL: dict[str, _Special] = {
    "now": _now,
    **dict.fromkeys(("bucket", "bin"), _grouping),
    "trange": timerange,
    "earliest": by_time("first"),
    "latest": by_time("last"),
    **dict.fromkeys(spans.OF_FUNCTION, spans.called),
}
