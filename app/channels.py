"""The channels that settings and hunt files name, found in Slack once, at the start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from app.settings import Settings
from bot.domain.hunt import Slug
from bot.domain.responder import ChannelId
from bot.domain.schedule import Schedule
from bot.errors import RouteBroken, SettingsError
from bot.ports.workspace import Workspace

_log = logging.getLogger("huntbot")


@dataclass(frozen=True, slots=True)
class Channels:
    """Where things go, by id: Slack's names are for people and may change."""

    default: ChannelId | None
    escalation: ChannelId | None
    fallback: ChannelId | None
    schedules: Mapping[Slug, Schedule]

    @classmethod
    async def resolve(cls, settings: Settings, workspace: Workspace, wanted: Mapping[Slug, Schedule]) -> Self:
        """Ask Slack for each.

        Raises:
            SettingsError: a channel that the settings name is not there.
            WorkspaceError: Slack can not be reached.
        """
        default = await _named(workspace, "HUNTBOT_CHANNEL", settings.channel)
        escalation = await _named(workspace, "HUNTBOT_ESCALATION_CHANNEL", settings.escalation_channel)
        fallback = await _named(workspace, "HUNTBOT_FALLBACK_CHANNEL", settings.fallback_channel)
        found: dict[Slug, Schedule] = {}
        for slug, schedule in wanted.items():
            channel = await _of_digest(workspace, slug, schedule, default)
            if channel is not None:
                found[slug] = replace(schedule, channel=channel)
        return cls(default, escalation, fallback or default, found)

    def home(self, slug: Slug) -> ChannelId | None:
        """Where the cards of a hunt's private runs go."""
        schedule = self.schedules.get(slug)
        return ChannelId(schedule.channel) if schedule and schedule.channel else self.default


async def _named(workspace: Workspace, name: str, channel: str | None) -> ChannelId | None:
    if channel is None:
        return None
    try:
        return await workspace.channel_id(channel)
    except RouteBroken as fault:
        cure = f"there is no channel {channel} that huntbot can see; if it is private, invite huntbot to it"
        raise SettingsError(((name, cure),)) from fault


async def _of_digest(
    workspace: Workspace, slug: Slug, schedule: Schedule, default: ChannelId | None
) -> ChannelId | None:
    """A hunt file's channel that is not there costs that hunt its digest, and nobody else theirs."""
    if schedule.channel is None:
        if default is None:
            _log.warning("no digest of %s: neither its hunt file nor HUNTBOT_CHANNEL names a channel", slug)
        return default
    try:
        return await workspace.channel_id(schedule.channel)
    except RouteBroken:
        _log.error("no digest of %s: there is no channel %s that huntbot can see", slug, schedule.channel)
        return None
