"""The terminal's door: commands are listed without being loaded, and say of themselves what the list says."""

from pathlib import Path

import pytest

from app.cli import COMMANDS, load
from tests.processes import run


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_listed_with_the_first_line_of_its_help(name: str) -> None:
    assert (load(name).name, load(name).get_short_help_str(200)) == (name, COMMANDS[name])


@pytest.mark.parametrize("name", COMMANDS)
def test_each_commands_help_is_plain_text_about_its_own_options(tmp_path: Path, name: str) -> None:
    shown = run(tmp_path, name, "--help").stdout
    assert shown.startswith("Usage: ")
    assert "completion" not in shown


def test_the_version_is_told(tmp_path: Path) -> None:
    assert run(tmp_path, "--version").stdout.startswith("huntbot ")


def test_a_typo_is_met_with_what_was_meant(tmp_path: Path) -> None:
    ran = run(tmp_path, "hnut")
    assert (ran.returncode, "'hunt'" in ran.stderr) == (2, True)
