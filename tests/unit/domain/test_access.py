"""Who may do what: the table of roles and deeds, and what the lists make of a person."""

from collections.abc import Collection, Mapping

import pytest

from bot.domain import access
from bot.domain.access import NEEDS, Deed, Held, Membership, Person, Role, Roster
from bot.domain.responder import UserId

ANNA, BEN = UserId("U0ANNA"), UserId("W0BEN")
VIEWER, RESPONDER, LEAD = Role.VIEWER, Role.RESPONDER, Role.LEAD


@pytest.mark.parametrize(
    ("deed", "may"),
    [
        (Deed.LOOK, {VIEWER, RESPONDER, LEAD}),
        (Deed.HUNT, {RESPONDER, LEAD}),
        (Deed.TRIAGE, {RESPONDER, LEAD}),
        (Deed.EXPORT, {RESPONDER, LEAD}),
        (Deed.BULK, {LEAD}),
        (Deed.ASSIGN, {LEAD}),
        (Deed.DIGEST, {LEAD}),
    ],
)
def test_each_deed_needs_a_role_and_whoever_is_above_it_may_too(deed: Deed, may: set[Role]) -> None:
    assert {role for role in Role if Held(role).suffices(deed)} == may
    assert not Held(None).suffices(deed)


def test_every_deed_needs_some_role() -> None:
    assert set(NEEDS) == set(Deed)


@pytest.mark.parametrize(
    ("roster", "members", "held"),
    [
        (Roster(), {}, Held(LEAD)),
        (Roster(viewers=frozenset({ANNA})), {}, Held(VIEWER)),
        (Roster(responders=frozenset({ANNA}), viewers=frozenset({ANNA})), {}, Held(RESPONDER)),
        (Roster(leads=frozenset({"S1LEADS"})), {"S1LEADS": {ANNA}}, Held(LEAD)),
        # As soon as one list names anybody, whoever is on none has no role.
        (Roster(leads=frozenset({BEN})), {}, Held(None)),
        (Roster(viewers=frozenset({"S1LOOK"})), {"S1LOOK": {BEN}}, Held(None)),
        # What Slack does not say is kept apart from what is known.
        (Roster(leads=frozenset({"S1LEADS"})), {"S1LEADS": None}, Held(None, perhaps=LEAD)),
        (
            Roster(responders=frozenset({ANNA}), leads=frozenset({"S1LEADS"})),
            {"S1LEADS": None},
            Held(RESPONDER, perhaps=LEAD),
        ),
        (
            Roster(viewers=frozenset({"S1LOOK"}), leads=frozenset({"S1LEADS", ANNA})),
            {"S1LOOK": None, "S1LEADS": {BEN}},
            Held(LEAD, perhaps=VIEWER),
        ),
    ],
)
def test_the_lists_give_the_highest_role_that_is_certain(
    roster: Roster, members: Mapping[str, Collection[UserId] | None], held: Held
) -> None:
    assert roster.held_by(ANNA, members) == held


def test_only_groups_are_asked_about() -> None:
    roster = Roster(frozenset({"U1", "S1LOOK"}), frozenset({"W2"}), frozenset({"S2LEADS"}))

    assert roster.groups == {"S1LOOK", "S2LEADS"}
    assert not roster.is_open


@pytest.mark.parametrize("membership", [m for m in Membership if m is not Membership.MEMBER])
def test_all_but_full_members_are_turned_away(membership: Membership) -> None:
    assert not Person(ANNA, membership).is_member
    said = f"huntbot takes no orders from {membership.value}. Ask a member of its workspace who may."
    assert access.turned_away(membership) == said


@pytest.mark.parametrize(
    ("deed", "role", "asked", "lacks"),
    [
        (Deed.TRIAGE, VIEWER, "triage a finding", "the role responder, and you are a viewer"),
        (Deed.LOOK, None, "look at findings", "the role viewer, and you have no role here"),
    ],
)
def test_a_refusal_says_what_was_asked_what_it_needs_and_who_gives_it(
    deed: Deed, role: Role | None, asked: str, lacks: str
) -> None:
    setting = f"HUNTBOT_{NEEDS[deed].name}S"
    assert access.lacking(deed, role) == (
        f"You asked to {asked}. That needs {lacks}. "
        f"Ask a {NEEDS[deed].word} to do it, or ask for the role: whoever runs huntbot gives it ({setting}), "
        "and whoever manages a user group named there."
    )
