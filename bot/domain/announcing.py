"""Which messages a run or a press owes to Slack: pure, so that the store writes them with what they are about.

| what became of a finding     | its cards                                                                     |
|------------------------------|-------------------------------------------------------------------------------|
| new, from the backlog        | one in the channel of the run                                                 |
| recurred, worsened           | each live one is retired; one anew in its channel and in the channel of the run |
| known and changed            | each live one is redrawn                                                      |
| known, open, with no live one | one in the channel of the run: it was found in private, or its channel is gone |

A private run has no channel: its cards go to the hunt's home channel; without one they are only listed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.escalation import OnCall
from bot.domain.finding import Finding, FindingId
from bot.domain.intent import Intent, IntentKey, Kind, Progress
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, Run, Trigger
from bot.domain.triage import AuditEvent, EventId, Move

FEW = 5  # at most so many cards stand in the channel itself; more hang in the thread of the run's answer

Cards = Mapping[FindingId, Sequence[Intent]]  # the FINDING intents of each finding, dead ones included


@dataclass(frozen=True, slots=True)
class News:
    """What a run made of a finding; `events` are those of its history that its thread should read."""

    finding: Finding
    novelty: Novelty
    events: tuple[EventId, ...] = ()
    is_changed: bool = True


@dataclass(frozen=True, slots=True)
class Announcement:
    """What changes in the outbox: intents written in this order, messages drawn again, messages retired."""

    post: tuple[Intent, ...] = ()
    redraw: tuple[IntentKey, ...] = ()
    retire: tuple[IntentKey, ...] = ()


def answer(run: Run) -> Intent | None:
    """The message of a run: a placeholder that becomes its answer. None where nobody asked in Slack.

    A scheduled digest and a private answer are not begun before there is something to say: the first would be
    noise in a channel, and a message for one person's eyes can not be redrawn.
    """
    asked = run.request
    if asked.channel is None:
        return None
    waits = asked.trigger is Trigger.SCHEDULE or asked.is_private
    return Intent(
        key=_answer_key(run, asked.channel),
        kind=_answer_kind(run),
        channel=asked.channel,
        created_at=asked.requested_at,
        run=run.id,
        only_for=asked.by if asked.is_private else None,
        wanted=0 if waits else 1,
    )


def announce_run(run: Run, news: Sequence[News], cards: Cards, home: ChannelId | None) -> Announcement:
    """What a finished run owes; `news` most severe first, `home` the channel for cards of a private run."""
    asked = run.request
    public = home if asked.is_private else asked.channel
    wanted: dict[ChannelId, list[Finding]] = {}
    for item in news:
        for channel in _channels(item, _live(cards, item.finding), public):
            wanted.setdefault(channel, []).append(item.finding)
    own = answer(run)
    posts = [intent for channel, findings in wanted.items() for intent in _cards(run, channel, findings, own)]
    reposted = [item.finding for item in news if item.novelty in _COMES_ANEW]
    changed = [item.finding for item in news if item.is_changed and item.novelty not in _COMES_ANEW]
    notes = [note for item in news for note in _notes(run, item, _live(cards, item.finding))]
    return Announcement(
        post=(*posts, *notes),
        redraw=(*([own.key] if own else []), *_keys(cards, changed)),
        retire=tuple(_keys(cards, reposted)),
    )


def announce_press(
    finding: Finding, event: AuditEvent, event_id: EventId, cards: Sequence[Intent], on_call: OnCall
) -> Announcement:
    """What an accepted press owes: its cards redrawn, a line in each thread, the escalation."""
    live = [card for card in cards if card.progress is Progress.ALIVE]
    posts = [_note(finding.id, event_id, card, event.at) for card in live]
    if event.move is Move.ESCALATE and on_call.channel is not None:
        key = IntentKey(f"escalation:{event_id}")
        posts.append(Intent(key, Kind.ESCALATION, on_call.channel, event.at, finding=finding.id, event=event_id))
    return Announcement(post=tuple(posts), redraw=tuple(card.key for card in live))


_COMES_ANEW = frozenset({Novelty.RECURRED, Novelty.WORSENED})


def _channels(item: News, live: Sequence[Intent], public: ChannelId | None) -> Sequence[ChannelId]:
    """Where a card is owed, each channel once."""
    standing = {card.channel for card in live}
    if item.novelty in _COMES_ANEW:
        owed = {public, *standing}
    elif item.novelty is not Novelty.KNOWN or (item.finding.is_open and not standing):
        owed = {public}
    else:
        owed = set()
    return sorted(channel for channel in owed if channel is not None)


def _cards(run: Run, channel: ChannelId, findings: Sequence[Finding], own: Intent | None) -> Iterator[Intent]:
    """The cards of one channel: a few as they are, many in the thread of the run's answer there."""
    parent: IntentKey | None = None
    if len(findings) > FEW:
        if own is not None and own.channel == channel and own.only_for is None:
            parent = own.key
        else:
            # Not the key of an answer that one person sees: that one is never a message to hang something under.
            parent = IntentKey(f"{_answer_key(run, channel)}:for all")
            yield Intent(parent, _answer_kind(run), channel, _over(run), run=run.id)
    for finding in findings:
        key = IntentKey(f"finding:{finding.id}:{channel}:{run.id}")
        yield Intent(key, Kind.FINDING, channel, _over(run), finding=finding.id, run=run.id, thread_of=parent)


def _notes(run: Run, item: News, live: Sequence[Intent]) -> Iterator[Intent]:
    for event_id in item.events:
        for card in live:
            yield _note(item.finding.id, event_id, card, _over(run))


def _note(finding: FindingId, event_id: EventId, card: Intent, at: datetime) -> Intent:
    return Intent(
        key=IntentKey(f"note:{event_id}:{card.channel}"),
        kind=Kind.NOTE,
        channel=card.channel,
        created_at=at,
        finding=finding,
        event=event_id,
        thread_of=card.thread_of or card.key,  # threads do not nest: a card in a thread has its history there too
    )


def _live(cards: Cards, finding: Finding) -> Sequence[Intent]:
    return [card for card in cards.get(finding.id, ()) if card.progress is Progress.ALIVE]


def _keys(cards: Cards, findings: Sequence[Finding]) -> Iterator[IntentKey]:
    return (card.key for finding in findings for card in _live(cards, finding))


def _answer_key(run: Run, channel: ChannelId) -> IntentKey:
    return IntentKey(f"{_answer_kind(run).value}:{run.id}:{channel}")


def _answer_kind(run: Run) -> Kind:
    return Kind.RUN if run.request.trigger is Trigger.COMMAND else Kind.DIGEST


def _over(run: Run) -> datetime:
    return run.finished_at or run.request.requested_at
