"""An escalation target of the tests: calls over HTTP to whoever listens, as the port promises it."""

import asyncio

import aiohttp

from bot.domain.escalation import Phase, TargetName
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall
from bot.errors import OutcomeUnknown, RateLimited, WorkspaceUnavailable


class HttpTarget:
    """Posts `{"mark", "finding", "phase"}`; idempotent by the mark, as webhooks are."""

    def __init__(self, session: aiohttp.ClientSession, url: str, timeout_s: float) -> None:
        self._session = session
        self._url = url
        self._timeout_s = timeout_s

    @property
    def name(self) -> TargetName:
        return TargetName("webhook")

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        said = {"mark": mark, "finding": call.finding.ref, "phase": phase.value}
        try:
            async with asyncio.timeout(self._timeout_s), self._session.post(self._url, json=said) as answer:
                if answer.status == 429:
                    raise RateLimited("http_429", float(answer.headers["Retry-After"]))
                if answer.status >= 300:
                    raise OutcomeUnknown(f"http_{answer.status}")
        except aiohttp.ClientConnectorError as error:
            raise WorkspaceUnavailable(type(error).__name__) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__) from error
