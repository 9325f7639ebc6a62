"""What a plan wants of the rows it scans: the columns it reads, and what a row must have to change the answer.

A row passes a filter only where the condition is true, so that AND requires all its parts, OR one of them, and
whatever may be true of a null, or is not understood here, requires nothing. Only filters count that stand before
anything that looks at more than one row.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, ip_network

from local.esql.encoding import decode_ip
from local.esql.pieces import GAP, Pieces, cut, joined, pieces_of_re2
from local.esql.plan import AllOf, Apply, Const, Expand, Expr, Extend, Extract, Filter, Plan, Ref, Scan, Sort
from local.esql.pruning import columns_of
from local.esql.types import STRINGS, Type
from local.wanted import ANYTHING, Both, Either, Has, Match, Requirement, Wanted, Within

Fold = Callable[[Expr], object]

NOTHING = Either(())
_DATE, _IP = frozenset({Type.DATE}), frozenset({Type.IP})
_OCTET_BITS, _OCTETS = 8, 4
# Functions whose result is one of the values of their first argument, or several of them.
_CHOOSING = frozenset({"mv_first", "mv_last", "mv_min", "mv_max", "mv_dedupe", "mv_sort", "mv_slice", "to_string"})
# What may stand in a folded text although there was something else before than an ASCII letter of either case. Lower
# case: U+0130 becomes an i, with or without a dot above, and U+212A a k. Upper case: the long and the sharp s, the
# dotless i, ligatures, and letters that become two. Source: Unicode's UnicodeData and SpecialCasing.
_UNSAFE = {
    "to_lower": re.compile(r"[ik]|[^\x00-\x7F]"),
    "to_upper": re.compile(r"[AFHIJLNSTWY]|[^\x00-\x7F]"),
}
_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class _Text:
    """Values of a field as they are, or folded to one case: then `unsafe` finds what folding may have made."""

    field: str
    unsafe: re.Pattern[str] | None = None

    def made_of(self, pieces: Pieces) -> Requirement:
        """Some value consists of these pieces."""
        if self.unsafe is not None:
            pieces = cut(pieces, self.unsafe)
        has = partial(Has, self.field, ignores_case=self.unsafe is not None)
        if GAP not in pieces:
            return has(Match.EQUALS, "".join(piece for piece in pieces if piece is not GAP))
        last = len(pieces) - 1
        places = {0: Match.STARTS, last: Match.ENDS}
        return both(
            has(places.get(place, Match.CONTAINS), piece) for place, piece in enumerate(pieces) if piece is not GAP
        )


def wanted(plan: Plan, fold: Fold) -> Wanted:
    """What a pruned plan wants of its scan; `fold` works out an expression that reads no column."""
    scan = plan.stages[0]
    if not isinstance(scan, Scan):
        return Wanted(frozenset(), NOTHING)
    reader = _Reader({ref.column: stored for stored, ref in scan.columns}, fold)
    found: list[Requirement] = []
    for stage in plan.stages[1:]:
        match stage:
            case Extend():
                reader.made.update(stage.columns)
            case Expand():
                reader.alias(stage.source.column, stage.column)
            case Filter():
                found.append(reader.required(stage.condition))
            case Extract() | Sort():
                pass
            case _:
                break
    return Wanted(frozenset(stored for stored, _ in scan.columns), both(found))


def both(parts: Iterable[Requirement]) -> Requirement:
    """All of these, said as shortly as it can be."""
    flat = dict.fromkeys(p for part in parts for p in (part.parts if isinstance(part, Both) else (part,)))
    if NOTHING in flat:
        return NOTHING
    return next(iter(flat)) if len(flat) == 1 else Both(tuple(flat))


def either(parts: Iterable[Requirement]) -> Requirement:
    """One of these, said as shortly as it can be."""
    flat = dict.fromkeys(p for part in parts for p in (part.parts if isinstance(part, Either) else (part,)))
    if ANYTHING in flat:
        return ANYTHING
    return next(iter(flat)) if len(flat) == 1 else Either(tuple(flat))


class _Reader:
    """Reads conditions. `made` are columns that were calculated, by what they were calculated from."""

    def __init__(self, fields: Mapping[str, str], fold: Fold) -> None:
        self._fields = dict(fields)
        self._fold = fold
        self.made: dict[str, Expr] = {}
        self._known: dict[str, Requirement] = {}

    def alias(self, old: str, new: str) -> None:
        """A new column holds values of an old one."""
        if old in self._fields:
            self._fields[new] = self._fields[old]
        elif old in self.made:
            self.made[new] = self.made[old]

    def required(self, condition: Expr) -> Requirement:
        """What is so of every row for which a condition is true. Each column is looked at once."""
        if not isinstance(condition, Ref):
            return self._required(condition)
        if condition.column not in self._known:
            self._known[condition.column] = self._required(condition)
        return self._known[condition.column]

    def _required(self, condition: Expr) -> Requirement:
        match self._plain(condition):
            case Const(value=value):
                return ANYTHING if value is True else NOTHING
            case AllOf(operands=operands, is_any=is_any):
                return (either if is_any else both)(self.required(operand) for operand in operands)
            case Apply(function=function, arguments=arguments) if function.name in _RULES:
                return _RULES[function.name](self, arguments)
            case _:
                return ANYTHING

    # ---- operands

    def _plain(self, value: Expr) -> Expr:
        """What a column was made from, as far back as that is known."""
        while isinstance(value, Ref) and value.column in self.made:
            value = self.made[value.column]
        return value

    def _chosen(self, value: Expr) -> Expr:
        """What a value was chosen from."""
        value = self._plain(value)
        while isinstance(value, Apply) and value.function.name in _CHOOSING and _keeps_type(value):
            value = self._plain(value.arguments[0])
        return value

    def field(self, value: Expr, types: frozenset[Type]) -> str | None:
        """The field that an expression is, where it has one of these types."""
        value = self._chosen(value)
        return self._fields.get(value.column) if isinstance(value, Ref) and value.type in types else None

    def text(self, value: Expr) -> _Text | None:
        """The text field that an expression is, maybe folded."""
        value = self._chosen(value)
        unsafe = None
        if isinstance(value, Apply) and value.function.name in _UNSAFE:
            unsafe, value = _UNSAFE[value.function.name], value.arguments[0]
        field = self.field(value, STRINGS)
        return None if field is None else _Text(field, unsafe)

    def constants(self, value: Expr) -> Sequence[Const] | None:
        """The values of a constant, none for null; None for what is not constant."""
        plain = self._plain(value)
        if isinstance(plain, Apply) and plain.type is Type.DATE and not columns_of(plain):
            plain = Const(self._fold(plain), plain.type)
        if not isinstance(plain, Const):
            return None
        values = plain.value if isinstance(plain.value, tuple) else () if plain.value is None else (plain.value,)
        return [Const(value, plain.type) for value in values]

    def sides(self, arguments: Sequence[Expr]) -> tuple[Expr, Sequence[Const] | None, bool]:
        """A comparison as what is compared, the values of the constant it is compared with, and if they swapped."""
        left, right = arguments
        constants = self.constants(right)
        if constants is not None:
            return left, constants, False
        return right, self.constants(left), True

    def has(self, field: Expr, constant: Const) -> Requirement:
        """Some value of an expression is the constant."""
        if self.constants(field) == []:
            return NOTHING
        match constant:
            case Const(value=True):
                return self.required(field)
            case Const(value=int() as value, type=Type.DATE):
                date = self.field(field, _DATE)
                return ANYTHING if date is None else Within(date, value, value)
            case Const(value=str() as value, type=Type.IP):
                return _in_network(self.field(field, _IP), decode_ip(value))
            case Const(value=str() as value):
                text = self.text(field)
                return ANYTHING if text is None else text.made_of(joined([value]))
            case _:
                return ANYTHING


def _keeps_type(call: Apply) -> bool:
    (before, after) = call.arguments[0].type, call.type
    return before is after or {before, after} <= STRINGS


# ---- rules: what the arguments of a function that is true require

_Rule = Callable[[_Reader, Sequence[Expr]], Requirement]


def _equal(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
    field, constants, _ = reader.sides(arguments)
    if constants is None:
        return ANYTHING
    return reader.has(field, constants[0]) if len(constants) == 1 else NOTHING


def _in(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
    first, *others = arguments
    return either(_equal(reader, (first, other)) for other in others)


def _contains_all(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
    """MV_CONTAINS: nothing is contained in everything."""
    values = reader.constants(arguments[1])
    return ANYTHING if values is None else both(reader.has(arguments[0], value) for value in values)


def _intersects(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
    field, values, _ = reader.sides(arguments)
    return ANYTHING if values is None else either(reader.has(field, value) for value in values)


def _compared(operator: str) -> _Rule:
    """Dates are whole milliseconds, so that "later than" is "from the next one on"."""

    def rule(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
        compared, constants, is_swapped = reader.sides(arguments)
        field = reader.field(compared, _DATE)
        match constants:
            case [Const(value=int() as limit, type=Type.DATE)] if field is not None:
                pass
            case _:
                return ANYTHING
        match _FLIPPED[operator] if is_swapped else operator:
            case ">":
                return Within(field, least=limit + 1)
            case ">=":
                return Within(field, least=limit)
            case "<":
                return Within(field, most=limit - 1)
            case _:
                return Within(field, most=limit)

    return rule


def _shaped(shape: Callable[[str], Iterable[Pieces]]) -> _Rule:
    """A text in one of the shapes that a pattern has."""

    def rule(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
        text, constants = reader.text(arguments[0]), reader.constants(arguments[1])
        match constants:
            case [Const(value=str() as pattern)] if text is not None:
                return either(text.made_of(pieces) for pieces in shape(pattern))
            case _:
                return ANYTHING

    return rule


def _in_networks(reader: _Reader, arguments: Sequence[Expr]) -> Requirement:
    address, *blocks = arguments
    field = reader.field(address, _IP)
    return either(
        ANYTHING if values is None else _in_network(field, str(value.value))
        for values in map(reader.constants, blocks)
        for value in values or [Const(None, Type.NULL)]
    )


def _in_network(field: str | None, block: str) -> Requirement:
    """An IPv4 address has one form only, but it may also be written as an IPv6 address that it is mapped to."""
    try:
        network = ip_network(block, strict=False)
    except ValueError:
        return ANYTHING
    whole, _ = divmod(network.prefixlen, _OCTET_BITS)
    if field is None or not isinstance(network, IPv4Network) or whole == 0:
        return ANYTHING
    known = str(network.network_address).split(".")[:whole]
    start = Has(field, Match.EQUALS, ".".join(known))
    if whole < _OCTETS:
        start = Has(field, Match.STARTS, ".".join([*known, ""]))
    return Either((start, Has(field, Match.CONTAINS, "ffff:", ignores_case=True)))


_RULES: Mapping[str, _Rule] = {
    "==": _equal,
    "in": _in,
    "mv_contains": _contains_all,
    "mv_intersects": _intersects,
    **{operator: _compared(operator) for operator in _FLIPPED},
    "like": _shaped(pieces_of_re2),
    "starts_with": _shaped(lambda text: [joined([text, GAP])]),
    "ends_with": _shaped(lambda text: [joined([GAP, text])]),
    "contains": _shaped(lambda text: [joined([GAP, text, GAP])]),
    "cidr_match": _in_networks,
}
