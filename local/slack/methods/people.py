"""users.* and usergroups.*: who is here.

Source: https://docs.slack.dev/reference/methods/users.info and its neighbours.
"""

from local.slack.methods.conversations import channel_page
from local.slack.methods.method import ApiCall
from local.slack.model import Json
from local.slack.paging import page
from local.slack.wire import user_json, usergroup_json


def user_info(call: ApiCall) -> Json:
    user = call.workspace.user(call.arguments.required("user"))
    return {"user": user_json(user, call.workspace.mint.now())}


def user_list(call: ApiCall) -> Json:
    workspace = call.workspace
    shown, metadata = page(workspace.users, call.arguments)
    now = workspace.mint.now()
    return {
        "members": [user_json(user, now) for user in shown],
        "cache_ts": int(now),
        "response_metadata": metadata,
    }


def user_conversations(call: ApiCall) -> Json:
    """The channels the bot, or the named person, is a member of, as far as the bot can see them."""
    workspace = call.workspace
    member = call.arguments.text("user", workspace.app.bot_user_id)
    workspace.user(member)
    seen = workspace.directory.channels_seen_by(workspace.app.bot_user_id)
    return channel_page(call, [channel for channel in seen if member in channel.members])


def usergroup_list(call: ApiCall) -> Json:
    workspace, arguments = call.workspace, call.arguments
    with_users = arguments.flag("include_users")
    groups = [group for group in workspace.usergroups if group.is_enabled or arguments.flag("include_disabled")]
    now = workspace.mint.now()
    return {"usergroups": [usergroup_json(group, workspace.team, now, with_users=with_users) for group in groups]}


def usergroup_users(call: ApiCall) -> Json:
    """A disabled group has no users unless ``include_disabled``; raises SlackError ``no_such_subteam``."""
    group = call.workspace.directory.usergroup(call.arguments.required("usergroup"))
    is_shown = group.is_enabled or call.arguments.flag("include_disabled")
    return {"users": list(group.users) if is_shown else []}
