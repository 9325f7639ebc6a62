"""response_url: what an app says there to one person or channel, without a token.

Source: https://docs.slack.dev/interactivity/handling-user-interaction (response_url)
"""

import json
from dataclasses import dataclass

from aiohttp import web

from local.slack.content import checked_content
from local.slack.errors import SlackError
from local.slack.model import Json, Message
from local.slack.tickets import ResponseUrl
from local.slack.workspace import Workspace

_GONE = frozenset({"expired_url", "used_url"})


@dataclass(frozen=True, slots=True)
class ResponseEndpoint:
    workspace: Workspace

    def register(self, app: web.Application) -> None:
        app.router.add_post("/actions/{team}/{token}", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        try:
            body = await _body(request)
            self._apply(self.workspace.response_urls.use(request.match_info["token"]), body)
        except SlackError as error:
            status = 404 if error.code in _GONE else 400
            return web.json_response({"ok": False, "error": error.code, **error.facts}, status=status)
        return web.Response(text="ok")

    def _apply(self, url: ResponseUrl, body: Json) -> None:
        original = self._original(url)
        if body.get("delete_original"):
            if original is not None:
                self.workspace.messages.delete(original)
            return
        content = checked_content(str(body.get("text") or ""), body.get("blocks"), self.workspace.mint)
        if body.get("replace_original") and original is not None:
            self.workspace.messages.change(original, content, original.metadata)
            return
        self.workspace.messages.post(
            url.channel,
            self.workspace.app.bot_user_id,
            content,
            thread_ts=body.get("thread_ts") or None,
            ephemeral_to=None if body.get("response_type") == "in_channel" else url.user,
        )

    def _original(self, url: ResponseUrl) -> Message | None:
        """The message the action came from; a slash command has none, so it replaces nothing."""
        if url.message_ts is None:
            return None
        try:
            return self.workspace.messages.get(url.channel, url.message_ts)
        except SlackError:
            return None  # deleted meanwhile


async def _body(request: web.Request) -> Json:
    text = await request.text()
    try:
        body = json.loads(text)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(body, dict):
        raise SlackError("invalid_payload")
    return body
