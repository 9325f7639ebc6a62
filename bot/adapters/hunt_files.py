"""Hunt files: Elastic's hunting TOML, read with our `[huntbot]` table beside it, into hunts.

A folder is read whole: a file that does not load is a fault that names itself and its line, and never stops the
others. What a hunt means is `bot/domain/hunt.py`'s; what stands in a file, and where, is decided here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.adapters import huntbot_table
from bot.adapters.toml_file import TomlFile, TomlTable
from bot.domain.hunt import Hunt, HuntShelf, IdentityKey
from bot.domain.query_text import language_of, without_stray_line
from bot.errors import HuntFileError

RULES_FILE = "suppressions.toml"


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
    own.refuse_unknown(huntbot_table.KEYS)
    query, remarks = _pick_query(hunt, own)
    return HuntFile(path, _hunt(path, hunt, own, query), remarks)


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
        slug=huntbot_table.slug(path, own),
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
        window=huntbot_table.window(own),
        identity=tuple(IdentityKey.read(key) for key in own.texts("identity")),
        summary=huntbot_table.summary(own),
        fields=own.texts("fields"),
        schedule=huntbot_table.schedule(own),
        remediation=huntbot_table.remediation(own, query),
        memory=huntbot_table.memory(own, query),
        pivots=huntbot_table.pivots(own, query),
    )


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
    return without_stray_line(queries[chosen - 1]).strip(), _remarks(queries, esql, chosen)


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
