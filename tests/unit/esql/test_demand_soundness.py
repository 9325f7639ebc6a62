"""What a query wants of the rows leaves out none that it needs."""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local.esql import Catalog, Engine, Index
from tests.unit.esql.keeping import DAY, FIELDS, NOW, Keeper, Row


@pytest.fixture(scope="module")
def keeper() -> Keeper:
    return Keeper()


@pytest.fixture(scope="module")
def engine(keeper: Keeper) -> Iterator[Engine]:
    engine = Engine(Catalog([Index("logs", FIELDS, keeper)]), lambda: NOW)
    yield engine
    engine.close()


LETTERS = ["a", "A", "b", "k", "K", "\u212a", "i", "\u0130", "i\u0307", "ss", "ß", "ſ", "é", "É", "ﬁ", "*"]
ALL_TEXTS = ["", *LETTERS, *map("".join, product(LETTERS, repeat=2))]
ADDRESSES = ["10.1.2.3", "10.1.3.4", "10.9.0.1", "2001:db8::1", "::ffff:10.1.2.3", "::FFFF:a01:203", "192.0.2.7"]
EVERY: Sequence[Row] = [
    {
        "action": text,
        "note": text if place % 5 else None,
        "tags": [[], None, [text], [text, "a"], ["b", text]][place % 5],
        "@timestamp": DAY - 3 + place % 7,
        "source.ip": ADDRESSES[place % len(ADDRESSES)],
        "n": place % 11,
        "ok": (True, False, None)[place % 3],
    }
    for place, text in enumerate(ALL_TEXTS)
]
TEXTS = st.sampled_from(ALL_TEXTS)
MOMENTS = st.integers(DAY - 3, DAY + 3)
NAMES = st.sampled_from(["action", "tags", "note", "TO_LOWER(action)", "TO_UPPER(tags)", "MV_LAST(tags)", "x"])
QUOTED = TEXTS.map(lambda text: f'"{text}"')
PATTERNS = st.lists(st.sampled_from([*LETTERS[:-1], "*", "?"]), max_size=4).map(lambda parts: f'"{"".join(parts)}"')
PARTS = st.sampled_from(["a", "b", "k", ".", ".*", "(a|k)", "a+", "b?", "[ai]", "(ab)", "s{2}"])
REGEXES = st.lists(st.lists(PARTS, min_size=1, max_size=4).map("".join), min_size=1, max_size=2).map("|".join)
CONDITIONS = st.one_of(
    st.builds("{} == {}".format, NAMES, QUOTED),
    st.builds("{} != {}".format, NAMES, QUOTED),
    st.builds("{} IN ({}, {})".format, NAMES, QUOTED, QUOTED),
    st.builds("{} LIKE {}".format, NAMES, PATTERNS),
    st.builds('{} RLIKE "{}"'.format, NAMES, REGEXES),
    st.builds("{}({}, {})".format, st.sampled_from(["STARTS_WITH", "ENDS_WITH", "CONTAINS"]), NAMES, QUOTED),
    st.builds("MV_CONTAINS({}, [{}, {}])".format, NAMES, QUOTED, QUOTED),
    st.builds("MV_INTERSECTS({}, {})".format, NAMES, QUOTED),
    st.builds("@timestamp {} TO_DATETIME({})".format, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), MOMENTS),
    st.builds('source.ip == "{}"'.format, st.sampled_from(ADDRESSES)),
    st.builds('CIDR_MATCH(source.ip, "{}/{}")'.format, st.sampled_from(ADDRESSES[:3]), st.integers(0, 32)),
    st.builds("COALESCE({}, {}) == {}".format, NAMES, QUOTED, QUOTED),
    st.sampled_from(["ok", "n > 1", "action IS NULL", "tags IS NOT NULL", "true", "null"]),
)
FILTERS = st.recursive(
    CONDITIONS,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
        st.builds("CASE({}, {}, {})".format, inner, inner, inner),
    ),
    max_leaves=5,
)
BEFORE = st.sampled_from(
    [
        "",
        "| LIMIT 9",
        "| SORT n DESC | LIMIT 9",
        "| MV_EXPAND tags",
        "| SORT n",
        '| GROK action "%{WORD:y}"',
        "| WHERE ok OR n < 3",
    ]
)
AFTER = st.sampled_from(["", "| STATS c = COUNT(*), v = VALUES(action) BY tags", "| SORT n DESC | LIMIT 2"])


@settings(max_examples=200, deadline=None)
@given(FILTERS, BEFORE, AFTER)
def test_rows_that_do_not_fulfil_what_is_required_never_change_the_answer(
    engine: Engine, keeper: Keeper, condition: str, before: str, after: str
) -> None:
    query = f"FROM logs | EVAL x = MV_FIRST(tags) {before} | WHERE {condition} {after}"
    keeper.rows, keeper.brings_all = EVERY, True
    whole = engine.query(query).values
    keeper.brings_all = False
    found = engine.query(query).values
    keeper.rows = ()
    keeper.asked.clear()
    assert found == whole
