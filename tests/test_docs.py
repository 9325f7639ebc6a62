"""Docs that fail when they are stale: every setting, command and hunt appears, and every link leads somewhere."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from app import shelf
from app.cli import COMMANDS
from app.settings import SETTING_NAMES
from bot.adapters.huntbot_table import KEYS
from bot.adapters.suppression_file import load_suppressions
from local.cloudtrail.limits import USUAL
from local.cloudtrail.reading.formats import Format
from local.cloudtrail.reading.shapes import TEXT_KEYS
from local.cloudtrail.receipt import Receipt, Skipped
from local.cloudtrail.refusal import Kind
from local.objects import layout
from local.objects.fetching import AT_ONCE, AT_ONCE_BYTES, WHOLE_BYTES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHIVES = (ROOT / "docs/archives.md").read_text(encoding="utf-8")
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


@pytest.mark.parametrize("name", SETTING_NAMES)
def test_every_setting_has_a_row(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| \S.* \| \S.* \|$", README, re.MULTILINE)


def test_no_row_names_a_setting_that_is_gone() -> None:
    rows = re.findall(r"^\| `([A-Z][A-Z_]+)` \|", README, re.MULTILINE)
    assert sorted(rows) == sorted(SETTING_NAMES)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_a_row(name: str) -> None:
    assert re.search(rf"^\| `huntbot {name}\b", README, re.MULTILINE)


@pytest.mark.parametrize("slug", sorted(shelf.load([])[0].hunts))
def test_every_hunt_has_a_row(slug: str) -> None:
    assert re.search(rf"^\| `{slug}` \| \S", README, re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_hunt_in_the_readme_loads(tmp_path: Path) -> None:
    [hunt] = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "hunt.toml").write_text(hunt, encoding="utf-8")
    assert shelf.pick([tmp_path], "foreign-keys").summary


def test_the_hunt_with_a_pivot_in_the_docs_loads(tmp_path: Path) -> None:
    [hunt] = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/hunts.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "hunt.toml").write_text(hunt, encoding="utf-8")
    [pivot] = shelf.pick([tmp_path], "foreign-keys").pivots
    assert (pivot.columns, pivot.before) == (("source_ip",), timedelta())


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_what_is_skipped_has_a_row(kind: Kind) -> None:
    assert re.search(rf"^\| {re.escape(kind)} \| \S", ARCHIVES, re.MULTILINE)


@pytest.mark.parametrize("kind", Kind)
def test_a_row_is_marked_where_an_answer_without_it_is_partial(kind: Kind) -> None:
    is_marked = re.search(rf"^\| {re.escape(kind)} \| ⚠ ", ARCHIVES, re.MULTILINE) is not None
    assert Receipt(skipped=(Skipped("a", kind, "why"),)).is_partial is is_marked
    assert Receipt(unnamed=((kind, 1),)).is_partial is is_marked


def test_no_row_names_a_kind_that_is_gone() -> None:
    [table] = re.findall(r"^\| Kind \|.*\n\|---\|---\|\n((?:\|.*\n)+)", ARCHIVES, re.MULTILINE)
    assert re.findall(r"^\| (.+?) \|", table, re.MULTILINE) == list(Kind)


PACKED = [each.value for each in Format if each not in (Format.TEXT, Format.UTF16_LE, Format.UTF16_BE)]


@pytest.mark.parametrize("name", [*PACKED, *sorted(TEXT_KEYS), *sorted(layout.KINDS)])
def test_what_is_read_of_archives_is_told(name: str) -> None:
    assert f"`{name}`" in ARCHIVES


def test_the_limits_of_archives_are_those_that_hold() -> None:
    mib = 2**20
    assert f"above {USUAL.document // mib} MiB" in ARCHIVES
    assert f"{USUAL.expansion} times its size (beyond {USUAL.expansion_free // mib} MiB)" in ARCHIVES
    assert (USUAL.layers, layout.MARGIN) == (5, timedelta(days=1))
    assert f"eight objects, or {AT_ONCE_BYTES // mib} MiB" in ARCHIVES
    assert f"above {WHOLE_BYTES // mib} MiB is read piece by piece" in ARCHIVES
    assert AT_ONCE == 8


@pytest.mark.parametrize("key", sorted(KEYS - {"pivots"}))
def test_every_key_of_a_hunt_file_has_a_row(key: str) -> None:
    rows = re.findall(r"^\| (`.*?`) \|", (ROOT / "docs/hunts.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert any(f"`{key}`" in row for row in rows)


def test_the_suppression_rules_in_the_docs_load(tmp_path: Path) -> None:
    [rules] = re.findall(r"```toml\n(.*?)```", (ROOT / "docs/suppressions.md").read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "suppressions.toml").write_text(rules, encoding="utf-8")
    loaded, faults = load_suppressions(tmp_path / "suppressions.toml", shelf.load([])[0])
    assert (len(loaded.rules), faults) == (2, ())
