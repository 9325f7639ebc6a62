"""Only an ordinary log is unpacked in one go; whatever is odd about the rest is left to the general way."""

from __future__ import annotations

import gzip
import struct

import pytest

from local.cloudtrail.limits import Limits
from local.cloudtrail.scanning.unpack import log_text

LOG = b'{"Records":[{"eventName":"Invoke","eventSource":"lambda.amazonaws.com"}]}'
PACKED = gzip.compress(LOG)
LIMITS = Limits(expansion=250, expansion_free=4096)


def with_size(packed: bytes, size: int) -> bytes:
    return packed[:-4] + struct.pack("<I", size)


@pytest.mark.parametrize(
    "text",
    [
        LOG,
        b" \r\n" + LOG + b"\n",
        b'{ "Records" : [ {"a": 1} ] }',
        b'{"Records":[{"a":1}]}\n{"Records":[{"a":2}]}',
    ],
)
def test_an_ordinary_log_is_its_text_packed_or_not(text: bytes) -> None:
    assert log_text(text, LIMITS) == text
    assert log_text(gzip.compress(text), LIMITS) == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xef\xbb\xbf" + LOG,
        LOG.decode().encode("utf-16"),
        b'{"Records":[]}',
        b'[{"eventName":"Invoke"}]',
        b'{"Records":[{"a":1}],"more":1}',
        LOG[:-1],
        b'{"eventName":"Invoke"}\n{"eventName":"Invoke"}',
    ],
)
def test_another_shape_goes_the_general_way(text: bytes) -> None:
    assert log_text(text, LIMITS) is None
    assert log_text(gzip.compress(text), LIMITS) is None


@pytest.mark.parametrize(
    "packed",
    [
        pytest.param(PACKED[:-9], id="cut"),
        pytest.param(PACKED[:8], id="cut within its header"),
        pytest.param(PACKED[:-8] + b"abcd" + PACKED[-4:], id="its check sum is wrong"),
        pytest.param(with_size(PACKED, len(LOG) + 1), id="it says it is longer"),
        pytest.param(with_size(PACKED, len(LOG) - 1), id="it says it is shorter"),
        pytest.param(with_size(PACKED, 0), id="it says it is empty"),
        pytest.param(with_size(PACKED, 2**31), id="it says it is out of all proportion"),
        pytest.param(PACKED + PACKED, id="two members of the same size"),
        pytest.param(PACKED + b"\0" * 7 + PACKED, id="two members with zeros between"),
        pytest.param(PACKED + with_size(PACKED[:-3], len(LOG)), id="a second member that is cut"),
        pytest.param(PACKED + b"\0" * 512, id="trailing zeros"),
    ],
)
def test_a_gzip_file_that_is_not_what_it_says_goes_the_general_way(packed: bytes) -> None:
    assert log_text(packed, LIMITS) is None


def test_a_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(b'{"Records":[{' + b" " * 2**20 + b"}]}", 9)
    assert log_text(bomb, LIMITS) is None
    assert log_text(bomb, Limits(expansion=2000, expansion_free=4096)) is not None


def test_the_magic_bytes_by_chance_make_no_second_member() -> None:
    text = b'{"Records":[{"a":"' + bytes(range(35, 90)) + b'"}]}'
    stored = gzip.compress(text.replace(b"XY", b"\x1f\x8b\x08"), 0)
    assert b"\x1f\x8b\x08" in stored[1:]
    assert log_text(stored, LIMITS) is not None
