"""A search's findings as the terminal shows them: a table, JSON, NDJSON, CSV or Block Kit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC
from enum import Enum
from typing import TYPE_CHECKING

from app import window
from bot.blocks import summary
from bot.blocks.text import LONG_CAP, VALUE_CAP, literal
from bot.domain.finding import Finding
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt
from bot.domain.lines import OWN_COLUMNS, as_object, csv_header, csv_line, json_line
from bot.domain.merging import by_finding, found
from bot.domain.severity import Severity
from bot.services.search import Search

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}

Json = Mapping[str, object]


class Format(Enum):
    """How `huntbot hunt` writes what it found."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    BLOCKS = "blocks"


def findings_of(search: Search) -> tuple[tuple[Finding, tuple[Hit, ...]], ...]:
    """The findings with their hits (latest first), the most severe first, then the latest; no store knows them."""
    merged = [
        found(search.hunt.slug, hits, hits[0].at, from_backlog=False) for hits in by_finding(search.hits).values()
    ]
    ranked = sorted(
        merged, key=lambda m: (-m.finding.severity.rank, -m.finding.last_seen.timestamp(), m.finding.fingerprint)
    )
    return tuple((m.finding, tuple(sorted(m.hits, key=lambda hit: (hit.at, hit.id), reverse=True))) for m in ranked)


def as_json(search: Search, archive: Json | None) -> str:
    """`archive`: what was read of one and what was not."""
    answer = {
        "hunt": search.hunt.slug,
        "window": window.as_object(search.window),
        "took_ms": search.rows.took_ms,
        "is_partial": search.rows.is_partial,
        "truncated": search.is_truncated,
        "suppressed": search.suppressed,
        "archive": archive,
        "findings": list(_finding_objects(search)),
    }
    return json.dumps(answer, indent=2, ensure_ascii=False) + "\n"


def as_ndjson(search: Search) -> str:
    return "".join(json_line(each) for each in _finding_objects(search))


def as_csv(search: Search) -> str:
    """One line a finding."""
    columns = [column.name for column in search.rows.columns if column.name not in OWN_COLUMNS]
    lines = (csv_line(each, columns) for each in _finding_objects(search))
    return "".join((csv_header(columns), *lines))


def as_blocks(search: Search) -> str:
    """The messages that Slack would get, one for each finding: `[{"text", "blocks"}, ...]`."""
    from bot.blocks import finding as finding_blocks  # noqa: PLC0415 - all that Slack can be told loads with it
    from bot.domain.message import FindingCard  # noqa: PLC0415 - the same

    cards = [FindingCard(finding, search.hunt) for finding, _ in findings_of(search)]
    messages = [{"text": finding_blocks.text(card), "blocks": finding_blocks.blocks(card)} for card in cards]
    return json.dumps(messages, indent=2, ensure_ascii=False) + "\n"


WRITERS: Mapping[Format, Callable[[Search], str]] = {
    Format.NDJSON: as_ndjson,
    Format.CSV: as_csv,
    Format.BLOCKS: as_blocks,
}


def table(search: Search) -> Table:
    """One row a finding: what and why, with the hunt's own fields beneath."""
    from rich.table import Table  # noqa: PLC0415 - whoever pipes JSON on need not wait for it
    from rich.text import Text  # noqa: PLC0415 - the same

    drawn = Table(show_lines=True, expand=False)
    drawn.add_column("Severity", no_wrap=True)
    drawn.add_column("Finding", overflow="fold")
    drawn.add_column("Last seen (UTC)", no_wrap=True)
    drawn.add_column("Hits", justify="right")
    for finding, _ in findings_of(search):
        drawn.add_row(
            Text(finding.severity.value, style=_STYLES[finding.severity]),
            _what(search.hunt, finding.face),
            Text(f"{finding.last_seen.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
            Text(f"{finding.count:,}"),
        )
    return drawn


def _what(hunt: Hunt, hit: Hit) -> Text:
    from rich.text import Text  # noqa: PLC0415 - see above

    what = Text(summary.say(hunt, hit, VALUE_CAP), style="bold")
    if hit.reason:
        what.append(f"\n{literal(hit.reason, LONG_CAP)}", style="not bold")
    said = [(name, value) for name in _fields_to_show(hunt, hit) if (value := hit.text(name))]
    for number, (name, value) in enumerate(said):
        between = " · " if number else "\n"
        what.append(f"{between}{name} ", style="not bold dim").append(literal(value), style="not bold")
    return what


def _fields_to_show(hunt: Hunt, hit: Hit) -> Sequence[str]:
    named = hunt.fields or summary.traits(hunt, hit)
    extra = ("revoked_at", "revoked_by") if hit.is_revoked else ()
    return list(dict.fromkeys((*named, *extra)))


def _finding_objects(search: Search) -> Iterator[dict[str, object]]:
    for finding, hits in findings_of(search):
        yield as_object(finding, summary.filled(search.hunt, finding.face), [hit.id for hit in hits])
