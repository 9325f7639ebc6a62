"""Time that runs faster, the same in every process: hours of leases, paces and pauses pass in minutes."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class FastClock:
    """Shows `shown` when the machine's clock reads `began`, and goes `speed` times as fast from there on.

    The bot's lives and the local Slack are given the same three numbers, so that all of them tell the same time.
    """

    began: float
    shown: datetime
    speed: float

    @classmethod
    def starting(cls, shown: datetime, speed: float) -> "FastClock":
        return cls(time.time(), shown, speed)

    def __call__(self) -> datetime:
        return self.shown + timedelta(seconds=(time.time() - self.began) * self.speed)

    def seconds(self) -> float:
        """Since 1970, as Slack counts."""
        return self().timestamp()

    async def sleep(self, seconds: float) -> None:
        """Seconds of this clock."""
        await asyncio.sleep(max(seconds, 0) / self.speed)

    def plain(self) -> dict[str, object]:
        return {"began": self.began, "shown": self.shown.isoformat(), "speed": self.speed}

    @classmethod
    def from_plain(cls, plain: dict[str, object]) -> "FastClock":
        shown = datetime.fromisoformat(str(plain["shown"])).astimezone(UTC)
        return cls(float(str(plain["began"])), shown, float(str(plain["speed"])))
