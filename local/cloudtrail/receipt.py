"""What was read of an archive and what was not, in parts that add up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, islice

from local.cloudtrail.record import Json, Mapped, Record
from local.cloudtrail.refusal import Kind, Refusal
from local.cloudtrail.times import epoch_ms

_NAMED = 1000
"""Files of one kind that a receipt names: an archive of a million refused files must not fill the memory."""
_LINES_KEPT = 100


@dataclass(frozen=True, slots=True)
class Skipped:
    """What of one file was not taken, one entry per kind and file.

    `where`: the file, fit to be printed. `count`: files, lines or items. `lines`: the numbers of bad lines, from 1;
    the first hundred of them.
    """

    where: str
    kind: Kind
    reason: str
    count: int = 1
    lines: tuple[int, ...] = ()

    def below(self, name: str) -> Skipped:
        """The same where `where` is only what follows the file's name."""
        return replace(self, where=printable(name) + self.where)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Receipts of parts of an archive add up to that of the whole; plain data, fit for pickle and JSON.

    `files`: those that gave at least one record. `passed`: those whose bytes show that they hold nothing that is
    wanted; none of their records was decoded. `undated`: records without a readable time. `skipped`: what is named
    of what was skipped, `unnamed`: how much more there was of each kind.
    """

    files: int = 0
    records: int = 0
    undated: int = 0
    skipped: tuple[Skipped, ...] = ()
    passed: int = 0
    unnamed: tuple[tuple[Kind, int], ...] = ()

    def __add__(self, other: Receipt) -> Receipt:
        return combined((self, other))

    def by_kind(self) -> dict[Kind, int]:
        """How much was skipped of each kind, the most frequent first."""
        counts = Counter(dict(self.unnamed))
        for entry in self.skipped:
            counts[entry.kind] += entry.count
        return dict(counts.most_common())

    @property
    def is_partial(self) -> bool:
        """Whether something was skipped that may hold records."""
        return any(kind.may_hold_records for kind in self.by_kind())

    @property
    def is_of_nothing(self) -> bool:
        """Whether there was not one record: that nothing is found in it is no all-clear."""
        return not (self.records or self.passed)

    def as_object(self) -> dict[str, Json]:
        """The receipt for programs. What is not named is an entry without a path."""
        named: list[Json] = [
            {"path": e.where, "kind": e.kind, "reason": e.reason, "count": e.count, "lines": list(e.lines)}
            for e in self.skipped
        ]
        unnamed: list[Json] = [
            {"path": None, "kind": kind, "reason": "", "count": count, "lines": []} for kind, count in self.unnamed
        ]
        return {
            "files": self.files,
            "records": self.records,
            "undated": self.undated,
            "passed": self.passed,
            "skipped": [*named, *unnamed],
        }

    def sentences(self, examples: int = 20) -> Iterator[str]:
        """The receipt for people: one line of totals, then what was skipped, of each kind the first few."""
        kinds = self.by_kind()
        skipped = ", ".join(f"{count:,} {kind}" for kind, count in kinds.items())
        yield f"{self._totals()}" + (f"; skipped: {skipped}" if skipped else "")
        if self.undated:
            have, them = ("has", "it") if self.undated == 1 else ("have", "them")
            yield f"{_counted(self.undated, 'record')} {have} no readable eventTime: no time window contains {them}"
        for kind, count in kinds.items():
            shown = list(islice((entry for entry in self.skipped if entry.kind is kind), examples))
            yield from map(_sentence, shown)
            if more := count - sum(entry.count for entry in shown):
                yield f"{kind}: {more:,} more"

    def _totals(self) -> str:
        if self.passed and not self.files:
            return f"{_counted(self.passed, 'file')} searched, and nothing in there that was asked for"
        totals = f"{_counted(self.records, 'record')} from {_counted(self.files, 'file')}"
        holding = "holds" if self.passed == 1 else "hold"
        passed = f"; {_counted(self.passed, 'file')} {holding} nothing that was asked for"
        return totals + passed if self.passed else totals


def _counted(count: int, thing: str) -> str:
    return f"{count:,} {thing}" if count == 1 else f"{count:,} {thing}s"


def combined(receipts: Iterable[Receipt]) -> Receipt:
    """The receipt of all parts together."""
    total = Tally()
    for receipt in receipts:
        total.add(receipt)
    return total.receipt()


@dataclass(slots=True)
class _Entry:
    reason: str
    count: int = 0
    lines: list[int] = field(default_factory=list)

    def add(self, count: int, lines: Iterable[int]) -> None:
        self.count += count
        self.lines.extend(islice(lines, _LINES_KEPT - len(self.lines)))


@dataclass(slots=True)
class Tally:
    """A receipt in the making."""

    files: int = 0
    records: int = 0
    undated: int = 0
    passed: int = 0
    _entries: dict[tuple[Kind, str], _Entry] = field(default_factory=dict)
    _named: Counter[Kind] = field(default_factory=Counter)
    _unnamed: Counter[Kind] = field(default_factory=Counter)

    def sift(self, name: str, found: Iterable[Record | Mapped | Refusal]) -> Iterator[Record | Mapped]:
        """The records among what one file holds; everything is counted under the file's name."""
        before = self.records
        try:
            for item in found:
                if isinstance(item, Refusal):
                    self.refuse(name, item)
                else:
                    self._count(item)
                    yield item
        finally:
            self.files += self.records > before

    def refuse(self, name: str, refusal: Refusal) -> None:
        where = printable(f"{name}/{refusal.member}" if refusal.member else name)
        lines = () if refusal.line is None else (refusal.line,)
        self._skip(Skipped(where, refusal.kind, printable(refusal.reason), 1, lines))

    def add(self, receipt: Receipt) -> None:
        self.files += receipt.files
        self.records += receipt.records
        self.undated += receipt.undated
        self.passed += receipt.passed
        for entry in receipt.skipped:
            self._skip(entry)
        if receipt.unnamed:
            self._unnamed.update(dict(receipt.unnamed))

    def receipt(self) -> Receipt:
        skipped = (
            Skipped(where, kind, entry.reason, entry.count, tuple(entry.lines))
            for (kind, where), entry in self._entries.items()
        )
        return Receipt(
            self.files, self.records, self.undated, tuple(skipped), self.passed, tuple(self._unnamed.items())
        )

    def _count(self, item: Record | Mapped) -> None:
        self.records += 1
        moment = item.document.get("@timestamp") if isinstance(item, Mapped) else epoch_ms(item.get("eventTime"))
        self.undated += moment is None

    def _skip(self, skipped: Skipped) -> None:
        key = (skipped.kind, skipped.where)
        if key not in self._entries:
            if self._named[skipped.kind] >= _NAMED:
                self._unnamed[skipped.kind] += skipped.count
                return
            self._named[skipped.kind] += 1
            self._entries[key] = _Entry(skipped.reason)
        self._entries[key].add(skipped.count, skipped.lines)


def printable(name: str) -> str:
    """A name as it may stand in a terminal: what is no printable character, or no character at all, is escaped."""
    return "".join(
        "".join(part) if is_printable else "".join(part).encode("unicode_escape", "surrogatepass").decode()
        for is_printable, part in groupby(name, str.isprintable)
    )


def _sentence(entry: Skipped) -> str:
    where = f" line {', '.join(map(str, entry.lines))}" if entry.lines else ""
    times = f" ({entry.count:,} times)" if entry.count > 1 else ""
    return f"{entry.where}{where}: {entry.kind}: {entry.reason}{times}"
