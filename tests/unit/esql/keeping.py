"""An index that keeps rows, and brings those that are wanted and no other."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pyarrow as pa

from local.esql.catalog import Parts, Stored
from local.wanted import Both, Deadline, Either, Has, Match, Requirement, Wanted, Within

NOW = datetime(2026, 1, 10, 12, 30, tzinfo=UTC)
DAY = 1767225600000  # 2026-01-01
FIELDS = {
    "@timestamp": "date",
    "action": "keyword",
    "tags": "keyword",
    "source.ip": "ip",
    "n": "long",
    "ok": "boolean",
    "note": "text",
    "nanos": "date_nanos",
    "never": "keyword",
}
TYPES: Mapping[str, pa.DataType] = {
    "@timestamp": pa.int64(),
    "action": pa.string(),
    "tags": pa.list_(pa.string()),
    "source.ip": pa.string(),
    "n": pa.int64(),
    "ok": pa.bool_(),
    "note": pa.string(),
    "nanos": pa.int64(),
}
Row = Mapping[str, object]


@dataclass
class Keeper:
    """Keeps rows, and brings those that are wanted and no other; remembers what was wanted."""

    rows: Sequence[Row] = ()
    brings_all: bool = False
    asked: list[Wanted] = field(default_factory=list)

    def columns(self) -> Mapping[str, bool]:
        return {name: pa.types.is_list(type_) for name, type_ in TYPES.items()}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        deadline.check()
        self.asked.append(wanted)
        places = [p for p, row in enumerate(self.rows) if self.brings_all or fulfils(row, wanted.requirement)]
        columns = {
            name: pa.array([self.rows[place].get(name) for place in places], type_)
            for name, type_ in TYPES.items()
            if name in wanted.columns
        }
        return Stored((pa.table({**columns, "#": pa.array(places, pa.int64())}),))

    def doubt(self, parts: Parts) -> None:
        raise AssertionError(parts)


def fulfils(row: Row, requirement: Requirement) -> bool:
    match requirement:
        case Both(parts):
            return all(fulfils(row, part) for part in parts)
        case Either(parts):
            return any(fulfils(row, part) for part in parts)
        case Within(name, least, most):
            return any(
                (least is None or value >= least) and (most is None or value <= most)
                for value in values_of(row, name)
                if isinstance(value, int)
            )
        case Has(name, match, text, ignores_case):
            fold = folded if ignores_case else str
            return any(TESTS[match](fold(str(value)), fold(text)) for value in values_of(row, name))


def values_of(row: Row, name: str) -> Sequence[object]:
    value = row.get(name)
    return value if isinstance(value, list) else [] if value is None else [value]


def folded(text: str) -> str:
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), text)


TESTS: Mapping[Match, Callable[[str, str], bool]] = {
    Match.EQUALS: str.__eq__,
    Match.STARTS: str.startswith,
    Match.ENDS: str.endswith,
    Match.CONTAINS: str.__contains__,
}
