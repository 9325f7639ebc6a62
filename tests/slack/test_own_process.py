"""`huntbot serve` as its own process against the two stand-ins: only its environment differs from production."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from slack_sdk.signature import SignatureVerifier

from local.elasticsearch.app import Elasticsearch
from tests.processes import started
from tests.slack.own_process import (
    API_KEY,
    environment,
    free_port,
    hunts_once_it_is_up,
    sample_logs,
    stand_ins,
    stopped,
)


@pytest.fixture(scope="module")
def logs() -> Elasticsearch:
    return sample_logs()


async def test_over_socket_mode_it_hunts_and_drains(logs: Elasticsearch, tmp_path: Path) -> None:
    async with (
        stand_ins(logs) as (slack, url),
        started(tmp_path, "serve", given=environment(slack, url, tmp_path)) as process,
    ):
        await hunts_once_it_is_up(slack)
        lines = await stopped(process)
    assert [line["message"] for line in lines if line["from"] == "huntbot.serve"][-1] == "stopped"
    assert not [line for line in lines if line["level"] in {"error", "warning"}]
    assert API_KEY not in json.dumps(lines)


@pytest.mark.complaint("adobe/spacecat-api-service#3229")
async def test_over_signed_http_it_hunts_and_refuses_what_is_not_slack(logs: Elasticsearch, tmp_path: Path) -> None:
    """adobe/spacecat-api-service#3229: requests were believed without their signature."""
    port = free_port()
    events = f"http://127.0.0.1:{port}/slack/events"
    async with stand_ins(logs, request_url=events) as (slack, url):
        given = environment(slack, url, tmp_path) | {"PORT": str(port)}
        async with started(tmp_path, "serve", "--http", given=given) as process, aiohttp.ClientSession() as web:
            await hunts_once_it_is_up(slack)
            async with web.get(f"http://127.0.0.1:{port}/healthz") as health:
                assert (health.status, (await health.json())["status"]) == (200, "ok")
            for fault, headers in forgeries(slack.credentials.signing_secret).items():
                async with web.post(events, data="command=%2Fhunt&text=list", headers=headers) as answer:
                    assert answer.status == 401, fault
            await stopped(process)


def forgeries(secret: str) -> Mapping[str, Mapping[str, str]]:
    body, fresh, stale = "command=%2Fhunt&text=list", str(int(time.time())), str(int(time.time()) - 301)
    form = {"Content-Type": "application/x-www-form-urlencoded"}

    def signed(timestamp: str, by: str) -> Mapping[str, str]:
        signature = SignatureVerifier(by).generate_signature(timestamp=timestamp, body=body) or ""
        return form | {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}

    return {"another secret": signed(fresh, "guessed"), "five minutes old": signed(stale, secret), "unsigned": form}


@pytest.mark.parametrize(
    ("changed", "code", "says"),
    [
        (
            {"SLACK_BOT_TOKEN": "xoxb-wrong-token-wrong"},
            2,
            "SLACK_BOT_TOKEN: Slack refuses this token (invalid_auth)",
        ),
        (
            {"SLACK_APP_TOKEN": "xapp-wrong-token-wrong"},
            2,
            "SLACK_APP_TOKEN: Slack refuses this token (invalid_auth)",
        ),
        ({"HUNTBOT_ESCALATION_CHANNEL": "#nowhere"}, 2, "HUNTBOT_ESCALATION_CHANNEL: there is no channel #nowhere"),
        ({"HUNTBOT_SLACK_API_URL": "http://127.0.0.1:1/api/"}, 3, "Slack can not be reached"),
    ],
)
async def test_a_start_that_can_not_be_says_why_and_ends(
    logs: Elasticsearch, tmp_path: Path, changed: dict[str, str], code: int, says: str
) -> None:
    async with stand_ins(logs) as (slack, url):
        given = environment(slack, url, tmp_path) | changed
        async with started(tmp_path, "serve", given=given) as process:
            _, errors = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == code
    assert says in errors.decode()
    assert "wrong-token" not in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_a_second_process_on_the_same_store_refuses_to_start(logs: Elasticsearch, tmp_path: Path) -> None:
    async with stand_ins(logs) as (slack, url):
        given = environment(slack, url, tmp_path)
        async with started(tmp_path, "serve", given=given) as first:
            await hunts_once_it_is_up(slack)
            async with started(tmp_path, "serve", given=given) as second:
                _, errors = await asyncio.wait_for(second.communicate(), 40)
            assert second.returncode == 3
            assert "Traceback" not in errors.decode()
            await stopped(first)


async def test_doctor_says_what_is_well_and_what_is_not(logs: Elasticsearch, tmp_path: Path) -> None:
    async with stand_ins(logs) as (slack, url):
        well = environment(slack, url, tmp_path)
        async with started(tmp_path, "doctor", given=well) as process:
            report, errors = await asyncio.wait_for(process.communicate(), 40)
        assert process.returncode == 0, report.decode() + errors.decode()
        assert "all that huntbot uses" in report.decode()
        assert "is not there yet, serve makes it: SQLite, for one process" in report.decode()
        assert "the key reads logs-aws.cloudtrail-* and no more" in report.decode()
        nowhere = "postgresql://huntbot:secret-word@127.0.0.1:1/huntbot"
        ill = well | {"ELASTICSEARCH_API_KEY": "d3Jvbmc=", "HUNTBOT_CHANNEL": "#random", "PORT": "x"}
        ill |= {"DATABASE_URL": nowhere, "HUNTBOT_FALLBACK_CHANNEL": "#nowhere"}
        async with started(tmp_path, "doctor", given=ill) as process:
            report, _ = await asyncio.wait_for(process.communicate(), 40)
    assert process.returncode == 2
    for says in (
        "PORT",
        "Elasticsearch refuses the key",
        "huntbot is no member of #random: type /invite @huntbot",
        "there is no channel #nowhere",
        "Connection refused",
    ):
        assert says in report.decode()
    assert "secret-word" not in report.decode()
