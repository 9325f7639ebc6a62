"""The four ways through the house, each as people live it: what came before, and what the process dies in."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.domain.responder import HUNTBOT
from bot.domain.triage import Move
from local.slack.sample import AISHA, MAYA, TOMAS
from tests.faults.logs import Happenings
from tests.faults.world import MONDAY, Setting, World
from tests.waiting import until

Part = Callable[[World], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """`before` is lived through in peace; `act` is what is interrupted, and goes on until it is acknowledged."""

    name: str
    setting: Setting
    before: Part
    act: Part


TWO = Happenings(MONDAY - timedelta(hours=1), timedelta(minutes=10), most=2)
PATIENCE_S = 120.0  # of the machine's time, which may have much else to do
ESCALATE_AFTER = timedelta(seconds=60)


async def _nothing(_world: World) -> None:
    return


async def _hunt(world: World) -> None:
    world.searched = {"h0": world.clock()}
    await world.command(MAYA, "h0")


async def _found(world: World) -> None:
    await _hunt(world)
    await until(lambda: len(world.cards()) == TWO.most, PATIENCE_S)
    assert await world.at_rest()


async def _two_press_at_once(world: World) -> None:
    """The second one comes before the first is answered."""
    card = world.cards()[0]
    first = world.start(world.press(MAYA, card, Move.ACKNOWLEDGE))
    await world.press(TOMAS, card, Move.ACKNOWLEDGE)
    await first


async def _schedule_is_met(world: World) -> None:
    """A digest that is due once, soon, and not before the bot knows of it."""
    ahead = timedelta(minutes=2)
    while not world.due:
        due = (world.clock() + ahead).replace(second=0, microsecond=0)
        await world.reborn(replace(world.setting, schedules={"h0": f"{due.minute} {due.hour} * * *"}))
        assert await world.at_rest()
        if world.clock() < due:
            world.due = {"h0": [f"{due:%Y-%m-%dT%H:%M}"]}
            world.searched = {"h0": due}
        ahead *= 2


async def _due_time_passes(world: World) -> None:
    await world.clock.sleep((world.searched["h0"] - world.clock()).total_seconds() + 1)


CRITICAL = Happenings(MONDAY - timedelta(hours=1), timedelta(minutes=10), most=1, critical_every=1)


async def _found_anew(world: World) -> None:
    """A finding from the backlog, then a new one, both critical."""
    await world.command(MAYA, "h0")
    await until(lambda: len(world.cards()) == 1, PATIENCE_S)
    await world.reborn(replace(world.setting, happenings=replace(CRITICAL, most=2)))
    await _hunt(world)
    await until(lambda: len(world.cards()) == 2, PATIENCE_S)
    assert await world.at_rest()


async def _escalations(world: World) -> None:
    """One by hand, taken over by somebody else, and one by the clock."""
    by_hand, by_clock = world.finding_called("h0-p0"), world.finding_called("h0-p1")
    await world.press(TOMAS, by_hand, Move.ESCALATE)
    await world.press(AISHA, by_hand, Move.ACKNOWLEDGE)
    await world.clock.sleep(ESCALATE_AFTER.total_seconds() + 1)
    world.expect(by_clock, HUNTBOT, Move.ESCALATE)


SCENARIOS: Mapping[str, Scenario] = {
    scenario.name: scenario
    for scenario in (
        Scenario("finding", Setting(TWO), _nothing, _hunt),
        Scenario("digest", Setting(TWO), _schedule_is_met, _due_time_passes),
        Scenario("button", Setting(TWO), _found, _two_press_at_once),
        Scenario("escalation", Setting(CRITICAL, escalate_after=ESCALATE_AFTER), _found_anew, _escalations),
    )
}
