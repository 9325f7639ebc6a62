"""What is wrong in a hunt file, and where."""

from dataclasses import dataclass
from pathlib import Path

from bot.errors import FileError


@dataclass(frozen=True, slots=True)
class Note:
    """A fault, or else a warning: `line` and `column` of the file from 1, None where it has no place.

    `rule` is its name in docs/hunts.md, None where the file does not even load.
    """

    path: Path
    line: int | None
    column: int | None
    rule: str | None
    message: str
    is_fault: bool

    @classmethod
    def of(cls, fault: FileError) -> "Note":
        return cls(fault.path, fault.line, None, None, fault.fault, is_fault=True)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        grade = "" if self.is_fault else "warning: "
        return f"{place}: {grade}{self.message}{f' ({self.rule})' if self.rule else ''}"
