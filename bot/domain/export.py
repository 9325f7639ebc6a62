"""An export: what a person wants as a file, where it goes, and how far it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import NewType

from bot.domain.finding import Finding
from bot.domain.hit import HitId
from bot.domain.hunt import Slug
from bot.domain.queue import Asked
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.run import RunId

ExportId = NewType("ExportId", int)

MOST = 100_000  # findings of one file: a spreadsheet takes ten times as many, a person reads none of them
MOST_EVENTS = 1_000  # ids of one finding's events; `count` says how many there are
TRIES = 5  # so often it is tried where Slack does not take it; then it is given up, and told
WITHIN = timedelta(minutes=8)  # one try
REMEMBERED = timedelta(days=30)  # how long one that is over is kept: who asked for what
LEASE = timedelta(minutes=10)  # how long a process that says nothing keeps one


class FileFormat(Enum):
    """How the findings are written; the value is the ending of the file's name."""

    CSV = "csv"
    NDJSON = "ndjson"


class ExportState(Enum):
    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """The findings of a `run`, or of a `queue` as it is when the file is written.

    The file goes to `channel`, into `thread` where there is one; without a channel to the person alone. `told_in` is
    where the person asked, for what is not a file. `delivery` is the same however often Slack delivers one wish.
    """

    file: FileFormat
    by: UserId
    at: datetime
    told_in: ChannelId
    channel: ChannelId | None = None
    thread: MessageTs | None = None
    run: RunId | None = None
    queue: Asked | None = None
    hunt: Slug | None = None  # of the run
    delivery: str | None = None

    @property
    def place(self) -> ChannelId:
        """Where the file is shared: everybody has a conversation with the bot, which goes by the person's own id."""
        return self.channel or ChannelId(self.by)

    @property
    def what(self) -> str:
        """What was asked for, in the words in which it is typed."""
        if self.queue is not None:
            return f"/hunt findings {self.queue.text}"
        return f"run {self.run} of /hunt {self.hunt}"

    @property
    def name(self) -> str:
        """The file's: `findings-open-2026-11-02-0900.csv`."""
        what = f"findings-{self.queue.which.value}" if self.queue else f"{self.hunt}-run-{self.run}"
        return f"{what}-{self.at:%Y-%m-%d-%H%M}.{self.file.value}"


@dataclass(frozen=True, slots=True)
class Export:
    """A stored request; `tries` counts how often it was taken up, this time included."""

    id: ExportId
    request: ExportRequest
    state: ExportState = ExportState.REQUESTED
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Exported:
    """A finding of an export, with the ids of its events, the latest first, MOST_EVENTS at most."""

    finding: Finding
    events: tuple[HitId, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """How many findings are in the file, and whether there are more that it left out."""

    findings: int
    is_capped: bool = False

    def told(self, request: ExportRequest) -> str:
        """The line beside the file, as plain text: what is in it and what is not."""
        number = f"{self.findings:,} {'finding' if self.findings == 1 else 'findings'}"
        capped = (
            f" There are more: one file takes {self.findings:,}, the most severe first." if self.is_capped else ""
        )
        return f"{number} of {request.what}, as {request.file.name}.{capped}"
