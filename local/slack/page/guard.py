"""Who may ask the page for anything: a browser on this machine, and for acts only the page's own script."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from local.slack.errors import NoSuchElementError, SlackError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OWN_HEADER: Final = "X-Local-Slack-Page"
"""Set by the page's script on every post; another site cannot set it, since we answer no preflight."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def is_local(request: web.Request) -> bool:
    """Whether the address names this machine: another name that resolves to it is DNS rebinding."""
    return urlsplit(f"//{request.host}").hostname in _LOOPBACK


def is_own(request: web.Request) -> bool:
    """Whether the page's own script asks: its header, and no other origin."""
    origin = request.headers.get("Origin")
    is_same_origin = origin is None or urlsplit(origin).netloc == request.host
    return is_local(request) and OWN_HEADER in request.headers and is_same_origin


def guarded(handler: Handler, is_allowed: Callable[[web.Request], bool]) -> Handler:
    """The handler behind its check, the workspace's refusals as JSON, the page's headers on every answer."""

    async def behind(request: web.Request) -> web.StreamResponse:
        response = await _answer(request) if is_allowed(request) else _refusal(403, "not_from_this_page")
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    async def _answer(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except SlackError as error:
            return _refusal(400, error.code)
        except NoSuchElementError:
            return _refusal(409, "no_longer_there")
        except web.HTTPBadRequest:
            return _refusal(400, "bad_request")

    return behind


def _refusal(status: int, code: str) -> web.Response:
    return web.json_response({"error": code}, status=status)
