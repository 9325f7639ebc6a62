"""Whoever is called when a finding escalates."""

from typing import Protocol

from bot.domain.escalation import Phase, TargetName
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall


class EscalationTarget(Protocol):
    """Where escalated findings go beside Slack; idempotent by the finding or by the mark where the target can."""

    @property
    def name(self) -> TargetName: ...

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        """Tell it; `mark` is the same for every try of one call.

        Raises:
            WorkspaceError: RouteBroken where it refuses us for good (its key, its address), RateLimited,
                MessageRejected, WorkspaceUnavailable where it was not reached, OutcomeUnknown where no answer came.
        """
        ...
