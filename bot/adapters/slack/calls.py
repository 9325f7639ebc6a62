"""One call of Slack's Web API, its refusals and silences translated into our errors.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage (errors), conversations.info and .history alike.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import (
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    RouteBroken,
    WorkspaceError,
    WorkspaceUnavailable,
)

DRAWING_REFUSED = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"})

_ROUTE = frozenset(
    {
        "access_denied",
        "cannot_reply_to_message",
        "cant_update_message",
        "channel_not_found",
        "edit_window_closed",
        "ekm_access_denied",
        "is_archived",
        "is_inactive",
        "message_not_found",
        "messages_tab_disabled",
        "missing_scope",
        "no_permission",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "thread_not_found",
        "user_not_found",
        "user_not_in_channel",
    }
)
_MESSAGE = DRAWING_REFUSED | {
    "invalid_arguments",
    "invalid_metadata_format",
    "metadata_too_large",
    "msg_too_long",
    "no_text",
}
_LIMIT = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
# "Some aspect of the operation may have succeeded", says Slack of these.
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout"})

_KINDS: Mapping[str, type[WorkspaceError]] = {
    **dict.fromkeys(_ROUTE, RouteBroken),
    **dict.fromkeys(_MESSAGE, MessageRejected),
    **dict.fromkeys(_LIMIT, RateLimited),
    **dict.fromkeys(_UNSURE, OutcomeUnknown),
}
_DEFAULT_RETRY_AFTER_S = 1.0


async def ask(call: Awaitable[AsyncSlackResponse], timeout_s: float) -> Mapping[str, Any]:
    """The answer's JSON.

    Raises:
        WorkspaceError: which one says whether the call may have had its effect.
    """
    try:
        async with asyncio.timeout(timeout_s):
            answer = await call
    except SlackApiError as error:
        raise _refusal(error.response) from error
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
        raise WorkspaceUnavailable(type(error).__name__) from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise OutcomeUnknown(type(error).__name__) from error
    except AttributeError as error:  # slack_sdk 3.48 asks a text/plain body for its "ok"
        raise OutcomeUnknown("no_json") from error
    return dict(answer.data) if isinstance(answer.data, dict) else {}


def _refusal(answer: Any) -> WorkspaceError:
    """slack_sdk gives its own response, or aiohttp's where the body was no JSON."""
    is_json = isinstance(answer, AsyncSlackResponse)
    status = int(answer.status_code if is_json else answer.status)
    body = answer.data if is_json and isinstance(answer.data, Mapping) else {}
    code = str(body.get("error") or f"http_{status}")
    kind = RateLimited if status == 429 else _KINDS.get(code) or _unlisted(code, status)  # noqa: PLR2004 - HTTP's own
    if kind is RateLimited:
        return RateLimited(code, _retry_after_s(answer.headers))
    return kind(code)


def _unlisted(code: str, status: int) -> type[WorkspaceError]:
    """A code not in the table was a clear no, and is tried again; without a code nobody knows."""
    return OutcomeUnknown if code == f"http_{status}" else WorkspaceUnavailable


def _retry_after_s(headers: Mapping[str, str]) -> float:
    named = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(float(named), 0.0)
    except ValueError:
        return _DEFAULT_RETRY_AFTER_S
