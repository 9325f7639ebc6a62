"""The file of suppression rules: what loads, and how each fault names its line and stops no other."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.adapters.suppression_file import load_suppressions
from bot.domain.hunt import HuntShelf
from bot.domain.severity import Severity
from bot.domain.suppression import NO_RULES, Suppression
from tests.examples import GRANTS, SHELF

RULE = """[[suppression]]
hunt = "grants"
reason = "The pipeline's own"
owner = "anna@example.com"
expires = 2027-01-31
where = { principal = "ci-*" }
"""
SECOND = RULE.replace("ci-*", "cd-*")


def loaded(folder: Path, text: str, shelf: HuntShelf = SHELF) -> tuple[tuple[Suppression, ...], list[str]]:
    path = folder / "suppressions.toml"
    path.write_text(text, encoding="utf-8")
    rules, faults = load_suppressions(path, shelf)
    return rules.rules, [str(fault) for fault in faults]


def test_a_rule_is_read_whole(tmp_path: Path) -> None:
    [rule], faults = loaded(tmp_path, "# reviewed\n\n" + RULE + 'up_to = "Medium"\n')
    assert faults == []
    assert rule == Suppression(
        hunt=GRANTS.slug,
        where={"principal": "ci-*"},
        reason="The pipeline's own",
        owner="anna@example.com",
        expires=date(2027, 1, 31),
        up_to=Severity.MEDIUM,
        line=3,
    )


@pytest.mark.parametrize(
    ("where", "columns"),
    [
        ('where = { principal = "a", revoked_at = "2*" }', {"principal": "a", "revoked_at": "2*"}),
        ('[suppression.where]\nprincipal = "a"', {"principal": "a"}),
        ('where.principal = "a"', {"principal": "a"}),
    ],
)
def test_a_scope_may_be_written_as_toml_writes_tables(tmp_path: Path, where: str, columns: dict[str, str]) -> None:
    [rule], faults = loaded(tmp_path, RULE.replace('where = { principal = "ci-*" }', where))
    assert (rule.where, faults) == (columns, [])


@pytest.mark.parametrize("where", ['{ user.name = "a" }', '{ "user.name" = "a" }'])
def test_a_column_with_dots_needs_no_quotes(tmp_path: Path, where: str) -> None:
    shelf = HuntShelf({GRANTS.slug: replace(GRANTS, query="FROM logs | KEEP user.name")})
    [rule], faults = loaded(tmp_path, RULE.replace('{ principal = "ci-*" }', where), shelf)
    assert (rule.where, faults) == ({"user.name": "a"}, [])


def test_an_expiry_may_be_a_moment(tmp_path: Path) -> None:
    [rule], _ = loaded(tmp_path, RULE.replace("2027-01-31", "2027-01-31T12:00:00+02:00"))
    assert rule.ends_at == datetime(2027, 1, 31, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (RULE.replace("reason", "raeson"), "3: [[suppression]] raeson is unknown; did you mean reason?"),
        (RULE.replace('reason = "The pipeline\'s own"\n', ""), "1: [[suppression]] reason is missing"),
        (RULE.replace('"The pipeline\'s own"', '" "'), "3: [[suppression]] reason must be a text that is not empty"),
        (RULE.replace("anna@example.com", ""), "4: [[suppression]] owner must be a text that is not empty"),
        (RULE.replace('hunt = "grants"\n', ""), "1: [[suppression]] hunt is missing"),
        (
            RULE.replace('"grants"', '"grant"'),
            "2: [[suppression]] hunt is 'grant', and there is no such hunt; did you mean grants?",
        ),
        (RULE.replace("expires = 2027-01-31\n", ""), "1: [[suppression]] expires is missing"),
        (
            RULE.replace("2027-01-31", '"2027-01-31"'),
            "5: [[suppression]] expires must be a day or a moment without quotes, such as 2027-01-31",
        ),
        (RULE.replace("2027-01-31", "12:00:00"), "5: [[suppression]] expires must be a day or a moment"),
        (RULE.replace("2027-01-31", "9999-12-31"), "5: [[suppression]] expires is no expiry"),
        (RULE.replace('where = { principal = "ci-*" }\n', ""), "1: [[suppression]] where is missing"),
        (RULE.replace('{ principal = "ci-*" }', "{}"), "6: [[suppression]] where is missing"),
        (RULE.replace('{ principal = "ci-*" }', '"ci-*"'), "6: [[suppression]] where must be columns with texts"),
        (RULE.replace('"ci-*"', '"*"'), "6: [[suppression]] where matches everything"),
        (RULE.replace('"ci-*"', "7"), "6: [[suppression]] principal must be a text in quotes"),
        (RULE.replace('"ci-*"', '""'), "6: [[suppression]] principal must be a text that is not empty"),
        (
            RULE.replace("principal", "principle"),
            "6: [[suppression]] principle is no column of grants; did you mean principal?",
        ),
        (RULE + 'up_to = "huge"\n', "7: [[suppression]] up_to must be one of critical, high, medium, low, info"),
    ],
)
def test_a_fault_names_its_line_and_stops_no_other_rule(tmp_path: Path, text: str, fault: str) -> None:
    rules, faults = loaded(tmp_path, text + SECOND)
    assert [rule.where for rule in rules] == [{"principal": "cd-*"}]
    assert len(faults) == 1
    assert faults[0].startswith(f"suppressions.toml:{fault}")


def test_the_line_is_that_of_the_rule_at_fault(tmp_path: Path) -> None:
    rules, faults = loaded(tmp_path, RULE + SECOND.replace("expires", "expired") + RULE)
    assert [rule.line for rule in rules] == [1, 13]
    assert faults == ["suppressions.toml:11: [[suppression]] expired is unknown; did you mean expires?"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[[suppression]\n", "suppressions.toml:1: not valid TOML: Expected ']]' at the end of an array declaration"),
        ("suppression = 3\n", "suppressions.toml:1: suppression must be tables: [[suppression]]"),
        ("[suppression]\n", "suppressions.toml:1: suppression must be tables: [[suppression]]"),
        (
            RULE.replace("suppression", "suppressions"),
            "suppressions.toml:1: suppressions is unknown; did you mean suppression?",
        ),
    ],
)
def test_a_file_that_can_not_be_read_hides_nothing(tmp_path: Path, text: str, fault: str) -> None:
    assert loaded(tmp_path, text) == ((), [fault])


def test_an_empty_file_has_no_rules_and_no_faults(tmp_path: Path) -> None:
    assert loaded(tmp_path, "# none at present\n") == ((), [])


def test_without_a_path_there_are_no_rules() -> None:
    assert load_suppressions(None, SHELF) == (NO_RULES, ())


def test_a_file_that_is_not_there_is_a_fault_and_no_stop(tmp_path: Path) -> None:
    rules, [fault] = load_suppressions(tmp_path / "gone.toml", SHELF)
    assert (rules, str(fault)) == (NO_RULES, "gone.toml: it can not be read: No such file or directory")
