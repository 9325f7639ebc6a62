"""The page about the engine names every function and command that there is, and none besides."""

import re
from pathlib import Path

from local.esql.functions import UNSUPPORTED, measures, scalars
from local.esql.parser import PROCESSORS, SOURCES
from local.esql.resolver import OPERATORS, SPECIAL

PAGE = (Path(__file__).parents[3] / "docs" / "esql.md").read_text(encoding="utf-8")
FUNCTIONS = re.search(r"## Functions\n(.*?)\nRefused", PAGE, re.DOTALL)
COMMANDS = re.search(r"## Commands\n(.*?)\nOperators", PAGE, re.DOTALL)
WITHOUT_A_ROW = set(SPECIAL)


def _named(section: "re.Match[str] | None") -> set[str]:
    assert section
    return {name.lower() for name in re.findall(r"`([A-Z][A-Z0-9_]*)[ `]", section[1])}


def test_every_function_is_on_the_page() -> None:
    known = {name for name in (*scalars(), *measures()) if name.isidentifier()} - OPERATORS
    assert _named(FUNCTIONS) == known | WITHOUT_A_ROW


def test_no_function_on_the_page_is_refused() -> None:
    assert not _named(FUNCTIONS) & UNSUPPORTED


def test_every_command_is_on_the_page() -> None:
    clauses = {"metadata", "by"}
    assert _named(COMMANDS) - clauses == {*SOURCES, *PROCESSORS} - {"inlinestats"}
