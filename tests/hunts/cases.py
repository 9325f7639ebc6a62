"""The events beside the hunt, read: compact cases laid out as whole CloudTrail records."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hunts

CASES_PATH = Path(hunts.__file__).with_name("lambda_perms.cases.json")

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """Records and the rows they must give, in the order of their events; a row names only what matters."""

    name: str
    records: tuple[Record, ...]
    rows: tuple[Mapping[str, Any], ...]
    start: str
    end: str
    known_accounts: str


def read_cases(path: Path = CASES_PATH) -> list[Case]:
    content = json.loads(path.read_text(encoding="utf-8"))
    return [_case(content, case) for case in content["cases"]]


def _case(content: Mapping[str, Any], case: Mapping[str, Any]) -> Case:
    window = case.get("window", content["window"])
    return Case(
        case["name"],
        lay_out(content["defaults"], case["records"]),
        tuple(case["rows"]),
        window["from"],
        window["to"],
        case.get("known_accounts", ""),
    )


def lay_out(defaults: Record, compact: Sequence[Record]) -> tuple[Record, ...]:
    """Each compact record over the defaults, with a time and a name of its own; null takes a key away."""
    return tuple(_laid_out(defaults, record, number) for number, record in enumerate(compact))


def _laid_out(defaults: Record, compact: Record, number: int) -> Record:
    named = {"eventTime": f"2026-03-02T10:{number:02}:00Z", "eventID": f"e{number + 1}"}
    record = {**named, **defaults, **compact}
    if (statement := record.pop("statement", None)) is not None:
        record["responseElements"] = {"statement": json.dumps(statement, separators=(",", ":"))}
    return {key: value for key, value in record.items() if value is not None}
