"""A TOML file whose faults name their line, which TOML's own reader forgets."""

import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TypeVar

from bot.errors import FileError

T = TypeVar("T")
U = TypeVar("U")

MAX_BYTES = 1_000_000  # these files are a page of text, or a few; what is larger is something else

_TOML_PLACE = re.compile(r"\s*\(at (?:line (?P<line>\d+), column \d+|end of document)\)$")


@dataclass(slots=True)
class Faults:
    """Reads on after a fault, so that a file tells all it has at once."""

    found: list[FileError] = field(default_factory=list)

    def past(self, read: Callable[[], T], otherwise: U) -> T | U:
        """What is read, or `otherwise` where that is at fault."""
        try:
            return read()
        except FileError as fault:
            self.found.append(fault)
            return otherwise


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A file's text beside its parsed content; `error` is what its faults are."""

    path: Path
    text: str
    content: Mapping[str, object]
    error: type[FileError]

    @classmethod
    def read(cls, path: Path, error: type[FileError]) -> "TomlFile":
        """Read and parsed.

        Raises:
            FileError: the `error` that was given, with the line of the fault where it has one.
        """
        text = _read_text(path, error)
        try:
            return cls(path, text, tomllib.loads(text), error)
        except tomllib.TOMLDecodeError as fault:
            raise _toml_fault(path, text, str(fault), error) from fault
        except (RecursionError, ValueError) as fault:  # nested too deep; a number of thousands of digits
            raise error(path, "it is nested too deep or holds too large a number") from fault

    def table(self, name: str) -> "TomlTable | None":
        """The table `[name]`; None where there is none."""
        value = self.content.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.fault(f"{name} must be a table: [{name}]", self.line_of(name))
        return TomlTable(self, f"[{name}]", value, self._lines_of(rf"\[\s*{re.escape(name)}\s*\]", 0))

    def tables(self, name: str) -> tuple["TomlTable", ...]:
        """The tables `[[name]]`, in their order; none where there is none."""
        values = self.content.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.fault(f"{name} must be tables: [[{name}]]", self.line_of(name))
        return self.nested(name, values)

    def nested(self, path: str, values: Sequence[Mapping[str, object]]) -> "tuple[TomlTable, ...]":
        """What `[[path]]` holds, each with its lines."""
        header = rf"\[\[\s*{re.escape(path)}\s*\]\]"
        return tuple(
            TomlTable(self, f"[[{path}]]", value, self._lines_of(header, number))
            for number, value in enumerate(values)
        )

    def fault(self, what: str, line: int | None = None) -> FileError:
        return self.error(self.path, what, line)

    def refuse_unknown(self, known: Collection[str]) -> None:
        for key in self.content:
            if key not in known:
                raise self.fault(f"{key} is unknown{_nearest(key, known)}", self.line_of(key))

    def line_of(self, key: str, lines: range | None = None) -> int | None:
        """The line where `key` is given a value or heads a table, counted from 1."""
        name = rf"[\"']?{re.escape(key)}[\"']?"
        return self.find(rf"\s*(?:{name}\s*[=.]|\[+\s*(?:[^\]=]*\.)?\s*{name}\s*[\].])", lines)

    def find(self, pattern: str, lines: range | None = None) -> int | None:
        """The first of the lines that begins with the pattern."""
        numbered = enumerate(self.text.splitlines(), start=1)
        return next((n for n, line in numbered if (lines is None or n in lines) and re.match(pattern, line)), None)

    def _lines_of(self, header: str, number: int) -> range:
        """From the header that has so many of its kind before it to the next one, or to the end."""
        lines = self.text.splitlines()
        starts = [n for n, line in enumerate(lines, start=1) if re.match(rf"\s*{header}", line)]
        ends = [*starts[1:], len(lines) + 1]
        return range(starts[number], ends[number]) if number < len(starts) else range(0)


@dataclass(frozen=True, slots=True)
class TomlTable:
    """One table of a file; every reader refuses what it can not use, with the line."""

    file: TomlFile
    label: str
    values: Mapping[str, object]
    lines: range = range(0)

    @property
    def line(self) -> int | None:
        """Where it begins."""
        return self.lines.start or None

    def fault(self, key: str, what: str) -> FileError:
        line = self.file.line_of(key, self.lines) or self.line
        return self.file.fault(f"{self.label} {key} {what}", line)

    def fault_within(self, key: str, what: str) -> FileError:
        """The same of a key that may stand inside another one's line: `where = { key = ... }`."""
        line = self.file.find(rf".*?(?:^|[{{,.\s])[\"']?{re.escape(key)}[\"']?\s*=", self.lines) or self.line
        return self.file.fault(f"{self.label} {key} {what}", line)

    def tables(self, name: str) -> "tuple[TomlTable, ...]":
        """The tables `[[this.name]]`, in their order; none where there is none."""
        values = self.values.get(name, [])
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise self.fault(name, f"must be tables: [[{self.label.strip('[]')}.{name}]]")
        return self.file.nested(f"{self.label.strip('[]')}.{name}", values)

    def refuse_unknown(self, known: Collection[str]) -> None:
        for fault in self.unknown(known):
            raise fault

    def unknown(self, known: Collection[str]) -> "Iterator[FileError]":
        """A fault for each key that is none."""
        for key in self.values:
            if key not in known:
                yield self.fault(key, f"is unknown{_nearest(key, known)}")

    def fault_at(self, text: str, key: str, what: str) -> FileError:
        """The same of a text that the key holds, with the line where that begins if it stands there as it is."""
        stands = self.file.text.find(text.strip())
        line = self.file.text.count("\n", 0, stands) + 1 if stands >= 0 else self.file.line_of(key, self.lines)
        return self.file.fault(f"{self.label} {key} {what}", line or self.line)

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, default)
        if value is None:
            raise self.fault(key, "is missing")
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise self.fault(key, "must be a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text as a list of one; nothing where the key is absent."""
        value = self.values.get(key, [])
        items = [value] if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise self.fault(key, "must be a list of texts")
        return tuple(items)


def _nearest(key: str, known: Collection[str]) -> str:
    near = get_close_matches(key, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _read_text(path: Path, error: type[FileError]) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise error(path, f"it is larger than {MAX_BYTES // 1_000_000} MB")
        return raw.decode("utf-8")
    except OSError as fault:
        raise error(path, f"it can not be read: {fault.strerror}") from fault
    except UnicodeDecodeError as fault:
        raise error(path, "it is not UTF-8 text", raw.count(b"\n", 0, fault.start) + 1) from fault


def _toml_fault(path: Path, text: str, message: str, error: type[FileError]) -> FileError:
    place = _TOML_PLACE.search(message)
    what = message[: place.start()] if place else message
    line = int(place["line"]) if place and place["line"] else text.count("\n") + 1
    return error(path, f"not valid TOML: {what}", line)
