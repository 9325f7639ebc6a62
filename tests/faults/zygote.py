"""Where lives come from: a process that has imported everything once and is forked for each of them.

A life costs milliseconds so, instead of the seconds of a fresh interpreter. Run as a module it is the parent: it
reads a line of JSON for each life on stdin and says on stdout who was born, stopped and ended.
"""

import asyncio
import json
import os
import select
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_POLL_S = 0.02


@dataclass(eq=False)
class Life:
    """A process while it lives; `status` is how it ended, as `os.waitpid` says it."""

    pid: int
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    status: int | None = None

    @property
    def was_killed(self) -> bool:
        return self.status is not None and os.WIFSIGNALED(self.status) and os.WTERMSIG(self.status) == signal.SIGKILL

    def send(self, number: signal.Signals) -> None:
        """Harmless where it has ended."""
        if self.status is None:
            if number is signal.SIGCONT:
                self.stopped.clear()
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send(signal.SIGKILL)


class Zygote:
    """The parent of all lives, as whoever asks for them sees it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._numbers = count(1)
        self._born: dict[int, asyncio.Future[Life]] = {}
        self._lives: dict[int, Life] = {}

    async def bear(self, work: str, spec: dict[str, Any]) -> Life:
        """Fork a process that does `work` (a name of `_WORK`) on `spec`."""
        number = next(self._numbers)
        self._born[number] = asyncio.get_running_loop().create_future()
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"number": number, "work": work, "spec": spec}).encode() + b"\n")
        await self._process.stdin.drain()
        return await self._born[number]

    async def listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            match said:
                case {"born": number, "pid": pid}:
                    self._lives[pid] = Life(pid)
                    self._born.pop(number).set_result(self._lives[pid])
                case {"stopped": pid}:
                    self._lives[pid].stopped.set()
                case {"ended": pid, "status": status}:
                    life = self._lives.pop(pid)
                    life.status = status
                    life.ended.set()


@asynccontextmanager
async def zygote(log: Path) -> AsyncIterator[Zygote]:
    """A parent for the length of the block; what its lives say on stderr goes to `log`. They all end with it."""
    with log.open("ab") as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.faults.zygote"),
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )
    parent = Zygote(process)
    listening = asyncio.create_task(parent.listen())
    try:
        yield parent
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()
        await listening


def _serve() -> None:
    from tests.faults.life import live  # noqa: PLC0415 - what is imported here is there in every life
    from tests.faults.pressing import press_all  # noqa: PLC0415 - the same

    work = {"live": live, "press": press_all}
    children: set[int] = set()
    for line in _lines(children):
        asked = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_born(work[asked["work"]], asked["spec"])
        children.add(pid)
        _say({"born": asked["number"], "pid": pid})
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _lines(children: set[int]) -> Any:
    """What is asked on stdin, until it closes; meanwhile the children are watched."""
    buffer = b""
    while True:
        _reap(children)
        ready, _, _ = select.select([0], [], [], _POLL_S)
        if not ready:
            continue
        read = os.read(0, 65536)
        if not read:
            return
        *lines, buffer = (buffer + read).split(b"\n")
        yield from lines


def _reap(children: set[int]) -> None:
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG | os.WUNTRACED)
        if pid == 0:
            return
        if os.WIFSTOPPED(status):
            _say({"stopped": pid})
        else:
            children.discard(pid)
            _say({"ended": pid, "status": status})


def _say(what: dict[str, int]) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _be_born(work: Any, spec: dict[str, Any]) -> None:
    """Never returns: nothing of the parent's goes on in the child."""
    code = 1
    try:
        nowhere = os.open(os.devnull, os.O_RDWR)
        os.dup2(nowhere, 0)
        os.dup2(nowhere, 1)
        work(spec)
        code = 0
    except BaseException:  # noqa: BLE001 - the last frame there is
        import traceback  # noqa: PLC0415 - only here

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
