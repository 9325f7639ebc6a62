"""What an app asks about itself and the platform: auth.test, api.test, connections, validation."""

from local.slack.blockkit import check_message_blocks, check_view
from local.slack.errors import SlackError
from local.slack.methods.method import ApiCall
from local.slack.model import Json
from local.slack.wire import bot_json


def api_test(call: ApiCall) -> Json:
    """Source: https://docs.slack.dev/reference/methods/api.test."""
    error = call.arguments.text("error")
    if error:
        raise SlackError(error, args=call.arguments.raw)
    return {"args": call.arguments.raw}


def auth_test(call: ApiCall) -> Json:
    """Source: https://docs.slack.dev/reference/methods/auth.test."""
    workspace = call.workspace
    return {
        "url": f"{workspace.base_url}/",
        "team": workspace.team.name,
        "user": workspace.user(workspace.app.bot_user_id).name,
        "team_id": workspace.team.id,
        "user_id": workspace.app.bot_user_id,
        "bot_id": workspace.app.bot_id,
        "is_enterprise_install": False,
    }


def team_info(call: ApiCall) -> Json:
    team = call.workspace.team
    about = {"id": team.id, "name": team.name, "domain": team.domain, "email_domain": "", "icon": {}}
    return {"team": about}


def bots_info(call: ApiCall) -> Json:
    """Raises SlackError ``bot_not_found``."""
    app, team = call.workspace.app, call.workspace.team
    if call.arguments.text("bot", app.bot_id) != app.bot_id:
        raise SlackError("bot_not_found")
    return {"bot": bot_json(app, team)}


def connections_open(call: ApiCall) -> Json:
    """Source: https://docs.slack.dev/reference/methods/apps.connections.open."""
    return {"url": call.socket_url()}


def blocks_validate(call: ApiCall) -> Json:
    """Exactly one of ``blocks``, ``message`` and ``view``; faults come as ``errors``.

    Source: https://docs.slack.dev/reference/methods/blocks.validate
    """
    given = [name for name in ("blocks", "message", "view") if call.arguments.has(name)]
    if len(given) != 1:
        raise SlackError("invalid_arguments")
    (name,) = given
    payload = call.arguments.structure(name)
    match name:
        case "blocks":
            problems = check_message_blocks(payload, "")
        case "message":
            blocks = payload.get("blocks", []) if isinstance(payload, dict) else payload
            problems = check_message_blocks(blocks) if blocks else []
        case _:
            problems = check_view(payload, at="")
    if problems:
        raise SlackError(f"invalid_{name}", errors=[problem.as_json for problem in problems])
    return {}
