"""The Web API's door: arguments, faults, token, scope and rate, then the method itself.

Source: https://docs.slack.dev/apis/web-api
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from local.slack.arguments import Arguments, read_arguments
from local.slack.errors import SlackError
from local.slack.faults import Answer, Delay, DelayAnswer, DropAnswer, DropRequest, Fault
from local.slack.methods import METHODS, Method, TokenKind
from local.slack.methods.method import ApiCall
from local.slack.model import Json
from local.slack.workspace import Call, Workspace


class RateLimitedError(Exception):
    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class WebApi:
    """``/api/{method}`` over one workspace; ``socket_url`` opens a Socket Mode ticket."""

    workspace: Workspace
    socket_url: Callable[[], str]

    def register(self, app: web.Application) -> None:
        app.router.add_route("*", "/api/{method}", self.handle)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        fault = self.workspace.faults.take(name)
        match fault:
            case Answer():
                return _scripted(fault)
            case DropRequest():
                return _dropped(request)
            case Delay(seconds):
                await asyncio.sleep(seconds)
        response = await self._answer(request, name)
        return await _on_the_way_back(request, response, fault)

    async def _answer(self, request: web.Request, name: str) -> web.Response:
        arguments = Arguments({})
        try:
            arguments = await read_arguments(request)
            body = self._run(name, arguments, _token(request, arguments))
        except SlackError as error:
            self.workspace.calls.append(Call(name, arguments.raw, error.code))
            return self._response(name, {"ok": False, "error": error.code, **error.facts})
        except RateLimitedError as error:
            self.workspace.calls.append(Call(name, arguments.raw, "ratelimited"))
            return _too_many(error.retry_after_s)
        self.workspace.calls.append(Call(name, arguments.raw))
        return self._response(name, {"ok": True, **body})

    def _run(self, name: str, arguments: Arguments, token: str) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._check_token(method, token)
        call = ApiCall(self.workspace, arguments, self.socket_url)
        if method.scopes:
            call.need_scope(*method.scopes)
        posts_to = arguments.text("channel") if method.is_per_channel else None
        wait_s = self.workspace.limits.retry_after_s(name, method.tier, posts_to)
        if wait_s:
            raise RateLimitedError(wait_s)
        return method.handler(call)

    def _check_token(self, method: Method, token: str) -> None:
        app = self.workspace.app
        kinds = {app.bot_token: TokenKind.BOT, app.app_token: TokenKind.APP}
        if method.token is TokenKind.NONE:
            return
        if not token:
            raise SlackError("not_authed")
        if token not in kinds:
            raise SlackError("invalid_auth")
        if kinds[token] is not method.token:
            raise SlackError("not_allowed_token_type")

    def _response(self, name: str, body: Json) -> web.Response:
        accepted = METHODS[name].scopes if name in METHODS else ()
        scopes = {
            "x-oauth-scopes": ",".join(sorted(self.workspace.app.bot_scopes)),
            "x-accepted-oauth-scopes": ",".join(accepted),
        }
        return web.json_response(body, headers=scopes)


def _token(request: web.Request, arguments: Arguments) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme == "Bearer" else arguments.text("token")


def _too_many(retry_after_s: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(retry_after_s)})


async def _on_the_way_back(request: web.Request, response: web.Response, fault: Fault | None) -> web.StreamResponse:
    match fault:
        case DropAnswer():
            return _dropped(request)
        case DelayAnswer(seconds):
            await asyncio.sleep(seconds)
    return response


def _scripted(answer: Answer) -> web.Response:
    headers = {} if answer.retry_after_s is None else {"Retry-After": str(answer.retry_after_s)}
    return web.Response(status=answer.status, text=answer.body, content_type=answer.content_type, headers=headers)


def _dropped(request: web.Request) -> web.Response:
    """Breaks the connection: nothing of the response it returns is ever sent."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
