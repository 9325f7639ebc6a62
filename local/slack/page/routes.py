"""The page's addresses: what a browser reads, what a person does, and the stream of what changes."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from importlib.resources import files
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from aiohttp import web

from local.slack.errors import SlackError
from local.slack.files import file_ids
from local.slack.model import Change, Seen
from local.slack.page.asked import Asked
from local.slack.page.file_view import PICTURES
from local.slack.page.guard import HEADERS, guarded, is_local, is_own
from local.slack.page.live import RESYNC, Instruction, instructions
from local.slack.page.place import Place, resolve
from local.slack.page.screen import Screen
from local.slack.workspace import Workspace

_KEEP_ALIVE_S: Final = 15.0
_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


def page_of(workspace: Workspace) -> Callable[[web.Application], None]:
    """The page, ready to hang into the server: ``LocalSlack(workspace, routes=[page_of(workspace)])``."""

    def hang_in(app: web.Application) -> None:
        app.add_routes(page_routes(workspace))

    return hang_in


def page_routes(workspace: Workspace) -> list[web.RouteDef]:
    """The page's routes.

    Everything lives at ``/`` and under ``/page/``. Only loopback hosts are answered, and what changes
    anything wants the page's own header, so that no other site can press a button in somebody's name.
    The streams end with the workspace's ``close``.
    """
    page = Page(workspace)
    reads = {
        "/": page.show,
        "/page/events": page.events,
        "/page/file/{file}": page.file,
        "/page/static/{name}": page.static,
    }
    acts = {
        "/page/command": page.command,
        "/page/say": page.say,
        "/page/press": page.press,
        "/page/shortcut": page.shortcut,
        "/page/message-shortcut": page.message_shortcut,
        "/page/suggest": page.suggest,
        "/page/dismiss": page.dismiss,
        "/page/home": page.open_home,
        "/page/view/press": page.press_in_view,
        "/page/view/submit": page.submit_view,
        "/page/view/close": page.close_view,
    }
    return [
        *(web.get(path, guarded(handler, is_local)) for path, handler in reads.items()),
        *(web.post(path, guarded(handler, is_own)) for path, handler in acts.items()),
    ]


class Page:
    """One handler an address; each is a look at the workspace, or one thing a person does in it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._screen = Screen(workspace)
        self._static = {each.name: each for each in (files("local.slack.page") / "static").iterdir()}

    # --- looking ---

    async def show(self, request: web.Request) -> web.StreamResponse:
        asked = Place.from_query(request.query)
        place = resolve(self._workspace, asked)
        if place != asked:
            return web.Response(status=302, headers={"Location": place.href})
        if place.channel:
            self._screen.reading.keep(place.user, place.channel)
            self._screen.reading.mark(place.user, place.channel)
        return web.Response(text=self._screen.page(place), content_type="text/html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        file = self._static.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404)
        kind = _TYPES[file.name.rpartition(".")[2]]
        return web.Response(body=file.read_bytes(), content_type=kind, charset="utf-8")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """A file of a message that the person can see: pictures to be shown, everything else to be saved."""
        cabinet = self._workspace.files
        file = cabinet.get(request.match_info["file"])
        if not self._is_shown(file.id, request.query.get("user", "")):
            raise SlackError("file_not_found")
        response = web.Response(body=cabinet.body(file.id), content_type="application/octet-stream")
        if file.mimetype in PICTURES:
            response.content_type = file.mimetype
        if file.mimetype not in PICTURES or "download" in request.query:
            response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
        return response

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; each is one instruction of live.py as JSON."""
        place = resolve(self._workspace, Place.from_query(request.query))
        changes = self._workspace.subscribe(place.user)  # before the first word, so that nothing is missed
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **HEADERS})
        await response.prepare(request)
        await _tell(response, RESYNC)
        async with aclosing(_with_pauses(changes)) as coming:
            with suppress(ConnectionResetError):  # the tab was closed
                async for change in coming:
                    await self._pass_on(change, place, response)
        return response

    async def _pass_on(self, change: Change | None, place: Place, response: web.StreamResponse) -> None:
        if change is None:
            await response.write(b": still here\n\n")
            return
        for instruction in instructions(change, place, self._screen, self._workspace):
            await _tell(response, instruction)

    # --- doing ---

    async def command(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, channel, thread = asked.text("user"), asked.text("channel"), asked.text_or_none("thread")
        command, *text = asked.text("text").split(maxsplit=1)
        seen = await self._workspace.run_command(user, channel, command, "".join(text).strip(), thread)
        return self._answer(user, seen)

    async def say(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, channel, thread = asked.text("user"), asked.text("channel"), asked.text_or_none("thread")
        message = await self._workspace.say(user, channel, asked.text("text"), thread)
        return web.json_response({"ts": message.ts})

    async def press(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, zone = self._person(asked)
        seen = await self._workspace.press(
            user,
            asked.text("channel"),
            asked.text("ts"),
            asked.text("action_id"),
            asked.text("block_id"),
            asked.chosen(zone),
            asked.values(zone),
        )
        return self._answer(user, seen)

    async def press_in_view(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, zone = self._person(asked)
        seen = await self._workspace.press_in_view(
            user,
            asked.text("view"),
            asked.text("action_id"),
            asked.text("block_id"),
            asked.chosen(zone),
            asked.values(zone),
        )
        return self._answer(user, seen)

    async def shortcut(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user = asked.text("user")
        return self._answer(user, await self._workspace.shortcut(user, asked.text("callback_id")))

    async def message_shortcut(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, *where = (asked.text(name) for name in ("user", "channel", "ts", "callback_id"))
        return self._answer(user, await self._workspace.message_shortcut(user, *where))

    async def suggest(self, request: web.Request) -> web.StreamResponse:
        """Options of an external select: the app is asked, so only the page itself may."""
        asked = await Asked.read(request)
        what = [asked.text(name) for name in ("action_id", "block_id", "query")]
        user, view = asked.text("user"), asked.text_or_none("view")
        if view is not None:
            found = await self._workspace.suggest(user, view, *what)
        else:
            found = await self._workspace.suggest_in_message(user, asked.text("channel"), asked.text("ts"), *what)
        return web.json_response({"options": list(found)})

    async def submit_view(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, zone = self._person(asked)
        return self._answer(user, await self._workspace.submit_view(user, asked.text("view"), asked.values(zone)))

    async def close_view(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        user, is_all = asked.text("user"), asked.flag("whole_stack")
        return self._answer(user, await self._workspace.close_view(user, asked.text("view"), whole_stack=is_all))

    async def open_home(self, request: web.Request) -> web.StreamResponse:
        user = (await Asked.read(request)).text("user")
        return self._answer(user, await self._workspace.open_home(user))

    async def dismiss(self, request: web.Request) -> web.StreamResponse:
        asked = await Asked.read(request)
        self._workspace.dismiss(asked.text("user"), asked.text("channel"), asked.text("ts"))
        return web.json_response({})

    # --- inside ---

    def _is_shown(self, file_id: str, user_id: str) -> bool:
        """Whether it stands in a message the person can see, or in a view of theirs."""
        channels = {channel.id for channel in self._workspace.channels_of(user_id)}
        home = self._workspace.home_of(user_id)
        views = [*self._workspace.modals_of(user_id), *([home] if home else [])]
        in_views = {shown for view in views for shown, _ in file_ids(view.blocks)}
        shares = self._workspace.files.shares(file_id)
        return file_id in in_views or any(share.channel in channels for share in shares)

    def _person(self, asked: Asked) -> tuple[str, ZoneInfo]:
        user = self._workspace.user(asked.text("user"))
        return user.id, ZoneInfo(user.tz)

    def _answer(self, user_id: str, seen: Seen) -> web.Response:
        """What the script shows of an act beyond the changes it hears of anyway."""
        notice = self._screen.slackbot(user_id, seen.notice) if seen.notice else ""
        shown = {"outcome": seen.outcome.value, "notice": seen.notice, "html": notice, "errors": dict(seen.errors)}
        return web.json_response(shown)


async def _tell(response: web.StreamResponse, instruction: Instruction) -> None:
    await response.write(b"data: " + json.dumps(instruction).encode() + b"\n\n")


async def _with_pauses(changes: AsyncIterator[Change]) -> AsyncGenerator[Change | None, None]:
    """The changes, with None whenever nothing happened for a while: so a dead connection is found out."""
    coming = asyncio.ensure_future(anext(changes, _ENDED))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=_KEEP_ALIVE_S)
            if not done:
                yield None
                continue
            change = coming.result()
            if isinstance(change, _Ended):
                return
            coming = asyncio.ensure_future(anext(changes, _ENDED))
            yield change
    finally:
        coming.cancel()


class _Ended: ...


_ENDED: Final = _Ended()
