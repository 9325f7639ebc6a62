"""Which hunts get a digest, and when: the files' words against the operator's."""

from collections.abc import Mapping

import pytest

from app.digests import schedules
from app.settings import Purpose, read_settings
from bot.domain.hunt import Hunt, HuntShelf, Slug
from bot.domain.schedule import Schedule
from bot.errors import SettingsError

DAILY = Schedule("0 9 * * *", "Europe/Berlin", "#soc")
SHELF = HuntShelf(
    {
        Slug("a"): Hunt(Slug("a"), "1", "A", "", "FROM a", schedule=DAILY),
        Slug("b"): Hunt(Slug("b"), "2", "B", "", "FROM b"),
    }
)
CRON = {"HUNTBOT_DIGEST_CRON": "*/2 * * * *", "HUNTBOT_TIMEZONE": "Asia/Tokyo"}


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, {"a": DAILY}),
        (
            CRON,
            {
                "a": Schedule("*/2 * * * *", "Europe/Berlin", "#soc"),
                "b": Schedule("*/2 * * * *", "Asia/Tokyo"),
            },
        ),
        (CRON | {"HUNTBOT_DIGEST_HUNTS": "b"}, {"b": Schedule("*/2 * * * *", "Asia/Tokyo")}),
        ({"HUNTBOT_DIGEST_HUNTS": "a"}, {"a": DAILY}),
    ],
)
def test_the_operators_cron_wins_and_the_files_zone_and_channel_stay(
    given: Mapping[str, str], found: Mapping[str, Schedule]
) -> None:
    assert schedules(SHELF, read_settings(Purpose.ANYTHING, given)) == found


@pytest.mark.parametrize(("named", "says"), [("a,nope", "no hunt called nope"), ("b", "b has no schedule")])
def test_a_hunt_that_can_have_no_digest_is_named(named: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        schedules(SHELF, read_settings(Purpose.ANYTHING, {"HUNTBOT_DIGEST_HUNTS": named}))
