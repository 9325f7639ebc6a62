"""Which types may stand together, and what is converted without being asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from local.esql import javatime, tree
from local.esql.encoding import encode_ip, encode_version
from local.esql.functions.model import Aggregate, Function, Parameter, parameter_at
from local.esql.functions.parameters import unified
from local.esql.plan import Apply, Const, Expr
from local.esql.types import CAST_FROM_STRING, DATES, NUMBERS, SPANS, STRINGS, Span, Type, span_of

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

_ORDINALS = ("first", "second", "third", "fourth", "fifth")
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})


def family(of: Type) -> str:
    """Types of one family may be compared and mixed."""
    if of in NUMBERS:
        return "numeric"
    if of in STRINGS:
        return "string"
    return "date" if of in DATES else of.value


def from_strings(
    resolver: "Resolver", row: Function, nodes: Sequence[tree.Expression], arguments: Sequence[Expr]
) -> Sequence[Expr]:
    """String literals become what stands beside them (a date, an ip, ...), or what the parameter wants."""
    wanted: list[Type | None]
    if row.is_unified or row.name in ("+", "-"):
        other = next((a.type for a in arguments if a.type in CAST_FROM_STRING), None)
        wanted = [other] * len(arguments)
    else:
        wanted = [_castable(parameter_at(row, index)) for index in range(len(arguments))]
    return [
        _cast_literal(resolver, nodes[index], argument, target) if target and _is_string(argument) else argument
        for index, (argument, target) in enumerate(zip(arguments, wanted, strict=True))
    ]


def _is_string(argument: Expr) -> bool:
    return isinstance(argument, Const) and argument.type is Type.KEYWORD


def _castable(parameter: Parameter) -> Type | None:
    """What a string literal becomes for a parameter that takes no strings."""
    if parameter.types & STRINGS:
        return None
    if parameter.types == SPANS:
        return Type.DATE_PERIOD
    return next(
        (
            t
            for t in (Type.DATE, Type.IP, Type.VERSION, Type.BOOLEAN)
            if t in parameter.types and not parameter.types & NUMBERS
        ),
        None,
    )


def _cast_literal(resolver: "Resolver", node: tree.Expression, argument: Expr, target: Type) -> Expr:
    value = argument.value if isinstance(argument, Const) else None
    if target in SPANS:
        found = span_in(str(value))
        return argument if found is None else Const(*found)
    texts = value if isinstance(value, tuple) else (value,)
    converted = [_converted(str(text), target) for text in texts]
    if None in converted:
        resolver.complain(
            node.span, f"Cannot convert string [{value}] to [{target.label.upper()}]{_why(str(value), target)}"
        )
        return Const(None, target)
    return Const(tuple(converted) if isinstance(value, tuple) else converted[0], target)


def span_in(text: str) -> tuple[Span, Type] | None:
    """The time span in a text like `1 month`, and its type."""
    amount, _, unit = text.strip().partition(" ")
    return span_of(int(amount), unit.strip()) if amount.lstrip("+-").isdigit() else None


def _why(text: str, target: Type) -> str:
    if target in DATES:
        return f", error [failed to parse date field [{text}] with format [strict_date_optional_time]]"
    return f", error ['{text}' is not an IP string literal.]" if target is Type.IP else ""


def _converted(text: str, target: Type) -> object:
    match target:
        case Type.DATE:
            return javatime.parse_iso(text)
        case Type.DATE_NANOS:
            return javatime.parse_iso_nanos(text)
        case Type.IP:
            return encode_ip(text)
        case Type.VERSION:
            return encode_version(text)
        case _:
            return text.lower() == "true" if text.lower() in ("true", "false") else None


def complaint(
    resolver: "Resolver",
    row: Function | Aggregate,
    span: tree.Span,
    nodes: Sequence[tree.Expression],
    arguments: Sequence[Expr],
) -> str | None:
    """What is wrong with the types of the arguments, in Elasticsearch's words; None for nothing."""
    whole = resolver.text(span)
    if isinstance(row, Function) and row.is_unified:
        return _mismatch(resolver, row, whole, nodes, arguments)
    if row.name == "case":
        return _case_mismatch(resolver, whole, nodes, arguments)
    for index, argument in enumerate(arguments):
        parameter = parameter_at(row, index)
        if argument.type is not Type.NULL and argument.type not in parameter.types:
            return wrong(resolver, whole, index, len(arguments), parameter.label, nodes[index], argument)
    return _arithmetic_mismatch(row, arguments)


