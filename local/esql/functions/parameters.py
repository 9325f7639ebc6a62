"""The kinds of arguments that functions take, with the names Elasticsearch gives them in errors."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

from local.esql.functions.model import Parameter
from local.esql.types import ANY, DATES, NUMBERS, SPANS, STRINGS, Type, common_number

STRING = Parameter(STRINGS, "string")
INTEGER = Parameter(frozenset({Type.INTEGER}), "integer")
NUMBER = Parameter(NUMBERS, "numeric")
BOOLEAN = Parameter(frozenset({Type.BOOLEAN}), "boolean")
DATE = Parameter(DATES, "date_nanos or datetime")
IP = Parameter(frozenset({Type.IP}), "ip")
VALUE = Parameter(ANY, "any type except counter types")
SQL_NUMBER = {Type.INTEGER: "INTEGER", Type.LONG: "BIGINT", Type.UNSIGNED_LONG: "UBIGINT", Type.DOUBLE: "DOUBLE"}
SPAN = Parameter(SPANS, "dateperiod or timeduration", is_constant=True)


def optional(parameter: Parameter) -> Parameter:
    return replace(parameter, is_optional=True)


def repeated(parameter: Parameter) -> Parameter:
    return replace(parameter, is_repeated=True, is_optional=True)


def listed(parameter: Parameter) -> Parameter:
    return replace(parameter, takes_list=True)


def constant(parameter: Parameter) -> Parameter:
    return replace(parameter, is_constant=True)


def of(label: str, *types: Type) -> Parameter:
    return Parameter(frozenset(types), label)


def first_type(types: Sequence[Type]) -> Type:
    """The result has the type of the first argument; text becomes keyword."""
    return Type.KEYWORD if types[0] is Type.TEXT else types[0]


def widest_number(types: Sequence[Type]) -> Type:
    known = [t for t in types if t is not Type.NULL]
    return reduce(common_number, known, Type.INTEGER)


def unified(types: Sequence[Type]) -> Type:
    """The one type of several branches: numbers widen, strings are keyword, null is anything."""
    known = [t for t in types if t is not Type.NULL]
    if not known:
        return Type.NULL
    if all(t in NUMBERS for t in known):
        return widest_number(known)
    return Type.DATE_NANOS if Type.DATE_NANOS in known else first_type(known)
