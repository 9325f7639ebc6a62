"""The Home tab: drawn when somebody opens it or chooses in it, and again when what it shows has changed."""

import asyncio
import json
import logging
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.blocks import actions, home, queue, refusal
from bot.blocks.rich import Json
from bot.domain import access
from bot.domain.access import Deed, Held
from bot.domain.queue import Page
from bot.domain.responder import UserId
from bot.errors import HuntbotError, InputError
from handlers import gate, parse
from handlers.answers import links_to
from handlers.command_line import read_page
from handlers.desk import Desk
from handlers.errors import guarded
from handlers.parse import ButtonPress
from handlers.pressing import pressing, several

log = logging.getLogger(__name__)

EVERY_S = 10.0  # views.publish takes 100 calls a minute for everybody together
SOON_S = 1.0  # what a press changes is stored by then
CHANGES = frozenset({"block_actions", "view_submission"})


@dataclass(frozen=True, slots=True)
class _Published:
    """What somebody's tab shows, as far as this process knows: Slack's hash of it, and all that it says."""

    hash: str
    says: str


class HomeTabs:
    """Home tabs that keep themselves up to date: each is published when it would show something else.

    However much changes, every tab is looked at once in EVERY_S and no more often. A tab that another process
    published since is left to that one: Slack knows by the hash.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._published: dict[UserId, _Published] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._turn = asyncio.Lock()
        self._turns: dict[UserId, asyncio.Lock] = {}
        self._looked_at = -EVERY_S

    def stir(self) -> None:
        """Something may have changed."""
        if self._timer is None and not self._is_over:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(max(loop.time() + SOON_S, self._looked_at + EVERY_S), self._look)

    def stop(self) -> None:
        """Keep them up to date no longer: what they show is drained and closed. Harmless a second time."""
        self._is_over = True
        if self._timer is not None:
            self._timer.cancel()

    async def show(self, user: UserId, zone: ZoneInfo) -> None:
        """Draw it for somebody who looks at it now. Raises StoreError, WorkspaceError."""
        async with self._turn_of(user):
            await self._publish(user, await self._view(user, zone), None)

    def _look(self) -> None:
        self._timer = None
        self._looked_at = asyncio.get_running_loop().time()
        self._desk.background.spawn(self._refresh_all(), "Home tabs")

    async def _refresh_all(self) -> None:
        async with self._turn:
            try:
                tabs = await self._desk.services.homes.lately()
            except HuntbotError as error:
                log.warning("Home tabs are not up to date: %s", error)
                return
            for tab in tabs:
                await self._refresh(tab.user)

    async def _refresh(self, user: UserId) -> None:
        """One that fails is tried again with the next change, and stands in nobody's way."""
        async with self._turn_of(user):
            known = self._published.get(user)
            try:
                view = await self._allowed(user)
                if known is None or known.says != _says(view):
                    await self._publish(user, view, known.hash if known else None)
            except HuntbotError as error:
                log.info("The Home tab of %s is not up to date: %s", user, error)
                self._published.pop(user, None)

    async def _allowed(self, user: UserId) -> Json:
        """Rights are looked at anew each time: whoever lost theirs sees no rows any more."""
        role = await self._desk.services.access.role_of(user)
        if not Held(role).suffices(Deed.LOOK):
            return refusal.home(access.lacking(Deed.LOOK, role))
        known = await self._desk.services.access.person(user)
        return await self._view(user, (known and known.timezone) or self._desk.timezone)

    async def _view(self, user: UserId, zone: ZoneInfo) -> Json:
        """What they chose last: of two choices in a row the second is never drawn over by the first."""
        desk, homes = self._desk, self._desk.services.homes
        board = await homes.board(user, _page(await homes.chosen(user)), zone, queue.SHOWN)
        links = await links_to(desk, board.findings)
        return home.view(board, sorted(desk.services.hunts.shelf.hunts), desk.hunt_of, links)

    def _turn_of(self, user: UserId) -> asyncio.Lock:
        """One at a time for each person, so that what is drawn last is what they see."""
        return self._turns.setdefault(user, asyncio.Lock())

    async def _publish(self, user: UserId, view: Json, if_hash: str | None) -> None:
        stands = await self._desk.publish(user, view, if_hash)
        self._published[user] = _Published(stands, _says(view))


def register(app: AsyncApp, desk: Desk) -> HomeTabs:
    tabs = HomeTabs(desk)

    async def stirring(args: AsyncArgs) -> None:
        """After whatever may change something."""
        await args.next()
        if args.body.get("type") in CHANGES:
            tabs.stir()

    async def opened(args: AsyncArgs) -> None:  # Bolt has acknowledged the event already
        asker = parse.home_opened(args.body)
        if asker is not None:
            desk.background.spawn(_show(desk, tabs, args, asker.user), "a Home tab")

    async def choose(args: AsyncArgs, pressed: ButtonPress) -> None:
        if pressed.value != home.OVERVIEW:
            read_page(pressed.value)
        await args.ack()
        desk.background.spawn(_show(desk, tabs, args, pressed.asker.user, pressed.value), "a Home tab")

    app.middleware(stirring)
    app.event("app_home_opened")(guarded(opened))
    app.action(several(actions.HOME_CHOOSE))(pressing(desk, choose))
    return tabs


async def _show(desk: Desk, tabs: HomeTabs, args: AsyncArgs, user: UserId, chosen: str | None = None) -> None:
    """Remembered, then drawn. What the store does not take is not shown: Home would forget it at once."""
    homes = desk.services.homes
    try:
        await (homes.opened(user) if chosen is None else homes.choose(user, chosen))
        await tabs.show(user, gate.zone(desk, args))
    except HuntbotError as error:
        log.warning("The Home tab of %s is not drawn: %s", user, error)


def _page(chosen: str) -> Page | None:
    """What was chosen, None for the overview; what an older huntbot remembered may not be read any more."""
    try:
        return None if chosen in {"", home.OVERVIEW} else read_page(chosen)
    except InputError:
        return None


def _says(view: Json) -> str:
    """All of it but the moments that its buttons carry."""
    return re.sub(r"queue:[0-9]+:[0-9.]+:", "", json.dumps(view, sort_keys=True))
