"""Conditions over the fields of a FROM that no query text says: for what stands beside it in a request.

A condition holds for a row where one of a field's values fits. It may be null, which is as good as false: `none_of`
and `at_least` take it so.
"""

from collections.abc import Sequence

from local.esql.functions import scalars
from local.esql.functions.model import Function, Many, Site
from local.esql.functions.parameters import BOOLEAN, VALUE, listed, repeated
from local.esql.plan import AllOf, Apply, Const, Expr, Origin, Ref
from local.esql.types import Type

NOWHERE = Origin(1, 1, "")
EVERY_ROW, NO_ROW = Const(value=True, type=Type.BOOLEAN), Const(value=False, type=Type.BOOLEAN)


def one_of(field: Ref, values: Sequence[Const]) -> Expr:
    """Some value of a field is one of these."""
    if not field.is_many:
        return _call("in", field, *values)
    return AllOf(tuple(_call("mv_intersects", field, value) for value in values), is_any=True)


def within(field: Ref, bounds: Sequence[tuple[str, Const]]) -> Expr:
    """Some value of a field stands so to each of these (one value to all of them); by `<`, `<=`, `>` or `>=`."""
    if not bounds:
        return has_value(field)
    if not field.is_many:
        return AllOf(tuple(_call(sign, field, bound) for sign, bound in bounds), is_any=False)
    signs = {str(place): sign for place, (sign, _) in enumerate(bounds, 1)}
    arguments: tuple[Expr, ...] = (field, *(bound for _, bound in bounds))
    return Apply(_SOME_WITHIN, arguments, Type.BOOLEAN, is_many=False, origin=NOWHERE, options=signs)


def has_value(field: Ref) -> Expr:
    return _call("is not null", field)


def all_of(conditions: Sequence[Expr]) -> Expr:
    return AllOf(tuple(conditions), is_any=False) if conditions else EVERY_ROW


def none_of(conditions: Sequence[Expr]) -> Expr:
    return all_of([_call("not", _call("coalesce", condition, NO_ROW)) for condition in conditions])


def at_least(count: int, conditions: Sequence[Expr]) -> Expr:
    """So many of the conditions hold."""
    if count <= 0:
        return EVERY_ROW
    if count > len(conditions):
        return NO_ROW
    if count in (1, len(conditions)):
        return AllOf(tuple(conditions), is_any=count == 1)
    options = {"count": count}
    return Apply(_AT_LEAST, tuple(conditions), Type.BOOLEAN, is_many=False, origin=NOWHERE, options=options)


def _call(name: str, *arguments: Expr) -> Expr:
    return Apply(scalars()[name], arguments, Type.BOOLEAN, is_many=False, origin=NOWHERE)


def _some_within(site: Site) -> str:
    holds = " AND ".join(f"v {site.option(str(place))} {site.sql[place]}" for place in range(1, len(site.sql)))
    return f"len(list_filter({site.sql[0]}, lambda v: {holds})) > 0"


def _at_least(site: Site) -> str:
    held = " + ".join(f"coalesce({condition}, FALSE)::INTEGER" for condition in site.sql)
    return f"({held} >= {site.option('count')})"


_SOME_WITHIN = Function(
    "some value within", (listed(VALUE), repeated(VALUE)), Type.BOOLEAN, _some_within, Many.NEVER, is_unified=True
)
_AT_LEAST = Function("at least", (repeated(BOOLEAN),), Type.BOOLEAN, _at_least, is_strict=False)
