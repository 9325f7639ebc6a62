"""rich_text blocks as one reader sees them."""

from typing import Any

import pytest

from local.slack.page import rich_text
from local.slack.page.typeset import typeset
from local.slack.page.viewer import Viewer

Json = dict[str, Any]


def section(*elements: Json) -> Json:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> Json:
    return {"type": "text", "text": words, **({"style": style} if style else {})}


def shown(viewer: Viewer, *parts: Json) -> str:
    return str(typeset(rich_text.parse({"type": "rich_text", "elements": list(parts)}), viewer))


@pytest.mark.parametrize(
    ("element", "html"),
    [
        (text("a <b> & c"), "a &lt;b&gt; &amp; c"),
        (text("a &lt;b&gt;"), "a &amp;lt;b&amp;gt;"),
        (text("<!channel> *x* :wave:"), "&lt;!channel&gt; *x* :wave:"),
        (text("one\ntwo"), "one<br>two"),
        (text("x", bold=True, italic=True, strike=True), "<s><i><b>x</b></i></s>"),
        (text("x", code=True), "<code>x</code>"),
        (text("x", underline=True), "<u>x</u>"),
        (text("x", highlight=True), "<mark>x</mark>"),
        (text("x", bold=False), "x"),
        ({"type": "user", "user_id": "U1"}, '<span class="mention mine"><bdi>@Ann Lee</bdi></span>'),
        ({"type": "channel", "channel_id": "C1"}, '<span class="mention"><bdi>#hunts</bdi></span>'),
        ({"type": "usergroup", "usergroup_id": "S2"}, '<span class="mention"><bdi>@others</bdi></span>'),
        ({"type": "broadcast", "range": "here"}, '<span class="mention mine"><bdi>@here</bdi></span>'),
        ({"type": "link", "url": "javascript:alert(1)", "text": "x"}, "x"),
        (
            {"type": "color", "value": '#f00"'},
            '<svg class="swatch" aria-hidden="true"><rect fill="#f00&#34;"/></svg>#f00&#34;',
        ),
        ({"type": "emoji", "name": "zzz"}, '<span class="emoji" role="img" aria-label="zzz" title=":zzz:">💤</span>'),
        ({"type": "hologram"}, "<i>[unsupported rich text element: hologram]</i>"),
    ],
)
def test_inline_elements(element: Json, html: str, viewer: Viewer) -> None:
    assert shown(viewer, section(element)) == f"<p>{html}</p>"


def test_links_have_their_words_or_their_address(viewer: Viewer) -> None:
    assert ">https://a.io</a>" in shown(viewer, section({"type": "link", "url": "https://a.io"}))
    assert ">here</a>" in shown(viewer, section({"type": "link", "url": "https://a.io", "text": "here"}))


def test_dates_are_in_the_readers_zone_and_fall_back(viewer: Viewer) -> None:
    date = {"type": "date", "timestamp": 1772443800, "format": "{date_num} {time}", "fallback": "then"}
    assert ">2026-03-02 10:30 AM</time>" in shown(viewer, section(date))
    assert shown(viewer, section({**date, "format": "{odd}"})) == "<p>then</p>"


def test_lists_quotes_and_code_blocks(viewer: Viewer) -> None:
    items = [section(text("a")), section(text("b"))]
    bullets = {"type": "rich_text_list", "style": "bullet", "elements": items, "indent": 1}
    numbers = {"type": "rich_text_list", "style": "ordered", "elements": items, "offset": 2}
    quote = {"type": "rich_text_quote", "elements": [text("q")]}
    code = {"type": "rich_text_preformatted", "elements": [text("x  =\n 1")]}
    assert shown(viewer, bullets) == '<ul class="indent-1"><li>a</li><li>b</li></ul>'
    assert shown(viewer, numbers) == '<ol class="indent-0" start="3"><li>a</li><li>b</li></ol>'
    assert shown(viewer, quote) == "<blockquote>q</blockquote>"
    assert shown(viewer, code) == '<pre tabindex="0">x  =<br> 1</pre>'


def test_an_unknown_part_says_so(viewer: Viewer) -> None:
    assert "unsupported" in shown(viewer, {"type": "rich_text_poem", "elements": []})
