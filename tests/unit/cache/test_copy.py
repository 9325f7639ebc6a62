"""A copy gives what the archive gives: kept, brought up to date, damaged, or written by two at once."""

import json
import os
import resource
import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.cache.copy import GRACE_S, UNFINISHED, Copy
from local.cache.layout import FILE, PLACES, READABLE
from local.cache.manifest import Manifest, Part, decoded, encoded
from local.cache.parts import GROUP_ROWS, PartWriter
from local.cache.shelf import Cache
from local.cache.version import LIBRARIES, schema_version
from local.elasticsearch.folder import Folder
from local.wanted import Deadline, Wanted
from tests.unit.cache.archives import answer, copy_of, everything, folder, later, record, rows_of, write


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return folder(tmp_path / "logs")


@pytest.fixture
def copy(tmp_path: Path, logs: Path) -> Copy:
    return copy_of(logs, tmp_path / "copies")


@pytest.fixture
def kept(logs: Path, copy: Copy) -> Copy:
    assert rows_of(logs, copy).keep()
    return copy


def the_same(logs: Path, copy: Copy) -> bool:
    """Whether rows, order and receipt are those of the archive without a copy."""
    rows = rows_of(logs, copy)
    found = answer(rows)
    expected, receipt = everything(logs)
    assert rows.receipt is not None
    assert receipt is not None
    assert rows.receipt.by_kind() == receipt.by_kind()
    assert set(rows.receipt.skipped) == set(receipt.skipped)
    told = (rows.receipt.records, rows.receipt.files, rows.receipt.undated)
    return found == expected and told == (receipt.records, receipt.files, receipt.undated)


def cold_rows(logs: Path, copy: Copy) -> int:
    """How many rows do not come from the copy."""
    stored = rows_of(logs, copy).read(Wanted(frozenset(READABLE)), Deadline())
    return sum(table.num_rows for table in stored.tables)


def parts(copy: Copy) -> list[Path]:
    return sorted(copy.path_of("").glob("*.parquet"))


@pytest.mark.parametrize(("junk", "is_partial"), [(b"prose", False), (b'{"Records":[{"eventName":', True)])
def test_an_answer_over_what_may_have_held_records_is_partial(
    logs: Path, copy: Copy, junk: bytes, is_partial: bool
) -> None:
    (logs / "junk").write_bytes(junk)
    cold = rows_of(logs, copy).read(Wanted(frozenset(READABLE)), Deadline())
    assert rows_of(logs, copy).keep()
    warm = rows_of(logs, copy).read(Wanted(frozenset(READABLE)), Deadline())
    assert (cold.is_partial, warm.is_partial, warm.tables) == (is_partial, is_partial, ())


