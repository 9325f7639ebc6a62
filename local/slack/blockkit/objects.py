"""Composition objects: texts, confirmations, options, files, filters.

Source: https://docs.slack.dev/reference/block-kit/composition-objects
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local.slack.blockkit.rules import (
    Problem,
    Rule,
    array,
    boolean,
    failed,
    obj,
    one_of,
    some_of,
    string,
    typed,
    url,
    variant,
)

ACTION_ID: Final = string(least=1, most=255)
BLOCK_ID: Final = string(least=1, most=255)


def texts(most: int) -> Mapping[str, Rule]:
    """The two text objects, each of at most so many characters."""
    return {"plain_text": _plain(most), "mrkdwn": _mrkdwn(most)}


def text(most: int) -> Rule:
    """Plain text or mrkdwn."""
    return typed(texts(most))


def plain(most: int) -> Rule:
    return typed({"plain_text": _plain(most)})


def _plain(most: int) -> Rule:
    return variant({"text": string(least=1, most=most)}, {"emoji": boolean})


def _mrkdwn(most: int) -> Rule:
    return variant({"text": string(least=1, most=most)}, {"verbatim": boolean})


CONFIRM: Final = obj(
    {"title": plain(100), "text": text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)


def option(words: Rule, extra: Mapping[str, Rule] | None = None) -> Rule:
    return obj(
        {"text": words, "value": string(least=1, most=150)},
        {"description": words, **(extra or {})},
    )


PLAIN_OPTION: Final = option(plain(75))
RICH_OPTION: Final = option(text(75))  # radio buttons and checkboxes may use mrkdwn
OVERFLOW_OPTION: Final = option(plain(75), {"url": url("http", "https", "mailto")})
OPTION_GROUP: Final = obj({"label": plain(75), "options": array(PLAIN_OPTION, most=100)})

SLACK_FILE: Final = obj({}, {"id": string(least=1), "url": url()}, [some_of("id", "url")])
DISPATCH: Final = obj({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), most=2)})
CONVERSATION_FILTER: Final = obj(
    {},
    {
        "include": array(one_of("im", "mpim", "private", "public"), most=4),
        "exclude_external_shared_channels": boolean,
        "exclude_bot_users": boolean,
    },
    [some_of("include", "exclude_external_shared_channels", "exclude_bot_users")],
)


def offers_initial(value: Any, at: str) -> Iterator[Problem]:
    """What is selected at first must be one of the options."""
    groups = (group["options"] for group in value.get("option_groups") or ())
    offered = [*(value.get("options") or ()), *(option for group in groups for option in group)]
    single = [value["initial_option"]] if value.get("initial_option") else []
    for chosen in [*single, *(value.get("initial_options") or ())]:
        if chosen not in offered:
            yield failed(at, "initial options must match the options", type="initial_option")
