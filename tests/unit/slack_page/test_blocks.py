"""Block Kit blocks and elements as HTML: one template a type, nothing dropped, nothing let through."""

from html.parser import HTMLParser
from typing import Any

import pytest

from local.slack.page.render import Renderer
from local.slack.page.viewer import Viewer

Json = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


class Tags(HTMLParser):
    """Every tag of a page with its attributes, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def options(*values: str) -> list[Json]:
    return [{"text": plain(value.upper()), "value": value} for value in values]


def actions(*elements: Json) -> Json:
    return {"type": "actions", "block_id": "b", "elements": list(elements)}


def asked(element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": "b", "label": plain("Label"), "element": element, **more}


def raw(text: str) -> Json:
    return {"type": "raw_text", "text": text}


CONTAINER: Json = {
    "type": "container",
    "title": plain("t"),
    "subtitle": mrkdwn("s"),
    "width": "wide",
    "is_collapsible": True,
    "default_collapsed": True,
    "child_blocks": [{"type": "section", "block_id": "c", "text": mrkdwn("inside")}],
}
VIDEO: Json = {
    "type": "video",
    "title": plain("t"),
    "alt_text": "a",
    "video_url": "https://v.io/1",
    "author_name": "n",
}
FEEDBACK: Json = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "f",
            "positive_button": {"text": plain("Good"), "value": "good"},
            "negative_button": {"text": plain("Bad"), "value": "bad"},
        },
        {"type": "icon_button", "action_id": "i", "icon": "trash", "text": plain("Remove"), "value": "v"},
    ],
}


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ({"type": "section", "text": mrkdwn("*hi*")}, "<b>hi</b>"),
        ({"type": "section", "text": plain("*hi*")}, "*hi*"),
        ({"type": "section", "fields": [mrkdwn("a"), plain("b")]}, '<div class="text">b</div>'),
        ({"type": "header", "text": plain("Top :fire:")}, "🔥"),
        ({"type": "divider"}, "<hr>"),
        ({"type": "context", "elements": [mrkdwn("_small_"), plain("print")]}, "<i>small</i>"),
        ({"type": "image", "image_url": "https://a.io/x.png", "alt_text": "a chart"}, "a chart"),
        ({"type": "rich_text", "elements": []}, '<div class="text"></div>'),
        ({"type": "markdown", "text": "**b**"}, "<b>b</b>"),
        ({"type": "table", "rows": [[raw("h")], [raw("c")]]}, "<td"),
        ({"type": "data_table", "caption": "Rows", "rows": [[raw("h")], [raw("c")]]}, "<caption>Rows</caption>"),
        ({"type": "alert", "text": mrkdwn("*look*"), "level": "warning"}, "alert-warning"),
        ({"type": "card", "title": plain("T"), "body": mrkdwn("*b*")}, "<b>b</b>"),
        ({"type": "carousel", "elements": [{"type": "card", "title": plain("T")}]}, "card-title"),
        ({"type": "plan", "title": "P", "tasks": [{"title": "t", "status": "complete"}]}, 'aria-label="complete"'),
        ({"type": "task_card", "title": "t", "status": "in_progress"}, 'aria-label="in progress"'),
        (CONTAINER, "inside"),
        (CONTAINER, '<details class="frame width-wide" >'),
        (VIDEO, 'href="https://v.io/1"'),
        (FEEDBACK, 'data-choice="good"'),
        (FEEDBACK, 'data-element="icon_button"'),
    ],
)
def test_every_display_block_shows_what_it_holds(
    block: Json, expected: str, renderer: Renderer, viewer: Viewer
) -> None:
    html = renderer.blocks([block], viewer)
    assert expected in html
    assert "does not show" not in html


@pytest.mark.parametrize("kind", ["hologram", "../page", "blocks/section", "", 7, "<b>"])
def test_an_unknown_block_says_so(kind: object, renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([{"type": kind}], viewer)
    assert "This page does not show blocks of type" in html
    assert "<b>" not in html


def test_an_unknown_element_says_so(renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([actions({"type": "lever", "action_id": "a"})], viewer)
    assert "Not shown here: <code>lever</code>" in html


ELEMENTS: list[tuple[Json, str]] = [
    ({"type": "static_select", "options": options("x", "y")}, "select"),
    ({"type": "static_select", "option_groups": [{"label": plain("G"), "options": options("x")}]}, "optgroup"),
    ({"type": "multi_static_select", "options": options("x")}, "details"),
    ({"type": "multi_static_select", "option_groups": [{"label": plain("G"), "options": options("x")}]}, "details"),
    ({"type": "users_select"}, "select"),
    ({"type": "multi_users_select"}, "details"),
    ({"type": "channels_select"}, "select"),
    ({"type": "multi_channels_select"}, "details"),
    ({"type": "conversations_select"}, "select"),
    ({"type": "multi_conversations_select"}, "details"),
    ({"type": "external_select"}, "input"),
    ({"type": "radio_buttons", "options": options("x")}, "input"),
    ({"type": "checkboxes", "options": options("x")}, "input"),
    ({"type": "datepicker"}, "input"),
    ({"type": "timepicker"}, "input"),
    ({"type": "datetimepicker"}, "input"),
    ({"type": "plain_text_input"}, "input"),
    ({"type": "plain_text_input", "multiline": True}, "textarea"),
    ({"type": "email_text_input"}, "input"),
    ({"type": "url_text_input"}, "input"),
    ({"type": "number_input", "is_decimal_allowed": False}, "input"),
]


@pytest.mark.parametrize(("element", "tag"), ELEMENTS)
def test_every_input_is_labelled_and_described(element: Json, tag: str, renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([asked({**element, "action_id": "a"}, hint=plain("A hint"))], viewer, scope="v")
    tags = Tags(html)
    assert tags.all(tag)
    assert tags.all("label")[0].get("id") == "v-b-a-label"
    assert 'aria-labelledby="v-b-a-label' in html
    assert 'aria-describedby="v-b-a-hint v-b-a-error"' in html
    assert 'data-action-id="a"' in html
    assert "A hint" in html


@pytest.mark.parametrize(("element", "tag"), ELEMENTS)
def test_outside_a_form_an_element_is_named_by_itself(
    element: Json, tag: str, renderer: Renderer, viewer: Viewer
) -> None:
    html = renderer.blocks([actions({**element, "action_id": "a"})], viewer)
    assert Tags(html).all(tag)
    assert 'aria-label="' in html
    assert "aria-labelledby" not in html


@pytest.mark.parametrize(
    ("element", "mark"),
    [
        ({"type": "static_select", "options": options("x", "y"), "initial_option": options("y")[0]}, '"y" selected'),
        ({"type": "multi_static_select", "options": options("x"), "initial_options": options("x")}, '"x" checked'),
        ({"type": "checkboxes", "options": options("x", "y"), "initial_options": options("y")}, '"y" checked'),
        ({"type": "radio_buttons", "options": options("x"), "initial_option": options("x")[0]}, "checked"),
        ({"type": "users_select", "initial_user": "U2"}, '"U2" selected'),
        ({"type": "multi_users_select", "initial_users": ["U2"]}, '"U2" checked'),
        ({"type": "channels_select", "initial_channel": "C1"}, '"C1" selected'),
        ({"type": "datepicker", "initial_date": "2026-03-01"}, 'value="2026-03-01"'),
        ({"type": "timepicker", "initial_time": "10:30"}, 'value="10:30"'),
        ({"type": "datetimepicker", "initial_date_time": 1772443800}, 'value="2026-03-02T10:30"'),
        ({"type": "plain_text_input", "initial_value": 'a "b"'}, 'value="a &#34;b&#34;"'),
        ({"type": "plain_text_input", "initial_value": "a\nb", "multiline": True}, "a\nb</textarea>"),
        ({"type": "plain_text_input", "max_length": 80, "min_length": 2}, 'minlength="2" maxlength="80"'),
    ],
)
def test_what_the_app_filled_in_is_there(element: Json, mark: str, renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([asked({**element, "action_id": "a"})], viewer).replace(" >", ">")
    assert mark in html


def test_channels_to_choose_are_public_and_alive(renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([asked({"type": "channels_select", "action_id": "a"})], viewer)
    assert [option["value"] for option in Tags(html).all("option")] == ["", "C1"]
    html = renderer.blocks([asked({"type": "conversations_select", "action_id": "a"})], viewer)
    assert [option["value"] for option in Tags(html).all("option")] == ["", "C1", "C2"]


@pytest.mark.parametrize(("style", "css"), [("primary", "button primary"), ("danger", "button danger")])
def test_buttons_have_their_style_and_hooks(style: str, css: str, renderer: Renderer, viewer: Viewer) -> None:
    button = {"type": "button", "action_id": "go", "style": style, "text": plain("Go")}
    [found] = Tags(renderer.blocks([actions(button)], viewer)).all("button")
    assert found == {"type": "button", "class": css, "data-element": "button", "data-action-id": "go"}


def test_a_button_with_an_address_is_a_link(renderer: Renderer, viewer: Viewer) -> None:
    button = {"type": "button", "action_id": "go", "text": plain("Go"), "url": "https://a.io/?a=1&amp;b=2"}
    [link] = Tags(renderer.blocks([actions(button)], viewer)).all("a")
    assert (link["href"], link["rel"], link["role"]) == ("https://a.io/?a=1&b=2", "noopener noreferrer", "button")
    assert not Tags(renderer.blocks([actions({**button, "url": "javascript:alert(1)"})], viewer)).all("a")


def test_a_confirmation_waits_beside_its_button(renderer: Renderer, viewer: Viewer) -> None:
    confirm = {"title": plain("Sure?"), "text": mrkdwn("*all*"), "confirm": plain("Yes"), "deny": plain("No")}
    button = {"type": "button", "action_id": "go", "text": plain("Go"), "confirm": confirm}
    html = renderer.blocks([actions(button)], viewer)
    assert html.index("</button>") < html.index('<template class="confirm">') < html.index("<b>all</b>")


def test_an_overflow_menu_lists_its_options(renderer: Renderer, viewer: Viewer) -> None:
    html = renderer.blocks([actions({"type": "overflow", "action_id": "m", "options": options("x", "y")})], viewer)
    choices = [tag["data-choice"] for tag in Tags(html).all("button")]
    assert choices == ["x", "y"]
    assert 'aria-haspopup="menu"' in html


def test_columns_are_aligned_and_wrapped_as_asked(renderer: Renderer, viewer: Viewer) -> None:
    rows = [[raw("a"), raw("b")], [raw("1"), {"type": "raw_number", "value": 2, "text": "2"}]]
    block = {"type": "table", "rows": rows, "column_settings": [None, {"align": "right", "is_wrapped": True}]}
    cells = Tags(renderer.blocks([block], viewer)).all("td")
    assert [cell["class"] for cell in cells] == ["align-left", "align-right wrapped"]


@pytest.mark.parametrize(
    ("colour", "fill"),
    [
        ("good", "#2eb67d"),
        ("#36a64f", "#36a64f"),
        ("36a64f", "#36a64f"),
        ('red" onload="x', "#bbbbbb"),
        (None, "#bbbbbb"),
    ],
)
def test_an_attachment_has_its_bar_of_colour(colour: object, fill: str, renderer: Renderer, viewer: Viewer) -> None:
    attachment = {"color": colour, "blocks": [{"type": "section", "text": mrkdwn("*in*")}]}
    html = renderer.attachments([attachment], viewer)
    assert [bar["fill"] for bar in Tags(html).all("rect")] == [fill]
    assert "<b>in</b>" in html


def hostile(node: Any) -> Any:
    """The same blocks with every free text replaced by a hostile one."""
    match node:
        case dict():
            kept = {"type", "level", "status", "align", "url", "image_url", "video_url", "width", "icon"}
            return {key: value if key in kept else hostile(value) for key, value in node.items()}
        case list():
            return [hostile(value) for value in node]
        case str():
            return HOSTILE
    return node


EVERYTHING: list[Json] = [
    {"type": "section", "text": mrkdwn("t"), "fields": [plain("f")], "block_id": "b"},
    {"type": "header", "text": plain("t")},
    {"type": "context", "elements": [mrkdwn("t"), {"type": "image", "image_url": "https://a.io", "alt_text": "t"}]},
    {"type": "markdown", "text": "t"},
    {"type": "table", "rows": [[raw("t")], [raw("t")]]},
    {"type": "data_table", "caption": "t", "rows": [[raw("t")], [raw("t")]]},
    {"type": "alert", "text": mrkdwn("t"), "level": "info"},
    {"type": "plan", "title": "t", "tasks": [{"title": "t", "status": "error"}]},
    {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "t"}]}]},
    actions({"type": "button", "action_id": "a", "text": plain("t"), "accessibility_label": "t"}),
    actions({"type": "overflow", "action_id": "a", "options": options("t")}),
    *(asked({**element, "action_id": "a", "placeholder": plain("p")}, hint=plain("h")) for element, _ in ELEMENTS),
    {"type": "t"},
    CONTAINER,
    {**VIDEO, "description": plain("d")},
    FEEDBACK,
]


@pytest.mark.parametrize("block", EVERYTHING, ids=str)
def test_no_text_of_an_app_becomes_markup(block: Json, renderer: Renderer, viewer: Viewer) -> None:
    harmless, attacked = renderer.blocks([block], viewer), renderer.blocks([hostile(block)], viewer)
    assert [tag for tag, _ in Tags(attacked).found] == [tag for tag, _ in Tags(harmless).found]
    assert not [name for _, attributes in Tags(attacked).found for name in attributes if name.startswith("on")]
    assert "<script" not in attacked
