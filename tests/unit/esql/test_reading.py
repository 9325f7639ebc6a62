"""Rows from keepers: tables and Parquet files in one answer, in one order, with lists where nobody expected them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.esql import Catalog, Engine, Index
from local.esql.catalog import Parts, Rows, Stored
from local.esql.errors import ArgumentError
from local.wanted import Deadline, Wanted

NOW = datetime(2026, 1, 10, 12, 30, tzinfo=UTC)
FIELDS = {"name": "keyword", "tags": "keyword", "n": "long", "ip": "ip", "at": "date", "name.text": "text"}
Ask = Callable[..., list[tuple[object, ...]]]


@dataclass
class Brought:
    """Brings what it was told to, each time the next of it; `lists`: the fields it says may have several values."""

    stored: Sequence[Stored]
    lists: frozenset[str] = frozenset()
    doubted: list[Parts] = field(default_factory=list)
    reads: int = 0

    def columns(self) -> Mapping[str, bool]:
        return {name: name in self.lists for name in FIELDS}

    def read(self, wanted: Wanted, deadline: Deadline) -> Stored:
        assert wanted.columns <= FIELDS.keys() | {"_id"}
        deadline.check()
        self.reads += 1
        return self.stored[min(self.reads, len(self.stored)) - 1]

    def doubt(self, parts: Parts) -> None:
        self.doubted.append(parts)


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Answers a query over indices `i0`, `i1`, ..."""
    engines: list[Engine] = []

    def answer(query: str, *rows: Rows) -> list[tuple[object, ...]]:
        engine = Engine(Catalog(Index(f"i{place}", FIELDS, kept) for place, kept in enumerate(rows)), lambda: NOW)
        engines.append(engine)
        return list(engine.query(query).values)

    yield answer
    for engine in engines:
        engine.close()


def table(first: int, **columns: object) -> pa.Table:
    """Ordinals count from `first`."""
    made = pa.table(columns)
    return made.append_column("#", pa.array(range(first, first + made.num_rows), pa.int64()))


def part(path: Path, files: Sequence[int], **columns: object) -> str:
    """A Parquet file; each row is the record of its own place."""
    made = pa.table(columns)
    made = made.append_column("#file", pa.array(files, pa.int32()))
    pq.write_table(made.append_column("#record", pa.array(range(made.num_rows), pa.int32())), path)
    return str(path)


def parts(paths: Sequence[str], ranks: Mapping[int, int], *, is_whole: bool = False) -> Parts:
    columns = {"name": False, "tags": True, "n": False, "name.text": False}
    return Parts(tuple(paths), ranks, columns, {"name.text": "name"}, is_whole)


@pytest.fixture
def kept(tmp_path: Path) -> Callable[..., Parts]:
    """Two files of a copy. File 7 comes before file 5, and nobody names file 6 unless everybody does."""
    one = {"name": ["a", "b", "c"], "tags": [["x", "y"], None, ["z"]], "n": [1, 2, 3]}
    two = {"name": ["d", None], "tags": [["x"], ["w"]], "n": [4, 5]}
    paths = [
        part(tmp_path / "1.parquet", [5, 6, 7], **one, **{"name.text": [None, "longer", None]}),
        part(tmp_path / "2.parquet", [7, 5], **two, **{"name.text": pa.nulls(2, pa.string())}),
    ]
    return lambda ranks=None, **more: parts(paths, {5: 1, 7: 0} if ranks is None else ranks, **more)


def test_rows_of_files_without_a_rank_are_left_out_and_the_others_stand_in_the_order_of_ranks(
    ask: Ask, kept: Callable[..., Parts]
) -> None:
    rows = Brought([Stored(parts=kept())])
    assert ask("FROM i0 | KEEP name, n", rows) == [("d", 4), ("c", 3), ("a", 1), (None, 5)]
    assert ask("FROM i0 | STATS c = COUNT(*)", rows) == [(4,)]
    assert ask("FROM i0 | KEEP n | LIMIT 2", rows) == [(4,), (3,)]


@pytest.mark.parametrize("ranks", [{5: 0, 6: 1, 7: 2}, {5: 2, 6: 1, 7: 0}, {5: 10, 6: 20, 7: 30}])
def test_it_makes_no_difference_whether_files_are_known_to_be_whole(
    ask: Ask, kept: Callable[..., Parts], ranks: Mapping[int, int]
) -> None:
    query = "FROM i0 | STATS c = COUNT(*), s = SUM(n) BY x = n % 2"
    looked_up, whole = (Brought([Stored(parts=kept(ranks, is_whole=is_whole))]) for is_whole in (False, True))
    assert ask("FROM i0 | KEEP name, n", whole) == ask("FROM i0 | KEEP name, n", looked_up)
    assert ask(query, whole) == ask(query, looked_up)


def test_tables_and_parts_of_one_index_are_in_one_order(ask: Ask, kept: Callable[..., Parts]) -> None:
    late, early = table(2 << 32, name=["late"]), table((0 << 32) + 1, name=["early"], n=[9])
    rows = Brought([Stored((late, early), kept())])
    assert ask("FROM i0 | KEEP name, n", rows) == [
        ("d", 4),
        ("early", 9),
        ("c", 3),
        ("a", 1),
        (None, 5),
        ("late", None),
    ]


