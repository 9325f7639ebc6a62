"""Which types may stand together, and what is converted without being asked."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from local.esql import javatime, tree
from local.esql.encoding import encode_ip, encode_version, number_in
from local.esql.functions import scalars
from local.esql.functions.conversions import OF_TYPE
from local.esql.functions.model import Aggregate, Function, Parameter, parameter_at
from local.esql.functions.parameters import unified
from local.esql.plan import Apply, Const, Expr
from local.esql.spans import span_in
from local.esql.types import CAST_FROM_STRING, DATES, NUMBERS, SPANS, STRINGS, Type

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

_ORDINALS = ("first", "second", "third", "fourth", "fifth")
COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
OPERATORS = frozenset({"+", "-", "*", "/", "%"})


def family(of: Type) -> str:
    """Types of one family may be compared and mixed."""
    if of in NUMBERS:
        return "numeric"
    if of in STRINGS:
        return "string"
    return "date" if of in DATES else of.value


# What a text becomes for a parameter that takes none, the first of these that it takes (`EsqlFunctionRegistry`).
_PRIORITY = (
    Type.DATE,
    Type.DATE_PERIOD,
    Type.TIME_DURATION,
    Type.DOUBLE,
    Type.LONG,
    Type.INTEGER,
    Type.IP,
    Type.VERSION,
    Type.BOOLEAN,
    Type.UNSIGNED_LONG,
)


def from_strings(
    resolver: "Resolver", row: Function, nodes: Sequence[tree.Expression], arguments: Sequence[Expr]
) -> Sequence[Expr]:
    """String literals become what stands beside them (a date, an ip, ...), or what the parameter wants."""
    wanted: list[Type | None]
    if row.is_unified or row.name in OPERATORS:
        wanted = [_beside(row, arguments)] * len(arguments)
    else:
        wanted = [_castable(parameter_at(row, index)) for index in range(len(arguments))]
    return [
        _cast_literal(resolver, nodes[index], argument, target) if target and _is_string(argument) else argument
        for index, (argument, target) in enumerate(zip(arguments, wanted, strict=True))
    ]


def _is_string(argument: Expr) -> bool:
    return isinstance(argument, Const) and argument.type is Type.KEYWORD


def _beside(row: Function, arguments: Sequence[Expr]) -> Type | None:
    """Beside a time span a text is a date."""
    others = [argument.type for argument in arguments]
    if row.name in OPERATORS and any(type_ in SPANS for type_ in others):
        return Type.DATE
    return next((type_ for type_ in others if type_ in CAST_FROM_STRING), None)


def _castable(parameter: Parameter) -> Type | None:
    if parameter.types & STRINGS:
        return None
    return next((type_ for type_ in _PRIORITY if type_ in parameter.types), None)


def _cast_literal(resolver: "Resolver", node: tree.Expression, argument: Expr, target: Type) -> Expr:
    value = argument.value if isinstance(argument, Const) else None
    if target in SPANS:
        found = span_in(str(value))
        return argument if found is None else Const(*found)
    texts = value if isinstance(value, tuple) else (value,)
    converted = [_converted(str(text), target) for text in texts]
    if None in converted:
        why = _WHY.get(target, "").format(value)
        resolver.complain(node.span, f"Cannot convert string [{value}] to [{target.label.upper()}]{why}")
        return Const(None, target)
    return Const(tuple(converted) if isinstance(value, tuple) else converted[0], target)


_WHY = {
    **dict.fromkeys(DATES, ", error [failed to parse date field [{}] with format [strict_date_optional_time]]"),
    **dict.fromkeys(NUMBERS, ", error [Cannot parse number [{}]]"),
    Type.IP: ", error ['{}' is not an IP string literal.]",
}


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
        case Type.BOOLEAN:
            return text.lower() == "true" if text.lower() in ("true", "false") else None
        case _:
            return number_in(text, target)


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
    return _arithmetic_mismatch(resolver, row, nodes, arguments)


def ordinal(index: int, count: int) -> str:
    """`first `, `second `, ...; nothing where there is but one."""
    return "" if count == 1 else f"{_ORDINALS[index] if index < len(_ORDINALS) else f'{index + 1}th'} "


def wrong(
    resolver: "Resolver", whole: str, index: int, count: int, label: str, node: tree.Expression, argument: Expr
) -> str:
    found = f"found value [{resolver.text(node.span)}] type [{argument.type.label}]"
    return f"{ordinal(index, count)}argument of [{whole}] must be [{label}], {found}"


def _arithmetic_mismatch(
    resolver: "Resolver", row: Function | Aggregate, nodes: Sequence[tree.Expression], arguments: Sequence[Expr]
) -> str | None:
    """Dates go with time spans only, numbers with numbers, and an unsigned_long with another."""
    if row.name not in OPERATORS or any(argument.type is Type.NULL for argument in arguments):
        return None
    left, right = (argument.type for argument in arguments)
    numbers = left in NUMBERS and right in NUMBERS and (left is right or Type.UNSIGNED_LONG not in (left, right))
    moved = row.name in ("+", "-") and left in DATES and right in SPANS
    if numbers or moved or (row.name == "+" and left in SPANS and right in DATES):
        return None
    if row.name in ("+", "-") and left is right and left in SPANS:
        return None
    if row.name == "-" and left in SPANS and right in DATES:
        texts = [resolver.text(node.span) for node in nodes]
        return (
            f"[-] arguments are in unsupported order: cannot subtract a [{right.label.upper()}] value [{texts[1]}]"
            f" from a [{left.name}] amount [{texts[0]}]"
        )
    return f"[{row.name}] has arguments with incompatible types [{left.label}] and [{right.label}]"


def _mismatch(
    resolver: "Resolver",
    row: Function | Aggregate,
    whole: str,
    nodes: Sequence[tree.Expression],
    arguments: Sequence[Expr],
) -> str | None:
    """Of arguments that must be of one family the first that is not."""
    known = [(i, a) for i, a in enumerate(arguments) if a.type is not Type.NULL]
    if not known:
        return None
    first_index, first = known[0]
    for index, argument in known:
        parameter = parameter_at(row, index)
        if argument.type not in parameter.types:
            return wrong(resolver, whole, index, len(arguments), parameter.label, nodes[index], argument)
        if index == first_index or alike(first.type, argument.type):
            continue
        if row.name in COMPARISONS:
            return _compared(whole, first.type, argument.type)
        if row.name == "in":
            return _listed(resolver, whole, index, nodes[index], first, argument)
        return wrong(resolver, whole, index, len(arguments), first.type.label, nodes[index], argument)
    return None


def alike(left: Type, right: Type) -> bool:
    """Whether two types may be compared or mixed."""
    if Type.UNSIGNED_LONG in (left, right):
        return left is right
    return family(left) == family(right)


def _compared(whole: str, left: Type, right: Type) -> str:
    if Type.UNSIGNED_LONG in (left, right) and left in NUMBERS and right in NUMBERS:
        only = "[unsigned_long] can only be operated on together with another [unsigned_long]"
        return f"first argument of [{whole}] is [{left.label}] and second is [{right.label}]. {only}"
    label = "numeric" if left in NUMBERS else left.label
    also = f"so second argument must also be [{label}] but was [{right.label}]"
    return f"first argument of [{whole}] is [{label}] {also}"


def _listed(resolver: "Resolver", whole: str, index: int, node: tree.Expression, first: Expr, argument: Expr) -> str:
    """IN counts from its list on, in digits."""
    count = {1: "1st", 2: "2nd", 3: "3rd"}.get(index, f"{index}th")
    found = f"found value [{resolver.text(node.span)}] type [{argument.type.label}]"
    return f"{count} argument of [{whole}] must be [{first.type.label}], {found}"


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


def united(
    resolver: "Resolver", row: Function | None, node: tree.Call | tree.Cast, nodes: Sequence[tree.Expression]
) -> Expr | None:
    """A conversion of a field that has other types in other indices: of each as it is there."""
    column = resolver.scope.find(nodes[0].name) if len(nodes) == 1 and isinstance(nodes[0], tree.Name) else None
    if row is None or column is None or row.name not in OF_TYPE.values() or not column.variants:
        return None
    if not {ref.type for ref in column.variants} <= row.parameters[0].types:
        return None
    found = tuple(one for ref in column.variants if (one := resolver.apply(row, node, nodes, (ref,))))
    is_many = any(one.is_many for one in found)
    return Apply(scalars()["coalesce"], found, found[0].type, is_many, resolver.origin(node.span))
