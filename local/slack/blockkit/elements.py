"""Interactive elements and images.

Source: https://docs.slack.dev/reference/block-kit/block-elements
"""

from collections.abc import Mapping
from typing import Final

from local.slack.blockkit.objects import (
    ACTION_ID,
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH,
    OPTION_GROUP,
    OVERFLOW_OPTION,
    PLAIN_OPTION,
    RICH_OPTION,
    SLACK_FILE,
    offers_initial,
    plain,
)
from local.slack.blockkit.rich_text import RICH_TEXT
from local.slack.blockkit.rules import (
    Rule,
    array,
    at_most_one_of,
    boolean,
    integer,
    obj,
    one_of,
    some_of,
    string,
    url,
    variant,
)

_ID: Final = string(least=1, most=255)
_LINK: Final = url("http", "https", "mailto", "slack")
_DATE: Final = string(pattern=r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_TIME: Final = string(pattern=r"([01]\d|2[0-3]):[0-5]\d")
_DECIMAL: Final = string(pattern=r"-?\d+(\.\d+)?")

_USED: Final[Mapping[str, Rule]] = {"action_id": ACTION_ID}
_ASKED: Final[Mapping[str, Rule]] = {**_USED, "placeholder": plain(150), "focus_on_load": boolean}
_CHOSEN: Final[Mapping[str, Rule]] = {**_ASKED, "confirm": CONFIRM}
_SEVERAL: Final[Mapping[str, Rule]] = {**_CHOSEN, "max_selected_items": integer(1, 100)}
_STATIC: Final = {"options": array(PLAIN_OPTION, most=100), "option_groups": array(OPTION_GROUP, most=100)}
_STATIC_RULES: Final = (
    some_of("options", "option_groups"),
    at_most_one_of("options", "option_groups"),
    offers_initial,
)
_TYPED: Final[Mapping[str, Rule]] = {**_ASKED, "dispatch_action_config": DISPATCH}

_BUTTON: Final = variant(
    {"text": plain(75)},
    {
        **_USED,
        "url": _LINK,
        "value": string(most=2000),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(most=75),
    },
)
IMAGE: Final = variant(
    {"alt_text": string(least=1, most=2000)},
    {"image_url": url(), "slack_file": SLACK_FILE},
    [some_of("image_url", "slack_file"), at_most_one_of("image_url", "slack_file")],
)
_FEEDBACK_BUTTON: Final = obj(
    {"text": plain(75), "value": string(least=1, most=2000)}, {"accessibility_label": string(most=75)}
)

_SELECTS: Final[Mapping[str, Rule]] = {
    "static_select": variant({}, {**_CHOSEN, **_STATIC, "initial_option": PLAIN_OPTION}, _STATIC_RULES),
    "external_select": variant({}, {**_CHOSEN, "initial_option": PLAIN_OPTION, "min_query_length": integer(0, 255)}),
    "users_select": variant({}, {**_CHOSEN, "initial_user": _ID}),
    "conversations_select": variant(
        {},
        {
            **_CHOSEN,
            "initial_conversation": _ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "channels_select": variant({}, {**_CHOSEN, "initial_channel": _ID, "response_url_enabled": boolean}),
}
_MULTI_SELECTS: Final[Mapping[str, Rule]] = {
    "multi_static_select": variant(
        {}, {**_SEVERAL, **_STATIC, "initial_options": array(PLAIN_OPTION, most=100)}, _STATIC_RULES
    ),
    "multi_external_select": variant(
        {},
        {
            **_SEVERAL,
            "initial_options": array(PLAIN_OPTION, most=100),
            "min_query_length": integer(0, 255),
        },
    ),
    "multi_users_select": variant({}, {**_SEVERAL, "initial_users": array(_ID)}),
    "multi_conversations_select": variant(
        {},
        {
            **_SEVERAL,
            "initial_conversations": array(_ID),
            "default_to_current_conversation": boolean,
            "filter": CONVERSATION_FILTER,
        },
    ),
    "multi_channels_select": variant({}, {**_SEVERAL, "initial_channels": array(_ID)}),
}
_PICKED: Final[Mapping[str, Rule]] = {
    "checkboxes": variant(
        {"options": array(RICH_OPTION, most=10)},
        {**_USED, "initial_options": array(RICH_OPTION), "confirm": CONFIRM, "focus_on_load": boolean},
        [offers_initial],
    ),
    "radio_buttons": variant(
        {"options": array(RICH_OPTION, most=10)},
        {**_USED, "initial_option": RICH_OPTION, "confirm": CONFIRM, "focus_on_load": boolean},
        [offers_initial],
    ),
    "datepicker": variant({}, {**_CHOSEN, "initial_date": _DATE}),
    "timepicker": variant({}, {**_CHOSEN, "initial_time": _TIME, "timezone": string(least=1)}),
    "datetimepicker": variant(
        {},
        {
            **_USED,
            "initial_date_time": integer(0, 9_999_999_999),
            "confirm": CONFIRM,
            "focus_on_load": boolean,
        },
    ),
}
_OVERFLOW: Final = variant({"options": array(OVERFLOW_OPTION, most=5)}, {**_USED, "confirm": CONFIRM})

_WRITTEN: Final[Mapping[str, Rule]] = {
    "plain_text_input": variant(
        {},
        {
            **_TYPED,
            "initial_value": string(most=3000),
            "multiline": boolean,
            "min_length": integer(0, 3000),
            "max_length": integer(1, 3000),
        },
    ),
    "number_input": variant(
        {"is_decimal_allowed": boolean},
        {**_TYPED, "initial_value": _DECIMAL, "min_value": _DECIMAL, "max_value": _DECIMAL},
    ),
    "email_text_input": variant({}, {**_TYPED, "initial_value": string(least=1)}),
    "url_text_input": variant({}, {**_TYPED, "initial_value": string(least=1)}),
    "rich_text_input": variant({}, {**_TYPED, "initial_value": RICH_TEXT}),
    "file_input": variant({}, {**_USED, "filetypes": array(string(least=1)), "max_files": integer(1, 10)}),
}

IN_ACTIONS: Final[Mapping[str, Rule]] = {"button": _BUTTON, "overflow": _OVERFLOW, **_SELECTS, **_PICKED}
IN_INPUT: Final[Mapping[str, Rule]] = {**_SELECTS, **_MULTI_SELECTS, **_PICKED, **_WRITTEN}
IN_SECTION: Final[Mapping[str, Rule]] = {**IN_ACTIONS, **_MULTI_SELECTS, "image": IMAGE}
IN_CARD: Final[Mapping[str, Rule]] = {"button": _BUTTON}
IN_CONTEXT_ACTIONS: Final[Mapping[str, Rule]] = {
    "feedback_buttons": variant({"positive_button": _FEEDBACK_BUTTON, "negative_button": _FEEDBACK_BUTTON}, _USED),
    "icon_button": variant(
        {"icon": one_of("trash"), "text": plain(75)},
        {
            **_USED,
            "value": string(most=2000),
            "confirm": CONFIRM,
            "accessibility_label": string(most=75),
            "visible_to_user_ids": array(_ID),
        },
    ),
}
