"""Files as indices."""

from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.esql import EsqlError, run

CSV = r'''name:keyword, n:integer ,at:date,tags:keyword,ip:ip,v:version,h:half_float
// a comment

ann,1,2026-01-01T00:00:00Z,[b,a],10.0.0.1,1.2,2.03
"quoted, ""name""",,,[one],::1,1.10,
a\,b,3,1767225600000,,,,1
'''


def _answer(path: Path, query: str) -> tuple[list[tuple[object, object]], object]:
    found = run(query, {"files": path}, "2026-01-10T00:00:00Z")
    columns = found["columns"]
    assert isinstance(columns, list)
    return [(column["name"], column["type"]) for column in columns], found["values"]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("[p, q]", ["p", "q"]),
        ('"[p, q]"', ["p", "q"]),
        ('"[""p, q"", r]"', ["p, q", "r"]),
        ('["p, q",r]', ["p, q", "r"]),
        ('"[]"', None),
        ('"[{""a"": [1, 2]}]"', '[{"a": [1, 2]}]'),
        ('"p [q]"', "p [q]"),
        ("p", "p"),
    ],
)
def test_a_csv_cell_is_a_value_or_several(tmp_path: Path, cell: str, value: object) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"k:keyword,n:integer\n{cell},1\n")
    assert _answer(path, "FROM files | KEEP k")[1] == [[value]]


def test_csv_has_types_several_values_and_quotes(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(CSV)
    columns, rows = _answer(path, "FROM files | KEEP name, n, at, tags, ip, v, h")
    assert columns == [
        ("name", "keyword"),
        ("n", "integer"),
        ("at", "date"),
        ("tags", "keyword"),
        ("ip", "ip"),
        ("v", "version"),
        ("h", "double"),
    ]
    assert rows == [
        ["ann", 1, "2026-01-01T00:00:00.000Z", ["a", "b"], "10.0.0.1", "1.2", 2.029296875],
        ['quoted, "name"', None, None, "one", "::1", "1.10", None],
        ["a,b", 3, "2026-01-01T00:00:00.000Z", None, None, None, 1.0],
    ]


def test_csv_without_types_infers_them(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a,b,c,d,e\n1,1.5,true,2026-01-01,x\n2,2,false,2026-01-02T00:00:00Z,\n")
    columns, rows = _answer(path, "FROM files")
    assert columns == [("a", "long"), ("b", "double"), ("c", "boolean"), ("d", "date"), ("e", "keyword")]
    assert rows == [
        [1, 1.5, True, "2026-01-01T00:00:00.000Z", "x"],
        [2, 2.0, False, "2026-01-02T00:00:00.000Z", None],
    ]


def test_ndjson_is_flattened(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    documents = [{"a": {"b": 1, "c": ["x", "y"]}, "t": "2026-01-01T00:00:00Z"}, {"a": {"b": 2.5}, "ok": True}]
    path.write_bytes(b"\n".join(map(orjson.dumps, documents)))
    columns, rows = _answer(path, "FROM files")
    assert columns == [("a.b", "double"), ("a.c", "keyword"), ("ok", "boolean"), ("t", "date")]
    assert rows == [[1.0, ["x", "y"], None, "2026-01-01T00:00:00.000Z"], [2.5, None, True, None]]


def test_parquet_has_its_own_types(tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    moments = pa.array([0, 1], pa.timestamp("us"))
    table = pa.table({"n": pa.array([1, None], pa.int32()), "s": [["a"], ["c", "b"]], "t": moments})
    pq.write_table(table, path)
    columns, rows = _answer(path, "FROM files")
    assert columns == [("n", "integer"), ("s", "keyword"), ("t", "date")]
    assert rows == [[1, "a", "1970-01-01T00:00:00.000Z"], [None, ["b", "c"], "1970-01-01T00:00:00.000Z"]]


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("x.txt", "", "expected .csv, .ndjson or .parquet"),
        ("x.csv", "a:keyword,b:keyword\nx\n", "row 2 has 1 cells for 2 columns"),
        ("x.csv", "a:money\n1\n", "unknown type [money]"),
        ("x.csv", "a:integer\nx\n", "invalid literal"),
        ("x.ndjson", "{", "cannot read [x.ndjson]"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(EsqlError) as caught:
        run("FROM files", {"files": path}, None)
    assert name in caught.value.reason
    assert complaint in caught.value.reason


def test_a_moment_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a\n")
    with pytest.raises(EsqlError, match="not an ISO 8601 time"):
        run("FROM files", {"files": path}, "tomorrow")
