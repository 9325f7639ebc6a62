"""What a bare `/hunt` opens: which hunt, over which stretch, narrowed by what, answered where."""

from collections.abc import Mapping, Sequence

from bot.blocks import actions, rich
from bot.blocks.rich import Json
from bot.blocks.text import literal, trimmed
from bot.domain.hunt import Hunt
from bot.domain.responder import ChannelId
from bot.domain.severity import Severity

OPTIONS = 100  # of a static_select and of an answer to an external_select
ANY = "any"
HUNTS_OWN = "own"  # the window that the hunt's file names
_OPTION = 75  # characters of an option and of its description
_WINDOWS: Mapping[str, str] = {
    HUNTS_OWN: "The hunt's own",
    "1h": "The last hour",
    "24h": "The last 24 hours",
    "7d": "The last 7 days",
    "30d": "The last 30 days",
    "90d": "The last 90 days",
}
_SEVERITIES: Mapping[str, str] = {
    ANY: "Any",
    Severity.CRITICAL.value: "Critical",
    Severity.HIGH.value: "High or worse",
    Severity.MEDIUM.value: "Medium or worse",
    Severity.LOW.value: "Low or worse",
}
_SUGGESTED = "Choose a hunt"


def view(hunts: Sequence[Hunt], channel: ChannelId | None) -> Json:
    """`channel` is where it was asked for, and where the answer goes if nothing else is chosen."""
    if not hunts:
        return _modal([rich.section([rich.words("No hunts are loaded. huntbot doctor says why.")])])
    blocks = [
        _field(actions.PICKED_HUNT, "Hunt", _hunts(hunts)),
        _field(actions.PICKED_WINDOW, "Stretch of time", _select(_WINDOWS, HUNTS_OWN)),
        _field(actions.PICKED_SEVERITY, "Severity", _select(_SEVERITIES, ANY)),
        _field(actions.PICKED_ACCOUNT, "AWS account", _line("111122223333", 14), is_optional=True),
        _field(
            actions.PICKED_PRINCIPAL, "Principal contains", _line("alice, or * for anyone", 200), is_optional=True
        ),
        _field(
            actions.PICKED_CHANNEL,
            "Answer in",
            _channels(channel),
            is_optional=True,
            hint="Where huntbot is a member everybody there reads it; elsewhere, and with none, you alone do.",
        ),
    ]
    return _modal(blocks) | {"callback_id": actions.PICKER_FORM, "submit": rich.plain("Hunt")}


def options(hunts: Sequence[Hunt], typed: str = "") -> list[Json]:
    """Those that hold what was typed, in their name or what they are called; as many as Slack takes."""
    wanted = typed.strip().lower()
    fitting = [hunt for hunt in hunts if wanted in hunt.slug.lower() or wanted in hunt.name.lower()]
    return [_option(hunt) for hunt in fitting if len(hunt.slug) <= _OPTION][:OPTIONS]


def retry() -> tuple[Json, ...]:
    """For whom Slack did not open it: a press brings a trigger of its own."""
    button = {
        "type": "button",
        "text": rich.plain("Choose a hunt"),
        "action_id": actions.OPEN_PICKER,
        "value": "again",
        "accessibility_label": "Choose a hunt to run",
    }
    said = rich.section([rich.words("Slack did not open the form in time.")])
    return (said, {"type": "actions", "elements": [button]})


def _modal(blocks: Sequence[Json]) -> Json:
    return {
        "type": "modal",
        "title": rich.plain("Run a hunt"),
        "close": rich.plain("Cancel"),
        "blocks": list(blocks),
    }


def _field(name: str, label: str, element: Json, *, is_optional: bool = False, hint: str = "") -> Json:
    said = {"hint": rich.plain(hint)} if hint else {}
    return {
        "type": "input",
        "block_id": name,
        "label": rich.plain(label),
        "optional": is_optional,
        "element": {**element, "action_id": name},
        **said,
    }


def _hunts(hunts: Sequence[Hunt]) -> Json:
    """More than a menu holds are asked for while somebody types."""
    offered = options(hunts)
    if len(offered) < len(hunts):
        return {"type": "external_select", "min_query_length": 0, "placeholder": rich.plain(_SUGGESTED)}
    return {"type": "static_select", "placeholder": rich.plain(_SUGGESTED), "options": offered}


def _option(hunt: Hunt) -> Json:
    return {
        "text": rich.plain(hunt.slug, emoji=False),
        "description": rich.plain(trimmed(literal(hunt.name), _OPTION), emoji=False),
        "value": hunt.slug,
    }


def _select(offered: Mapping[str, str], initial: str) -> Json:
    of = {value: {"text": rich.plain(said), "value": value} for value, said in offered.items()}
    return {"type": "static_select", "options": list(of.values()), "initial_option": of[initial]}


def _line(example: str, most: int) -> Json:
    return {"type": "plain_text_input", "placeholder": rich.plain(example), "max_length": most}


def _channels(channel: ChannelId | None) -> Json:
    """No channel that is shared with another organization: what logs say is not for them."""
    chosen = {"initial_conversation": channel} if channel else {"default_to_current_conversation": True}
    return {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_external_shared_channels": True},
        **chosen,
    }
