"""One POST to an escalation target, its refusals and silences translated into our errors.

Source: RFC 9110, section 15 (status codes) and 10.2.3 (Retry-After).
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import aiohttp

from bot.adapters.escalation.addresses import ForbiddenAddress
from bot.errors import (
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    RouteBroken,
    WorkspaceError,
    WorkspaceUnavailable,
)
from bot.ports.search import Clock

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)  # in seconds; delivery keeps twelve of a lease for one call
LONGEST_WAIT = timedelta(hours=1)  # whatever a target asks for: it is called about what can not wait
UNSAID_WAIT = timedelta(minutes=1)
MOST_BYTES = 16_384  # of an answer; more of it is not read

_OF_THIS_MESSAGE = frozenset({400, 413, 422})
_PASSING = frozenset({408, 425})  # a 4xx that is no refusal


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, what Retry-After says, and as much of the body as is read of one that is no success."""

    status: int
    retry_after: timedelta | None = None
    body: bytes = b""

    @property
    def is_taken(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own


def refusal(peer: str, status: int, retry_after: timedelta | None = None) -> WorkspaceError:
    """What a status that is no success means for the call."""
    code = f"http_{status}"
    if status == 429 or (status == 503 and retry_after is not None):  # noqa: PLR2004 - HTTP's own
        wait = UNSAID_WAIT if retry_after is None else retry_after
        return RateLimited(code, wait.total_seconds(), peer=peer)
    if status >= 500 or status in _PASSING:  # noqa: PLR2004 - HTTP's own
        return OutcomeUnknown(code, peer=peer)
    kind = MessageRejected if status in _OF_THIS_MESSAGE else RouteBroken
    return kind(code, peer=peer)


class HttpPeer:
    """Who is posted to: `name` is what errors call it, `url` may hold secrets and is never shown.

    The session comes ready, with its connector and its timeouts; no redirect is followed.
    """

    def __init__(self, name: str, session: aiohttp.ClientSession, url: str, clock: Clock) -> None:
        self.name = name
        self._session = session
        self._url = url
        self._clock = clock

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """What it answers, whatever that is.

        Raises:
            WorkspaceUnavailable: it was not reached, so that nothing was sent.
            RouteBroken: it may not be reached, or shows a certificate that is not its own.
            OutcomeUnknown: it was sent, and no answer came.
        """
        return await self._ask("POST", body, headers)

    async def reach(self) -> None:
        """Whether it can be spoken to at all, any answer will do. Raises as `post` does."""
        await self._ask("HEAD", None, {})

    async def _ask(self, method: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            async with self._session.request(
                method, self._url, data=body, headers=headers, allow_redirects=False
            ) as answer:
                return await self._read(answer)
        except aiohttp.ClientConnectorCertificateError as error:
            raise RouteBroken("certificate_not_trusted", peer=self.name) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, ForbiddenAddress):
                raise RouteBroken("forbidden_address", peer=self.name) from error
            raise WorkspaceUnavailable(type(error).__name__, peer=self.name) from error
        except aiohttp.InvalidURL as error:  # such as https://127.1, of which an address could be made
            raise RouteBroken("invalid_url", peer=self.name) from error
        except aiohttp.ConnectionTimeoutError as error:
            raise WorkspaceUnavailable(type(error).__name__, peer=self.name) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise OutcomeUnknown(type(error).__name__, peer=self.name) from error

    def refusal(self, answer: Answer) -> WorkspaceError:
        """What an answer that is no success means for the call."""
        return refusal(self.name, answer.status, answer.retry_after)

    async def _read(self, answer: aiohttp.ClientResponse) -> Answer:
        """A body that is cut or trickles takes nothing from a status that is known."""
        read = Answer(answer.status, self._retry_after(answer.headers.get("retry-after", "")))
        if read.is_taken:
            return read
        body = b""
        with suppress(aiohttp.ClientError, TimeoutError):
            while len(body) < MOST_BYTES and (piece := await answer.content.read(MOST_BYTES - len(body))):
                body += piece
        return Answer(read.status, read.retry_after, body)

    def _retry_after(self, text: str) -> timedelta | None:
        """Seconds or a date, an hour at most; None where it is neither."""
        if text.strip().isascii() and text.strip().isdigit():
            return min(timedelta(seconds=min(int(text), 86_400)), LONGEST_WAIT)
        with suppress(ValueError):
            wait = _aware(parsedate_to_datetime(text)) - self._clock()
            return min(max(wait, timedelta()), LONGEST_WAIT)
        return None


def _aware(at: datetime) -> datetime:
    return at if at.tzinfo else at.replace(tzinfo=UTC)
