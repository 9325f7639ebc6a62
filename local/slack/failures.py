"""What Slack tells a person when an app did not take what they did."""

from collections.abc import Mapping
from typing import Final

from local.slack.model import Outcome, Seen

_REASONS: Final[Mapping[str, str]] = {
    "operation_timeout": "did not respond in time",
    "dispatch_failed": "is not connected",
    "dispatch_unknown_error": "answered with an error",
}


def failure(app_name: str, what: str, code: str) -> Seen:
    """``/hunt failed: huntbot did not respond in time (operation_timeout)``."""
    reason = _REASONS.get(code, "sent an answer that cannot be shown")
    return Seen(Outcome.FAILED, f"{what} failed: {app_name} {reason} ({code})", code)
