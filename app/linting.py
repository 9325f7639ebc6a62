"""Hunt files under the rules of `local/esql/lint.py`: what their queries would come to, and the columns they name.

Imported only where somebody asks for it: what it needs is the extra `[local]`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter

from app.notes import Note
from bot.adapters.hunt_files import HuntFile
from bot.domain.columns import surely_lacks
from bot.domain.hunt import Hunt
from bot.domain.lines import iso
from bot.domain.pivot import BOUNDS
from bot.domain.query_text import index_patterns, parameters, without_comments
from bot.domain.remediation import columns_of
from local.cloudtrail.ecs.schema import field_types
from local.cloudtrail.ecs.several import SEVERAL
from local.esql.lexer import Source
from local.esql.lint import Report, Schema, lint

CLOUDTRAIL = "logs-aws.cloudtrail"
UNKNOWN_COLUMN = "unknown-column"
NO_WINDOW = "no-window"


@dataclass(frozen=True, slots=True)
class Linted:
    """A file's notes, in no order; `unseen` says which rules could not be asked, and why."""

    notes: tuple[Note, ...]
    unseen: tuple[str, ...] = ()


class Linter:
    """The rules over CloudTrail's fields as of `now`."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._schema = Schema.of(CLOUDTRAIL, field_types(), SEVERAL)

    def lint(self, hunt_file: HuntFile) -> Linted:
        """A file as far as it can be read; it is read once more for its places."""
        hunt, source = hunt_file.hunt, Source(hunt_file.path.read_text(encoding="utf-8"))
        if not hunt.query:
            return Linted(())
        report = self._report(hunt.query)
        notes = [*_placed(hunt_file.path, source, hunt.query, report)]
        notes += _strangers(hunt_file.path, source, hunt, report)
        notes += _boundless(hunt_file.path, source, hunt.query)
        unseen = [report.unseen]
        for pivot in filter(lambda pivot: pivot.query, hunt.pivots):
            asked = self._report(pivot.query)
            notes += _placed(hunt_file.path, source, pivot.query, asked)
            unseen.append(asked.unseen)
        return Linted(tuple(notes), tuple(dict.fromkeys(reason for reason in unseen if reason)))

    def _report(self, query: str) -> Report:
        moment = iso(self._now)
        return lint(query, self._schema, int(self._now.timestamp() * 1000), {"_tstart": moment, "_tend": moment})


def _placed(path: Path, source: Source, query: str, report: Report) -> Iterator[Note]:
    """The remarks on a query, where they stand in the file."""
    first_line, first_column = _beginning(source, query)
    is_verbatim = query in source.text
    for remark in report.remarks:
        line, column, words = first_line + remark.line - 1, remark.column, remark.message
        if not is_verbatim:  # its text has escapes: only where it begins is known
            line, column, words = first_line, first_column, f"line {remark.line}:{column} of the query: {words}"
        elif remark.line == 1:
            column += first_column - 1
        yield Note(path, line, column, remark.rule.value, words, remark.is_fault)


def _boundless(path: Path, source: Source, query: str) -> Iterator[Note]:
    """A query that reads an index and is not told over which time. A pivot of this kind does not load."""
    missing = sorted(BOUNDS - parameters(without_comments(query)), reverse=True)
    if missing and index_patterns(query):
        lacks = f"the query lacks ?{' and ?'.join(missing)}"
        words = f"{lacks}: it reads the same events whichever time is asked for, all where nothing else bounds it"
        yield Note(path, *_beginning(source, query), NO_WINDOW, words, is_fault=False)


def _strangers(path: Path, source: Source, hunt: Hunt, report: Report) -> Iterator[Note]:
    """Columns that the hunt names and its query does not give."""
    for key, columns in _named(hunt).items():
        for name in dict.fromkeys(columns):
            is_given = name in report.columns if report.columns is not None else not surely_lacks(hunt.query, name)
            if not is_given:
                words = f"{key} names {name}, and the query answers without it"
                yield Note(path, *_place_of(source, key, name), UNKNOWN_COLUMN, words, is_fault=True)


def _named(hunt: Hunt) -> Mapping[str, Iterable[str]]:
    """The keys of `[huntbot]` that name columns, with those they name."""
    return {
        "identity": [key.column for key in hunt.identity],
        "summary": [name for _, name, _, _ in Formatter().parse(hunt.summary) if name],
        "fields": hunt.fields,
        "remediation": columns_of(hunt.remediation),
        "memory": hunt.memory,
    }


def _beginning(source: Source, query: str) -> tuple[int, int]:
    start = source.text.find(query)
    return _place_of(source, "query") if start < 0 else source.position(start)


def _place_of(source: Source, key: str, name: str = "") -> tuple[int, int]:
    """Where a key stands, or after it a name; the file's first place where neither is found."""
    stands = re.search(rf"^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=", source.text, re.MULTILINE)
    if stands is None:
        return 1, 1
    begins = stands.start() + len(stands[0]) - len(stands[0].lstrip())
    found = re.compile(rf"(?<![\w.@]){re.escape(name)}(?![\w.@])").search(source.text, stands.end()) if name else None
    return source.position(found.start() if found else begins)