def test_an_answer_over_no_record_at_all_is_partial(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no log")
    assert rows_of(tmp_path, None).read(Wanted(frozenset(READABLE)), Deadline()).is_partial


def test_names_that_are_not_utf_8_are_kept_like_others(tmp_path: Path) -> None:
    logs = folder(tmp_path / os.fsdecode(b"l\xffgs"))
    write(logs / os.fsdecode(b"\xe9.json.gz"), [record(99)])
    write(logs / "é.json.gz", [record(98)])
    copy = copy_of(logs, tmp_path / "copies")
    assert rows_of(logs, copy).keep()
    assert cold_rows(logs, copy) == 0
    assert the_same(logs, copy)


def test_an_archive_is_kept_at_the_second_hunt_and_read_from_the_third_on(logs: Path, copy: Copy) -> None:
    for cold in (45, 45, 0):
        assert cold_rows(logs, copy) == cold
        rows = rows_of(logs, copy)
        assert answer(rows) == everything(logs)[0]
        rows.after_answer()


def _add(logs: Path) -> None:
    write(logs / "a0.json.gz", [record(n) for n in range(60, 70)])


def _change(logs: Path) -> None:
    write(logs / "a.json.gz", [record(n) for n in range(70, 95)])


def _replace_by_one_of_the_same_size(logs: Path) -> None:
    path = logs / "b" / "b.json"
    data = path.read_bytes().replace(b"GetObject", b"PutObject")
    before = path.stat()
    (logs / "new").write_bytes(data)
    (logs / "new").replace(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _change_in_place_and_set_the_time_back(logs: Path) -> None:
    path = logs / "b" / "b.json"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"GetObject", b"PutObject"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _cut_off(logs: Path) -> None:
    os.truncate(logs / "c.json.gz", 200)


def _remove(logs: Path) -> None:
    (logs / "a.json.gz").unlink()


def _turn_into_a_link(logs: Path) -> None:
    (logs / "a.json.gz").rename(logs.parent / "elsewhere.gz")
    (logs / "a.json.gz").symlink_to(logs.parent / "elsewhere.gz")


def _several_values_where_others_have_one(logs: Path) -> None:
    odd = {"requestParameters": {"userName": ["x", "y"]}, "userAgent": ["curl", "wget"]}
    write(logs / "b2.json", [record(n, **odd) for n in range(50, 53)])


CHANGES = [
    _add,
    _change,
    _replace_by_one_of_the_same_size,
    _change_in_place_and_set_the_time_back,
    _cut_off,
    _remove,
    _turn_into_a_link,
    _several_values_where_others_have_one,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_in_the_next_answer_and_in_the_copy(
    logs: Path, kept: Copy, change: Callable[[Path], None]
) -> None:
    change(logs)
    assert the_same(logs, kept)
    assert cold_rows(logs, kept) == 0
    assert the_same(logs, kept)


def _delete(part: Path) -> None:
    part.unlink()


def _tear(part: Path) -> None:
    os.truncate(part, part.stat().st_size // 2)


def _empty(part: Path) -> None:
    os.truncate(part, 0)


def _scribble(part: Path) -> None:
    with part.open("r+b") as file:
        file.seek(part.stat().st_size // 2)
        file.write(os.urandom(64))


def _scribble_in_secret(part: Path) -> None:
    before = part.stat()
    _scribble(part)
    os.utime(part, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("damage", [_delete, _tear, _empty, _scribble, _scribble_in_secret])
def test_a_damaged_part_is_noticed_and_made_anew(logs: Path, kept: Copy, damage: Callable[[Path], None]) -> None:
    for part in parts(kept):
        damage(part)
    assert the_same(logs, kept)
    assert cold_rows(logs, kept) == 0
    assert the_same(logs, kept)


@pytest.mark.parametrize("damage", [_tear, _empty])
def test_damage_that_size_and_time_do_not_show_costs_the_copy_alone(
    logs: Path, kept: Copy, damage: Callable[[Path], None]
) -> None:
    """As of a disk that lies: the manifest says of the damaged part what it is like now."""
    [part] = parts(kept)
    damage(part)
    found = part.stat()
    [(name, told)] = kept.load().parts.items()
    lie = Part(told.rows, found.st_size, found.st_ctime_ns, told.columns, told.lists)
    with kept.writing() as writer:
        assert writer is not None
        writer.add({}, {name: lie})
    assert the_same(logs, kept)


@pytest.mark.parametrize("data", [b"", b"huntbot copy\n", b"\x00" * 500, None])
def test_a_manifest_that_is_none_is_as_no_copy(logs: Path, kept: Copy, data: bytes | None) -> None:
    manifest = kept.folder / "manifest"
    manifest.write_bytes(manifest.read_bytes()[:-1] if data is None else data)
    assert cold_rows(logs, kept) == 45
    rows_of(logs, kept).keep()
    assert the_same(logs, kept)
    assert cold_rows(logs, kept) == 0


def test_another_version_of_the_mapping_makes_the_copy_anew(logs: Path, kept: Copy) -> None:
    newer = Copy(kept.folder, kept.root, "another", later)
    assert cold_rows(logs, newer) == 45
    rows_of(logs, newer).keep()
    assert cold_rows(logs, newer) == 0
    assert the_same(logs, newer)


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_copy_made_with_another_version_of_a_library_is_made_anew(library: str) -> None:
    assert schema_version(lambda name: "0" if name == library else version(name)) != schema_version()
    assert schema_version(version) == schema_version()


def test_what_no_manifest_names_goes_once_nobody_can_be_reading_it(tmp_path: Path, logs: Path) -> None:
    at = later()
    copy = Cache(tmp_path / "copies", lambda: at).copy(str(logs))
    rows_of(logs, copy).keep()
    (old,) = parts(copy)
    for path in logs.rglob("*.json*"):
        path.unlink(missing_ok=True)
    write(logs / "z.json", [record(1)])
    left = copy.path_of(f"left{UNFINISHED}")
    left.touch()
    rows_of(logs, copy).keep()
    assert not left.exists()
    assert old.exists()
    at += GRACE_S + 1
    rows_of(logs, copy).keep()
    assert not old.exists()
    assert the_same(logs, copy)


def test_small_parts_become_one_and_dead_rows_go(logs: Path, kept: Copy) -> None:
    for number in range(12):
        write(logs / f"n{number}.json", [record(100 + number)])
        rows_of(logs, kept).keep()
    assert len(kept.load().parts) < 12
    write(logs / "a.json.gz", [record(1)])
    write(logs / "c.json.gz", [record(2)])
    rows_of(logs, kept).keep()
    manifest = kept.load()
    assert sum(part.rows for part in manifest.parts.values()) < 2 * manifest.records
    assert the_same(logs, kept)


def test_it_is_known_how_many_rows_of_a_part_count(logs: Path, kept: Copy) -> None:
    """Also where a file has rows in several parts, and where parts were made anew."""
    _several_values_where_others_have_one(logs)
    call = {"eventName": "CreateUser", "eventSource": "iam.amazonaws.com", "eventTime": "2026-03-01T00:00:00Z"}
    lines = [json.dumps(call)] * (2 * GROUP_ROWS) + [json.dumps({**call, "errorCode": ["a", "b"]})]
    (logs / "n.ndjson").write_text("\n".join(lines))
    rows_of(logs, kept).keep()
    assert len(kept.load().files["n.ndjson"].parts) > 1
    for change in (_add, _change, _remove):
        change(logs)
        rows_of(logs, kept).keep()
        manifest = kept.load()
        numbers = {each.number for each in manifest.files.values()}
        for name, live in manifest.live_rows().items():
            rows = pq.read_table(kept.path_of(name), columns=[FILE])[FILE].to_pylist()
            assert live == sum(number in numbers for number in rows)


@contextmanager
def no_room_on_the_disk() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_part_that_can_not_be_finished_leaves_nothing(tmp_path: Path) -> None:
    writer = PartWriter(tmp_path)
    writer.add({name: pa.chunked_array([pa.array([0], pa.int32())]) for name in PLACES})
    with no_room_on_the_disk():
        writer.discard()
    assert not list(tmp_path.iterdir())


def test_a_file_that_changed_a_moment_ago_is_not_kept_yet(tmp_path: Path, logs: Path) -> None:
    copy = copy_of(logs, tmp_path / "copies")
    rows_of(logs, copy).keep()
    write(logs / "new.json", [record(1)])
    changed_at = (logs / "new.json").stat().st_mtime
    rows = rows_of(logs, copy)
    rows.archive = type(rows.archive)(logs, lambda: changed_at)  # type: ignore[call-arg]
    assert len(answer(rows)) == 46
    assert "new.json" not in copy.load().files


def test_one_writes_and_the_other_reads_the_logs(logs: Path, kept: Copy) -> None:
    with kept.writing() as writer:
        assert writer is not None
        _add(logs)
        assert not rows_of(logs, kept).keep()
        assert the_same(logs, kept)
        assert not kept.clear()
    assert rows_of(logs, kept).keep()


def test_one_that_serves_sees_what_others_do_to_the_copy(logs: Path, kept: Copy) -> None:
    serving = rows_of(logs, kept)
    for change in (_add, _change, _remove):
        answer(serving)
        change(logs)
        assert rows_of(logs, kept).keep()
        assert not serving.read(Wanted(frozenset(READABLE)), Deadline()).tables
    assert kept.clear()
    assert answer(serving) == everything(logs)[0]


def test_a_copy_is_nobodys_but_the_users(tmp_path: Path, logs: Path) -> None:
    home = tmp_path / "cache"  # whatever of it is not there yet
    rows_of(logs, copy_of(logs, home / "huntbot" / "copies")).keep()
    for path in [home, *home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_copy_that_is_cleared_is_gone_and_can_be_made_again(tmp_path: Path, logs: Path, kept: Copy) -> None:
    assert [copy.root for copy in Cache(tmp_path / "copies", later).copies()] == [str(logs)]
    assert kept.clear()
    assert not kept.folder.exists()
    assert the_same(logs, kept)
    rows_of(logs, kept).keep()
    assert the_same(logs, kept)


def test_names_are_whole_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a1.json", "b1.json", "m/c1.json"):
        write(tmp_path / name, [record(1)])
    monkeypatch.chdir(tmp_path)
    listed = [Folder.at(Path(path), later).listing().sources for path in (".", str(tmp_path))]
    assert [[source.name for source in sources] for sources in listed] == [["a1.json", "b1.json", "m/c1.json"]] * 2


def test_what_was_skipped_goes_by_the_name_that_the_hunt_has_for_it(
    logs: Path, kept: Copy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(logs / "odd.zip", "w") as odd:
        odd.writestr("in.txt", "no log either\n")
    rows_of(logs, kept).keep()
    (logs.parent / "link").symlink_to(logs)
    monkeypatch.chdir(logs.parent)
    for asked in (logs, Path("logs"), Path("link")):
        rows = rows_of(asked, kept)
        assert cold_rows(asked, kept) == 0
        answer(rows)
        for receipt in (rows.receipt, rows.kept()):
            assert receipt is not None
            named = {entry.where for entry in receipt.skipped}
            assert named == {f"{asked}/empty.json", f"{asked}/notes.txt", f"{asked}/odd.zip/in.txt"}


def test_an_archive_that_is_one_file(tmp_path: Path, logs: Path) -> None:
    file = logs / "a.json.gz"
    copy = copy_of(file, tmp_path / "copies")
    rows_of(file, copy).keep()
    assert cold_rows(file, copy) == 0
    assert the_same(file, copy)


@pytest.mark.parametrize("cut", [0, 5, 40, -1])
def test_a_manifest_knows_whether_it_is_whole(cut: int) -> None:
    data = encoded(Manifest("/logs", "1"))
    assert decoded(data, "1") == Manifest("/logs", "1")
    assert decoded(data, "2") is None
    assert decoded(data[:cut], "1") is None


def test_a_reader_of_the_manifest_from_before_reads_on(logs: Path, kept: Copy) -> None:
    """Its parts stay for a while, though what they held was made anew."""
    before = [path.read_bytes() for path in parts(kept)]
    _change(logs)
    _add(logs)
    rows_of(logs, kept).keep()
    with suppress(FileNotFoundError):
        assert [path.read_bytes() for path in parts(kept)][: len(before)]
    assert all(data in [path.read_bytes() for path in parts(kept)] for data in before)
