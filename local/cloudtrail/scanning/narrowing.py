"""Rows without those that a requirement plainly rules out; the query looks again at what is left."""

from __future__ import annotations

from functools import reduce
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from local.cloudtrail.ecs.schema import FIELDS, FieldType
from local.wanted import Both, Either, Has, Match, Requirement, Within

Mask: TypeAlias = "pa.ChunkedArray[Any] | pa.Array[Any]"

_TESTS: dict[Match, Any] = {
    Match.EQUALS: pc.equal,
    Match.STARTS: pc.starts_with,
    Match.ENDS: pc.ends_with,
    Match.CONTAINS: pc.match_substring,
}


def narrowed(table: pa.Table, requirement: Requirement) -> pa.Table:
    """At least the rows that fulfil the requirement."""
    mask = _mask(table, requirement)
    return table if mask is None else table.filter(mask)


def _mask(table: pa.Table, requirement: Requirement) -> Mask | None:
    """Which rows may fulfil it; None: any."""
    match requirement:
        case Has():
            return _having(table, requirement)
        case Within():
            return _within(table, requirement)
        case Both(parts):
            masks = [mask for part in parts if (mask := _mask(table, part)) is not None]
            return reduce(pc.and_, masks) if masks else None
        case Either(parts):
            alternatives = [_mask(table, part) for part in parts]
            known = [mask for mask in alternatives if mask is not None]
            if len(known) < len(alternatives):
                return None
            return reduce(pc.or_, known) if known else pa.repeat(pa.scalar(value=False), table.num_rows)


def _having(table: pa.Table, has: Has) -> Mask | None:
    field = FIELDS.get(has.field)
    if field is None or field.type not in (FieldType.KEYWORD, FieldType.TEXT):
        return None
    if has.field not in table.column_names or not pa.types.is_string(table.schema.field(has.field).type):
        return None
    column: Any = table[has.field]
    test = _TESTS[has.match]
    if not has.ignores_case:
        return _known(test(column, has.text))
    return _known(test(pc.ascii_lower(column), has.text.encode().lower().decode()))


def _within(table: pa.Table, within: Within) -> Mask | None:
    if within.field not in table.column_names or not pa.types.is_timestamp(table.schema.field(within.field).type):
        return None
    moments: Any = pc.cast(table[within.field], pa.int64())
    bounds = [
        test(moments, pa.scalar(bound))
        for test, bound in ((pc.greater_equal, within.least), (pc.less_equal, within.most))
        if bound is not None
    ]
    return _known(reduce(pc.and_, bounds)) if bounds else None


def _known(mask: Any) -> Mask:
    """A null fulfils nothing."""
    known: Mask = pc.fill_null(mask, False)  # noqa: FBT003  # the name of its parameter differs between versions
    return known
