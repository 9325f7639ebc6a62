"""The manifest: its two forms, and that its scopes are those of the calls in the code, no more and no less."""

import json
import re
from pathlib import Path

from app.manifest import BOT_EVENTS, SCOPES, as_yaml, manifest
from local.slack.sample import sample_app

ROOT = Path(__file__).parents[3]

# Calls that need no scope of the bot's: https://docs.slack.dev/reference/methods (each method's page).
SCOPELESS = frozenset({"auth.test", "apps.connections.open", "views.open", "views.update", "views.publish"})


def calls_in_the_code() -> set[str]:
    """Every Web API method that the bot names, as a string or as a method of slack_sdk's client."""
    families = "apps|auth|chat|conversations|files|reactions|usergroups|users|views"
    called: set[str] = set()
    for path in [*ROOT.glob("bot/adapters/slack/*.py"), *ROOT.glob("handlers/*.py"), *ROOT.glob("app/*.py")]:
        if path.name == "manifest.py":
            continue
        text = path.read_text(encoding="utf-8")
        called |= set(re.findall(rf'"((?:{families})\.[a-zA-Z.]+)"', text))
        called |= {name.replace("_", ".", 1) for name in re.findall(rf"\.((?:{families})_[a-z]+)\(", text)}
        called |= {"apps.connections.open"} if "apps_connections_open(" in text else set()
    return {name for name in called if "." in name} - {"apps.connections"}


def test_every_scope_is_used_and_every_call_is_covered() -> None:
    covered = {method for methods in SCOPES.values() for method in methods if "." in method}
    assert calls_in_the_code() - SCOPELESS == covered


def test_socket_mode_needs_no_address() -> None:
    built = manifest()
    assert built["settings"] == {
        "event_subscriptions": {"bot_events": ["app_home_opened", "message.channels", "message.groups"]},
        "interactivity": {"is_enabled": True},
        "org_deploy_enabled": False,
        "socket_mode_enabled": True,
        "token_rotation_enabled": False,
    }


def test_the_local_workspace_has_what_the_manifest_asks_for() -> None:
    """So that what works in the demo works where the manifest was pasted."""
    features, app = manifest()["features"], sample_app()
    assert isinstance(features, dict)
    asked = {(s["name"], s["callback_id"], s["type"]) for s in features["shortcuts"]}
    assert asked == {(s.name, s.callback_id, s.kind) for s in app.shortcuts}
    assert set(BOT_EVENTS) == app.bot_events
    assert set(SCOPES) <= app.bot_scopes
    assert features["app_home"]["messages_tab_enabled"]
    assert features["app_home"]["messages_tab_read_only_enabled"] is app.is_messages_tab_read_only is False


def test_http_sends_everything_to_one_address() -> None:
    text = json.dumps(manifest("https://bot.example.com/"))
    assert text.count("https://bot.example.com/slack/events") == 3
    assert '"socket_mode_enabled": false' in text


def test_yaml_says_what_json_says() -> None:
    assert as_yaml({"a": {"b": [1, {"c": "x: y", "d": []}], "e": True}, "f": "*"}) == (
        'a:\n  b:\n    - 1\n    - c: "x: y"\n      d: []\n  e: true\nf: "*"\n'
    )
