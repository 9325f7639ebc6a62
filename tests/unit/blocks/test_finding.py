"""What a finding's message says, and which buttons it offers."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.draw import draw
from bot.domain.finding import Finding
from bot.domain.message import FindingCard, HistoryNote, Link
from bot.domain.responder import HUNTBOT
from bot.domain.rows import Value
from bot.domain.run import Novelty
from bot.domain.triage import Move, Resolution, State
from tests.unit.blocks.examples import ALICE, BOB, COLUMNS, GRANTS, LIBRARY, NOON, event, finding, hit, read


def card(shown: Finding, novelty: Novelty | None = Novelty.NEW) -> str:
    return read(draw(FindingCard(shown, GRANTS, novelty)).blocks)


def test_the_card_says_who_may_do_what_and_who_did_it() -> None:
    told = card(finding())

    assert told.startswith("🛑 CRITICAL · F-42 · new\n")
    assert "anyone may invoke pay\nWhy critical  anyone on the internet may call it" in told
    assert "Exactly  anyone (*) may lambda:InvokeFunction on pay" in told
    assert "Blast radius  Anyone on the internet. Nothing narrows it" in told
    assert "By  arn:aws:iam::111122223333:role/deploy · AssumedRole" in told
    assert "From  198.51.100.7 · aws-cli/2.15" in told
    assert "Account  111122223333 · eu-west-1" in told
    assert "When  2026-03-04 11:58:00 UTC" in told
    assert "Statement id  s1" in told
    assert "Open, nobody has it. Waiting since 2026-03-04 11:00:00 UTC" in told


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"principal": None}, "(principal not recorded) may"),
        ({"principal": "s3.amazonaws.com"}, "s3.amazonaws.com may"),
        ({"outcome": "attempted"}, "on pay (attempted, refused)"),
        ({"action": "lambda:UpdateFunctionCode"}, "anyone may replace the code of pay"),
        ({"action": "lambda:Unheard"}, "anyone may lambda:Unheard on pay"),
        ({"qualifier": "live"}, "Qualifier  live"),
        ({}, "No removal was seen (no proof that it still stands)"),
        (
            {"revoked_at": "2026-03-04T12:07:00.000Z", "revoked_by": "arn:aws:iam::1:user/eve"},
            "Taken back  by arn:aws:iam::1:user/eve after 9 m, 2026-03-04 12:07:00 UTC",
        ),
    ],
)
def test_each_column_finds_its_words(columns: Mapping[str, Value], says: str) -> None:
    assert says in card(finding(face=hit(columns)))


@pytest.mark.parametrize("columns", [{"event_source_token": "hunter2"}, {"event_source_token": "hunter2", "x": "y"}])
def test_a_token_is_never_shown(columns: Mapping[str, Value]) -> None:
    assert "hunter2" not in card(finding(face=hit(columns)))


RADII = [
    ({}, "Anyone on the internet. Nothing narrows it"),
    (
        {"function_url_auth_type": "NONE"},
        "Anyone on the internet. Nothing narrows it. It is a public URL (function URL auth NONE)",
    ),
    ({"principal_org_id": "o-1"}, "Anyone in the organization. Narrowed by organization o-1"),
    (
        {"source_arn": "arn:aws:s3:::b", "source_account": "111122223333"},
        "Anyone on the internet. Narrowed by source ARN arn:aws:s3:::b, source account 111122223333",
    ),
    ({"principal": "444455556666"}, "Another account, none of the known ones: 444455556666. Nothing narrows it"),
    ({"principal": "arn:aws:iam::777788889999:root"}, "A known account 777788889999. Nothing narrows it"),
    (
        {"principal": "s3.amazonaws.com", "source_account": "444455556666"},
        "Another account, none of the known ones: 444455556666, which owns the source. Narrowed by source account",
    ),
    ({"principal": "s3.amazonaws.com"}, "A service s3.amazonaws.com. Nothing narrows it"),
    (
        {"principal": "s3.amazonaws.com", "source_arn": "arn:aws:s3:::*"},
        "A service s3.amazonaws.com. Nothing narrows it. Its source ARN arn:aws:s3:::* is a wildcard",
    ),
    ({"principal": "111122223333"}, "Its own account 111122223333\n"),
    ({"event_source_token": "hunter2"}, "Anyone on the internet. Narrowed by event source token present\n"),
    ({"principal": None}, "Who got in is not recorded\n"),
    (
        {"outcome": "attempted", "function_url_auth_type": "NONE"},
        (
            "None: the call was refused. It asked to let in anyone on the internet. Nothing would have narrowed it. "
            "It would have been a public URL (function URL auth NONE)\n"
        ),
    ),
    (
        {"outcome": "attempted", "principal": "777788889999", "source_arn": "arn:aws:s3:::one"},
        "None: the call was refused. It asked to let in a known account 777788889999. Narrowed by source ARN",
    ),
    (
        {"outcome": "attempted", "principal": None},
        "None: the call was refused. It asked to let in somebody who is not recorded\n",
    ),
    (
        {"invoked_via_function_url": "true"},
        "Anyone on the internet. Nothing narrows it. Only by way of its function URL",
    ),
]


@pytest.mark.parametrize(("columns", "says"), RADII)
def test_the_blast_radius_says_who_gets_in_and_what_narrows_it(columns: Mapping[str, Value], says: str) -> None:
    drawn = draw(FindingCard(finding(face=hit(columns)), GRANTS, known_accounts=frozenset({"777788889999"})))

    assert f"Blast radius  {says}" in read(drawn.blocks)


def test_a_hunt_that_knows_no_grants_has_no_blast_radius() -> None:
    face = hit({})
    bare = replace(face, columns={name: face.columns[name] for name in ("principal", "account", "event_id")})

    assert "Blast radius" not in card(finding(face=bare))


def test_letters_that_pose_as_others_are_spelled_out_and_warned_of() -> None:
    told = card(finding(face=hit({"function": "p\u0430y"})))

    assert r"on p\u{430}y" in told
    assert "⚠️ Look-alike letters  in Function: U+0430 CYRILLIC SMALL LETTER A" in told


def test_a_user_agent_ends_with_a_word() -> None:
    agent = (
        "Boto3/1.34.1 md/Botocore#1.34.1 ua/2.0 os/linux#6.1.0-amd64-with-some-more md/arch#x86_64 lang/python#3.11"
    )

    assert "Boto3/1.34.1 md/Botocore#1.34.1 ua/2.0 …[68 more]" in card(finding(face=hit({"user_agent": agent})))


def test_a_secret_in_a_user_agent_is_masked() -> None:
    told = card(finding(face=hit({"user_agent": "deploy/1.2 token=hunter22-and-more"})))

    assert "deploy/1.2 token=[masked]" in told
    assert "hunter22" not in told


def test_a_refused_attempt_has_no_removal_to_speak_of() -> None:
    assert "removal" not in card(finding(face=hit({"outcome": "attempted"})))


def test_one_removal_of_several_grants_is_not_told_as_all() -> None:
    face = hit({"revoked_at": "2026-03-04T12:07:00Z"})

    assert "Of another such grant no removal was seen" in card(replace(finding(face=face), is_revoked=False))
    assert "Of another such grant" not in card(replace(finding(face=face), is_revoked=True))


def test_a_repeated_finding_says_how_often_and_since_when() -> None:
    shown = replace(finding(), count=3, first_seen=NOON - timedelta(days=2))

    assert "Seen  3 times, first 2026-03-02 12:00:00 UTC, last 2026-03-04 11:58:00 UTC" in card(shown)
    assert "Seen" not in card(finding())


STANDINGS = [
    (finding(), "Open, nobody has it"),
    (
        replace(finding(), state=State.ACKNOWLEDGED, owner=ALICE, taken_at=NOON),
        "Acknowledged by <@U0ALICE000> 2026-03-04 12:00:00 UTC",
    ),
    (
        replace(finding(), state=State.ESCALATED, escalated_by=BOB, escalated_at=NOON),
        "Escalated by <@U0BOB00000> 2026-03-04 12:00:00 UTC. Nobody has taken it over yet",
    ),
    (
        replace(
            finding(),
            state=State.RESOLVED,
            owner=ALICE,
            resolved_by=BOB,
            resolved_at=NOON,
            resolution=Resolution.EXPECTED,
            resolution_note="our pipeline",
        ),
        "Resolved as expected by <@U0BOB00000> 2026-03-04 12:00:00 UTC\n“our pipeline”",
    ),
    (
        replace(finding(), state=State.ESCALATED, escalated_by=HUNTBOT, escalated_at=NOON),
        "Escalated by huntbot 2026-03-04 12:00:00 UTC. Nobody has taken it over yet",
    ),
    (
        replace(finding(), state=State.ACKNOWLEDGED, owner=ALICE, snoozed_until=NOON, snoozed_by=BOB),
        "Acknowledged by <@U0ALICE000>\n💤 Snoozed by <@U0BOB00000> until 2026-03-04 12:00:00 UTC",
    ),
]


@pytest.mark.parametrize(("shown", "says"), STANDINGS, ids=lambda value: getattr(value, "state", None))
def test_the_card_says_where_it_stands_and_who_holds_it(shown: Finding, says: str) -> None:
    assert says in card(shown)


REST = ["snooze:42", "assign:42"]
BUTTONS = [
    (finding(), ["Acknowledge", "Escalate", "Details"], ["resolve:42", *REST]),
    (STANDINGS[1][0], ["Resolve…", "Escalate", "Details"], REST),
    (STANDINGS[2][0], ["Take over", "Details"], ["resolve:42", *REST]),
    (replace(STANDINGS[2][0], owner=ALICE, taken_at=NOON), ["Take over", "Details"], ["resolve:42", *REST]),
    (replace(STANDINGS[2][0], owner=ALICE, is_taken_over=True), ["Resolve…", "Details"], REST),
    (STANDINGS[3][0], ["Details"], ["reopen:42"]),
]


@pytest.mark.parametrize(("shown", "buttons", "choices"), BUTTONS)
def test_what_may_be_done_is_offered_and_what_comes_next_stands_out(
    shown: Finding, buttons: list[str], choices: list[str]
) -> None:
    drawn: list[Any] = [block for block in draw(FindingCard(shown, GRANTS)).blocks if block["type"] == "actions"]
    standing_out = [e["text"]["text"] for row in drawn for e in row["elements"] if e.get("style") == "primary"]

    assert offered(FindingCard(shown, GRANTS)) == (buttons, choices)
    assert standing_out == buttons[:-1][:1]


def test_a_card_posted_when_a_snooze_ended_says_why_it_is_there_and_is_not_new() -> None:
    woken = FindingCard(finding(), GRANTS, Novelty.NEW, is_woken=True)

    assert "F-42 · its snooze is over" in read(draw(woken).blocks)
    assert "F-42, its snooze is over: " in draw(woken).text


def test_a_card_that_slack_took_late_says_when_it_was_found() -> None:
    late = FindingCard(finding(), GRANTS, Novelty.NEW, late_since=NOON)

    assert "F-42 · new · late\n" in read(draw(late).blocks)
    assert "Late: it was found 2026-03-04 12:00:00 UTC\n" in read(draw(late).blocks)
    assert "F-42, new, late: " in draw(late).text


def test_a_retired_card_offers_nothing_and_leads_on() -> None:
    later = Link("F-42", "https://acme.slack.com/archives/C1/p2")
    retired = FindingCard(finding(), GRANTS, is_retired=True, later=later)

    assert offered(retired) == ([], [])
    assert "F-42 has a newer message: open it" in read(draw(retired).blocks)


def test_a_hunt_without_our_table_is_told_by_its_name_and_traits() -> None:
    face = hit(
        {
            **dict.fromkeys(COLUMNS),
            "event_id": "e-9",
            "user.name": "mallory",
            "source.ip": "203.0.113.9",
            "roles": ("admin", "ops"),
            "count": 14,
            "last": "2026-03-04T10:00:00.000Z",
        }
    )
    drawn = draw(FindingCard(finding(face=face), LIBRARY))

    assert "Roles assumed twice: mallory · 203.0.113.9 · admin, ops" in read(drawn.blocks)
    assert "🔶 MEDIUM F-42: Roles assumed twice: mallory" in drawn.text


def test_columns_beyond_the_card_are_counted() -> None:
    many = replace(GRANTS, fields=tuple(f"x{n}" for n in range(20)))
    face = hit({f"x{n}": f"v{n}" for n in range(20)})

    assert "And  12 more columns: /hunt show F-42" in read(draw(FindingCard(finding(face=face), many)).blocks)


def test_the_notification_is_one_sentence() -> None:
    text = draw(FindingCard(finding(), GRANTS, Novelty.BACKLOG)).text

    assert text == ("🛑 CRITICAL F-42, from the backlog: anyone may invoke pay. Open.")


@pytest.mark.parametrize(
    ("move", "note", "says"),
    [
        (Move.ACKNOWLEDGE, "", "F-42  2026-03-04 12:00:00 UTC  <@U0ALICE000> acknowledged it"),
        (Move.RESOLVE, "known <!here>", "<@U0ALICE000> resolved it: known <!here>"),
        (Move.REOPEN, "", "<@U0ALICE000> reopened it"),
    ],
)
def test_the_thread_tells_each_move(move: Move, note: str, says: str) -> None:
    assert says in read(draw(HistoryNote(finding(), event(move, note=note))).blocks)


def offered(shown: FindingCard) -> tuple[list[str], list[str]]:
    """The labels of the buttons, the values of the menu."""
    elements = [e for block in draw(shown).blocks if block["type"] == "actions" for e in as_list(block["elements"])]
    labels = [str(e["text"]["text"]) for e in elements if e["type"] == "button"]
    values = [str(option["value"]) for e in elements if e["type"] == "overflow" for option in e["options"]]
    return labels, values


def as_list(value: object) -> list[dict[str, Any]]:
    assert isinstance(value, list)
    return value
