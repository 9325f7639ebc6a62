"""The rules over queries: what each names and where, what it lets pass, and what becomes of it beyond our fields."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.cloudtrail.ecs.schema import field_types
from local.cloudtrail.ecs.several import SEVERAL
from local.esql.lint import Remark, Report, Rule, Schema, lint

SCHEMA = Schema.of("logs-aws.cloudtrail", field_types(), SEVERAL)
FROM = "FROM logs-aws.cloudtrail-*\n"
KNOWN = {"_tstart": "2026-03-04T00:00:00Z", "_tend": "2026-03-05T00:00:00Z"}


def look(query: str) -> Report:
    return lint(query, SCHEMA, 1_772_600_000_000, KNOWN)


def told(report: Report) -> list[tuple[str, int, int]]:
    return [(remark.rule.value, remark.line, remark.column) for remark in report.remarks]


FAULTY = [
    # = for ==
    (FROM + '| WHERE event.action = "x" | LIMIT 1', [("single-equals", 2, 22)]),
    (FROM + '| WHERE event.action="x" | LIMIT 1', [("single-equals", 2, 21)]),
    (
        FROM + '| WHERE user.name = "x" OR (user.id= "y") | LIMIT 1',
        [("single-equals", 2, 19), ("single-equals", 2, 36)],
    ),
    (FROM + '| EVAL a = CASE(user.id = "x", 1) | LIMIT 1', [("single-equals", 2, 25)]),
    (FROM + '| STATS n = COUNT(*) WHERE user.id = "x" BY user.name', [("single-equals", 2, 36)]),
    # swapped arguments
    (FROM + '| WHERE STARTS_WITH("Update", event.action) | LIMIT 1', [("swapped-arguments", 2, 9)]),
    (
        FROM + '| EVAL a = NOT ends_with("x", LOWER) | LIMIT 1',
        [("swapped-arguments", 2, 16), ("unknown-field", 2, 31)],
    ),
    (FROM + '| WHERE "Update*" LIKE event.action | LIMIT 1', [("swapped-arguments", 2, 24)]),
    (FROM + "| WHERE event.action RLIKE user.name | LIMIT 1", [("swapped-arguments", 2, 28)]),
    # no LIMIT
    (FROM + "| KEEP @timestamp\n| SORT @timestamp", [("no-limit", 3, 3)]),
    (FROM + "| INLINE STATS n = COUNT(*) BY user.name", [("no-limit", 2, 3)]),
    (FROM.strip(), [("no-limit", 1, 1)]),
    # what Elasticsearch refuses
    ("", [("refused", 1, 1)]),
    ("FORM logs", [("refused", 1, 1)]),
    (FROM + "| STATS n = BY user.name", [("refused", 2, 13)]),
    (FROM + '| WHERE user.name == "a" OR | LIMIT 1', [("refused", 2, 29)]),
    (FROM + "| WHERE event.action == 5 | LIMIT 1", [("refused", 2, 9)]),
    (FROM + "| WHERE event.action == ?whose AND user.name == 5 | LIMIT 1", [("refused", 2, 36)]),
    (FROM + "| KEEP user.name | STATS n = COUNT(*) BY user.id", [("refused", 2, 42)]),
    (FROM + "| WHERE " + "(" * 500 + "true" + ")" * 500 + " | LIMIT 1", [("refused", 1, 1)]),
    (FROM + '| WHERE user.name == "x', [("refused", 2, 22)]),
]


@pytest.mark.parametrize(("query", "expected"), FAULTY)
def test_a_fault_is_named_with_its_place(query: str, expected: list[tuple[str, int, int]]) -> None:
    assert told(look(query)) == expected


def test_what_is_mended_moves_no_other_place() -> None:
    report = look(FROM + '| WHERE user.id = "x" AND user.name ="y" AND STARTS_WITH("a", user.id)\n| KEEP user.id')
    assert told(report) == [
        ("single-equals", 2, 17),
        ("single-equals", 2, 37),
        ("swapped-arguments", 2, 46),
        ("no-limit", 3, 3),
    ]
    assert report.columns == ("user.id",)


@pytest.mark.parametrize(
    ("condition", "cure"),
    [
        ('event.category == "iam"', "MV_CONTAINS(event.category, …)"),
        ('"iam" != event.category', "NOT MV_CONTAINS(event.category, …)"),
        ('event.type IN ("a", "b")', "MV_CONTAINS(event.type, …) for each value"),
        ('tags LIKE "a*"', 'MV_CONCAT(tags, "\\n") LIKE'),
        ('related.user > "a"', "MV_MAX(related.user)"),
        ('STARTS_WITH(aws.cloudtrail.resources.arn, "arn:")', "MV_EXPAND aws.cloudtrail.resources.arn before it"),
        ('CIDR_MATCH(related.ip, "10.0.0.0/8")', "MV_EXPAND related.ip before it"),
        ("event.category == ?what", "MV_CONTAINS(event.category, …)"),
        ('CASE(event.category == "iam", true, false)', "MV_CONTAINS(event.category, …)"),
    ],
)
def test_a_function_of_one_value_over_several_is_warned_of_with_its_cure(condition: str, cure: str) -> None:
    [remark] = look(f"{FROM}| WHERE {condition} | LIMIT 1").remarks
    assert (remark.rule, remark.is_fault) == (Rule.SEVERAL_VALUES, False)
    assert cure in remark.message


@pytest.mark.parametrize(
    ("rest", "place"),
    [
        ('| EVAL c = event.category\n| WHERE c == "iam" | LIMIT 1', (3, 9)),
        ('| STATS n = COUNT(*) WHERE event.type == "start" BY user.name', (2, 28)),
        ('| STATS names = VALUES(user.name) BY user.id | WHERE names == "a"', (2, 54)),
        ('| EVAL parts = SPLIT(user.name, "/") | SORT parts == "a" | LIMIT 1', (2, 45)),
    ],
)
def test_several_values_are_followed_through_the_query(rest: str, place: tuple[int, int]) -> None:
    [remark] = look(FROM + rest).remarks
    assert (remark.rule, (remark.line, remark.column)) == (Rule.SEVERAL_VALUES, place)


@pytest.mark.parametrize(
    "rest",
    [
        '| WHERE MV_CONTAINS(event.category, "iam") | LIMIT 1',
        '| MV_EXPAND event.category | WHERE event.category == "iam" | LIMIT 1',
        '| WHERE MV_MIN(related.user) == "a" AND event.type IS NOT NULL AND MV_COUNT(tags) > 1 | LIMIT 1',
        '| EVAL c = COALESCE(event.category, "none"), d = TO_LOWER(event.type) | LIMIT 1',
        '| WHERE event.action == "x" AND user.name IN ("a", "b") AND STARTS_WITH(user.id, "a") | LIMIT 1',
        "| STATS n = COUNT(event.category) BY event.type",
        '| WHERE STARTS_WITH(?principal, user.id) AND MV_CONTAINS(["a", "b"], user.name) | LIMIT 1',
        '| EVAL a = REPLACE("x", "y", "z"), b = DATE_TRUNC(1 day, @timestamp) | LIMIT 1',
        "| WHERE source.ip == ?source_ip AND @timestamp >= ?_tstart AND event.action LIKE ?pattern | LIMIT 1",
        "| WHERE @timestamp > ?since | LIMIT 1",
    ],
)
def test_what_is_right_is_let_pass(rest: str) -> None:
    assert look(FROM + rest).remarks == ()


def test_a_field_that_the_integration_has_not_may_be_the_indexs_own() -> None:
    [remark] = look(FROM + '| WHERE labels.team == "x" | LIMIT 1').remarks
    assert (remark.rule, remark.is_fault) == (Rule.UNKNOWN_FIELD, False)
    assert "unless your index has such a field" in remark.message


@pytest.mark.parametrize(
    ("query", "unseen"),
    [
        ('FROM logs-okta* | WHERE user.name == "x" | LIMIT 1', "only the fields of logs-aws.cloudtrail-* are known"),
        ("FROM logs-aws.cloudtrail-*,logs-okta* | LIMIT 1", "only the fields of logs-aws.cloudtrail-* are known"),
        (FROM + "| LOOKUP JOIN hosts ON host.id | LIMIT 1", "unsupported command [LOOKUP JOIN]"),
        (FROM + '| WHERE KQL("a: b") | LIMIT 1', "unsupported function [KQL]"),
    ],
)
def test_what_can_not_be_looked_at_is_no_fault_and_says_so(query: str, unseen: str) -> None:
    report = look(query)
    assert (report.remarks, report.columns) == ((), None)
    assert unseen in report.unseen


def test_over_fields_that_are_not_known_the_text_is_looked_at_all_the_same() -> None:
    report = look('FROM logs-okta* | WHERE a = "x" AND STARTS_WITH("x", b) | KEEP a')
    assert told(report) == [("single-equals", 1, 27), ("swapped-arguments", 1, 37), ("no-limit", 1, 59)]


def test_a_query_over_an_index_of_any_name_of_cloudtrail_is_known() -> None:
    assert look("FROM logs-aws.cloudtrail-prod-* | KEEP user.name | LIMIT 1").columns == ("user.name",)


def test_only_two_rules_warn() -> None:
    warning = {rule for rule in Rule if not Remark(rule, 1, 1, "").is_fault}
    assert warning == {Rule.UNKNOWN_FIELD, Rule.SEVERAL_VALUES}


PIECES = (
    *("FROM", "logs-aws.cloudtrail-*", "|", "WHERE", "EVAL", "STATS", "KEEP", "LIMIT", "INLINE STATS", "BY", "SORT"),
    *("GROK", "DISSECT", "RENAME", "MV_EXPAND", "(", ")", ",", "=", "==", "LIKE", "IN", "NOT", "AND", "IS NULL", "?"),
    *("?x", "??y", "*", "::", "[", "{", '"a"', '"""', "`", "5", "1 day", "event.category", "user.name", "@timestamp"),
    *("COUNT(*)", "STARTS_WITH(", "CASE(", "null", "//", "/*", "\n", "\x00", "🪣", '"%{a} %{b}"', "TO_IP(?x)"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), st.booleans())
def test_whatever_is_written_there_it_answers(text: str, is_begun: bool) -> None:
    query = f"{FROM}| {text}" if is_begun else text
    lines = query.count("\n") + 1
    assert all(1 <= remark.line <= lines and remark.column >= 1 for remark in look(query).remarks)
