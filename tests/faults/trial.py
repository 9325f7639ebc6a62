"""One trial: a scenario is lived, the bot dies at a point, another life takes over, and all is judged at rest."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults.doom import Moment, Point
from tests.faults.judge import Verdict
from tests.faults.line import HungUpError
from tests.faults.proxy import Plan, smooth
from tests.faults.scenarios import Scenario
from tests.faults.stores import Stores
from tests.faults.world import LEASE, World, world
from tests.faults.zygote import Life, Zygote

Seen = Mapping[tuple[str, Moment], int]


@dataclass
class Outcome:
    """What became of a trial. `is_reached`: the process came to its point; `seen` counts moments where it did not."""

    scenario: str
    stores: str
    point: Point | None
    verdict: Verdict
    is_reached: bool = False
    seen: Seen = field(default_factory=dict)

    def __str__(self) -> str:
        faults = [f"lost: {what}" for what in self.verdict.lost]
        faults += [f"doubled: {what}" for what in self.verdict.doubled]
        where = f"{self.scenario} on {self.stores}, {self.point or 'nobody dies'}"
        return f"{where}: {'; '.join(faults) or 'as it should be'}"


async def trial(
    scenario: Scenario,
    parent: Zygote,
    stores: Stores,
    point: Point | None,
    *,
    plan: Plan = smooth,
    is_blind: bool = False,
) -> Outcome:
    """Live it. `is_blind` switches the reading back of channels off, for the control."""
    async with world(scenario.setting, parent, stores, plan) as place:
        await place.bear(is_blind=is_blind)
        await scenario.before(place)
        life = place.lives[-1]
        await place.arm(life, point)
        acting = place.start(scenario.act(place))
        seen = await _interrupted(place, life, acting, is_blind=is_blind)
        await acting
        came_to_rest = await place.at_rest()
        left = await place.left()
        verdict = await place.verdict()
        if not came_to_rest:
            verdict.lost.append(f"it never came to rest: {dict(left)}")
        return Outcome(scenario.name, stores.name, point, verdict, seen is None, seen or {})


async def _interrupted(place: World, life: Life, acting: "asyncio.Task[None]", *, is_blind: bool) -> Seen | None:
    """Wait until it dies, and let another take over: None; or until all is done without it: what it came by."""
    ends = [asyncio.ensure_future(life.ended.wait()), asyncio.ensure_future(life.stopped.wait())]
    calm = asyncio.ensure_future(_calm(place, acting))
    await asyncio.wait({*ends, calm}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*ends, calm):
        task.cancel()
    seen = await _spared(place, life)
    if life.stopped.is_set():
        await _thawed(place, life)
    elif seen is None:
        await life.ended.wait()
        assert life.was_killed, f"a life ended by itself: {life.status}"
        await place.bear(is_blind=is_blind)
    return seen


async def _spared(place: World, life: Life) -> Seen | None:
    """It may live on; what it came by, or None where it is too late."""
    if life.stopped.is_set():
        return None
    try:
        seen = await place.seen(life)
        await place.doom(life, None)
    except HungUpError:
        return None
    return seen


async def _calm(place: World, acting: "asyncio.Task[None]") -> None:
    await asyncio.wait({acting})
    await place.at_rest()


async def _thawed(place: World, life: Life) -> None:
    """Frozen past its lease; where another process may serve, it does so meanwhile."""
    if place.stores.is_shared:
        await place.bear()
    await place.clock.sleep(LEASE.total_seconds() * 1.5)
    life.send(signal.SIGCONT)
    await place.clock.sleep(1)


def points_of(seen: Seen, margin: int = 2) -> Iterator[Point]:
    """Every point that an undisturbed life came by, and a few beyond, for a disturbed one may go further."""
    for (port, moment), times in sorted(seen.items(), key=str):
        for nth in range(1, times + margin + 1):
            yield Point(port, moment, nth)


def freezes_of(seen: Seen) -> Iterator[Point]:
    """Between the last check and the send, of every message and call."""
    for port in ("Workspace", "EscalationTarget"):
        for nth in range(1, seen.get((port, Moment.BEFORE), 0) + 1):
            yield Point(port, Moment.BEFORE, nth, is_freeze=True)
