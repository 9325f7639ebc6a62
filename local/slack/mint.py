"""Where a workspace gets its time, identifiers and secrets from."""

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ID_LENGTH = 10


def _count() -> Iterator[int]:
    return itertools.count(1)


@dataclass(slots=True)
class Mint:
    """``clock`` gives seconds since 1970; ``secret`` gives unguessable text for tokens in URLs."""

    clock: Callable[[], float]
    secret: Callable[[], str]
    _numbers: Iterator[int] = field(default_factory=_count)
    _last_us: int = 0

    def now(self) -> float:
        return self.clock()

    def id(self, prefix: str) -> str:
        """An identifier in Slack's form, such as ``C0000000AB``."""
        number, digits = next(self._numbers), ""
        while number:
            number, digit = divmod(number, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return prefix + digits.rjust(_ID_LENGTH, "0")

    def ts(self) -> str:
        """A message timestamp: microseconds, and never the same twice."""
        self._last_us = max(int(self.clock() * 1_000_000), self._last_us + 1)
        return f"{self._last_us // 1_000_000}.{self._last_us % 1_000_000:06d}"

    def hash(self) -> str:
        """The version mark of a view."""
        return f"{int(self.clock())}.{self.secret()[-8:]}"
