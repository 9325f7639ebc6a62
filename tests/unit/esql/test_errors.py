"""What a refused query is told, in Elasticsearch's words, and where; and what a query warns of."""

from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from local.esql import Catalog, Engine, EsqlError, Index
from local.esql.errors import ArgumentError, ClosedError, ParsingError
from local.wanted import Deadline

TRAIL = "FROM logs-trail-* | "
ONLY = "Only first 20 failures recorded."
FIXTURE = Path(__file__).parent / "fixtures" / "errors.txt"


def _cases() -> list[tuple[str, str, str]]:
    blocks = FIXTURE.read_text(encoding="utf-8").strip().split("\n\n")[1:]
    parts = [block.partition("\n=> ") for block in blocks]
    return [(query, *answer.split("\n", 1)) for query, _, answer in parts]  # type: ignore[misc]  # a pair


@pytest.mark.parametrize(("query", "type_", "reason"), _cases())
def test_a_query_is_refused(engine: Engine, query: str, type_: str, reason: str) -> None:
    with pytest.raises(EsqlError) as caught:
        engine.query(query)
    cause = {"type": type_, "reason": reason}
    assert caught.value.body() == {"error": {"root_cause": [cause], **cause}, "status": 400}


def test_a_field_of_an_unsupported_type_is_shown_as_null(engine: Engine) -> None:
    assert engine.query(TRAIL + "KEEP odd | LIMIT 1").columns == (("odd", "unsupported"),)


@pytest.mark.parametrize(
    ("query", "warnings"),
    [
        ("ROW a = 1", ["No limit defined, adding default limit of [1000]"]),
        ("ROW a = 1 | LIMIT 1", []),
        (
            "ROW a = [1, 2] | EVAL b = a + 1 | LIMIT 1",
            [
                f"Line 1:27: evaluation of [a + 1] failed, treating result as null. {ONLY}",
                "Line 1:27: java.lang.IllegalArgumentException: single-value function encountered multi-value",
            ],
        ),
        (
            "ROW a = CASE([true, true], 1, 2) | LIMIT 1",
            [
                f"Line 1:9: evaluation of [CASE([true, true], 1, 2)] failed, treating result as false. {ONLY}",
                "Line 1:9: java.lang.IllegalArgumentException: single-value function encountered multi-value",
            ],
        ),
        (
            'ROW a = TO_INTEGER("x") | LIMIT 1',
            [
                f'Line 1:9: evaluation of [TO_INTEGER("x")] failed, treating result as null. {ONLY}',
                "Line 1:9: org.elasticsearch.xpack.esql.core.InvalidArgumentException: Cannot parse number [x]",
            ],
        ),
        (
            "ROW a = TO_LONG(1e19), b = MV_SUM([2147483647, 1]) | LIMIT 1",
            [
                f"Line 1:9: evaluation of [TO_LONG(1e19)] failed, treating result as null. {ONLY}",
                "Line 1:9: org.elasticsearch.xpack.esql.core.InvalidArgumentException: [1.0E19] out of [long] range",
                f"Line 1:28: evaluation of [MV_SUM([2147483647, 1])] failed, treating result as null. {ONLY}",
                "Line 1:28: java.lang.ArithmeticException: integer overflow",
            ],
        ),
        (
            'ROW a = DATE_DIFF("ns", "2026-01-01", "2026-01-02") | LIMIT 1',
            [
                (
                    'Line 1:9: evaluation of [DATE_DIFF("ns", "2026-01-01", "2026-01-02")] failed,'
                    f" treating result as null. {ONLY}"
                ),
                (
                    "Line 1:9: org.elasticsearch.xpack.esql.core.InvalidArgumentException:"
                    " [86400000000000] out of [integer] range"
                ),
            ],
        ),
        (
            'ROW a = TO_DATE_NANOS("1969-12-31") | LIMIT 1',
            [
                f'Line 1:9: evaluation of [TO_DATE_NANOS("1969-12-31")] failed, treating result as null. {ONLY}',
                (
                    "Line 1:9: java.lang.IllegalArgumentException: date[1969-12-31T00:00:00Z] is before the epoch in"
                    " 1970 and cannot be stored in nanosecond resolution"
                ),
            ],
        ),
        (
            'ROW a = JSON_EXTRACT("[1]", "[1]"), b = JSON_EXTRACT("[null]", "[0]") | LIMIT 1',
            [
                f'Line 1:9: evaluation of [JSON_EXTRACT("[1]", "[1]")] failed, treating result as null. {ONLY}',
                "Line 1:9: java.lang.IllegalArgumentException: array index out of bounds",
            ],
        ),
        (
            'ROW a = CIDR_MATCH("10.0.0.1"::ip, ["10.0.0.0/8", "::/0"]) | LIMIT 1',
            [
                (
                    'Line 1:9: evaluation of [CIDR_MATCH("10.0.0.1"::ip, ["10.0.0.0/8", "::/0"])] failed,'
                    f" treating result as null. {ONLY}"
                ),
                "Line 1:9: java.lang.IllegalArgumentException: single-value function encountered multi-value",
            ],
        ),
        (
            "ROW a = 1 | STATS BY b = BUCKET(a, 0.) | LIMIT 1",
            [
                f"Line 1:26: evaluation of [BUCKET(a, 0.)] failed, treating result as null. {ONLY}",
                "Line 1:26: java.lang.ArithmeticException: / by zero",
            ],
        ),
        (
            "ROW a = 18446744073709551615 | EVAL b = a + a | LIMIT 1",
            [
                f"Line 1:41: evaluation of [a + a] failed, treating result as null. {ONLY}",
                "Line 1:41: java.lang.ArithmeticException: unsigned_long overflow",
            ],
        ),
        ("FROM empty | STATS s = SUM(n) | LIMIT 1", []),
        (TRAIL + "STATS s = SUM(retries) WHERE bytes < 0 | LIMIT 1", []),
        ("ROW a = 0 | EVAL b = CASE(a == 0, 0, 1 / a) | LIMIT 1", []),
        ("ROW a = 0 | EVAL b = 1 / a | KEEP a | LIMIT 1", []),
        (
            "ROW a = 1 | STATS a = MAX(a), a = MIN(a) | LIMIT 1",
            ["Line 1:19: Field 'a' shadowed by field at line 1:31"],
        ),
    ],
)
def test_failures_of_rows_are_warnings(engine: Engine, query: str, warnings: list[str]) -> None:
    assert list(engine.query(query).warnings) == warnings


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|aa)+b", "(.*)*x"])
def test_no_pattern_of_grok_or_replace_can_hang(engine: Engine, pattern: str) -> None:
    text = "a" * 40 + "!"
    found = engine.query("ROW t = ? | GROK t ?? | KEEP t".replace("??", f'"{pattern}(?<g>b)"'), [text], Deadline(10))
    assert found.values == ((text,),)
    assert engine.query('ROW t = REPLACE(?, ?, "")', [text, pattern + "(?=b)"], Deadline(10)).took_ms < 5_000


