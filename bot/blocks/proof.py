"""The button that `huntbot doctor --press` posts, and what its message says once huntbot has taken the press."""

from collections.abc import Sequence

from bot.blocks import actions, rich
from bot.blocks.rich import Json
from bot.domain.responder import UserId

ASKED = "huntbot doctor asks whether a press reaches huntbot: press its button once."
ANSWERED = "A press reached huntbot, and its answer reached this channel."


def asked(value: str) -> Sequence[Json]:
    """`value` is a word that nobody else knows."""
    said = [
        rich.words("🩺 huntbot doctor  ", bold=True),
        rich.words("Does a press reach huntbot? Please press once."),
    ]
    button = {
        "type": "button",
        "text": rich.plain("Press me"),
        "action_id": actions.PROVE,
        "value": value,
        "accessibility_label": "Press me: it proves that huntbot is reached",
    }
    return [rich.section(said), {"type": "actions", "elements": [button]}]


def answered(by: UserId) -> Sequence[Json]:
    said = [rich.words("🩺 huntbot doctor  ", bold=True), rich.words("Pressed by "), rich.person(by)]
    return [rich.section([*said, rich.words(f". {ANSWERED}")])]


def is_answered(blocks: Sequence[Json]) -> bool:
    """Whether the button is gone."""
    return bool(blocks) and all(block.get("type") != "actions" for block in blocks)
