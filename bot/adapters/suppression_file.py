"""The file of suppression rules: TOML tables `[[suppression]]`, read into rules.

A rule that does not load is named with its line, hides nothing and stops no other.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path

from bot.adapters.toml_file import TomlFile, TomlTable
from bot.domain.columns import surely_lacks, words_named
from bot.domain.hunt import Hunt, HuntShelf
from bot.domain.severity import Severity
from bot.domain.suppression import NO_RULES, Suppression, Suppressions
from bot.errors import BadArgument, SuppressionError, UnknownHunt

RULES = "suppression"

_KEYS = ("hunt", "where", "reason", "owner", "expires", "up_to")
_GRADES = tuple(grade.value for grade in Severity)


def load_suppressions(path: Path | None, shelf: HuntShelf) -> tuple[Suppressions, tuple[SuppressionError, ...]]:
    """The rules of the file, none where there is no path, and what is wrong with those that do not load."""
    if path is None:
        return NO_RULES, ()
    faults: list[SuppressionError] = []
    rules: list[Suppression] = []
    try:
        file = TomlFile.read(path, SuppressionError)
        tables = file.tables(RULES)
    except SuppressionError as fault:
        return NO_RULES, (fault,)
    try:
        file.refuse_unknown((RULES,))
    except SuppressionError as fault:
        faults.append(fault)
    for table in tables:
        try:
            rules.append(_rule(table, shelf))
        except SuppressionError as fault:
            faults.append(fault)
    return Suppressions(tuple(rules)), tuple(faults)


def _rule(table: TomlTable, shelf: HuntShelf) -> Suppression:
    table.refuse_unknown(_KEYS)
    hunt = _hunt(table, shelf)
    where = _where(table, hunt)
    try:
        return Suppression(
            hunt=hunt.slug,
            where=where,
            reason=table.text("reason").strip(),
            owner=table.text("owner").strip(),
            expires=_expires(table),
            up_to=_up_to(table),
            line=table.line,
        )
    except BadArgument as fault:
        tell = table.fault_within if fault.argument in where else table.fault
        raise tell(fault.argument, fault.cure) from fault


def _hunt(table: TomlTable, shelf: HuntShelf) -> Hunt:
    try:
        return shelf.find(table.text("hunt"))
    except UnknownHunt as fault:
        near = f"; did you mean {' or '.join(fault.nearest)}?" if fault.nearest else ""
        raise table.fault("hunt", f"is {fault.slug!r}, and there is no such hunt{near}") from fault


def _where(table: TomlTable, hunt: Hunt) -> Mapping[str, str]:
    given = table.values.get("where", {})
    if not isinstance(given, dict):
        raise table.fault("where", 'must be columns with texts, such as { principal = "s3.amazonaws.com" }')
    where = dict(_flat(given))
    for column, text in where.items():
        if not isinstance(text, str):
            raise table.fault_within(column, "must be a text in quotes")
        if surely_lacks(hunt.query, column):
            near = get_close_matches(column, sorted(words_named(hunt.query) or ()), n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise table.fault_within(column, f"is no column of {hunt.slug}{hint}")
    return {column: str(text) for column, text in where.items()}


def _flat(given: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """Columns have dots in their names, and TOML reads `user.name = ...` without quotes as a table in a table."""
    for key, value in given.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _expires(table: TomlTable) -> date | datetime:
    expires = table.values.get("expires")
    if expires is None:
        raise table.fault("expires", "is missing")
    if not isinstance(expires, date):  # a datetime is one too
        raise table.fault("expires", "must be a day or a moment without quotes, such as 2027-01-31")
    return expires


def _up_to(table: TomlTable) -> Severity | None:
    if "up_to" not in table.values:
        return None
    grade = table.text("up_to").strip().lower()
    if grade not in _GRADES:
        raise table.fault("up_to", f"must be one of {', '.join(_GRADES)}")
    return Severity(grade)