@pytest.mark.parametrize("query", ["FROM x", "ROW a = 1", 'ROW a = REPLACE("a", "(?=a)", "b")'])
def test_a_closed_engine_says_so(query: str) -> None:
    catalog = Catalog([Index.of_table("x", {"n": "long"}, pa.table({"n": [1]}))])
    closed = Engine(catalog, lambda: datetime(2026, 1, 1, tzinfo=UTC))
    closed.close()
    with pytest.raises(ClosedError) as caught:
        closed.query(query)
    assert caught.value.body()["status"] == 500


def test_a_value_that_is_not_of_its_field_is_an_error_of_the_query() -> None:
    catalog = Catalog([Index.of_table("x", {"n": "long"}, pa.table({"n": ["many"]}))])
    with pytest.raises(ArgumentError, match=r"field \[n\] of \[x\] cannot be read as \[long\]"):
        Engine(catalog, lambda: datetime(2026, 1, 1, tzinfo=UTC)).query("FROM x")


def test_what_duckdb_refuses_is_an_error_of_the_query(engine: Engine) -> None:
    with pytest.raises(ArgumentError, match="pattern too large"):
        engine.query(f'ROW a = "x" | WHERE a RLIKE "{"[^a]" * 100_000}"')


def test_a_query_has_500_commands_at_most(engine: Engine) -> None:
    query = "ROW a = 0" + " | EVAL a = a + 1" * 499
    assert engine.query(f"{query} | LIMIT 1").values == ((499,),)
    with pytest.raises(ParsingError, match=r"exceeded the maximum query depth allowed \(500\)"):
        engine.query(f"{query} | KEEP a | LIMIT 1")


@pytest.mark.parametrize("pattern", [".b" * 20_000, ".{1000}", r"(\\w{10}){100}"])
def test_a_pattern_may_be_larger_than_re2_takes(engine: Engine, pattern: str) -> None:
    assert engine.query("ROW a = REPLACE(?, ?, ?) | LIMIT 1", ["xyz", pattern, ""]).values == (("xyz",),)


@pytest.mark.parametrize(
    ("query", "params", "reason"),
    [
        ("ROW a = ?, b = ?", [1], "line 1:16: Not enough actual parameters 1"),
        ("ROW a = ?2", [1], "line 1:9: No parameter is defined for position 2, did you mean position 1?"),
        (
            "ROW a = ?0",
            [1, 2],
            "line 1:9: No parameter is defined for position 0, did you mean any position between 1 and 2?",
        ),
        ("ROW a = ?n2", [{"n1": 1}], "line 1:9: Unknown query parameter [n2], did you mean [n1]?"),
        (
            "ROW a = ?n1, b = ?1",
            [{"n1": 1}],
            (
                "line 1:18: Inconsistent parameter declaration, use one of positional, named or anonymous params"
                " but not a combination of named and positional"
            ),
        ),
    ],
)
def test_parameters_that_do_not_fit_are_refused(
    engine: Engine, query: str, params: list[object], reason: str
) -> None:
    with pytest.raises(EsqlError) as caught:
        engine.query(query, params)
    assert caught.value.reason == reason
