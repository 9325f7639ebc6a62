"""Hunt files: what loads, with which defaults, and how each fault names its file and line."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.adapters.hunt_files import load_files, load_shelf
from bot.domain.hunt import IdentityKey, Slug
from bot.domain.query_text import index_patterns, language_of
from bot.errors import HuntFileError
from tests.hunt_files import load_file

BARE = """[hunt]
author = "me"
description = "Looks for a thing."
uuid = "0B7E5C1A-0000-4000-8000-000000000001"
name = "A thing"
language = ["ES|QL"]
license = "Apache-2.0"
query = ["FROM logs-*  | LIMIT 1"]
"""

FULL = (
    BARE
    + """
[huntbot]
slug = "thing"
window = "24h"
identity = ["account", "lower(action)"]
summary = "{principal} did {action}"
fields = ["actor"]
schedule = "0 9 * * 1-5"
timezone = "Europe/Berlin"
channel = "#soc"
"""
)


def written(folder: Path, text: str, name: str = "a_thing.toml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_elastics_table_alone_loads_with_defaults(tmp_path: Path) -> None:
    hunt = load_file(written(tmp_path, BARE)).hunt
    assert hunt.slug == "a-thing"
    assert hunt.uuid == "0b7e5c1a-0000-4000-8000-000000000001"
    assert hunt.query == "FROM logs-*  | LIMIT 1"
    assert hunt.window == timedelta(days=7)
    assert (hunt.identity, hunt.summary, hunt.fields, hunt.schedule) == ((), "", (), None)


def test_our_table_says_how_slack_shows_it(tmp_path: Path) -> None:
    hunt = load_file(written(tmp_path, FULL)).hunt
    assert hunt.slug == "thing"
    assert hunt.window == timedelta(hours=24)
    assert hunt.identity == (IdentityKey("account"), IdentityKey("action", ignores_case=True))
    assert hunt.schedule is not None
    assert (hunt.schedule.cron, hunt.schedule.timezone, hunt.schedule.channel) == (
        "0 9 * * 1-5",
        "Europe/Berlin",
        "#soc",
    )


@pytest.mark.parametrize(
    ("text", "fault", "line"),
    [
        ("name = 'x'", "there is no [hunt] table; is it a hunt file?", None),
        ("hunt = 3", "hunt must be a table: [hunt]", 1),
        ("[hunt]\nname = ", "not valid TOML: Invalid value", 2),
        ("[hunt]\nname = 'x'\nname = 'y'", "not valid TOML: Cannot overwrite a value", 3),
        (BARE.replace('name = "A thing"\n', ""), "[hunt] name is missing", 1),
        (BARE.replace('"A thing"', "7"), "[hunt] name must be a text that is not empty", 5),
        (BARE.replace('"A thing"', '" "'), "[hunt] name must be a text that is not empty", 5),
        (BARE.replace("uuid", "guid"), "[hunt] uuid is missing", 1),
        (BARE.replace("query", "queries"), "[hunt] query is missing", 1),
        (BARE.replace('["FROM logs-*  | LIMIT 1"]', "[1]"), "[hunt] query must be a list of texts", 8),
        (
            BARE.replace("FROM logs-*  | LIMIT 1", "SELECT * FROM processes"),
            "[hunt] query holds no ES|QL, only osquery SQL",
            8,
        ),
        (
            BARE.replace('["FROM logs-*  | LIMIT 1"]', '["""\n// all\nFRM logs-*\n| LIMIT 1\n"""]'),
            "[hunt] query begins with FRM, which is no command of ES|QL; did you mean FROM?",
            9,
        ),
        (FULL.replace("window =", "windo ="), "[huntbot] windo is unknown; did you mean window?", 12),
        (FULL.replace('"24h"', '"soon"'), "[huntbot] window 'soon' is no length of time", 12),
        (FULL.replace('"thing"', '"A Thing"'), "[huntbot] slug must be small letters", 11),
        (FULL.replace("{action}", "{action"), "[huntbot] summary has unbalanced braces", 14),
        (FULL.replace("{action}", "{action!r}"), "[huntbot] summary takes columns in braces", 14),
        (FULL.replace("0 9 * * 1-5", "9 o'clock"), '[huntbot] schedule "9 o\'clock" is not a cron', 16),
        (FULL.replace("Europe/Berlin", "Mars/Base"), "[huntbot] timezone 'Mars/Base' is not a time zone", 17),
        (FULL.replace('schedule = "0 9 * * 1-5"\n', ""), "[huntbot] timezone says where a digest goes", 16),
        (FULL.replace('["actor"]', "[[1]]"), "[huntbot] fields must be a list of texts", 15),
        (FULL + "query = 2\n", "[huntbot] query must count to a query that is ES|QL: 1", 19),
    ],
)
def test_a_fault_names_its_file_and_line(tmp_path: Path, text: str, fault: str, line: int | None) -> None:
    with pytest.raises(HuntFileError) as refused:
        load_file(written(tmp_path, text))
    assert refused.value.fault.startswith(fault)
    assert refused.value.line == line
    assert str(refused.value).startswith("a_thing.toml:")


