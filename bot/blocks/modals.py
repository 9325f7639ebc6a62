"""Forms: closing a finding with a reason, and what the form says when somebody else was first."""

import json
from dataclasses import dataclass

from bot.blocks import actions, history, limits, rich, summary
from bot.blocks.rich import Json
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Hunt
from bot.domain.responder import ChannelId, MessageTs, Place, UserId
from bot.domain.triage import AuditEvent, Resolution

_REASONS = {
    Resolution.MALICIOUS: "Malicious: an attack",
    Resolution.BENIGN: "Benign: looked at, no harm",
    Resolution.EXPECTED: "Expected: ours, on purpose",
    Resolution.REVOKED: "Revoked: taken back",
}


@dataclass(frozen=True, slots=True)
class ResolveForm:
    """What the form carries from the press to the submission."""

    finding: FindingId
    place: Place

    def packed(self) -> str:
        return json.dumps({"finding": self.finding, "channel": self.place.channel, "message": self.place.message})

    @classmethod
    def unpacked(cls, text: str) -> "ResolveForm":
        """Raises ValueError where the text is none of ours."""
        match json.loads(text):
            case {"finding": int(number), "channel": str() | None as channel, "message": str() | None as message}:
                place = Place(ChannelId(channel) if channel else None, MessageTs(message) if message else None)
                return cls(FindingId(number), place)
            case other:
                raise ValueError(f"no resolve form: {other!r}")


def resolve_form(finding: Finding, hunt: Hunt, place: Place) -> Json:
    return {
        "type": "modal",
        "callback_id": actions.RESOLVE_FORM,
        "private_metadata": ResolveForm(finding.id, place).packed(),
        "title": rich.plain(f"Resolve {finding.ref}"[:24]),
        "submit": rich.plain("Resolve"),
        "close": rich.plain("Cancel"),
        "blocks": [rich.section(summary.line(hunt, finding.face)), _reason(), _note()],
    }


def beaten_to_it(finding: Finding, first: AuditEvent | None, you: UserId) -> Json:
    """What the form becomes when the finding was closed while it was being filled in."""
    return {
        "type": "modal",
        "title": rich.plain(f"{finding.ref} not changed"[:24]),
        "close": rich.plain("Close"),
        "blocks": [rich.section(*history.too_late(finding, first, you))],
    }


def _reason() -> Json:
    options = [{"text": rich.plain(label), "value": resolution.value} for resolution, label in _REASONS.items()]
    return {
        "type": "input",
        "block_id": actions.RESOLUTION_BLOCK,
        "label": rich.plain("What was it?"),
        "element": {"type": "radio_buttons", "action_id": actions.RESOLUTION, "options": options},
    }


def _note() -> Json:
    return {
        "type": "input",
        "block_id": actions.NOTE_BLOCK,
        "optional": True,
        "label": rich.plain("Note for the history"),
        "element": {
            "type": "plain_text_input",
            "action_id": actions.NOTE,
            "multiline": True,
            "max_length": limits.NOTE,
        },
    }
