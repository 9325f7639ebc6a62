"""People of other workspaces, met in shared channels: they may look at what is posted there, and do nothing."""

from contextlib import suppress
from dataclasses import dataclass

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.domain.finding import FindingId
from bot.domain.responder import Place
from bot.domain.triage import Move
from bot.errors import UnknownFinding
from handlers.desk import Desk
from handlers.parse import Asker

REFUSAL = "huntbot takes no orders from people of another workspace."


@dataclass(frozen=True, slots=True)
class Attempt:
    """What a person tried to do with a finding."""

    finding: FindingId
    move: Move
    place: Place
    delivery: str


def is_foreign(asker: Asker, args: AsyncArgs) -> bool:
    """Whether the person's team is not the one that huntbot is installed in; not known is foreign."""
    ours = args.context.authorize_result
    return ours is None or asker.team is None or asker.team != ours.team_id


async def remember(desk: Desk, asker: Asker, attempt: Attempt) -> None:
    """Put a stranger's attempt into the finding's history. Raises StoreError."""
    with suppress(UnknownFinding):  # then it was nothing
        await desk.services.triage.refuse(
            attempt.finding, attempt.move, asker.user, attempt.place, REFUSAL, attempt.delivery
        )
