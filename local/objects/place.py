"""What an `s3://` URL names: a bucket and, in it, a key or what the keys below begin with."""

from __future__ import annotations

import re
from dataclasses import dataclass

SCHEME = "s3://"

ODD = "one with an empty part between slashes, '.' or '..'"
"""What the object store's library can not ask for, though S3 may hold it."""

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
"""Wider than the rules of docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html: old buckets stay."""


class PlaceError(Exception):
    """Nothing can be read there; says why and, where there is one, the cure. It holds no secret.

    `region`: where the bucket is, if it is elsewhere and the server told.
    """

    def __init__(self, reason: str, region: str | None = None) -> None:
        super().__init__(reason)
        self.region = region


@dataclass(frozen=True, slots=True)
class Place:
    """`prefix`: a key, or the folders that keys are below, without a slash at its ends; empty: all of the bucket."""

    bucket: str
    prefix: str

    @property
    def url(self) -> str:
        """The place by its one name."""
        return f"{SCHEME}{self.bucket}/{self.prefix}" if self.prefix else f"{SCHEME}{self.bucket}"

    def where(self, key: str) -> str:
        """The URL of an object in the same bucket."""
        return f"{SCHEME}{self.bucket}/{key}"

    def key(self, where: str) -> str:
        """The key of an object by its URL."""
        return where.removeprefix(f"{SCHEME}{self.bucket}/")

    def name(self, key: str) -> str:
        """A key as it is called within this place."""
        return key.removeprefix(f"{self.prefix}/") if self.prefix else key


def is_url(text: str) -> bool:
    """Whether this is meant for a bucket rather than for the file system."""
    return text.lower().startswith(SCHEME)


def place_of(url: str) -> Place:
    """
    Raises:
        PlaceError: it names no bucket, or a key that S3 may hold and the object store's library does not read.
    """
    bucket, _, prefix = url[len(SCHEME) :].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise PlaceError("names no bucket: write s3://BUCKET/AWSLogs/")
    prefix = prefix.strip("/")
    if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
        raise PlaceError(f"such a key is not read: {ODD}")
    return Place(bucket, prefix)
