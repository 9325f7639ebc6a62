"""The hunt's query stays within Elasticsearch 9.3, and says what it must say at its end."""

from itertools import pairwise

import pytest

from local.esql.lexer import Kind, Source, Token, tokenize
from tests.hunts.asking import hunt_query

# Commands and functions the query may use, each with the version that brought it. INLINE STATS is the youngest:
# without a LIMIT before it, with grouping keys that are never null. VALUES is in technical preview in 9.3.
COMMANDS = {
    "from": "8.11",
    "where": "8.11",
    "eval": "8.11",
    "grok": "8.11",
    "inline": "9.3",
    "sort": "8.11",
    "limit": "8.11",
    "keep": "8.11",
}
FUNCTIONS = {
    "case": "8.11",
    "coalesce": "8.11",
    "concat": "8.11",
    "mv_append": "8.15",
    "mv_concat": "8.11",
    "mv_sort": "8.14",
    "replace": "8.11",
    "substring": "8.11",
    "to_datetime": "8.11",
    "to_lower": "8.13",
    "to_string": "8.11",
    "to_upper": "8.13",
    "values": "8.14",
}


def tokens() -> list[Token]:
    return list(tokenize(Source(hunt_query())))


def commands() -> list[str]:
    return [token.word for token in tokens() if token.kind is Kind.COMMAND and token.word != "stats"]


def test_every_command_is_in_elasticsearch_9_3() -> None:
    assert set(commands()) == set(COMMANDS)


@pytest.mark.complaint("hunt linter")
def test_every_function_is_in_elasticsearch_9_3() -> None:
    """Hunt linter."""
    called = {one.word for one, after in pairwise(tokens()) if one.kind is Kind.NAME and after.text == "("}
    assert called == set(FUNCTIONS)


def test_the_answer_is_sorted_limited_and_named() -> None:
    assert commands()[0] == "from"
    assert [command for command in commands() if command != "eval"][-3:] == ["sort", "limit", "keep"]
    assert commands().index("inline") < commands().index("limit")


def test_only_the_contracts_parameters_are_asked_for() -> None:
    asked = {token.text for token in tokens() if token.kind is Kind.PARAMETER}
    assert asked == {"?_tstart", "?_tend", "?known_accounts"}
