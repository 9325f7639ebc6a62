"""What the page's script asks for, taken from its JSON; what does not fit is a bad request."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web

from local.slack.model import Chosen, Values


class Asked:
    """One post of the page. A field that is missing or of another type raises ``HTTPBadRequest``."""

    def __init__(self, body: Any) -> None:
        if not isinstance(body, dict):
            raise web.HTTPBadRequest
        self._body = body

    @classmethod
    async def read(cls, request: web.Request) -> "Asked":
        try:
            return cls(await request.json())
        except ValueError as error:
            raise web.HTTPBadRequest from error

    def text(self, name: str) -> str:
        value = self._body.get(name)
        if not isinstance(value, str):
            raise web.HTTPBadRequest
        return value

    def text_or_none(self, name: str) -> str | None:
        return self.text(name) or None if name in self._body else None

    def flag(self, name: str) -> bool:
        return self._body.get(name) is True

    def chosen(self, zone: ZoneInfo) -> Chosen:
        """What was chosen in the element that was pressed."""
        return _chosen(self._body.get("chosen"), zone)

    def values(self, zone: ZoneInfo) -> Values:
        """What stands in the other inputs around it: ``{block_id: {action_id: chosen}}``."""
        blocks = self._body.get("values", {})
        if not isinstance(blocks, dict) or not all(isinstance(actions, dict) for actions in blocks.values()):
            raise web.HTTPBadRequest
        return {block_id: _actions(actions, zone) for block_id, actions in blocks.items()}


def _actions(actions: Mapping[str, Any], zone: ZoneInfo) -> Mapping[str, Chosen]:
    return {action_id: _chosen(raw, zone) for action_id, raw in actions.items()}


def _chosen(raw: Any, zone: ZoneInfo) -> Chosen:
    match raw:
        case {"local": str(local)}:
            return _seconds(local, zone)
        case list():
            return [str(value) for value in raw]
        case None | "":
            return None
        case str():
            return raw
    raise web.HTTPBadRequest


def _seconds(local: str, zone: ZoneInfo) -> str | None:
    """A person's local time (``2026-03-01T10:00``, their zone, not the browser's) in seconds since 1970."""
    if not local:
        return None
    try:
        return str(int(datetime.fromisoformat(local).replace(tzinfo=zone).timestamp()))
    except ValueError as error:
        raise web.HTTPBadRequest from error