def test_a_file_tells_all_its_faults_at_once_each_with_its_line(tmp_path: Path) -> None:
    written(tmp_path, FULL, "a.toml")
    text = FULL.replace('"A thing"', "7").replace('"24h"', '"soon"').replace("fields", "field")
    text = text.replace("Europe/Berlin", "Mars/Base").replace("{action}", "{action")
    pivot = '[[huntbot.pivots]]\nname = ""\nqurey = "x"\nafter = "soon"\n'
    written(tmp_path, text + pivot * 6, "b.toml")
    _, faults = load_files([tmp_path])
    told = [(fault.line, " ".join(fault.fault.split()[:3])) for fault in faults]
    assert told[:8] == [
        (4, "its uuid 0b7e5c1a-0000-4000-8000-000000000001"),
        (5, "[hunt] name must"),
        (11, "its slug thing"),
        (12, "[huntbot] window 'soon'"),
        (14, "[huntbot] summary has"),
        (15, "[huntbot] field is"),
        (17, "[huntbot] timezone 'Mars/Base'"),
        (19, "[[huntbot.pivots]] query is"),
    ]
    assert [line for line, _ in told[8:12]] == [20, 21, 22, 23]
    assert (40, "[[huntbot.pivots]] name is") in told  # one too many


@pytest.mark.parametrize("text", [FULL.replace('"thing"', '"list"'), BARE])
def test_a_hunt_that_nobody_could_ask_for_does_not_load(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text, "list.toml")
    assert load_file(path).hunt.slug == "list"
    with pytest.raises(HuntFileError, match=r"slug must be no word that /hunt takes for something else, and 'list'"):
        load_file(path, {"list"}.__contains__)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [
        (b"[hunt]\nname = '\xff'", "it is not UTF-8 text"),
        (b"x = " + b"[" * 5000, "it is nested too deep"),
        (b"x = " + b"9" * 5000, "it is nested too deep or holds too large a number"),
        (b"#" * 1_000_001, "it is larger than 1 MB"),
    ],
)
def test_hostile_bytes_are_a_fault_and_no_crash(tmp_path: Path, raw: bytes, fault: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(raw)
    with pytest.raises(HuntFileError, match=fault):
        load_file(path)


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("from logs-*", "esql"),
        ("FROM logs-* | WHERE process where", "esql"),
        ("sql\nfrom logs-*", "esql"),
        ("// why\n/* and\nhow */ ROW a = 1", "esql"),
        ("sql\nSELECT name FROM users", "sql"),
        ("WITH a AS (SELECT 1) SELECT * FROM a", "sql"),
        ('process where process.name == "x"', "eql"),
        ("sequence by host.id [any where true]", "eql"),
        ("(process where true)", "eql"),
    ],
)
def test_a_querys_text_says_its_language(query: str, language: str) -> None:
    assert language_of(query) == language


def test_the_first_esql_query_of_several_is_the_hunt_and_the_choice_is_said(tmp_path: Path) -> None:
    queries = '["SELECT 1", """sql\nFROM a | LIMIT 1""", "FROM b"]'
    several = BARE.replace('["FROM logs-*  | LIMIT 1"]', queries)
    loaded = load_file(written(tmp_path, several))
    assert loaded.hunt.query == "FROM a | LIMIT 1"
    assert loaded.remarks == (
        "query 2 of 3 is the hunt: the first that is ES|QL ([huntbot] query = N picks another: 3)",
        "1 not in ES|QL",
    )
    chosen = load_file(written(tmp_path, several + "[huntbot]\nquery = 3\n"))
    assert chosen.hunt.query == "FROM b"


def test_one_query_may_be_written_without_a_list(tmp_path: Path) -> None:
    text = BARE.replace('["FROM logs-*  | LIMIT 1"]', '"FROM logs-*"')
    loaded = load_file(written(tmp_path, text))
    assert loaded.hunt.query == "FROM logs-*"
    assert loaded.remarks == ()


@pytest.mark.parametrize(
    ("query", "patterns"),
    [
        ("FROM logs-aws.cloudtrail-*\n// a comment\n| LIMIT 1", ("logs-aws.cloudtrail-*",)),
        ('from a, "b-*" , c METADATA _id | KEEP x', ("a", "b-*", "c")),
        ("ROW a = 1", ()),
    ],
)
def test_the_indices_of_a_query_are_what_follows_from(query: str, patterns: tuple[str, ...]) -> None:
    assert index_patterns(query) == patterns


def test_a_folder_loads_around_its_bad_files(tmp_path: Path) -> None:
    written(tmp_path, FULL, "aws/queries/good.toml")
    written(tmp_path, "[hunt", "bad.toml")
    written(tmp_path, FULL.replace("000001", "000002"), "same_slug.toml")
    written(tmp_path, BARE, "same_uuid.toml")
    written(tmp_path, "not read", ".hidden/x.toml")
    written(tmp_path, "[[suppression]]", "suppressions.toml")
    loaded, faults = load_files([tmp_path, tmp_path / "missing"])
    assert [f.hunt.slug for f in loaded] == ["thing"]
    assert [str(fault) for fault in faults] == [
        "bad.toml:1: not valid TOML: Expected ']' at the end of a table declaration",
        "same_slug.toml:11: its slug thing is already good.toml's",
        "same_uuid.toml:4: its uuid 0b7e5c1a-0000-4000-8000-000000000001 is already good.toml's",
        "missing: there is no such file or folder",
    ]


def test_your_hunt_takes_the_place_of_a_shipped_one(tmp_path: Path) -> None:
    written(tmp_path / "shipped", FULL)
    written(tmp_path / "mine", FULL.replace("Looks for a thing.", "Mine."))
    shelf, faults = load_shelf([tmp_path / "mine"], [tmp_path / "shipped"])
    assert faults == ()
    assert shelf.hunts[Slug("thing")].description == "Mine."
