"""BUCKET: a date or number rounded down to the start of its bucket."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from local.esql import casts, javatime, tree
from local.esql.functions import scalars
from local.esql.functions.numbers import FLOOR_TO
from local.esql.plan import Apply, Const, Expr
from local.esql.types import DATES, NUMBERS, SPANS, STRINGS, WHOLE, Span, Type

if TYPE_CHECKING:
    from local.esql.resolver import Resolver

_MINUTE = 60_000
_NANOS = 1_000_000  # in a millisecond
_SIZED, _COUNTED = 2, 4  # arguments of BUCKET(field, size) and BUCKET(field, count, from, to)
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
    """BUCKET(field, size) or BUCKET(field, count, from, to), as DATE_TRUNC or as arithmetic.

    Raises:
        ParsingError: it has not two to four arguments.
        ArgumentError: a time span of nothing, or less.
    """
    if len(node.arguments) not in (_SIZED, _SIZED + 1, _COUNTED):
        raise resolver.source.error(node.span.start, "error building [bucket]: expects two, three or four arguments")
    arguments = [resolver.resolve(argument) for argument in node.arguments]
    found = [argument for argument in arguments if argument is not None]
    if len(found) < len(arguments):
        return None
    wrong = _misfit(resolver, node, found)
    if wrong:
        resolver.complain(node.span, wrong)
        return None
    sizes = [resolver.constant(argument) for argument in found[1:]]
    return _made(resolver, node, found[0], [size for size in sizes if size is not None])


def _misfit(resolver: "Resolver", node: tree.Call, arguments: Sequence[Expr]) -> str | None:
    """What is wrong with the arguments; source: `Bucket.resolveType`."""
    whole, count = resolver.text(node.span), len(arguments)
    for index, (types, label) in enumerate(_wanted(arguments)):
        argument = arguments[index]
        if argument.type not in types | {Type.NULL}:
            return casts.wrong(resolver, whole, index, count, label, node.arguments[index], argument)
        if index == 1 and (miscounted := _miscounted(arguments)):
            return miscounted
        if index and resolver.constant_part(argument) is None:
            received = resolver.text(node.arguments[index].span)
            return f"{casts.ordinal(index, count)}argument of [{whole}] must be a constant, received [{received}]"
    return None


def _wanted(arguments: Sequence[Expr]) -> list[tuple[frozenset[Type], str]]:
    """What each argument must be, by what the first is."""
    size, bound = (NUMBERS, "numeric"), (NUMBERS, "numeric")
    if arguments[0].type in DATES:
        size = (SPANS | WHOLE, "integral, date_period or time_duration")
        bound = (DATES | STRINGS, "datetime or string")
    elif arguments[0].type is Type.NULL:
        size, bound = (SPANS | NUMBERS, "numeric"), (DATES | STRINGS | NUMBERS, "numeric")
    return [(DATES | NUMBERS, "datetime or numeric"), size, bound, bound][: len(arguments)]


def _miscounted(arguments: Sequence[Expr]) -> str | None:
    """A size needs nothing more, a count of buckets needs both ends."""
    field, size = (argument.type for argument in arguments[:2])
    is_counted = size in WHOLE if field in DATES else len(arguments) > _SIZED
    expected = _COUNTED if is_counted else _SIZED
    if len(arguments) == expected or Type.NULL in (field, size):
        return None
    kinds = f"first one is of type [{field.label.upper()}] and the second of type [{size.label.upper()}]"
    return f"function expects exactly {'four' if is_counted else 'two'} arguments when the {kinds}"


def _made(resolver: "Resolver", node: tree.Call, field: Expr, sizes: list[Const]) -> Expr:
    origin = resolver.origin(node.span)
    if field.type in NUMBERS:
        values = [float(size.value) for size in sizes if isinstance(size.value, int | float)]
        if len(values) < len(sizes):
            return Const(None, Type.DOUBLE)
        step = Const(_number_size(values), Type.DOUBLE)
        return Apply(FLOOR_TO, (field, step), Type.DOUBLE, is_many=False, origin=origin)
    span = sizes[0].value if len(sizes) == 1 else _date_size(sizes) if field.type in DATES else None
    if not isinstance(span, Span) or field.type is Type.NULL:
        return Const(None, field.type)
    kind, row = Type.DATE_PERIOD if not span.millis else Type.TIME_DURATION, scalars()["date_trunc"]
    if row.objection and (wrong := row.objection([span])):
        raise row.refusal(wrong)
    return Apply(row, (Const(span, kind), field), field.type, is_many=False, origin=origin)


def _date_size(sizes: list[Const]) -> Span | None:
    count = sizes[0].value
    first, last = (_millis(bound) for bound in sizes[1:])
    if not isinstance(count, int) or not isinstance(first, int) or not isinstance(last, int):
        return None
    chosen = _ROUNDINGS[0]
    for rounding in _ROUNDINGS[1:]:
        if javatime.count_steps(first, last, rounding, count) > count:
            break
        chosen = rounding
    return chosen


def _millis(bound: Const) -> object:
    if isinstance(bound.value, str):
        return javatime.parse_iso(bound.value)
    return bound.value // _NANOS if bound.type is Type.DATE_NANOS and isinstance(bound.value, int) else bound.value


def _number_size(sizes: list[float]) -> float:
    """The size given, or the least of 1, 5, 10, 50, ... that makes no more than `count` buckets; 0 for no range."""
    if len(sizes) == 1:
        return sizes[0]
    count, start, end = sizes
    precise = (end - start) / count if count else 0.0
    if precise <= 0:
        return 0.0
    power = 10.0 ** math.ceil(math.log10(precise))
    return power / 2 if precise < power / 2 else power
