"""What Slack hands out for a short while: trigger ids and response URLs."""

from collections.abc import Callable
from dataclasses import dataclass

from local.slack.errors import SlackError
from local.slack.mint import Mint

TRIGGER_LIFE_S = 3.0
RESPONSE_URL_LIFE_S = 30 * 60
RESPONSE_URL_USES = 5


@dataclass(slots=True)
class _Trigger:
    user: str
    born: float
    is_used: bool = False


class Triggers:
    """Trigger ids open one view within three seconds of what the person did.

    Source: https://docs.slack.dev/interactivity/handling-user-interaction (trigger_id).
    """

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._issued: dict[str, _Trigger] = {}

    def issue(self, user_id: str) -> str:
        ts, secret = self._mint.ts(), self._mint.secret()
        trigger_id = f"{ts}.{secret}"
        self._issued[trigger_id] = _Trigger(user_id, self._mint.now())
        return trigger_id

    def exchange(self, trigger_id: str) -> str:
        """The person behind a trigger, once.

        Raises:
            SlackError: ``invalid_trigger_id``, ``exchanged_trigger_id`` or ``expired_trigger_id``.
        """
        trigger = self._issued.get(trigger_id)
        if trigger is None:
            raise SlackError("invalid_trigger_id")
        if trigger.is_used:
            raise SlackError("exchanged_trigger_id")
        if self._mint.now() - trigger.born > TRIGGER_LIFE_S:
            raise SlackError("expired_trigger_id")
        trigger.is_used = True
        return trigger.user


@dataclass(slots=True)
class ResponseUrl:
    """Where the app may answer one action: ``message_ts`` is the message it came from, if any."""

    channel: str
    user: str
    message_ts: str | None
    is_ephemeral_source: bool
    born: float
    uses: int = 0


class ResponseUrls:
    """Response URLs work five times within thirty minutes and carry no other authority.

    Source: https://docs.slack.dev/interactivity/handling-user-interaction (response_url).
    """

    def __init__(self, mint: Mint, address: Callable[[str], str]) -> None:
        self._mint = mint
        self._address = address
        self._issued: dict[str, ResponseUrl] = {}

    def issue(
        self, channel: str, user: str, message_ts: str | None = None, *, is_ephemeral_source: bool = False
    ) -> str:
        token = self._mint.secret()
        self._issued[token] = ResponseUrl(channel, user, message_ts, is_ephemeral_source, self._mint.now())
        return self._address(token)

    def use(self, token: str) -> ResponseUrl:
        """Spends one use.

        Raises:
            SlackError: ``expired_url`` or ``used_url``, which Slack answers with HTTP 404.
        """
        url = self._issued.get(token)
        if url is None or self._mint.now() - url.born > RESPONSE_URL_LIFE_S:
            raise SlackError("expired_url")
        if url.uses >= RESPONSE_URL_USES:
            raise SlackError("used_url")
        url.uses += 1
        return url
