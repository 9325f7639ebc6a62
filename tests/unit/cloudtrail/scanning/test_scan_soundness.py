"""Whatever an archive holds, a scan brings every row that decoding all of it would have found."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st

from local.cloudtrail.ecs.columns import Columns
from local.cloudtrail.ecs.mapping import document_of
from local.cloudtrail.ecs.schema import FIELDS as FIELDS_OF_INDEX
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.refusal import Refusal
from local.cloudtrail.scanning.crew import Crew
from local.cloudtrail.scanning.scan import ORDINAL, Found, Ranked, scan
from local.wanted import Both, Deadline, Either, Has, Match, Requirement, Wanted, Within

NAMES = ["AddPermission", "AddPermission20150331v2", "RemovePermission20150331v2", "Invoke", "Permission"]
SOURCES = ["lambda.amazonaws.com", "sqs.amazonaws.com", "Lambda.AmazonAWS.com"]
ODD = [
    'x"eventName":"AddPermission"',
    '{"eventName":"AddPermission","eventSource":"lambda.amazonaws.com"}',
    "back\\slash\\",
    '"},{"',
    "lambda.amazonaws.co\u212a",
    "Stra\u00dfe.example",
    "AddPermi\u017f\u017fion",
    "",
    "AIDA:alice-b.c",
    "111122223333",
    "true",
]
TIMES = ["2026-03-01T00:00:00Z", "2026-03-02T12:30:00Z", "yesterday"]
FIELDS = [
    "@timestamp",
    "event.provider",
    "event.action",
    "event.id",
    "user.name",
    "user.id",
    "user_agent.original",
    "user_agent.original.text",
    "related.user",
    "cloud.account.id",
    "aws.cloudtrail.user_identity.arn",
    "aws.cloudtrail.user_identity.access_key_id",
    "aws.cloudtrail.request_parameters",
    "aws.cloudtrail.read_only",
    "event.outcome",
    "source.ip",
]


class Pairs(list[tuple[str, Any]]):
    """An object of JSON as it is written: in this order, keys twice if need be."""


KEYS = ["eventName", "eventSource", "Records", "arn", "k", "AddPermission", "userIdentity", 'q"']
TEXT_KEYS = ["eventName", "eventSource", "eventID", "userAgent", "recipientAccountId", "sourceIPAddress"]
IDENTITY_KEYS = ["arn", "userName", "principalId", "accountId", "type"]
NO_TEXTS = [None, True, False, 111122223333, 1.5, -3, 10**7, 1e300]


class Maker:
    """Records of every kind, and requirements that some of them may fulfil."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def records(self) -> list[Pairs]:
        return [self._record() for _ in range(self._random.randint(1, 5))]

    def requirement(self, depth: int = 0) -> Requirement:
        form = self._random.choice(["lambda-perms", "has", "has", "both", "either", "within"])
        if form == "lambda-perms" and not depth:
            return LAMBDA_PERMS
        if form in ("both", "either") and depth < 3:
            parts = tuple(self.requirement(depth + 1) for _ in range(self._random.randint(1, 3)))
            return Both(parts) if form == "both" else Either(parts)
        moments = [None, 1772400000000]
        if form == "within":
            return Within("@timestamp", self._random.choice(moments), self._random.choice(moments))
        text = self._random.choice([*NAMES, *NAMES, *SOURCES, *SOURCES, *ODD])
        part = self._random.choice([text, text, text[:9], text[3:], text[2:15], text.swapcase()])
        usual = ["event.action", "event.provider"] * 5
        field = self._random.choice([*usual, *(field for field in FIELDS if field != "source.ip")])
        return Has(field, self._random.choice(list(Match)), part, self._random.random() < 0.3)

    def _record(self) -> Pairs:
        choice = self._random.choice
        base = [("eventSource", choice(SOURCES)), ("eventName", choice(NAMES)), ("eventTime", choice(TIMES))]
        members = [*base, *(self._member() for _ in range(self._random.randint(0, 5)))]
        self._random.shuffle(members)
        return Pairs(members)

    def _member(self) -> tuple[str, Any]:
        choice = self._random.choice
        members: list[Callable[[], tuple[str, Any]]] = [
            lambda: ("eventName", [choice(NAMES), choice(NAMES)]),
            lambda: ("eventName", choice(NAMES)),
            lambda: ("eventSource", choice(SOURCES)),
            lambda: (choice(TEXT_KEYS), self._scalar()),
            lambda: (choice(TEXT_KEYS), [self._scalar(), self._scalar()]),
            lambda: ("userIdentity", self._identity()),
            lambda: ("requestParameters", self._anything()),
            lambda: (choice(KEYS), self._anything()),
        ]
        return choice(members)()

    def _identity(self) -> Pairs:
        members = [(self._random.choice(IDENTITY_KEYS), self._scalar()) for _ in range(self._random.randint(0, 3))]
        return Pairs([*members, ("sessionContext", self._anything())])

    def _scalar(self) -> Any:
        return self._random.choice([*NAMES, *SOURCES, *ODD, *ODD, *NO_TEXTS])

    def _anything(self, depth: int = 0) -> Any:
        form = self._random.random()
        if depth > 3 or form < 0.4:
            return self._scalar()
        if form < 0.5:
            return self._record()
        items = [self._anything(depth + 1) for _ in range(self._random.randint(0, 3))]
        return items if form < 0.7 else Pairs([(self._random.choice(KEYS), item) for item in items])


