"""Documents as columns: types, drift, long values and several values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from local.cloudtrail.ecs.columns import Columns, joined
from local.cloudtrail.ecs.mapping import Document
from local.cloudtrail.ecs.schema import FIELDS, FieldType, field_types
from local.cloudtrail.record import Json


def column(name: str, *values: Json, batch_rows: int = 100) -> list[Any]:
    columns = Columns(batch_rows=batch_rows)
    columns.add({name: value} if value is not None else {} for value in values)
    found: list[Any] = columns.table()[name].to_pylist()
    return found


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("event.action", ["Invoke", None, 7, True, 1.5], ["Invoke", None, "7", "true", "1.5"]),
        ("event.action", [{"a": 1}, [], [None]], [None, None, None]),
        ("aws.cloudtrail.management_event", [True, "false"], ["true", "false"]),
        ("aws.cloudtrail.read_only", [True, "false", "true", "yes", 1], [True, False, True, None, None]),
        ("source.as.number", [64496, "64497", "AS1", True, 1.5], [64496, 64497, None, None, None]),
        ("source.ip", ["192.0.2.1", None], ["192.0.2.1", None]),
    ],
)
def test_a_value_is_kept_as_its_type_or_is_null(name: str, given: list[Json], kept: list[Any]) -> None:
    assert column(name, *given) == kept


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("event.action", 1024),
        ("aws.cloudtrail.error_message", 1024),
        ("aws.cloudtrail.additional_eventdata", 1024),
        ("aws.cloudtrail.request_parameters", 8191),
        ("aws.cloudtrail.response_elements", 8191),
    ],
)
def test_a_keyword_longer_than_the_index_takes_is_null(name: str, limit: int) -> None:
    fits, too_long = "x" * limit, "x" * (limit + 1)
    pairs = "𝒦" * (limit // 2 + 1)  # two UTF-16 units each
    assert column(name, fits, too_long, pairs) == [fits, None, None]


def test_its_text_field_has_no_such_limit() -> None:
    columns = Columns()
    columns.add([{"aws.cloudtrail.request_parameters": "x" * 9000}, {}])
    table = columns.table()
    assert table["aws.cloudtrail.request_parameters"].to_pylist() == [None, None]
    assert table["aws.cloudtrail.request_parameters.text"].to_pylist() == ["x" * 9000, None]


def test_a_text_field_may_be_the_only_one() -> None:
    name = "user_agent.original.text"
    columns = Columns({name: FIELDS[name]})
    columns.add([{"user_agent.original": "curl"}, {}])
    assert columns.table().to_pydict() == {name: ["curl", None]}


def test_several_keywords_come_back_sorted_and_once_each() -> None:
    assert column("related.user", ["b", "a", "b"], ["a"], "c", None) == [["a", "b"], ["a"], ["c"], None]


def test_lists_in_lists_are_taken_apart_however_deep() -> None:
    deep: Json = ["b", "a"]
    for _ in range(5000):
        deep = [deep]
    assert column("related.user", deep, ["c", [[], ["a", [None]]]]) == [["a", "b"], ["a", "c"]]


def test_a_column_is_a_list_only_where_some_document_needs_it() -> None:
    assert column("event.type", ["info"], ["info"]) == ["info", "info"]


def test_batches_of_both_kinds_join() -> None:
    values: list[Json] = ["a", None, ["b", "c"], "d", None]
    assert column("related.user", *values, batch_rows=2) == [["a"], None, ["b", "c"], ["d"], None]


def test_a_long_item_among_several_is_left_out() -> None:
    assert column("related.user", ["b" * 2000, "a", "c"]) == [["a", "c"]]


def test_half_a_surrogate_pair_does_not_cost_the_rest() -> None:
    assert column("user_agent.original", "ok", "bad \ud800", ["x \udc00", "y"]) == [
        ["ok"],
        ["bad \ufffd"],
        ["x \ufffd", "y"],
    ]


def test_the_table_has_a_typed_column_for_each_field_that_occurs() -> None:
    columns = Columns(batch_rows=1)
    columns.add([{"@timestamp": 1000}, {"aws.cloudtrail.read_only": True}])
    table = columns.table()
    assert table.schema.field("@timestamp").type == pa.timestamp("ms", tz="UTC")
    assert table.to_pylist() == [
        {"@timestamp": datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "aws.cloudtrail.read_only": None},
        {"@timestamp": None, "aws.cloudtrail.read_only": True},
    ]


def test_without_documents_the_table_is_empty() -> None:
    assert Columns().table().num_rows == 0


def test_documents_can_be_added_after_a_table_was_made() -> None:
    columns = Columns()
    first: Document = {"event.id": "1"}
    columns.add([first])
    assert columns.table()["event.id"].to_pylist() == ["1"]
    columns.add([{"event.id": "2", "tags": "new"}])
    assert columns.table().select(["event.id", "tags"]).to_pylist() == [
        {"event.id": "1", "tags": None},
        {"event.id": "2", "tags": "new"},
    ]


def test_the_schema_names_types_as_the_mapping_does() -> None:
    types = field_types()
    assert set(types.values()) <= set(FieldType)
    assert types["@timestamp"] == "date"
    assert types["source.ip"] == "ip"
    assert types["event.dataset"] == "keyword"
    assert types["aws.cloudtrail.request_parameters.text"] == "text"
    assert types["aws.cloudtrail.flattened.request_parameters"] == "flattened"


def test_parts_with_and_without_a_dictionary_or_lists_are_one_table() -> None:
    plain = pa.array(["a", None])
    parts = [pa.record_batch({"x": column, "y": plain}) for column in (plain.dictionary_encode(), plain)]
    lists = pa.record_batch({"x": pa.array([["b", "c"]])})
    assert joined(parts)["x"].to_pylist() == ["a", None, "a", None]
    assert pa.types.is_dictionary(joined(parts[:1])["x"].type)
    assert joined([*parts, lists])["x"].to_pylist() == [["a"], None, ["a"], None, ["b", "c"]]
    assert joined([*parts, lists])["y"].to_pylist() == ["a", None, "a", None, None]
