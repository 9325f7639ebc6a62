"""A question to the logs: a hunt's query over a window, its rows read as hits, what is suppressed taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.hit import Hit, read_hits
from bot.domain.hunt import Hunt, Window
from bot.domain.rows import Rows
from bot.domain.run import Filter, Receipt
from bot.domain.suppression import NO_RULES, Hidden, Suppressions

if TYPE_CHECKING:  # a hunt from the terminal is not to wait for all that the other ports speak of
    from bot.ports.search import LogSearch, Param


@dataclass(frozen=True, slots=True)
class Search:
    """An answer that touched no store.

    `hits` are what is left of it: first the rules hid what is `hidden`, then the filter kept back `filtered` others.
    """

    hunt: Hunt
    window: Window
    rows: Rows
    hits: tuple[Hit, ...]
    filtered: int
    is_truncated: bool
    hidden: tuple[Hidden, ...] = ()

    @property
    def suppressed(self) -> int:
        return sum(len(each.hits) for each in self.hidden)

    @property
    def receipt(self) -> Receipt:
        """What the search knows; the store counts what is new."""
        return Receipt(
            hits=len(self.hits) + self.suppressed + self.filtered,
            new=0,
            known=0,
            suppressed=self.suppressed,
            filtered=self.filtered,
            is_partial=self.rows.is_partial,
            is_truncated=self.is_truncated,
            took_ms=self.rows.took_ms,
        )


async def search(
    logs: LogSearch,
    hunt: Hunt,
    window: Window,
    *,
    now: datetime,
    known_accounts: str = "",
    filter: Filter = Filter(),  # noqa: A002 - the domain's word for it
    suppressions: Suppressions = NO_RULES,
) -> Search:
    """Ask the logs; the query is the hunt file's, values reach it as named parameters.

    Of the answer the suppressions hide what they cover, and the filter sifts the rest.

    Raises:
        LogSearchError: unavailable, denied or rejected.
        BadArgument: the hunt's identity names a column that the query does not answer with.
    """
    rows = await logs.query(hunt.query, offered(hunt.query, window, known_accounts))
    hits, hidden = suppressions.sift(hunt.slug, read_hits(hunt, rows, at_default=now), now)
    wanted = tuple(hit for hit in hits if filter.lets_through(hit))
    is_truncated = len(rows.values) >= hunt.row_limit
    return Search(hunt, window, rows, wanted, len(hits) - len(wanted), is_truncated, hidden)


def offered(query: str, window: Window, known_accounts: str) -> Mapping[str, Param]:
    """What a query gets to know beside its own text, as far as it asks for it."""
    every = {**window.parameters, "known_accounts": known_accounts}
    return {name: value for name, value in every.items() if re.search(rf"\?{name}\b", query)}
