"""The line between a workspace and the lives of a bot: what Slack sends, and what the tests ask of them.

One JSON object a line, over loopback. To a life: `{"n", "what", ...}`; back, in any order: `{"n", "answer"}`, and
`{"pid"}` at first. It stands in for Socket Mode, which is tested elsewhere, and is stricter: an envelope that nobody
acknowledged is delivered again, to whoever is alive, until somebody does.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from types import TracebackType
from typing import Any, Self

from local.slack.delivery import Envelope

Json = dict[str, Any]

_LIMIT = 4 * 1024 * 1024
ACK_WITHIN_S = 3.0  # Slack's own patience
_AGAIN_AFTER_S = 0.05


class HungUpError(Exception):
    """The life at the other end is gone."""


@dataclass(eq=False)
class Connection:
    """A life that is there."""

    pid: int
    writer: asyncio.StreamWriter
    waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))
    is_gone: bool = False

    async def ask(self, what: str, within_s: float = 30.0, **more: object) -> Any:
        """Raises HungUpError, TimeoutError."""
        if self.is_gone:
            raise HungUpError
        number = next(self.numbers)
        self.waiting[number] = asyncio.get_running_loop().create_future()
        try:
            self.writer.write(json.dumps({"n": number, "what": what, **more}).encode() + b"\n")
            async with asyncio.timeout(within_s):
                await self.writer.drain()
                return await self.waiting[number]
        except ConnectionError:
            raise HungUpError from None
        finally:
            self.waiting.pop(number, None)

    def hang_up(self) -> None:
        self.is_gone = True
        for answer in self.waiting.values():
            if not answer.done():
                answer.set_exception(HungUpError())


class Exchange:
    """The workspace's end: a Delivery of the local Slack, and the tests' own door to each life."""

    def __init__(self) -> None:
        self.connections: dict[int, Connection] = {}
        self.redelivered = 0
        self.port = 0
        self._server: asyncio.Server | None = None
        self._turn = 0
        self._came = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LIMIT)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for connection in tuple(self.connections.values()):
            connection.writer.close()
        await asyncio.sleep(0)

    async def deliver(self, envelope: Envelope) -> Json:
        """To one life after the other until one acknowledges it: what it acknowledged with."""
        for attempt in count():
            if attempt:
                self.redelivered += 1
                await asyncio.sleep(_AGAIN_AFTER_S)
            with suppress(HungUpError, TimeoutError):
                answer = await (await self._next()).ask(
                    "envelope", ACK_WITHIN_S, kind=envelope.kind, payload=envelope.payload
                )
                if answer is not None:
                    return dict(answer)
        raise AssertionError

    async def _next(self) -> Connection:
        while not self.connections:
            self._came.clear()
            await self._came.wait()
        self._turn += 1
        return list(self.connections.values())[self._turn % len(self.connections)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            pid = json.loads(await reader.readline())["pid"]
        except ValueError:  # it died with the first word on its lips
            writer.close()
            return
        connection = self.connections[pid] = Connection(pid, writer)
        self._came.set()
        try:
            async for line in reader:
                said = json.loads(line)
                answer = connection.waiting.get(said["n"])
                if answer is not None and not answer.done():
                    answer.set_result(said["answer"])
        except (ConnectionError, ValueError):
            pass
        finally:
            self.connections.pop(pid, None)
            connection.hang_up()
            writer.close()


Answering = Callable[[Mapping[str, Any]], Awaitable[Any]]


async def answer_calls(port: int, pid: int, answers: Mapping[str, Answering]) -> None:
    """A life's end: each thing asked is answered in a task of its own, until the other end hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=_LIMIT)
    writer.write(json.dumps({"pid": pid}).encode() + b"\n")
    tasks: set[asyncio.Task[None]] = set()

    async def answer(asked: Mapping[str, Any]) -> None:
        answered = await answers[asked["what"]](asked)
        writer.write(json.dumps({"n": asked["n"], "answer": answered}).encode() + b"\n")
        await writer.drain()

    async for line in reader:
        task = asyncio.create_task(answer(json.loads(line)))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    writer.close()
