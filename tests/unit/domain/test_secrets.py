"""Secrets of an event: masked under their names, in nested texts, and wherever they repeat."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.secrets import MASK, Json, is_secret_name, masked, masked_text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("eventSourceToken", True),
        ("event_source_token", True),
        ("lambda:EventSourceToken", True),
        ("aws.cloudtrail.flattened.request_parameters.eventSourceToken", True),
        ("secretAccessKey", True),
        ("sessionToken", True),
        ("masterUserPassword", True),
        ("SecretString", True),
        ("accessKeyId", False),
        ("access_key_id", False),
        ("secretId", False),
        ("nextToken", False),
        ("tokenizer", False),
        ("function", False),
    ],
)
def test_names_of_secrets_are_known(name: str, expected: bool) -> None:
    assert is_secret_name(name) is expected


STATEMENT = json.dumps({"Condition": {"StringEquals": {"lambda:EventSourceToken": "hunter2!"}}})
PLACES: list[Json] = [
    {"requestParameters": {"eventSourceToken": "hunter2!"}},
    {"requestParameters": {"eventSourceToken": ["hunter2!"]}},
    {"responseElements": {"statement": STATEMENT}},
    {"response": f"{{statement={STATEMENT}}}"},
    {"response": f"{{statement={json.dumps(STATEMENT)}}}"},
    {"request": "{functionName=pay, eventSourceToken=hunter2!}"},
    {"request": "{eventSourceToken=hunter2!, functionName=pay}"},
    {"request": "{vpc={eventSourceToken=hunter2!}, functionName=pay}"},
    {"event.original": json.dumps({"requestParameters": {"eventSourceToken": "hunter2!"}})},
    [{"token": "hunter2!"}, "the token hunter2! is refused"],
]


@pytest.mark.parametrize("event", PLACES)
def test_a_secret_is_in_no_place_of_an_event(event: Json) -> None:
    hidden = json.dumps(masked(event))

    assert "hunter2!" not in hidden
    assert MASK in hidden


@given(st.text(alphabet="XYZ0189._-", min_size=6, max_size=40), st.sampled_from(PLACES))
def test_whatever_the_secret_is(secret: str, place: Json) -> None:
    event = json.loads(json.dumps(place).replace("hunter2!", secret))

    assert secret not in json.dumps(masked(event))


def test_what_is_no_secret_stands_as_it_was() -> None:
    event: Json = {"a": 1, "b": [True, None, "x=y, {z=1}"], "c": '{"d": "e"}', "accessKeyId": "AKIA0000"}

    assert masked(event) == event


@pytest.mark.parametrize("text", ["", "no secret here", "{a=b, c=d}", "[" * 5_000, "token" * 1_000, "a=" * 20_000])
def test_texts_without_secrets_are_left_alone_and_cost_little(text: str) -> None:
    assert masked_text(text) == text
