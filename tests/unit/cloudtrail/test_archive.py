"""Folders and files as they lie on a disk: what is a log there, what is none, and what the receipt says of both."""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest

from local.cloudtrail.reading.contents import contents
from local.cloudtrail.receipt import Receipt
from local.cloudtrail.refusal import Kind, Refusal
from local.cloudtrail.walk import files_below, opened
from local.elasticsearch.folder import NoArchiveError
from tests.archives import read
from tests.unit.cloudtrail.logs import ONE, TWO, lines, record

BARE = {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode20150331v2"}


@pytest.mark.parametrize("name", ["x.json", "x.json.gz", "x.json.cloudtrail", "x.zip", "x.csv", "x"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_a_name_says_nothing(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    (tmp_path / name).write_bytes(pack(orjson.dumps({"Records": [ONE, TWO]})))
    archive = read(tmp_path / name)
    assert list(archive) == [ONE, TWO]
    assert archive.receipt == Receipt(files=1, records=2)


def test_a_folder_is_read_in_the_order_of_its_names_with_what_is_below_it(tmp_path: Path) -> None:
    tree = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail" / "us-east-1" / "2026" / "02" / "03"
    tree.mkdir(parents=True)
    (tree / "b.json.gz").write_bytes(gzip.compress(orjson.dumps({"Records": [record("2")]})))
    (tree / "a.json.gz").write_bytes(gzip.compress(orjson.dumps({"Records": [record("1")]})))
    (tmp_path / "z.json").write_bytes(orjson.dumps([record("0")]))
    assert list(read(tmp_path)) == [record("0"), record("1"), record("2")]


def test_a_folder_without_files_has_an_empty_receipt(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    archive = read(tmp_path)
    assert list(archive) == []
    assert archive.receipt == Receipt()


def test_a_record_without_time_identity_and_parameters_is_one_and_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(orjson.dumps(BARE))
    archive = read(tmp_path)
    assert list(archive) == [BARE]
    assert archive.receipt == Receipt(files=1, records=1, undated=1)


def test_links_are_named_and_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_bytes(orjson.dumps([ONE]))
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "link.json").symlink_to(outside / "x.json")
    (logs / "folder").symlink_to(outside)
    (logs / "loop").symlink_to(logs)
    (logs / "nowhere").symlink_to(logs / "missing")
    archive = read(logs)
    assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.SYMLINK: 4}


def test_a_link_given_as_the_path_itself_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(orjson.dumps([ONE]))
    (tmp_path / "latest").symlink_to(tmp_path / "x.json")
    assert list(read(tmp_path / "latest")) == [ONE]


def test_pipes_and_sockets_among_the_files_are_named_and_nothing_waits_for_them(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        archive = read(tmp_path)
        assert list(archive) == []
    assert archive.receipt.by_kind() == {Kind.UNREADABLE: 2}


def gone(path: Path) -> Kind:
    path.unlink()
    return Kind.UNREADABLE


def linked(path: Path) -> Kind:
    path.unlink()
    path.symlink_to("/dev/zero")
    return Kind.SYMLINK


def piped(path: Path) -> Kind:
    path.unlink()
    os.mkfifo(path)
    return Kind.UNREADABLE


def a_folder(path: Path) -> Kind:
    path.unlink()
    path.mkdir()
    return Kind.UNREADABLE


@pytest.mark.parametrize("change", [gone, linked, piped, a_folder])
def test_a_file_that_became_something_else_since_it_was_listed_is_named(
    tmp_path: Path, change: Callable[[Path], Kind]
) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(orjson.dumps([ONE]))
    ((listed, _),) = files_below(tmp_path)
    kind = change(path)
    found = opened(Path(listed))
    assert isinstance(found, Refusal)
    assert found.kind is kind


def test_a_file_is_read_as_far_as_it_went_when_it_was_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(ONE, TWO))
    found = opened(path)
    assert not isinstance(found, Refusal)
    stream, size = found
    with stream, path.open("ab") as log:
        log.write(lines(record("later")))
        log.flush()
        assert list(contents(stream, size)) == [ONE, TWO]


def test_a_file_that_was_cut_while_it_was_read_keeps_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes(lines(ONE, TWO))
    found = opened(path)
    assert not isinstance(found, Refusal)
    stream, size = found
    with stream:
        os.truncate(path, len(lines(ONE)) + 10)
        one, rest = contents(stream, size)
    assert one == ONE
    assert isinstance(rest, Refusal)
    assert (rest.kind, rest.line) == (Kind.DAMAGED, 2)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(orjson.dumps([ONE]))
    (tmp_path / "b.json").write_bytes(orjson.dumps([TWO]))
    (tmp_path / "a.json").chmod(0)
    (tmp_path / "c").mkdir(mode=0)
    archive = read(tmp_path)
    assert list(archive) == [TWO]
    assert archive.receipt.by_kind() == {Kind.UNREADABLE: 2}


def test_a_name_can_not_write_to_the_terminal(tmp_path: Path) -> None:
    odd = os.fsencode(tmp_path) + b"/a\n\x1b[2J\xff\xe2\x80\xae.json"
    with open(odd, "wb") as file:  # noqa: PTH123  # no Path holds such bytes
        file.write(b"prose")
    archive = read(tmp_path)
    assert list(archive) == []
    (skipped,) = archive.receipt.skipped
    assert skipped.where == str(tmp_path) + r"/a\n\x1b[2J\udcff\u202e.json"
    assert all(sentence.isprintable() for sentence in archive.receipt.sentences())


@pytest.fixture
def deep(tmp_path: Path) -> Iterator[Path]:
    """A folder in a folder, a thousand times; removed by a tool that, unlike Python's own, does not recurse."""
    top = tmp_path / "top"
    top.mkdir()
    here = os.open(top, os.O_RDONLY)
    for _ in range(1000):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    os.close(here)
    yield top
    subprocess.run(["rm", "-rf", top], check=True)  # noqa: S603, S607  # nothing but this test's own folder


def test_a_folder_a_thousand_deep_is_read(deep: Path) -> None:
    (deep / "x.json").write_bytes(orjson.dumps([ONE]))
    archive = read(deep)
    assert list(archive) == [ONE]
    assert archive.receipt.skipped == ()


def missing(folder: Path) -> Path:
    return folder / "nowhere"


def pipe(folder: Path) -> Path:
    os.mkfifo(folder / "pipe")
    return folder / "pipe"


def dangling(folder: Path) -> Path:
    (folder / "link").symlink_to(folder / "nowhere")
    return folder / "link"


@pytest.mark.parametrize("make", [missing, pipe, dangling])
def test_a_path_that_is_no_file_or_folder_is_an_error(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(NoArchiveError):
        read(make(tmp_path))
