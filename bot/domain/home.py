"""Whose Home tab is kept up to date, and what they chose to see in it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.responder import UserId

SEEN_FOR = timedelta(days=3)  # a Home tab that nobody looked at for longer is left as it is
MOST = 200  # people whose Home tabs are kept up to date, the latest to look


@dataclass(frozen=True, slots=True)
class Home:
    """A Home tab: whose, what they chose to see (in the words of its menus; empty: the overview), when they looked."""

    user: UserId
    chosen: str
    opened_at: datetime
