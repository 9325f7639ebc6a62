"""From what is to be shown to what Slack takes: one function, one branch a kind of message."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from bot.blocks import bulk, digest, escalation, export, finding, history, pivots, route, run, state
from bot.blocks.limits import TEXT
from bot.blocks.rich import Json
from bot.blocks.text import trimmed
from bot.domain.finding import Finding
from bot.domain.message import (
    BulkAnswer,
    DigestPost,
    DigestSheet,
    EscalationCall,
    EscalationFailed,
    ExportNotice,
    FindingCard,
    HistoryNote,
    Message,
    PivotReply,
    RouteNotice,
    RunAnswer,
    RunProgress,
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """`text` is what notifications and screen readers get, safe where Slack parses it; `blocks` are JSON.

    `bare` is what is left to say where Slack takes neither: nothing in it comes from a log or a person.
    """

    text: str
    blocks: tuple[Json, ...]
    bare: str


def draw(message: Message) -> Drawn:
    """The message within Slack's limits, whatever its values hold."""
    text, blocks = _drawn(message)
    return Drawn(trimmed(text, TEXT), tuple(blocks), _bare(message))


def _drawn(message: Message) -> tuple[str, Sequence[Json]]:  # noqa: C901, PLR0912 - one branch a kind of message
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
        case PivotReply():
            drawn = pivots.text(message), pivots.blocks(message)
        case EscalationCall():
            drawn = escalation.text(message), escalation.blocks(message)
        case EscalationFailed():
            drawn = escalation.failed_text(message), escalation.failed_blocks(message)
        case DigestPost():
            drawn = digest.text(message), digest.blocks(message)
        case DigestSheet():
            drawn = digest.page_text(message), digest.page_blocks(message)
        case ExportNotice():
            drawn = export.notice_text(message), export.notice_blocks(message)
        case BulkAnswer():
            drawn = bulk.answer_text(message), bulk.answer_blocks(message)
        case RouteNotice():
            drawn = route.text(message), route.blocks(message)
        case _:
            assert_never(message)
    return drawn


def _bare(message: Message) -> str:
    said: str
    match message:
        case FindingCard(finding=shown) | HistoryNote(finding=shown) | PivotReply(finding=shown):
            said = _show(shown)
        case EscalationCall():
            said = f"{escalation.mention(message)}🚨 Escalated: {_show(message.finding)}"
        case EscalationFailed():
            said = escalation.failed_text(message)
        case RunProgress():
            said = f"/hunt {message.run.request.hunt} is under way."
        case RunAnswer():
            said = (
                f"/hunt {message.outcome.run.request.hunt} is {message.outcome.run.state.value}: see /hunt findings"
            )
        case DigestPost() | DigestSheet():
            said = f"Digest of {message.hunt.slug}: see /hunt findings"
        case ExportNotice():
            said = "The file that was asked for was not made: see /hunt status"
        case BulkAnswer():
            said = bulk.answer_text(message)
        case RouteNotice():
            said = route.text(message)
        case _:
            assert_never(message)
    return said


def _show(shown: Finding) -> str:
    return f"{shown.ref} {state.grade(shown.severity)}: see /hunt show {shown.ref}"
