"""The benches still measure what they say: in their quick form they run, and stay within their goals."""

from collections import Counter

import pytest

from bench import delivery, store, surface


def test_the_store_is_measured_among_findings_that_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert store.measure(sizes=(1_000,), rounds=1, lately=1_000, postgres=None)
    printed = capsys.readouterr().out
    assert [act for act in store.ACTS if f"\n{act}" not in printed] == []


def test_messages_are_drained_at_the_pace_of_their_channel() -> None:
    assert delivery.measure(messages=100, postgres=None)


def test_people_are_answered_beside_a_bare_app(capsys: pytest.CaptureFixture[str]) -> None:
    """The table stands whole, each row with its ratio; what the times are is not this test's affair."""
    surface.measure(at_once=(2,), bursts=1, presses=1, messages=10)
    lines = capsys.readouterr().out.splitlines()
    told = Counter(line[:20].strip() for line in lines if " x" in line)
    commands, others = ("/hunt help", "/hunt findings", "/hunt lambda-perms"), ("plain dicts, ready",)
    assert [row for row in (*commands, *others) if told[row] != 1] == []
    assert told["bare Bolt app"] == 3  # commands, acknowledgements of presses, messages redrawn
    assert told["huntbot"] == 3  # the last two of these, and messages made
