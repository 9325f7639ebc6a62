"""When a message counts as late: by where it stands, and before that by the try that is under way."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.intent import LATE, Intent, IntentKey, Kind
from bot.domain.responder import ChannelId, MessageTs

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
A_BIT = timedelta(seconds=1)


def stands(at: datetime) -> MessageTs:
    return MessageTs(f"{at.timestamp():.6f}")


@pytest.mark.parametrize(
    ("ts", "tried_at", "is_late"),
    [
        (None, None, False),
        (None, NOON + LATE - A_BIT, False),
        (None, NOON + LATE, True),
        (stands(NOON + LATE), None, True),
        (stands(NOON + A_BIT), NOON + 9 * LATE, False),  # redrawn much later
    ],
)
def test_it_is_late_when_it_came_to_stand_long_after_it_was_wished_for(
    ts: MessageTs | None, tried_at: datetime | None, is_late: bool
) -> None:
    intent = Intent(IntentKey("k"), Kind.FINDING, ChannelId("C1"), NOON, ts=ts, tried_at=tried_at)
    assert intent.is_late is is_late
