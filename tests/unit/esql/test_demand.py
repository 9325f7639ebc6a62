"""What a query wants of the rows: tables of filters and what they require."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

import pytest

from local.esql import Catalog, Engine, Index
from local.esql.catalog import Stored
from local.wanted import ANYTHING, Both, Deadline, Either, Has, Match, Requirement, Wanted, Within
from tests.unit.esql.keeping import DAY, FIELDS, NOW, TYPES, Keeper


@pytest.fixture(scope="module")
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture(scope="module")
def engine(keeper: Keeper) -> Iterator[Engine]:
    engine = Engine(Catalog([Index("logs", FIELDS, keeper)]), lambda: NOW)
    yield engine
    engine.close()


def starts(text: str, name: str = "action", **more: bool) -> Has:
    return Has(name, Match.STARTS, text, **more)


def ends(text: str, name: str = "action", **more: bool) -> Has:
    return Has(name, Match.ENDS, text, **more)


def contains(text: str, name: str = "action", **more: bool) -> Has:
    return Has(name, Match.CONTAINS, text, **more)


def equals(text: str, name: str = "action", **more: bool) -> Has:
    return Has(name, Match.EQUALS, text, **more)


def within(least: int | None = None, most: int | None = None) -> Within:
    return Within("@timestamp", least, most)


A, B = equals("a"), equals("b")
NEVER = Either(())
IPV4_IN_IPV6 = contains("ffff:", "source.ip", ignores_case=True)

REQUIRED: list[tuple[str, Requirement]] = [
    # texts
    ('WHERE action == "a"', A),
    ('WHERE "a" == action', A),
    ('WHERE action == ""', equals("")),
    ('WHERE note == "a"', equals("a", "note")),
    ('WHERE action IN ("a", "b", null)', Either((A, B))),
    ('WHERE action IN ("a")', A),
    ('WHERE action LIKE "a*"', starts("a")),
    ('WHERE action LIKE "*a"', ends("a")),
    ('WHERE action LIKE "*a*"', contains("a")),
    ('WHERE action LIKE "a"', A),
    ('WHERE action LIKE "a?c*d*e"', Both((starts("a"), contains("c"), contains("d"), ends("e")))),
    (r'WHERE action LIKE "a\\*b*"', starts("a*b")),
    ('WHERE action LIKE "*"', ANYTHING),
    ('WHERE action LIKE "?"', ANYTHING),
    ('WHERE action LIKE ("a*", "b")', Either((starts("a"), B))),
    ('WHERE action RLIKE "AddPermission([0-9]+(v[0-9]+)?)?"', starts("AddPermission")),
    (
        'WHERE action RLIKE "(Add|Remove)Permission.*x"',
        Either((Both((starts("AddPermission"), ends("x"))), Both((starts("RemovePermission"), ends("x"))))),
    ),
    (
        f'WHERE action RLIKE "{"(a|b)" * 9}c"',
        Either(tuple(Both((starts("".join(four)), ends("c"))) for four in product("ab", repeat=4))),
    ),
    ('WHERE action RLIKE "a.*|b"', Either((starts("a"), B))),
    ('WHERE action RLIKE "(ab)c+d"', Both((starts("abc"), ends("d")))),
    ('WHERE action RLIKE "x{0,2}a[bc]d{2}e"', Both((contains("a"), contains("d"), ends("e")))),
    (r'WHERE action RLIKE "a\\.b.c"', Both((starts("a.b"), ends("c")))),
    ('WHERE action RLIKE ".*|a"', ANYTHING),
    ('WHERE STARTS_WITH(action, "a")', starts("a")),
    ('WHERE ENDS_WITH(action, "a")', ends("a")),
    ('WHERE CONTAINS(action, "a")', contains("a")),
    ('WHERE STARTS_WITH(action, "")', ANYTHING),
    ('WHERE STARTS_WITH("abc", action)', ANYTHING),
    # folded texts: no piece has a letter that another than an ASCII letter may have become
    ('WHERE TO_LOWER(action) == "lambda.aws"', equals("lambda.aws", ignores_case=True)),
    (
        'WHERE TO_LOWER(action) == "kms.list.aws"',
        Both((contains("ms.l", ignores_case=True), ends("st.aws", ignores_case=True))),
    ),
    ('WHERE TO_LOWER(action) LIKE "put*"', starts("put", ignores_case=True)),
    ('WHERE TO_LOWER(action) LIKE "*é*"', ANYTHING),
    ('WHERE CONTAINS(TO_UPPER(action), "BUCKET")', Both((contains("BUCKE", ignores_case=True),)).parts[0]),
    ('WHERE TO_UPPER(TO_LOWER(action)) == "B"', ANYTHING),
    # dates
    ('WHERE @timestamp >= "2026-01-01"', within(DAY)),
    ('WHERE @timestamp > "2026-01-01"', within(DAY + 1)),
    ('WHERE @timestamp <= "2026-01-01"', within(None, DAY)),
    ('WHERE "2026-01-01" > @timestamp', within(None, DAY - 1)),
    ('WHERE @timestamp == "2026-01-01"', within(DAY, DAY)),
    ('WHERE @timestamp >= "2026-01-01" AND @timestamp < NOW()', Both((within(DAY), within(None, 1768048199999)))),
    ("WHERE @timestamp > NOW() - 1 day - 2 hours", within(1768048200000 - 26 * 3_600_000 + 1)),
    ("WHERE @timestamp >= NOW() - 1 month", within(1765369800000)),
    ('WHERE @timestamp >= TO_DATETIME("2026-01-01")', within(DAY)),
    ("WHERE @timestamp >= DATE_TRUNC(1 year, NOW())", within(DAY)),
    ("WHERE @timestamp != NOW()", ANYTHING),
    ('WHERE nanos >= "2026-01-01"', ANYTHING),
    ("WHERE @timestamp >= nanos", ANYTHING),
    ("WHERE n >= 5 AND n == 7", ANYTHING),
    # addresses
    ('WHERE source.ip == "10.1.2.3"', Either((equals("10.1.2.3", "source.ip"), IPV4_IN_IPV6))),
    ('WHERE source.ip == "2001:db8::1"', ANYTHING),
    ('WHERE CIDR_MATCH(source.ip, "10.0.0.0/8")', Either((starts("10.", "source.ip"), IPV4_IN_IPV6))),
    (
        'WHERE CIDR_MATCH(source.ip, "10.1.16.0/20", "10.9.9.9/32")',
        Either((starts("10.1.", "source.ip"), IPV4_IN_IPV6, equals("10.9.9.9", "source.ip"))),
    ),
    ('WHERE CIDR_MATCH(source.ip, "10.0.0.0/8", "::/0")', ANYTHING),
    ('WHERE CIDR_MATCH(source.ip, "0.0.0.0/0")', ANYTHING),
    ('WHERE TO_STRING(source.ip) == "10.1.2.3"', ANYTHING),
    # several values
    ('WHERE tags == "a"', equals("a", "tags")),
    ('WHERE MV_CONTAINS(tags, "a")', equals("a", "tags")),
    ('WHERE MV_CONTAINS(tags, ["a", "b"])', Both((equals("a", "tags"), equals("b", "tags")))),
    ("WHERE MV_CONTAINS(tags, null)", ANYTHING),
    ('WHERE MV_CONTAINS("a", tags)', ANYTHING),
    ('WHERE MV_INTERSECTS(tags, ["a", "b"])', Either((equals("a", "tags"), equals("b", "tags")))),
    ('WHERE MV_FIRST(tags) == "a"', equals("a", "tags")),
    ("WHERE MV_COUNT(tags) == 1", ANYTHING),
    ('WHERE MV_CONCAT(tags, ",") LIKE "a*"', ANYTHING),
    ('MV_EXPAND tags | WHERE tags == "a"', equals("a", "tags")),
    # logic
    ('WHERE action == "a" AND tags == "b"', Both((A, equals("b", "tags")))),
    ('WHERE action == "a" AND n > 3', A),
    ('WHERE action == "a" OR action == "b"', Either((A, B))),
    ('WHERE action == "a" OR n > 3', ANYTHING),
    ('WHERE action == "a" AND (action == "b" OR (action LIKE "b*" AND ok))', Both((A, Either((B, starts("b")))))),
    ('WHERE action == "a" | WHERE action == "b"', Both((A, B))),
    ('WHERE NOT action == "a"', ANYTHING),
    ('WHERE action != "a"', ANYTHING),
    ("WHERE action IS NULL", ANYTHING),
    ("WHERE action IS NOT NULL", ANYTHING),
    ("WHERE ok", ANYTHING),
    ('WHERE (action == "a") == true', A),
    ('WHERE (action == "a") == false', ANYTHING),
    ('WHERE CASE(ok, action == "a", false)', ANYTHING),
    ('WHERE COALESCE(action, "a") == "a"', ANYTHING),
    ('WHERE COALESCE(action == "a", true)', ANYTHING),
    ("WHERE true", ANYTHING),
    ("WHERE false", NEVER),
    ("WHERE null", NEVER),
    ('WHERE never == "a"', NEVER),
    ('WHERE action == null OR action == "a"', A),
    # parameters and names
    ("WHERE action == ?one AND action IN (?one, ?two)", Both((A, Either((A, B))))),
    ("WHERE MV_CONTAINS(tags, ?several)", Both((equals("a", "tags"), equals("b", "tags")))),
    ("WHERE @timestamp >= ?start", within(DAY)),
    ('EVAL x = action, y = x | WHERE y == "a"', A),
    ('EVAL x = "a" | WHERE action == x', A),
    ('EVAL x = TO_LOWER(action) | WHERE x == "a"', equals("a", ignores_case=True)),
    ('EVAL x = action == "a" | WHERE x', A),
    ('EVAL action = CONCAT(action, "x") | WHERE action == "a"', ANYTHING),
    ('RENAME action AS x | WHERE x == "a"', A),
    # what stands before: stages that look at one row only, and those that do not
    ('GROK action "%{WORD:x}" | WHERE x == "a"', ANYTHING),
    ('GROK action "%{WORD:x}" | WHERE action == "a"', A),
    ('DISSECT action "%{x}" | WHERE action == "a"', A),
    ('SORT n | WHERE action == "a"', A),
    ('LIMIT 5 | WHERE action == "a"', ANYTHING),
    ('SORT n | LIMIT 5 | WHERE action == "a"', ANYTHING),
    ('STATS c = COUNT(*) BY action | WHERE action == "a"', ANYTHING),
    ('INLINE STATS c = COUNT(*) | WHERE action == "a"', ANYTHING),
    ('WHERE action == "a" | STATS c = COUNT(*)', A),
    ('STATS c = COUNT(*) WHERE action == "a"', ANYTHING),
]
PARAMETERS = {"one": "a", "two": "b", "several": ["a", "b"], "start": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize(("query", "required"), REQUIRED)
def test_requires(engine: Engine, keeper: Keeper, query: str, required: Requirement) -> None:
    engine.query(f"FROM logs | {query}", PARAMETERS)
    assert keeper.asked.pop().requirement == required


@pytest.mark.parametrize(
    ("query", "columns"),
    [
        ("KEEP action", {"action"}),
        ("STATS COUNT(*)", set()),
        ("STATS COUNT(*) BY tags", {"tags"}),
        ("WHERE n > 1 | KEEP action", {"n", "action"}),
        ("EVAL x = n | KEEP action", {"action"}),
        ("MV_EXPAND action | KEEP n", {"action", "n"}),
        ("SORT @timestamp | KEEP never, ok", {"@timestamp", "ok"}),
        ("KEEP *", set(TYPES)),
    ],
)
def test_wants_the_columns_that_are_read(engine: Engine, keeper: Keeper, query: str, columns: set[str]) -> None:
    engine.query(f"FROM logs | {query}")
    assert keeper.asked.pop().columns == columns


def test_a_hunt_requires_what_its_first_filter_says() -> None:
    hunt = tomllib.loads((Path(__file__).parents[3] / "hunts/lambda_perms.toml").read_text(encoding="utf-8"))["hunt"]
    fields = dict.fromkeys(
        re.findall(r"\b(?:aws|event|user|source|user_agent|cloud)(?:\.\w+)+", hunt["query"][0]), "keyword"
    )
    keeper = Named({**fields, "@timestamp": "date", "source.ip": "ip"})
    engine = Engine(Catalog([Index("logs-aws.cloudtrail-default", keeper.fields, keeper)]), lambda: NOW)
    params = {"_tstart": "2026-01-01T00:00:00Z", "_tend": "2026-01-02T00:00:00Z", "known_accounts": ""}
    engine.query(hunt["query"][0], params)
    engine.close()
    [wanted] = keeper.asked
    assert wanted.requirement == Both(
        (
            within(DAY),
            equals("lambda.amazonaws.com", "event.provider"),
            Either(
                (
                    Both((starts("AddPermission", "event.action"), within(None, DAY + 86_400_000 - 1))),
                    Both((starts("RemovePermission", "event.action"), equals("success", "event.outcome"))),
                )
            ),
        )
    )
    assert {"aws.cloudtrail.request_parameters", "event.action", "source.ip", "user.id"} <= wanted.columns


@dataclass
class Named(Keeper):
    """Keeps no row of fields that may have values."""

    fields: Mapping[str, str] = field(default_factory=dict)

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__()
        self.fields = fields

    def columns(self) -> Mapping[str, bool]:
        return dict.fromkeys(self.fields, False)

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        deadline.check()
        self.asked.append(wanted)
        return Stored()
