"""`huntbot hunts check`: what it says of files and their queries, with the place, and which of it fails."""

import json
import re
from pathlib import Path

import pytest

from app.commands.hunts import REPLACES
from app.linting import NO_WINDOW, UNKNOWN_COLUMN
from local.esql.lint import Rule
from tests.processes import ROOT, run

HUNT = """\
[hunt]
name = "Sign-ins"
uuid = "u-1"
query = ['''
FROM logs-aws.cloudtrail-* | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend
| WHERE {condition}
| KEEP @timestamp, user.name, event.id
| LIMIT 1000
''']

[huntbot]
{table}
"""
FINE = 'event.action == "ConsoleLogin"'


def check(folder: Path, condition: str = FINE, table: str = "") -> tuple[int, list[str]]:
    (folder / "one.toml").write_text(HUNT.format(condition=condition, table=table))
    ran = run(folder, "hunts", "check", "one.toml")
    return ran.returncode, ran.stderr.splitlines()


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ('event.action = "x"', "one.toml:6:22: = gives a name to a value; what compares is == (single-equals)"),
        (
            'STARTS_WITH("x", event.action)',
            'one.toml:6:9: STARTS_WITH takes the field first, and "x" stands there (swapped-arguments)',
        ),
        ("event.action == ", "one.toml:7:1: no viable alternative at input '|' (refused)"),
    ],
)
def test_a_fault_of_a_query_fails_with_file_line_and_column(tmp_path: Path, condition: str, said: str) -> None:
    assert check(tmp_path, condition) == (2, [said])


def test_a_warning_is_said_and_fails_nothing(tmp_path: Path) -> None:
    code, [said] = check(tmp_path, 'event.category == "iam"')
    assert code == 0
    assert said.startswith("one.toml:6:9: warning: ")
    assert "MV_CONTAINS(event.category, …)" in said


@pytest.mark.parametrize(
    ("bounds", "lacks"),
    [
        ("", "?_tstart and ?_tend"),
        ("| WHERE @timestamp >= ?_tstart", "?_tend"),
        ("// | WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend", "?_tstart and ?_tend"),
        ("| WHERE @timestamp > NOW() - 7 days", "?_tstart and ?_tend"),
    ],
)
def test_a_query_that_is_not_told_over_which_time_is_warned_of(tmp_path: Path, bounds: str, lacks: str) -> None:
    text = HUNT.format(condition=FINE, table="")
    (tmp_path / "one.toml").write_text(text.replace("| WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend", bounds))
    ran = run(tmp_path, "hunts", "check", "one.toml")
    assert ran.returncode == 0
    assert ran.stderr.startswith(f"one.toml:5:1: warning: the query lacks {lacks}: ")
    assert ran.stderr.endswith(f"({NO_WINDOW})\n")


@pytest.mark.parametrize(
    ("table", "place", "says"),
    [
        ('identity = ["user.name", "lower(region)"]', "12:33", "identity names region"),
        ('summary = "{user.name} in {account}"', "12:28", "summary names account"),
        ('window = "1d"\nfields = [\n    "user.name",\n    "user.names",\n]', "15:6", "fields names user.names"),
    ],
)
def test_a_column_that_the_query_does_not_give_is_named_where_it_stands(
    tmp_path: Path, table: str, place: str, says: str
) -> None:
    said = f"one.toml:{place}: {says}, and the query answers without it ({UNKNOWN_COLUMN})"
    assert check(tmp_path, table=table) == (2, [said])


def test_without_the_fields_the_text_says_which_columns_there_are(tmp_path: Path) -> None:
    text = HUNT.format(condition='a == "b"', table='fields = ["user.name", "nope"]')
    (tmp_path / "one.toml").write_text(text.replace("logs-aws.cloudtrail-*", "logs-okta*"))
    ran = run(tmp_path, "hunts", "check", "one.toml")
    assert ran.returncode == 2
    assert "one.toml:12:25: fields names nope" in ran.stderr
    assert "some rules were not asked: only the fields of logs-aws.cloudtrail-* are known here" in ran.stderr


def test_pivots_are_looked_at_where_they_stand(tmp_path: Path) -> None:
    pivot = '[[huntbot.pivots]]\nname = "Around"\nquery = """\nFROM logs-aws.cloudtrail-*\n'
    pivot += '| WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend AND user.name = ?user_name\n"""'
    code, said = check(tmp_path, table=pivot)
    assert code == 2
    assert [line.split(": ")[0] for line in said] == ["one.toml:16:3", "one.toml:16:70"]


