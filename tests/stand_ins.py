"""Honest stand-ins beyond the ports: a clock that tests turn, logs that are scripted, a Slack that keeps."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import BinaryIO
from zoneinfo import ZoneInfo

from bot.domain.access import Membership, Person
from bot.domain.escalation import Phase, TargetName
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall, Message, Standing
from bot.domain.responder import ChannelId, MessageTs, UserId
from bot.domain.rows import Column, Rows
from bot.errors import MessageGone, RouteBroken
from bot.ports.search import Param

ON_CALL = ChannelId("C-ONCALL")
PAGER = TargetName("pager")
COUNTING = "| STATS events = COUNT(*)"  # in every query that asks whether the logs speak
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


@dataclass
class ManualClock:
    """Stands still until a test or a sleep moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        await asyncio.sleep(0)


@dataclass
class ScriptedLogs:
    """A LogSearch that gives its answers in order, the last one again and again; an error is raised.

    `events` is how many events it says there are in any window, the latest just before its end.
    """

    answers: list[Rows | Exception]
    events: int = 1_000
    asked: list[tuple[str, Mapping[str, Param]]] = field(default_factory=list)

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        if COUNTING in text:  # whether the logs speak: no answer to a hunt
            return heard(self.events, str(params["_tend"]))
        self.asked.append((text, params))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def heard(events: int, until: str) -> Rows:
    """The answer to how many events there are."""
    latest = (datetime.fromisoformat(until) - timedelta(minutes=1)).isoformat() if events else None
    return Rows((Column("events", "long"), Column("latest", "date")), ((events, latest),))


@dataclass(frozen=True)
class Uploaded:
    """A file as it was shared."""

    channel: ChannelId
    thread: MessageTs | None
    name: str
    content: bytes
    title: str
    comment: str
    alt: str = ""


@dataclass(frozen=True)
class Posted:
    """A message as it stands in the stand-in; `drawn` counts its versions."""

    channel: ChannelId
    ts: MessageTs
    what: Message
    mark: Mark
    thread: MessageTs | None = None
    drawn: int = 1


@dataclass
class RecordingWorkspace:
    """A Workspace that keeps what it is given.

    `faults` are raised by the next calls that write, one each; an error in `lost_answers` is raised after the
    message was taken. `broken` are channels that take nothing. `reads` counts the read-backs, `removed` is what was
    deleted by the bot, oldest first.
    """

    messages: list[Posted] = field(default_factory=list)
    whispers: list[tuple[ChannelId, UserId, Message]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    lost_answers: list[Exception] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    removed: list[Posted] = field(default_factory=list)
    files: list[Uploaded] = field(default_factory=list)
    reads: int = 0
    last_ts: int = 1_700_000_000

    async def post(self, channel: ChannelId, what: Message, mark: Mark, thread: MessageTs | None = None) -> MessageTs:
        self._refuse(channel)
        if thread is not None and self._at(channel, thread) is None:
            raise MessageGone("thread_not_found")
        self.last_ts += 1
        posted = Posted(channel, MessageTs(f"{self.last_ts}.000100"), what, mark, thread)
        self.messages.append(posted)
        if self.lost_answers:
            raise self.lost_answers.pop(0)
        return posted.ts

    async def redraw(self, channel: ChannelId, ts: MessageTs, what: Message, mark: Mark) -> None:
        self._refuse(channel)
        stands = self._at(channel, ts)
        if stands is None:
            raise MessageGone("message_not_found")
        changed = replace(stands, what=what, mark=mark, drawn=stands.drawn + 1)
        self.messages[self.messages.index(stands)] = changed
        if self.lost_answers:
            raise self.lost_answers.pop(0)

    async def whisper(self, channel: ChannelId, user: UserId, what: Message) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.whispers.append((channel, user, what))

    async def upload(
        self,
        channel: ChannelId,
        thread: MessageTs | None,
        name: str,
        content: BinaryIO,
        title: str,
        comment: str,
        alt: str = "",
    ) -> None:
        self._refuse(channel)
        content.seek(0)
        self.files.append(Uploaded(channel, thread, name, content.read(), title, comment, alt))
        if self.lost_answers:
            raise self.lost_answers.pop(0)

    async def copies(
        self, channel: ChannelId, mark: Mark, since: datetime, thread: MessageTs | None = None
    ) -> Sequence[MessageTs]:
        del since  # the stand-in forgets nothing
        self.reads += 1
        if thread is not None and self._at(channel, thread) is None:
            raise MessageGone("thread_not_found")
        return [m.ts for m in self.messages if (m.channel, m.mark, m.thread) == (channel, mark, thread)]

    async def remove(self, channel: ChannelId, ts: MessageTs) -> None:
        stands = self._at(channel, ts)
        if stands is not None:
            self.messages.remove(stands)
            self.removed.append(stands)

    async def link(self, standing: Standing) -> str:
        return f"https://slack.example/archives/{standing.channel}/p{standing.ts}"

    async def is_member(self, channel: ChannelId) -> bool:
        return channel not in self.broken

    async def channel_id(self, name: str) -> ChannelId:
        return ChannelId(name)

    def in_channel(self, channel: str, kind: type[Message] | None = None) -> Sequence[Posted]:
        """What stands in a channel, its threads included, oldest first."""
        return [m for m in self.messages if m.channel == channel and (kind is None or isinstance(m.what, kind))]

    def _at(self, channel: ChannelId, ts: MessageTs) -> Posted | None:
        return next((m for m in self.messages if (m.channel, m.ts) == (channel, ts)), None)

    def _refuse(self, channel: ChannelId) -> None:
        if channel in self.broken:
            raise RouteBroken("not_in_channel")
        if self.faults:
            raise self.faults.pop(0)


@dataclass
class KnownPeople:
    """A People that knows everybody for a member, but for those it is told of; `faults` are raised by key, for good.

    `asked` counts the questions by what they were about; `team` is the workspace of those it is told nothing of.
    """

    team: str = "T1"
    persons: dict[str, Person] = field(default_factory=dict)
    groups: dict[str, frozenset[UserId]] = field(default_factory=dict)
    shared: set[str] = field(default_factory=set)
    faults: dict[str, Exception] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    takes_s: float = 0.0

    async def person(self, user: UserId) -> Person:
        await self._ask(user)
        return self.persons.get(user) or member(user, team=self.team)

    async def members(self, group: str) -> frozenset[UserId]:
        await self._ask(group)
        if group not in self.groups:
            raise RouteBroken("no_such_subteam")
        return self.groups[group]

    async def is_shared(self, channel: ChannelId) -> bool:
        await self._ask(channel)
        return channel in self.shared

    async def _ask(self, key: str) -> None:
        self.asked[key] += 1
        await asyncio.sleep(self.takes_s)
        if key in self.faults:
            raise self.faults[key]


def member(user: str, zone: str = "UTC", team: str = "T1") -> Person:
    """A full member of the one workspace there is in a test."""
    return Person(UserId(user), Membership.MEMBER, frozenset({team}), user.lower(), ZoneInfo(zone))


@dataclass
class RecordingTarget:
    """An EscalationTarget that keeps what it is told; `faults` are raised by the next calls, one each."""

    name: TargetName = PAGER
    told: list[tuple[str, Phase, Mark]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        if self.faults:
            raise self.faults.pop(0)
        self.told.append((call.finding.ref, phase, mark))
