"""Verifying the audit chain beside a bot that goes on writing it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from bot.domain.audit import Entry, Gap, Tip, chained
from bot.domain.finding import FindingId
from bot.domain.triage import AuditEvent, Move, State
from bot.services.audit import verify_chain
from tests.examples import ANNA
from tests.stand_ins import START


@dataclass
class GrowingLog:
    """An AuditLog to which so many events are written whenever somebody has read it to its end."""

    written: list[Entry] = field(default_factory=list)
    still_to_come: list[int] = field(default_factory=list)
    forgotten: int = 0  # of the end, by somebody who left the tip alone

    def write(self, count: int) -> None:
        for _ in range(count):
            event = AuditEvent(Move.ACKNOWLEDGE, ANNA, START, State.OPEN, State.ACKNOWLEDGED)
            self.written.append(chained(self._end(), FindingId(1), event))

    async def chain(self, after: int = 0) -> AsyncIterator[Entry | Gap]:
        for entry in self.written[after : len(self.written) - self.forgotten]:
            yield entry
        if self.still_to_come:
            self.write(self.still_to_come.pop(0))

    async def entries(self, since: datetime | None = None, finding: FindingId | None = None) -> AsyncIterator[Entry]:
        del since, finding
        for entry in self.written:
            yield entry

    async def tip(self) -> Tip:
        return self._end()

    def _end(self) -> Tip:
        return Tip(self.written[-1].seq, self.written[-1].hash) if self.written else Tip()


async def test_what_is_written_meanwhile_is_verified_as_well() -> None:
    log = GrowingLog(still_to_come=[3, 2])
    log.write(5)

    verdict = await verify_chain(log)

    assert (verdict.fault, verdict.checked, verdict.tip.seq) == (None, 10, 10)


async def test_a_cut_tail_is_no_reason_to_wait() -> None:
    log = GrowingLog(forgotten=2)
    log.write(5)

    assert (await verify_chain(log)).fault == "the chain ends at event 3 and was written up to 5"


@pytest.mark.parametrize(
    ("seq", "digest", "says"), [(2, None, None), (2, "f" * 64, "anew"), (9, "f" * 64, "is gone")]
)
async def test_a_tip_that_was_kept_is_looked_for(seq: int, digest: str | None, says: str | None) -> None:
    log = GrowingLog()
    log.write(5)

    fault = (await verify_chain(log, Tip(seq, digest or log.written[seq - 1].hash))).fault

    assert fault is None if says is None else says in str(fault)


async def test_a_tip_of_nothing_is_known_only_as_it_is() -> None:
    log = GrowingLog()
    log.write(1)

    assert (await verify_chain(log, Tip())).fault is None
    assert "anew" in str((await verify_chain(log, Tip(0, "f" * 64))).fault)