def wrong(
    resolver: "Resolver", whole: str, index: int, count: int, label: str, node: tree.Expression, argument: Expr
) -> str:
    ordinal = "" if count == 1 else f"{_ORDINALS[index] if index < len(_ORDINALS) else f'{index + 1}th'} "
    text = resolver.text(node.span)
    return f"{ordinal}argument of [{whole}] must be [{label}], found value [{text}] type [{argument.type.label}]"


def _arithmetic_mismatch(row: Function | Aggregate, arguments: Sequence[Expr]) -> str | None:
    """Dates go with time spans only, numbers with numbers."""
    if row.name not in ("+", "-") or any(argument.type is Type.NULL for argument in arguments):
        return None
    left, right = (argument.type for argument in arguments)
    fits = (left in NUMBERS and right in NUMBERS) or (left in DATES and right in SPANS)
    if fits or (row.name == "+" and left in SPANS and right in DATES):
        return None
    return f"[{row.name}] has arguments with incompatible types [{left.label}] and [{right.label}]"


def _mismatch(
    resolver: "Resolver",
    row: Function | Aggregate,
    whole: str,
    nodes: Sequence[tree.Expression],
    arguments: Sequence[Expr],
) -> str | None:
    known = [(i, a) for i, a in enumerate(arguments) if a.type is not Type.NULL]
    if not known:
        return None
    first_index, first = known[0]
    label = "numeric" if first.type in NUMBERS else first.type.label
    for index, argument in known:
        if argument.type not in parameter_at(row, index).types:
            return wrong(
                resolver, whole, index, len(arguments), parameter_at(row, index).label, nodes[index], argument
            )
        if index != first_index and family(argument.type) != family(first.type):
            if row.name in COMPARISONS:
                return (
                    f"first argument of [{whole}] is [{label}] so second argument must also be [{label}]"
                    f" but was [{argument.type.label}]"
                )
            return wrong(resolver, whole, index, len(arguments), first.type.label, nodes[index], argument)
    return None


def _case_mismatch(
    resolver: "Resolver", whole: str, nodes: Sequence[tree.Expression], arguments: Sequence[Expr]
) -> str | None:
    values = _case_values(len(arguments))
    first = next((arguments[i].type for i in values if arguments[i].type is not Type.NULL), Type.NULL)
    for index, argument in enumerate(arguments):
        if argument.type is Type.NULL:
            continue
        if index not in values and argument.type is not Type.BOOLEAN:
            return wrong(resolver, whole, index, len(arguments), "boolean", nodes[index], argument)
        if index in values and family(argument.type) != family(first):
            return wrong(resolver, whole, index, len(arguments), first.label, nodes[index], argument)
    return None


def _case_values(count: int) -> frozenset[int]:
    """Which arguments of CASE are values; the others are conditions."""
    return frozenset(range(1, count, 2)) | (frozenset({count - 1}) if count % 2 else frozenset())


def case(resolver: "Resolver", row: Function, span: tree.Span, arguments: Sequence[Expr]) -> Expr:
    """CASE: its values of one type, its conditions single."""
    places = _case_values(len(arguments))
    result = unified([arguments[i].type for i in sorted(places)])
    is_many = any(arguments[i].is_many for i in places)
    return Apply(row, tuple(arguments), result, is_many, resolver.origin(span))