class Writer:
    """JSON written in any of the ways in which it may be: blanks, escapes, or as most programs do."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._escaped = random.choice([0, 0, 0.03, 0.3])
        self._blanks = random.choice(["", "", " ", "\n\t "])

    def value(self, value: Any) -> str:
        match value:
            case str():
                return f'"{"".join(map(self._character, value))}"'
            case Pairs():
                members = (
                    f"{self.value(key)}{self._blank()}:{self._blank()}{self.value(item)}" for key, item in value
                )
                return self._listed("{", members, "}")
            case list():
                return self._listed("[", map(self.value, value), "]")
            case None:
                return "null"
            case bool():
                return "true" if value else "false"
            case _:
                return repr(value)

    def _listed(self, begin: str, items: Iterable[str], end: str) -> str:
        blank = self._blank()
        return f"{begin}{blank}{f'{blank},{self._blank()}'.join(items)}{self._blank()}{end}"

    def _blank(self) -> str:
        return self._random.choice(["", self._blanks])

    def _character(self, character: str) -> str:
        if self._random.random() < self._escaped:
            return f"\\u{ord(character):04{self._random.choice('xX')}}"
        return {'"': '\\"', "\\": "\\\\"}.get(character, character)


def in_a_row(record: Pairs) -> Pairs:
    """As Athena and CloudTrail Lake have it: columns in lower case, a struct printed or not."""
    call = dict(record)
    cells = [(key.lower(), value) for key, value in call.items() if not isinstance(value, list)]
    keys = f"{{a=b}}, {call['eventName']}"
    struct = f"{{type=Role, arn={call['eventSource']}, principalid={call['eventName']}, accesskeyid=[{keys}]}}"
    return Pairs([*cells, ("eventname", call["eventName"]), ("useridentity", struct)])


def in_objects(record: Pairs) -> Pairs:
    """As Elasticsearch has it, mapped by the integration."""
    call = dict(record)
    event = [("action", call["eventName"]), ("provider", call["eventSource"]), ("dataset", "aws.cloudtrail")]
    return Pairs([("@timestamp", call["eventTime"]), ("event", Pairs(event))])


def in_dots(record: Pairs) -> Pairs:
    (timestamp, (_, event)) = in_objects(record)
    return Pairs([timestamp, *((f"event.{key}", [value]) for key, value in event)])


FOREIGN = (in_a_row, in_objects, in_dots)


def written(random: Random, records: list[Pairs]) -> bytes:
    """A file: nearly always one log, sometimes several, lines, a bare list or an envelope."""
    writer = Writer(random)
    log = writer.value(Pairs([("Records", records)]))
    head = writer.value(Pairs([("Records", records[:1])]))
    looked_up = Pairs([("Events", [Pairs([("CloudTrailEvent", writer.value(each))]) for each in records])])
    forms = [log] * 12 + [
        f"{head}\n{log}\n",
        "\n".join(map(writer.value, records)),
        writer.value(records),
        f" {log}\r\n",
        f"{head}\n{writer.value(looked_up)}\n{log}",
        f"{head}\n{writer.value(looked_up)}\n{log}".replace('\\"', "\\u0022"),
        "\n".join([head, *(writer.value(form(each)) for each in records for form in FOREIGN), log]),
        "\n".join([head, *(writer.value(in_a_row(each)).replace("=", "\\u003D") for each in records), log]),
        writer.value(Pairs([("Records", records[1:]), ("Records", records)])),
        writer.value(
            Pairs([("Records", [*records, Pairs([("eventSource", "aws:s3"), ("eventName", "AddPermission")])])])
        ),
        f"{log[:-3]}",
        log.replace("true", "1e999"),
    ]
    data = random.choice(forms).encode()
    packings = [data, gzip.compress(data, 1), gzip.compress(data, 1) + gzip.compress(b"\n" + data, 1)]
    return random.choice(packings)


LAMBDA_PERMS = Both(
    (
        Has("event.provider", Match.EQUALS, "lambda.amazonaws.com"),
        Either(
            (
                Has("event.action", Match.STARTS, "AddPermission"),
                Has("event.action", Match.STARTS, "RemovePermission"),
            )
        ),
    )
)


def values_of(row: dict[str, Any], field: str) -> list[Any]:
    value = row.get(field)
    return value if isinstance(value, list) else [] if value is None else [value]


def stands(value: str, has: Has) -> bool:
    match has.match:
        case Match.EQUALS:
            return value == has.text
        case Match.STARTS:
            return value.startswith(has.text)
        case Match.ENDS:
            return value.endswith(has.text)
        case Match.CONTAINS:
            return has.text in value


def in_lower_case(text: str) -> str:
    """Without regard to ASCII's cases, which are the only ones that a requirement ignores."""
    return text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")


