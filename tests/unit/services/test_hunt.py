"""Running hunts: what is asked, what is recorded, what is said when it fails."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.hunt import HuntShelf, Slug, Window
from bot.domain.run import Filter, Run, RunState, Trigger
from bot.errors import LogSearchDenied, LogSearchError, LogSearchUnavailable, QueryRejected, UnknownHunt
from bot.services.search import search
from tests.examples import GRANTS, SHELF, asked, row, rows
from tests.house import open_house
from tests.stand_ins import START, ScriptedLogs

WINDOW = Window(START - timedelta(hours=1), START)


async def test_values_reach_the_query_as_parameters_and_only_those_it_names() -> None:
    logs = ScriptedLogs([rows()])
    wants_all = replace(GRANTS, query=GRANTS.query + " | WHERE a != ?known_accounts")

    await search(logs, GRANTS, WINDOW, now=START, known_accounts="1,2")
    await search(logs, wants_all, WINDOW, now=START, known_accounts="1,2")

    stretch = {"_tstart": "2026-11-02T08:00:00.000Z", "_tend": "2026-11-02T09:00:00.000Z"}
    assert logs.asked == [(GRANTS.query, stretch), (wants_all.query, {**stretch, "known_accounts": "1,2"})]


async def test_a_filter_sifts_the_answer_and_leaves_the_query_alone() -> None:
    logs = ScriptedLogs([rows(row("alice", "e-1"), row('x" | DROP principal', "e-2"))])

    answer = await search(logs, GRANTS, WINDOW, now=START, filter=Filter(principal='" | DROP'))

    assert logs.asked[0][0] == GRANTS.query
    assert ([hit.id for hit in answer.hits], answer.filtered) == (["e-2"], 1)


async def test_an_event_that_an_answer_holds_twice_counts_once(tmp_path: Path) -> None:
    twice = (row("alice", "e-1"), row("alice", "e-1"), row("bob", "e-2"))
    async with open_house(tmp_path, rows(*twice)) as house:
        first = await house.hunt()
        again = await house.hunt()
        only_bob = await house.hunt(asked(filter=Filter(principal="bob")))

    def counted(run: Run) -> tuple[int, ...]:
        told = run.receipt
        assert told is not None
        return told.hits, told.new, told.known, told.filtered

    assert (counted(first), counted(again), counted(only_bob)) == ((2, 2, 0, 0), (2, 0, 2, 0), (2, 0, 1, 1))


@pytest.mark.parametrize(("count", "is_truncated"), [(49, False), (50, True)])
async def test_an_answer_as_long_as_the_limit_is_incomplete(count: int, *, is_truncated: bool) -> None:
    logs = ScriptedLogs([rows(*(row("alice", f"e-{n}") for n in range(count)))])

    answer = await search(logs, GRANTS, WINDOW, now=START)

    assert answer.is_truncated is is_truncated
    assert answer.receipt.is_complete is not is_truncated


async def test_a_run_is_worked_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        run = await house.hunt()
        again = await house.services.hunts.work(run.id)

    assert (run.state, run.window) == (RunState.DONE, Window(START - timedelta(days=7), START))
    assert run.receipt is not None
    assert (run.receipt.hits, run.receipt.new, run.receipt.took_ms) == (1, 1, 12)
    assert again == run
    assert len(house.logs.asked) == 1


async def test_an_unknown_hunt_is_refused_before_anything_is_stored(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        with pytest.raises(UnknownHunt, match="grants"):
            await house.services.hunts.request(replace(asked(), hunt=Slug("grant")))
        assert await house.services.hunts.unfinished() == []


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (LogSearchUnavailable("connection refused"), "Elasticsearch could not be asked: connection refused."),
        (LogSearchDenied("action is unauthorized."), "does not let huntbot read the logs: action is unauthorized."),
        (QueryRejected("Unknown column [x]"), "does not accept the query of this hunt: Unknown column"),
        (LogSearchError("odd"), "could not be asked: odd"),
    ],
)
async def test_a_search_that_fails_becomes_a_run_that_says_so(
    tmp_path: Path, fault: LogSearchError, says: str
) -> None:
    async with open_house(tmp_path, fault) as house:
        run = await house.hunt()

    assert run.state is RunState.FAILED
    assert run.error is not None
    assert says in run.error
    assert run.error.endswith(".")


async def test_a_run_whose_hunt_is_gone_says_so(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        run = await house.services.hunts.request(asked())
    async with open_house(tmp_path, shelf=HuntShelf({})) as house:
        assert run is not None
        failed = await house.services.hunts.work(run.id)

    assert failed is not None
    assert failed.error == "There is no hunt called grants. /hunt list shows them all."


async def test_what_nobody_foresaw_is_said_as_well(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        failed = await house.services.hunts.give_up(run.id)

    assert failed.error is not None
    assert failed.error.startswith("huntbot failed")


async def test_a_restart_takes_up_what_was_requested_with_the_window_it_had(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.store.runs.start(run, WINDOW, START)
    async with open_house(tmp_path, rows(row("alice", "e-1"))) as house:
        [unfinished] = await house.services.hunts.resume()
        done = await house.services.hunts.work(unfinished)

    assert done is not None
    assert (done.id, done.window) == (run.id, WINDOW)


async def test_a_window_of_a_clock_that_ran_ahead_is_not_kept(tmp_path: Path) -> None:
    async with open_house(tmp_path, rows()) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.store.runs.start(run, Window(START, START + timedelta(days=9)), START)
        done = await house.services.hunts.work(run.id)

    assert done is not None
    assert done.window == Window(START - timedelta(days=7), START)


async def test_after_a_failure_the_next_digest_looks_at_the_stretch_again(tmp_path: Path) -> None:
    hourly = HuntShelf({GRANTS.slug: replace(GRANTS, window=timedelta(hours=1))})
    down = LogSearchUnavailable("down")
    async with open_house(tmp_path, rows(), down, rows(is_partial=True), rows(), shelf=hourly) as house:
        looked_back = []
        for _ in range(4):
            run = await house.hunt(asked(Trigger.SCHEDULE, by=None, at=house.clock()))
            assert run.window is not None
            looked_back.append(round((run.window.end - run.window.start) / timedelta(hours=1)))
            house.clock.advance(timedelta(days=1))

    assert looked_back == [1, 25, 49, 73]


async def test_the_services_shelf_is_the_one_it_was_given(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert house.services.hunts.shelf is SHELF
