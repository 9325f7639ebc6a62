"""Escalation into a Slack channel: the people on call are named there."""

from dataclasses import replace
from datetime import datetime

from bot.domain.intent import IntentKey
from bot.domain.message import EscalationCall
from bot.domain.responder import ChannelId, MessageTs
from bot.ports import Workspace


class ChannelEscalation:
    """Posts each call once into `channel`; `on_call` is the id of the user group it mentions."""

    def __init__(self, workspace: Workspace, channel: ChannelId, on_call: str | None = None) -> None:
        self._workspace = workspace
        self._channel = channel
        self._on_call = on_call

    @property
    def channel(self) -> ChannelId:
        return self._channel

    async def escalate(
        self, call: EscalationCall, key: IntentKey, *, may_stand: bool, since: datetime
    ) -> MessageTs | None:
        """Post it, unless an earlier try stands already."""
        if may_stand and (stands := await self._workspace.find(self._channel, key, since)) is not None:
            return stands
        return await self._workspace.post(self._channel, replace(call, on_call=self._on_call), key)
