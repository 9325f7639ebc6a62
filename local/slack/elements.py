"""What a person's choice looks like to the app: ``actions`` entries and ``state.values``.

Source: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload and
https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.slack.errors import NoSuchElementError
from local.slack.model import Chosen, Json, Values


@dataclass(frozen=True, slots=True)
class Found:
    """An interactive element and the block it stands in."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])


def interactive(blocks: Sequence[Json]) -> Iterator[Found]:
    """Every element with an ``action_id`` and the block nearest around it, in reading order."""
    for block in blocks:
        if "child_blocks" in block:
            yield from interactive(block["child_blocks"])
            continue
        for element in _with_action_id(block):
            yield Found(block, element)


def _with_action_id(node: Any) -> Iterator[Json]:
    match node:
        case {"action_id": str()}:
            yield node
        case dict():
            for child in node.values():
                yield from _with_action_id(child)
        case list():
            for child in node:
                yield from _with_action_id(child)
        case _:
            return


def find(blocks: Sequence[Json], action_id: str, block_id: str | None) -> Found:
    """The element a person pressed.

    Raises:
        NoSuchElementError: it is not on the screen.
    """
    for found in interactive(blocks):
        if found.action_id == action_id and block_id in {None, found.block_id}:
            return found
    raise NoSuchElementError(f"no element with action_id {action_id!r} in block {block_id!r}")


def with_choice(values: Values, found: Found, chosen: Chosen) -> Values:
    """The form's values with the element just used among them; what holds no value adds none."""
    if found.element["type"] not in _SHAPES:
        return values
    block = {**values.get(found.block_id, {}), found.action_id: chosen}
    return {**values, found.block_id: block}


# --- options that the app was asked for ------------------------------------------------------------


def offered(answer: Json) -> list[Json]:
    """The options in the answer to ``block_suggestion``, groups laid flat."""
    grouped = [option for group in answer.get("option_groups") or () for option in group["options"]]
    return [*(answer.get("options") or ()), *grouped]


def with_options(node: Any, suggested: Mapping[str, Sequence[Json]]) -> Any:
    """The same blocks, external selects with the options they were shown, by action id."""
    match node:
        case {"type": "external_select" | "multi_external_select", "action_id": str(action_id)}:
            initial = [*(node.get("initial_options") or ()), *filter(None, [node.get("initial_option")])]
            return {**node, "options": [*suggested.get(action_id, ()), *initial]}
        case dict():
            return {name: with_options(child, suggested) for name, child in node.items()}
        case list() | tuple():
            return [with_options(child, suggested) for child in node]
        case _:
            return node


# --- a choice in Slack's JSON, by element type ----------------------------------------------------


def _option(element: Json, chosen: Chosen) -> Json | None:
    if chosen is None:
        return None
    offered = next((option for option in _options(element) if option.get("value") == chosen), None)
    return dict(offered) if offered else _foreign(element, chosen)


def _options(element: Json) -> Iterator[Json]:
    yield from element.get("options") or ()
    for group in element.get("option_groups") or ():
        yield from group["options"]


def _foreign(element: Json, chosen: Chosen) -> Json:
    """An option of an external source, which the element itself does not list."""
    if "external" in str(element["type"]):
        return {"text": {"type": "plain_text", "text": str(chosen)}, "value": str(chosen)}
    raise NoSuchElementError(f"{element['type']} {element['action_id']!r} offers no option {chosen!r}")


def _each_option(element: Json, chosen: Chosen) -> list[Json | None]:
    return [_option(element, value) for value in _several(chosen)]


def _several(chosen: Chosen) -> Sequence[str]:
    if chosen is None:
        return ()
    return (chosen,) if isinstance(chosen, str) else tuple(chosen)


def _one(_element: Json, chosen: Chosen) -> str | None:
    return None if chosen is None or chosen == "" else str(chosen)


def _many(_element: Json, chosen: Chosen) -> list[str]:
    return list(_several(chosen))


def _number(_element: Json, chosen: Chosen) -> int | None:
    return None if not chosen else int(str(chosen))


def _rich_text(_element: Json, chosen: Chosen) -> Json | None:
    if not chosen:
        return None
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(chosen)}]}
    return {"type": "rich_text", "elements": [section]}


_Shape = Callable[[Json, Chosen], Any]
_SHAPES: Mapping[str, tuple[str, _Shape, str]] = {
    # element type: (field in the payload, how the choice is written, the element's initial field)
    "static_select": ("selected_option", _option, "initial_option"),
    "external_select": ("selected_option", _option, "initial_option"),
    "radio_buttons": ("selected_option", _option, "initial_option"),
    "overflow": ("selected_option", _option, ""),
    "multi_static_select": ("selected_options", _each_option, "initial_options"),
    "multi_external_select": ("selected_options", _each_option, "initial_options"),
    "checkboxes": ("selected_options", _each_option, "initial_options"),
    "users_select": ("selected_user", _one, "initial_user"),
    "multi_users_select": ("selected_users", _many, "initial_users"),
    "conversations_select": ("selected_conversation", _one, "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", _many, "initial_conversations"),
    "channels_select": ("selected_channel", _one, "initial_channel"),
    "multi_channels_select": ("selected_channels", _many, "initial_channels"),
    "datepicker": ("selected_date", _one, "initial_date"),
    "timepicker": ("selected_time", _one, "initial_time"),
    "datetimepicker": ("selected_date_time", _number, "initial_date_time"),
    "plain_text_input": ("value", _one, "initial_value"),
    "number_input": ("value", _one, "initial_value"),
    "email_text_input": ("value", _one, "initial_value"),
    "url_text_input": ("value", _one, "initial_value"),
    "rich_text_input": ("rich_text_value", _rich_text, "initial_value"),
}


