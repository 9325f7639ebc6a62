"""Links into Discover, read back by a reader of rison that knows nothing of the writer."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.hunt import Hunt
from bot.domain.kibana import LONGEST_URL, Discover, KibanaLink, Opens, literal, shortened
from tests.examples import GRANTS, finding, hit
from tests.rison import read, state_of
from tests.stand_ins import START

BASE = "https://kibana.example.com/s/soc"
AT = START - timedelta(hours=1)
SEEN = replace(hit(at=AT), columns={"@timestamp": AT.isoformat(), "event_id": "e-1", "principal": "alice"})


def link(query: str, known_accounts: str = "", event_id: str | None = "e-1") -> KibanaLink:
    hunt = replace(GRANTS, query=query)
    seen = replace(SEEN, columns={**SEEN.columns, "event_id": event_id})
    made = Discover(BASE, known_accounts).link(hunt, finding([seen]))
    assert made is not None
    assert len(made.url) <= LONGEST_URL
    return made


def query_in(url: str) -> object:
    state = state_of(url)["_a"]
    assert isinstance(state, dict)
    assert state["dataSource"] == {"type": "esql"}
    query = state["query"]
    assert isinstance(query, dict)
    return query["esql"]


def test_it_opens_the_hunts_query_at_the_time_of_the_event() -> None:
    made = link(GRANTS.query)

    assert made.url.startswith(f"{BASE}/app/discover#/?_g=")
    assert query_in(made.url) == GRANTS.query
    assert state_of(made.url)["_g"] == {
        "time": {"from": "2026-11-02T07:45:00.000Z", "to": "2026-11-02T08:15:00.000Z"}
    }
    assert made.opens is Opens.QUERY


def test_a_row_without_a_time_is_looked_for_in_the_hunts_window() -> None:
    seen = replace(SEEN, columns={"principal": "alice"})
    made = Discover(BASE).link(GRANTS, finding([seen]))

    assert made is not None
    assert state_of(made.url)["_g"] == {
        "time": {"from": "2026-10-26T08:00:00.000Z", "to": "2026-11-02T08:15:00.000Z"}
    }


HOSTILE = [
    "FROM logs | WHERE x == \"it's !important\" AND y == \"100%\"",
    'FROM logs | WHERE x LIKE "*&a=(b:!t)#c?d/+%20"',
    'FROM logs | WHERE x == "\u202e日本\U0001f600"\n| LIMIT 5',
    "FROM \"my logs\" | WHERE x == \"'),query:(esql:'FROM secrets\"",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE)
def test_no_query_leaves_its_place_in_the_url(query: str) -> None:
    made = link(query)

    assert query_in(made.url) == query
    assert set(state_of(made.url)) == {"_g", "_a"}
    assert made.url.isascii()


@given(st.text(max_size=200))
def test_whatever_a_query_holds_is_read_back_as_it_was(text: str) -> None:
    query = f"FROM logs // {text.encode('utf-8', 'ignore').decode()}"

    assert query_in(link(query).url) == query


KNOWN = [
    ("WHERE NOT a IN (?known_accounts)", "1,2", 'WHERE NOT a IN ("1,2")'),
    ("WHERE a == ?known_accounts_x", "1", "WHERE a == ?known_accounts_x"),
    ('WHERE a == "?known_accounts" // ?known_accounts', "1", 'WHERE a == "?known_accounts" // ?known_accounts'),
    ("WHERE a == ?known_accounts OR b == ?known_accounts", "", 'WHERE a == "" OR b == ""'),
    ("WHERE a == ?known_accounts", 'x" OR true OR "', 'WHERE a == "x\\" OR true OR \\""'),
]


@pytest.mark.parametrize(("where", "accounts", "expected"), KNOWN)
def test_the_known_accounts_stand_in_it_as_a_literal(where: str, accounts: str, expected: str) -> None:
    assert query_in(link(f"FROM logs | {where}", accounts).url) == f"FROM logs | {expected}"


LITERALS = [("a", '"a"'), ('a"b', '"a\\"b"'), ("a\\", '"a\\\\"'), ("a\nb\tc\rd", '"a\\nb\\tc\\rd"')]


@pytest.mark.parametrize(("text", "written"), LITERALS)
def test_a_text_is_written_as_esql_writes_it(text: str, written: str) -> None:
    assert literal(text) == written


SHORTENED = [
    ("FROM a\n// why\n  | WHERE x == 1 /* so */ AND y", "FROM a | WHERE x == 1 AND y"),
    ('FROM a | WHERE x == "a  // b"  AND  y', 'FROM a | WHERE x == "a  // b" AND y'),
    ('FROM a | GROK x """t  \n /* t */"""  ', 'FROM a | GROK x """t  \n /* t */"""'),
    ('FROM a | WHERE x == "\\"  // b" // c', 'FROM a | WHERE x == "\\"  // b"'),
]


@pytest.mark.parametrize(("query", "expected"), SHORTENED)
def test_comments_and_blanks_go_and_what_is_in_quotes_stays(query: str, expected: str) -> None:
    assert shortened(query) == expected


LONG = " ".join(f'| WHERE x != "{n:040}"' for n in range(100))


def test_a_query_that_fits_without_its_comments_goes_without_them() -> None:
    made = link(f"FROM logs // {'why ' * 900}\n| LIMIT 5")

    assert (query_in(made.url), made.opens) == ("FROM logs | LIMIT 5", Opens.QUERY)


TOO_LONG = [
    ("e-1", 'FROM logs-a, "my logs" | WHERE event.id == "e-1" | LIMIT 10', Opens.EVENT),
    ('e"1', 'FROM logs-a, "my logs" | WHERE event.id == "e\\"1" | LIMIT 10', Opens.EVENT),
    ("e" * 4_000, 'FROM logs-a, "my logs" | SORT @timestamp | LIMIT 1000', Opens.LOGS),
    (None, 'FROM logs-a, "my logs" | SORT @timestamp | LIMIT 1000', Opens.LOGS),
]


@pytest.mark.parametrize(("event_id", "query", "opens"), TOO_LONG)
def test_a_query_that_fits_into_no_link_gives_way_to_the_event_and_says_so(
    event_id: str | None, query: str, opens: Opens
) -> None:
    made = link(f'FROM logs-a, "my logs" {LONG}', event_id=event_id)

    assert (query_in(made.url), made.opens) == (query, opens)


NONE = [replace(GRANTS, query=""), replace(GRANTS, query=f"ROW x = 1 {LONG}")]


@pytest.mark.parametrize("hunt", NONE)
def test_where_there_is_nothing_to_open_there_is_no_link(hunt: Hunt) -> None:
    assert Discover(BASE).link(hunt, finding([SEEN])) is None


BAD = ["(a:1", "(a:1)x", "'a", "'!x'", "(a)", ""]


@pytest.mark.parametrize("text", BAD)
def test_the_reader_of_these_tests_refuses_what_is_no_rison(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read(text)
