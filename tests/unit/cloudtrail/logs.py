"""Invented logs, and what is found in bytes by the general way."""

from __future__ import annotations

import io
from typing import Any

import orjson

from local.cloudtrail.limits import USUAL, Limits
from local.cloudtrail.reading.contents import contents
from local.cloudtrail.record import Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal


def record(event_id: str = "e-1", **more: Any) -> dict[str, Any]:
    return {
        "eventVersion": "1.11",
        "eventTime": "2026-02-03T04:05:06Z",
        "eventSource": "lambda.amazonaws.com",
        "eventName": "Invoke",
        "eventID": event_id,
        **more,
    }


ONE, TWO = record("e-1"), record("e-2")
NOTIFICATION = {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "awsRegion": "us-east-1", "s3": {}}


def lines(*values: Any) -> bytes:
    return b"".join(value if isinstance(value, bytes) else orjson.dumps(value) + b"\n" for value in values)


def pretty(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2)


def text(value: Any) -> str:
    return orjson.dumps(value).decode()


def found_in(data: bytes, limits: Limits = USUAL) -> list[Record | Mapped | Refusal]:
    return list(contents(io.BytesIO(data), len(data), limits))


def taken(data: bytes, limits: Limits = USUAL) -> list[Record | Mapped]:
    return [found for found in found_in(data, limits) if not isinstance(found, Refusal)]


def refused(data: bytes, limits: Limits = USUAL) -> list[Refusal]:
    return [found for found in found_in(data, limits) if isinstance(found, Refusal)]


def kinds(data: bytes, limits: Limits = USUAL) -> list[Kind]:
    return [refusal.kind for refusal in refused(data, limits)]
