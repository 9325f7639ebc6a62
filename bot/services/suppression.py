"""What the suppression rules hide: each one held against what the logs answered lately."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from bot.domain.hunt import Hunt, HuntShelf, Slug, Window
from bot.domain.suppression import Effect, Review, Suppression, Suppressions, effect_of
from bot.errors import InputError, LogSearchError, SuppressionError
from bot.ports.search import Clock, LogSearch
from bot.services.hunt import explained
from bot.services.search import Search, search

LOOK_BACK = timedelta(days=30)
WITHIN_S = 300.0  # of the half hour in which Slack takes an answer
LATE = "There was no time left to ask for it."

Ask = Callable[[Hunt], Awaitable[Search]]  # everything its query answers over the stretch, nothing hidden


class SuppressionService:
    """`faults` are what was wrong in the file of the rules."""

    def __init__(
        self,
        shelf: HuntShelf,
        logs: LogSearch,
        suppressions: Suppressions,
        faults: Sequence[SuppressionError],
        clock: Clock,
        known_accounts: str = "",
    ) -> None:
        self._shelf = shelf
        self._logs = logs
        self._suppressions = suppressions
        self._faults = tuple(faults)
        self._clock = clock
        self._known_accounts = known_accounts

    @property
    def rules(self) -> Suppressions:
        return self._suppressions

    async def review(self, length: timedelta = LOOK_BACK, within_s: float = WITHIN_S) -> Review:
        """Ask each hunt that has rules once, and hold its rules against the answer; writes nothing.

        A hunt that can not be asked, or not within `within_s` seconds, is said with its rules.
        """
        now = self._clock()
        window = Window.back_from(now, length)

        async def ask(hunt: Hunt) -> Search:
            return await search(self._logs, hunt, window, now=now, known_accounts=self._known_accounts)

        answers: dict[Slug, Search | str] = {}
        try:
            async with asyncio.timeout(within_s):
                await ask_each(self._shelf, self._suppressions, ask, answers)
        except TimeoutError:
            pass  # whose hunt was not asked says so
        return Review(window, now, effects(self._suppressions, answers), self._faults)


async def ask_each(shelf: HuntShelf, suppressions: Suppressions, ask: Ask, answers: dict[Slug, Search | str]) -> None:
    """Ask every hunt that has rules, once; `answers` gets what each said, or why it could not be asked."""
    for slug in dict.fromkeys(rule.hunt for rule in suppressions.rules):
        try:
            answers[slug] = await ask(shelf.find(slug))
        except LogSearchError as fault:
            answers[slug] = explained(fault)
        except InputError as fault:
            answers[slug] = str(fault)


def effects(suppressions: Suppressions, answers: Mapping[Slug, Search | str]) -> tuple[Effect, ...]:
    """Each rule, in the order of the file, with what it would have hidden of its hunt's answer."""
    return tuple(_effect(rule, answers.get(rule.hunt, LATE)) for rule in suppressions.rules)


def _effect(rule: Suppression, answer: Search | str) -> Effect:
    if isinstance(answer, str):
        return Effect(rule, fault=answer)
    columns = [column.name for column in answer.rows.columns]
    return effect_of(rule, answer.hits, columns, is_incomplete=not answer.receipt.is_complete)
