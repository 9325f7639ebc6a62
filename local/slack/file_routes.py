"""Where the bytes of files come in and go out: the upload URL, and the private addresses for apps.

Source: https://docs.slack.dev/messaging/working-with-files. An upload carries no token, its URL is the
secret; reading wants the bot's token and ``files:read``.
"""

from dataclasses import dataclass

from aiohttp import BodyPartReader, StreamReader, web

from local.slack.errors import SlackError
from local.slack.workspace import Workspace


@dataclass(frozen=True, slots=True)
class FileRoutes:
    workspace: Workspace

    def register(self, app: web.Application) -> None:
        app.router.add_post("/upload/v1/{token}", self.upload)
        app.router.add_get("/files-pri/{team}-{file}/{name}", self.read)
        app.router.add_get("/files-pri/{team}-{file}/download/{name}", self.read)

    async def upload(self, request: web.Request) -> web.Response:
        """Raw bytes, or a multipart form whose first part is the file; answers ``OK - n``."""
        cabinet, token = self.workspace.files, request.match_info["token"]
        try:
            body = await _uploaded(request, cabinet.announced_size(token))
            cabinet.receive(token, body)
        except SlackError as error:
            return web.Response(status=404 if error.code == "file_not_found" else 400, text=error.code)
        return web.Response(text=f"OK - {len(body)}")

    async def read(self, request: web.Request) -> web.Response:
        app, cabinet = self.workspace.app, self.workspace.files
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if token != app.bot_token or "files:read" not in app.bot_scopes:
            raise web.HTTPFound("/")  # Slack leads whom it does not know to its sign-in page
        try:
            file = cabinet.get(request.match_info["file"])
        except SlackError as error:
            return web.Response(status=404, text=error.code)
        return web.Response(body=cabinet.body(file.id), content_type=file.mimetype)


async def _uploaded(request: web.Request, most: int) -> bytes:
    """The bytes sent; what comes beyond the announced size is not read."""
    if request.content_type != "multipart/form-data":
        return await _read(request.content, most + 1)
    part = await (await request.multipart()).next()
    if not isinstance(part, BodyPartReader):
        raise SlackError("invalid_length")
    return bytes(await part.read())


async def _read(stream: StreamReader, most: int) -> bytes:
    body = bytearray()
    while len(body) < most and (chunk := await stream.read(most - len(body))):
        body += chunk
    return bytes(body)
