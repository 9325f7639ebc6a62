"""One trial: a scenario is lived, the bot dies at a point, another life takes over, and all is judged at rest."""

import asyncio
import signal
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tests.faults.doom import Moment, Point
from tests.faults.judge import Verdict
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
        faults = [
            *(f"lost: {what}" for what in self.verdict.lost),
            *(f"doubled: {what}" for what in self.verdict.doubled),
        ]
        return f"{self.scenario} on {self.stores}, {self.point or 'nobody dies'}: {'; '.join(faults) or 'as it should be'}"


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
        life = await place.bear(is_blind=is_blind)
        await scenario.before(place)
        await place.arm(life, point)
        acting = place.start(scenario.act(place))
        is_reached = await _interrupted(place, life, acting, is_blind=is_blind) if point else False
        await acting
        if not await place.at_rest():
            left = await place.left()
            verdict = await place.verdict()
            verdict.lost.append(f"it never came to rest: {left}")
        else:
            seen = await place.seen(life) if not is_reached else {}
            verdict = await place.verdict()
        return Outcome(scenario.name, stores.name, point, verdict, is_reached, seen)


async def _interrupted(place: World, life: Life, acting: "asyncio.Task[None]", *, is_blind: bool) -> bool:
    """Wait for the end of the process, or for the end of the scenario without it; another life takes over."""
    ends = [asyncio.ensure_future(life.ended.wait()), asyncio.ensure_future(life.stopped.wait())]
    calm = asyncio.ensure_future(_calm(place, acting))
    await asyncio.wait({*ends, calm}, return_when=asyncio.FIRST_COMPLETED)
    for task in (*ends, calm):
        task.cancel()
    if life.ended.is_set():
        assert life.was_killed, f"a life ended by itself: {life.status}"
        await place.bear(is_blind=is_blind)
        return True
    if life.stopped.is_set():
        await _thawed(place, life)
        return True
    return False


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
