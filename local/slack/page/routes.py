"""The page's addresses: what a browser reads, what a person does, and the stream of what changes."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from local.slack.errors import NoSuchElementError, SlackError
from local.slack.model import Chosen, Json, Seen
from local.slack.page.live import RESYNC, instructions
from local.slack.page.place import Place, resolve
from local.slack.page.screen import Screen
from local.slack.workspace import Workspace

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OWN_HEADER: Final = "X-Local-Slack-Page"
"""Set by the page's script on every post; another site's page cannot set it without our consent."""

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_KEEP_ALIVE_S: Final = 15.0
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def page_routes(workspace: Workspace, now: Callable[[], datetime]) -> list[web.RouteDef]:
    """Routes for an aiohttp application: ``app.add_routes(page_routes(workspace, now))``.

    Everything lives at ``/`` and under ``/page/``. Only loopback hosts are answered, and what changes
    anything wants the page's own header, so that no other site can press a button in somebody's name.
    """
    page = Page(workspace, Screen(workspace, now))
    reads = {"/": page.show, "/page/events": page.events, "/page/suggest": page.suggest}
    reads["/page/static/{name}"] = page.static
    acts = {
        "/page/command": page.command,
        "/page/say": page.say,
        "/page/press": page.press,
        "/page/dismiss": page.dismiss,
        "/page/home": page.open_home,
        "/page/view/press": page.press_in_view,
        "/page/view/submit": page.submit_view,
        "/page/view/close": page.close_view,
    }
    return [
        *(web.get(path, _guarded(handler, _is_local)) for path, handler in reads.items()),
        *(web.post(path, _guarded(handler, _is_own)) for path, handler in acts.items()),
    ]


class Page:
    """One handler an address; each is a look at the workspace, or one thing a person does in it."""

    def __init__(self, workspace: Workspace, screen: Screen) -> None:
        self._workspace = workspace
        self._screen = screen

    # --- looking ---

    async def show(self, request: web.Request) -> web.StreamResponse:
        asked = Place.from_query(request.query)
        place = resolve(self._workspace, asked)
        if place != asked:
            raise web.HTTPFound(place.href, headers=_HEADERS)
        if place.channel:
            self._screen.reading.mark(place.user, place.channel)
        return web.Response(text=self._screen.page(place), content_type="text/html")

    async def static(self, request: web.Request) -> web.StreamResponse:
        folder = files("local.slack.page") / "static"
        found = next((each for each in folder.iterdir() if each.name == request.match_info["name"]), None)
        if found is None:
            raise web.HTTPNotFound
        suffix = found.name[found.name.rindex(".") :]
        return web.Response(body=found.read_bytes(), content_type=_TYPES[suffix], charset="utf-8")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events; each is one instruction of live.py as JSON."""
        place = resolve(self._workspace, Place.from_query(request.query))
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", **_HEADERS})
        changes = self._workspace.subscribe(place.user)
        await response.prepare(request)
        await _tell(response, RESYNC)
        try:
            async for change in _with_pauses(changes):
                if change is None:
                    await response.write(b": still here\n\n")
                    continue
                for instruction in instructions(change, place, self._screen, self._workspace):
                    await _tell(response, instruction)
        except ConnectionResetError:
            pass  # the tab was closed
        return response

    async def suggest(self, request: web.Request) -> web.StreamResponse:
        q = request.query
        found = await self._workspace.suggest(q["user"], q["view"], q["action_id"], q["block_id"], q["query"])
        return web.json_response({"options": list(found)})

    # --- doing ---

    async def command(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        command, _, text = str(body["text"]).strip().partition(" ")
        seen = await self._workspace.run_command(
            body["user"], body["channel"], command, text.strip(), thread_ts=body.get("thread") or None
        )
        return self._answer(body["user"], seen)

    async def say(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        message = await self._workspace.say(
            body["user"], body["channel"], str(body["text"]), thread_ts=body.get("thread") or None
        )
        return web.json_response({"ts": message.ts})

    async def press(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        chosen, values = self._filled(body)
        seen = await self._workspace.press(
            body["user"], body["channel"], body["ts"], body["action_id"], body["block_id"], chosen, values
        )
        return self._answer(body["user"], seen)

    async def press_in_view(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        chosen, values = self._filled(body)
        seen = await self._workspace.press_in_view(
            body["user"], body["view"], body["action_id"], body["block_id"], chosen, values
        )
        return self._answer(body["user"], seen)

    async def submit_view(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        _, values = self._filled(body)
        return self._answer(body["user"], await self._workspace.submit_view(body["user"], body["view"], values))

    async def close_view(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        seen = await self._workspace.close_view(body["user"], body["view"], whole_stack=bool(body["whole_stack"]))
        return self._answer(body["user"], seen)

    async def open_home(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        return self._answer(body["user"], await self._workspace.open_home(body["user"]))

    async def dismiss(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self._workspace.dismiss(body["user"], body["channel"], body["ts"])
        return web.json_response({})

    # --- inside ---

    def _answer(self, user_id: str, seen: Seen) -> web.Response:
        """What the script needs to show beyond the live changes."""
        notice = self._screen.slackbot(user_id, seen.notice) if seen.notice else ""
        return web.json_response(
            {
                "outcome": seen.outcome.value,
                "notice": seen.notice,
                "html": notice,
                "errors": dict(seen.errors),
            }
        )

    def _filled(self, body: Json) -> tuple[Chosen, Mapping[str, Mapping[str, Chosen]]]:
        """What was chosen and what stands in the other inputs; local times become seconds since 1970."""
        zone = ZoneInfo(self._workspace.user(body["user"]).tz)
        values = {
            block_id: {action_id: _chosen(raw, zone) for action_id, raw in actions.items()}
            for block_id, actions in body.get("values", {}).items()
        }
        return _chosen(body.get("chosen"), zone), values


def _chosen(raw: object, zone: ZoneInfo) -> Chosen:
    match raw:
        case {"local": str(local)}:
            return str(int(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp())) if local else None
        case list():
            return [str(value) for value in raw]
        case None | "":
            return None
        case _:
            return str(raw)


# --- who may ask ------------------------------------------------------------------------------------


def _is_local(request: web.Request) -> bool:
    """A name that resolves to loopback but is somebody else's gets no answer (DNS rebinding)."""
    return urlsplit(f"//{request.host}").hostname in _LOOPBACK


def _is_own(request: web.Request) -> bool:
    """Whether the page's own script asks: its header, and no other origin."""
    origin = request.headers.get("Origin")
    is_same_origin = origin is None or urlsplit(origin).netloc == request.host
    return _is_local(request) and OWN_HEADER in request.headers and is_same_origin


def _guarded(handler: _Handler, is_allowed: Callable[[web.Request], bool]) -> _Handler:
    async def guarded(request: web.Request) -> web.StreamResponse:
        if not is_allowed(request):
            return _refusal(403, "not_from_this_page")
        try:
            response = await handler(request)
        except SlackError as error:
            return _refusal(400, error.code)
        except NoSuchElementError:
            return _refusal(409, "no_longer_there")
        except (KeyError, TypeError, ValueError):
            return _refusal(400, "bad_request")
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    return guarded


def _refusal(status: int, code: str) -> web.Response:
    return web.json_response({"error": code}, status=status, headers=_HEADERS)


# --- the stream ----------------------------------------------------------------------------------------


async def _tell(response: web.StreamResponse, instruction: Mapping[str, Any]) -> None:
    await response.write(b"data: " + json.dumps(instruction).encode() + b"\n\n")


async def _with_pauses(changes: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """The changes, with None whenever nothing happened for a while: proxies and dead tabs are found out."""
    waiting = asyncio.ensure_future(anext(changes, _ENDED))
    try:
        while True:
            done, _ = await asyncio.wait({waiting}, timeout=_KEEP_ALIVE_S)
            if not done:
                yield None
            elif (change := waiting.result()) is _ENDED:
                return
            else:
                waiting = asyncio.ensure_future(anext(changes, _ENDED))
                yield change
    finally:
        waiting.cancel()


_ENDED: Final = object()
