"""files.*: the upload flow of today, and what became of a file.

Source: https://docs.slack.dev/reference/methods/files.getUploadURLExternal, its neighbours and
https://docs.slack.dev/reference/objects/file-object. ``files.upload`` was retired in November 2025.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from local.slack.content import Content, checked_content
from local.slack.errors import SlackError
from local.slack.file_json import file_json
from local.slack.messages import Window
from local.slack.methods.chat import writable_channel
from local.slack.methods.method import ApiCall
from local.slack.model import Channel, File, Json
from local.slack.workspace import Workspace


def upload_url(call: ApiCall) -> Json:
    arguments = call.arguments
    file_id, address = call.workspace.files.begin(
        arguments.required("filename"),
        int(arguments.number("length", 0)),
        call.workspace.app.bot_user_id,
        alt_text=arguments.text("alt_txt"),
        snippet=arguments.text("snippet_type"),
    )
    return {"upload_url": address, "file_id": file_id}


def complete_upload(call: ApiCall) -> Json:
    """Answers at once; the message with the files comes a moment later, as on Slack.

    Without a channel the files stay private. A ``markdown`` block in ``blocks`` is an ``internal_error``,
    as slackapi/python-slack-sdk#1756 tells.
    """
    workspace = call.workspace
    channels = _channels(call)
    content = _content(call)
    thread_ts = call.arguments.optional("thread_ts")
    for channel in channels if thread_ts else ():
        workspace.messages.replies(channel.id, str(thread_ts), Window())
    files = tuple(workspace.files.complete(file_id, title) for file_id, title in _named(call))
    for channel in channels:
        workspace.sharing.soon(channel.id, replace(content, files=files), thread_ts)
    return {"files": [_shown(workspace, file) for file in files]}


def info(call: ApiCall) -> Json:
    """``shares`` fills when the message is there: what a client polls for."""
    file = call.workspace.files.get(call.arguments.required("file"))
    return {
        "file": _shown(call.workspace, file),
        "comments": [],
        "response_metadata": {"next_cursor": ""},
    }


def _shown(workspace: Workspace, file: File) -> Json:
    return file_json(file, workspace.files, workspace.directory)


def _named(call: ApiCall) -> Sequence[tuple[str, str]]:
    """Ids and titles; raises SlackError ``invalid_arguments``."""
    match call.arguments.structure("files"):
        case [_, *_] as files if all(isinstance(each, dict) and isinstance(each.get("id"), str) for each in files):
            return [(each["id"], str(each.get("title") or "")) for each in files]
        case _:
            raise SlackError("invalid_arguments")


def _channels(call: ApiCall) -> Sequence[Channel]:
    arguments = call.arguments
    names = arguments.names("channels") or arguments.names("channel_id")
    if arguments.has("thread_ts") and len(names) != 1:
        raise SlackError("invalid_arguments")
    return [writable_channel(call, name) for name in names]


def _content(call: ApiCall) -> Content:
    comment = call.arguments.text("initial_comment")
    blocks: Any = None if comment else call.arguments.structure("blocks", "invalid_blocks_format")
    if not blocks:
        return Content(comment, ())
    content = checked_content("", blocks, call.workspace.mint)
    if any(block["type"] == "markdown" for block in content.blocks):
        raise SlackError("internal_error")
    return content
