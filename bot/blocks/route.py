"""The message in the fallback channel: another channel, or a target, takes nothing from huntbot, or does again."""

from bot.blocks import rich
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted, escaped, literal
from bot.domain.escalation import target_of
from bot.domain.intent import RouteStatus
from bot.domain.message import RouteNotice
from bot.domain.responder import ChannelId


def text(notice: RouteNotice) -> str:
    target = target_of(notice.channel)
    name = f"<#{notice.channel}>" if target is None else escaped(target)
    if notice.status is None:
        return f"✅ {name} takes huntbot's messages again."
    return f"⚠️ {name} takes no messages from huntbot."


def blocks(notice: RouteNotice) -> tuple[Json, ...]:
    named = place(notice.channel)
    since = [rich.words("It took none from "), rich.moment(notice.broken_at), rich.words(" on; what waited follows.")]
    if notice.status is None:
        return (
            rich.section(
                [rich.words("✅ "), named, rich.words(" takes huntbot's messages again.", bold=True)], since
            ),
        )
    kept = [rich.words("Nothing is lost: huntbot keeps what waits and tries again by itself. "), *cure(notice.status)]
    return (
        rich.section(
            [rich.words("⚠️ "), named, rich.words(" takes no messages from huntbot.", bold=True)],
            told(notice.status),
            kept,
        ),
    )


def told(status: RouteStatus) -> Line:
    """Why, since when, how much waits."""
    return [
        rich.value(literal(status.reason)),
        rich.words(" since "),
        rich.moment(status.broken_at),
        rich.words(f", {counted(status.waiting, 'message')} waiting, next try "),
        rich.moment(status.try_at, rich.MINUTES),
    ]


def place(channel: ChannelId) -> Json:
    """A channel is linked; a target has only its name."""
    target = target_of(channel)
    return {"type": "channel", "channel_id": channel} if target is None else rich.value(literal(target))


_CURES = {
    "is_archived": "Somebody has to unarchive the channel.",
    "not_in_channel": "Somebody has to invite huntbot into the channel.",
    "is_ext_shared": "The channel is shared with another organization: what the logs say does not go there.",
    "channel_not_found": "It is gone, or private without huntbot in it.",
    "missing_scope": "The Slack app lacks a scope: huntbot doctor names it.",
    "not_configured": "The settings name this target no longer.",
}


def cure(status: RouteStatus) -> Line:
    said = _CURES.get(status.reason)
    return [rich.words(said)] if said else []
