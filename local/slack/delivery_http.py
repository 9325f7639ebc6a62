"""Signed HTTP: payloads posted to the app's request URL, as Slack does without Socket Mode.

Source: https://docs.slack.dev/authentication/verifying-requests-from-slack
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import aiohttp

from local.slack.delivery import Envelope
from local.slack.errors import UndeliveredError
from local.slack.model import App, Json

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_OK = 200

_BODIES: Mapping[str, tuple[str, Callable[[Json], str]]] = {
    # kind: (content type, body)
    "slash_commands": (_FORM, urlencode),
    "interactive": (_FORM, lambda payload: urlencode({"payload": json.dumps(payload)})),
    "events_api": (_JSON, json.dumps),
}


def signature(signing_secret: str, timestamp: str, body: str) -> str:
    """``v0=`` and the HMAC-SHA256 of ``v0:timestamp:body``."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(signing_secret.encode(), base, hashlib.sha256).hexdigest()


class SignedHttp:
    """Posts to one request URL; ``clock`` dates the signature, in seconds since 1970."""

    def __init__(self, app: App, request_url: str, clock: Callable[[], float], ack_timeout_s: float) -> None:
        self._app = app
        self._request_url = request_url
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=ack_timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, envelope: Envelope) -> Json:
        content_type, write = _BODIES[envelope.kind]
        retries = {}
        if envelope.retry_attempt:
            retries = {
                "X-Slack-Retry-Num": str(envelope.retry_attempt),
                "X-Slack-Retry-Reason": envelope.retry_reason,
            }
        return await self._post(write(envelope.payload), content_type, retries)

    async def verify(self, challenge: str) -> bool:
        """The handshake when a request URL is set: does the app echo the challenge?"""
        payload = {"token": self._app.verification_token, "challenge": challenge, "type": "url_verification"}
        answer = await self._post(json.dumps(payload), _JSON, {})
        return challenge in {answer.get("challenge"), answer.get("text")}

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: str, content_type: str, extra: Mapping[str, str]) -> Json:
        timestamp = str(int(self._clock()))
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature(self._app.signing_secret, timestamp, body),
            **extra,
        }
        try:
            async with self._open_session().post(self._request_url, data=body.encode(), headers=headers) as response:
                return _acknowledgement(response.status, response.content_type, await response.text())
        except TimeoutError:
            raise UndeliveredError("operation_timeout") from None
        except aiohttp.ClientError:
            raise UndeliveredError("dispatch_failed") from None

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


def _acknowledgement(status: int, content_type: str, text: str) -> Json:
    if status != _OK:
        raise UndeliveredError("dispatch_unknown_error")
    if content_type != _JSON:
        return {"text": text} if text else {}
    try:
        body = json.loads(text) if text else {}
    except ValueError:
        raise UndeliveredError("dispatch_unknown_error") from None
    return body if isinstance(body, dict) else {}
