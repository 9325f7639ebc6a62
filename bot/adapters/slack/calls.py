"""One call of Slack's Web API, its refusals and silences translated into our errors.

Codes: https://docs.slack.dev/reference/methods/chat.postMessage (errors), chat.update, conversations.history alike.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.errors import (
    MessageGone,
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    RouteBroken,
    TokenRefused,
    WorkspaceError,
    WorkspaceUnavailable,
)

# The channel, person or group: nothing that goes there would be taken, and nothing is told of it.
_ROUTE = frozenset(
    {
        "access_denied",
        "cannot_dm_bot",
        "channel_is_limited_access",
        "channel_not_found",
        "channel_type_not_supported",
        "ekm_access_denied",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "method_not_supported_for_channel_type",
        "missing_scope",
        "no_permission",
        "no_such_subteam",
        "not_in_channel",
        "plan_upgrade_required",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "team_access_not_granted",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
    }
)
# This message, or the thread it hangs in: others in the channel are taken.
_GONE = frozenset(
    {
        "cannot_reply_to_message",
        "cant_delete_message",
        "cant_update_message",
        "edit_window_closed",
        "message_not_found",
        "restricted_action_thread_locked",
        "thread_not_found",
    }
)
_WORDING = frozenset(
    {
        "attachment_payload_limit_exceeded",
        "block_mismatch",
        "invalid_arguments",
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_metadata_format",
        "markdown_text_conflict",
        "metadata_must_be_sent_from_app",
        "metadata_too_large",
        "msg_blocks_too_long",
        "msg_too_long",
        "no_text",
        "slack_connect_canvas_sharing_blocked",
        "slack_connect_file_link_sharing_blocked",
        "too_many_attachments",
    }
)
# The token or the app: nothing is taken anywhere.
_TOKEN = frozenset(
    {
        "account_inactive",
        "app_access_revoked",
        "enterprise_is_restricted",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_added_to_org",
        "team_not_found",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
_LIMIT = frozenset({"message_limit_exceeded", "rate_limited", "ratelimited"})
# "Some aspect of the operation may have succeeded", says Slack of these.
_UNSURE = frozenset({"fatal_error", "internal_error", "request_timeout"})

_KINDS: Mapping[str, type[WorkspaceError]] = {
    **dict.fromkeys(_ROUTE, RouteBroken),
    **dict.fromkeys(_GONE, MessageGone),
    **dict.fromkeys(_WORDING, MessageRejected),
    **dict.fromkeys(_TOKEN, TokenRefused),
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
