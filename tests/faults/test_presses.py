"""Eight processes press at the same time: one wins each finding, everybody else is told who was first."""

import random
from collections import defaultdict
from pathlib import Path

from bot.adapters.sql import SqlStore
from bot.domain.audit import verify
from bot.domain.finding import FindingId
from bot.domain.triage import Move
from tests.examples import hit
from tests.faults.pressing import Told, read_told
from tests.faults.stores import Stores
from tests.faults.zygote import Zygote
from tests.storing import recorded

FINDINGS, PRESSES, PROCESSES = 100, 2_000, 8


async def test_of_2000_presses_on_100_findings_from_8_processes_100_win(
    parent: Zygote, postgresql: Stores, tmp_path: Path
) -> None:
    url = postgresql.fresh()
    async with await SqlStore.open(url) as store:
        await recorded(store, [hit(f"e-{n}", principal=f"p{n}") for n in range(FINDINGS)])
        told = await pressed(parent, url, tmp_path)

        by_finding: dict[int, list[Told]] = defaultdict(list)
        for each in told:
            by_finding[each.finding].append(each)
        assert len(told) == PRESSES
        assert len(by_finding) == FINDINGS
        for finding, presses in by_finding.items():
            [winner] = [each.by for each in presses if each.won]
            assert {each.first for each in presses if not each.won} == {winner}
            history = await store.findings.history(FindingId(finding))
            acknowledged = [event for event in history if event.move is Move.ACKNOWLEDGE]
            assert sorted(event.by for event in acknowledged) == sorted(each.by for each in presses)
            assert [event.by for event in acknowledged if event.accepted] == [winner]
        chain = verify([link async for link in store.audit.chain()], await store.audit.tip())
        assert (chain.fault, chain.checked) == (None, FINDINGS + PRESSES)


async def pressed(parent: Zygote, url: str, folder: Path) -> list[Told]:
    """Every presser's presses, shuffled and dealt out to the processes; what each was told."""
    wishes = [(1 + n % FINDINGS, f"U-{n // FINDINGS}") for n in range(PRESSES)]
    random.Random(1).shuffle(wishes)  # noqa: S311 - dice, no secrets
    lives, files = [], [folder / f"told-{number}" for number in range(PROCESSES)]
    for number, file in enumerate(files):
        share = wishes[number::PROCESSES]
        lives.append(await parent.bear("press", {"url": url, "presses": share, "told": str(file)}))
    for life in lives:
        await life.ended.wait()
    assert [life.status for life in lives] == [0] * PROCESSES
    return [each for file in files for each in read_told(file)]
