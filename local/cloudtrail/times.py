"""Times as CloudTrail writes them: a light room, as whoever counts records imports it."""

from __future__ import annotations

from datetime import UTC, datetime

from local.cloudtrail.record import Json

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_ms(value: Json) -> int | None:
    """An ISO 8601 time in its extended form, UTC unless it says otherwise; None for anything else."""
    # Python also reads the basic form, which Elasticsearch's date processor refuses.
    if not isinstance(value, str) or value[4:5] != "-":
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Integer arithmetic: a float of seconds would be off by one millisecond now and then.
    since_epoch = moment - _EPOCH
    return since_epoch.days * 86_400_000 + since_epoch.seconds * 1000 + since_epoch.microseconds // 1000