@pytest.mark.parametrize("query", ["FROM i0", "FROM i0, i1 | WHERE n > 3", "FROM i* | STATS c = COUNT(*)"])
def test_an_answer_is_partial_where_one_of_its_indices_is(query: str, kept: Callable[..., Parts]) -> None:
    for lacking in (
        Stored(is_partial=True),
        Stored((table(1, n=[1]),), is_partial=True),
        Stored((), kept(), is_partial=True),
    ):
        kept_rows = [Brought([lacking]), Brought([Stored(parts=kept())])]
        with closing(
            Engine(Catalog(Index(f"i{n}", FIELDS, rows) for n, rows in enumerate(kept_rows)), lambda: NOW)
        ) as engine:
            assert engine.query(query).is_partial
            assert not engine.query("FROM i1").is_partial
            assert not engine.query("ROW a = 1").is_partial


def test_several_indices_stand_one_below_the_other(ask: Ask, kept: Callable[..., Parts]) -> None:
    first = Brought([Stored((table(5, name=["one"], n=[1]),))])
    second = Brought([Stored(parts=kept())])
    answer = ask("FROM i1, i0 METADATA _index | KEEP _index, name", first, second)
    assert answer == [("i1", "d"), ("i1", "c"), ("i1", "a"), ("i1", None), ("i0", "one")]


def test_the_id_of_a_row_is_its_place_where_no_column_says_it(ask: Ask, kept: Callable[..., Parts]) -> None:
    rows = Brought([Stored((table(7, name=["t"]),), kept({5: 1}))])
    assert ask("FROM i0 METADATA _id, _version | KEEP _id, _version, name", rows) == [
        ("7", 1, "t"),
        (str(1 << 32), 1, "a"),
        (str((1 << 32) + 1), 1, None),
    ]


def test_a_column_that_only_says_where_it_differs_is_read_with_its_twin(ask: Ask, kept: Callable[..., Parts]) -> None:
    rows = Brought([Stored(parts=kept({5: 0, 6: 1, 7: 2}))])
    assert ask("FROM i0 | SORT n | KEEP name.text", rows) == [("a",), ("longer",), ("c",), ("d",), (None,)]


@pytest.mark.parametrize("lists", [frozenset({"tags"}), frozenset[str](), frozenset({"tags", "name", "n"})])
@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("KEEP name, tags", [("a", ["x", "y"]), ("b", "z"), ("c", None)]),
        ("EVAL c = MV_COUNT(tags) | KEEP c", [(2,), (1,), (None,)]),
        ("MV_EXPAND tags | KEEP n", [(1,), (1,), (2,), (3,)]),
        ('MV_EXPAND tags | WHERE tags == "y" | KEEP n', [(1,)]),
        ('WHERE tags == "z" OR name == "a" | KEEP n', [(1,), (2,)]),
        ("STATS s = SUM(n) BY tags", [(1, "x"), (1, "y"), (2, "z"), (3, None)]),
        ("STATS v = VALUES(tags)", [(["x", "y", "z"],)]),
    ],
)
def test_lists_are_what_was_brought_whatever_was_expected(
    ask: Ask, lists: frozenset[str], query: str, answer: list[tuple[object, ...]]
) -> None:
    brought = table(0, name=["a", "b", "c"], n=[1, 2, 3], tags=[["x", "y"], ["z"], None])
    rows = Brought([Stored((brought,))], lists)
    assert ask(f"FROM i0 | {query}", rows) == answer
    assert rows.reads == 1


def test_a_list_in_one_table_and_none_in_the_next(ask: Ask) -> None:
    tables = (table(0, tags=[["x", "y"]]), table(1, tags=["z", None]), table(3, n=[1]))
    rows = Brought([Stored(tables)])
    assert ask("FROM i0 | KEEP tags", rows) == [(["x", "y"],), ("z",), (None,), (None,)]


def test_columns_come_in_the_types_of_the_mapping(ask: Ask) -> None:
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    coded = pa.chunked_array([pa.array(["a"]).dictionary_encode(), pa.array(["b", "b"]).dictionary_encode()])
    at = pa.array([moment, None, None], pa.timestamp("ms", "UTC"))
    rows = Brought([Stored((table(0, name=coded, ip=["10.0.0.1", "bad", "::1"], at=at),))])
    assert ask("FROM i0 | KEEP name, ip, at", rows) == [
        ("a", "10.0.0.1", "2026-01-02T00:00:00.000Z"),
        ("b", None, None),
        ("b", "::1", None),
    ]
    assert ask('FROM i0 | WHERE name == "b" | STATS c = COUNT(*) BY name', rows) == [(2, "b")]


@pytest.mark.parametrize("nothing", [Stored(), Stored(parts=Parts((), {}, {}))])
def test_nothing_may_be_brought(ask: Ask, nothing: Stored) -> None:
    rows = Brought([nothing])
    assert ask("FROM i0 | KEEP name, tags", rows) == []
    assert ask("FROM i0 | STATS c = COUNT(*), m = MAX(n)", rows) == [(0, None)]


def test_rows_are_read_again_where_a_file_is_damaged(ask: Ask, kept: Callable[..., Parts]) -> None:
    damaged = kept()
    Path(damaged.paths[0]).write_bytes(b"no Parquet")
    rows = Brought([Stored(parts=damaged), Stored((table(0, name=["again"]),))])
    assert ask("FROM i0 | KEEP name", rows) == [("again",)]
    assert (rows.doubted, rows.reads) == ([damaged], 2)


def test_what_cannot_be_read_in_any_way_is_an_error_of_the_query(ask: Ask, kept: Callable[..., Parts]) -> None:
    damaged = kept()
    Path(damaged.paths[1]).unlink()
    rows = Brought([Stored(parts=damaged)])
    with pytest.raises(ArgumentError, match="the query failed"):
        ask("FROM i0 | KEEP name", rows)
    assert rows.reads == 2
