"""Slack's JSON for the workspace's values, as its Web API and payloads spell them."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.slack.file_json import brief_file_json
from local.slack.model import App, Channel, Json, Message, Team, User, UserGroup, View


def user_json(user: User, now: float) -> Json:
    zone = datetime.fromtimestamp(now, UTC).astimezone(ZoneInfo(user.tz))
    offset = zone.utcoffset()
    return {
        "id": user.id,
        "team_id": user.team_id,
        "name": user.name,
        "deleted": user.is_deleted,
        "color": user.color,
        "real_name": user.real_name,
        "tz": user.tz,
        "tz_label": zone.tzname() or user.tz,
        "tz_offset": int(offset.total_seconds()) if offset else 0,
        "profile": {
            "real_name": user.real_name,
            "real_name_normalized": user.real_name,
            "display_name": user.name,
            "display_name_normalized": user.name,
            "title": user.title,
            "team": user.team_id,
        },
        "is_admin": user.is_admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": user.is_restricted,
        "is_ultra_restricted": user.is_ultra_restricted,
        "is_stranger": user.is_stranger,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": int(now),
    }


def channel_json(channel: Channel, viewer: str, team: Team) -> Json:
    """A conversation as one member sees it.

    Source: https://docs.slack.dev/reference/objects/conversation-object
    """
    if channel.is_im:
        other = next(member for member in channel.members if member != viewer)
        return {
            "id": channel.id,
            "created": channel.created,
            "is_im": True,
            "is_org_shared": False,
            "user": other,
            "is_user_deleted": False,
        }
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_im": False,
        "is_mpim": channel.is_mpim,
        "is_private": channel.is_private,
        "is_archived": channel.is_archived,
        "is_general": channel.is_general,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "created": channel.created,
        "creator": channel.creator,
        "context_team_id": team.id,
        "is_member": viewer in channel.members,
        "num_members": len(channel.members),
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": channel.purpose, "creator": "", "last_set": 0},
        "previous_names": [],
    }


def usergroup_json(group: UserGroup, team: Team, now: float, *, with_users: bool) -> Json:
    members: Json = {"users": list(group.users)} if with_users else {}
    return {
        "id": group.id,
        "team_id": team.id,
        "is_usergroup": True,
        "is_external": False,
        "name": group.name,
        "description": group.description,
        "handle": group.handle,
        "date_create": int(now),
        "date_update": int(now),
        "date_delete": 0 if group.is_enabled else int(now),
        "user_count": len(group.users),
        **members,
    }


def message_json(message: Message, app: App, team: Team, *, with_metadata: bool) -> Json:
    """A message as ``conversations.history`` and payloads show it.

    Without ``with_metadata`` its event payload is stripped and only the type is left.
    """
    body: Json = {"type": "message", "user": message.user, "ts": message.ts, "text": message.text, "team": team.id}
    if message.bot_id:
        body |= {"bot_id": message.bot_id, "app_id": message.app_id, "bot_profile": bot_json(app, team)}
    if message.blocks:
        body["blocks"] = list(message.blocks)
    if message.files:
        body |= {"files": [brief_file_json(file) for file in message.files], "upload": True}
    if message.thread_ts:
        body["thread_ts"] = message.thread_ts
    if message.is_reply and message.is_broadcast:
        body["subtype"] = "thread_broadcast"
    if message.edited:
        body["edited"] = {"user": message.edited.user, "ts": message.edited.ts}
    if message.metadata:
        payload = message.metadata.event_payload if with_metadata else {}
        body["metadata"] = {"event_type": message.metadata.event_type, "event_payload": payload}
    if message.reactions:
        body["reactions"] = [
            {"name": reaction.name, "users": list(reaction.users), "count": len(reaction.users)}
            for reaction in message.reactions
        ]
    return body


def bot_json(app: App, team: Team) -> Json:
    return {
        "id": app.bot_id,
        "app_id": app.id,
        "user_id": app.bot_user_id,
        "name": app.name,
        "deleted": False,
        "updated": 0,
        "team_id": team.id,
        "icons": {},
    }


_PLAIN_VIEW_FIELDS: dict[str, Any] = {
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
    "close": None,
    "submit": None,
    "title": None,
}


def view_json(view: View, app: App, team: Team) -> Json:
    """A view as ``views.*`` answer it and payloads carry it."""
    return {
        "id": view.id,
        "team_id": team.id,
        "type": view.kind,
        "blocks": list(view.blocks),
        **{name: view.payload.get(name, default) for name, default in _PLAIN_VIEW_FIELDS.items()},
        "state": view.state,
        "hash": view.hash,
        "previous_view_id": view.previous_view_id,
        "root_view_id": view.root_view_id,
        "app_id": app.id,
        "app_installed_team_id": team.id,
        "bot_id": app.bot_id,
    }
