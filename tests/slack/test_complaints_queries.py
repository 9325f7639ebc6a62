"""What users of other tools complain of: hunts that no Elasticsearch runs, hits that `==` misses. See the table."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
from elastic_transport import BaseAsyncNode

from local.cloudtrail.record import Record
from local.elasticsearch.app import Elasticsearch, from_records
from local.elasticsearch.node import node_class
from local.slack.sample import MAYA
from local.slack.server import LocalSlack
from tests.processes import run
from tests.slack.house import Clock, House, Logs, open_house, shown

FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:pay"
LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:tls"

HUNT = """
[hunt]
name = "Whose function"
uuid = "{name}"
query = ['''
FROM logs-aws.cloudtrail-*
| WHERE @timestamp >= ?_tstart AND @timestamp < ?_tend
    AND {condition}
| KEEP @timestamp, event.action, event.id
{end}''']
"""
LIMIT = "| LIMIT 1000\n"
FIRST_LINE = 6  # of the file: where its query begins


class Embedded(Logs):
    """Elasticsearch's side played by the embedded engine: it answers whatever it is asked."""

    engine: Elasticsearch

    def node_class(self) -> type[BaseAsyncNode]:
        return node_class(self.engine)


def grant(clock: Clock) -> Record:
    """Anyone may invoke `pay`: an event that names several resources, as CloudTrail writes them."""
    statement = (
        '{"Sid":"s1","Effect":"Allow","Principal":"*","Action":"lambda:InvokeFunction","Resource":"' + FUNCTION + '"}'
    )
    return {
        "eventVersion": "1.09",
        "eventID": "e-1",
        "eventTime": f"{clock() - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "AddPermission20150331v2",
        "awsRegion": "eu-west-1",
        "recipientAccountId": "111122223333",
        "sourceIPAddress": "198.51.100.7",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/dev", "userName": "dev"},
        "requestParameters": {
            "functionName": "pay",
            "principal": "*",
            "action": "lambda:InvokeFunction",
            "statementId": "s1",
            "userName": "operator",
        },
        "responseElements": {"statement": statement},
        "resources": [
            {"ARN": FUNCTION, "type": "AWS::Lambda::Function"},
            {"ARN": LAYER, "accountId": "111122223333"},
        ],
    }


@asynccontextmanager
async def house_of(slack: LocalSlack, clock: Clock, folder: Path) -> AsyncIterator[House]:
    """A bot whose logs hold the grant."""
    logs = Embedded(clock)
    with closing(from_records([grant(clock)], clock)) as logs.engine:
        async with open_house(slack, logs, clock, folder) as house:
            yield house


async def answer(house: House, hunt: str) -> str:
    """What the channel reads once a hunt is over."""
    before = len(house.said(MAYA))
    await house.hunt(MAYA, hunt)
    said: str = await house.until(lambda: next((s for s in house.said(MAYA)[before:] if _is_over(s)), ""))
    return said


def _is_over(said: str) -> bool:
    return "hits = " in said or "hit = " in said or "does not accept" in said


def checked(folder: Path, name: str, condition: str, end: str = LIMIT) -> tuple[int, str]:
    """What hunts check says of a hunt with that condition: its exit code, and its lines on stderr."""
    (folder / f"{name}.toml").write_text(HUNT.format(name=name, condition=condition, end=end))
    ran = run(folder, "hunts", "check", f"{name}.toml")
    return ran.returncode, ran.stderr


@pytest.mark.complaint("detection-rules#5565")
@pytest.mark.parametrize(
    ("condition", "rule"),
    [
        ('event.provider = "lambda.amazonaws.com"', "single-equals"),
        ('"Add*" LIKE event.action', "swapped-arguments"),
        ('user.name == "dev" OR', "refused"),
        ("event.action IN (200, 201)", "refused"),
    ],
)
async def test_what_elasticsearch_would_refuse_is_named_offline_at_the_same_place(
    slack: LocalSlack, clock: Clock, tmp_path: Path, condition: str, rule: str
) -> None:
    """detection-rules#5565: hunts were shipped that fail on `=` for `==`, a trailing `or`, numbers for texts."""
    code, said = checked(tmp_path, "faulty", condition)
    [(line, column)] = re.findall(rf"^faulty\.toml:(\d+):(\d+): .* \({rule}\)$", said, re.MULTILINE)
    assert code == 2
    async with house_of(slack, clock, tmp_path) as house:
        refused = await answer(house, "faulty")
    assert f"line {int(line) - FIRST_LINE + 1}:{column}: " in refused


@pytest.mark.complaint("detection-rules#5565")
@pytest.mark.parametrize(
    ("condition", "end", "fault"),
    [
        ('STARTS_WITH("AddPermission", event.action)', LIMIT, "8:9: STARTS_WITH takes the field first"),
        ('event.action == "AddPermission20150331v2"', "", "9:3: there is no LIMIT"),
    ],
)
async def test_what_elasticsearch_runs_and_nobody_means_is_named_with_its_line(
    slack: LocalSlack, clock: Clock, tmp_path: Path, condition: str, end: str, fault: str
) -> None:
    """detection-rules#5565: arguments swapped, and a LIMIT missing: they run, and tell less than there is."""
    code, said = checked(tmp_path, "faulty", condition, end)
    assert (code, f"faulty.toml:{fault}" in said) == (2, True), said
    async with house_of(slack, clock, tmp_path) as house:
        assert "does not accept" not in await answer(house, "faulty")


@pytest.mark.complaint("detection-rules#6076")
@pytest.mark.parametrize(
    ("naive", "cured"),
    [
        (f'aws.cloudtrail.resources.arn == "{FUNCTION}"', f'MV_CONTAINS(aws.cloudtrail.resources.arn, "{FUNCTION}")'),
        ('related.user IN ("dev", "x")', 'MV_CONTAINS(related.user, "dev")'),
    ],
)
async def test_a_comparison_that_misses_the_hit_is_warned_of_and_its_cure_finds_it(
    slack: LocalSlack, clock: Clock, tmp_path: Path, naive: str, cured: str
) -> None:
    """detection-rules#6076: == and IN over a field of several values are null, so the hit was missed."""
    code, said = checked(tmp_path, "naive", naive)
    assert code == 0
    assert f"naive.toml:8:9: warning: {naive} is null where " in said
    assert cured[: cured.index(",")] in said
    assert checked(tmp_path, "cured", cured) == (0, "")
    async with house_of(slack, clock, tmp_path) as house:
        assert "0 hits = " in await answer(house, "naive")
        assert "1 hit = " in await answer(house, "cured")


@pytest.mark.complaint("detection-rules#6076")
async def test_lambda_perms_finds_the_grant_in_an_event_whose_fields_hold_several_values(
    slack: LocalSlack, clock: Clock, tmp_path: Path
) -> None:
    """detection-rules#6076: a hit must not go missing because its event names several resources and people."""
    async with house_of(slack, clock, tmp_path) as house:
        assert "1 hit = " in await answer(house, "lambda-perms")
        card = shown(await house.until(lambda: house.card(MAYA)))
    assert "CRITICAL" in card
    assert "anyone may invoke pay" in card.lower()
