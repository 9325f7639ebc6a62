"""Where and when a call is made, and the dice that say the rest."""

from __future__ import annotations

import itertools
import random
import uuid
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

TEAMS = ("billing", "catalog", "checkout", "fraud", "mobile", "payments", "search", "shipping")
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Moment:
    """What all parts of one event have in common; names that it gives are used over and over, few of them mostly."""

    dice: random.Random
    account: str
    region: str
    at: datetime

    def ranked(self, count: int) -> int:
        """A number below `count`; the n-th is drawn n times as seldom as the first (Zipf's law)."""
        return self.dice.choices(range(count), cum_weights=_zipf(count))[0]

    def of(self, weights: Mapping[str, float]) -> str:
        return self.dice.choices(list(weights), list(weights.values()))[0]

    def happens(self, share: float) -> bool:
        return self.dice.random() < share

    def hexes(self, digits: int) -> str:
        return f"{self.dice.getrandbits(4 * digits):0{digits}x}"

    def id(self) -> str:
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def token(self, size: int) -> str:
        return b64encode(self.dice.randbytes(size)).decode()

    def arn(self, service: str, rest: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def iso(self, ago: timedelta = timedelta()) -> str:
        return f"{self.at - ago:%Y-%m-%dT%H:%M:%SZ}"

    def address(self) -> str:
        return f"10.{self.ranked(24)}.{self.ranked(60) * 7 % 256}.{1 + self.ranked(250)}"

    def team(self) -> str:
        return TEAMS[self.ranked(len(TEAMS))]

    def role(self) -> str:
        return _team_thing("task", self.ranked(420))

    def function(self) -> str:
        return _team_thing("worker", self.ranked(240))

    def bucket(self) -> str:
        return f"{_team_thing('lake', self.ranked(90))}-{self.region}"

    def table(self) -> str:
        return _team_thing("orders", self.ranked(60))

    def instance(self) -> str:
        return f"i-0{named('instance', self.ranked(600), 8).encode().hex()}"

    def key(self) -> str:
        """ARN of a key of KMS."""
        name = uuid.UUID(bytes=named("kms", self.ranked(40), 16).encode(), version=4)
        return self.arn("kms", f"key/{name}")


@cache
def named(kind: str, key: object, size: int) -> str:
    """Letters as AWS's ids have them: always the same for the same thing."""
    return "".join(random.Random(f"{kind} {key}").choices(_ALPHABET, k=size))  # noqa: S311 - an id is no secret


def _team_thing(kind: str, number: int) -> str:
    return f"{TEAMS[number % len(TEAMS)]}-{kind}-{number}"


@cache
def _zipf(count: int) -> Sequence[float]:
    return list(itertools.accumulate(1 / rank for rank in range(1, count + 1)))
