"""Which messages a run, a press or a snooze's end owes: pure, so that the store writes them with what they are about.

| what became of a finding     | its cards                                                                     |
|------------------------------|-------------------------------------------------------------------------------|
| new, from the backlog        | one in the channel of the run                                                 |
| recurred, worsened           | each live one is retired; one anew in its channel and in the channel of the run |
| known and changed, pressed   | each live one is redrawn                                                      |
| known, open, with no live one | one in the channel of the run: it was found in private, or its channel is gone |
| its snooze ended             | each live one is retired; one anew in its channel                             |
| asked about ("still true?")  | each live one is redrawn                                                      |

A private run has no channel: its cards go to the hunt's home channel; without one they are only listed.

An escalation has a message in the channel of the people on call, redrawn with the cards until the next escalation
takes its place, and a call to each target beside Slack. Every event has a line in the thread of each live card; in
the thread of an escalation's message, which people follow elsewhere, only comments and what no press did. Presses
that are one of many leave none: one message tells of all of them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.bulk import Bulk
from bot.domain.escalation import OnCall, hears, route_of, target_of
from bot.domain.finding import UNSAVED, Finding, FindingId
from bot.domain.intent import Intent, IntentKey, Kind, Progress
from bot.domain.paging import DigestPage
from bot.domain.responder import ChannelId, UserId
from bot.domain.run import Novelty, Run, Trigger
from bot.domain.triage import AuditEvent, Echo, EventId, Move

FEW = 5  # at most so many cards stand in the channel itself; more hang in the thread of the run's answer

Messages = Mapping[FindingId, Sequence[Intent]]  # of each finding, oldest first, of SHOWN kinds, dead ones included

SHOWN = frozenset({Kind.FINDING, Kind.ESCALATION, Kind.CALL})  # what announcing has to know of a finding's past


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
    if asked.channel is None or asked.trigger is Trigger.CHECK:
        return None  # what a check came to is on the cards
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


def announce_request(run: Run, messages: Sequence[Intent]) -> Announcement:
    """What a request owes; what is asked around a finding is answered in the thread of its card."""
    own = answer(run)
    if own is None:
        return Announcement()
    if run.request.finding is None:
        return Announcement(post=(own,))
    cards = [message for message in messages if message.channel == own.channel and message.kind is Kind.FINDING]
    card = next(reversed(_alive(cards) or cards), None)
    parent = (card.thread_of or card.key) if card else None
    return Announcement(post=(replace(own, finding=run.request.finding, thread_of=parent),))


def announce_end(run: Run, messages: Sequence[Intent]) -> Announcement:
    """What a run owes that ended without a word on any finding: its answer, or the cards that say it was checked."""
    own = answer(run)
    checked = _keys(_alive(messages)) if run.request.trigger is Trigger.CHECK else ()
    return Announcement(redraw=(own.key,) if own else checked)


def announce_run(run: Run, news: Sequence[News], messages: Messages, home: ChannelId | None) -> Announcement:
    """What a finished run owes; `news` most severe first, `home` the channel for cards of a private run."""
    asked = run.request
    public = home if asked.is_private else asked.channel
    wanted: dict[ChannelId, list[Finding]] = {}
    for item in news:
        for channel in _channels(item, _alive(messages.get(item.finding.id, ())), public):
            wanted.setdefault(channel, []).append(item.finding)
    own, about = answer(run), messages.get(run.request.finding or UNSAVED, ())
    posts = [intent for channel, findings in wanted.items() for intent in _cards(run, channel, findings, own)]
    told = [_told(run, item, messages.get(item.finding.id, ())) for item in news]
    return Announcement(
        post=(*posts, *(note for of_one in told for note in of_one.post)),
        redraw=(*announce_end(run, about).redraw, *(key for of_one in told for key in of_one.redraw)),
        retire=tuple(key for of_one in told for key in of_one.retire),
    )


def announce_pages(digest: Intent, pages: Sequence[DigestPage]) -> Announcement:
    """What a digest has no room for, in its thread."""
    return Announcement(
        tuple(
            Intent(
                key=IntentKey(f"page:{number}:{digest.key}"),
                kind=Kind.PAGE,
                channel=digest.channel,
                created_at=digest.created_at,
                run=digest.run,
                thread_of=digest.key,
                page=page,
            )
            for number, page in enumerate(pages, 1)
        )
    )


def announce_press(
    finding: Finding,
    event: AuditEvent,
    event_id: EventId,
    messages: Sequence[Intent],
    on_call: OnCall,
    echo: Echo = Echo.EVERYWHERE,
) -> Announcement:
    """What an accepted press owes: messages redrawn, a line in the thread of each card, the people on call told.

    A comment changes no message. Whoever is given a finding that stands nowhere is told alone.
    """
    cards, escalations = _alive(messages), _alive(messages, Kind.ESCALATION)
    notes = _lines(finding.id, event, event_id, cards, escalations, echo)
    if event.move is Move.COMMENT:
        return Announcement(post=tuple(notes))
    escalated = _escalated(finding, event, event_id, on_call)
    return Announcement(
        post=(*notes, *escalated, *_calls(finding, event, event_id, messages, on_call)),
        redraw=_keys(cards if escalated else (*cards, *escalations)),
        retire=_keys(escalations if escalated else ()),
    )


def announce_wake(finding: Finding, event: AuditEvent, event_id: EventId, messages: Sequence[Intent]) -> Announcement:
    """What a snooze's end owes: a card anew where each stood, or where the last one did if none is alive."""
    cards, escalations = _alive(messages), _alive(messages, Kind.ESCALATION)
    last = [message for message in messages if message.kind is Kind.FINDING][-1:]
    stood = {card.channel: card for card in cards or last}
    anew = [
        Intent(
            key=IntentKey(f"finding:{finding.id}:{channel}:woken:{event_id}"),
            kind=Kind.FINDING,
            channel=channel,
            created_at=event.at,
            finding=finding.id,
            run=card.run,  # its answer lists the finding, and links to the newest card
            event=event_id,
        )
        for channel, card in stood.items()
    ]
    notes = [_note(finding.id, event_id, message, event.at) for message in _threads(cards, escalations)]
    return Announcement(post=(*anew, *notes), redraw=_keys(escalations), retire=_keys(cards))


