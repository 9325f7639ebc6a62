"""How bad a hit is: five ordered grades."""

from enum import Enum


class Severity(Enum):
    """A grade; compare with `rank`, where critical is 4 and info is 0."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        return _RANKS[self]

    @classmethod
    def read(cls, text: object) -> "Severity":
        """The grade a hunt's `severity` column names, in any case; a hunt that gives none is medium."""
        return _NAMES.get(str(text).strip().lower(), cls.MEDIUM)


_RANKS = {grade: rank for rank, grade in enumerate(reversed(Severity))}
_NAMES = {grade.value: grade for grade in Severity}
