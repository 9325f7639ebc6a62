"""What a running bot shows of itself: /healthz and /metrics, in both modes, whatever is away."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.http_face import HEALTH_PATH, METRICS_PATH
from bot.blocks import actions
from local.slack.faults import server_error
from local.slack.sample import MAYA, TOMAS, sample_workspace
from local.slack.server import LocalSlack
from tests.postgres import Server
from tests.slack.house import Clock, House, Logs, open_house
from tests.slack.own_process import until

ANY_PORT = {"HUNTBOT_METRICS_PORT": "0"}


@asynccontextmanager
async def opened(folder: Path, given: Mapping[str, str], *, over_http: bool = False) -> AsyncIterator[House]:
    clock = Clock()
    slack = LocalSlack(sample_workspace(clock=lambda: clock().timestamp()))
    bot = open_house(slack, Logs(clock), clock, folder, over_http=over_http, given=given)
    async with slack, bot as house:
        yield house


async def get(port: int | None, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as web, web.get(f"http://127.0.0.1:{port}{path}") as answer:
        return answer.status, await answer.text()


async def numbers(port: int | None) -> Mapping[str, float]:
    status, text = await get(port, METRICS_PATH)
    assert status == 200
    families = text_string_to_metric_families(text)
    return {" ".join([s.name, *s.labels.values()]): s.value for family in families for s in family.samples}


def failing(house: House) -> Callable[[], Awaitable[bool]]:
    """Whether a post has come to nothing by now."""

    async def is_counted() -> bool:
        return "huntbot_posts_total post OutcomeUnknown" in await numbers(house.life.metrics_port)

    return is_counted


async def health(house: House) -> tuple[int, dict[str, Any]]:
    async with (
        aiohttp.ClientSession() as web,
        web.get(f"http://127.0.0.1:{house.life.metrics_port}{HEALTH_PATH}") as answer,
    ):
        return answer.status, await answer.json()


async def test_in_socket_mode_the_metrics_port_shows_what_happened(tmp_path: Path) -> None:
    async with opened(tmp_path, ANY_PORT) as house:
        card = await house.find_one(MAYA)
        await house.press(MAYA, card, actions.ACKNOWLEDGE)
        await house.press(TOMAS, card, actions.ACKNOWLEDGE)
        told = await numbers(house.life.metrics_port)
        assert (await health(house))[0] == 200
    assert told["huntbot_runs_total done"] == 1
    assert told["huntbot_hits_total new"] == 1
    assert told["huntbot_findings_total from the backlog"] == 1
    assert (told["huntbot_presses_total won"], told["huntbot_presses_total refused"]) == (1, 1)
    assert told["huntbot_posts_total post ok"] >= 2
    assert told["huntbot_store_up"] == 1
    assert told["huntbot_slack_connected"] == 1
    assert told["huntbot_envelope_age_seconds"] < 60


async def test_over_http_they_are_beside_slacks_path(tmp_path: Path) -> None:
    async with opened(tmp_path, {}, over_http=True) as house:
        assert house.life.metrics_port is None
        assert "huntbot_slack_connected" not in await numbers(house.life.port)
        assert (await get(house.life.port, HEALTH_PATH))[0] == 200


async def test_over_http_with_a_port_of_their_own_the_public_one_shows_no_numbers(tmp_path: Path) -> None:
    async with opened(tmp_path, ANY_PORT, over_http=True) as house:
        assert (await get(house.life.port, METRICS_PATH))[0] == 404
        assert (await get(house.life.port, HEALTH_PATH))[0] == 200
        assert (await numbers(house.life.metrics_port))["huntbot_store_up"] == 1


async def test_a_backlog_of_more_than_a_minute_is_a_warning_and_no_failure(tmp_path: Path) -> None:
    async with opened(tmp_path, ANY_PORT) as house:
        house.slack.faults.add("chat.postMessage", *[server_error()] * 50)
        await house.hunt(MAYA, "grants")
        await until(failing(house))
        assert (await health(house))[1]["warnings"] == []
        house.clock.ahead += timedelta(seconds=90)
        status, shown = await health(house)
        told = await numbers(house.life.metrics_port)
        house.slack.faults.clear()
    assert (status, shown["status"], shown["faults"]) == (200, "ok", [])
    [warning] = shown["warnings"]
    assert warning.startswith("messages have waited for 9")
    assert told["huntbot_outbox_waiting"] >= 1
    assert told["huntbot_outbox_oldest_seconds"] >= 90


async def test_a_store_that_is_away_fails_neither_the_scrape_nor_the_tick(
    postgres: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = postgres.fresh_database()
    async with opened(tmp_path, ANY_PORT | {"DATABASE_URL": database}) as house:
        assert (await numbers(house.life.metrics_port))["huntbot_store_up"] == 1
        postgres.drop(database)
        told = await numbers(house.life.metrics_port)
        await house.life.tick()
        status, shown = await health(house)
    assert told["huntbot_store_up"] == 0
    assert "huntbot_outbox_waiting" not in told
    assert (status, shown["warnings"]) == (200, ["the store does not answer"])
    assert "The tick did not get through with the left runs" in caplog.text
