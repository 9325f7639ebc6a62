"""What goes by `@timestamp` without being given it: TRANGE, EARLIEST and LATEST.

TRANGE is whether it is within a stretch of time, its start excluded and its end included.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from local.esql import casts, javatime, spans, tree
from local.esql.errors import InvalidArgumentError
from local.esql.functions import scalars
from local.esql.plan import AllOf, Apply, Const, Expr, Ref
from local.esql.types import DATES, SPANS, Span, Type

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

_NANOS = 1_000_000
_TIMESTAMP = "@timestamp"
_LABEL = "string, long, date or date_nanos"


def timerange(resolver: "Resolver", node: tree.Call) -> Expr | None:
    """TRANGE(span), up to now, or TRANGE(start, end); source: `TRange`.

    Raises:
        ParsingError: there are more arguments, or none.
        InvalidArgumentError: the end is before the start, or a text is no date.
    """
    if len(node.arguments) not in (1, 2):
        raise resolver.source.error(node.span.start, "error building [trange]: expects one or two arguments")
    column = resolver.name(tree.Name(node.span, _TIMESTAMP)) if _has_timestamp(resolver, node) else None
    if not isinstance(column, Ref):
        return None
    bounds = _bounds(resolver, node)
    if bounds is None:
        return None
    start, end = bounds
    if start > end:
        first, last = (javatime.instant(bound // _NANOS) for bound in (start, end))
        raise InvalidArgumentError(f"TRANGE rangeStart time [{first}] must be before rangeEnd time [{last}]")
    return AllOf(
        (_compared(resolver, node, column, ">", start), _compared(resolver, node, column, "<=", end)),
        is_any=False,
    )


def by_time(aggregate: str) -> Callable[["Resolver", tree.Call], Expr | None]:
    """EARLIEST and LATEST are FIRST and LAST by the time."""

    def special(resolver: "Resolver", node: tree.Call) -> Expr | None:
        if len(node.arguments) != 1:
            message = f"error building [{node.function.lower()}]: expects exactly one argument"
            raise resolver.source.error(node.span.start, message)
        if not _has_timestamp(resolver, node):
            return None
        timestamp = tree.Name(node.span, _TIMESTAMP)
        return resolver.measure(tree.Call(node.span, aggregate, (*node.arguments, timestamp)))

    return special


def _has_timestamp(resolver: "Resolver", node: tree.Call) -> bool:
    """Whether the rows have the field that a function goes by without being given it; says so where not."""
    if resolver.rows.find(_TIMESTAMP) is not None:
        return True
    missing = "which was either not present in the source index, or has been dropped or renamed"
    resolver.complain(node.span, f"[{resolver.text(node.span)}] requires the [{_TIMESTAMP}] field, {missing}")
    return False


def _bounds(resolver: "Resolver", node: tree.Call) -> tuple[int, int] | None:
    """Both ends in nanoseconds."""
    arguments = [resolver.resolve(argument) for argument in node.arguments]
    found = [
        known
        for index, argument in enumerate(arguments)
        if argument is not None and (known := _constant(resolver, node, index, argument))
    ]
    if len(found) < len(node.arguments):
        return None
    if len(found) == 1:
        now = resolver.now_ms
        return javatime.moved(now, -found[0].value) * _NANOS, now * _NANOS  # type: ignore[operator]  # a Span, by its type
    return _nanos(node, resolver, found[0], "start_time_or_offset"), _nanos(node, resolver, found[1], "end_time")


def _constant(resolver: "Resolver", node: tree.Call, index: int, argument: Expr) -> Const | None:
    whole, part = resolver.text(node.span), node.arguments[index]
    ordinal = "first" if index == 0 else "second"
    known = resolver.constant(argument)
    if known is None or known.value is None:
        wrong = "must be a constant" if known is None else "cannot be null"
        text = resolver.text(part.span)
        resolver.complain(node.span, f"{ordinal} argument of [{whole}] {wrong}, received [{text}]")
        return None
    is_span = len(node.arguments) == 1
    if is_span and argument.type is Type.KEYWORD and (span := spans.span_in(str(known.value))):
        return Const(*span)
    fits = argument.type in (SPANS if is_span else DATES | {Type.KEYWORD, Type.LONG})
    if not fits:
        label = "time_duration or date_period" if is_span else _LABEL
        resolver.complain(node.span, casts.wrong(resolver, whole, index, 2, label, part, argument))
        return None
    if isinstance(known.value, Span) and (known.value.months < 0 or known.value.days < 0 or known.value.millis < 0):
        resolver.complain(part.span, "start_time_or_offset cannot be negative")
        return None
    return known


def _nanos(node: tree.Call, resolver: "Resolver", bound: Const, name: str) -> int:
    match bound:
        case Const(int() as value, Type.DATE_NANOS):
            return value
        case Const(int() as value, _):
            return value * _NANOS
    millis = javatime.parse_iso(str(bound.value))
    if millis is None:
        wrong = f"TRANGE {name} parameter must be a valid datetime string, got: {bound.value}"
        raise InvalidArgumentError(f"invalid time range for [{resolver.text(node.span)}]: {wrong}")
    return millis * _NANOS


def _compared(resolver: "Resolver", node: tree.Call, timestamp: Ref, symbol: str, nanos: int) -> Expr:
    is_nanos = timestamp.type is Type.DATE_NANOS
    bound = Const(nanos if is_nanos else nanos // _NANOS, timestamp.type)
    return Apply(
        scalars()[symbol], (timestamp, bound), Type.BOOLEAN, is_many=False, origin=resolver.origin(node.span)
    )
