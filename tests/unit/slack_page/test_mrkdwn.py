"""mrkdwn as one reader sees it: styles, mentions, links and dates; and nothing a hostile text wants."""

import pytest

from local.slack.page import mrkdwn
from local.slack.page.typeset import typeset
from local.slack.page.viewer import Viewer

LINK = '<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>'


def shown(text: str, viewer: Viewer, *, verbatim: bool = False) -> str:
    return str(typeset(mrkdwn.parse(text, verbatim=verbatim), viewer))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("*bold*", "<b>bold</b>"),
        ("_it_ ~gone~ `code`", "<i>it</i> <s>gone</s> <code>code</code>"),
        ("*bold _and italic_*", "<b>bold <i>and italic</i></b>"),
        ("*bold*, (_it_)!", "<b>bold</b>, (<i>it</i>)!"),
        ("snake_case_name and 2*3*4", "snake_case_name and 2*3*4"),
        ("* not bold*", "* not bold*"),
        ("*not bold *", "*not bold *"),
        ("*open", "*open"),
        ("*", "*"),
        ("**", "**"),
        ("*a\nb*", "*a<br>b*"),
        ("`*literal*`", "<code>*literal*</code>"),
        ("one\ntwo", "one<br>two"),
        ("```x = 1\ny *z*```", '<pre tabindex="0">x = 1\ny *z*</pre>'),
        ("a\n```\nb\n```\nc", 'a<pre tabindex="0">b</pre>c'),
        ("``` ```", '<pre tabindex="0"> </pre>'),
        ("> q1\n&gt; q2\nrest", "<blockquote>q1<br>q2</blockquote>rest"),
        ("a\n>>> b\nc", "a<blockquote>b<br>c</blockquote>"),
        ("5 &gt; 3 &amp;&amp; 1 &lt; 2", "5 &gt; 3 &amp;&amp; 1 &lt; 2"),
        ("&amp;lt; stays one step away", "&amp;lt; stays one step away"),
    ],
)
def test_text_is_styled_as_slack_styles_it(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<https://a.io/x_y>", LINK.format("https://a.io/x_y", "https://a.io/x_y")),
        ("<https://a.io/?a=1&amp;b=2|two &amp; three>", LINK.format("https://a.io/?a=1&amp;b=2", "two &amp; three")),
        ("<mailto:a@b.io|write>", LINK.format("mailto:a@b.io", "write")),
        ("<mailto:a@b.io>", LINK.format("mailto:a@b.io", "a@b.io")),
        ("*<https://a.io|bold>*", f"<b>{LINK.format('https://a.io', 'bold')}</b>"),
        ("`<https://a.io|3f2a>`", f"<code>{LINK.format('https://a.io', '3f2a')}</code>"),
        ("see https://a.io/b_c, now.", f"see {LINK.format('https://a.io/b_c', 'https://a.io/b_c')}, now."),
        ("(https://a.io/?a=1&amp;b=2)", f"({LINK.format('https://a.io/?a=1&amp;b=2', 'https://a.io/?a=1&amp;b=2')})"),
    ],
)
def test_links_open_elsewhere_and_tell_nothing_of_us(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


def test_verbatim_leaves_bare_addresses_alone(viewer: Viewer) -> None:
    assert shown("https://a.io", viewer, verbatim=True) == "https://a.io"


@pytest.mark.parametrize(
    ("text", "sign", "name", "is_mine"),
    [
        ("<@U1>", "@", "Ann Lee", True),
        ("<@U2|ben>", "@", "Ben &lt;b&gt;O&#39;Dell&lt;/b&gt;", False),
        ("<@U9|gone>", "@", "gone", False),
        ("<@U9>", "@", "U9", False),
        ("<#C1>", "#", "hunts", False),
        ("<#C9|other>", "#", "other", False),
        ("<!subteam^S1>", "@", "on-call", True),
        ("<!subteam^S2|@others>", "@", "others", False),
        ("<!subteam^S9|@gone>", "@", "gone", False),
        ("<!here>", "@", "here", True),
        ("<!channel|channel>", "@", "channel", True),
        ("<!everyone>", "@", "everyone", True),
    ],
)
def test_mentions_are_named_and_the_readers_own_stand_out(
    text: str, sign: str, name: str, is_mine: bool, viewer: Viewer
) -> None:
    css = "mention mine" if is_mine else "mention"
    assert shown(text, viewer) == f'<span class="{css}"><bdi>{sign}{name}</bdi></span>'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<!date^1772443800^{date_num} {time_secs}|fb>", "2026-03-02 10:30:00 AM"),
        ("<!date^1772443800^{date} at {time}|fb>", "March 2nd, 2026 at 10:30 AM"),
        ("<!date^1772443800^{date_short_pretty}|fb>", "today"),
        ("<!date^1772357400^{date_pretty}|fb>", "yesterday"),
        ("<!date^1772321400^{date_long}|fb>", "Sunday, March 1st, 2026"),
        ("<!date^1772440200^{ago}|fb>", "1 hour ago"),
    ],
)
def test_dates_are_in_the_readers_zone(text: str, words: str, viewer: Viewer) -> None:
    html = shown(text, viewer)
    assert f">{words}</time>" in html
    assert " UTC)" in html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<!date^1772443800^no token|2026-03-02>", "2026-03-02"),
        ("<!date^1772443800^{no_such}|&lt;b&gt;>", "&lt;b&gt;"),
        ("<!date^1772443800000^{date}|milliseconds>", "milliseconds"),
        ("<!date^soon^{date}|soon>", "soon"),
    ],
)
def test_a_date_that_cannot_be_spelled_falls_back(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


def test_a_date_may_be_a_link(viewer: Viewer) -> None:
    html = shown("<!date^1772443800^{date_num}^https://a.io/|fb>", viewer)
    assert html.startswith('<a href="https://a.io/"')
    assert "javascript" not in shown("<!date^1772443800^{date_num}^javascript:alert(1)|fb>", viewer)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;"),
        ("<JavaScript:alert(1)>", "&lt;JavaScript:alert(1)&gt;"),
        ("<data:text/html,x|y>", "&lt;data:text/html,x|y&gt;"),
        ("<file:///etc/passwd|y>", "&lt;file:///etc/passwd|y&gt;"),
        ("&lt;!channel&gt;", "&lt;!channel&gt;"),
        ("&lt;@U1&gt;", "&lt;@U1&gt;"),
        ("&amp;lt;!here&amp;gt;", "&amp;lt;!here&amp;gt;"),
        ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
        ('" onmouseover="alert(1)', "&#34; onmouseover=&#34;alert(1)"),
        ("<@U9|<img>>", "&lt;@U9|&lt;img&gt;&gt;"),
        ("<>", "&lt;&gt;"),
        ("<!unknown>", "&lt;!unknown&gt;"),
        ("<!unknown|label>", "label"),
        ("\u202eevil", "\u202eevil"),
        ("", ""),
    ],
)
def test_hostile_text_stays_text(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


def test_a_link_keeps_quotes_inside_its_attribute(viewer: Viewer) -> None:
    html = shown('<https://a.io/"onclick="x|y>', viewer)
    assert 'href="https://a.io/&#34;onclick=&#34;x"' in html


def test_a_right_to_left_name_cannot_reorder_what_follows(viewer: Viewer) -> None:
    assert "<bdi>@\u202eevil</bdi>" in shown("<@U9|\u202eevil> owes 1", viewer)


@pytest.mark.parametrize("mark", ["*", "_", "~", "`", "<", "*a ", "> ", ":a:", "<@"])
def test_long_hostile_runs_are_parsed_in_no_time(mark: str, viewer: Viewer) -> None:
    text = mark * 20_000
    assert len(shown(text, viewer)) >= len(text.replace("> ", ""))


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (":wave:", '<span class="emoji" role="img" aria-label="wave" title=":wave:">👋</span>'),
        (
            ":wave::skin-tone-3:",
            '<span class="emoji" role="img" aria-label="wave::skin-tone-3" title=":wave::skin-tone-3:">👋🏼</span>',
        ),
        (":no_such_emoji_here:", ":no_such_emoji_here:"),
        ("10:30:45", "10:30:45"),
        ("arn:aws:iam::1", "arn:aws:iam::1"),
    ],
)
def test_shortcodes_become_emoji_and_other_colons_do_not(text: str, html: str, viewer: Viewer) -> None:
    assert shown(text, viewer) == html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("*not bold* <@U1> &amp; <b>", "*not bold* &lt;@U1&gt; &amp; &lt;b&gt;"),
        ("a\nb", "a<br>b"),
        (":eyes:", '<span class="emoji" role="img" aria-label="eyes" title=":eyes:">👀</span>'),
    ],
)
def test_plain_text_has_emoji_and_nothing_else(text: str, html: str, viewer: Viewer) -> None:
    assert str(typeset(mrkdwn.parse_plain(text), viewer)) == html
