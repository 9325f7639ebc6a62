"""chat.*: posting, editing and deleting the bot's messages.

Source: https://docs.slack.dev/reference/methods/chat.postMessage and its neighbours. Names in the text
are never linked (``link_names`` and ``parse`` are ignored): mentions need Slack's ``<...>`` tokens.
"""

from dataclasses import replace
from typing import Any

from local.slack.arguments import Arguments
from local.slack.block_files import check_files
from local.slack.content import EDIT_TEXT_LIMIT, TEXT_LIMIT, Content, checked_content, checked_metadata
from local.slack.errors import SlackError
from local.slack.methods.method import ApiCall
from local.slack.model import Channel, Json, Message
from local.slack.wire import message_json


def post_message(call: ApiCall) -> Json:
    channel = _writable(call)
    arguments = call.arguments
    message = call.workspace.messages.post(
        channel.id,
        call.workspace.app.bot_user_id,
        _with_unfurls(_content(call), arguments),
        metadata=checked_metadata(arguments.structure("metadata", "invalid_metadata_format")),
        thread_ts=arguments.optional("thread_ts"),
        is_broadcast=arguments.flag("reply_broadcast"),
    )
    call.workspace.files.shared(message)
    return {"channel": channel.id, "ts": message.ts, "message": _shown(call, message)}


def update(call: ApiCall) -> Json:
    """What the call leaves out stays: blocks and metadata go only when given as empty."""
    workspace, arguments = call.workspace, call.arguments
    message = _own_message(call, "cant_update_message")
    if len(arguments.text("text")) > EDIT_TEXT_LIMIT:
        raise SlackError("msg_too_long")
    blocks = _blocks(call) if arguments.has("blocks") else list(message.blocks)
    text = arguments.text("text")
    if not text and not arguments.has("blocks"):
        raise SlackError("no_text")
    metadata = message.metadata
    if arguments.has("metadata"):
        metadata = checked_metadata(arguments.structure("metadata", "invalid_metadata_format"))
    changed = workspace.messages.change(message, checked_content(text, blocks, workspace.mint), metadata)
    workspace.files.shared(changed)
    return {
        "channel": changed.channel,
        "ts": changed.ts,
        "text": changed.text,
        "message": _shown(call, changed),
    }


def delete(call: ApiCall) -> Json:
    message = _own_message(call, "cant_delete_message")
    call.workspace.messages.delete(message)
    return {"channel": message.channel, "ts": message.ts}


def post_ephemeral(call: ApiCall) -> Json:
    channel = _writable(call)
    user = call.workspace.user(call.arguments.required("user"))
    if user.id not in channel.members:
        raise SlackError("user_not_in_channel")
    if len(call.arguments.text("text")) > TEXT_LIMIT:
        raise SlackError("msg_too_long")
    message = call.workspace.messages.post(
        channel.id,
        call.workspace.app.bot_user_id,
        _content(call),
        thread_ts=call.arguments.optional("thread_ts"),
        ephemeral_to=user.id,
    )
    return {"message_ts": message.ts}


def permalink(call: ApiCall) -> Json:
    """The path is Slack's; the host is the workspace's own, so that links lead somewhere."""
    workspace = call.workspace
    channel_id = call.arguments.required("channel")
    channel = workspace.directory.channel_seen_by(workspace.app.bot_user_id, channel_id)
    message = workspace.messages.get(channel.id, call.arguments.required("message_ts"))
    link = f"{workspace.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def _with_unfurls(content: Content, arguments: Arguments) -> Content:
    """As Slack's documentation has it, links unfurl only when asked for and media unless asked not to."""
    is_media = arguments.flag("unfurl_media") if arguments.has("unfurl_media") else True
    return replace(content, unfurl_links=arguments.flag("unfurl_links"), unfurl_media=is_media)


def _content(call: ApiCall) -> Content:
    return checked_content(call.arguments.text("text"), _blocks(call), call.workspace.mint)


def _blocks(call: ApiCall) -> Any:
    blocks = call.arguments.structure("blocks", "invalid_blocks_format")
    if isinstance(blocks, list) and any(isinstance(each, dict) and each.get("type") == "video" for each in blocks):
        call.need_scope("links.embed:write")
    check_files(blocks, call.workspace.files)
    return blocks


def _writable(call: ApiCall) -> Channel:
    return writable_channel(call, call.arguments.required("channel"))


def writable_channel(call: ApiCall, name: str) -> Channel:
    """Where the bot may post, by id, ``#name`` or a person's id.

    Raises:
        SlackError: ``channel_not_found``, ``is_archived`` or ``not_in_channel``.
    """
    workspace = call.workspace
    channel = workspace.directory.target(name)
    if channel.is_archived:
        raise SlackError("is_archived")
    may_post_anywhere = "chat:write.public" in workspace.app.bot_scopes and not channel.is_private
    if workspace.app.bot_user_id not in channel.members and not may_post_anywhere:
        raise SlackError("not_in_channel")
    return channel


def _own_message(call: ApiCall, refusal: str) -> Message:
    """One of the bot's messages; ephemeral ones cannot be found again.

    Raises:
        SlackError: ``channel_not_found``, ``message_not_found`` or the ``refusal``.
    """
    workspace = call.workspace
    channel_id = call.arguments.required("channel")
    channel = workspace.directory.channel_seen_by(workspace.app.bot_user_id, channel_id)
    message = workspace.messages.get(channel.id, call.arguments.required("ts"))
    if message.ephemeral_to is not None:
        raise SlackError("message_not_found")
    if message.user != workspace.app.bot_user_id:
        raise SlackError(refusal)
    return message


def _shown(call: ApiCall, message: Message) -> Json:
    return message_json(message, call.workspace.app, call.workspace.team, with_metadata=True)
