"""Archives of a few records, and their rows with and without a copy."""

import gzip
import json
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from local.cache.copy import Copy
from local.cache.shelf import Cache
from local.cloudtrail.ecs.schema import INDEX_NAME, field_types
from local.cloudtrail.receipt import Receipt
from local.elasticsearch.archive_rows import ArchiveRows
from local.elasticsearch.folder import Folder
from local.esql.catalog import Catalog, Index
from local.esql.engine import Engine

EVERYTHING = (
    "FROM logs-* METADATA _id | KEEP _id, @timestamp, event.action, event.type, event.category, related.user, "
    "user.name, user.name.text, user.target.name, user.target.name.text, user_agent.original, "
    "user_agent.original.text, source.ip, aws.cloudtrail.request_parameters, aws.cloudtrail.request_parameters.text, "
    "aws.cloudtrail.resources.arn, event.id | SORT _id | LIMIT 10000"
)
NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)


def later() -> float:
    """A clock by which every file of a test has settled."""
    return time.time() + 60


def record(number: int, **more: Any) -> dict[str, Any]:
    """A record like no other; every seventh is odd in one way or another."""
    return {
        "eventVersion": "1.09",
        "userIdentity": {"type": "IAMUser", "userName": f"user{number % 5}", "principalId": f"AIDA{number}"},
        "eventTime": f"2026-03-01T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "eventSource": "iam.amazonaws.com",
        "eventName": ("CreateUser", "GetObject", "AssumeRole")[number % 3],
        "awsRegion": "us-east-1",
        "sourceIPAddress": f"198.51.100.{number % 250}",
        "userAgent": "aws-cli/2.17.0" if number % 7 else "x" * 1500,
        "requestParameters": {"userName": f"target{number}", "policy": "p" * (9000 if number % 11 == 0 else 3)},
        "resources": [{"ARN": f"arn:b{number}"}, {"ARN": "arn:a"}] if number % 2 else [],
        "eventID": f"e{number}",
        **more,
    }


def write(path: Path, records: Sequence[dict[str, Any]], *, is_packed: bool = True) -> None:
    """A log, put in its place at once."""
    data = json.dumps({"Records": records}).encode()
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + ".new")
    unfinished.write_bytes(gzip.compress(data) if is_packed else data)
    unfinished.replace(path)


def folder(path: Path) -> Path:
    """An archive of three logs and of two files that are none."""
    write(path / "a.json.gz", [record(n) for n in range(20)])
    write(path / "b" / "b.json", [record(n) for n in range(20, 30)], is_packed=False)
    write(path / "c.json.gz", [record(n) for n in range(30, 45)])
    (path / "empty.json").touch()
    (path / "notes.txt").write_text("no log\n")
    return path


def copy_of(logs: Path, copies: Path) -> Copy:
    return Cache(copies, later).copy(str(logs.resolve()))


def rows_of(logs: Path, copy: Copy | None) -> ArchiveRows:
    return ArchiveRows(Folder.at(logs, later), copy, 1, _nobody)


def answer(rows: ArchiveRows, query: str = EVERYTHING) -> tuple[tuple[object, ...], ...]:
    with closing(Engine(Catalog([Index(INDEX_NAME, field_types(), rows)]), lambda: NOW)) as engine:
        return engine.query(query).values


def everything(logs: Path) -> tuple[tuple[tuple[object, ...], ...], Receipt | None]:
    """The rows and the receipt of an archive that has no copy."""
    rows = rows_of(logs, None)
    return answer(rows), rows.receipt


def _nobody(what: str, done: int, total: int) -> None:
    """Nobody watches."""
