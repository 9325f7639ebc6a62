"""The page and its parts as one person sees them now: reads the workspace, fills the templates."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from markupsafe import Markup

from local.slack.model import Channel, Message
from local.slack.page.file_view import view_of
from local.slack.page.place import MESSAGES_SHOWN, Place, thread_of
from local.slack.page.reading import Reading
from local.slack.page.render import Renderer
from local.slack.page.viewer import Viewer
from local.slack.workspace import Workspace


class Screen:
    """Today and "2 minutes ago" are counted on the workspace's own clock."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._renderer = Renderer()
        self.reading = Reading(workspace)

    def viewer(self, user_id: str) -> Viewer:
        return Viewer(
            user=self._workspace.user(user_id),
            now=datetime.fromtimestamp(self._workspace.mint.now(), UTC),
            people={user.id: user for user in self._workspace.people_known_to(user_id)},
            channels={channel.id: channel for channel in self._workspace.channels_of(user_id)},
            groups={group.id: group for group in self._workspace.usergroups},
        )

    def page(self, place: Place) -> Markup:
        viewer = self.viewer(place.user)
        where = self._home(place) if place.is_home else self._channel(viewer, place)
        return self._fill(
            "page.html",
            viewer,
            team=self._workspace.team,
            people=[user for user in self._workspace.users if not (user.is_bot or user.is_deleted)],
            modals=self._workspace.modals_of(place.user),
            at=place.at,
            **self._rooms(viewer, place),
            **where,
        )

    def sidebar(self, place: Place) -> Markup:
        viewer = self.viewer(place.user)
        return self._fill("sidebar.html", viewer, **self._rooms(viewer, place))

    def modals(self, user_id: str) -> Markup:
        viewer = self.viewer(user_id)
        return self._fill("modals.html", viewer, modals=self._workspace.modals_of(user_id))

    def home(self, user_id: str) -> Markup:
        return self._fill("home.html", self.viewer(user_id), home=self._workspace.home_of(user_id))

    def slackbot(self, user_id: str, notice: str) -> Markup:
        return self._fill("slackbot.html", self.viewer(user_id), notice=notice)

    def message(self, place: Place, message: Message, pane: str) -> Markup:
        """One message for a pane (``channel`` or ``thread``) of this place."""
        return self._message(self.viewer(place.user), place, message, pane)

    # --- inside ---

    def _fill(self, template: str, viewer: Viewer, /, **values: Any) -> Markup:
        app = self._workspace.app
        bot = self._workspace.user(app.bot_user_id)
        common = {
            "app_user": bot,
            "app_name": bot.real_name,
            "commands": self._workspace.command_hints,
            "shortcuts": app.shortcuts,
        }
        return self._renderer.template(template, viewer, **common, **values)

    def _message(self, viewer: Viewer, place: Place, message: Message, pane: str) -> Markup:
        replies = self._replies(viewer, message) if pane == "channel" else ()
        return self._fill(
            "message.html",
            viewer,
            message=message,
            author=self._workspace.user(message.user),
            files=[view_of(file, self._workspace.files.body(file.id), viewer.user.id) for file in message.files],
            pane=pane,
            replies=replies,
            at=place.at,
            # The script replaces a message only when this differs, so that nothing a person holds is lost.
            version=zlib.crc32(repr((message, replies)).encode()),
        )

    def _replies(self, viewer: Viewer, message: Message) -> Sequence[Message]:
        if message.ephemeral_to or message.is_reply:
            return ()
        thread = thread_of(self._workspace, viewer.user.id, message.channel, message.ts)
        return [reply for reply in thread[1:] if not reply.ephemeral_to]

    def _channel(self, viewer: Viewer, place: Place) -> Mapping[str, Any]:
        channel = self._workspace.channel(place.channel)
        messages = self._workspace.messages_for(place.user, channel.id)
        more = Place(place.user, channel.id, place.thread, shown=place.shown + MESSAGES_SHOWN)
        thread = thread_of(self._workspace, place.user, channel.id, place.thread) if place.thread else ()
        name = self._name(viewer, channel)
        seen_until = self.reading.seen_until(place.user, channel.id)
        return {
            "place": "channel",
            "channel": channel,
            "name": name,
            "title": name if channel.is_direct else f"#{name}",
            "first_new": next((m.ts for m in messages if m.user != place.user and float(m.ts) > seen_until), ""),
            "is_app": channel.is_im,
            "app_is_member": self._workspace.app.bot_user_id in channel.members,
            "messages": [self._message(viewer, place, m, "channel") for m in messages[-place.shown :]],
            "earlier": more.href if len(messages) > place.shown else "",
            "thread_ts": place.thread,
            "replies": [self._message(viewer, place, m, "thread") for m in thread],
            "close_href": place.at(thread=""),
        }

    def _home(self, place: Place) -> Mapping[str, Any]:
        return {
            "place": "home",
            "title": self._workspace.user(self._workspace.app.bot_user_id).real_name,
            "home": self._workspace.home_of(place.user),
        }

    def _rooms(self, viewer: Viewer, place: Place) -> Mapping[str, Any]:
        """The sidebar, and the two tabs of the app's own room."""
        rooms = [self._room(viewer, place, c) for c in viewer.channels.values() if not c.is_im]
        direct = next((c for c in viewer.channels.values() if c.is_im), None)
        home_href = place.at_home().href
        unread = self.reading.unread(place.user, direct) if direct else 0
        return {
            "rooms": rooms,
            "app_entry": {
                "user": self._workspace.user(self._workspace.app.bot_user_id),
                "href": place.in_channel(direct.id).href if direct and unread else home_href,
                "unread": unread,
                "is_open": place.is_home or (direct is not None and place.channel == direct.id),
            },
            "home_href": home_href,
            "messages_href": place.in_channel(direct.id).href if direct else "",
        }

    def _room(self, viewer: Viewer, place: Place, channel: Channel) -> Mapping[str, Any]:
        return {
            "channel": channel,
            "name": self._name(viewer, channel),
            "href": place.in_channel(channel.id).href,
            "is_open": channel.id == place.channel,
            "unread": self.reading.unread(viewer.user.id, channel),
            "pings": self.reading.pings(viewer.user.id, channel),
        }

    def _name(self, viewer: Viewer, channel: Channel) -> str:
        """A channel's name; a conversation is named by the others in it."""
        if not channel.is_direct:
            return channel.name
        others = (self._workspace.user(member) for member in channel.members if member != viewer.user.id)
        return ", ".join(user.real_name for user in others)
