"""reactions.*: the bot's emoji on messages.

Source: https://docs.slack.dev/reference/methods/reactions.add
"""

from local.slack.methods.method import ApiCall
from local.slack.model import Json, Message


def add(call: ApiCall) -> Json:
    workspace = call.workspace
    workspace.messages.react(_message(call), call.arguments.required("name"), workspace.app.bot_user_id)
    return {}


def remove(call: ApiCall) -> Json:
    workspace = call.workspace
    workspace.messages.unreact(_message(call), call.arguments.required("name"), workspace.app.bot_user_id)
    return {}


def _message(call: ApiCall) -> Message:
    workspace = call.workspace
    channel_id = call.arguments.required("channel")
    channel = workspace.directory.channel_seen_by(workspace.app.bot_user_id, channel_id)
    return workspace.messages.get(channel.id, call.arguments.required("timestamp"))
