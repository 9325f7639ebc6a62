"""Receipts: parts add up to the whole, travel between processes, and stay small."""

from __future__ import annotations

import pickle

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cloudtrail.receipt import Receipt, Skipped, Tally, combined, printable
from local.cloudtrail.record import Mapped
from local.cloudtrail.refusal import Kind, Refusal
from tests.unit.cloudtrail.logs import ONE

DAMAGED = Refusal(Kind.DAMAGED, "unexpected end")
FOUND = st.one_of(
    st.just(ONE),
    st.just(Mapped({"@timestamp": 1})),
    st.builds(
        Refusal, st.sampled_from(Kind), st.just("a reason"), st.none() | st.integers(1, 9), st.sampled_from(["", "a"])
    ),
)
FILES = st.lists(st.tuples(st.sampled_from("abc"), st.lists(FOUND, max_size=6)), max_size=8)


def receipt_of(files: list[tuple[str, list[object]]]) -> Receipt:
    tally = Tally()
    for name, found in files:
        for _ in tally.sift(name, found):  # type: ignore[arg-type]
            pass
    return tally.receipt()


@given(files=FILES, cut=st.integers(0, 8))
def test_parts_add_up_to_the_whole_wherever_it_is_cut(files: list[tuple[str, list[object]]], cut: int) -> None:
    whole = receipt_of(files)
    assert receipt_of(files[:cut]) + receipt_of(files[cut:]) == whole
    assert combined([receipt_of([file]) for file in files]) == whole
    assert sum(whole.by_kind().values()) + whole.records == sum(len(found) for _, found in files)


def test_nothing_read_adds_nothing() -> None:
    some = receipt_of([("a", [ONE, DAMAGED])])
    assert Receipt() + some == some + Receipt() == some


@given(files=FILES)
def test_a_receipt_survives_the_way_to_another_process_and_to_a_file(files: list[tuple[str, list[object]]]) -> None:
    receipt = receipt_of(files)
    assert pickle.loads(pickle.dumps(receipt)) == receipt  # noqa: S301
    assert msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt) == receipt


def test_a_file_counts_once_however_many_records_it_gave() -> None:
    receipt = receipt_of([("a", [ONE, ONE]), ("b", [DAMAGED]), ("c", [])])
    assert (receipt.files, receipt.records, receipt.by_kind()) == (1, 2, {Kind.DAMAGED: 1})


def test_what_was_read_before_somebody_stopped_is_counted() -> None:
    tally = Tally()
    sifted = tally.sift("a", iter([ONE, ONE]))
    next(sifted)
    sifted.close()  # type: ignore[attr-defined]
    assert tally.receipt() == Receipt(files=1, records=1)


def test_a_record_is_undated_without_a_time_that_can_be_read() -> None:
    found: list[object] = [
        {"eventName": "x", "eventTime": 7.5},
        {"eventTime": "yesterday"},
        {"eventTime": "2026-02-03T04:05:06Z"},
        Mapped({}),
        Mapped({"@timestamp": 1}),
    ]
    assert receipt_of([("a", found)]).undated == 3


def test_a_million_refusals_are_counted_and_the_first_of_them_named() -> None:
    tally = Tally()
    for number in range(3000):
        tally.refuse(f"file {number}", DAMAGED)
    for line in range(3000):
        tally.refuse("one file", Refusal(Kind.TEXT, "no JSON", line))
    receipt = tally.receipt()
    assert receipt.by_kind() == {Kind.DAMAGED: 3000, Kind.TEXT: 3000}
    assert len(receipt.skipped) == 1001
    assert len(receipt.skipped[-1].lines) == 100
    assert (receipt + receipt).by_kind() == {Kind.DAMAGED: 6000, Kind.TEXT: 6000}


def test_it_reads_as_sentences() -> None:
    receipt = Receipt(
        files=2,
        records=1234,
        undated=1,
        skipped=(Skipped("a", Kind.DAMAGED, "unexpected end", 3, (4, 9)), Skipped("b/c", Kind.EMPTY, "no bytes")),
        passed=1000,
        unnamed=((Kind.EMPTY, 7),),
    )
    assert list(receipt.sentences()) == [
        "1,234 records from 2 files; 1,000 files hold nothing that was asked for; skipped: 8 empty, 3 damaged",
        "1 record has no readable eventTime: no time window contains it",
        "b/c: empty: no bytes",
        "empty: 7 more",
        "a line 4, 9: damaged: unexpected end (3 times)",
    ]
    assert receipt.as_object() == {
        "files": 2,
        "records": 1234,
        "undated": 1,
        "passed": 1000,
        "skipped": [
            {"path": "a", "kind": "damaged", "reason": "unexpected end", "count": 3, "lines": [4, 9]},
            {"path": "b/c", "kind": "empty", "reason": "no bytes", "count": 1, "lines": []},
            {"path": None, "kind": "empty", "reason": "", "count": 7, "lines": []},
        ],
    }


@pytest.mark.parametrize(
    ("receipt", "totals"),
    [
        (Receipt(passed=1), "1 file searched, and nothing in there that was asked for"),
        (Receipt(passed=2), "2 files searched, and nothing in there that was asked for"),
        (Receipt(files=1, records=1), "1 record from 1 file"),
        (Receipt(files=1, records=2, passed=1), "2 records from 1 file; 1 file holds nothing that was asked for"),
    ],
)
def test_its_totals_are_what_was_looked_at(receipt: Receipt, totals: str) -> None:
    assert list(receipt.sentences()) == [totals]


def test_of_each_kind_the_first_few_are_told() -> None:
    receipt = receipt_of([(name, [DAMAGED]) for name in "abcde"])
    assert list(receipt.sentences(examples=2))[1:] == [
        "a: damaged: unexpected end",
        "b: damaged: unexpected end",
        "damaged: 3 more",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("AWSLogs/x.json.gz", "AWSLogs/x.json.gz"),
        ("naïve 😀.json", "naïve 😀.json"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\udcff", r"\udcff"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("", ""),
    ],
)
def test_names_are_shown_in_printable_characters(name: str, shown: str) -> None:
    assert printable(name) == shown


@given(name=st.text() | st.binary().map(lambda raw: raw.decode("utf-8", "surrogateescape")))
def test_whatever_the_name_it_can_be_printed(name: str) -> None:
    assert printable(name).isprintable()
    printable(name).encode()


def test_a_reason_that_quotes_the_file_can_not_write_to_the_terminal_either() -> None:
    (skipped,) = receipt_of([("a", [Refusal(Kind.LOSSY_TABLE, "a struct: {a\x1b[2J\n")])]).skipped
    assert skipped.reason == r"a struct: {a\x1b[2J\n"
