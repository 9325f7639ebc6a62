"""People of other workspaces, met in shared channels: they may look at what is posted there, and do nothing."""

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from handlers.parse import Asker

REFUSAL = "huntbot takes no orders from people of another workspace."


def is_foreign(asker: Asker, args: AsyncArgs) -> bool:
    """Whether the person's team is not the one that huntbot is installed in; not known is foreign."""
    ours = args.context.authorize_result
    return ours is None or asker.team is None or asker.team != ours.team_id
