"""How far back a digest's run looks: over what came late, what failed, and what may have been taken back since."""

from datetime import datetime, timedelta

from bot.domain.hunt import Hunt, Window

FARTHEST = timedelta(days=90)


def reach_back(
    hunt: Hunt,
    now: datetime,
    covered_until: datetime | None,
    oldest_unresolved: datetime | None,
    ingest_delay: timedelta,
) -> Window:
    """The window of a digest's run.

    It is never shorter than the hunt's own, so that a hunt that counts over a week counts over a week. It begins
    no later than where the last complete digest run ended, less the ingest delay: only a complete run moves that
    mark, so what a failed or truncated one missed is looked at again. A hunt that shows revocations sees the
    grants of unresolved findings again, since a removal is found beside its grant. Both reach back 90 days at most.
    """
    starts = [now]
    if covered_until is not None:
        starts.append(covered_until - ingest_delay)
    if oldest_unresolved is not None and hunt.shows_revocations:
        starts.append(oldest_unresolved)
    farthest = max(min(starts), now - FARTHEST)
    return Window(min(farthest, now - hunt.window), now)
