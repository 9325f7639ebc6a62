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
            "elements": [
                {"type": "button", "action_id": "retitle", "text": plain("Retitle")},
                {"type": "button", "action_id": "deeper", "text": plain("What is this?")},
            ],
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


def about() -> Json:
    """A second modal, pushed on top of the first; it has nothing to send."""
    blocks = [{"type": "alert", "level": "info", "text": mrkdwn("A note is kept with the finding.")}]
    return {"type": "modal", "title": plain("About notes"), "blocks": blocks}


def search() -> Json:
    """A modal whose options the app is asked for."""
    roles = {"type": "multi_external_select", "action_id": "roles", "min_query_length": 1, "max_selected_items": 2}
    return {
        "type": "modal",
        "callback_id": "search",
        "title": plain("Run a hunt"),
        "submit": plain("Run"),
        "blocks": [_input("Roles", {**roles, "placeholder": plain("Search roles")})],
    }


def _chart(kind: str, title: str) -> Json:
    days = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    series = [
        {"name": name, "data": [{"label": day, "value": value} for day, value in zip(days, values, strict=True)]}
        for name, values in [("critical", [1, 0, 2, 1, 3]), ("high", [4, 2, 5, 3, 1])]
    ]
    drawn = {"type": kind, "series": series, "axis_config": {"categories": days, "y_label": "findings"}}
    if kind == "pie":
        shares = [{"label": "critical", "value": 7}, {"label": "high", "value": 15}]
        drawn = {"type": "pie", "segments": shares}
    return {"type": "data_visualization", "title": title, "chart": drawn}


def _raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def gallery() -> list[list[Json]]:
    """Messages with every block of 2026 in them."""
    rows = [[_raw("function"), _raw("calls")], *([_raw(f"pay-{n}"), _raw(str(n * 7 % 11))] for n in range(8))]
    who: Json = {"type": "external_select", "action_id": "who", "min_query_length": 1, "placeholder": plain("Owner")}
    feedback = {
        "type": "feedback_buttons",
        "action_id": "helped",
        "positive_button": {"text": plain("Good"), "value": "good"},
        "negative_button": {"text": plain("Bad"), "value": "bad"},
    }
    frame = {
        "type": "container",
        "title": plain("F-1"),
        "subtitle": mrkdwn("anyone may invoke *pay*"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": mrkdwn("Seen 3 times")}],
    }
    return [
        [_chart("bar", "Findings a day"), _chart("line", "The same as lines")],
        [_chart("area", "As areas"), _chart("pie", "By severity")],
        [
            {"type": "data_table", "caption": "Calls", "page_size": 3, "rows": rows},
            frame,
            {"type": "actions", "block_id": "own", "elements": [who]},
            {"type": "context_actions", "elements": [feedback]},
        ],
        [
            {"type": "markdown", "text": "# Notes\n- [Docs](https://docs.example)\n\n| a | b |\n|-|-|\n| 1 | 2 |"},
            {"type": "card", "title": mrkdwn("T1078"), "body": mrkdwn("Valid accounts")},
        ],
    ]
