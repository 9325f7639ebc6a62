"""Socket Mode: two connections on one app, watched, because Slack closes each of them now and then.

Measured: with one connection commands are lost at each refresh (59 of 277), with two none (0 of 272).
"""

import asyncio
import logging
from dataclasses import dataclass

from slack_bolt.async_app import AsyncApp

from app.connection import Connection, Seconds
from app.intake import Intake
from bot.errors import WorkspaceUnavailable

CONNECTIONS = 2
CONNECT_TIMEOUT_S = 20.0
CHECK_EVERY_S = 5.0
QUIET_S = 600.0  # so long without an envelope, and a new connection has to show that Slack still speaks
REPLACE_AFTER_S = 30.0
GIVE_UP_AFTER_S = 300.0

log = logging.getLogger("huntbot.sockets")


@dataclass(slots=True)
class _Place:
    """Where one connection belongs: when it was found down, and when another was last tried."""

    connection: Connection
    down_since: float | None = None
    tried_at: float | None = None


class Sockets:
    """The connections; `monotonic` is a clock in seconds that never goes back."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        intake: Intake,
        monotonic: Seconds,
        *,
        connections: int = CONNECTIONS,
        patience_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._intake = intake
        self._monotonic = monotonic
        self._count = connections
        self._patience_s = patience_s
        self._places: list[_Place] = []

    async def open(self) -> None:
        """Connect them all.

        Raises:
            WorkspaceUnavailable: Slack gave no connection, or did not greet on it, in time.
        """
        self._places = [_Place(self._another()) for _ in range(self._count)]
        try:
            await asyncio.gather(*(place.connection.open(self._patience_s) for place in self._places))
        except TimeoutError as fault:
            raise WorkspaceUnavailable(f"no Socket Mode connection within {self._patience_s:g} s") from fault

    async def is_connected(self) -> bool:
        """Whether at least one is up: Slack needs no more."""
        return any([await place.connection.is_up() for place in self._places])

    @property
    def quiet_s(self) -> float:
        """Seconds since anything was heard on any of them."""
        return self._monotonic() - max(place.connection.heard_at for place in self._places)

    async def watch(self) -> None:
        """Replace what stays down or quiet; the SDK's own reconnecting was seen to get stuck.

        Raises:
            WorkspaceUnavailable: none has been up for five minutes: a supervisor starts the process anew.
        """
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            await self.check()

    async def check(self) -> None:
        """One look at every connection. Raises as `watch` does."""
        for place in self._places:
            await self._look_at(place)
        down_since = [place.down_since for place in self._places]
        if all(since is not None and self._monotonic() - since > GIVE_UP_AFTER_S for since in down_since):
            raise WorkspaceUnavailable("no Socket Mode connection for five minutes")

    async def close(self) -> None:
        await asyncio.gather(*(place.connection.close() for place in self._places))
        self._places = []

    async def _look_at(self, place: _Place) -> None:
        now = self._monotonic()
        if not await place.connection.is_up():
            place.down_since = now if place.down_since is None else place.down_since
        else:
            place.down_since = None
        is_down = place.down_since is not None and now - place.down_since > REPLACE_AFTER_S
        is_quiet = now - place.connection.heard_at > QUIET_S
        is_tried = place.tried_at is not None and now - place.tried_at <= REPLACE_AFTER_S
        if (is_down or is_quiet) and not is_tried:
            await self._replace(place, "down" if is_down else "quiet")

    async def _replace(self, place: _Place, was: str) -> None:
        """The new one first, so that nothing is lost between the two; without its greeting the old one is doubted."""
        place.tried_at = self._monotonic()
        fresh, old = self._another(), place.connection
        try:
            await fresh.open(self._patience_s)
        except TimeoutError:
            log.warning("a connection is %s, and no other came up within %g s", was, self._patience_s)
            old.is_doubted = True
            await fresh.close()
            return
        log.log(logging.WARNING if was == "down" else logging.INFO, "a connection was %s: made another", was)
        place.connection, place.down_since = fresh, None
        await old.close()

    def _another(self) -> Connection:
        return Connection(self._app, self._app_token, self._intake, self._monotonic)
