"""The Slack app's manifest: exactly what the bot uses, and why it may.

Source: https://docs.slack.dev/reference/app-manifest.
"""

import json
from collections.abc import Iterator, Mapping

from bot.blocks import actions

Json = dict[str, object]

EVENTS_PATH = "/slack/events"

# Every scope with the calls that need it; a test holds this to what the code calls.
SCOPES: Mapping[str, tuple[str, ...]] = {
    "commands": ("/hunt",),
    "chat:write": ("chat.postMessage", "chat.postEphemeral", "chat.update", "chat.delete"),
    "files:write": ("files.getUploadURLExternal", "files.completeUploadExternal"),  # exports, charts as pictures
    "channels:read": ("conversations.info", "conversations.list", "conversations.members"),
    "groups:read": ("conversations.info", "conversations.list", "conversations.members"),
    "im:read": ("conversations.info",),  # a person's own conversation with huntbot, told from any other one
    "users:read": ("users.info",),  # guests, and people of other workspaces
    "usergroups:read": ("usergroups.users.list",),  # the groups that give roles
    # An answer that was lost on the way: the channel is read back before anything is posted again.
    "channels:history": ("conversations.history", "conversations.replies"),
    "groups:history": ("conversations.history", "conversations.replies"),
}
# What people reply in a finding's thread goes into its history: the two scopes of history allow that as well.
BOT_EVENTS = ("app_home_opened", "message.channels", "message.groups")
SHORTCUTS: tuple[Json, ...] = (
    {
        "name": "Triage with huntbot",
        "type": "message",
        "callback_id": actions.TRIAGE_SHORTCUT,
        "description": "What huntbot knows of the finding in this message",
    },
    {
        "name": "Run a hunt",
        "type": "global",
        "callback_id": actions.HUNT_SHORTCUT,
        "description": "Choose a hunt, a stretch of time and filters",
    },
)
USAGE = "list | findings | export | show F-42 | <hunt> [since:24h] [account:..] [principal:..] [severity:..]"


def manifest(base_url: str | None = None) -> Json:
    """For Socket Mode; for signed HTTP where `base_url` says where Slack reaches the bot."""
    request_url = {} if base_url is None else {"request_url": base_url.rstrip("/") + EVENTS_PATH}
    command_url = {} if base_url is None else {"url": base_url.rstrip("/") + EVENTS_PATH}
    command = {"command": "/hunt", "description": "Run a threat hunt", "usage_hint": USAGE, "should_escape": False}
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "huntbot",
            "description": "Threat hunting from Slack: run a hunt, triage what it finds, get the daily digest",
        },
        "features": {
            "bot_user": {"display_name": "huntbot", "always_online": True},
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,  # people type /hunt there, where nobody reads along
            },
            "slash_commands": [command | command_url],
            "shortcuts": list(SHORTCUTS),
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}},
        "settings": {
            "event_subscriptions": request_url | {"bot_events": list(BOT_EVENTS)},
            "interactivity": {"is_enabled": True} | request_url,
            "org_deploy_enabled": False,
            "socket_mode_enabled": base_url is None,
            "token_rotation_enabled": False,
        },
    }


def as_yaml(value: Json) -> str:
    """The manifest as YAML: block style for mappings and lists, JSON for what they hold (which is YAML too)."""
    return "".join(f"{line}\n" for line in _yaml(value))


def _yaml(value: object) -> Iterator[str]:
    match value:
        case dict() if value:
            for key, held in value.items():
                yield from _entry(f"{key}:", held)
        case list() if value:
            for held in value:
                first, *rest = _yaml(held)
                yield f"- {first}"
                yield from (f"  {line}" for line in rest)
        case _:
            yield json.dumps(value, ensure_ascii=False)


def _entry(key: str, held: object) -> Iterator[str]:
    if isinstance(held, dict | list) and held:
        yield key
        yield from (f"  {line}" for line in _yaml(held))
    else:
        yield f"{key} {json.dumps(held, ensure_ascii=False)}"
