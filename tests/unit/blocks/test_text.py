"""The gate for log text: literal, capped, nothing hidden."""

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.text import counted, escaped, in_whole_words, literal, pages, spoken
from local.slack.page import mrkdwn
from local.slack.page.nodes import Break, Emoji, Link, Node, Styled, Text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("arn:aws:iam::111122223333:role/ci", "arn:aws:iam::111122223333:role/ci"),
        ("Zoë’s 函数 🚀", "Zoë’s 函数 🚀"),
        ("pay\u202egpj", r"pay\u{202e}gpj"),
        ("a\u200bb\ufeffc", r"a\u{200b}b\u{feff}c"),
        ("two\nlines\r\ttabs\x00", r"two\u{a}lines\u{d}\u{9}tabs\u{0}"),
        ("nbsp\u00a0wide\u3000", r"nbsp\u{a0}wide\u{3000}"),
        ("lone\ud800surrogate", r"lone\u{d800}surrogate"),
        ("filler\u3164", r"filler\u{3164}"),
        ("z\u0301\u0301\u0301\u0301", "z\u0301\u0301\u0301\\u{301}"),
        ("role/\u0430dmin", r"role/\u{430}dmin"),
        ("user/\u0418\u0432\u0430\u043d", "user/\u0418\u0432\u0430\u043d"),
        (r"a \u{202e} that was logged", r"a \u{5c}u{202e} that was logged"),
        ("", ""),
    ],
)
def test_what_can_not_be_seen_is_spelled_out(value: str, shown: str) -> None:
    assert literal(value) == shown


def test_a_long_value_keeps_both_ends_and_says_how_much_is_missing() -> None:
    shown = literal("arn:aws:s3:::" + "x" * 5000 + "/the-end", cap=60)

    assert shown.startswith("arn:aws:s3:::xxx")
    assert shown.endswith("/the-end")
    assert "…[4,961 more]…" in shown


def test_a_spelled_out_character_is_never_cut_in_half() -> None:
    shown = literal("\u202e" * 100, cap=50)

    assert shown.replace("\\u{202e}", "").strip("…[]0123456789 more") == ""


@given(st.text(max_size=400), st.integers(min_value=10, max_value=300))
def test_the_cap_holds_for_any_text(value: str, cap: int) -> None:
    shown = literal(value, cap)

    assert len(shown) <= cap + len("…[400 more]…")
    assert json.loads(json.dumps(shown).encode("ascii")) == shown


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("<@U123> & <https://evil|click>", "&lt;@U123&gt; &amp; &lt;https://evil|click&gt;"),
        ("anyone (*) may lambda:InvokeFunction on pay", "anyone (*) may lambda:InvokeFunction on pay"),
        ("anyone (*) may lambda:* on pay", "anyone (∗) may lambda:∗ on pay"),
        ("my_function_name_v2", "my_function_name_v2"),
        ("_x_ ~y~ `z`", "＿x＿ ∼y∼ ˋzˋ"),
    ],
)
def test_nothing_in_a_notification_means_anything_to_slack(text: str, safe: str) -> None:
    assert escaped(text) == safe


@given(st.text(alphabet="ab _*~`<>@!&|#^CU:/.1\n-", max_size=60) | st.text(max_size=60))
def test_escaped_text_reads_as_itself_and_nothing_else(text: str) -> None:
    nodes = mrkdwn.parse("F-1: " + escaped(literal(text)), verbatim=True)  # our words come first, always

    assert _strangers(nodes) == []


@given(st.text(max_size=120) | st.text(alphabet="\\\\u{}0123abdef\u202e\u0430p", max_size=40))
def test_what_is_shown_can_be_read_back(value: str) -> None:
    read_back = re.sub(r"\\u\{([0-9a-f]+)\}", lambda spelled: chr(int(spelled[1], 16)), literal(value, 10_000))

    assert read_back == value


@given(st.text(max_size=300), st.integers(min_value=12, max_value=80))
def test_pages_hold_all_of_a_value_and_no_page_is_too_long(value: str, size: int) -> None:
    whole = pages(value, size)

    assert "".join(whole) == literal(value, 10_000)
    assert all(len(page) <= size for page in whole)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("aws-cli/2.15 Python/3.11", "aws-cli/2.15 Python/3.11"),
        ("aws-cli/2.15 Python/3.11 Linux/6.1", "aws-cli/2.15 Python/3.11 …[10 more]"),
        ("x" * 40, literal("x" * 40, 24)),
    ],
)
def test_a_text_can_be_cut_at_the_end_of_a_word(value: str, shown: str) -> None:
    assert in_whole_words(value, 24) == shown


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (44, "44 s"),
        (164, "2 m 44 s"),
        (3600, "1 h"),
        (11_100, "3 h 5 m"),
        (90_000, "1 d 1 h"),
        (-5, "0 s"),
    ],
)
def test_lengths_of_time_are_told_by_their_two_largest_units(seconds: int, told: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == told


@pytest.mark.parametrize(("number", "told"), [(0, "0 hits"), (1, "1 hit"), (2, "2 hits"), (1234, "1,234 hits")])
def test_numbers_agree_with_their_nouns(number: int, told: str) -> None:
    assert counted(number, "hit") == told


def _strangers(nodes: tuple[Node, ...]) -> list[Node]:
    """Everything but text; an emoji of a shortcode and a bare address are text to every reader."""
    return [node for node in nodes if not isinstance(node, Text | Break | Emoji) and not _is_bare(node)]


def _is_bare(node: Node) -> bool:
    return isinstance(node, Link) and not any(isinstance(child, Styled) for child in node.children)
