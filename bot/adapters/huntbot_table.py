"""The `[huntbot]` table of a hunt file, read: how Slack shows the hunt, each fault with its line."""

import re
from datetime import timedelta
from difflib import get_close_matches
from pathlib import Path
from string import Formatter

from bot.adapters.toml_file import TomlTable
from bot.domain.columns import surely_lacks, words_named
from bot.domain.hunt import DEFAULT_WINDOW, Slug, parse_duration
from bot.domain.pivot import BOUNDS, DEFAULT_REACH, SETTINGS, Pivot
from bot.domain.query_text import language_of, parameters
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


def slug(path: Path, own: TomlTable) -> Slug:
    given = own.text("slug") if "slug" in own.values else slug_of(path)
    if not _SLUG.fullmatch(given):
        raise own.fault("slug", f"must be small letters and digits joined by -, and {given!r} is not")
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


def pivots(own: TomlTable, query: str) -> tuple[Pivot, ...]:
    """The `[[huntbot.pivots]]`, each a query of its own; two of one name are a fault."""
    tables = own.tables("pivots")
    if len(tables) > MOST_PIVOTS:
        raise tables[MOST_PIVOTS].fault("name", f"is one too many: {MOST_PIVOTS} pivots are the most")
    read: dict[str, Pivot] = {}
    for table in tables:
        pivot = _pivot(table, query)
        if pivot.name in read:
            raise table.fault("name", f"{pivot.name!r} is already another pivot's")
        read[pivot.name] = pivot
    return tuple(read.values())


def _pivot(table: TomlTable, query: str) -> Pivot:
    table.refuse_unknown(_PIVOT_KEYS)
    name, asked = table.text("name").strip(), table.text("query").strip()
    if len(name) > LONGEST_NAME:
        raise table.fault("name", f"is longer than {LONGEST_NAME} characters, which a button can not show")
    if language_of(asked) != "esql":
        raise table.fault("query", "is no ES|QL")
    named = parameters(asked)
    if missing := sorted(BOUNDS - named):
        raise table.fault("query", f"lacks ?{' and ?'.join(missing)}: without them it reads all there ever was")
    if "" in named:
        raise table.fault("query", "has a parameter without a name; a column's name is what is bound to it")
    undotted = {name.replace(".", "_") for name in words_named(query) or ()}  # `?source_ip` is bound to source.ip
    _refuse_strangers(table, "query", sorted(named - BOUNDS - SETTINGS - undotted), query)
    before, after = (_reach(table, key) for key in ("before", "after"))
    if not before + after:
        raise table.fault("after", "and before are nothing, so that it looks at no time at all")
    return Pivot(name, asked, before, after, table.text("nothing", default="").strip())


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
    for column in columns:
        if surely_lacks(query, column):
            near = get_close_matches(column, sorted(words_named(query) or ()), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise table.fault(key, f"names {column}, and the hunt's query answers without it{hint}")
