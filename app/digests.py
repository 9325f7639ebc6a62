"""Which hunts get a digest, and when: the hunt files' own words, unless the settings say otherwise."""

from collections.abc import Mapping
from dataclasses import replace

from app.settings import Settings
from bot.domain.hunt import Hunt, HuntShelf, Slug
from bot.domain.schedule import Schedule
from bot.errors import SettingsError


def schedules(shelf: HuntShelf, settings: Settings) -> Mapping[Slug, Schedule]:
    """By hunt; a channel of None means the default one.

    Raises:
        SettingsError: HUNTBOT_DIGEST_HUNTS names a hunt that is not there or is never due.
    """
    named = [Slug(slug) for slug in settings.digest_hunts]
    missing = [slug for slug in named if slug not in shelf.hunts]
    if missing:
        raise SettingsError((("HUNTBOT_DIGEST_HUNTS", f"there is no hunt called {', '.join(missing)}"),))
    found = {slug: _schedule(shelf.hunts[slug], settings) for slug in named or shelf.hunts}
    never = [slug for slug in named if found[slug] is None]
    if never:
        cure = f"{', '.join(never)} has no schedule; give it one in its file or set HUNTBOT_DIGEST_CRON"
        raise SettingsError((("HUNTBOT_DIGEST_HUNTS", cure),))
    return {slug: schedule for slug, schedule in found.items() if schedule is not None}


def _schedule(hunt: Hunt, settings: Settings) -> Schedule | None:
    """The operator's cron wins over the file's; zone and channel stay the file's where it has them."""
    if settings.digest_cron is None:
        return hunt.schedule
    if hunt.schedule is None:
        return Schedule(settings.digest_cron, settings.timezone)
    return replace(hunt.schedule, cron=settings.digest_cron)
