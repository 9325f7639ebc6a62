"""Delivery: what comes where, and how it changes in place."""

from datetime import timedelta
from pathlib import Path

from bot.domain.escalation import Phase
from bot.domain.finding import FindingId
from bot.domain.message import (
    DigestPost,
    EscalationCall,
    FindingCard,
    HistoryNote,
    RunAnswer,
    RunProgress,
)
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, RunState, Trigger
from bot.domain.triage import Move, Resolution, State
from bot.errors import (
    LogSearchUnavailable,
    OutcomeUnknown,
)
from tests.examples import ANNA, BEN, GRANTS, SECURITY, asked, people, row, rows
from tests.house import answer_in, cards, kinds, open_house
from tests.stand_ins import ON_CALL, START, RecordingTarget

F1 = FindingId(1)
HOME = ChannelId("C-HOME")
OTHER = ChannelId("C-OTHER")
ONE = rows(row("alice", "e-1"))


async def test_a_placeholder_becomes_the_answer(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        run = await house.services.hunts.request(asked())
        assert run is not None
        await house.deliver()
        [placeholder] = house.slack.messages
        assert isinstance(placeholder.what, RunProgress)

        await house.services.hunts.work(run.id)
        await house.deliver()

        answer, card = house.slack.messages
        assert (answer.ts, answer.thread, card.thread) == (placeholder.ts, None, None)
    assert isinstance(answer.what, RunAnswer)
    assert isinstance(card.what, FindingCard)
    assert card.what.novelty is Novelty.BACKLOG
    assert [link.url for link in answer.what.links] == [f"https://slack.example/archives/{SECURITY}/p{card.ts}"]


async def test_many_findings_hang_in_the_thread_of_the_answer(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(8)) as house:
        await house.hunt()

        answer, *rest = house.slack.messages
        assert isinstance(answer.what, RunAnswer)
        assert (answer.what.in_thread, len(answer.what.links)) == (True, 8)
    assert (len(rest), {post.thread for post in rest}) == (8, {answer.ts})


async def test_known_findings_get_a_line_and_no_message(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.hunt(asked(at=START + timedelta(hours=1)))

        assert kinds(house.slack.messages) == {RunAnswer: 2, FindingCard: 1}


async def test_what_is_new_is_linked_however_many_known_ones_are_worse(tmp_path: Path) -> None:
    thirty = people(30)
    one_more = rows(*thirty.values, row("zoe", "e-zoe", severity="low"))
    async with open_house(tmp_path, thirty, one_more) as house:
        await house.hunt()
        await house.hunt(asked(at=START + timedelta(hours=1)))

        *_, answer = [post.what for post in house.slack.messages if isinstance(post.what, RunAnswer)]
    assert "F-31" in {link.finding_ref for link in answer.links}


async def test_every_heading_of_a_digest_has_its_links(tmp_path: Path) -> None:
    thirty = people(30)
    others = rows(*(row(f"q{n}", f"q-{n}") for n in range(30)))
    async with open_house(tmp_path, thirty, others) as house:
        await house.hunt(asked(Trigger.SCHEDULE, by=None))
        house.clock.advance(timedelta(days=1))
        await house.hunt(asked(Trigger.SCHEDULE, by=None, at=house.clock()))

        *_, digest = [post.what for post in house.slack.messages if isinstance(post.what, DigestPost)]
    linked = {link.finding_ref for link in digest.links}
    assert digest.digest.new.findings[0].ref in linked
    assert digest.digest.untouched.findings[0].ref in linked


async def test_a_failed_run_says_so_in_its_placeholder(tmp_path: Path) -> None:
    async with open_house(tmp_path, LogSearchUnavailable("down")) as house:
        await house.hunt()

        run = answer_in(house.slack).outcome.run
    assert run.state is RunState.FAILED
    assert "down" in (run.error or "")


async def test_a_press_redraws_the_card_and_tells_its_thread(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, ANNA)
        await house.deliver()

        _, card, note = house.slack.messages
    assert isinstance(card.what, FindingCard)
    assert isinstance(note.what, HistoryNote)
    assert (card.what.finding.owner, card.drawn) == (ANNA, 2)
    assert (note.what.event.by, note.thread) == (ANNA, card.ts)


async def test_many_changes_cost_one_redraw(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        for _ in range(5):
            await house.services.triage.press(F1, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
            await house.services.triage.press(F1, Move.REOPEN, ANNA)
        await house.deliver()

        [card] = house.slack.in_channel(SECURITY, FindingCard)
        assert card.drawn == 2


async def test_an_escalation_calls_the_people_on_call_once_with_a_way_back(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
        await house.services.triage.press(F1, Move.ESCALATE, BEN)
        house.slack.lost_answers.append(OutcomeUnknown("timeout"))
        await house.deliver()

        [call] = house.slack.in_channel(ON_CALL)
        [card] = house.slack.in_channel(SECURITY, FindingCard)
    assert isinstance(call.what, EscalationCall)
    assert (call.what.event.by, call.what.back and card.ts in call.what.back.url) == (ANNA, True)


async def test_the_call_in_the_escalation_channel_says_who_took_it_over(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE) as house:
        await house.hunt()
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
        await house.deliver()
        [call] = house.slack.in_channel(ON_CALL, EscalationCall)
        assert isinstance(call.what, EscalationCall)
        assert call.what.is_waiting
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, BEN)
        await house.deliver()

        [taken] = house.slack.in_channel(ON_CALL, EscalationCall)
    assert isinstance(taken.what, EscalationCall)
    assert (taken.ts, taken.drawn, taken.what.is_waiting) == (call.ts, 2, False)
    assert taken.what.finding.owner == BEN


async def test_a_target_is_told_of_an_escalation_and_of_what_becomes_of_it(tmp_path: Path) -> None:
    pager = RecordingTarget()
    async with open_house(tmp_path, ONE, targets=[pager]) as house:
        await house.hunt()
        pager.faults.append(OutcomeUnknown("timeout"))
        await house.services.triage.press(F1, Move.ESCALATE, ANNA)
        await house.services.triage.press(F1, Move.ACKNOWLEDGE, BEN)
        await house.services.triage.press(F1, Move.RESOLVE, BEN, resolution=Resolution.MALICIOUS)
        await house.deliver()

    assert [(ref, phase) for ref, phase, _ in pager.told] == [("F-1", phase) for phase in Phase]
    assert len({mark for *_, mark in pager.told}) == 3


async def test_what_came_back_is_posted_anew_and_the_two_cards_link_to_each_other(tmp_path: Path) -> None:
    back = rows(row("alice", "e-1"), row("alice", "e-2", at=START + timedelta(hours=2)))
    async with open_house(tmp_path, ONE, back) as house:
        await house.hunt(asked(channel=OTHER))
        await house.services.triage.press(F1, Move.RESOLVE, ANNA, resolution=Resolution.BENIGN)
        house.clock.advance(timedelta(hours=3))
        await house.hunt()

        old, new = house.slack.in_channel(OTHER, FindingCard)
        [here] = house.slack.in_channel(SECURITY, FindingCard)
        assert isinstance(old.what, FindingCard)
        assert isinstance(new.what, FindingCard)
        assert isinstance(here.what, FindingCard)
    assert (old.what.is_retired, new.what.is_retired, here.what.is_retired) == (True, False, False)
    assert old.what.later is not None
    assert new.ts in old.what.later.url
    assert [card.earlier and old.ts in card.earlier.url for card in (new.what, here.what)] == [True, True]
    assert (new.what.novelty, new.what.finding.state) == (Novelty.RECURRED, State.OPEN)
    assert kinds(house.slack.in_channel(OTHER))[HistoryNote] == 2


async def test_a_private_run_answers_one_person_and_its_cards_go_home(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, homes={GRANTS.slug: HOME}) as house:
        await house.hunt(asked(is_private=True))

        [(channel, user, answer)] = house.slack.whispers
        assert (channel, user, type(answer)) == (SECURITY, ANNA, RunAnswer)
        assert kinds(house.slack.messages) == {FindingCard: 1}
        assert len(cards(house.slack, HOME)) == 1


async def test_a_channel_that_refuses_the_bot_makes_the_answer_private(tmp_path: Path) -> None:
    async with open_house(tmp_path, ONE, ONE, homes={GRANTS.slug: HOME}) as house:
        house.slack.broken.add(SECURITY)
        await house.hunt()
        assert [(user, type(answer)) for _, user, answer in house.slack.whispers] == [(ANNA, RunAnswer)]

        await house.hunt(asked(channel=OTHER))
        assert len(cards(house.slack, OTHER)) == 1  # not lost: the next public run posts it


async def test_a_digest_links_to_the_cards_it_names(tmp_path: Path) -> None:
    async with open_house(tmp_path, people(2)) as house:
        await house.hunt(asked(Trigger.DIGEST))

        [digest] = [post.what for post in house.slack.messages if isinstance(post.what, DigestPost)]
    assert {link.finding_ref for link in digest.links} == {"F-1", "F-2"}
