"""The `[huntbot]` table of a hunt file, read: how Slack shows the hunt, each fault with its line."""

import re
from collections.abc import Callable
from datetime import timedelta
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from string import Formatter

from bot.adapters.toml_file import Faults, TomlTable
from bot.domain.columns import surely_lacks, words_named
from bot.domain.hunt import DEFAULT_WINDOW, Slug, parse_duration
from bot.domain.pivot import BOUNDS, DEFAULT_REACH, SETTINGS, Pivot
from bot.domain.query_text import language_of, meant_source, opening_word, parameters
from bot.domain.remediation import columns_of
from bot.domain.schedule import Schedule
from bot.errors import BadArgument

KEYS = frozenset(
    {
        *("slug", "window", "identity", "summary", "fields", "schedule", "timezone", "channel", "query"),
        *("remediation", "memory", "pivots"),
    }
)
MOST_PIVOTS = 5  # buttons in a row that a phone still shows
LONGEST_NAME = 75  # the label of a button. https://docs.slack.dev/reference/block-kit/block-elements/button-element

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PIVOT_KEYS = frozenset({"name", "query", "before", "after", "nothing"})


def slug_of(path: Path) -> str:
    """The slug that a file's name gives: `lambda_perms.toml` is `lambda-perms`."""
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")


def slug(path: Path, own: TomlTable, is_word: Callable[[str], bool]) -> Slug:
    """`is_word`: what `/hunt` takes for something else than a hunt, which therefore can not be called so."""
    given = own.text("slug") if "slug" in own.values else slug_of(path)
    if not _SLUG.fullmatch(given):
        raise own.fault("slug", f"must be small letters and digits joined by -, and {given!r} is not")
    if is_word(given):
        raise own.fault("slug", f"must be no word that /hunt takes for something else, and {given!r} is")
    return Slug(given)


def window(own: TomlTable) -> timedelta:
    return _length(own, "window", DEFAULT_WINDOW)


def summary(own: TomlTable) -> str:
    """A sentence with columns in braces: `{principal} may {action}`; without conversions or formats."""
    template = own.text("summary", default="")
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as fault:
        raise own.fault("summary", f"has unbalanced braces: {fault}") from fault
    if any(field is not None and (not field or spec or conversion) for _, field, spec, conversion in pieces):
        raise own.fault("summary", "takes columns in braces, such as {principal}, and nothing else in them")
    return template


def schedule(own: TomlTable) -> Schedule | None:
    if "schedule" not in own.values:
        for key in ("timezone", "channel"):
            if key in own.values:
                raise own.fault(key, "says where a digest goes, and there is no schedule beside it")
        return None
    channel = own.text("channel") if "channel" in own.values else None
    try:
        return Schedule(own.text("schedule"), own.text("timezone", default="UTC"), channel)
    except BadArgument as fault:
        key = "timezone" if fault.argument == own.values.get("timezone") else "schedule"
        raise own.fault(key, f"{fault.argument!r} is {fault.cure}") from fault


def remediation(own: TomlTable, query: str) -> str:
    """A shell command with columns in braces; where values would not be safe in it, it is refused."""
    template = own.text("remediation", default="").strip()
    try:
        columns = columns_of(template)
    except BadArgument as fault:
        raise own.fault("remediation", fault.cure) from fault
    _refuse_strangers(own, "remediation", columns, query)
    return template


def memory(own: TomlTable, query: str) -> tuple[str, ...]:
    """The columns that make an earlier verdict worth telling."""
    columns = own.texts("memory")
    _refuse_strangers(own, "memory", columns, query)
    return columns


def pivots(own: TomlTable, query: str, faults: Faults) -> tuple[Pivot, ...]:
    """The `[[huntbot.pivots]]`, each a query of its own; two of one name are a fault."""
    tables = faults.past(partial(own.tables, "pivots"), ())
    if len(tables) > MOST_PIVOTS:
        faults.found.append(tables[MOST_PIVOTS].fault("name", f"is one too many: {MOST_PIVOTS} pivots are the most"))
    read: list[Pivot] = []
    for table in tables:
        pivot = _pivot(table, query, faults)
        if pivot.name and any(pivot.name == other.name for other in read):
            faults.found.append(table.fault("name", f"{pivot.name!r} is already another pivot's"))
        read.append(pivot)
    return tuple(read)


def _pivot(table: TomlTable, query: str, faults: Faults) -> Pivot:
    faults.found += table.unknown(_PIVOT_KEYS)
    before, after = faults.past(partial(_reaches, table), (DEFAULT_REACH, DEFAULT_REACH))
    return Pivot(
        faults.past(partial(_name, table), ""),
        faults.past(partial(_question, table, query), ""),
        before,
        after,
        faults.past(partial(table.text, "nothing", default=""), "").strip(),
    )


def _name(table: TomlTable) -> str:
    name = table.text("name").strip()
    if len(name) > LONGEST_NAME:
        raise table.fault("name", f"is longer than {LONGEST_NAME} characters, which a button can not show")
    return name


def _question(table: TomlTable, query: str) -> str:
    """The pivot's own query; `query` is the hunt's, whose columns it may ask about."""
    asked = table.text("query").strip()
    if language_of(asked) != "esql":
        raise table.fault_at(asked, "query", misspelt(asked) or "is no ES|QL")
    named = parameters(asked)
    if missing := sorted(BOUNDS - named):
        raise table.fault("query", f"lacks ?{' and ?'.join(missing)}: without them it reads all there ever was")
    if "" in named:
        raise table.fault("query", "has a parameter without a name; a column's name is what is bound to it")
    undotted = {name.replace(".", "_") for name in words_named(query) or ()}  # `?source_ip` is bound to source.ip
    _refuse_strangers(table, "query", sorted(named - BOUNDS - SETTINGS - undotted), query)
    return asked


def misspelt(query: str) -> str | None:
    """What to say of a query that begins with nearly a command; None where it begins with anything else."""
    meant = meant_source(query)
    return (
        f"begins with {opening_word(query)}, which is no command of ES|QL; did you mean {meant}?" if meant else None
    )


def _reaches(table: TomlTable) -> tuple[timedelta, timedelta]:
    """Before and after."""
    before, after = (_reach(table, key) for key in ("before", "after"))
    if not before + after:
        raise table.fault("after", "and before are nothing, so that it looks at no time at all")
    return before, after


def _reach(table: TomlTable, key: str) -> timedelta:
    """A length of time, or none: `0m`, for what begins or ends with the event."""
    is_none = re.fullmatch(r"0[mhdw]?", str(table.values.get(key)).strip()) is not None
    return timedelta() if is_none else _length(table, key, DEFAULT_REACH)


def _length(table: TomlTable, key: str, default: timedelta) -> timedelta:
    if key not in table.values:
        return default
    try:
        return parse_duration(table.text(key))
    except BadArgument as fault:
        raise table.fault(key, f"{fault.argument!r} is no length of time; {fault.cure}") from fault


def _refuse_strangers(table: TomlTable, key: str, columns: tuple[str, ...] | list[str], query: str) -> None:
    """Columns that no row of the hunt's answer can have."""
    strangers = [column for column in columns if surely_lacks(query, column)]
    if strangers:
        named, known = " and ".join(strangers), sorted(words_named(query) or ())
        near = dict.fromkeys(meant for column in strangers for meant in get_close_matches(column, known, n=1))
        hint = f"; did you mean {' and '.join(near)}?" if near else ""
        them = "it" if len(strangers) == 1 else "them"
        raise table.fault(key, f"names {named}, and the hunt's query answers without {them}{hint}")
