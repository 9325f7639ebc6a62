"""What a card says of earlier verdicts and of what was seen when somebody asked again, and its buttons for both."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.blocks.draw import draw
from bot.domain.finding import Finding
from bot.domain.hunt import Window
from bot.domain.memory import Offer, SeenBefore
from bot.domain.message import FindingCard
from bot.domain.rows import Value
from bot.domain.run import Receipt, Run
from bot.domain.severity import Severity
from bot.domain.triage import Resolution, State
from tests.unit.blocks.examples import GRANTS, IN_KIBANA, NOON, checked, finding, hit, read, said

LOOKS = replace(GRANTS, query="FROM logs | KEEP principal, revoked_at")  # it looks for removals

WORSE = said(offer=Offer.NOW_WORSE)
TOLD = [
    (said(), "🧠 Seen before: F-12 with the same grantee and function was called benign by <@U0BOB00000> on "),
    (said(), ": “our own deploy”"),
    (said(note=""), "on 2026-03-03 12:00:00 UTC\n"),
    (said(Resolution.EXPECTED), "was called expected by"),
    (said(Resolution.MALICIOUS, offer=Offer.NOT_HARMLESS), "🛑 Seen before: F-12 with the same"),
    (said(Resolution.MALICIOUS, offer=Offer.NOT_HARMLESS), "was called MALICIOUS by <@U0BOB00000>"),
    (said(Resolution.REVOKED, offer=Offer.NOT_HARMLESS), "was closed as revoked by"),
    (said(columns=("source.ip", "host_name", "user")), "with the same source.ip, host name and user was"),
    (said(columns=(), is_own=True, url=None), "Seen before: F-12 itself, before it came back, was called benign by"),
    (WORSE, "It was critical then: this one is worse, so judge it by itself."),
    (
        replace(WORSE, verdict=replace(WORSE.verdict, severity=None)),
        "It was not known to be so bad then: this one is worse",
    ),
    (said(note="<!channel> `x` \u202e*_"), "“<!channel> `x` \\u{202e}*_”"),
    (said(note="y" * 500), "more]…"),
]


@pytest.mark.parametrize(("seen", "expected"), TOLD)
def test_it_says_who_said_what_of_the_same_and_why(seen: SeenBefore, expected: str) -> None:
    assert expected in card(seen_before=seen)


def test_the_earlier_finding_is_a_link_to_its_message() -> None:
    links = [node for node in nodes(drawn(seen_before=said())) if node.get("type") == "link"]

    assert [(link["url"], link["text"]) for link in links] == [("https://acme.slack.com/archives/C1/p9", "F-12")]
    assert "F-12 with the same" in card(seen_before=said(url=None))


OFFERED = [
    (said(), "Same again: benign"),
    (said(Resolution.EXPECTED), "Same again: expected"),
    (said(Resolution.MALICIOUS, offer=Offer.NOT_HARMLESS), None),
    (said(offer=Offer.NOW_WORSE), None),
    (None, None),
]


@pytest.mark.parametrize(("seen", "label"), OFFERED)
def test_only_what_may_be_said_again_has_a_button(seen: SeenBefore | None, label: str | None) -> None:
    again = [button for button in buttons(seen_before=seen) if button["action_id"] == "finding.same_again"]

    assert [button["text"]["text"] for button in again] == ([label] if label else [])
    assert [button["value"] for button in again] == (["981:42"] if label else [])


@pytest.mark.parametrize(("seen", "kibana"), [(None, None), (None, IN_KIBANA), (said(), None), (said(), IN_KIBANA)])
def test_three_buttons_and_a_menu_of_five_are_the_most(seen: SeenBefore | None, kibana: Any) -> None:
    shown = buttons(seen_before=seen, kibana=kibana)
    menu = options(seen_before=seen, kibana=kibana)

    assert len(shown) == 3
    assert len(menu) <= 5
    assert ("Details" in labels(menu)) is (seen is not None)
    assert ("Details" in labels(shown)) is (seen is None)


def test_the_menu_leads_into_kibana() -> None:
    [option] = [option for option in options(kibana=IN_KIBANA) if option["text"]["text"] == "Open in Kibana"]

    assert option["url"] == IN_KIBANA.url
    assert len(IN_KIBANA.url) <= 3_000


GONE: Mapping[str, Value] = {"revoked_at": "2026-03-04T12:07:00.000Z", "revoked_by": "arn:aws:iam::1:user/eve"}
ASKED = [
    ({}, GRANTS, False),  # its hunt knows of no removals
    ({}, LOOKS, True),
    (GONE, LOOKS, False),  # it was taken back already
    ({"outcome": "attempted"}, LOOKS, False),
]


@pytest.mark.parametrize(("columns", "hunt", "is_offered"), ASKED)
def test_still_true_is_offered_where_a_removal_may_show(
    columns: Mapping[str, Value], hunt: Any, *, is_offered: bool
) -> None:
    shown = finding(face=hit(columns))

    assert ("Still true?" in labels(options(shown, hunt=hunt))) is is_offered


CHECKS = [
    ({}, checked(), "🔁 Checked 2026-03-04 12:00:00 UTC: no removal seen."),
    (GONE, checked(), "UTC: taken back by arn:aws:iam::1:user/eve after 9 m.\n"),
    ({**GONE, "revoked_by": None}, checked(), "UTC: taken back after 9 m.\n"),
    ({"revoked_at": "whenever"}, checked(), "UTC: taken back.\n"),
    ({}, checked(Receipt(1, 0, 1, is_truncated=True)), "not everything could be searched, so this says nothing of"),
    ({}, checked(Receipt(1, 0, 1, is_partial=True)), "not everything could be searched"),
    ({}, checked(Receipt(0, 0, 0)), "the logs hold nothing of it any more."),
    ({"outcome": "attempted"}, checked(), "UTC: still in the logs."),
    ({}, checked(error="It is <down>"), "the logs did not say. It is <down>"),
]


@pytest.mark.parametrize(("columns", "check", "expected"), CHECKS)
def test_it_says_what_was_seen_when_somebody_asked_again(
    columns: Mapping[str, Value], check: Run, expected: str
) -> None:
    assert expected in card(finding(face=hit(columns)), check=check)


def test_a_check_of_only_the_last_days_says_so() -> None:
    cut = replace(checked(), window=Window(NOON, NOON + timedelta(days=90)))

    assert "no removal seen in the last 90 days." in card(check=cut)


def test_what_nobody_asked_again_says_nothing_of_it() -> None:
    assert "Checked" not in card()


def test_a_message_whose_place_another_one_took_remembers_nothing() -> None:
    assert "Seen before" not in card(seen_before=said(), is_retired=True)


def test_no_offer_is_made_on_what_is_resolved() -> None:
    closed = replace(finding(), state=State.RESOLVED, resolution=Resolution.BENIGN)

    assert labels(buttons(closed)) == ["Details"]


def drawn(shown: Finding | None = None, **changes: Any) -> Sequence[dict[str, Any]]:
    hunt = changes.pop("hunt", LOOKS)
    return draw(
        FindingCard(shown or finding(face=hit({"severity": Severity.CRITICAL.value})), hunt, **changes)
    ).blocks


def card(shown: Finding | None = None, **changes: Any) -> str:
    return read(drawn(shown, **changes))


def buttons(shown: Finding | None = None, **changes: Any) -> list[dict[str, Any]]:
    return [node for node in nodes(drawn(shown, **changes)) if node.get("type") == "button"]


def options(shown: Finding | None = None, **changes: Any) -> list[dict[str, Any]]:
    menus = [node for node in nodes(drawn(shown, **changes)) if node.get("type") == "overflow"]
    return [option for menu in menus for option in menu["options"]]


def labels(elements: Sequence[dict[str, Any]]) -> list[str]:
    return [element["text"]["text"] for element in elements]


def nodes(tree: object) -> list[dict[str, Any]]:
    match tree:
        case dict():
            return [tree, *(node for child in tree.values() for node in nodes(child))]
        case list() | tuple():
            return [node for child in tree for node in nodes(child)]
        case _:
            return []
