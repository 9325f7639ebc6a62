"""What an app may answer to a submitted form, and what the person then sees.

Source: https://docs.slack.dev/surfaces/modals (response_action).
"""

from collections.abc import Callable, Mapping

from local.slack.errors import SlackError
from local.slack.model import Json, Outcome, Seen, View
from local.slack.views import ViewDesk


def settle(desk: ViewDesk, view: View, answer: Json) -> Seen:
    """Applies the acknowledgement of ``view_submission``.

    Raises:
        SlackError: Slack could make nothing of the answer, as ``views.*`` would refuse it.
    """
    if not answer:
        return Seen(Outcome.CLOSED, view=desk.close(view))
    action = _ACTIONS.get(str(answer.get("response_action")))
    if action is None:
        raise SlackError("invalid_response_action")
    return action(desk, view, answer)


def _errors(_desk: ViewDesk, view: View, answer: Json) -> Seen:
    errors = answer.get("errors")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise SlackError("invalid_errors")
    return Seen(Outcome.ERRORS, errors={str(block): str(text) for block, text in errors.items()}, view=view)


def _update(desk: ViewDesk, view: View, answer: Json) -> Seen:
    return Seen(Outcome.UPDATED, view=desk.update(view, answer.get("view")))


def _push(desk: ViewDesk, view: View, answer: Json) -> Seen:
    return Seen(Outcome.PUSHED, view=desk.push(view.user, answer.get("view")))


def _clear(desk: ViewDesk, view: View, _answer: Json) -> Seen:
    desk.close_all(view.user)
    return Seen(Outcome.CLOSED)


_ACTIONS: Mapping[str, Callable[[ViewDesk, View, Json], Seen]] = {
    "errors": _errors,
    "update": _update,
    "push": _push,
    "clear": _clear,
}
