"""At rest there is exactly one copy of everything, whatever went wrong on the way: faults and restarts by dice."""

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from bot.domain.finding import FindingId
from bot.domain.intent import Progress
from bot.domain.triage import Move, Resolution
from bot.errors import OutcomeUnknown, RateLimited, WorkspaceError, WorkspaceUnavailable
from bot.services.delivery import LEASE
from tests.examples import ANNA, BEN, SECURITY, asked, row, rows
from tests.house import House, open_house
from tests.stand_ins import START, ManualClock, RecordingWorkspace
from tests.storing import waiting

MOVES = [Move.ACKNOWLEDGE, Move.ESCALATE, Move.RESOLVE, Move.REOPEN]


def throw_faults(dice: random.Random, slack: RecordingWorkspace) -> None:
    """Some calls do not arrive, some arrive and are not answered, some meet a limit."""
    not_arrived = [WorkspaceUnavailable("refused"), OutcomeUnknown("timeout"), WorkspaceError("internal_error")]
    slack.faults.extend(dice.choices([*not_arrived, RateLimited("ratelimited", 3.0)], k=dice.randrange(4)))
    slack.lost_answers.extend([OutcomeUnknown("timeout")] * dice.randrange(3))


async def live_an_hour(dice: random.Random, house: House) -> None:
    """A run, some presses, some deliveries, and a claim that nobody settles: the process dies with it."""
    run = await house.services.hunts.request(asked(at=house.clock()))
    assert run is not None
    await house.services.hunts.work(run.id)
    known = [finding.id for finding in await waiting(house.store)]
    for _ in range(dice.randrange(6)):
        throw_faults(dice, house.slack)
        move = dice.choice(MOVES)
        reason = Resolution.EXPECTED if move is Move.RESOLVE else None
        await house.services.triage.press(
            dice.choice(known or [FindingId(1)]), move, dice.choice([ANNA, BEN]), resolution=reason
        )
        await house.services.delivery.deliver_due()
        house.clock.advance(timedelta(seconds=dice.randrange(3)))
    await house.store.outbox.claim(house.clock(), LEASE)
    house.clock.advance(timedelta(hours=1))


@pytest.mark.parametrize("seed", range(4))
async def test_after_faults_and_restarts_there_is_one_copy_of_each(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311 - dice, no secrets
    slack, clock = RecordingWorkspace(), ManualClock()
    seen = [row(f"p{n}", f"e-{n}") for n in range(dice.choice([3, 8]))]
    for hour in range(4):
        seen.append(row("p0", f"later-{hour}", at=START + timedelta(hours=hour, minutes=59)))
        async with open_house(tmp_path, rows(*seen), slack=slack, clock=clock) as house:
            await live_an_hour(dice, house)
    async with open_house(tmp_path, rows(*seen), slack=slack, clock=clock) as house:
        await house.deliver(within_s=7200)

        copies = Counter(post.mark for post in slack.messages)
        assert set(copies.values()) == {1}
        assert (await house.services.delivery.backlog()).broken == 0
        findings = await waiting(house.store)
        for finding in findings:
            cards = await house.store.outbox.of_finding(finding.id)
            assert {card.mark for card in cards if card.ts} <= copies.keys()
            assert all(card.drawn == card.wanted for card in cards if card.ts)
            assert [card.channel for card in cards if card.progress is Progress.ALIVE] == [SECURITY]
        assert (await house.store.findings.standings([finding.id for finding in findings])).keys() == {
            finding.id for finding in findings
        }
