"""The Web API's methods: one table from name to handler, scopes and rate tier."""

from collections.abc import Mapping
from typing import Final

from local.slack.limits import Tier
from local.slack.methods import chat, conversations, files, people, platform, reactions, views
from local.slack.methods.method import Method, TokenKind

_CHANNELS: Final = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY: Final = ("channels:history", "groups:history", "im:history", "mpim:history")
_OPEN: Final = ("im:write", "mpim:write", "channels:manage", "groups:write")

METHODS: Final[Mapping[str, Method]] = {
    "api.test": Method(platform.api_test, tier=Tier.FOUR, token=TokenKind.NONE),
    "auth.test": Method(platform.auth_test, tier=Tier.SPECIAL),
    "team.info": Method(platform.team_info, ("team:read",), Tier.THREE),
    "bots.info": Method(platform.bots_info, ("users:read",), Tier.THREE),
    "blocks.validate": Method(platform.blocks_validate, tier=Tier.SPECIAL),
    "apps.connections.open": Method(platform.connections_open, tier=Tier.SPECIAL, token=TokenKind.APP),
    "chat.postMessage": Method(chat.post_message, ("chat:write",), Tier.SPECIAL, is_per_channel=True),
    "chat.update": Method(chat.update, ("chat:write",), Tier.THREE),
    "chat.delete": Method(chat.delete, ("chat:write",), Tier.THREE),
    "chat.postEphemeral": Method(chat.post_ephemeral, ("chat:write",), Tier.FOUR),
    "chat.getPermalink": Method(chat.permalink, tier=Tier.SPECIAL),
    "conversations.list": Method(conversations.list_, _CHANNELS, Tier.TWO),
    "conversations.info": Method(conversations.info, _CHANNELS, Tier.THREE),
    "conversations.members": Method(conversations.members, _CHANNELS, Tier.FOUR),
    "conversations.history": Method(conversations.history, _HISTORY, Tier.THREE),
    "conversations.replies": Method(conversations.replies, _HISTORY, Tier.THREE),
    "conversations.open": Method(conversations.open_, _OPEN, Tier.THREE),
    "conversations.join": Method(conversations.join, ("channels:join",), Tier.THREE),
    "files.getUploadURLExternal": Method(files.upload_url, ("files:write",), Tier.FOUR),
    "files.completeUploadExternal": Method(files.complete_upload, ("files:write",), Tier.FOUR),
    "files.info": Method(files.info, ("files:read",), Tier.FOUR),
    "reactions.add": Method(reactions.add, ("reactions:write",), Tier.THREE),
    "reactions.remove": Method(reactions.remove, ("reactions:write",), Tier.TWO),
    "users.info": Method(people.user_info, ("users:read",), Tier.FOUR),
    "users.list": Method(people.user_list, ("users:read",), Tier.TWO),
    "users.conversations": Method(people.user_conversations, _CHANNELS, Tier.THREE),
    "usergroups.list": Method(people.usergroup_list, ("usergroups:read",), Tier.TWO),
    "usergroups.users.list": Method(people.usergroup_users, ("usergroups:read",), Tier.TWO),
    "views.open": Method(views.open_, tier=Tier.FOUR),
    "views.push": Method(views.push, tier=Tier.FOUR),
    "views.update": Method(views.update, tier=Tier.FOUR),
    "views.publish": Method(views.publish, tier=Tier.FOUR),
}

__all__ = ["METHODS", "Method", "TokenKind"]
