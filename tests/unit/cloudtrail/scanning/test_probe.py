"""What bytes tell of the records in them, and what they do not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.cloudtrail.scanning.literals import sought
from local.cloudtrail.scanning.probe import Hit, Probe, Sought, enclosing
from local.wanted import Both, Either, Has, Match

ACTION = Has("event.action", Match.STARTS, "AddPermission")
LAMBDA = Has("event.provider", Match.EQUALS, "lambda.amazonaws.com")
ARN = Has("aws.cloudtrail.user_identity.arn", Match.STARTS, "arn:aws:iam::1:user")


def log(*records: str) -> bytes:
    return f'{{"Records":[{",".join(records)}]}}'.encode()


GRANT = '{"eventSource":"lambda.amazonaws.com","eventName":"AddPermission20150331v2"}'
CALL = '{"eventSource":"lambda.amazonaws.com","eventName":"Invoke"}'
TOPIC = '{"eventSource":"sns.amazonaws.com","eventName":"AddPermission"}'
WITH_BRACES = '{"a":"}\\\\\\"{","eventName":"AddPermission","b":"{\\"}]","eventSource":"sns.amazonaws.com"}'


def is_candidate(requirement: Both | Either | Has, text: bytes) -> bool:
    return Probe(sought(requirement)).may_hold(text)


@pytest.mark.parametrize(
    "text",
    [
        log(CALL),
        log(TOPIC),
        log(CALL, TOPIC, CALL),
        log(CALL, WITH_BRACES, CALL),
        log(CALL, '{"x":{"eventName":"AddPermission"},"eventSource":"lambda.amazonaws.com"}'),
        log('{"AddPermission":"eventName","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"lambda:AddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"Add\\u0026Permission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName" : "Invoke", "k" : "AddPermission", "eventSource" : "lambda.amazonaws.com"}'),
    ],
)
def test_a_log_is_passed_over_where_no_record_has_all_that_is_demanded(text: bytes) -> None:
    assert not is_candidate(Both((LAMBDA, ACTION)), text)


@pytest.mark.parametrize(
    "text",
    [
        log(CALL, GRANT),
        log(TOPIC, TOPIC, GRANT),
        log('{"eventName"\n:\t"AddPermission", "eventSource":\r\n"lambda.amazonaws.com"}'),
        log('{"eventName":' + " " * 5000 + '"AddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName"' + " " * 250 + ':"AddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":["x", "AddPermission"],"eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":["AddPermission"],"eventSource":["lambda.amazonaws.com"]}'),
        log('{"eventN\\u0061me":"AddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"\\u0041ddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"AddPermission","eventSource":"lambda\\u002Eamazonaws.com"}'),
        log('{"eventName":"Invoke","eventName":"AddPermission","eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"AddPermission","x":"\\\\","y":{"z":"}"},"eventSource":"lambda.amazonaws.com"}'),
        log('{"eventName":"AddPermission","x":"' + "x" * 100_000 + '","eventSource":"lambda.amazonaws.com"}'),
        (
            b'{"Records":[{}]}\n{"Events":[{"CloudTrailEvent":"{\\"eventName\\":\\"AddPermission\\",'
            b'\\"eventSource\\":\\"lambda.amazonaws.com\\"}"}]}\n{"Records":[{}]}'
        ),
    ],
)
def test_a_log_that_may_hold_what_is_demanded_is_a_candidate(text: bytes) -> None:
    assert is_candidate(Both((LAMBDA, ACTION)), text)


def test_a_value_deeper_in_the_record_is_judged_with_the_whole_record() -> None:
    mine = '{"userIdentity":{"arn":"arn:aws:iam::1:user/me","x":{}},"eventSource":"lambda.amazonaws.com"}'
    other = '{"userIdentity":{"arn":"arn:aws:iam::1:user/me"},"eventSource":"sns.amazonaws.com"}'
    assert is_candidate(Both((ARN, LAMBDA)), log(CALL, mine))
    assert not is_candidate(Both((ARN, LAMBDA)), log(CALL, other, CALL))


@pytest.mark.parametrize("struct", ["{arn=%s}", "{arn\\u003d%s}", "{arn\\u003D%s}", "{arn=[%s, b]}", "{arn=[a, %s]}"])
def test_a_value_of_a_printed_struct_has_no_quotes(struct: str) -> None:
    row = '{"eventsource":"lambda.amazonaws.com","useridentity":"%s"}' % (struct % "arn:aws:iam::1:user/me")
    assert is_candidate(ARN, log(CALL) + f"\n{row}\n".encode() + log(CALL))
    assert not is_candidate(ARN, log(CALL) + f"\n{row}\n".replace("user/", "role/").encode() + log(CALL))


def test_after_some_records_that_are_not_wanted_a_log_is_decoded() -> None:
    assert is_candidate(Both((LAMBDA, ACTION)), log(*[CALL, TOPIC] * 100))


def test_case_is_ignored_where_it_is_asked_for() -> None:
    shouted = Has("event.action", Match.EQUALS, "ADDpermission", ignores_case=True)
    assert is_candidate(shouted, log(TOPIC))
    assert not is_candidate(shouted, log(GRANT))


def test_without_a_demand_everything_is_a_candidate() -> None:
    assert Probe(Sought()).may_hold(log(CALL))


STRINGS = st.text(alphabet='ab{}[],:"\\\u00e4')


@given(st.lists(STRINGS), st.lists(STRINGS), st.integers(min_value=1, max_value=3))
def test_a_record_ends_at_its_own_braces_whatever_its_strings_hold(
    before: list[str], after: list[str], depth: int
) -> None:
    def members(texts: list[str]) -> str:
        return "".join(f"{json.dumps(text)}:{{{json.dumps(text)}:[{{}}]}}," for text in texts)

    inner = f'{{{members(before)}"key":"value",{members(after)}"end":0}}'
    for _ in range(depth - 1):
        inner = f'{{{members(after)}"deeper":{inner},{members(before)}"end":0}}'
    text = f'[{{"a":1}},{inner},{{"b":"}}"}}]'.encode()
    at = text.index(b'"key":"value"') + len(b'"key":"')
    start = text.index(inner.encode())
    assert enclosing(text, Hit(at, depth)) == (start, start + len(inner.encode()))
