"""Whatever the text, the answer is rows or an EsqlError, soon; and an engine answers several threads at once.

`pytest tests/unit/esql/test_fuzz.py --hypothesis-profile=fuzz` tries ten times as much.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.esql import Engine, EsqlError
from local.esql.functions import measures, scalars
from local.esql.functions.model import Aggregate, Function
from local.esql.lexer import Source, tokenize
from local.esql.parameters import Parameters
from local.esql.parser import parse
from local.esql.resolver import SPECIAL
from local.wanted import Deadline

Test = Callable[..., None]


def tried(times: int) -> Callable[[Test], Test]:
    """So many examples in the default profile, each of which takes seconds at most."""
    return settings(
        max_examples=times * settings().max_examples // 100,
        deadline=timedelta(seconds=10),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )


def ask(engine: Engine, query: str, *params: object) -> tuple[tuple[object, ...], ...] | None:
    """The rows, or None where it is refused."""
    try:
        return engine.query(query, params, Deadline(8)).values
    except EsqlError as error:
        # DuckDB refusing what passed the analysis is a fault
        assert not str(error).startswith("the query failed"), query  # noqa: PT017
        return None


def literal(text: str) -> str:
    """A text as a query writes it."""
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(char, char) for char in text) + '"'


WORDS = [
    "FROM",
    "ROW",
    "WHERE",
    "EVAL",
    "STATS",
    "BY",
    "KEEP",
    "DROP",
    "RENAME",
    "AS",
    "SORT",
    "LIMIT",
    "DISSECT",
    "GROK",
    "MV_EXPAND",
    "INLINE",
    "METADATA",
    "AND",
    "OR",
    "NOT",
    "IN",
    "LIKE",
    "RLIKE",
    "IS",
    "NULL",
    "NULLS",
    "FIRST",
    "LAST",
    "ASC",
    "DESC",
    "true",
    "null",
    "|",
    ",",
    ".",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    ">",
    ">=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "::",
    ":",
    "?",
    "??",
    "?a",
    "a",
    "b.c",
    "`q`",
    "*",
    "a*",
    "1",
    "2.5",
    "1e3",
    '"s"',
    '"""r"""',
    "COUNT(*)",
    "CASE(",
    "7",
    "day",
    "//",
    "/*",
    "*/",
    "\\",
    "~",
    "@",
    "_",
]


@given(st.text(max_size=80))
@tried(300)
def test_any_text_lexes_or_is_refused(text: str) -> None:
    try:
        tokens = tokenize(Source(text))
    except EsqlError:
        return
    assert all(token.text == text[token.start : token.end] for token in tokens[:-1])


@given(
    st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join),
    st.sampled_from(["", "ROW a = 1 | ", "FROM x | EVAL "]),
)
@tried(500)
def test_any_words_parse_or_are_refused(words: str, start: str) -> None:
    try:
        query = parse(Source(start + words), Parameters())
    except EsqlError:
        return
    assert query.commands


@given(
    st.recursive(
        st.sampled_from(["1", "-2", "2.5", "null", "true", '"x"', "n", "t", "m", "[1, 2]", "NOW()", "1 day"]),
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "%", "==", "<", "AND", "OR"]), inner).map(
                lambda p: f"({' '.join(p)})"
            ),
            inner.map(lambda a: f"NOT {a}"),
            inner.map(lambda a: f"({a} IS NULL)"),
            inner.map(lambda a: f"TO_STRING({a})"),
            inner.map(lambda a: f"MV_SORT({a})"),
            st.tuples(inner, inner, inner).map(lambda p: f"CASE({p[0]}, {p[1]}, {p[2]})"),
            st.tuples(inner, inner).map(lambda p: f"COALESCE({p[0]}, {p[1]})"),
            st.tuples(inner, inner).map(lambda p: f"({p[0]} IN ({p[1]}, null))"),
        ),
        max_leaves=6,
    )
)
@tried(150)
def test_any_expression_is_answered_or_refused(engine: Engine, expression: str) -> None:
    found = ask(engine, f'ROW n = 3, t = "t", m = [1, 2, 3] | EVAL x = {expression} | STATS c = COUNT(*), v = MAX(n)')
    assert found in (None, ((1, 3),))


# Every type, single, several, and null in a row; `z` is null by its type.
TYPED = (
    'ROW i = 3, l = 5000000000, u = TO_UL(7), d = 2.5, b = true, k = "a1", dt = "2026-01-02T03:04:05Z"::datetime,'
    ' dn = "2026-01-02T03:04:05.000000006Z"::date_nanos, ip = "10.0.0.1"::ip, v = "1.2.3"::version,'
    ' ii = [3, -1], dd = [2.5, 0.0], bb = [true, false], kk = ["b", "a"], z = null'
    " | EVAL li = [3, -1]::long, dts = [0, 1]::datetime, ips = TO_IP(kk), vv = TO_VERSION(kk), n = TO_INTEGER(z)"
)
COLUMNS = ["i", "l", "u", "d", "b", "k", "dt", "dn", "ip", "v", "z", "n"]
COLUMNS += ["ii", "dd", "bb", "kk", "li", "dts", "ips", "vv"]
CONSTANTS = ["0", "-1", "1.5", "1e300", "2147483647", "-9223372036854775808", "null", "true", '""', '"1"', '"desc"']
CONSTANTS += [
    '"2026-01-01"',
    '"day"',
    "1 day",
    "2 hours",
    '"10.0.0.0/8"',
    "[1, 2]",
    '["a", "b"]',
    '"yyyy-MM"',
    '"sha256"',
]
ROWS: dict[str, Function | Aggregate] = {**scalars(), **measures()}
VALUES = st.sampled_from([*COLUMNS, *COLUMNS, *CONSTANTS])


@st.composite
def calls(draw: st.DrawFn) -> str:
    """A function with as many arguments as it takes."""
    name = draw(st.sampled_from([*sorted(name for name in ROWS if name.isidentifier()), *SPECIAL]))
    parameters = ROWS[name].parameters if name in ROWS else ()
    least = sum(not parameter.is_optional for parameter in parameters)
    most = len(parameters) + 1 if parameters and parameters[-1].is_repeated else len(parameters)
    count = draw(st.integers(least, most) if name in ROWS else st.integers(0, 4))
    return f"{name}({', '.join(draw(VALUES) for _ in range(count))})"


@given(calls())
@tried(600)
def test_any_call_is_answered_or_refused(engine: Engine, call: str) -> None:
    found = ask(engine, f"{TYPED} | EVAL x = {call} | KEEP x")
    assert found is None or len(found) == 1
    found = ask(engine, f"{TYPED} | STATS x = {call}")
    assert found is None or len(found) == 1


QUERIES = [
    'FROM logs-* METADATA _index | WHERE action LIKE "Add*" AND bytes > 1 | STATS n = COUNT(*) BY user.name | SORT n',
    'ROW a = [1, 2], `b c` = "x" | EVAL d = CASE(a > 1, "y", `b c`)::keyword | KEEP d*, a | RENAME a AS e | LIMIT 3',
    'FROM empty | DISSECT a "%{b->} %{+c/1}" APPEND_SEPARATOR="," | GROK a "%{INT:d:int}", "(?<e>x)" | MV_EXPAND d',
    'FROM logs-trail-* | INLINE STATS MAX(n) WHERE ok BY b = BUCKET(@timestamp, 1 day) | WHERE tags IN ("a", null)',
]


@given(st.sampled_from(QUERIES), st.data())
@tried(500)
def test_any_change_to_a_query_is_answered_or_refused(engine: Engine, query: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(query)))
        end = data.draw(st.integers(start, min(start + 12, len(query))))
        put = data.draw(st.sampled_from(["", query[start:end] * 2, *WORDS]) | st.text(max_size=4))
        query = query[:start] + put + query[end:]
    ask(engine, query)


TEXTS = st.text(alphabet=st.sampled_from("ab1 ,=:-/.\n\"'é💧"), max_size=30)
DISSECTED = st.lists(
    st.sampled_from(["%{", "}", "a", "b", "+", "/", "1", "->", "?", "&", "*", " ", ",", "=", "\n", "é"])
)


@given(DISSECTED.map("".join), TEXTS, st.text(max_size=2))
@tried(400)
def test_any_dissect_is_answered_or_refused(engine: Engine, pattern: str, text: str, separator: str) -> None:
    ask(engine, f"ROW t = ? | DISSECT t {literal(pattern)} APPEND_SEPARATOR = {literal(separator)}", text)


PARTS = ["%{INT:a:int}", "%{WORD:b}", "%{IP:c}", "%{GREEDYDATA}", "%{DATA:d}", "%{NO:e}", "%{", "}"]
PARTS += ["(?<x>a)", "(?i)", "(?m:.", "(?<!", "(?=", "(?>", "(?:", "(?#", "(?P<x>", "(", ")", "[", "]", "[^", "&&"]
PARTS += [
    "[[:alpha:]",
    r"\w",
    r"\h",
    r"\k<x>",
    r"\1",
    r"\g<x>",
    r"\p{L}",
    "\\",
    ".",
    "*",
    "+",
    "?",
    "*?",
    "++",
    "{2}",
]
PARTS += ["{2,1}", "{1,3}", "{,9}", "{99999}", "|", "^", "$", "a", "b", "1", "é"]
EXPRESSIONS = st.lists(st.sampled_from(PARTS), max_size=12).map("".join)


@given(EXPRESSIONS, TEXTS)
@tried(600)
def test_any_grok_is_answered_or_refused(engine: Engine, pattern: str, text: str) -> None:
    ask(engine, f"ROW t = ? | GROK t {literal(pattern)}", text)


@given(EXPRESSIONS, TEXTS, st.text(alphabet="$\\a1{}", max_size=5))
@tried(400)
def test_any_pattern_is_answered_or_refused(engine: Engine, pattern: str, text: str, replacement: str) -> None:
    written = literal(pattern)
    ask(engine, f"ROW t = ? | EVAL x = t RLIKE {written}", text)
    ask(engine, f"ROW t = ? | EVAL x = t LIKE {written}", text)
    ask(engine, f"ROW t = ? | EVAL x = REPLACE(t, {written}, {literal(replacement)})", text)


@given(st.text(alphabet="yMdHhmsSaEzZXVuDe'-: T", max_size=12), TEXTS)
@tried(300)
def test_any_date_pattern_is_answered_or_refused(engine: Engine, pattern: str, text: str) -> None:
    ask(engine, f"ROW t = ? | EVAL x = DATE_PARSE({literal(pattern)}, t)", text)
    written = ask(engine, f"ROW x = DATE_FORMAT({literal(pattern)}, NOW())")
    if written is not None and isinstance(written[0][0], str):
        ask(engine, f"ROW t = ? | EVAL x = DATE_PARSE({literal(pattern)}, t)", written[0][0])


def test_threads_do_not_mix_their_answers(engine: Engine) -> None:
    def ask(number: int) -> tuple[object, ...]:
        found = engine.query(
            f'ROW a = [{number}, 0], t = "k={number}" | DISSECT t "k=%{{k}}" | EVAL b = a + 1 | LIMIT 1'
        )
        return (*found.values[0], *found.warnings[:1])

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    failed = "Line 1:65: evaluation of [a + 1] failed, treating result as null. Only first 20 failures recorded."
    assert [(answer[0], answer[2], answer[3]) for answer in answers] == [([n, 0], str(n), None) for n in range(40)]
    assert all("evaluation of [a + 1] failed" in str(answer[4]) for answer in answers), failed


def test_a_long_chain_of_conditions_is_no_deep_tree(engine: Engine) -> None:
    chain = " OR ".join(f"a == {n}" for n in range(3_000))
    assert engine.query(f"ROW a = 2999 | WHERE {chain}").values == ((2999,),)


@pytest.mark.parametrize("depth", [50, 390, 5_000])
def test_depth_is_answered_or_refused(engine: Engine, depth: int) -> None:
    try:
        found = engine.query("ROW a = " + "ABS(" * depth + "1" + ")" * depth)
    except EsqlError as error:
        assert "maximum expression depth" in str(error)  # noqa: PT017  # either is right, by depth
        return
    assert found.values == ((1,),)
