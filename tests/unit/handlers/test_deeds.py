"""One door for everything: nothing is listened to that is not in the table, and nothing stands there unheard."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, cast, get_args

import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.blocks import actions
from bot.domain.access import Deed
from bot.domain.triage import Move
from bot.services import Services
from handlers import deeds
from handlers.background import Background
from handlers.command_line import Request
from handlers.deeds import Asks
from handlers.listeners import register
from tests.stand_ins import START

Id = str | re.Pattern[str]
ANYTHING = re.compile(".*")


@dataclass
class Hearing:
    """An app of Bolt's that only notes what is hung into it, and in which order."""

    heard: list[tuple[str, Id | None]] = field(default_factory=list)

    def __getattr__(self, way: str) -> Callable[..., Any]:
        def hang_in(what: Any = None, *_: Any, **__: Any) -> Callable[[Any], Any]:
            self.heard.append((way, what if isinstance(what, str | re.Pattern) else None))
            return lambda listener: listener

        return hang_in

    def ids(self, *ways: str) -> set[Id]:
        """What is listened to, but for what listens to everything."""
        return {named for way, named in self.heard if way in ways and named is not None and named != ANYTHING}


def missing(wanted: Iterable[Id], given: Iterable[Id]) -> set[str]:
    """What has no counterpart: an id is met by itself and by a pattern that fits it, a pattern by an id it fits."""
    given = list(given)
    return {str(one) for one in wanted if not any(_meet(one, other) for other in given)}


def _meet(one: Id, other: Id) -> bool:
    match one, other:
        case re.Pattern(), str():
            return one.search(other) is not None
        case str(), re.Pattern():
            return other.search(one) is not None
        case _:
            return one == other


@pytest.fixture
def hearing() -> Hearing:
    """What `register` hangs in; nothing is asked of the services before something comes in."""
    app = Hearing()
    parts = (cast("AsyncApp", app), cast("Services", None), Background())
    register(*parts, clock=lambda: START, is_member=_nobody_asks, link=_nobody_asks, publish=_nobody_asks)
    return app


async def _nobody_asks(*_: object) -> Any:
    raise AssertionError


def test_the_gate_stands_before_every_listener(hearing: Hearing) -> None:
    assert hearing.heard[0] == ("middleware", None)


BUTTONS = ("action", "block_action", "options", "block_suggestion")
MODALS = ("view", "view_submission")
FROM_MENUS = ("shortcut", "global_shortcut", "message_shortcut")


@pytest.mark.parametrize(
    ("ways", "table"),
    [
        (BUTTONS, deeds.ACTIONS.keys() | deeds.MENUS),
        (MODALS, deeds.FORMS.keys()),
        (FROM_MENUS, deeds.SHORTCUTS.keys()),
        (("event", "message"), deeds.EVENTS.keys() | deeds.ASK_LATER),
        (("command",), {"/hunt"}),
    ],
    ids=["buttons", "forms", "shortcuts", "events", "commands"],
)
def test_what_is_listened_to_is_what_is_in_the_table(
    hearing: Hearing, ways: tuple[str, ...], table: set[str]
) -> None:
    heard = hearing.ids(*ways)
    assert missing(heard, table | deeds.LINKS) == set()
    assert missing(table, heard) == set()


def test_every_command_has_its_deed() -> None:
    assert deeds.REQUESTS.keys() == set(get_args(Request))


@pytest.mark.parametrize(
    ("action_id", "value", "asks"),
    [
        (actions.ACKNOWLEDGE, "42", Asks(Deed.TRIAGE, Move.ACKNOWLEDGE)),
        (actions.MORE, "resolve:42", Asks(Deed.TRIAGE, Move.RESOLVE)),
        (actions.MORE, "erase:42", None),
        (actions.MORE, "", None),
        (f"{actions.ACKNOWLEDGE}:3", "42", Asks(Deed.TRIAGE, Move.ACKNOWLEDGE)),
        ("finding.erase", "42", None),
        ("", "", None),
    ],
)
def test_an_id_and_a_word_that_nobody_knows_ask_for_nothing(action_id: str, value: str, asks: Asks | None) -> None:
    assert deeds.of_action(action_id, value) == asks


def test_whatever_changes_a_finding_needs_more_than_looking() -> None:
    asked = [*deeds.ACTIONS.values(), *deeds.WORDS.values(), *deeds.FORMS.values(), *deeds.SHORTCUTS.values()]
    assert [asks for asks in asked if asks.move is not None and asks.deed is Deed.LOOK] == []
