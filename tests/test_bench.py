"""The benches still measure what they say: in their quick form they run, and stay within their goals."""

import pytest

from bench import delivery, store


def test_the_store_is_measured_among_findings_that_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert store.measure(sizes=(1_000,), rounds=1, lately=1_000, postgres=None)
    printed = capsys.readouterr().out
    assert [act for act in store.ACTS if f"\n{act}" not in printed] == []


def test_messages_are_drained_at_the_pace_of_their_channel() -> None:
    assert delivery.measure(messages=100, postgres=None)
