"""views.*: modals and the Home tab.

Source: https://docs.slack.dev/reference/methods/views.open and its neighbours.
"""

from typing import Any

from local.slack.errors import SlackError
from local.slack.methods.method import ApiCall
from local.slack.model import Json, View
from local.slack.wire import view_json


def open_(call: ApiCall) -> Json:
    user_id = call.workspace.triggers.exchange(call.arguments.required("trigger_id"))
    return _shown(call, call.workspace.views.open(user_id, _payload(call)))


def push(call: ApiCall) -> Json:
    user_id = call.workspace.triggers.exchange(call.arguments.required("trigger_id"))
    return _shown(call, call.workspace.views.push(user_id, _payload(call)))


def update(call: ApiCall) -> Json:
    """By ``view_id`` or ``external_id``; a stale ``hash`` is a ``hash_conflict``."""
    views, arguments = call.workspace.views, call.arguments
    view_id, external_id = arguments.optional("view_id"), arguments.optional("external_id")
    if view_id:
        view = views.get(view_id)
    elif external_id:
        view = views.by_external_id(external_id)
    else:
        raise SlackError("invalid_arguments")
    return _shown(call, views.update(view, _payload(call), arguments.optional("hash")))


def publish(call: ApiCall) -> Json:
    user = call.workspace.user(call.arguments.required("user_id"))
    if user.is_bot:
        raise SlackError("not_enabled")
    return _shown(call, call.workspace.views.publish(user.id, _payload(call), call.arguments.optional("hash")))


def _payload(call: ApiCall) -> Any:
    return call.arguments.structure("view")


def _shown(call: ApiCall, view: View) -> Json:
    return {"view": view_json(view, call.workspace.app, call.workspace.team)}
