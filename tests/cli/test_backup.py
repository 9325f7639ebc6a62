"""`huntbot backup` and `huntbot restore`: what they say, and the exit code."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.adapters.sql import SqlStore
from tests.examples import hit
from tests.processes import run
from tests.storing import recorded


async def with_a_finding(folder: Path) -> Mapping[str, str]:
    """A store in the folder; the setting that names it."""
    url = f"sqlite:///{folder}/bot.db"
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit()])
    return {"DATABASE_URL": url}


async def test_a_store_moves_by_way_of_a_file(tmp_path: Path) -> None:
    backup = run(tmp_path, "backup", "b", given=await with_a_finding(tmp_path))
    restored = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db"}
    restore = run(tmp_path, "restore", "b", given=restored)

    assert (backup.returncode, backup.stderr) == (0, "")
    assert backup.stdout == "b: 1 finding, 1 run and an audit chain of 1 event\n"
    assert (restore.returncode, restore.stderr) == (0, "")
    assert restore.stdout == "restored 1 finding, 1 run and an audit chain of 1 event\n"
    async with await SqlStore.open(restored["DATABASE_URL"]) as store:
        assert (await store.audit.tip()).seq == 1


async def test_a_backup_is_made_while_the_bot_serves_and_a_restore_is_not(tmp_path: Path) -> None:
    given = await with_a_finding(tmp_path)
    async with await SqlStore.open(given["DATABASE_URL"]):
        assert run(tmp_path, "backup", "b", given=given).returncode == 0
        restore = run(tmp_path, "restore", "b", given=given)
        assert (restore.returncode, restore.stdout) == (3, "")
        assert "is in use by process" in restore.stderr


@pytest.mark.parametrize(
    ("arguments", "given", "code", "says"),
    [
        (("backup",), {}, 2, "FILE"),
        (("backup", "there"), {}, 2, "there: is there already"),
        (("backup", "nowhere/b"), {}, 2, "nowhere/b: can not be made: No such file or directory"),
        (("backup", "b"), {"DATABASE_URL": "sqlite:///none.db"}, 2, "DATABASE_URL: there is no store yet"),
        (("backup", "b"), {"DATABASE_URL": "mysql://x"}, 2, "DATABASE_URL: must begin with sqlite:///"),
        (("backup", "b"), {"DATABASE_URL": "postgresql://bot:hunter2@127.0.0.1:1/x"}, 3, "Connection refused"),
        (("restore", "none"), {}, 2, "none: can not be read: No such file or directory"),
        (("restore", "there"), {}, 2, "there: is no backup"),
        (("restore", "bot.db"), {}, 2, "DATABASE_URL: that store is not empty (findings: 1, "),
    ],
)
async def test_what_can_not_be_done_says_why_once(
    tmp_path: Path, arguments: tuple[str, ...], given: Mapping[str, str], code: int, says: str
) -> None:
    (tmp_path / "there").write_text("precious")
    ran = run(tmp_path, *arguments, given=given or await with_a_finding(tmp_path))

    assert (ran.returncode, ran.stdout) == (code, "")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert "hunter2" not in ran.stderr
    assert (tmp_path / "there").read_text() == "precious"
