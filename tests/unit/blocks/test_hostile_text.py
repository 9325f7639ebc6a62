"""Hostile text through every template: nothing pings, links, formats or breaks; what is shown is what was logged."""

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from types import FrameType
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import bot.blocks
from bot.blocks.limits import BLOCKS, CHARACTERS, TEXT, characters
from bot.domain.characters import is_hidden
from bot.domain.message import Message
from local.slack.blockkit import check_message_blocks, check_view
from local.slack.mentions import mentions
from tests.unit.blocks import template_answers, template_messages
from tests.unit.blocks.emitted import LINK, Emitted, Strings, Surface, as_written
from tests.unit.blocks.examples import IN_KIBANA
from tests.unit.blocks.templates import ELSEWHERE, TEMPLATES

A_RUN = 100  # strings of one example
EXAMPLES = 100  # so that 10,000 strings go through every template

ATOMS = (
    *("<!channel>", "<!here>", "<!everyone>", "<@U0ALICE000>", "<@W1>", "<!subteam^S0ONCALL00>", "<#C0HUNTS000>"),
    *("<https://evil.example|click>", "https://evil.example", "[click](https://evil.example)", "mailto:a@b.example"),
    *("<!date^0^{date}|now>", "*bold*", "_it_", "~no~", "`code`", "```fence```", "> quote", "\n", "\r\n", "\t", "• "),
    *(":skull:", "@here", "@channel", "&lt;!channel&gt;", "&amp;", "&", "<", ">", "|", "{function}", "{0}", "%s"),
    *(
        "\u202e",
        "\u200b",
        "\u2066",
        "\ufeff",
        "\u00ad",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\u3164",
        "\ufe0f",
        "\U000e0041",
    ),
    *(
        "\u0430dmin",
        "p\u0430y",
        "раураӏ",
        "Ольга",
        "函数",
        "نظام",
        "🚀",
        "é",
        "e\u0301\u0301\u0301\u0301\u0301",
        r"\u{202e}",
    ),
    *("$(id)", "'; rm -rf /", "--debug", "arn:aws:iam::111122223333:role/x", "*", "", " ", "a" * 90, "界" * 300),
)
HOSTILE = st.one_of(
    st.lists(st.sampled_from(ATOMS), max_size=5).map("".join),
    st.text(alphabet="<>!@&|#^*_~`:SUC0{}\\u/.\n ab", max_size=24),
    st.text(max_size=12),
)
ENDLESS = ("arn:aws:lambda:eu-west-1:1:function:" + "payments-" * 4_000, "\u202e" * 9_000, "<!channel>" * 3_000)

MOST_BYTES = 250_000  # of a view. https://docs.slack.dev/reference/views/modal-views

_SPELLED = re.compile(r"\\u\{([0-9a-f]+)\}")
_CUT = re.compile(r"…\[[0-9,]+ more\]…?|…\Z")
_IN_WORDS_OF_OURS = re.compile(r"""\Asee |\Arules\.toml:3: |\A/hunt findings open principal:["']?|(?<=.)["']\Z""")
# Signs of ours that end with a variation selector, and our line breaks.
_OUR_SIGNS = re.compile("[⚠▫⏱🗓🛡]\ufe0f|\n")
OUR_LINKS = frozenset({LINK.url, IN_KIBANA.url, "https://acme.slack.com/archives/C1/p9", "https://docs.example/page"})
OUR_PEOPLE = frozenset({"U0ALICE000", "U0BOB00000", "S0ONCALL00"})  # who acted, and the people on call


# --- no template is left out ---------------------------------------------------------------------------


def test_every_template_is_tried() -> None:
    """What a function of bot/blocks draws is drawn here, or said to be for others than Slack."""
    called: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            called.add(f"{frame.f_globals.get('__name__')}.{frame.f_code.co_name}")

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for template in TEMPLATES.values():
            list(template(Strings(("a", "b"))))
    finally:
        sys.setprofile(before)

    assert sorted(set(_public_functions()) - called) == sorted(ELSEWHERE)


def test_every_kind_of_message_is_tried() -> None:
    drawn = inspect.getsource(template_messages) + inspect.getsource(template_answers)

    assert [kind.__name__ for kind in get_args(Message) if not _is_made(kind, drawn)] == []


def _is_made(kind: type, source: str) -> bool:
    makers = {"PivotReply": "pivot_reply("}
    return makers.get(kind.__name__, f"{kind.__name__}(") in source


