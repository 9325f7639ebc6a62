"""Whether a person may: asked of Slack once, believed for a while, and closed wherever it does not say."""

import asyncio
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain import access
from bot.domain.access import Deed, Membership, Person, Role, Roster
from bot.domain.responder import ChannelId, UserId
from bot.errors import (
    OutcomeUnknown,
    RateLimited,
    Refused,
    RouteBroken,
    TokenRefused,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.services import AccessService
from tests.stand_ins import KnownPeople, ManualClock, member

ANNA, BEN, HUNTS = UserId("U0ANNA"), UserId("U0BEN"), ChannelId("C1")
GROUP = "S1RESPOND"
BY_GROUP = Roster(viewers=frozenset({BEN}), responders=frozenset({GROUP}), leads=frozenset({"S2LEADS"}))
DOWN = WorkspaceUnavailable("ClientConnectorError")


def people(
    persons: Mapping[str, Person] | None = None,
    shared: Collection[str] = (),
    faults: Mapping[str, Exception] | None = None,
    takes_s: float = 0.0,
) -> KnownPeople:
    groups = {GROUP: frozenset({ANNA}), "S2LEADS": frozenset[UserId]()}
    return KnownPeople("T1", dict(persons or {}), groups, set(shared), dict(faults or {}), takes_s=takes_s)


async def refusal(
    service: AccessService,
    user: UserId = ANNA,
    deed: Deed = Deed.TRIAGE,
    channel: ChannelId | None = HUNTS,
    team: str | None = "T1",
) -> str:
    """The sentence for whoever is turned away; nothing for whoever is let in."""
    try:
        await service.admit(user, deed, channel, team)
    except Refused as refused:
        return str(refused)
    return ""


async def test_without_lists_every_full_member_is_a_lead() -> None:
    service = AccessService(people(), Roster(), ManualClock())

    assert [deed for deed in Deed if await refusal(service, deed=deed)] == []
    assert await service.role_of(ANNA) is Role.LEAD


async def test_whoever_is_let_in_is_told_of_with_their_zone() -> None:
    service = AccessService(people(persons={ANNA: member(ANNA, "Asia/Amman")}), Roster(), ManualClock())

    assert (await service.admit(ANNA, Deed.LOOK, HUNTS, "T1")).timezone == ZoneInfo("Asia/Amman")
    known = await service.person(ANNA)
    assert known is not None
    assert known.timezone == ZoneInfo("Asia/Amman")


@pytest.mark.parametrize(
    ("user", "deed", "role"),
    [(ANNA, Deed.BULK, Role.RESPONDER), (BEN, Deed.TRIAGE, Role.VIEWER), (UserId("U0CARL"), Deed.LOOK, None)],
)
async def test_who_lacks_the_role_is_told_which_it_is(user: UserId, deed: Deed, role: Role | None) -> None:
    service = AccessService(people(), BY_GROUP, ManualClock())

    assert await refusal(service, user, deed) == access.lacking(deed, role)
    assert await service.role_of(user) is role


@pytest.mark.parametrize("membership", [m for m in Membership if m is not Membership.MEMBER])
async def test_no_list_helps_whoever_is_no_full_member(membership: Membership) -> None:
    stranger = replace(member(ANNA), membership=membership)
    service = AccessService(people(persons={ANNA: stranger}), Roster(leads=frozenset({ANNA})), ManualClock())

    assert await refusal(service, deed=Deed.LOOK) == access.turned_away(membership)
    assert await service.role_of(ANNA) is None


@pytest.mark.parametrize("team", ["T2", None, ""])
async def test_a_payload_that_names_another_workspace_is_turned_away(team: str | None) -> None:
    service = AccessService(people(), Roster(), ManualClock())

    assert await refusal(service, team=team) == access.turned_away(Membership.FOREIGN)


@pytest.mark.parametrize(
    ("known", "sentence"),
    [
        (people(shared={HUNTS}), access.SHARED),
        (people(faults={HUNTS: RouteBroken("channel_not_found")}), access.UNSEEN),
        (people(faults={HUNTS: OutcomeUnknown("http_500")}), access.silent(access.CHANNEL)),
    ],
    ids=["shared", "not to be seen", "not told"],
)
async def test_where_others_may_read_along_nothing_is_done(known: KnownPeople, sentence: str) -> None:
    service = AccessService(known, Roster(), ManualClock())

    assert await refusal(service) == sentence
    assert await refusal(service, channel=None) == ""


@pytest.mark.parametrize("fault", [DOWN, RateLimited("ratelimited", 30), RouteBroken("user_not_found")], ids=repr)
async def test_who_slack_does_not_say_is_nobody(fault: WorkspaceError) -> None:
    service = AccessService(people(faults={ANNA: fault}), Roster(), ManualClock())

    assert await refusal(service) == access.silent(access.WHO)
    assert await service.role_of(ANNA) is None
    assert await service.person(ANNA) is None


async def test_a_group_that_slack_does_not_tell_of_gives_no_role_and_takes_none() -> None:
    known = people(faults={GROUP: RouteBroken("plan_upgrade_required")})
    service = AccessService(known, BY_GROUP, ManualClock())

    assert await refusal(service, ANNA, Deed.TRIAGE) == access.silent(access.GROUPS)
    assert await refusal(service, ANNA, Deed.BULK) == access.lacking(Deed.BULK, None)
    assert await refusal(service, BEN, Deed.LOOK) == ""


async def test_groups_are_not_asked_for_whoever_is_named_a_lead() -> None:
    known = people()
    service = AccessService(known, replace(BY_GROUP, leads=frozenset({ANNA})), ManualClock())

    assert await refusal(service, deed=Deed.BULK) == ""
    assert known.asked[GROUP] == 0


async def test_two_hundred_at_once_make_one_call_for_each_person_group_and_channel() -> None:
    known = people(takes_s=0.02)
    service = AccessService(known, BY_GROUP, ManualClock())

    refused = await asyncio.gather(*(refusal(service, user) for user in [ANNA, BEN] * 100))

    assert refused == ["", access.lacking(Deed.TRIAGE, Role.VIEWER)] * 100
    assert known.asked == {ANNA: 1, BEN: 1, GROUP: 1, "S2LEADS": 1, HUNTS: 1}


async def test_an_answer_is_believed_for_five_minutes() -> None:
    clock, known = ManualClock(), people()
    service = AccessService(known, BY_GROUP, clock)
    assert await refusal(service) == ""
    known.groups[GROUP] = frozenset()

    clock.advance(timedelta(minutes=4, seconds=59))
    assert await refusal(service) == ""
    clock.advance(timedelta(seconds=1))
    assert await refusal(service) == access.lacking(Deed.TRIAGE, None)


async def test_while_slack_is_down_it_is_believed_for_fifteen() -> None:
    clock, known = ManualClock(), people()
    service = AccessService(known, BY_GROUP, clock)
    assert await refusal(service) == ""
    known.faults = dict.fromkeys([ANNA, GROUP, "S2LEADS", HUNTS], DOWN)

    clock.advance(timedelta(minutes=14, seconds=59))
    assert await refusal(service) == ""
    asked = known.asked[ANNA]
    assert await refusal(service) == ""
    assert known.asked[ANNA] == asked  # a Slack that is down is not asked at every press

    clock.advance(timedelta(seconds=1))
    assert await refusal(service) == access.silent(access.WHO)
    known.faults = {}
    assert await refusal(service) == ""


@pytest.mark.parametrize("fault", [RouteBroken("user_not_found"), TokenRefused("token_revoked")], ids=repr)
async def test_a_clear_no_is_believed_at_once(fault: WorkspaceError) -> None:
    clock, known = ManualClock(), people()
    service = AccessService(known, Roster(), clock)
    assert await refusal(service) == ""
    known.faults = {ANNA: fault}

    clock.advance(timedelta(minutes=5))
    assert await refusal(service) == access.silent(access.WHO)
    known.faults = {ANNA: DOWN}
    assert await refusal(service) == access.silent(access.WHO)


async def test_a_clock_that_was_set_back_makes_nothing_last_longer() -> None:
    clock, known = ManualClock(), people()
    service = AccessService(known, Roster(), clock)
    assert await refusal(service) == ""
    known.faults = {ANNA: DOWN}

    clock.advance(timedelta(hours=-1))
    assert await refusal(service) == access.silent(access.WHO)


async def test_a_slow_slack_holds_nobody_up_and_its_answer_is_kept_for_the_next_try() -> None:
    known = people(takes_s=0.3)
    service = AccessService(known, Roster(), ManualClock(), patience_s=0.01)

    assert await refusal(service) == access.silent(access.WHO)  # so it was not waited for

    async with asyncio.timeout(10):
        while await refusal(service):
            pass
    assert known.asked[ANNA] == 1


async def test_what_fails_after_everybody_left_is_no_complaint() -> None:
    known = people(takes_s=0.02, faults={ANNA: DOWN})
    service = AccessService(known, Roster(), ManualClock(), patience_s=0.001)

    assert await refusal(service) == access.silent(access.WHO)
    await asyncio.sleep(0.05)
    assert known.asked[ANNA] == 1


async def test_an_answer_that_came_while_the_process_was_busy_counts() -> None:
    known = people(takes_s=0.02)
    service = AccessService(known, Roster(), ManualClock(), patience_s=0.05)
    asked = asyncio.create_task(refusal(service))
    await asyncio.sleep(0)
    time.sleep(0.1)  # noqa: ASYNC251 - a loop that is busy is what this is about

    assert await asked == ""
