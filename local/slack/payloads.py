"""The payloads Slack sends: slash commands, interactions, events.

Source: https://docs.slack.dev/reference/interaction-payloads and
https://docs.slack.dev/interactivity/implementing-slash-commands.
"""

from dataclasses import dataclass

from local.slack import elements
from local.slack.directory import Directory
from local.slack.mint import Mint
from local.slack.model import Channel, Json, Message, User, View
from local.slack.tickets import ResponseUrls, Triggers
from local.slack.wire import message_json, view_json


@dataclass(frozen=True, slots=True)
class Payloads:
    """Builds payloads; each carries a fresh trigger id and, where Slack gives one, a response URL."""

    directory: Directory
    mint: Mint
    triggers: Triggers
    response_urls: ResponseUrls

    def slash_command(self, user: User, channel: Channel, command: str, text: str) -> Json:
        app, team = self.directory.app, self.directory.team
        return {
            "token": app.verification_token,
            "team_id": team.id,
            "team_domain": team.domain,
            "channel_id": channel.id,
            "channel_name": _channel_name(channel),
            "user_id": user.id,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": app.id,
            "is_enterprise_install": "false",
            "response_url": self.response_urls.issue(channel.id, user.id),
            "trigger_id": self.triggers.issue(user.id),
        }

    def message_action(self, user: User, message: Message, action: Json, state: Json) -> Json:
        """``block_actions`` from a message; an ephemeral one is named but not quoted."""
        is_ephemeral = message.ephemeral_to is not None
        quoted = {} if is_ephemeral else {"message": self._message(message)}
        return {
            **self._interaction("block_actions", user),
            "container": self._container(message),
            "trigger_id": self.triggers.issue(user.id),
            "channel": self._channel(message),
            **quoted,
            "state": state,
            "response_url": self.response_urls.issue(
                message.channel, user.id, message.ts, is_ephemeral_source=is_ephemeral
            ),
            "actions": [action],
        }

    def view_action(self, user: User, view: View, action: Json) -> Json:
        return {
            **self._interaction("block_actions", user),
            "container": {"type": "view", "view_id": view.id},
            "trigger_id": self.triggers.issue(user.id),
            "view": self._view(view),
            "actions": [action],
        }

    def view_submission(self, user: User, view: View) -> Json:
        return {
            **self._interaction("view_submission", user),
            "trigger_id": self.triggers.issue(user.id),
            "view": self._view(view),
            "response_urls": [],
        }

    def view_closed(self, user: User, view: View, *, is_cleared: bool) -> Json:
        return {**self._interaction("view_closed", user), "view": self._view(view), "is_cleared": is_cleared}

    def suggestion_in_view(self, user: User, view: View, found: elements.Found, query: str) -> Json:
        container = {"type": "view", "view_id": view.id}
        return self._suggestion(user, found, query) | {"container": container, "view": self._view(view)}

    def suggestion_in_message(self, user: User, message: Message, found: elements.Found, query: str) -> Json:
        return {
            **self._suggestion(user, found, query),
            "container": self._container(message),
            "channel": self._channel(message),
            "message": self._message(message),
        }

    def message_shortcut(self, user: User, message: Message, callback_id: str) -> Json:
        """``message_action``; its response URL answers the person and replaces nothing.

        Source: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload
        """
        return {
            **self._interaction("message_action", user),
            "action_ts": self.mint.ts(),
            "callback_id": callback_id,
            "trigger_id": self.triggers.issue(user.id),
            "response_url": self.response_urls.issue(message.channel, user.id),
            "message_ts": message.ts,
            "channel": self._channel(message),
            "message": self._message(message),
        }

    def shortcut(self, user: User, callback_id: str) -> Json:
        return {
            **self._interaction("shortcut", user),
            "callback_id": callback_id,
            "trigger_id": self.triggers.issue(user.id),
            "action_ts": self.mint.ts(),
        }

    def event(self, event: Json) -> Json:
        app, team = self.directory.app, self.directory.team
        channel = self.directory.channel(event["channel"])
        authorization = {
            "enterprise_id": None,
            "team_id": team.id,
            "user_id": app.bot_user_id,
            "is_bot": True,
            "is_enterprise_install": False,
        }
        return {
            "token": app.verification_token,
            "team_id": team.id,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self.mint.id("Ev"),
            "event_time": int(self.mint.now()),
            "authorizations": [authorization],
            "is_ext_shared_channel": channel.is_ext_shared,
        }

    def home_opened(self, user: User, view: View | None) -> Json:
        shown = {"view": self._view(view)} if view else {}
        return {
            "type": "app_home_opened",
            "user": user.id,
            "channel": self.directory.direct_message(user.id).id,
            "tab": "home",
            "event_ts": self.mint.ts(),
            **shown,
        }

    def message_event(self, message: Message, event_type: str) -> Json:
        channel = self.directory.channel(message.channel)
        about = {"channel": channel.id, "channel_type": channel.kind.rstrip("s"), "event_ts": message.ts}
        return self._message(message) | about | {"type": event_type}

    def _suggestion(self, user: User, found: elements.Found, query: str) -> Json:
        about = {"action_id": found.action_id, "block_id": found.block_id, "value": query}
        return self._interaction("block_suggestion", user) | about

    def _container(self, message: Message) -> Json:
        in_thread = {"thread_ts": message.thread_ts} if message.thread_ts else {}
        return {
            "type": "message",
            "message_ts": message.ts,
            "channel_id": message.channel,
            "is_ephemeral": message.ephemeral_to is not None,
            **in_thread,
        }

    def _channel(self, message: Message) -> Json:
        channel = self.directory.channel(message.channel)
        return {"id": channel.id, "name": _channel_name(channel)}

    def _message(self, message: Message) -> Json:
        return message_json(message, self.directory.app, self.directory.team, with_metadata=True)

    def _view(self, view: View) -> Json:
        return view_json(view, self.directory.app, self.directory.team)

    def _interaction(self, kind: str, user: User) -> Json:
        app, team = self.directory.app, self.directory.team
        return {
            "type": kind,
            "user": {"id": user.id, "username": user.name, "name": user.name, "team_id": user.team_id},
            "api_app_id": app.id,
            "token": app.verification_token,
            "team": {"id": team.id, "domain": team.domain},
            "enterprise": None,
            "is_enterprise_install": False,
        }


def _channel_name(channel: Channel) -> str:
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.kind == "groups" else channel.name
