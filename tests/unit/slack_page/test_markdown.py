"""Markdown blocks as one reader sees them."""

import pytest

from local.slack.page import markdown
from local.slack.page.typeset import typeset
from local.slack.page.viewer import Viewer


def shown(text: str, viewer: Viewer) -> str:
    return str(typeset(markdown.parse(text), viewer))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title", '<p class="h1">Title</p>'),
        ("**bold** _it_ ~~gone~~ `c<`", "<p><b>bold</b> <i>it</i> <s>gone</s> <code>c&lt;</code></p>"),
        ("- a\n- b", '<ul class="indent-0"><li>a</li><li>b</li></ul>'),
        ("3. a\n4. b", '<ol class="indent-0" start="3"><li>a</li><li>b</li></ol>'),
        ("> q", "<blockquote><p>q</p></blockquote>"),
        ("```\nx\n```", '<pre tabindex="0">x</pre>'),
        ("a\n\n---\n\nb", "<p>a</p><hr><p>b</p>"),
        (
            "<@U2> <!here>",
            "<p>{}</p>".format(
                '<span class="mention"><bdi>@Ben &lt;b&gt;O&#39;Dell&lt;/b&gt;</bdi></span> '
                '<span class="mention mine"><bdi>@here</bdi></span>'
            ),
        ),
    ],
)
def test_markdown_is_shown(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


def test_a_table_has_a_heading_and_rows(viewer: Viewer) -> None:
    html = shown("| a | b |\n|---|---|\n| 1 | **2** |", viewer)
    assert '<th scope="col">a</th><th scope="col">b</th>' in html
    assert "<td>1</td><td><b>2</b></td>" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>"),
        ("&lt;!channel&gt;", "<p>&lt;!channel&gt;</p>"),
        ("[x](ftp://a.io)", "<p>x</p>"),
    ],
)
def test_hostile_markdown_stays_text(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


def test_a_picture_is_a_link_to_it(viewer: Viewer) -> None:
    html = shown("![a chart](https://a.io/c.png)", viewer)
    assert "<img" not in html
    assert 'href="https://a.io/c.png"' in html
    assert ">a chart</a>" in html
