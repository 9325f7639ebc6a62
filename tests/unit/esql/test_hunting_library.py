"""Elastic's hunting library, where a checkout of elastic/detection-rules is at hand: planned, or refused by name.

Each query is asked of an empty index that has the fields it names: texts, or what the query itself takes them for.
Those for AWS run on the bundled sample as well.
"""

import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import orjson
import pyarrow as pa
import pytest

from local.cloudtrail import sample
from local.elasticsearch.app import from_records
from local.elasticsearch.exchange import Request
from local.esql import Catalog, Engine, EsqlError, Index, tree
from local.esql.errors import ParsingError, UnsupportedError
from local.esql.lexer import Source
from local.esql.parameters import Parameters
from local.esql.parser import parse

NOW = datetime(2026, 1, 10, 12, 30, tzinfo=UTC)
VARIABLE = "DETECTION_RULES"
GIVEN = os.environ.get(VARIABLE)  # noqa: TID251  # where the checkout is differs from machine to machine
CHECKOUT = Path(GIVEN) if GIVEN else Path(__file__).parents[4] / "shared" / "detection-rules"
pytestmark = pytest.mark.skipif(
    not CHECKOUT.exists(), reason=f"no elastic/detection-rules at ${VARIABLE} or ../shared/detection-rules"
)
MOST_REFUSED = 30  # of the whole library: with errors of its own in it, or with what this engine does not have
_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_COMPARED = re.compile(r"argument of \[(.*)\] is \[keyword\] so second argument must also be .* but was \[(\w+)\]")
_LISTED = re.compile(r"argument of \[(\S+) in .*\] must be \[keyword\], found value .* type \[(\w+)\]", re.IGNORECASE)
_TAKEN = re.compile(r"must be \[([^]]+)\], found value \[(\S+)\] type \[keyword\]")
_TYPE_OF = {"numeric": "long", "ip": "ip", "boolean": "boolean", "date_nanos or datetime": "date"}


@dataclass(frozen=True, slots=True)
class Hunt:
    name: str
    text: str


@cache
def hunts() -> tuple[Hunt, ...]:
    """The queries that are ES|QL, also those with a stray word before; the others are SQL, EQL, ..."""
    found = [
        Hunt(f"{Path(path).stem}-{number}", text)
        for path in _git("ls-tree", "-r", "--name-only", "HEAD", "hunting").split()
        if path.endswith(".toml")
        for number, text in enumerate(tomllib.loads(_git("show", f"HEAD:{path}"))["hunt"]["query"])
        if re.match(r"(sql\s+)?from\b", _COMMENT.sub("", text).strip(), re.IGNORECASE)
    ]
    assert len(found) > 100
    return tuple(found)


def _git(*arguments: str) -> str:
    done = subprocess.run(  # noqa: S603  # git, on a checkout that somebody named
        ["git", "-C", str(CHECKOUT), *arguments],  # noqa: S607
        capture_output=True,
        check=True,
        encoding="utf-8",
        timeout=60,
    )
    return done.stdout


def _names(node: object) -> Iterator[str]:
    match node:
        case tree.Name():
            yield node.name
        case tree.NamePattern():
            yield "x".join(node.parts)
        case tuple():
            for part in node:
                yield from _names(part)
        case _ if is_dataclass(node):
            for field in fields(node):
                yield from _names(getattr(node, field.name))


def _answered(query: tree.Query, text: str) -> None:
    """Asks an engine whose fields become what the query takes them for."""
    types = {name: "ip" if name.endswith(".ip") else "keyword" for name in _names(query.commands)}
    types |= {"@timestamp": "date"}
    source = query.commands[0]
    assert isinstance(source, tree.From)
    indices = [part.strip().replace("*", "x") for _, pattern in source.patterns for part in pattern.split(",")]
    for _ in range(len(types)):
        catalog = Catalog(Index.of_table(name, types, pa.table({})) for name in indices)
        with closing(Engine(catalog, lambda: NOW)) as engine:
            try:
                engine.query(text)
            except EsqlError as error:
                if not _corrected(types, error.reason):
                    raise
            else:
                return


def _corrected(types: dict[str, str], reason: str) -> bool:
    """Gives a field the type that the engine says is wanted of it."""
    before = dict(types)
    for part, type_ in (*_COMPARED.findall(reason), *_LISTED.findall(reason)):
        types |= dict.fromkeys((n for n in types if re.search(rf"(?<![\w.]){re.escape(n)}(?![\w.])", part)), type_)
    types |= {name: _TYPE_OF.get(label, "long") for label, name in _TAKEN.findall(reason) if name in types}
    return types != before


def _outcome(hunt: Hunt) -> EsqlError | None:
    try:
        _answered(parse(Source(hunt.text), Parameters()), hunt.text)
    except EsqlError as error:
        return error
    return None


def test_every_hunt_is_planned_or_refused_for_a_reason() -> None:
    refused = {hunt.name: error for hunt in hunts() if (error := _outcome(hunt)) is not None}
    unexpected = {
        name: error.reason
        for name, error in refused.items()
        if not isinstance(error, ParsingError)
        and not (
            isinstance(error, UnsupportedError) and re.search(r"unsupported (command|function) \[\w+", error.reason)
        )
    }
    assert unexpected == {}
    assert len(refused) <= MOST_REFUSED, refused


async def test_the_hunts_for_aws_run_on_the_sample() -> None:
    application = from_records(sample.records(NOW), lambda: NOW)
    with closing(application):
        for hunt in hunts():
            if "logs-aws.cloudtrail" not in hunt.text or isinstance(_outcome(hunt), ParsingError):
                continue
            body = orjson.dumps({"query": hunt.text})
            answer = await application.answer(
                Request.of("POST", "/_query", {"content-type": "application/json"}, body)
            )
            assert answer.status == 200, (hunt.name, answer.body)
