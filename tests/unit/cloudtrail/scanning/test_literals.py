"""What a requirement demands of bytes: little enough to be true of every record that fulfils it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from local.cloudtrail.scanning.literals import sought
from local.cloudtrail.scanning.probe import Clue
from local.wanted import ANYTHING, Both, Either, Has, Match, Requirement, Within

ACTION = Has("event.action", Match.EQUALS, "AddPermission")
REGION = Has("cloud.region", Match.EQUALS, "eu-central-1")


def texts(requirement: Requirement) -> list[list[bytes]]:
    return [[clue.text for clue in clause.clues] for clause in sought(requirement).clauses]


@pytest.mark.parametrize(
    ("has", "clue"),
    [
        (ACTION, Clue(b"AddPermission", begins=True, ends=True, keys=frozenset({b"eventName"}), depth=1)),
        (
            Has("event.action", Match.STARTS, "Add"),
            Clue(b"Add", begins=True, keys=frozenset({b"eventName"}), depth=1),
        ),
        (Has("event.action", Match.ENDS, "Permission"), Clue(b"Permission", ends=True)),
        (Has("event.action", Match.CONTAINS, "Permission"), Clue(b"Permission")),
        (
            Has("aws.cloudtrail.user_identity.arn", Match.STARTS, "arn:aws:iam::1/x"),
            Clue(b"arn:aws:iam::1", begins=True, keys=frozenset({b"arn"}), depth=2),
        ),
        (
            Has("user.name", Match.EQUALS, "alice"),
            Clue(b"alice", begins=True, ends=True, keys=frozenset({b"userName", b"UserName"})),
        ),
        (
            Has("user.name", Match.EQUALS, "Z\u00fcrich/Alice", ignores_case=True),
            Clue(b"alice", ends=True, ignores_case=True),
        ),
        (Has("aws.cloudtrail.request_parameters", Match.CONTAINS, "principal=*"), Clue(b"principal")),
        (Has("aws.cloudtrail.request_parameters", Match.STARTS, "{principal="), Clue(b"principal")),
        (Has("related.user", Match.EQUALS, "alice"), Clue(b"alice")),
        (Has("cloud.account.id", Match.EQUALS, "111122223333"), Clue(b"111122223333")),
        (
            Has("source.ip", Match.STARTS, "10.20."),
            Clue(b"10.20.", begins=True, keys=frozenset({b"sourceIPAddress"}), depth=1),
        ),
    ],
)
def test_a_text_of_a_copied_field_stands_in_the_bytes(has: Has, clue: Clue) -> None:
    ((found,),) = (clause.clues for clause in sought(has).clauses)
    assert replace(found, aliases=frozenset()) == clue


def test_a_key_goes_by_other_names_in_records_of_other_forms() -> None:
    ((clue,),) = (clause.clues for clause in sought(ACTION).clauses)
    assert clue.aliases == {b"eventname", b"action", b"event.action"}


@pytest.mark.parametrize(
    "requirement",
    [
        ANYTHING,
        Within("@timestamp", 0, 1),
        Has("event.outcome", Match.EQUALS, "failure"),
        Has("event.category", Match.EQUALS, "iam"),
        Has("user_agent.name", Match.EQUALS, "Boto3"),
        Has("aws.cloudtrail.read_only", Match.EQUALS, "true"),
        Has("tls.version", Match.EQUALS, "1.2-draft"),
        Has("event.dataset", Match.EQUALS, "aws.cloudtrail"),
        Has("no.such.field", Match.EQUALS, "anything"),
        Has("event.action", Match.EQUALS, "\u00e4\u00f6\u00fc ab"),
        Has("event.action", Match.EQUALS, ""),
        # A number or a boolean may be printed so, without being written so.
        Has("cloud.account.id", Match.STARTS, "1111"),
        Has("user.id", Match.EQUALS, "100000.0"),
        Has("user.id", Match.EQUALS, "1.0E10"),
        Has("user.name", Match.EQUALS, "true"),
        Has("aws.cloudtrail.request_parameters", Match.CONTAINS, "=fals"),
        Either((ACTION, Has("event.outcome", Match.EQUALS, "failure"))),
    ],
)
def test_what_bytes_need_not_show_demands_nothing(requirement: Requirement) -> None:
    assert texts(requirement) == []


def test_every_part_of_a_conjunction_is_demanded_once() -> None:
    assert texts(Both((ACTION, Within("@timestamp"), Both((REGION, ACTION))))) == [
        [b"AddPermission"],
        [b"eu-central-1"],
    ]


def test_an_alternative_is_one_of_the_clues_of_each_part() -> None:
    other = Has("event.action", Match.EQUALS, "Invoke")
    assert texts(Either((Both((ACTION, REGION)), other))) == [
        [b"AddPermission", b"Invoke"],
        [b"eu-central-1", b"Invoke"],
    ]


def test_more_alternatives_than_are_worth_searching_demand_nothing() -> None:
    assert texts(Either(tuple(Has("event.action", Match.EQUALS, f"Call{number:02}") for number in range(50)))) == []


def test_texts_with_much_in_common_are_searched_at_once() -> None:
    removal = Has("event.action", Match.STARTS, "RemovePermission")
    (clause,) = sought(Either((ACTION, removal))).clauses
    assert [needle.text for needle in clause.needles] == [b"Permission"]
