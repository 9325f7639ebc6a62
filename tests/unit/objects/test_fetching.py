"""Objects as streams, several at once, and what becomes of those that are not to be had."""

import io
import pickle
import zipfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO

import pytest

from local.objects.fetching import AT_ONCE, Failed, Fetching
from local.objects.place import place_of
from tests.buckets import SECRET_KEY, Bucket


@dataclass(frozen=True)
class Asked:
    where: str
    size: int


def fetching(bucket: Bucket, whole_bytes: int = 2**20) -> Fetching:
    return Fetching(bucket.access().store(bucket.name), place_of(f"s3://{bucket.name}"), whole_bytes)


def asked(bucket: Bucket, keys: Sequence[str], size: int = 3) -> list[Asked]:
    return [Asked(f"s3://{bucket.name}/{key}", size) for key in keys]


def read(bucket: Bucket, keys: Sequence[str]) -> list[bytes | str]:
    return [
        each.reason if isinstance(each, Failed) else each[0].read() for each in fetching(bucket)(asked(bucket, keys))
    ]


def opened(bucket: Bucket, key: str, size: int) -> tuple[BinaryIO, int]:
    """An object that is large."""
    (fetched,) = fetching(bucket, 100)(asked(bucket, [key], size))
    assert not isinstance(fetched, Failed)
    return fetched


def test_objects_come_in_the_order_in_which_they_are_asked_for(bucket: Bucket) -> None:
    keys = [f"a b/ü+%41/{n}" for n in range(40)]
    bucket.put({key: key.encode() for key in keys})
    assert read(bucket, keys) == [key.encode() for key in keys]


def test_some_are_fetched_ahead_and_never_more(bucket: Bucket) -> None:
    keys = [str(n) for n in range(40)]
    bucket.put(dict.fromkeys(keys, b"abc"))
    bucket.delay_s = 0.05
    read(bucket, keys)
    assert AT_ONCE // 2 <= bucket.most_at_once <= AT_ONCE


def test_large_ones_are_not_fetched_ahead(bucket: Bucket) -> None:
    keys = [str(n) for n in range(4)]
    bucket.put(dict.fromkeys(keys, b"abc"))
    bucket.delay_s = 0.05
    list(fetching(bucket, 2**40)(asked(bucket, keys, size=20 * 2**20)))
    assert bucket.most_at_once == 1


def test_whoever_stops_early_has_no_more_fetched(bucket: Bucket) -> None:
    keys = [str(n) for n in range(100)]
    bucket.put(dict.fromkeys(keys, b"abc"))
    with closing(fetching(bucket)(asked(bucket, keys))) as coming:
        next(coming)
    assert len(bucket.fetched()) <= 2 * AT_ONCE


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (403, "AccessDenied", "s3:GetObject"),
        (404, "NoSuchKey", "gone"),
        (403, "InvalidObjectState", "Glacier"),
        (400, "KMS.DisabledException", "KMS key"),
        (400, "ExpiredToken", "expired"),
        (400, "Strange", "answers Strange"),
    ],
)
def test_what_is_refused_says_why_and_the_others_come(bucket: Bucket, status: int, code: str, said: str) -> None:
    bucket.put({"a": b"1", "b": b"2", "c": b"3"})
    bucket.refusals["b"] = status, code
    first, reason, last = read(bucket, ["a", "b", "c"])
    assert (first, last) == (b"1", b"3")
    assert said in str(reason)
    assert SECRET_KEY not in str(reason)


def test_a_large_object_is_a_file_that_can_seek(bucket: Bucket) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.json", b"[]" * 10_000)
    data = packed.getvalue()
    bucket.put({"large.zip": data})
    stream, size = opened(bucket, "large.zip", len(data))
    with stream, zipfile.ZipFile(stream) as archive:
        assert (size, archive.read("a.json")) == (len(data), b"[]" * 10_000)


def test_a_large_object_that_is_put_anew_meanwhile_is_not_mixed(bucket: Bucket) -> None:
    bucket.put({"large": b"1" * (9 * 2**20)})
    stream, _ = opened(bucket, "large", 9 * 2**20)
    with stream:
        assert stream.read(1) == b"1"
        bucket.put({"large": b"2" * (9 * 2**20)})
        with pytest.raises(OSError, match="changed"):
            stream.read()


def test_it_goes_to_other_processes(bucket: Bucket) -> None:
    bucket.put({"a": b"1"})
    ((stream, size),) = pickle.loads(pickle.dumps(fetching(bucket)))(asked(bucket, ["a"]))  # noqa: S301 - ours
    assert (stream.read(), size) == (b"1", 1)