def test_of_a_query_with_escapes_the_place_within_it_is_told(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(
        '[hunt]\nname = "x"\nuuid = "u"\n  query = "FROM logs-aws.cloudtrail-* | WHERE user.name = \\"x\\" | LIMIT 1"'
    )
    ran = run(tmp_path, "hunts", "check", "one.toml")
    assert (ran.returncode, ran.stderr.startswith("one.toml:4:3: line 1:46 of the query: ")) == (2, True)


def test_a_program_gets_every_fault_and_warning_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[hunt")
    (tmp_path / "b.toml").write_text(HUNT.format(condition='event.type == "x" AND user.id = "y"', table=""))
    ran = run(tmp_path, "hunts", "--format", "json", "check", ".")
    report = json.loads(ran.stdout)
    assert ran.returncode == 2
    assert [each["slug"] for each in report["loaded"]] == ["b"]
    assert [(f["path"], f["line"], f["column"], f["rule"]) for f in report["faults"]] == [
        ("a.toml", 1, None, None),
        ("b.toml", 6, 39, "single-equals"),
    ]
    [warning] = report["warnings"]
    assert (warning["line"], warning["column"], warning["rule"]) == (6, 9, "several-values")


def test_a_file_that_does_not_load_has_its_query_looked_at_all_the_same(tmp_path: Path) -> None:
    code, said = check(tmp_path, 'event.action = "x"', 'window = "soon"\nfields = ["nope"]')
    assert code == 2
    assert [line.split(": ")[0] for line in said] == ["one.toml:6:22", "one.toml:12", "one.toml:13:12"]


@pytest.mark.parametrize("table", ['slug = "status"', 'slug = "f-42"', 'slug = "ack"', 'slug = "run"'])
def test_a_slug_that_means_something_else_in_slack_is_a_fault_here_and_where_hunts_are_loaded(
    tmp_path: Path, table: str
) -> None:
    code, [said] = check(tmp_path, table=table)
    assert code == 2
    assert said.startswith("one.toml:12: [huntbot] slug must be no word that /hunt takes for something else")
    listed = run(tmp_path, "hunts", "--hunts", ".")
    assert "not loaded: one.toml:12: [huntbot] slug must be no word" in listed.stderr


@pytest.mark.parametrize("named", ["argument", "option", "setting"])
def test_a_hunt_that_takes_the_place_of_a_shipped_one_is_told(tmp_path: Path, named: str) -> None:
    text = HUNT.format(condition=FINE, table='slug = "lambda-perms"')
    (tmp_path / "one.toml").write_text(text)
    words = {"argument": ("check", "one.toml"), "option": ("--hunts", "one.toml", "check"), "setting": ("check",)}
    ran = run(tmp_path, "hunts", *words[named], given={"HUNTBOT_HUNTS": "one.toml"} if named == "setting" else {})
    said = "it has the slug of lambda-perms, which huntbot ships, and takes its place"
    assert (ran.returncode, ran.stderr) == (0, f"one.toml:12: warning: {said} ({REPLACES})\n")


def test_hunts_are_listed_of_the_folder_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text(HUNT.format(condition=FINE, table=""))
    listed = json.loads(run(tmp_path, "hunts", "--hunts", ".", "--format", "json").stdout)
    assert [hunt["slug"] for hunt in listed] == ["lambda-perms", "one"]


@pytest.mark.parametrize("page", ["README.md", "docs/hunts.md"])
def test_the_hunts_that_are_shown_are_without_fault(tmp_path: Path, page: str) -> None:
    [hunt] = re.findall(r"```toml\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "shown.toml").write_text(hunt, encoding="utf-8")
    ran = run(tmp_path, "hunts", "check", "shown.toml")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_the_hunts_that_are_shipped_are_without_fault_or_warning(tmp_path: Path) -> None:
    ran = run(tmp_path, "hunts", "check")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_a_bot_without_the_embedded_engine_reads_the_files_and_says_what_it_left_out(tmp_path: Path) -> None:
    (tmp_path / "duckdb.py").write_text("raise ModuleNotFoundError(\"No module named 'duckdb'\", name='duckdb')\n")
    code, [said] = check(tmp_path, 'event.action = "x"')
    assert code == 0
    assert said.startswith("queries were not looked at: ")
    assert "pip install 'huntbot[local]'" in said


@pytest.mark.parametrize("rule", [UNKNOWN_COLUMN, NO_WINDOW, REPLACES, *(rule.value for rule in Rule)])
def test_every_rule_is_in_the_docs(rule: str) -> None:
    assert f"| `{rule}` |" in (ROOT / "docs/hunts.md").read_text(encoding="utf-8")
