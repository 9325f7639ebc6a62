"""BUCKET: a date or number rounded down to the start of its bucket."""

import math
from typing import TYPE_CHECKING

from local.esql import casts, javatime, tree
from local.esql.functions import scalars
from local.esql.functions.numbers import FLOOR_TO
from local.esql.plan import Apply, Const, Expr
from local.esql.types import DATES, NUMBERS, SPANS, Span, Type

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

_MINUTE = 60_000
# From coarse to fine; the finest that needs no more buckets than allowed is taken (Bucket.DateRoundingPicker).
_ROUNDINGS = (
    Span(months=12),
    Span(months=1),
    Span(days=7),
    Span(days=1),
    Span(millis=720 * _MINUTE),
    Span(millis=180 * _MINUTE),
    Span(millis=60 * _MINUTE),
    Span(millis=30 * _MINUTE),
    Span(millis=10 * _MINUTE),
    Span(millis=5 * _MINUTE),
    Span(millis=_MINUTE),
    Span(millis=30_000),
    Span(millis=10_000),
    Span(millis=5_000),
    Span(millis=1_000),
    Span(millis=100),
    Span(millis=50),
    Span(millis=10),
    Span(millis=1),
)


def bucket(resolver: "Resolver", node: tree.Call) -> Expr | None:
    """BUCKET(field, size) or BUCKET(field, count, from, to), as DATE_TRUNC or as arithmetic."""
    if len(node.arguments) not in (2, 4):
        raise resolver.source.error(node.span.start, "error building [bucket]: expects two or four arguments")
    arguments = [resolver.resolve(argument) for argument in node.arguments]
    field, *rest = arguments
    constants = [resolver.constant(argument) for argument in rest if argument is not None]
    if field is None or None in arguments:
        return None
    known = [constant for constant in constants if constant is not None]
    if len(known) < len(rest):
        resolver.complain(node.span, f"second argument of [{resolver.text(node.span)}] must be a constant")
        return None
    return _sized(resolver, node, field, known)


def _sized(resolver: "Resolver", node: tree.Call, field: Expr, sizes: list[Const]) -> Expr | None:
    origin = resolver.origin(node.span)
    if field.type in DATES | {Type.NULL} or any(size.type in SPANS for size in sizes):
        span = sizes[0].value if len(sizes) == 1 else _date_size(sizes)
        if isinstance(span, Span) and field.type in DATES | {Type.NULL}:
            kind = Type.DATE_PERIOD if not span.millis else Type.TIME_DURATION
            return Apply(
                scalars()["date_trunc"], (Const(span, kind), field), field.type, is_many=False, origin=origin
            )
    elif field.type in NUMBERS and all(size.type in NUMBERS for size in sizes):
        step = Const(_number_size([float(str(size.value)) for size in sizes]), Type.DOUBLE)
        return Apply(FLOOR_TO, (field, step), Type.DOUBLE, is_many=False, origin=origin)
    label = "date or numeric"
    resolver.complain(
        node.span, casts.wrong(resolver, origin.text, 0, len(sizes) + 1, label, node.arguments[0], field)
    )
    return None


def _date_size(sizes: list[Const]) -> Span | None:
    count, start, end = (size.value for size in sizes)
    first, last = (javatime.parse_iso(v) if isinstance(v, str) else v for v in (start, end))
    if not isinstance(count, int) or not isinstance(first, int) or not isinstance(last, int):
        return None
    chosen = _ROUNDINGS[0]
    for rounding in _ROUNDINGS[1:]:
        if javatime.count_steps(first, last, rounding, count) > count:
            break
        chosen = rounding
    return chosen


def _number_size(sizes: list[float]) -> float:
    """The size given, or the least of 1, 5, 10, 50, ... that makes no more than `count` buckets."""
    if len(sizes) == 1:
        return sizes[0]
    count, start, end = sizes
    precise = (end - start) / count
    power = 10.0 ** math.ceil(math.log10(precise)) if precise > 0 else 1.0
    return power / 2 if precise < power / 2 else power
