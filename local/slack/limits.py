"""Rate limits of the Web API: a bucket a method, and one a channel for posting.

Source: https://docs.slack.dev/apis/web-api/rate-limits. Posting is about one message a second and
channel, with short bursts allowed; Slack does not say how short, so the burst is a setting.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum


class Tier(IntEnum):
    """Calls a minute that a method always gets; ``SPECIAL`` methods are generous."""

    ONE = 1
    TWO = 20
    THREE = 50
    FOUR = 100
    SPECIAL = 600


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


@dataclass(slots=True)
class RateLimits:
    """Token buckets on the workspace's clock; ``is_enabled`` is the tests' switch."""

    clock: Callable[[], float]
    is_enabled: bool = True
    post_per_s: float = 1.0
    post_burst: int = 3
    _buckets: dict[tuple[str, ...], _Bucket] = field(default_factory=dict)

    def retry_after_s(self, method: str, tier: Tier, posts_to: str | None) -> int:
        """Spends a call: 0 when allowed, else the whole seconds to wait."""
        if not self.is_enabled:
            return 0
        if posts_to is not None:
            return self._spend((method, posts_to), self.post_burst, self.post_per_s)
        return self._spend((method,), tier, tier / 60)

    def _spend(self, key: tuple[str, ...], capacity: float, per_s: float) -> int:
        now = self.clock()
        bucket = self._buckets.setdefault(key, _Bucket(capacity, now))
        bucket.tokens = min(capacity, bucket.tokens + max(0.0, now - bucket.filled_at) * per_s)
        bucket.filled_at = now
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0
        return max(1, math.ceil((1 - bucket.tokens) / per_s))
