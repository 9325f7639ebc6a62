"""The error tree: what can go wrong, each error with its facts and a sentence for the person who sees it.

HuntbotError
├── InputError                what a person typed or wrote can not be used (exit code 2)
│   ├── SettingsError         settings are missing or wrong, all of them at once
│   ├── FileError             a file of ours can not be used, or a part of it
│   │   ├── HuntFileError     a hunt file does not load
│   │   └── SuppressionError  a suppression rule does not load
│   ├── UnknownHunt           no hunt of that name
│   ├── UnknownFinding        no finding of that id
│   ├── BadArgument           an argument of a command
│   └── Refused               a person may not do what they ask for, as far as is known
├── LogSearchError            the hunt could not be run (exit code 3)
│   ├── LogSearchUnavailable  Elasticsearch is down, slow or refuses the connection
│   ├── LogSearchDenied       the API key is wrong or lacks a privilege
│   └── QueryRejected         Elasticsearch refuses the query
├── StoreError                the store can not be read or written (exit code 3)
│   ├── StoreBusy             a transaction did not finish within its time
│   └── StoreLocked           another process holds this store
└── WorkspaceError            Slack, or an escalation target, did not take a message
    ├── WorkspaceUnavailable  not reached: nothing was posted; try again
    │   └── TokenRefused      it takes nothing from us anywhere: the token is no good
    ├── OutcomeUnknown        sent, and no answer: it may stand there
    ├── RateLimited           it asks to wait
    ├── RouteBroken           the channel or target takes nothing from us
    ├── MessageGone           the message, or the thread it hangs in, is not there or can not be changed any more
    └── MessageRejected       it refuses this one message as it is written
"""

from dataclasses import dataclass, field
from pathlib import Path

_QUOTED = 200  # characters of what somebody typed: an ARN fits, and the cure is still read


class HuntbotError(Exception):
    """Something went wrong in a way huntbot knows; `str()` is safe to show to the person who caused it."""


class InputError(HuntbotError):
    """What a person typed or wrote can not be used."""


@dataclass
class SettingsError(InputError):
    """Settings are missing or wrong; `faults` are (name, what is wrong and its cure), without values."""

    faults: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return "\n".join(f"{name}: {fault}" for name, fault in self.faults)


@dataclass
class FileError(InputError):
    """A file of ours can not be used, or a part of it; `line` counts from 1 where the fault has a place."""

    path: Path
    fault: str
    line: int | None = None

    def __str__(self) -> str:
        place = self.path.name if self.line is None else f"{self.path.name}:{self.line}"
        return f"{place}: {self.fault}"


class HuntFileError(FileError):
    """A hunt file does not load."""


class SuppressionError(FileError):
    """A suppression rule does not load, or none of its file: it hides nothing."""


@dataclass
class UnknownHunt(InputError):
    """No hunt is called that."""

    slug: str
    nearest: tuple[str, ...] = ()

    def __str__(self) -> str:
        hint = f" Did you mean {' or '.join(self.nearest)}?" if self.nearest else " /hunt list shows them all."
        return f"There is no hunt called {_quoted(self.slug)}.{hint}"


@dataclass
class UnknownFinding(InputError):
    """No finding has that id."""

    ref: str

    def __str__(self) -> str:
        return f"There is no finding {_quoted(self.ref)}. /hunt findings shows the open ones."


@dataclass
class BadArgument(InputError):
    """An argument of a command can not be used; `cure` says what would be."""

    argument: str
    cure: str

    def __str__(self) -> str:
        return f"{_quoted(self.argument.rstrip(':=') or self.argument)}: {self.cure}"


@dataclass
class Refused(InputError):
    """A person may not do what they ask for, or nobody can say now; `why` is a sentence for them and the history."""

    why: str

    def __str__(self) -> str:
        return self.why


@dataclass
class LogSearchError(HuntbotError):
    """The hunt could not be run; `reason` is Elasticsearch's or the network's, without secrets."""

    reason: str

    def __str__(self) -> str:
        return self.reason


class LogSearchUnavailable(LogSearchError):
    """Elasticsearch is down, too slow or refuses the connection."""


class LogSearchDenied(LogSearchError):
    """The API key is wrong or lacks a privilege."""


@dataclass
class QueryRejected(LogSearchError):
    """Elasticsearch refuses the query; line and column count from 1 where it names a place."""

    kind: str = ""
    line: int | None = None
    column: int | None = None


class StoreError(HuntbotError):
    """The store can not be read or written."""


class StoreBusy(StoreError):
    """A transaction did not finish within its time; nothing of it was kept."""


class StoreLocked(StoreError):
    """Another process holds this store; SQLite serves one."""


@dataclass
class WorkspaceError(HuntbotError):
    """A message was not taken; `code` is the peer's error code or the network's, `peer` who was spoken to."""

    code: str
    peer: str = field(default="Slack", kw_only=True)

    def __str__(self) -> str:
        return f"{self.peer} answered {self.code}"


class WorkspaceUnavailable(WorkspaceError):
    """The peer was not reached: nothing was posted, trying again is safe."""


class TokenRefused(WorkspaceUnavailable):
    """The peer knows us no more: nothing goes out anywhere until somebody gives us another token."""


class OutcomeUnknown(WorkspaceError):
    """The call was sent and no answer came: the message may stand there."""


@dataclass
class RateLimited(WorkspaceError):
    """The peer asks to wait `retry_after_s` seconds before the next call."""

    retry_after_s: float = 1.0


class RouteBroken(WorkspaceError):
    """The channel is archived, gone or closed to the bot; the target refuses our key or is not where it was."""


class MessageGone(WorkspaceError):
    """Somebody deleted the message or the thread it hangs in, or it can not be changed any more."""


class MessageRejected(WorkspaceError):
    """The peer refuses this message as it is written (Slack: its blocks); plainer words may still pass."""


def _quoted(typed: str) -> str:
    """What somebody typed, without the middle of it where it is long, and how much that is."""
    if len(typed) <= _QUOTED:
        return typed or '""'
    head = _QUOTED * 2 // 3
    return f"{typed[:head]}…[{len(typed) - _QUOTED:,} more]…{typed[head - _QUOTED :]}"