def announce_bulk(bulk: Bulk, pressed: Intent | None) -> Intent:
    """The message that says what became of many: in the thread of the message where that was asked, else to whoever
    asked alone.

    Written with the request and wanted only at its end, for a message to one person can not be redrawn.
    """
    return Intent(
        key=IntentKey(f"bulk:{bulk.id}"),
        kind=Kind.BULK,
        channel=bulk.speaks_in,
        created_at=bulk.at,
        only_for=bulk.by if pressed is None else None,
        thread_of=None if pressed is None else pressed.thread_of or pressed.key,
        bulk=bulk.id,
        wanted=0,
    )


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


def _told(run: Run, item: News, messages: Sequence[Intent]) -> Announcement:
    """What the messages that a finding has already owe to a run's news of it."""
    cards, escalations = _alive(messages), _alive(messages, Kind.ESCALATION)
    notes = [
        _note(item.finding.id, event_id, message, _over(run))
        for event_id in item.events
        for message in _threads(cards, escalations)
    ]
    if item.novelty in _COMES_ANEW:
        return Announcement(tuple(notes), redraw=_keys(escalations), retire=_keys(cards))
    return Announcement(tuple(notes), redraw=_keys((*cards, *escalations) if item.is_changed else ()))


def _lines(
    finding: FindingId,
    event: AuditEvent,
    event_id: EventId,
    cards: Sequence[Intent],
    escalations: Sequence[Intent],
    echo: Echo,
) -> Sequence[Intent]:
    """The lines that a press leaves; people on call follow elsewhere what is said, and what is done on their card."""
    if echo is Echo.NOWHERE:
        return ()
    threads = _threads(cards, escalations) if event.move is Move.COMMENT else cards
    said_in = event.place.channel if echo is Echo.ELSEWHERE else None
    notes = [_note(finding, event_id, message, event.at) for message in threads if message.channel != said_in]
    return notes or _alone(finding, event, event_id)


def _alone(finding: FindingId, event: AuditEvent, event_id: EventId) -> Sequence[Intent]:
    """For the eyes of whoever was given a finding that has no message: its thread would tell nobody."""
    if event.move is not Move.ASSIGN or event.assignee in {None, event.by}:
        return ()
    channel = ChannelId(str(event.assignee))
    key = IntentKey(f"note:{event_id}:{channel}")
    return (
        Intent(
            key, Kind.NOTE, channel, event.at, finding=finding, event=event_id, only_for=UserId(str(event.assignee))
        ),
    )


def _escalated(finding: Finding, event: AuditEvent, event_id: EventId, on_call: OnCall) -> Sequence[Intent]:
    if event.move is not Move.ESCALATE or on_call.channel is None:
        return ()
    key = IntentKey(f"escalation:{event_id}")
    return (Intent(key, Kind.ESCALATION, on_call.channel, event.at, finding=finding.id, event=event_id),)


def _calls(
    finding: Finding, event: AuditEvent, event_id: EventId, messages: Sequence[Intent], on_call: OnCall
) -> Iterator[Intent]:
    """A call to each target that hears of the move; those that were called before hear how it goes on."""
    routes = {message.channel for message in messages if message.kind is Kind.CALL}
    called = {target for route in routes if (target := target_of(route)) is not None}
    for target in hears(event.move, on_call, called):
        key = IntentKey(f"call:{event_id}:{target}")
        yield Intent(key, Kind.CALL, route_of(target), event.at, finding=finding.id, event=event_id)


def _threads(cards: Sequence[Intent], escalations: Sequence[Intent]) -> Iterable[Intent]:
    """Whose thread reads what no press did: one in a channel, the card's before the escalation's."""
    return {message.channel: message for message in (*escalations, *cards)}.values()


def _note(finding: FindingId, event_id: EventId, message: Intent, at: datetime) -> Intent:
    return Intent(
        key=IntentKey(f"note:{event_id}:{message.channel}"),
        kind=Kind.NOTE,
        channel=message.channel,
        created_at=at,
        finding=finding,
        event=event_id,
        thread_of=message.thread_of or message.key,  # threads do not nest: the history of a card in a thread is there
    )


def _alive(messages: Sequence[Intent], kind: Kind = Kind.FINDING) -> Sequence[Intent]:
    return [message for message in messages if message.kind is kind and message.progress is Progress.ALIVE]


def _keys(messages: Iterable[Intent]) -> tuple[IntentKey, ...]:
    return tuple(message.key for message in messages)


def _answer_key(run: Run, channel: ChannelId) -> IntentKey:
    return IntentKey(f"{_answer_kind(run).value}:{run.id}:{channel}")


def _answer_kind(run: Run) -> Kind:
    return Kind.RUN if run.request.trigger in {Trigger.COMMAND, Trigger.PIVOT} else Kind.DIGEST


def _over(run: Run) -> datetime:
    return run.finished_at or run.request.requested_at