def choice(element: Json, chosen: Chosen) -> Json:
    """``{"type": ..., <field>: <choice>}``; a button carries its own value and nothing chosen."""
    kind = str(element["type"])
    if kind == "feedback_buttons":
        return _feedback(element, chosen)
    if kind not in _SHAPES:
        return {"type": kind}
    name, shape, _ = _SHAPES[kind]
    return {"type": kind, name: shape(element, chosen)}


def _feedback(element: Json, chosen: Chosen) -> Json:
    """The one of the two that was pressed, by its value."""
    for button in (element["positive_button"], element["negative_button"]):
        if button["value"] == chosen:
            return {"type": "feedback_buttons", "text": button["text"], "value": chosen}
    raise NoSuchElementError(f"feedback_buttons {element['action_id']!r} offers no {chosen!r}")


def _initial(element: Json) -> Json:
    kind = str(element["type"])
    name, shape, initial = _SHAPES[kind]
    return {"type": kind, name: element.get(initial, shape(element, None))}


_PRESSED: Mapping[str, tuple[str, ...]] = {
    "button": ("text", "value", "url", "style", "confirm", "accessibility_label"),
    "icon_button": ("text", "icon", "value", "confirm", "accessibility_label"),
    "overflow": ("confirm",),
    "static_select": ("placeholder", "initial_option", "confirm"),
    "radio_buttons": ("initial_option", "confirm"),
    "checkboxes": ("initial_options", "confirm"),
    "datepicker": ("initial_date", "placeholder", "confirm"),
    "timepicker": ("initial_time", "placeholder", "confirm"),
    "users_select": ("initial_user", "placeholder", "confirm"),
}


def action(found: Found, chosen: Chosen, action_ts: str) -> Json:
    """One entry of ``actions`` in a ``block_actions`` payload."""
    element = found.element
    carried = {name: element[name] for name in _PRESSED.get(element["type"], ()) if name in element}
    return {
        "action_id": found.action_id,
        "block_id": found.block_id,
        **choice(element, chosen),
        **carried,
        "action_ts": action_ts,
    }


def state(blocks: Sequence[Json], values: Values) -> Json:
    """``{"values": {block_id: {action_id: choice}}}`` over every stateful element, as Slack sends it.

    What the person did not touch stands at its initial value.
    """
    filled: dict[str, dict[str, Json]] = {}
    for found in interactive(blocks):
        element = found.element
        if element["type"] not in _SHAPES or element["type"] == "overflow":
            continue
        touched = values.get(found.block_id, {})
        is_touched = found.action_id in touched
        shown = choice(element, touched[found.action_id]) if is_touched else _initial(element)
        filled.setdefault(found.block_id, {})[found.action_id] = shown
    return {"values": filled}


# --- what Slack itself checks before the app hears of a submission -----------------------------------

REQUIRED = "Please complete this required field."
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def _length(element: Json, value: str) -> str | None:
    if len(value) < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if len(value) > element.get("max_length", 3000):
        return f"Please enter no more than {element.get('max_length', 3000)} characters."
    return None


def _number_range(element: Json, value: str) -> str | None:
    try:
        number = float(value) if element["is_decimal_allowed"] else int(value)
    except ValueError:
        return "Please enter a valid number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and number < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and number > float(high):
        return f"Please enter a number of at most {high}."
    return None


def _email(_element: Json, value: str) -> str | None:
    return None if _EMAIL.fullmatch(value) else "Please enter a valid email address."


def _url(_element: Json, value: str) -> str | None:
    return None if value.startswith(("http://", "https://")) else "Please enter a valid URL."


_FORM_CHECKS: Mapping[str, Callable[[Json, str], str | None]] = {
    "plain_text_input": _length,
    "number_input": _number_range,
    "email_text_input": _email,
    "url_text_input": _url,
}


def form_errors(blocks: Sequence[Json], filled: Json) -> dict[str, str]:
    """``{block_id: message}`` of what the person must mend before Slack sends the form at all."""
    errors = {}
    for block in blocks:
        if block["type"] == "input":
            message = _input_error(block, filled["values"])
            if message:
                errors[str(block["block_id"])] = message
    return errors


def _input_error(block: Json, filled: Mapping[str, Mapping[str, Json]]) -> str | None:
    element = block["element"]
    shown = filled.get(block["block_id"], {}).get(element["action_id"], {})
    value = next((value for name, value in shown.items() if name != "type"), None)
    if not value:
        return None if block.get("optional") else REQUIRED
    check = _FORM_CHECKS.get(element["type"])
    return check(element, str(value)) if check else None
