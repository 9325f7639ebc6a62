"""Permalinks of this workspace: ``/archives/C.../p...`` leads to the page, the message opened and pointed out."""

from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import web

_MICROSECOND_DIGITS = 6


def register(app: web.Application) -> None:
    app.router.add_get("/archives/{channel}/p{digits:[0-9]{7,}}", _follow)


async def _follow(request: web.Request) -> web.StreamResponse:
    """Keeps looking as the person who followed the link, when it was followed on the page."""
    digits = request.match_info["digits"]
    ts = f"{digits[:-_MICROSECOND_DIGITS]}.{digits[-_MICROSECOND_DIGITS:]}"
    place = {"channel": request.match_info["channel"], "thread": request.query.get("thread_ts", ts)}
    looking = parse_qs(urlsplit(request.headers.get("Referer", "")).query).get("user", [])
    query = urlencode({"user": looking[0], **place} if looking else place)
    raise web.HTTPFound(f"/?{query}#{ts}")
