"""Time spans: written, cast from text, and calculated. They are constants, and never reach SQL."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from local.esql import tree
from local.esql.functions.model import Function
from local.esql.plan import Const, Expr
from local.esql.types import SPANS, STRINGS, UNITS, Span, Type, span_of

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

# Functions that give a span.
OF_FUNCTION = {"to_dateperiod": Type.DATE_PERIOD, "to_timeduration": Type.TIME_DURATION}


def span_in(text: str) -> tuple[Span, Type] | None:
    """The time span in a text like `1 month`, and its type."""
    amount, _, unit = text.strip().partition(" ")
    digits = amount.lstrip("+-")
    return span_of(int(amount), unit.strip()) if digits.isascii() and digits.isdigit() else None


def written(resolver: "Resolver", node: tree.Timespan) -> Expr:
    """`7 days`.

    Raises:
        ParsingError: there is no such unit.
    """
    found = span_of(node.amount, node.unit)
    if found is None:
        raise resolver.source.error(node.span.start, f"Unexpected temporal unit: '{node.unit}'")
    return Const(*found)


def called(resolver: "Resolver", node: tree.Call) -> Expr | None:
    """TO_DATEPERIOD and TO_TIMEDURATION."""
    if len(node.arguments) != 1:
        message = f"error building [{node.function.lower()}]: expects exactly one argument"
        raise resolver.source.error(node.span.start, message)
    operand = resolver.resolve(node.arguments[0])
    target = OF_FUNCTION[node.function.lower()]
    return None if operand is None else converted(resolver, node, node.arguments[0], operand, target)


def converted(
    resolver: "Resolver", node: tree.Call | tree.Cast, inner: tree.Expression, operand: Expr, target: Type
) -> Expr | None:
    """A constant as a span of a type; null is null."""
    whole, part = resolver.text(node.span), resolver.text(inner.span)
    if operand.type not in STRINGS | {target, Type.NULL}:
        kind = f"found value [{part}] type [{operand.type.label}]"
        resolver.complain(node.span, f"argument of [{whole}] must be [{target.label} or string], {kind}")
        return None
    known = resolver.constant(operand)
    if known is None:
        resolver.complain(node.span, f"argument of [{whole}] must be a constant, received [{part}]")
        return None
    if known.value is None or isinstance(known.value, Span):
        return Const(known.value, target)
    found = span_in(str(known.value))
    if found is None or found[1] is not target:
        units = ", ".join(name.upper() for name, one in UNITS.items() if bool(one.millis) is _is_duration(target))
        wanted = f"expected integer followed by one of [{units}]"
        resolver.complain(node.span, f"Invalid interval value in [{whole}], {wanted} but got [{known.value}]")
        return None
    return Const(*found)


def _is_duration(target: Type) -> bool:
    return target is Type.TIME_DURATION


def calculated(row: Function, arguments: Sequence[Expr]) -> Expr | None:
    """What comes of spans alone: sums, differences, opposites, and the choice of CASE."""
    values = [argument.value for argument in arguments if isinstance(argument, Const)]
    if len(values) != len(arguments) or not any(isinstance(value, Span) for value in values):
        return None
    types = {argument.type for argument in arguments}
    kind = next(argument.type for argument in arguments if argument.type in SPANS)
    found: object
    match row.name, values:
        case "unary -", [Span() as one]:
            found = -one
        case "+" | "-", [Span(), None] | [None, Span()] if types <= SPANS | {Type.NULL}:
            found = None
        case "+", [Span() as left, Span() as right] if types == {kind}:
            found = left + right
        case "-", [Span() as left, Span() as right] if types == {kind}:
            found = left + -right
        case "case", [*_]:
            pairs, last = (values[:-1], values[-1]) if len(values) % 2 else (values, None)
            found = next((v for c, v in zip(pairs[::2], pairs[1::2], strict=True) if c is True), last)
        case _:
            return None
    return Const(found, kind)
