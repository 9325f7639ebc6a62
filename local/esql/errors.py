"""What goes wrong with a query, in Elasticsearch's own words and error bodies.

EsqlError
├── ParsingError        the text is no ES|QL
├── VerificationError   the text is ES|QL, but names or types in it do not fit
├── UnsupportedError    Elasticsearch has it, this engine does not
├── UnknownIndexError   FROM names no index that is there
├── ArgumentError       a value given beside the text is wrong, or a value of a row cannot be worked with
│   └── InvalidArgumentError    a constant that a function cannot work with
├── ClosedError         the engine was closed before
└── QueryTimeoutError   it ran longer than it was allowed to
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One complaint and where in the query it stands (both 1-based, as Elasticsearch counts)."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}:{self.column}: {self.message}"


@dataclass(slots=True)
class Complaints:
    """What is wrong with a command.

    `unresolved`: a name or type that does not fit, so that what follows cannot be looked at. `unfit`: things that are
    known, where they may not stand. Source: the two passes of `Verifier.verify`.
    """

    unresolved: list[Problem] = field(default_factory=list)
    unfit: list[Problem] = field(default_factory=list)


class EsqlError(Exception):
    """A query that is refused or fails."""

    type: ClassVar[str] = "illegal_argument_exception"
    status: ClassVar[int] = 400

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def body(self) -> dict[str, object]:
        """The JSON that Elasticsearch answers with; shape from its REST API's error responses."""
        cause = {"type": self.type, "reason": self.reason}
        return {"error": {"root_cause": [cause], **cause}, "status": self.status}


class ParsingError(EsqlError):
    """The text is no ES|QL."""

    type = "parsing_exception"

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problems = (problem,)


class VerificationError(EsqlError):
    """Names or types do not fit; all of them are said at once, and what is said twice where it first stands."""

    type = "verification_exception"

    def __init__(self, problems: Iterable[Problem]) -> None:
        first: dict[str, Problem] = {}
        for problem in problems:
            first.setdefault(problem.message, problem)
        self.problems = tuple(first.values())
        count = len(self.problems)
        heading = f"Found {count} problem{'s' if count > 1 else ''}"
        super().__init__("\n".join([heading, *map(str, self.problems)]))


class UnknownIndexError(EsqlError):
    """FROM names no index that is there."""

    type = "verification_exception"

    def __init__(self, pattern: str, position: tuple[int, int]) -> None:
        problem = Problem(*position, f"Unknown index [{pattern}]")
        super().__init__(f"Found 1 problem\n{problem}")
        self.problems = (problem,)


class UnsupportedError(EsqlError):
    """Elasticsearch has it, this engine does not."""

    type = "verification_exception"

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"Found 1 problem\n{problem}")
        self.problems = (problem,)


class ArgumentError(EsqlError):
    """A value given beside the text is wrong, or a value of a row cannot be worked with."""


class InvalidArgumentError(ArgumentError):
    """A constant that a function cannot work with."""

    type = "invalid_argument_exception"


class ClosedError(EsqlError):
    """The engine was closed, before the query or during it."""

    type = "illegal_state_exception"
    status = 500

    def __init__(self) -> None:
        super().__init__("the engine is closed")


class QueryTimeoutError(EsqlError):
    """It ran longer than it was allowed to."""

    type = "timeout_exception"
    status = 408

    def __init__(self) -> None:
        super().__init__("the query was not done in time and has been ended")
