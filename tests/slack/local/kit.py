"""Blocks to test with: small builders, and one sound block of every kind."""

from typing import Any

from local.slack.model import Json


def plain(text: str = "words") -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str = "*words*") -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str = "one", text: Json | None = None) -> Json:
    return {"text": text or plain(), "value": value}


def button(**more: Any) -> Json:
    return {"type": "button", "action_id": "go", "text": plain("Go"), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def section(accessory: Json | None = None, **more: Any) -> Json:
    extra = {"accessory": accessory} if accessory else {}
    return {"type": "section", "text": mrkdwn(), **extra, **more}


def entry(element: Json, **more: Any) -> Json:
    return {"type": "input", "label": plain(), "element": element, **more}


def rich(*parts: Json) -> Json:
    return {"type": "rich_text", "elements": list(parts)}


def line(*inline: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(inline)}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


def picture(**more: Any) -> Json:
    return {"type": "image", "image_url": "https://x.y/z.png", "alt_text": "a chart", **more}


CONFIRM = {
    "title": plain("Sure?"),
    "text": mrkdwn("*Really?*"),
    "confirm": plain("Yes"),
    "deny": plain("No"),
    "style": "danger",
}
CODE = {"type": "text", "text": "x", "style": {"bold": True, "code": True}}


def chart(kind: str = "bar", **more: Any) -> Json:
    points = [{"label": "Mon", "value": 2}, {"label": "Tue", "value": 5}]
    if kind == "pie":
        return {"type": "data_visualization", "title": "By severity", "chart": {"type": kind, "segments": points}}
    drawn = {
        "type": kind,
        "series": [{"name": "high", "data": points}],
        "axis_config": {"categories": ["Mon", "Tue"]},
    }
    return {"type": "data_visualization", "title": "Findings a day", "chart": {**drawn, **more}}


VIDEO = {
    "type": "video",
    "title": plain("How a grant is made"),
    "video_url": "https://videos.example/embed/1",
    "thumbnail_url": "https://videos.example/1.png",
    "alt_text": "a console",
}

GOOD: list[Json] = [
    section(),
    section(button(value="F-1", style="primary", confirm=CONFIRM, url="https://x.y", accessibility_label="go")),
    section(
        {"type": "overflow", "action_id": "more", "options": [option(), {**option("two"), "url": "https://x.y"}]}
    ),
    section(picture(), expand=True),
    section({"type": "multi_users_select", "initial_users": ["U1"], "max_selected_items": 2}),
    {"type": "section", "block_id": "b", "fields": [mrkdwn(), plain()]},
    {"type": "header", "text": {**plain("Findings"), "emoji": True}},
    {"type": "divider"},
    {"type": "context", "elements": [mrkdwn(), picture()]},
    picture(title=plain()),
    actions(
        button(),
        {
            "type": "static_select",
            "action_id": "s",
            "placeholder": plain(),
            "options": [option()],
            "confirm": CONFIRM,
        },
        {"type": "users_select", "action_id": "u", "initial_user": "U1"},
        {"type": "conversations_select", "action_id": "c", "filter": {"include": ["public", "im"]}},
        {"type": "channels_select", "action_id": "ch", "initial_channel": "C1"},
        {"type": "external_select", "action_id": "e", "min_query_length": 0},
        {"type": "datepicker", "action_id": "d", "initial_date": "2026-11-25"},
        {"type": "timepicker", "action_id": "t", "initial_time": "09:00", "timezone": "Europe/Berlin"},
        {"type": "radio_buttons", "action_id": "r", "options": [option(text=mrkdwn()), option("two")]},
        {"type": "checkboxes", "action_id": "k", "options": [option(text=mrkdwn())]},
    ),
    actions(
        {
            "type": "static_select",
            "option_groups": [{"label": plain("group"), "options": [option()]}],
            "initial_option": option(),
        }
    ),
    entry({"type": "plain_text_input", "multiline": True, "max_length": 3000, "placeholder": plain()}, hint=plain()),
    entry({"type": "number_input", "is_decimal_allowed": True, "min_value": "-1.5"}, optional=True),
    entry({"type": "datetimepicker", "initial_date_time": 1795000000}, dispatch_action=True),
    entry({"type": "multi_static_select", "options": [option()], "initial_options": [option()]}),
    rich(
        line(CODE, {"type": "link", "url": "https://x.y", "text": "there"}, {"type": "user", "user_id": "U1"}),
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [line(CODE)]},
        {"type": "rich_text_preformatted", "border": 0, "elements": [{"type": "text", "text": "arn:aws"}]},
        {"type": "rich_text_quote", "elements": [{"type": "emoji", "name": "eyes"}]},
        line({"type": "date", "timestamp": 1795000000, "format": "{date}", "fallback": "today"}),
        line({"type": "broadcast", "range": "here"}, {"type": "usergroup", "usergroup_id": "S1"}),
    ),
    {"type": "markdown", "text": "# Heading"},
    {
        "type": "table",
        "rows": [[raw("a"), raw("b")], [rich(line(CODE)), raw("d")]],
        "column_settings": [None, {"align": "right"}],
    },
    {
        "type": "data_table",
        "caption": "Hits",
        "page_size": 10,
        "rows": [[raw("n")], [{"type": "raw_number", "value": 3}]],
    },
    {
        "type": "plan",
        "title": "Hunt",
        "tasks": [{"type": "task_card", "task_id": "1", "title": "Query", "status": "complete"}],
    },
    {"type": "card", "title": plain(), "body": mrkdwn(), "actions": [button()]},
    {"type": "carousel", "elements": [{"type": "card", "title": plain()}]},
    chart("line"),
    chart("bar"),
    chart("area"),
    chart("pie"),
    VIDEO,
    {
        "type": "container",
        "title": plain("F-1"),
        "subtitle": mrkdwn(),
        "is_collapsible": True,
        "default_collapsed": True,
        "width": "wide",
        "child_blocks": [section(), {"type": "divider"}, actions(button())],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "f",
                "positive_button": {"text": plain(), "value": "good"},
                "negative_button": {"text": plain(), "value": "bad"},
            }
        ],
    },
]

MODAL = {"type": "modal", "title": plain("Form"), "submit": plain("Go"), "blocks": [section()]}
HOME = {"type": "home", "blocks": [section()]}
