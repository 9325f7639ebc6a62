"""From what is to be shown to what Slack takes: one function, one branch a kind of message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.blocks import digest, escalation, finding, history, run
from bot.blocks.limits import TEXT
from bot.blocks.rich import Json
from bot.domain.message import (
    DigestPost,
    EscalationCall,
    EscalationFailed,
    FindingCard,
    HistoryNote,
    Message,
    RunAnswer,
    RunProgress,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """`text` is what notifications and screen readers get, safe where Slack parses it; `blocks` are JSON."""

    text: str
    blocks: tuple[Json, ...]


def draw(message: Message) -> Drawn:
    """The message within Slack's limits, whatever its values hold."""
    text, blocks = _drawn(message)
    return Drawn(text if len(text) <= TEXT else f"{text[: TEXT - 1]}…", tuple(blocks))


def _drawn(message: Message) -> tuple[str, Sequence[Json]]:
    drawn: tuple[str, Sequence[Json]]
    match message:
        case FindingCard():
            drawn = finding.text(message), finding.blocks(message)
        case HistoryNote():
            drawn = history.text(message), history.blocks(message)
        case RunProgress():
            drawn = run.progress_text(message), run.progress_blocks(message)
        case RunAnswer():
            drawn = run.answer_text(message), run.answer_blocks(message)
        case EscalationCall():
            drawn = escalation.text(message), escalation.blocks(message)
        case EscalationFailed():
            drawn = escalation.failed_text(message), escalation.failed_blocks(message)
        case DigestPost():
            drawn = digest.text(message), digest.blocks(message)
        case _:
            assert_never(message)
    return drawn
