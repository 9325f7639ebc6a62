"""Forms: closing a finding with a reason, putting it off, giving it to somebody; what one says that came too late."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.blocks import actions, history, limits, rich, state, summary
from bot.blocks.rich import Json, Line
from bot.blocks.text import literal
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Hunt
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.snooze import Snooze
from bot.domain.triage import AuditEvent, Resolution

REASONS: Mapping[Resolution, str] = {
    Resolution.MALICIOUS: "Malicious: an attack",
    Resolution.BENIGN: "Benign: looked at, no harm",
    Resolution.EXPECTED: "Expected: ours, on purpose",
    Resolution.REVOKED: "Revoked: taken back",
}
_LENGTHS: Mapping[Snooze, str] = {
    Snooze.ONE_HOUR: "1 hour",
    Snooze.FOUR_HOURS: "4 hours",
    Snooze.TOMORROW: "Until tomorrow, 9:00",
    Snooze.THREE_DAYS: "3 days",
    Snooze.ONE_WEEK: "1 week",
}

_ASLEEP = (
    "Until then it stands in no queue but that of what is snoozed. Home tells of it on the day when it wakes, and a "
    "digest where it wakes before the next one."
)
_YOURS = "It becomes yours. To give it to somebody else, ask a lead."


@dataclass(frozen=True, slots=True)
class Carried:
    """What a form carries from the press to the submission.

    `replaces` is what the presser saw that it would take the place of: the end of a snooze, or when its holder took
    it.
    """

    finding: FindingId
    place: Place
    replaces: datetime | None = None

    def packed(self) -> str:
        replaces = self.replaces.isoformat() if self.replaces else None
        place = {"channel": self.place.channel, "message": self.place.message}
        return json.dumps({"finding": self.finding, **place, "until": replaces})

    @classmethod
    def unpacked(cls, text: str) -> "Carried":
        """Raises ValueError where the text is none of ours."""
        match json.loads(text):
            case {
                "finding": int(number),
                "channel": str() | None as channel,
                "message": str() | None as message,
                **rest,
            }:
                place = Place(ChannelId(channel) if channel else None, MessageTs(message) if message else None)
                return cls(FindingId(number), place, _moment(rest.get("until")))
            case other:
                raise ValueError(f"no form of ours: {other!r}")


def resolve_form(finding: Finding, hunt: Hunt, place: Place) -> Json:
    what = rich.section(summary.line(hunt, finding.face))
    carried = Carried(finding.id, place)
    return _form("Resolve", actions.RESOLVE_FORM, carried, finding, (what, _reason(), note()))


def snooze_form(finding: Finding, hunt: Hunt, place: Place, zone: str) -> Json:
    """`zone` is the name of the time zone whose mornings are meant."""
    what = rich.section(summary.line(hunt, finding.face), state.sleep(finding), _mornings(zone))
    carried = Carried(finding.id, place, finding.snoozed_until)
    return _form("Snooze", actions.SNOOZE_FORM, carried, finding, (what, _length(), note()))


def assign_form(finding: Finding, hunt: Hunt, place: Place) -> Json:
    what = rich.section(summary.line(hunt, finding.face), state.standing(finding))
    carried = Carried(finding.id, place, finding.taken_at)
    who = _input(actions.ASSIGNEE_BLOCK, "To whom?", {"type": "users_select", "action_id": actions.ASSIGNEE})
    return _form("Assign", actions.ASSIGN_FORM, carried, finding, (what, who, note()))


def take_form(finding: Finding, hunt: Hunt, place: Place) -> Json:
    """For whoever may take it and not give it to somebody else."""
    what = rich.section(summary.line(hunt, finding.face), state.standing(finding), [rich.words(_YOURS)])
    carried = Carried(finding.id, place, finding.taken_at)
    return _form("Take", actions.TAKE_FORM, carried, finding, (what, note())) | {"submit": rich.plain("Take it")}


def comment_form(finding: Finding, hunt: Hunt, place: Place) -> Json:
    what = rich.section(summary.line(hunt, finding.face))
    written = _written(actions.COMMENT_TEXT) | {"focus_on_load": True}
    said = _input(actions.COMMENT_BLOCK, "What do you want to say about it?", written)
    return _form("Comment", actions.COMMENT_FORM, Carried(finding.id, place), finding, (what, said))


def beaten_to_it(finding: Finding, first: AuditEvent | None, you: UserId) -> Json:
    """What the form becomes when the finding was changed while it was being filled in."""
    return {
        "type": "modal",
        "title": rich.plain(f"{finding.ref} not changed"[:24]),
        "close": rich.plain("Close"),
        "blocks": [rich.section(*history.too_late(finding, first, you))],
    }


def _form(verb: str, callback_id: str, carried: Carried, finding: Finding, blocks: tuple[Json, ...]) -> Json:
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": carried.packed(),
        "title": rich.plain(f"{verb} {finding.ref}"[:24]),
        "submit": rich.plain(verb),
        "close": rich.plain("Cancel"),
        "blocks": list(blocks),
    }


def _reason() -> Json:
    options = {resolution.value: label for resolution, label in REASONS.items()}
    return choice(actions.RESOLUTION_BLOCK, actions.RESOLUTION, "What was it?", options)


def _length() -> Json:
    options = {length.value: label for length, label in _LENGTHS.items()}
    return choice(actions.SNOOZE_BLOCK, actions.SNOOZE, "For how long?", options)


def _mornings(zone: str) -> Line:
    return [rich.words(f"{_ASLEEP} Tomorrow is tomorrow in {literal(zone)}.")]


def choice(block_id: str, action_id: str, label: str, options: Mapping[str, str]) -> Json:
    """One of several, by value."""
    offered = [{"text": rich.plain(said), "value": value} for value, said in options.items()]
    return _input(block_id, label, {"type": "radio_buttons", "action_id": action_id, "options": offered})


def note(label: str = "Note for the history") -> Json:
    """What may be written beside."""
    return _input(actions.NOTE_BLOCK, label, _written(actions.NOTE)) | {"optional": True}


def _input(block_id: str, label: str, element: Json) -> Json:
    return {"type": "input", "block_id": block_id, "label": rich.plain(label), "element": element}


def _written(action_id: str) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, "multiline": True, "max_length": limits.NOTE}


def _moment(text: Any) -> datetime | None:
    return None if text is None else datetime.fromisoformat(str(text))
