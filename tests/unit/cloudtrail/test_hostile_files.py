"""Any bytes whatever: no exception, no hang, and a receipt that adds up."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local.cloudtrail.ecs.mapping import document_of
from local.cloudtrail.limits import Limits
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.receipt import Tally
from local.cloudtrail.refusal import Refusal
from tests.unit.cloudtrail.logs import ONE, TWO, lines, pretty
from tests.unit.cloudtrail.reading.test_contents import SHAPES, WRAPPED, tarred, zipped

FILES = Path(__file__).parents[2] / "fixtures" / "cloudtrail" / "shapes"
SMALL = Limits(document=2000, expansion=100, expansion_free=100_000)


def account_for(data: bytes, limits: Limits) -> None:
    """Reads a file and holds the receipt to what came of it."""
    found = list(contents(io.BytesIO(data), len(data), limits))
    assert found, "nothing at all is said of the file"
    tally = Tally()
    records = list(tally.sift("a", found))
    for item in records:
        document_of(item)
    receipt = tally.receipt()
    assert receipt.records == len(records)
    assert sum(receipt.by_kind().values()) == len(found) - len(records)
    assert all(refusal.reason for refusal in found if isinstance(refusal, Refusal))
    assert all(sentence.isprintable() for sentence in receipt.sentences())


@given(data=st.binary(max_size=3000), limits=st.sampled_from([Limits(), SMALL]))
def test_random_bytes(data: bytes, limits: Limits) -> None:
    account_for(data, limits)


KEYS = st.sampled_from(
    [
        "Records",
        "Events",
        "logEvents",
        "events",
        "hits",
        "detail",
        "message",
        "_raw",
        "result",
        "_source",
        "fields",
        "_index",
        "doc",
        "_1",
        "index",
        "eventName",
        "eventSource",
        "eventname",
        "eventsource",
        "useridentity",
        "requestparameters",
        "resources",
        "CloudTrailEvent",
        "eventJson",
        "QueryResultRows",
        "@timestamp",
        "event",
        "aws",
        "event.dataset",
        "event.provider",
        "messageType",
        "searchedLogStreams",
    ]
)
NAMES = st.sampled_from(
    ["aws:s3", "lambda.amazonaws.com", "{a=b}", "{", '{"a":1}', "aws.cloudtrail", "2026-02-03 04:05:06", ""]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | NAMES | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=4),
    max_leaves=25,
)


@given(value=JSON, shape=st.sampled_from([orjson.dumps, pretty, lambda value: lines(value, ONE, value)]))
def test_random_json_under_the_keys_that_envelopes_have(value: object, shape: Callable[[object], bytes]) -> None:
    account_for(shape(value), Limits())
    account_for(shape(value), Limits(document=100))


SEEDS: dict[str, bytes] = (
    SHAPES
    | {path.name: path.read_bytes() for path in sorted(FILES.iterdir())}
    | {name: wrap(orjson.dumps({"Records": [ONE, TWO]})) for name, wrap in WRAPPED.items()}
    | {
        "zip of many": zipped(a=orjson.dumps([ONE]), b=gzip.compress(lines(TWO)), c=b"prose"),
        "tar of many": tarred(a=orjson.dumps([ONE]), b=lzma.compress(lines(TWO)), c=bz2.compress(b"prose")),
    }
)


@pytest.mark.parametrize("seed", SEEDS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(chance=st.randoms(use_true_random=False))
def test_files_with_a_few_bytes_changed_or_cut_off(seed: str, chance: random.Random) -> None:
    data = bytearray(SEEDS[seed])
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del data[at : at + chance.randint(1, 50)]
            case 2:
                data[at:at] = data[: chance.randint(1, 50)]
            case _:
                data[at : at + 1] = chance.choice(
                    [b'"', b"{", b"}", b"[", b"]", b"\n", b"\\", b"\xff\xff\xff\xff", b"\0\0"]
                )
    account_for(bytes(data), SMALL)


@pytest.mark.parametrize("seed", SEEDS)
def test_files_cut_off_anywhere(seed: str) -> None:
    data = SEEDS[seed]
    for end in range(0, len(data), max(1, len(data) // 40)):
        account_for(data[:end], Limits())
