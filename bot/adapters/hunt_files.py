"""Hunt files: Elastic's hunting TOML, read with our `[huntbot]` table beside it, into hunts.

A folder is read whole: a file that does not load is a fault that names itself and its line, and never stops the
others. What a hunt means is `bot/domain/hunt.py`'s; what stands in a file, and where, is decided here.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from string import Formatter

from bot.adapters.toml_file import TomlFile, TomlTable
from bot.domain.hunt import DEFAULT_WINDOW, Hunt, HuntShelf, IdentityKey, Slug, parse_duration
from bot.domain.schedule import Schedule
from bot.errors import BadArgument, HuntFileError

RULES_FILE = "suppressions.toml"

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ESQL_SOURCES = frozenset({"from", "row", "show", "ts"})
_SQL_STARTS = frozenset({"select", "with"})
_COMMENT = re.compile(r"\A(?:\s+|//[^\n]*|/\*.*?\*/)", re.DOTALL)

_OWN_KEYS = frozenset({"slug", "window", "identity", "summary", "fields", "schedule", "timezone", "channel", "query"})


@dataclass(frozen=True, slots=True)
class HuntFile:
    """A file that loaded; `remarks` are sentences about choices that the reader made for its author."""

    path: Path
    hunt: Hunt
    remarks: tuple[str, ...] = ()


def load_shelf(roots: Sequence[Path], shipped: Sequence[Path] = ()) -> tuple[HuntShelf, tuple[HuntFileError, ...]]:
    """Every hunt under `roots`, then those of `shipped` that none of them replaces (by slug or uuid)."""
    own, faults = load_files(roots)
    ours, our_faults = load_files(shipped)
    taken = {f.hunt.slug for f in own} | {f.hunt.uuid for f in own}
    kept = [f for f in ours if f.hunt.slug not in taken and f.hunt.uuid not in taken]
    return HuntShelf({f.hunt.slug: f.hunt for f in (*own, *kept)}), (*faults, *our_faults)


def load_files(roots: Sequence[Path]) -> tuple[tuple[HuntFile, ...], tuple[HuntFileError, ...]]:
    """Every hunt file under `roots` (files, or folders read recursively), by path; the faulty ones apart.

    A slug or a uuid that an earlier file has already is a fault of the later one.
    """
    loaded: list[HuntFile] = []
    faults: list[HuntFileError] = []
    for path in _toml_files(roots, faults):
        try:
            hunt_file = load_file(path)
            _refuse_twin(hunt_file, loaded)
        except HuntFileError as fault:
            faults.append(fault)
        else:
            loaded.append(hunt_file)
    return tuple(loaded), tuple(faults)


def load_file(path: Path) -> HuntFile:
    """One hunt file.

    Raises:
        HuntFileError: with the line of the fault where it has one.
    """
    source = TomlFile.read(path, HuntFileError)
    hunt = source.table("hunt")
    if hunt is None:
        raise source.fault("there is no [hunt] table; is it a hunt file?")
    own = source.table("huntbot") or TomlTable(source, "[huntbot]", {})
    own.refuse_unknown(_OWN_KEYS)
    query, remarks = _pick_query(hunt, own)
    return HuntFile(path, _hunt(path, hunt, own, query), remarks)


def slug_of(path: Path) -> str:
    """The slug that a file's name gives: `lambda_perms.toml` is `lambda-perms`."""
    return re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")


def language_of(query: str) -> str:
    """What a query is written in, by its text: `esql`, `sql` (osquery) or `eql`."""
    opening = re.match(r"[a-z_]*", _from_first_command(query), re.IGNORECASE)
    first_word = opening[0].lower() if opening else ""
    if first_word in _ESQL_SOURCES:
        return "esql"
    return "sql" if first_word in _SQL_STARTS else "eql"


def index_patterns(query: str) -> tuple[str, ...]:
    """The index patterns that an ES|QL query reads: what stands after its FROM."""
    source = re.match(r"(?:from|ts)\s+([^|]+)", _from_first_command(query), re.IGNORECASE)
    if source is None:
        return ()
    names = re.split(r"\bmetadata\b", re.sub(r"//[^\n]*|/\*.*?\*/", "", source[1]), flags=re.IGNORECASE)[0]
    return tuple(name.strip(' \t\r\n"') for name in names.split(",") if name.strip())


# --- finding files -------------------------------------------------------------------------------


def _toml_files(roots: Sequence[Path], faults: list[HuntFileError]) -> Iterator[Path]:
    for root in roots:
        if root.is_dir():
            yield from sorted(p for p in root.rglob("*.toml") if p.is_file() and not _is_aside(p, root))
        elif root.is_file():
            yield root
        else:
            faults.append(HuntFileError(root, "there is no such file or folder"))


