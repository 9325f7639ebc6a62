"""The door for requests: counted until they are answered, shut at a stop."""

import asyncio

import pytest

from app.intake import Intake


async def test_what_was_taken_is_waited_for_and_what_comes_later_is_refused() -> None:
    intake = Intake()
    with intake.taking() as is_taken:
        assert is_taken
        closing = asyncio.create_task(intake.close(5))
        await asyncio.sleep(0)
        with intake.taking() as is_taken_later:
            assert not is_taken_later
        assert not closing.done()
        assert intake.under_way == 1
    assert await closing == 0


async def test_it_waits_no_longer_than_it_may_and_counts_what_is_left() -> None:
    intake = Intake()
    with intake.taking(), intake.taking():
        assert await intake.close(0.01) == 2


async def test_a_request_that_fails_counts_no_longer() -> None:
    intake = Intake()
    with pytest.raises(RuntimeError), intake.taking():
        raise RuntimeError("a fault of ours")
    assert await intake.close(0) == 0
