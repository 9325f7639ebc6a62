"""The arguments of a Web API call, in all the shapes clients send them.

JSON bodies, forms, and query strings (on GET and POST alike); booleans as ``true`` or ``1``, lists as
``a,b``, structured values as JSON or as JSON in a string.
"""

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from local.slack.errors import SlackError
from local.slack.model import Json

_TRUE = frozenset({"1", "true", "True"})


@dataclass(frozen=True, slots=True)
class Arguments:
    raw: Json

    def text(self, name: str, default: str = "") -> str:
        value = self.raw.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Raises SlackError ``invalid_arguments`` naming the missing one."""
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name}"
            raise SlackError("invalid_arguments", response_metadata={"messages": [message]})
        return value

    def optional(self, name: str) -> str | None:
        return self.text(name) or None

    def flag(self, name: str) -> bool:
        value = self.raw.get(name)
        return value is True or str(value) in _TRUE

    def number(self, name: str, default: float) -> float:
        """Raises SlackError ``invalid_arguments``."""
        text = self.text(name)
        try:
            return float(text) if text else default
        except ValueError:
            raise SlackError("invalid_arguments") from None

    def names(self, name: str, default: str = "") -> list[str]:
        """A list, or its comma-separated text."""
        value = self.raw.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [part.strip() for part in self.text(name, default).split(",") if part.strip()]

    def structure(self, name: str, unreadable: str = "invalid_arguments") -> Any:
        """A JSON value; raises SlackError ``unreadable`` when its text is no JSON."""
        value = self.raw.get(name)
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value) if value else None
        except ValueError:
            raise SlackError(unreadable) from None

    def has(self, name: str) -> bool:
        return self.raw.get(name) is not None


async def read_arguments(request: web.Request) -> Arguments:
    """Raises SlackError ``invalid_json`` or ``json_not_object``."""
    arguments: Json = dict(request.query)
    if request.method != "POST":
        return Arguments(arguments)
    if request.content_type == "application/json":
        return Arguments(arguments | _json_object(await request.text()))
    form = await request.post()
    return Arguments(arguments | {name: value for name, value in form.items() if isinstance(value, str)})


def _json_object(text: str) -> Json:
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(body, dict):
        raise SlackError("json_not_object")
    return body
