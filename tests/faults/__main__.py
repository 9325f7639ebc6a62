"""`make faults`: every point of every scenario and a bad afternoon, on both databases; exits 1 if it is amiss."""

import argparse
import asyncio
import sys
import time
import traceback
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.campaign import Size, campaign
from tests.faults.doom import Moment, Point
from tests.faults.judge import Verdict
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.faults.stores import Stores, postgres_stores, sqlite_stores
from tests.faults.trial import Outcome, freezes_of, points_of, trial
from tests.faults.zygote import Zygote, zygote
from tests.postgres import OwnServer, running

SHARES = {"all": 1, "half": 2, "few": 20}
SMALL = Size(hunts=4, findings=20, presses=40, commands=10, during_s=20, kill_every_s=1.0)
WHOLE = Size(hunts=20, findings=80, presses=1_200, commands=120, during_s=240, kill_every_s=0.6, settle_s=600)


@dataclass
class Line:
    """One row of the table."""

    what: str
    stores: str
    kills: int = 0
    freezes: int = 0
    verdict: Verdict = field(default_factory=Verdict)


COLUMNS = ("what", "database", "kills", "freezes", "items", "lost", "doubled", "extra", "removed", "told again")


def table(lines: Iterable[Line]) -> str:
    """`extra` are second copies that Slack took for a while, `told again` calls to a target that is idempotent."""
    rows = [COLUMNS, *map(_row, lines)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def _row(line: Line) -> tuple[str, ...]:
    found = line.verdict
    numbers = (line.kills, line.freezes, found.items, len(found.lost), len(found.doubled), found.extra, found.removed)
    return (line.what, line.stores, *map(str, numbers), str(found.repeated))


class Faults:
    """Runs trials side by side, `at_once` of them."""

    def __init__(self, parent: Zygote, at_once: int, every: int, only: str | None) -> None:
        self._only = only
        self._parent = parent
        self._gate = asyncio.Semaphore(at_once)
        self._every = every
        self.amiss: list[str] = []

    async def scenario(self, scenario: Scenario, stores: Stores) -> Line:
        """Each point of it, or each `every`th."""
        line = Line(scenario.name, stores.name)
        calm = await self._one(scenario, stores, None)
        self._note(line, calm)
        points = [*points_of(calm.seen), *freezes_of(calm.seen)][:: self._every]
        points = [point for point in points if self._only in {None, str(point)}]
        for outcome in await asyncio.gather(*(self._one(scenario, stores, point) for point in points)):
            self._note(line, outcome)
        print(table([line]).splitlines()[1], flush=True)  # noqa: T201 - a command's output
        return line

    async def control(self, stores: Stores) -> str:
        """The same without reading channels back: were nothing doubled now, the harness would be blind."""
        posts = [Point("chat.postMessage", Moment.INSIDE, nth) for nth in range(1, 4)]
        lived = await asyncio.gather(
            *(self._one(SCENARIOS["finding"], stores, post, is_blind=True) for post in posts)
        )
        doubled = sum(bool(outcome.verdict.doubled) for outcome in lived)
        if not doubled:
            self.amiss.append(f"the control on {stores.name} shows nothing: the harness is blind")
        return f"control on {stores.name}, reading back switched off: {doubled} of {len(lived)} trials end doubled"

    async def _one(
        self, scenario: Scenario, stores: Stores, point: Point | None, *, is_blind: bool = False
    ) -> Outcome:
        async with self._gate:
            try:
                return await trial(scenario, self._parent, stores, point, is_blind=is_blind)
            except (AssertionError, TimeoutError) as fault:  # one that does not get through is not to end the others
                traceback.print_exception(fault)
                return Outcome(scenario.name, stores.name, point, Verdict(lost=[f"it was not lived: {fault!r}"]))

    def _note(self, line: Line, outcome: Outcome) -> None:
        if outcome.point is not None and outcome.is_reached:
            line.kills += not outcome.point.is_freeze
            line.freezes += outcome.point.is_freeze
        line.verdict.add(outcome.verdict)
        if not outcome.verdict.is_clean:
            self.amiss.append(str(outcome))
            print(outcome, *outcome.verdict.scene, sep="\n  ", flush=True)  # noqa: T201 - the same

    async def afternoon(self, size: Size, stores: Stores, server: OwnServer | None, seed: int) -> Line:
        line = Line(f"campaign {seed}", stores.name)
        async with campaign(size, self._parent, stores, seed=seed, server=server) as place:
            line.verdict = await place.live()
        line.kills, line.freezes = place.harm.kills, place.harm.freezes
        self.amiss += [
            f"{line.what} on {line.stores}: {fault}" for fault in (*line.verdict.lost, *line.verdict.doubled)
        ]
        print(f"{line.what} on {line.stores}: {place.harm}", flush=True)  # noqa: T201 - the same
        return line


async def run(asked: argparse.Namespace) -> int:
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="huntbot-faults-")))
        server = stack.enter_context(running()) if "postgres" in asked.db else None
        kinds: list[Stores] = [await sqlite_stores(folder)] if "sqlite" in asked.db else []
        kinds += [await postgres_stores(server)] if server else []
        async with zygote(asked.log or folder / "log") as parent:
            faults = Faults(parent, asked.at_once, SHARES[asked.points], asked.point)
            lines = [
                await faults.scenario(SCENARIOS[name], stores)
                for stores in kinds
                for name in asked.scenarios
                if name in SCENARIOS
            ]
            controls = [await faults.control(stores) for stores in kinds]
            if asked.campaign != "none":
                size = WHOLE if asked.campaign == "whole" else SMALL
                lines += [
                    await faults.afternoon(size, stores, server if stores.is_shared else None, asked.seed)
                    for stores in kinds
                ]
    total = Line("all", "", sum(line.kills for line in lines), sum(line.freezes for line in lines))
    for line in lines:
        total.verdict.add(line.verdict)
    print("\n".join([*faults.amiss, *controls]))  # noqa: T201 - the same
    print(table([*lines, total]))  # noqa: T201 - the same
    print(f"in {time.monotonic() - began:.0f} s")  # noqa: T201 - the same
    return 1 if faults.amiss else 0


def main() -> int:
    asked = argparse.ArgumentParser(prog="make faults", description=__doc__)
    asked.add_argument("--db", type=lambda text: text.split(","), default=["sqlite", "postgres"])
    asked.add_argument("--scenarios", type=lambda text: text.split(","), default=list(SCENARIOS), help="or none")
    asked.add_argument("--points", choices=SHARES, default="all", help="all of them, or each 2nd, or each 20th")
    asked.add_argument("--point", help="only this one, such as `Workspace inside 3`")
    asked.add_argument("--campaign", choices=["none", "small", "whole"], default="whole")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--at-once", type=int, default=6, help="trials side by side")
    asked.add_argument("--log", type=Path, help="where the lives' own log goes")
    return asyncio.run(run(asked.parse_args()))


if __name__ == "__main__":
    sys.exit(main())
