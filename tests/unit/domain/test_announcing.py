"""Which messages a run or a press owes to Slack."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.announcing import (
    FEW,
    News,
    announce_end,
    announce_press,
    announce_request,
    announce_run,
    announce_wake,
    answer,
)
from bot.domain.escalation import NOBODY, OnCall, TargetName, route_of
from bot.domain.finding import Finding, FindingId, press, wake
from bot.domain.intent import Intent, IntentKey, Kind, Progress
from bot.domain.responder import ChannelId, MessageTs
from bot.domain.run import Novelty, RunId, RunRequest, Trigger
from bot.domain.triage import AuditEvent, EventId, Move, Press, Resolution
from tests.examples import ANNA, SECURITY, asked, finding, hit, run
from tests.stand_ins import ON_CALL, START

OTHER = ChannelId("C-OTHER")
HOME = ChannelId("C-HOME")
PAGER, HOOK = TargetName("pagerduty"), TargetName("webhook")
PRIVATE = asked(is_private=True)


def news(novelty: Novelty, count: int = 1, *, first: int = 1, events: tuple[int, ...] = ()) -> list[News]:
    return [
        News(finding([hit(principal=f"p{n}")], number=n), novelty, tuple(EventId(e) for e in events))
        for n in range(first, first + count)
    ]


def card(
    number: int, channel: ChannelId = SECURITY, *, progress: Progress = Progress.ALIVE, thread: str | None = None
) -> Intent:
    return Intent(
        key=IntentKey(f"old:{number}:{channel}"),
        kind=Kind.FINDING,
        channel=channel,
        created_at=START,
        finding=FindingId(number),
        thread_of=None if thread is None else IntentKey(thread),
        progress=progress,
        ts=MessageTs("1.1"),
        drawn=1,
    )


def escalation(number: int = 1, channel: ChannelId = ON_CALL, *, progress: Progress = Progress.ALIVE) -> Intent:
    return replace(card(number, channel, progress=progress), key=IntentKey(f"call:{channel}"), kind=Kind.ESCALATION)


def called(*targets: TargetName) -> list[Intent]:
    return [replace(card(1, route_of(target)), key=IntentKey(f"call:{target}"), kind=Kind.CALL) for target in targets]


def cards(*stored: Intent) -> Mapping[FindingId, Sequence[Intent]]:
    return {FindingId(n): [c for c in stored if c.finding == n] for n in {c.finding for c in stored if c.finding}}


def posted(intents: Sequence[Intent], kind: Kind = Kind.FINDING) -> list[tuple[int | None, str]]:
    return [(intent.finding, intent.channel) for intent in intents if intent.kind is kind]


@pytest.mark.parametrize(
    ("request_", "kind", "wanted", "only_for"),
    [
        (asked(), Kind.RUN, 1, None),
        (asked(Trigger.DIGEST), Kind.DIGEST, 1, None),
        (asked(Trigger.SCHEDULE, by=None), Kind.DIGEST, 0, None),
        (PRIVATE, Kind.RUN, 0, ANNA),
    ],
    ids=["typed", "a digest asked for", "a digest by the clock waits", "a private answer waits"],
)
def test_a_run_begins_its_answer(request_: RunRequest, kind: Kind, wanted: int, only_for: str | None) -> None:
    intent = answer(run(request_))

    assert intent is not None
    assert (intent.kind, intent.channel, intent.wanted, intent.only_for) == (kind, SECURITY, wanted, only_for)


def test_a_run_that_nobody_asked_for_in_slack_has_no_answer() -> None:
    assert answer(run(asked(channel=None))) is None


@pytest.mark.parametrize("novelty", [Novelty.NEW, Novelty.BACKLOG])
def test_a_few_new_findings_stand_in_the_channel(novelty: Novelty) -> None:
    owed = announce_run(run(), news(novelty, FEW), {}, HOME)

    assert posted(owed.post) == [(n, SECURITY) for n in range(1, FEW + 1)]
    assert {intent.thread_of for intent in owed.post} == {None}
    assert owed.redraw == ("run:7:C-SECURITY",)


def test_many_hang_in_the_thread_of_the_answer() -> None:
    owed = announce_run(run(), news(Novelty.NEW, FEW + 1), {}, HOME)

    assert len(owed.post) == FEW + 1
    assert {intent.thread_of for intent in owed.post} == {"run:7:C-SECURITY"}


def test_a_private_runs_cards_go_home_and_its_answer_stays_private() -> None:
    owed = announce_run(run(PRIVATE), news(Novelty.NEW), {}, HOME)

    assert posted(owed.post) == [(1, HOME)]
    assert owed.redraw == ("run:7:C-SECURITY",)


def test_many_cards_at_home_get_a_parent_there() -> None:
    parent, *rest = announce_run(run(PRIVATE), news(Novelty.NEW, FEW + 1), {}, HOME).post

    assert (parent.kind, parent.channel, parent.only_for) == (Kind.RUN, HOME, None)
    assert {intent.thread_of for intent in rest} == {parent.key}


def test_many_cards_at_home_never_hang_under_an_answer_that_only_one_person_sees() -> None:
    at_home = asked(is_private=True, channel=HOME)

    parent, *rest = announce_run(run(at_home), news(Novelty.NEW, FEW + 1), {}, HOME).post

    private = answer(run(at_home))
    assert private is not None
    assert parent.key != private.key
    assert {intent.thread_of for intent in rest} == {parent.key}


def test_without_a_home_a_private_run_only_lists_what_it_found() -> None:
    assert announce_run(run(PRIVATE), news(Novelty.NEW), {}, None).post == ()


def test_a_known_finding_gets_no_second_message_and_is_redrawn_where_it_stands() -> None:
    owed = announce_run(run(), news(Novelty.KNOWN), cards(card(1, OTHER)), HOME)

    assert (owed.post, owed.retire) == ((), ())
    assert owed.redraw == ("run:7:C-SECURITY", "old:1:C-OTHER")


def test_a_known_finding_that_shows_nothing_new_is_left_alone() -> None:
    [item] = news(Novelty.KNOWN)

    owed = announce_run(run(), [replace(item, is_changed=False)], cards(card(1)), HOME)

    assert owed.redraw == ("run:7:C-SECURITY",)


@pytest.mark.parametrize(
    "dead", [(), (card(1, progress=Progress.BROKEN),)], ids=["never posted", "its channel is gone"]
)
def test_an_open_finding_that_stands_nowhere_is_posted_at_last(dead: tuple[Intent, ...]) -> None:
    assert posted(announce_run(run(), news(Novelty.KNOWN), cards(*dead), HOME).post) == [(1, SECURITY)]


def test_a_resolved_finding_that_stands_nowhere_stays_so() -> None:
    closed, _ = press(finding(), Press(Move.RESOLVE, ANNA, START, resolution=Resolution.BENIGN))

    assert announce_run(run(), [News(closed, Novelty.KNOWN)], {}, HOME).post == ()


@pytest.mark.parametrize("novelty", [Novelty.RECURRED, Novelty.WORSENED])
def test_what_came_back_is_posted_anew_wherever_it_stood_and_the_old_ones_retire(novelty: Novelty) -> None:
    old = cards(card(1, OTHER), card(1, HOME, progress=Progress.RETIRED))

    owed = announce_run(run(), news(novelty, events=(90,)), old, HOME)

    assert posted(owed.post) == [(1, OTHER), (1, SECURITY)]
    assert owed.retire == ("old:1:C-OTHER",)
    assert owed.redraw == ("run:7:C-SECURITY",)
    assert posted(owed.post, Kind.NOTE) == [(1, OTHER)]


def test_a_revocation_is_noted_in_the_thread() -> None:
    owed = announce_run(run(), news(Novelty.KNOWN, events=(90,)), cards(card(1, thread="run:3:C-SECURITY")), HOME)

    [note] = owed.post
    assert (note.kind, note.event, note.thread_of) == (Kind.NOTE, 90, "run:3:C-SECURITY")


def test_a_press_redraws_every_card_and_notes_it_in_each_thread() -> None:
    after, event = press(finding(), Press(Move.ACKNOWLEDGE, ANNA, START))
    stored = [card(1), card(1, OTHER), card(1, HOME, progress=Progress.RETIRED)]

    owed = announce_press(after, event, EventId(4), stored, OnCall(ON_CALL))

    assert owed.redraw == ("old:1:C-SECURITY", "old:1:C-OTHER")
    assert [(i.kind, i.thread_of) for i in owed.post] == [(Kind.NOTE, key) for key in owed.redraw]


def escalated(at: datetime = START) -> tuple[Finding, AuditEvent]:
    return press(finding(), Press(Move.ESCALATE, ANNA, at))


EVERYBODY = OnCall(ON_CALL, (PAGER, HOOK))


@pytest.mark.parametrize(
    ("on_call", "owed", "calls"),
    [
        (OnCall(ON_CALL), [(1, ON_CALL)], []),
        (EVERYBODY, [(1, ON_CALL)], [(1, "target:pagerduty"), (1, "target:webhook")]),
        (OnCall(None, (PAGER,)), [], [(1, "target:pagerduty")]),
        (NOBODY, [], []),
    ],
)
def test_escalating_calls_the_people_on_call_if_there_are_any(
    on_call: OnCall, owed: list[tuple[int, str]], calls: list[tuple[int, str]]
) -> None:
    posts = announce_press(*escalated(), EventId(4), [card(1)], on_call).post

    assert posted(posts, Kind.ESCALATION) == owed
    assert posted(posts, Kind.CALL) == calls


def test_an_escalations_message_is_redrawn_like_a_card_and_its_thread_left_alone() -> None:
    after, event = press(escalated()[0], Press(Move.ACKNOWLEDGE, ANNA, START))

    owed = announce_press(after, event, EventId(5), [card(1), escalation()], EVERYBODY)

    assert owed.redraw == ("old:1:C-SECURITY", "call:C-ONCALL")
    assert (posted(owed.post, Kind.NOTE), owed.retire) == ([(1, SECURITY)], ())


def test_the_next_escalation_takes_the_place_of_the_one_before() -> None:
    stored = [card(1), escalation(channel=OTHER, progress=Progress.RETIRED), escalation()]

    owed = announce_press(*escalated(), EventId(9), stored, EVERYBODY)

    assert (owed.redraw, owed.retire) == (("old:1:C-SECURITY",), ("call:C-ONCALL",))
    assert posted(owed.post, Kind.ESCALATION) == [(1, ON_CALL)]


def test_where_no_channel_is_left_to_take_its_place_it_stays() -> None:
    owed = announce_press(*escalated(), EventId(9), [escalation()], NOBODY)

    assert (owed.post, owed.redraw, owed.retire) == ((), ("call:C-ONCALL",), ())


@pytest.mark.parametrize(
    ("move", "heard"),
    [
        (Move.ACKNOWLEDGE, ["target:webhook"]),
        (Move.RESOLVE, ["target:webhook"]),
        (Move.SNOOZE, []),
    ],
)
def test_whoever_was_called_hears_how_it_goes_on_and_nobody_else(move: Move, heard: list[str]) -> None:
    asked_for = Press(
        *(move, ANNA, START),
        resolution=Resolution.BENIGN if move is Move.RESOLVE else None,
        until=START + timedelta(hours=1) if move is Move.SNOOZE else None,
    )
    after, event = press(finding(), asked_for)

    owed = announce_press(after, event, EventId(5), [card(1), *called(HOOK)], EVERYBODY)

    assert [channel for _, channel in posted(owed.post, Kind.CALL)] == heard


@pytest.mark.parametrize("novelty", [Novelty.RECURRED, Novelty.WORSENED, Novelty.KNOWN])
def test_the_people_on_call_read_what_no_press_did(novelty: Novelty) -> None:
    owed = announce_run(run(), news(novelty, events=(90,)), cards(card(1), escalation()), HOME)

    assert "call:C-ONCALL" in owed.redraw
    assert "call:C-ONCALL" not in owed.retire
    threads = {intent.channel: intent.thread_of for intent in owed.post if intent.kind is Kind.NOTE}
    assert threads == {SECURITY: "old:1:C-SECURITY", ON_CALL: "call:C-ONCALL"}


def test_where_card_and_escalation_stand_in_one_channel_it_is_said_once() -> None:
    owed = announce_run(run(), news(Novelty.KNOWN, events=(90,)), cards(escalation(channel=SECURITY), card(1)), HOME)

    assert [intent.thread_of for intent in owed.post if intent.kind is Kind.NOTE] == ["old:1:C-SECURITY"]


def woken() -> tuple[Finding, AuditEvent]:
    asleep, _ = press(finding(), Press(Move.SNOOZE, ANNA, START, until=START + timedelta(hours=1)))
    return wake(asleep, START + timedelta(hours=1))


def test_what_wakes_is_posted_anew_wherever_it_stood_and_the_old_ones_retire() -> None:
    stored = [card(1), card(1, OTHER), card(1, HOME, progress=Progress.RETIRED), escalation()]
    stored = [replace(message, run=RunId(3)) for message in stored]

    owed = announce_wake(*woken(), EventId(6), stored)

    anew = [intent for intent in owed.post if intent.kind is Kind.FINDING]
    assert [(intent.channel, intent.run, intent.event, intent.thread_of) for intent in anew] == [
        (SECURITY, 3, 6, None),
        (OTHER, 3, 6, None),
    ]
    assert owed.retire == ("old:1:C-SECURITY", "old:1:C-OTHER")
    assert owed.redraw == ("call:C-ONCALL",)
    assert posted(owed.post, Kind.NOTE) == [(1, ON_CALL), (1, SECURITY), (1, OTHER)]


def test_what_wakes_and_stands_nowhere_is_posted_where_it_stood_last() -> None:
    gone = [card(1, HOME, progress=Progress.RETIRED), card(1, OTHER, progress=Progress.BROKEN), *called(PAGER)]

    assert posted(announce_wake(*woken(), EventId(6), gone).post) == [(1, OTHER)]
    assert announce_wake(*woken(), EventId(6), []).post == ()


def test_every_intent_of_an_announcement_has_its_own_key() -> None:
    everything = [
        *news(Novelty.NEW, 8),
        *(n for i in (20, 21, 22) for n in news(Novelty.RECURRED, first=i, events=(i, i + 50))),
    ]
    owed = announce_run(run(), everything, cards(card(20), card(21), card(22, OTHER)), HOME)

    keys = [intent.key for intent in owed.post]
    assert len(keys) == len(set(keys))


# --- what is asked around one finding ---------------------------------------------------------------

PIVOT = replace(asked(Trigger.PIVOT), finding=FindingId(1), pivot="around")
CHECK = replace(asked(Trigger.CHECK, channel=None), finding=FindingId(1))
OWN = IntentKey(f"run:7:{SECURITY}")

HANGS = [
    ("under the card", [card(1)], f"old:1:{SECURITY}"),
    ("in the thread that the card hangs in", [card(1, thread="run:3:C")], "run:3:C"),
    ("under the live one of several", [card(1, progress=Progress.RETIRED), card(1)], f"old:1:{SECURITY}"),
    ("under a retired one, where none is alive", [card(1, progress=Progress.RETIRED)], f"old:1:{SECURITY}"),
    ("in the channel, where no card is there", [card(1, OTHER), escalation(channel=SECURITY)], None),
]


@pytest.mark.parametrize(("stored", "thread"), [row[1:] for row in HANGS], ids=[row[0] for row in HANGS])
def test_a_pivot_is_answered(stored: Sequence[Intent], thread: str | None) -> None:
    [posted_] = announce_request(run(PIVOT), stored).post

    assert (posted_.key, posted_.kind, posted_.finding, posted_.thread_of) == (OWN, Kind.RUN, FindingId(1), thread)


REQUESTS = [(asked(), 1), (asked(Trigger.DIGEST), 1), (asked(channel=None), 0), (CHECK, 0)]


@pytest.mark.parametrize(("request_", "messages"), REQUESTS)
def test_a_check_and_what_nobody_asked_in_slack_have_no_message(request_: RunRequest, messages: int) -> None:
    assert len(announce_request(run(request_), [card(1)]).post) == messages


ENDS = [
    ("a pivot draws its answer", PIVOT, [OWN]),
    ("a hunt draws its answer", asked(), [OWN]),
    ("a check draws the live cards", CHECK, [f"old:1:{SECURITY}", f"old:1:{OTHER}"]),
]


@pytest.mark.parametrize(("request_", "redrawn"), [row[1:] for row in ENDS], ids=[row[0] for row in ENDS])
def test_what_ends_is_drawn_where_it_is_waited_for(request_: RunRequest, redrawn: Sequence[str]) -> None:
    stored = [card(1), card(1, OTHER), card(1, ChannelId("C-OLD"), progress=Progress.RETIRED), escalation()]

    assert list(announce_end(run(request_), stored).redraw) == redrawn


def test_a_check_draws_the_cards_though_nothing_of_it_is_news() -> None:
    owed = announce_run(run(CHECK), [], cards(card(1), card(2)), HOME)

    assert (owed.post, list(owed.redraw), owed.retire) == ((), [f"old:1:{SECURITY}"], ())
