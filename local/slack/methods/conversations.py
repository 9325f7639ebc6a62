"""conversations.*: channels, their members, and what was said in them.

Source: https://docs.slack.dev/reference/methods/conversations.history and its neighbours.
"""

from collections.abc import Callable, Mapping, Sequence

from local.slack.arguments import Arguments
from local.slack.errors import SlackError
from local.slack.messages import Window
from local.slack.methods.method import ApiCall
from local.slack.model import Channel, Json, Message
from local.slack.paging import page, page_of_messages
from local.slack.wire import channel_json, message_json

MPIM_LIMIT = 8  # people besides the bot

_TYPES: Mapping[str, tuple[str, Callable[[Channel], bool]]] = {
    # type: (scope, which channels)
    "public_channel": ("channels:read", lambda channel: channel.kind == "channels"),
    "private_channel": ("groups:read", lambda channel: channel.kind == "groups"),
    "im": ("im:read", lambda channel: channel.kind == "im"),
    "mpim": ("mpim:read", lambda channel: channel.kind == "mpim"),
}


def list_(call: ApiCall) -> Json:
    seen = call.workspace.directory.channels_seen_by(call.workspace.app.bot_user_id)
    return channel_page(call, seen)


def channel_page(call: ApiCall, channels: Sequence[Channel]) -> Json:
    """One page of those channels, of the types the call asks for and its scopes cover.

    Raises:
        SlackError: ``invalid_types`` or ``missing_scope``.
    """
    types = call.arguments.names("types", "public_channel")
    if not set(types) <= set(_TYPES):
        raise SlackError("invalid_types")
    for name in types:
        call.need_scope(_TYPES[name][0])
    wanted = [channel for channel in channels if any(_TYPES[name][1](channel) for name in types)]
    if call.arguments.flag("exclude_archived"):
        wanted = [channel for channel in wanted if not channel.is_archived]
    shown, metadata = page(wanted, call.arguments)
    return {"channels": [_shown(call, channel) for channel in shown], "response_metadata": metadata}


def info(call: ApiCall) -> Json:
    body = _shown(call, call.readable_channel("read"))
    if not call.arguments.flag("include_num_members"):
        body.pop("num_members", None)
    return {"channel": body}


def members(call: ApiCall) -> Json:
    channel = call.readable_channel("read")
    shown, metadata = page(channel.members, call.arguments)
    return {"members": list(shown), "response_metadata": metadata}


def history(call: ApiCall) -> Json:
    """Newest first; metadata payloads only with ``include_all_metadata``."""
    channel = call.member_channel("history")
    messages = call.workspace.messages.history(channel.id, _window(call.arguments))
    shown, facts = page_of_messages(messages, call.arguments)
    return {
        "messages": [_message(call, message) for message in shown],
        "pin_count": 0,
        "channel_actions_ts": None,
        "channel_actions_count": 0,
        **facts,
    }


def replies(call: ApiCall) -> Json:
    channel = call.member_channel("history")
    thread_ts = call.arguments.required("ts")
    messages = call.workspace.messages.replies(channel.id, thread_ts, _window(call.arguments))
    shown, facts = page_of_messages(messages, call.arguments)
    return {"messages": [_message(call, message) for message in shown], **facts}


def open_(call: ApiCall) -> Json:
    """A direct message with one person, or with up to eight; ``return_im`` asks for the whole conversation.

    Source: https://docs.slack.dev/reference/methods/conversations.open
    """
    known = {channel.id for channel in call.workspace.directory.channels}
    channel = _opened(call)
    shown = _shown(call, channel) if call.arguments.flag("return_im") else {"id": channel.id}
    already = {"no_op": True, "already_open": True} if channel.id in known else {}
    return {**already, "channel": shown}


def _opened(call: ApiCall) -> Channel:
    directory = call.workspace.directory
    match call.arguments.names("users"):
        case [] if call.arguments.has("channel"):
            channel = call.readable_channel("read")
            if not channel.is_direct:
                raise SlackError("method_not_supported_for_channel_type")
            return channel
        case []:
            raise SlackError("users_list_not_supplied")
        case [user_id]:
            call.need_scope("im:write")
            return directory.direct_message(_enabled(call, user_id))
        case user_ids if len(user_ids) > MPIM_LIMIT:
            raise SlackError("too_many_users")
        case user_ids:
            call.need_scope("mpim:write")
            return directory.group_message([_enabled(call, user_id) for user_id in user_ids])


def _enabled(call: ApiCall, user_id: str) -> str:
    if call.workspace.user(user_id).is_deleted:
        raise SlackError("user_disabled")
    return user_id


def join(call: ApiCall) -> Json:
    workspace = call.workspace
    channel = call.readable_channel("read")
    if channel.is_private:
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    return {"channel": _shown(call, workspace.directory.join(channel.id, workspace.app.bot_user_id))}


def _window(arguments: Arguments) -> Window:
    return Window(
        arguments.number("oldest", 0.0), arguments.number("latest", float("inf")), arguments.flag("inclusive")
    )


def _shown(call: ApiCall, channel: Channel) -> Json:
    return channel_json(channel, call.workspace.app.bot_user_id, call.workspace.team)


def _message(call: ApiCall, message: Message) -> Json:
    workspace = call.workspace
    with_metadata = call.arguments.flag("include_all_metadata")
    body = message_json(message, workspace.app, workspace.team, with_metadata=with_metadata)
    replies = workspace.messages.reply_count(message)
    if replies:
        body |= {"thread_ts": message.ts, "reply_count": replies}
    return body
