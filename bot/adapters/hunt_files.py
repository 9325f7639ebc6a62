"""Hunt files: Elastic's hunting TOML, read with our `[huntbot]` table beside it, into hunts.

A folder is read whole: a file that does not load is a fault that names itself and its line, and never stops the
others. What a hunt means is `bot/domain/hunt.py`'s; what stands in a file, and where, is decided here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from bot.adapters import huntbot_table
from bot.adapters.toml_file import Faults, TomlFile, TomlTable
from bot.domain.hunt import DEFAULT_WINDOW, Hunt, HuntShelf, IdentityKey, Slug
from bot.domain.query_text import language_of, without_stray_line
from bot.errors import FileError, HuntFileError

RULES_FILE = "suppressions.toml"

IsWord = Callable[[str], bool]
"""Whether `/hunt` takes a text for something else than a hunt."""


def no_words(_: str) -> bool:
    """Where nobody types the hunts' names."""
    return False


@dataclass(frozen=True, slots=True)
class HuntFile:
    """A file as far as it can be read: what is at fault in `hunt` is as if it were left out, or empty.

    `remarks` are sentences about choices that the reader made for its author; `lines` has those of `slug` and `uuid`.
    """

    path: Path
    hunt: Hunt
    remarks: tuple[str, ...] = ()
    lines: Mapping[str, int | None] = field(default_factory=dict)
    is_whole: bool = True


def load_shelf(
    roots: Sequence[Path], shipped: Sequence[Path] = (), is_word: IsWord = no_words
) -> tuple[HuntShelf, tuple[FileError, ...]]:
    """Every hunt under `roots`, then those of `shipped` that none of them replaces (by slug or uuid)."""
    own, faults = load_files(roots, is_word)
    ours, our_faults = load_files(shipped, is_word)
    kept = [file for file in ours if not any(shared(file, other) for other in own)]
    return HuntShelf({f.hunt.slug: f.hunt for f in (*own, *kept)}), (*faults, *our_faults)


def load_files(
    roots: Sequence[Path], is_word: IsWord = no_words
) -> tuple[tuple[HuntFile, ...], tuple[FileError, ...]]:
    """Every hunt file under `roots` that is without fault, and what is wrong with the others; see `read_files`."""
    files, faults = read_files(roots, is_word)
    return tuple(file for file in files if file.is_whole), faults


def read_files(
    roots: Sequence[Path], is_word: IsWord = no_words
) -> tuple[tuple[HuntFile, ...], tuple[FileError, ...]]:
    """Every hunt file under `roots` (files, or folders read recursively), by path, and all that is wrong with them.

    A slug or a uuid that an earlier file has already is a fault of the later one.
    """
    read: list[HuntFile] = []
    faults: list[FileError] = []
    for path in _toml_files(roots, faults):
        own = Faults()
        file = own.past(partial(_read, path, is_word, own), None)
        if file is not None:
            own.found += _twins(file, (other for other in read if other.is_whole))
            read.append(replace(file, is_whole=not own.found))
        faults += sorted(own.found, key=lambda fault: fault.line or 0)
    return tuple(read), tuple(faults)


def shared(file: HuntFile, other: HuntFile) -> tuple[str, ...]:
    """What two files have in common and only one can have: `slug`, `uuid`, both or nothing."""
    ids = {"slug": (file.hunt.slug, other.hunt.slug), "uuid": (file.hunt.uuid, other.hunt.uuid)}
    return tuple(key for key, (one, another) in ids.items() if one and one == another)


# --- finding files -------------------------------------------------------------------------------


def _toml_files(roots: Sequence[Path], faults: list[FileError]) -> Iterator[Path]:
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


def _twins(file: HuntFile, others: Iterable[HuntFile]) -> Iterator[FileError]:
    for other in others:
        for key in shared(file, other):
            says = f"its {key} {getattr(file.hunt, key)} is already {other.path.name}'s"
            yield HuntFileError(file.path, says, file.lines.get(key))


# --- what a file means ---------------------------------------------------------------------------


def _read(path: Path, is_word: IsWord, faults: Faults) -> HuntFile:
    """
    Raises:
        HuntFileError: nothing of it can be read, or it is no hunt file; whatever else is wrong goes to the faults.
    """
    source = TomlFile.read(path, HuntFileError)
    hunt = source.table("hunt")
    if hunt is None:
        raise source.fault("there is no [hunt] table; is it a hunt file?")
    nothing = TomlTable(source, "[huntbot]", {})
    own = faults.past(partial(source.table, "huntbot"), nothing) or nothing
    faults.found += own.unknown(huntbot_table.KEYS)
    query, remarks = faults.past(partial(_pick_query, hunt, own), ("", ()))
    lines = {"slug": source.line_of("slug", own.lines) or own.line, "uuid": source.line_of("uuid", hunt.lines)}
    return HuntFile(path, _hunt(path, hunt, own, query, is_word, faults), remarks, lines)


def _hunt(path: Path, hunt: TomlTable, own: TomlTable, query: str, is_word: IsWord, faults: Faults) -> Hunt:
    def text(key: str, default: str | None = None) -> str:
        return faults.past(partial(hunt.text, key, default), "").strip()

    def texts(table: TomlTable, key: str) -> tuple[str, ...]:
        return faults.past(partial(table.texts, key), ())

    return Hunt(
        slug=faults.past(partial(huntbot_table.slug, path, own, is_word), Slug("")),
        uuid=text("uuid").lower(),
        name=text("name"),
        description=text("description", default=""),
        query=query,
        author=text("author", default=""),
        integration=texts(hunt, "integration"),
        license=text("license", default=""),
        notes=texts(hunt, "notes"),
        mitre=texts(hunt, "mitre"),
        references=texts(hunt, "references"),
        window=faults.past(partial(huntbot_table.window, own), DEFAULT_WINDOW),
        identity=tuple(IdentityKey.read(key) for key in texts(own, "identity")),
        summary=faults.past(partial(huntbot_table.summary, own), ""),
        fields=texts(own, "fields"),
        schedule=faults.past(partial(huntbot_table.schedule, own), None),
        remediation=faults.past(partial(huntbot_table.remediation, own, query), ""),
        memory=faults.past(partial(huntbot_table.memory, own, query), ()),
        pivots=huntbot_table.pivots(own, query, faults),
    )


def _pick_query(hunt: TomlTable, own: TomlTable) -> tuple[str, tuple[str, ...]]:
    """The file's ES|QL query: the one that `[huntbot] query` counts to (from 1), else the first that is ES|QL."""
    queries = hunt.texts("query")
    if not queries:
        raise hunt.fault("query", "is missing")
    esql = [number for number, text in enumerate(queries, start=1) if language_of(text) == "esql"]
    if not esql:
        raise _no_esql(hunt, queries)
    chosen = _chosen_number(own, esql) if "query" in own.values else esql[0]
    return without_stray_line(queries[chosen - 1]).strip(), _remarks(queries, esql, chosen)


def _no_esql(hunt: TomlTable, queries: Sequence[str]) -> FileError:
    for query in queries:
        if says := huntbot_table.misspelt(query):
            return hunt.fault_at(query, "query", says)
    others = " and ".join(sorted({_LANGUAGE_NAMES[language_of(query)] for query in queries}))
    return hunt.fault("query", f"holds no ES|QL, only {others}")


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