def _is_aside(path: Path, root: Path) -> bool:
    """Whether it is hidden, or holds the suppression rules, which may be kept beside the hunts."""
    return path.name == RULES_FILE or any(part.startswith(".") for part in path.relative_to(root).parts)


def _refuse_twin(hunt_file: HuntFile, loaded: Iterable[HuntFile]) -> None:
    for other in loaded:
        for key in ("slug", "uuid"):
            value = getattr(hunt_file.hunt, key)
            if value == getattr(other.hunt, key):
                raise HuntFileError(hunt_file.path, f"its {key} {value} is already {other.path.name}'s")


# --- what a file means ---------------------------------------------------------------------------


def _hunt(path: Path, hunt: TomlTable, own: TomlTable, query: str) -> Hunt:
    return Hunt(
        slug=_slug(path, own),
        uuid=hunt.text("uuid").strip().lower(),
        name=hunt.text("name").strip(),
        description=hunt.text("description", default="").strip(),
        query=query,
        author=hunt.text("author", default=""),
        integration=hunt.texts("integration"),
        license=hunt.text("license", default=""),
        notes=hunt.texts("notes"),
        mitre=hunt.texts("mitre"),
        references=hunt.texts("references"),
        window=_window(own),
        identity=tuple(IdentityKey.read(key) for key in own.texts("identity")),
        summary=_summary(own),
        fields=own.texts("fields"),
        schedule=_schedule(own),
    )


def _slug(path: Path, own: TomlTable) -> Slug:
    slug = own.text("slug") if "slug" in own.values else slug_of(path)
    if not _SLUG.fullmatch(slug):
        raise own.fault("slug", f"must be small letters and digits joined by -, and {slug!r} is not")
    return Slug(slug)


def _window(own: TomlTable) -> timedelta:
    if "window" not in own.values:
        return DEFAULT_WINDOW
    try:
        return parse_duration(own.text("window"))
    except BadArgument as fault:
        raise own.fault("window", f"{fault.argument!r} is no length of time; {fault.cure}") from fault


def _summary(own: TomlTable) -> str:
    """A sentence with columns in braces: `{principal} may {action}`; without conversions or formats."""
    summary = own.text("summary", default="")
    try:
        pieces = list(Formatter().parse(summary))
    except ValueError as fault:
        raise own.fault("summary", f"has unbalanced braces: {fault}") from fault
    if any(field is not None and (not field or spec or conversion) for _, field, spec, conversion in pieces):
        raise own.fault("summary", "takes columns in braces, such as {principal}, and nothing else in them")
    return summary


def _schedule(own: TomlTable) -> Schedule | None:
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


def _pick_query(hunt: TomlTable, own: TomlTable) -> tuple[str, tuple[str, ...]]:
    """The file's ES|QL query: the one that `[huntbot] query` counts to (from 1), else the first that is ES|QL."""
    queries = hunt.texts("query")
    if not queries:
        raise hunt.fault("query", "is missing")
    esql = [number for number, text in enumerate(queries, start=1) if language_of(text) == "esql"]
    if not esql:
        others = " and ".join(sorted({_LANGUAGE_NAMES[language_of(text)] for text in queries}))
        raise hunt.fault("query", f"holds no ES|QL, only {others}")
    chosen = _chosen_number(own, esql) if "query" in own.values else esql[0]
    return _without_stray_line(queries[chosen - 1]).strip(), _remarks(queries, esql, chosen)


_LANGUAGE_NAMES = {"esql": "ES|QL", "sql": "osquery SQL", "eql": "EQL"}


def _chosen_number(own: TomlTable, esql: Sequence[int]) -> int:
    number = own.values["query"]
    if not isinstance(number, int) or number not in esql:
        raise own.fault("query", f"must count to a query that is ES|QL: {', '.join(map(str, esql))}")
    return number


def _remarks(queries: Sequence[str], esql: Sequence[int], chosen: int) -> tuple[str, ...]:
    if len(queries) == 1:
        return ()
    others = len(queries) - len(esql)
    why = "the first that is ES|QL" if chosen == esql[0] else "as [huntbot] query says"
    choice = f"query {chosen} of {len(queries)} is the hunt: {why}"
    if len(esql) > 1:
        choice += f" ([huntbot] query = N picks another: {', '.join(str(n) for n in esql if n != chosen)})"
    return (choice, f"{others} not in ES|QL") if others else (choice,)


def _without_stray_line(query: str) -> str:
    """Some of Elastic's query texts begin with a line that says only `sql`, left from a Markdown fence."""
    return re.sub(r"\A\s*sql[ \t]*\r?\n", "", query)


def _from_first_command(query: str) -> str:
    rest = _without_stray_line(query)
    while comment := _COMMENT.match(rest):
        rest = rest[comment.end() :]
    return rest