def _public_functions() -> Iterator[str]:
    """Every public function of bot/blocks."""
    for module in pkgutil.iter_modules(bot.blocks.__path__):
        room = importlib.import_module(f"bot.blocks.{module.name}")
        for name, function in inspect.getmembers(room, inspect.isfunction):
            if function.__module__ == room.__name__ and not name.startswith("_"):
                yield f"{room.__name__}.{name}"


# --- what may come of a string -------------------------------------------------------------------------


@settings(
    max_examples=max(EXAMPLES, settings().max_examples),
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # what fails names its text: nothing is to be made smaller
    suppress_health_check=list(HealthCheck),
)
@given(st.lists(HOSTILE, min_size=A_RUN, max_size=A_RUN))
def test_hostile_strings(strings: list[str]) -> None:
    logged = as_logged(strings)
    for name in TEMPLATES:
        for emitted in emitted_by(name, strings):
            hold(name, emitted, logged)


@pytest.mark.parametrize("name", TEMPLATES)
@pytest.mark.parametrize("text", ENDLESS, ids=["long", "hidden", "pings"])
def test_endless_strings(name: str, text: str) -> None:
    for emitted in emitted_by(name, [text]):
        hold(name, emitted, as_logged([text]))


def emitted_by(name: str, strings: Sequence[str]) -> Iterator[Emitted]:
    """All that the template emits until each string has had its turn."""
    supply = Strings(strings)
    while not supply.is_through:
        before = supply.handed
        yield from TEMPLATES[name](supply)
        if supply.handed == before:
            return


def as_logged(strings: Sequence[str]) -> str:
    """All that a value may show, in one text to look it up in."""
    return "\0".join((*strings, *map(as_written, strings)))


def hold(name: str, emitted: Emitted, logged: str) -> None:
    """All that is promised of whatever Slack is handed."""
    sent = json.loads(json.dumps(emitted.blocks, ensure_ascii=False).encode("utf-8"))
    within_limits(emitted, sent)
    nodes = list(_nodes(sent))
    assert not [node for node in nodes if node.get("type") in {"mrkdwn", "markdown"}]
    assert {node["url"] for node in nodes if "url" in node} <= OUR_LINKS | _sites(nodes)
    named = {mention.id for mention in mentions(emitted.text, sent)}
    assert named | {mention.id for mention in mentions(emitted.bare, [])} <= OUR_PEOPLE
    for text in _texts(nodes):
        assert not any(map(is_hidden, _OUR_SIGNS.sub("", text))), ascii(text)
    for text in _values(nodes):
        assert is_logged(text, logged) or text in _of_ours(name), ascii(text)


def within_limits(emitted: Emitted, sent: list[dict[str, Any]]) -> None:
    match emitted.surface:
        case Surface.MESSAGE:
            assert check_message_blocks(sent) == []
            assert len(sent) <= BLOCKS
            assert sum(map(characters, sent)) <= CHARACTERS
            assert 0 < len(emitted.text) <= TEXT
        case Surface.MODAL | Surface.HOME:
            assert emitted.view is not None
            assert check_view(emitted.view, emitted.surface.value) == []
            assert len(json.dumps(emitted.view)) <= MOST_BYTES


def is_logged(shown: str, logged: str) -> bool:
    """Whether what a value shows can be read back to what was logged; of one that was cut, its ends."""
    ends = _CUT.split(_IN_WORDS_OF_OURS.sub("", shown))
    return all(_SPELLED.sub(lambda spelled: chr(int(spelled[1], 16)), end).strip() in logged for end in ends)


@cache
def _of_ours(name: str) -> frozenset[str]:
    """What stands where values do and is none: a command of ours, a channel's name."""
    emitted = [each for nothing in ("", "\u4e2d") for each in TEMPLATES[name](Strings((nothing,)))]
    return frozenset(text for each in emitted for text in _values(list(_nodes(list(each.blocks)))))


def _sites(nodes: Sequence[dict[str, Any]]) -> set[str]:
    return {str(node["url"]) for node in nodes if str(node.get("url", "")).startswith("https://attack.mitre.org/")}


def _nodes(node: object) -> Iterator[dict[str, Any]]:
    match node:
        case dict():
            yield node
            for child in node.values():
                yield from _nodes(child)
        case list():
            for child in node:
                yield from _nodes(child)
        case _:
            return


def _texts(nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    for node in nodes:
        for key in ("text", "fallback", "accessibility_label"):
            if isinstance(node.get(key), str):
                yield node[key]


def _values(nodes: Sequence[dict[str, Any]]) -> Iterator[str]:
    """What is set apart as a value, and not as our words."""
    return (node["text"] for node in nodes if node.get("type") == "text" and node.get("style", {}).get("code"))
