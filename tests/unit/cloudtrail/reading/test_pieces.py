"""JSON text cut into values: the same ones however it comes, with each its line."""

from __future__ import annotations

from collections.abc import Iterator

import orjson
from hypothesis import given
from hypothesis import strategies as st

from local.cloudtrail.reading.pieces import Piece, pieces
from local.cloudtrail.refusal import Kind, Refusal

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)
CONTAINERS = st.lists(JSON, max_size=4) | st.dictionaries(st.text(max_size=3), JSON, max_size=4)
TEXT = st.text(alphabet='{}[]",:\\\n ax1', max_size=60).map(str.encode)


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@given(
    values=st.lists(CONTAINERS, max_size=5),
    between=st.sampled_from([b"", b"\n", b" ", b",\n"]),
    sizes=st.lists(st.integers(0, 9)),
)
def test_values_come_whole_however_the_text_is_cut(values: list[object], between: bytes, sizes: list[int]) -> None:
    data = between.join(map(orjson.dumps, values))
    found = list(pieces(cut(data, sizes), 10_000))
    assert [orjson.loads(piece.data) for piece in found if isinstance(piece, Piece)] == values
    assert len(found) == len(values)


@given(data=TEXT, sizes=st.lists(st.integers(0, 9)), most=st.sampled_from([5, 20, 1000]))
def test_any_text_is_cut_the_same_however_it_comes(data: bytes, sizes: list[int], most: int) -> None:
    found = list(pieces(cut(data, sizes), most))
    at_once = list(pieces([data], most))
    if most > len(data):  # what is given up early, once it is seen to be too large, depends on how it comes
        assert found == at_once
    assert all(isinstance(item, Refusal) or len(item.data) <= most for item in found)
    assert all(1 <= item.line <= data.count(b"\n") + 1 for item in found if item.line is not None)


@given(
    items=st.lists(st.dictionaries(st.text(max_size=3), JSON, max_size=4), min_size=1),
    sizes=st.lists(st.integers(0, 50)),
)
def test_a_value_too_large_comes_as_its_items(items: list[object], sizes: list[int]) -> None:
    data = orjson.dumps({"before": [{"a": [1]}], "Records": items, "after": {"b": [{}]}})
    most = max(len(orjson.dumps(item)) for item in items)
    found = list(pieces(cut(data, sizes), min(most, len(data) - 1)))
    assert [orjson.loads(piece.data) for piece in found if isinstance(piece, Piece)] == items


def test_lines_are_counted() -> None:
    data = b'\n{"a":\n1}\n\n text \n[{"b":2},\n{"b":"\n3}]\n'
    first, stray, second = pieces([data], 1000)
    assert (first.line, stray.line, second.line) == (2, 5, 6)
    assert isinstance(stray, Refusal)
    assert stray.kind is Kind.TEXT
    assert isinstance(second, Piece)
    assert [item.line for item in second.items] == [6, 7]
