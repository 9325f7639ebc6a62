"""How uploaded files reach a channel: a moment after the app was answered, late, or never."""

import asyncio
from dataclasses import dataclass, field

from local.slack.content import Content
from local.slack.errors import SlackError
from local.slack.files import FileCabinet
from local.slack.messages import MessageLog


@dataclass(slots=True)
class Sharing:
    """``delay_s`` and ``is_dropping`` are the tests' switches.

    Slack processes files in a queue: its answer comes before the message. Now and then the message comes
    late, and threads tell of shares that never came (python-slack-sdk#1756 and its neighbours).
    """

    messages: MessageLog
    files: FileCabinet
    author: str
    delay_s: float = 0.2
    is_dropping: bool = False
    _waiting: set[asyncio.TimerHandle] = field(default_factory=set)

    def soon(self, channel_id: str, content: Content, thread_ts: str | None) -> None:
        if self.is_dropping:
            return
        loop = asyncio.get_running_loop()
        self._waiting = {handle for handle in self._waiting if handle.when() > loop.time()}
        self._waiting.add(loop.call_later(self.delay_s, self._share, channel_id, content, thread_ts))

    def close(self) -> None:
        for handle in self._waiting:
            handle.cancel()
        self._waiting.clear()

    def _share(self, channel_id: str, content: Content, thread_ts: str | None) -> None:
        try:
            message = self.messages.post(channel_id, self.author, content, thread_ts=thread_ts)
        except SlackError:
            return  # archived or deleted meanwhile: nobody is left to be told
        self.files.shared(message)
