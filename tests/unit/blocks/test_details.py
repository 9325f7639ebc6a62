"""The Details modal: every column, the raw event, notes, techniques, history, and the command to paste."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from bot.blocks import actions, details
from bot.blocks.details import Details
from bot.blocks.draw import draw
from bot.blocks.modals import Carried
from bot.domain.access import NEEDS, Deed, Role
from bot.domain.finding import Finding, FindingId
from bot.domain.hit import Hit
from bot.domain.message import FindingCard
from bot.domain.raw_event import NoRawEvent, RawEvent
from bot.domain.responder import ChannelId, MessageTs, Place
from bot.domain.retention import Forgotten
from bot.domain.rows import Value
from bot.domain.triage import Move, State
from local.slack.blockkit import check_message_blocks, check_view
from tests.unit.blocks.examples import (
    ALICE,
    BOB,
    GRANTS,
    IN_KIBANA,
    NOON,
    checked,
    event,
    finding,
    hit,
    read,
    said,
)

HUNT = replace(
    GRANTS,
    remediation=(
        "aws lambda remove-permission --function-name {function} --statement-id {statement_id} "
        "[--qualifier {qualifier}] --region {region}"
    ),
    notes=("Start with the `actor`.", "Ask the owner."),
    mitre=("T1098", "T1546.003", "TA0003", "nonsense"),
    references=("https://docs.example/AddPermission", "a book"),
)
PLACE = Place(ChannelId("C0HUNTS000"), MessageTs("1.2"))


def about(columns: Mapping[str, Value] | None = None, **changes: Any) -> Details:
    return replace(Details(finding(face=hit(columns)), HUNT, [], [hit(columns)]), **changes)


def shown(known: Details, page: int = 1) -> str:
    view = details.view(known, PLACE, page)
    assert check_view(view, "modal") == []
    return read(view["blocks"])


def boxes(known: Details) -> list[str]:
    """What stands in preformatted boxes, of every page."""
    return [read(element) for element in _elements(details.view(known, PLACE)["blocks"], "rich_text_preformatted")]


def _elements(node: object, kind: str) -> Sequence[dict[str, Any]]:
    match node:
        case dict():
            own = [node] if node.get("type") == kind else []
            return [*own, *(found for child in node.values() for found in _elements(child, kind))]
        case list() | tuple():
            return [found for child in node for found in _elements(child, kind)]
        case _:
            return []


def test_everything_stands_in_one_view() -> None:
    told = shown(about(history=[event()], raw=RawEvent('{\n  "eventID": "e-1"\n}', is_original=True)))

    for words in (
        "anyone may invoke pay\nWhy critical  anyone on the internet may call it",
        "Blast radius  Anyone on the internet. Nothing narrows it",
        "With credentials of account 111122223333",
        "Start with the actor.",
        "acknowledged it (open → acknowledged)",
        "statement_id  s1",
        'Raw event  as AWS wrote it\n{\n  "eventID": "e-1"\n}',
        "T1546.003",
        "https://docs.example/AddPermission",
    ):
        assert words in told


def test_all_that_the_card_says_of_the_finding_stands_in_the_details() -> None:
    held = replace(finding(), count=3, state=State.ACKNOWLEDGED, owner=ALICE, snoozed_until=NOON, snoozed_by=BOB)
    beside: Mapping[str, Any] = {"seen_before": said(), "check": checked()}
    card = draw(FindingCard(held, HUNT, kibana=IN_KIBANA, **beside)).blocks
    lines = [line for block in card[1:] if block["type"] == "rich_text" for line in read(block).splitlines()]
    told = {line.casefold() for line in shown(about(finding=held, **beside)).splitlines()}

    assert "🔁 Checked 2026-03-04 12:00:00 UTC: no removal seen." in lines
    assert [line for line in lines if line.casefold().replace("statement id", "statement_id") not in told] == []


HELD = replace(finding(), state=State.ACKNOWLEDGED, owner=ALICE, taken_at=NOON)
CLOSED = replace(finding(), state=State.RESOLVED)
VIEWER, RESPONDER, LEAD = (
    {deed for deed, needed in NEEDS.items() if role >= needed} for role in (Role.VIEWER, Role.RESPONDER, Role.LEAD)
)


@pytest.mark.parametrize(
    ("may", "whose", "offered"),
    [
        (LEAD, finding(), ["Comment…", "Assign…"]),
        (LEAD, HELD, ["Comment…", "Assign…"]),
        (RESPONDER, finding(), ["Comment…", "Take it…"]),
        (RESPONDER, replace(HELD, owner=BOB), ["Comment…", "Take it…"]),
        (RESPONDER, HELD, ["Comment…"]),
        (RESPONDER, CLOSED, ["Comment…"]),
        (VIEWER, finding(), []),
    ],
    ids=["lead", "lead who holds it", "responder", "held by another", "held by themselves", "resolved", "viewer"],
)
def test_the_modal_offers_what_its_viewer_may(may: set[Deed], whose: Finding, offered: list[str]) -> None:
    view = details.view(about(finding=whose, viewer=ALICE, may=may), PLACE)
    buttons = [button["text"]["text"] for button in _elements(view["blocks"], "button")]

    assert [label for label in buttons if label.startswith(("Comment", "Assign", "Take"))] == offered
    assert check_view(view, "modal") == []


def test_the_answer_to_show_offers_to_say_the_same_again() -> None:
    assert "Same again: benign" in str(details.message(about(seen_before=said())))


def test_techniques_and_references_lead_where_they_should() -> None:
    links = {link["text"]: link["url"] for link in _elements(details.view(about(), PLACE)["blocks"], "link")}

    assert links == {
        "T1098": "https://attack.mitre.org/techniques/T1098/",
        "T1546.003": "https://attack.mitre.org/techniques/T1546/003/",
        "TA0003": "https://attack.mitre.org/tactics/TA0003/",
        "https://docs.example/AddPermission": "https://docs.example/AddPermission",
    }


REMOVE = "aws lambda remove-permission --function-name"


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({}, f"{REMOVE} pay --statement-id s1 --region eu-west-1"),
        ({"qualifier": "live"}, f"{REMOVE} pay --statement-id s1 --qualifier live --region eu-west-1"),
        ({"statement_id": "a'; rm -rf /"}, f"{REMOVE} pay --statement-id 'a'\"'\"'; rm -rf /' --region eu-west-1"),
        ({"statement_id": None}, "Statement id is not recorded."),
        ({"statement_id": "a\nb"}, "Statement id holds characters that cannot be seen, such as a line break."),
        ({"function": "--debug"}, "Function begins with a dash"),
        ({"function": "file:///etc/passwd"}, "Function reads as a file or an address"),
        ({"function": "x" * 3_000}, "Function makes the command too long"),
        ({"function": "p\u0430y"}, "It holds letters that look like others, in Function."),
        ({"outcome": "attempted"}, "The attempt was refused: there is nothing to take back."),
        ({"revoked_at": "2026-03-04T12:00:00Z"}, "It was taken back already"),
    ],
)
def test_the_command_is_exact_or_it_is_said_why_there_is_none(columns: Mapping[str, Value], says: str) -> None:
    known = about(columns)
    told = shown(known)

    assert says in told
    assert (REMOVE in told) == bool(boxes(known))


def test_a_long_value_is_cut_with_a_mark_and_shown_whole_on_demand() -> None:
    arn = "arn:aws:s3:::" + "b" * 40_000 + "\u202e-end"
    known = about({"source_arn": arn})

    assert "…[39," in shown(known)
    (button,) = (
        b for b in _elements(details.view(known, PLACE)["blocks"], "button") if actions.SHOW_ALL in b["action_id"]
    )
    assert button["text"]["text"] == "Show all of source_arn"
    what = button["value"].split(":")[1]
    pages = [details.whole_value(known, PLACE, what, page) for page in (1, 2)]
    assert [check_view(page, "modal") for page in pages] == [[], []]
    whole = "".join(read(e) for page in pages for e in _elements(page["blocks"], "rich_text_preformatted"))
    assert whole == arn.replace("\u202e", r"\u{202e}")
    assert "Page 2 of 2" in read(pages[1]["blocks"])


def test_a_long_raw_event_is_cut_with_a_mark_and_shown_whole_on_demand() -> None:
    raw = json.dumps({f"key{number}": "value" for number in range(2_000)}, indent=2)
    known = about(raw=RawEvent(raw, is_original=False))

    assert "more]" in boxes(known)[-1]
    whole = [details.whole_value(known, PLACE, details.RAW, page) for page in (1, 2, 3)]
    assert "".join(read(e) for v in whole for e in _elements(v["blocks"], "rich_text_preformatted")).startswith(raw)


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "The logs are being asked for it…"),
        (NoRawEvent("The logs hold it no longer"), "The logs hold it no longer"),
        (NoRawEvent("The logs could not be asked for it.", "down <!here>"), "asked for it. down <!here>"),
    ],
)
def test_where_there_is_no_raw_event_it_says_so(raw: NoRawEvent | None, says: str) -> None:
    assert says in shown(about(raw=raw))


def test_a_token_is_in_no_view() -> None:
    known = about({"event_source_token": "hunter2", "request": "{eventSourceToken=hunter2, a=b}"})

    assert "hunter2" not in json.dumps(details.view(known, PLACE))
    columns = list(known.finding.face.columns)
    for name in ("event_source_token", "request"):
        assert "hunter2" not in json.dumps(details.whole_value(known, PLACE, str(columns.index(name))))


def test_what_one_view_can_not_hold_is_on_further_pages() -> None:
    known = about({f"x.{n}": f"v{n}" + "y" * 900 for n in range(300)}, history=[event(Move.ACKNOWLEDGE)] * 400)

    pages = [details.view(known, PLACE, page) for page in range(1, 4)]
    assert all(check_view(page, "modal") == [] for page in pages)
    assert all(len(json.dumps(page)) < 250_000 for page in pages)
    assert all(any(f"x.{n}  v{n}y" in read(page["blocks"]) for page in pages) for n in range(300))
    turning = [b["text"]["text"] for b in _elements(pages[1]["blocks"], "button")]
    assert turning == ["Earlier page", "Next page"]
    assert details.view(known, PLACE, 99) == details.view(known, PLACE, 3)


def test_the_view_carries_where_it_was_opened_and_about_what() -> None:
    view = details.view(about(), PLACE)

    assert Carried.unpacked(str(view["private_metadata"])) == Carried(FindingId(42), PLACE)


def test_a_message_says_the_same_as_far_as_it_goes() -> None:
    known = about({f"x.{n}": "y" * 900 for n in range(60)}, raw=RawEvent("{}", is_original=True))

    blocks = list(details.message(known))
    assert check_message_blocks(blocks) == []
    assert "Something was left out here" in read(blocks)
    assert "aws lambda remove-permission" in read(blocks)


@pytest.mark.parametrize(
    ("forgotten", "says"),
    [
        (Forgotten(), "Events  showing 1 of 1\n"),
        (Forgotten(1, 1, 0, NOON), "Events  showing 1 of 2 (1 older one kept no longer)\n"),
        (Forgotten(1200, 1, 0, NOON), "Events  showing 1 of 1,201 (1,200 older ones kept no longer)\n"),
    ],
)
def test_events_that_were_purged_are_counted_and_said(forgotten: Forgotten, says: str) -> None:
    face: Hit = hit()
    assert says in shown(about(finding=replace(finding(face=face), forgotten=forgotten)))
