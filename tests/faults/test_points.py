"""A sample of the points at which a process may die, in each way through the house, on both databases.

All of them: `make faults`. The trials are lived side by side, once for the whole module.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from tests.faults.doom import Moment, Point
from tests.faults.proxy import Act, Plan, Request, smooth
from tests.faults.scenarios import SCENARIOS
from tests.faults.stores import Stores, postgres_stores, sqlite_stores
from tests.faults.trial import Outcome, trial
from tests.faults.zygote import zygote
from tests.postgres import Server

AT_ONCE = 6
DATABASES = ("sqlite", "postgres")

POST = Point("chat.postMessage", Moment.INSIDE, 2)  # of a card
# Those that matter most; every one of them is lived on one of the databases, the last two of each on both.
POINTS: Mapping[str, tuple[Point, ...]] = {
    "finding": (
        Point("Runs", Moment.COMMITTED, 1),
        Point("LogSearch", Moment.INSIDE, 1),
        Point("Findings", Moment.INSIDE, 1),
        Point("Outbox", Moment.COMMITTED, 1),
        Point("Findings", Moment.COMMITTED, 1),
        POST,
    ),
    "digest": (Point("Findings", Moment.COMMITTED, 1), Point("Workspace", Moment.INSIDE, 1)),
    "button": (
        Point("Findings", Moment.INSIDE, 1),
        Point("Workspace", Moment.INSIDE, 1),
        Point("Findings", Moment.COMMITTED, 1),
    ),
    "escalation": (Point("Workspace", Moment.INSIDE, 2), Point("EscalationTarget", Moment.INSIDE, 1)),
}
FROZEN = Point("Workspace", Moment.BEFORE, 2, is_freeze=True)  # between the last check and the send
NETWORK = (Act.DROP, Act.DROP_ANSWER, Act.LIMIT, Act.CUT, Act.TRICKLE, Act.HANG)


@dataclass(frozen=True)
class Key:
    """One trial of this module."""

    database: str
    scenario: str
    point: Point | None = None
    act: Act | None = None
    is_blind: bool = False

    def __str__(self) -> str:
        what = self.point or (self.act and self.act.name)
        return f"{self.scenario}, {self.database}, {what}{', blind' if self.is_blind else ''}"


KILLED = [
    Key(database, name, point)
    for name, points in POINTS.items()
    for at, point in enumerate(points)
    for database in (DATABASES if at >= len(points) - 2 else DATABASES[at % 2 :][:1])
] + [Key("postgres", "finding", FROZEN)]
DISTURBED = [Key("sqlite", "finding", act=act) for act in NETWORK]
CONTROL = [Key("sqlite", "finding", POST, is_blind=True)]

Outcomes = Mapping[Key, Outcome]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def outcomes(tmp_path_factory: pytest.TempPathFactory, postgres: Server) -> Outcomes:
    folder: Path = tmp_path_factory.mktemp("faults")
    stores: Mapping[str, Stores] = {
        "sqlite": await sqlite_stores(folder),
        "postgres": await postgres_stores(postgres),
    }
    gate = asyncio.Semaphore(AT_ONCE)
    async with zygote(folder / "lives.log") as parent:

        async def one(key: Key) -> Outcome:
            async with gate:
                plan = once_each_message(key.act) if key.act else smooth
                scenario = SCENARIOS[key.scenario]
                return await trial(
                    scenario, parent, stores[key.database], key.point, plan=plan, is_blind=key.is_blind
                )

        keys = [*KILLED, *DISTURBED, *CONTROL]
        return dict(zip(keys, await asyncio.gather(*map(one, keys)), strict=True))


@pytest.mark.parametrize("key", KILLED, ids=str)
def test_whoever_dies_there_loses_and_doubles_nothing(outcomes: Outcomes, key: Key) -> None:
    outcome = outcomes[key]
    assert outcome.is_reached, outcome
    assert outcome.verdict.is_clean, outcome


@pytest.mark.parametrize("key", DISTURBED, ids=str)
def test_whatever_the_network_does_to_each_message_it_stands_once(outcomes: Outcomes, key: Key) -> None:
    assert outcomes[key].verdict.is_clean, outcomes[key]


def test_a_bot_that_reads_nothing_back_posts_twice_and_is_found_out(outcomes: Outcomes) -> None:
    """The control: were the harness blind, it would see nothing here either."""
    [key] = CONTROL
    assert outcomes[key].is_reached
    assert outcomes[key].verdict.doubled
    assert outcomes[key].verdict.extra


def once_each_message(act: Act) -> Plan:
    """The first try of every message goes wrong, the next one arrives."""
    tried: set[bytes] = set()

    def plan(request: Request) -> Act:
        if request.method != "chat.postMessage" or request.body in tried:
            return Act.PASS
        tried.add(request.body)
        return act

    return plan