def fulfils(row: dict[str, Any], requirement: Requirement) -> bool:
    """The full predicate."""
    match requirement:
        case Has(field, match, text, ignores_case):
            changed = in_lower_case if ignores_case else str
            sought = Has(field, match, changed(text))
            return any(stands(changed(value), sought) for value in values_of(row, field) if isinstance(value, str))
        case Within(field, least, most):
            moments = [value.timestamp() * 1000 for value in values_of(row, field)]
            return any((least is None or moment >= least) and (most is None or moment <= most) for moment in moments)
        case Both(parts):
            return all(fulfils(row, part) for part in parts)
        case Either(parts):
            return any(fulfils(row, part) for part in parts)


def fields_of(requirement: Requirement) -> set[str]:
    match requirement:
        case Has(field) | Within(field):
            return {field}
        case Both(parts) | Either(parts):
            return set[str]().union(*map(fields_of, parts))


def plain(row: dict[str, Any]) -> dict[str, Any]:
    """A row however its columns are typed: a list of one value is that value, what is absent is null."""
    cells = {name: row.get(name) for name in FIELDS}
    return {name: cell[0] if isinstance(cell, list) and len(cell) == 1 else cell for name, cell in cells.items()}


def everything(files: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    for data in files:
        columns = Columns({name: FIELDS_OF_INDEX[name] for name in FIELDS})
        columns.add(
            document_of(item) for item in contents(io.BytesIO(data), len(data)) if not isinstance(item, Refusal)
        )
        yield from map(plain, columns.table().to_pylist())


QUIET = b'{"Records":[{"eventSource":"sns.amazonaws.com","eventName":"Publish"}]}'


def scanned(files: Sequence[bytes], wanted: Wanted) -> list[dict[str, Any]]:
    """Behind a log with a call in it: until one was seen, no file is passed over."""
    with tempfile.TemporaryDirectory() as folder:
        ranked = []
        for rank, data in enumerate([*files, QUIET]):
            path = Path(folder, str(rank))
            path.write_bytes(data)
            ranked.append(Ranked(rank, str(path), 2**30 if data is QUIET else len(data)))  # the largest is first
        parts: list[Found] = list(scan(ranked, wanted, Crew(1), Deadline()))
    assert sum(each.files for each in parts) == len(files) + 1
    rows = [row for each in parts for row in each.table.to_pylist() if row[ORDINAL] < len(files) << 32]
    return [plain(row) for row in sorted(rows, key=lambda row: row[ORDINAL])]


def found(files: Sequence[bytes], requirement: Requirement, columns: Collection[str]) -> list[dict[str, Any]]:
    brought = scanned(files, Wanted(frozenset(columns), requirement))
    return [{name: row[name] for name in columns} for row in brought if fulfils(row, requirement)]


def expected(files: Sequence[bytes], requirement: Requirement, columns: Collection[str]) -> list[dict[str, Any]]:
    return [{name: row[name] for name in columns} for row in everything(files) if fulfils(row, requirement)]


@settings(max_examples=300, deadline=None)
@given(st.integers(min_value=0, max_value=2**48))
def test_no_row_that_decoding_everything_finds_is_missed(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # archives, no secrets
    make = Maker(random)
    files = [written(random, make.records()) for _ in range(random.randint(1, 3))]
    requirement = make.requirement()
    columns = fields_of(requirement).union(random.sample(FIELDS, random.choice([1, 2, len(FIELDS)])))
    note(f"{columns}\n{requirement}\n{files}")
    assert found(files, requirement, columns) == expected(files, requirement, columns)


@pytest.mark.parametrize("mark", ["=", "\\u003d", "\\u003D"])
@pytest.mark.parametrize("field", ["arn", "access_key_id"])
def test_a_struct_behind_a_log_is_found_however_its_marks_are_written(field: str, mark: str) -> None:
    call = Pairs([("eventSource", "sqs.amazonaws.com"), ("eventName", "sqs.amazonaws.com"), ("eventTime", TIMES[0])])
    row, log = json.dumps(dict(in_a_row(call))).replace("=", mark), QUIET.decode()
    files = [f"{log}\n{row}\n{log}".encode()]
    requirement = Has(f"aws.cloudtrail.user_identity.{field}", Match.EQUALS, "sqs.amazonaws.com")
    rows = expected(files, requirement, {requirement.field})
    assert rows
    assert found(files, requirement, {requirement.field}) == rows
