"""What the scripted app shows: a message, a form and a Home tab with something of every kind."""

from typing import Any

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def options(*texts: str) -> list[Json]:
    return [{"text": plain(text), "value": text.lower()} for text in texts]


def confirm(question: str) -> Json:
    return {"title": plain("Sure?"), "text": mrkdwn(question), "confirm": plain("Yes"), "deny": plain("No")}


def finding(state: str) -> list[Json]:
    """A message with a bit of everything a message may hold."""
    head: list[Json] = [
        {"type": "header", "text": plain(":rotating_light: F-1 Public invoke on payments-api")},
        {
            "type": "section",
            "text": mrkdwn(f"*{state}* by <@U02TOMAS02> at <!date^1767225600^{{date_short}} {{time}}|2026-01-01>"),
            "accessory": {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": plain("Snooze a day"), "value": "snooze"},
                    {"text": plain("Show rows"), "value": "rows"},
                ],
            },
        },
        {
            "type": "section",
            "fields": [mrkdwn("*Principal*\n`*`"), mrkdwn("*Account*\n123456789012"), mrkdwn("*Region*\neu-west-1")],
        },
        {"type": "context", "elements": [mrkdwn("Severity *high* · 3 events · `lambda-perms`")]},
    ]
    buttons: list[Json] = [
        {"type": "button", "action_id": "ack", "style": "primary", "text": plain("Acknowledge"), "value": "F-1"},
        {"type": "button", "action_id": "note", "text": plain("Add note"), "value": "F-1"},
        {
            "type": "button",
            "action_id": "close",
            "style": "danger",
            "text": plain("Resolve"),
            "value": "F-1",
            "confirm": confirm("Resolve *F-1*?"),
        },
        {
            "type": "static_select",
            "action_id": "owner",
            "placeholder": plain("Severity"),
            "options": options("High", "Medium", "Low"),
        },
    ]
    return [*head, {"type": "actions", "block_id": "triage", "elements": buttons}]


def _input(label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": element["action_id"], "label": plain(label), "element": element, **more}


def form(title: str = "Note on F-1") -> Json:
    """A modal with every kind of input the page knows in daily use."""
    people = {"type": "users_select", "action_id": "who", "placeholder": plain("Somebody")}
    blocks: list[Json] = [
        {"type": "section", "block_id": "intro", "text": mrkdwn(f"*{title}*: say what you saw")},
        _input(
            "Note", {"type": "plain_text_input", "action_id": "text", "multiline": True}, hint=plain("No secrets")
        ),
        _input(
            "Verdict", {"type": "static_select", "action_id": "verdict", "options": options("Benign", "Malicious")}
        ),
        _input(
            "Tags",
            {"type": "multi_static_select", "action_id": "tags", "options": options("Lambda", "IAM", "S3")},
            optional=True,
        ),
        _input("Confidence", {"type": "radio_buttons", "action_id": "sure", "options": options("Low", "High")}),
        _input(
            "Also",
            {"type": "checkboxes", "action_id": "also", "options": options("Page", "Mail")},
            optional=True,
        ),
        _input("Owner", people, optional=True),
        _input("Channel", {"type": "channels_select", "action_id": "where"}, optional=True),
        _input("Until", {"type": "datepicker", "action_id": "until"}, optional=True),
        _input("Happened at", {"type": "datetimepicker", "action_id": "at"}, optional=True),
        {
            "type": "actions",
            "block_id": "more",
            "elements": [{"type": "button", "action_id": "retitle", "text": plain("Retitle")}],
        },
    ]
    return {
        "type": "modal",
        "callback_id": "note",
        "title": plain(title),
        "submit": plain("Save"),
        "close": plain("Cancel"),
        "blocks": blocks,
    }


def home(user: str) -> Json:
    return {
        "type": "home",
        "blocks": [
            {"type": "header", "text": plain("Open findings")},
            {"type": "section", "text": mrkdwn(f"Hello <@{user}>, nothing waits for you.")},
            {
                "type": "actions",
                "block_id": "home",
                "elements": [{"type": "button", "action_id": "note", "text": plain("Write a note")}],
            },
        ],
    }
