"""Remediation commands: quoted so that a shell reads back each value, or withheld."""

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.remediation import LONGEST, Command, Why, Withheld, columns_of, command
from bot.errors import BadArgument

TEMPLATE = "aws lambda remove-permission --function-name {function} --statement-id {sid} [--qualifier {qualifier}]"
WHOLE = {"function": "pay", "sid": "s1", "qualifier": None}


@given(st.text(min_size=1, max_size=60) | st.text(alphabet="'\"\\$`;|&<>(){}[]*?!~# -=\n\t", min_size=1, max_size=30))
def test_a_shell_reads_back_exactly_what_was_logged_or_there_is_no_command(value: str) -> None:
    for columns in ({**WHOLE, "function": value}, {**WHOLE, "qualifier": value}):
        match command(TEMPLATE, columns):
            case Command(text):
                words = shlex.split(text)
                assert words[:3] == ["aws", "lambda", "remove-permission"]
                given_options = dict(zip(words[3::2], words[4::2], strict=True))
                assert given_options == {
                    f"--{name}": columns[column]
                    for name, column in (
                        ("function-name", "function"),
                        ("statement-id", "sid"),
                        ("qualifier", "qualifier"),
                    )
                    if columns[column]
                }
                assert "\n" not in text
            case Withheld(reasons):
                assert reasons


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, Why.MISSING),
        ("", Why.MISSING),
        ("a\nb", Why.HIDDEN),
        ("a\x00b", Why.HIDDEN),
        ("pay\u202e", Why.HIDDEN),
        ("--endpoint-url=http://evil.example", Why.OPTION),
        ("-", Why.OPTION),
        ("file:///etc/shadow", Why.FILE),
        ("FILEB://x", Why.FILE),
        ("https://evil.example", Why.FILE),
        ("x" * LONGEST, Why.TOO_LONG),
    ],
)
def test_a_value_that_is_no_safe_argument_withholds_the_command(value: str | None, why: Why) -> None:
    assert command(TEMPLATE, {**WHOLE, "function": value}) == Withheld((("function", why),))


def test_every_column_in_the_way_is_named() -> None:
    withheld = command(TEMPLATE, {"function": None, "sid": "-x", "qualifier": None})

    assert withheld == Withheld((("function", Why.MISSING), ("sid", Why.OPTION)))


def test_a_dash_within_an_argument_is_no_option() -> None:
    assert command("tool --name={name}", {"name": "-x"}) == Command("tool --name=-x")


def test_braces_of_the_shell_are_written_twice() -> None:
    assert command("tool {{a,b}} {name}", {"name": "x"}) == Command("tool {a,b} x")


@pytest.mark.parametrize(
    "template",
    [
        "tool '{x}'",
        'tool "{x}"',
        'tool "$(echo "{x}")"',
        "tool $'{x}'",
        "tool ${x}",
        "tool \\{x}",
        "tool `{x}`",
        "tool {x!r}",
        "tool {x:>9}",
        "tool {}",
        "tool {x",
        "tool [x]",
        "tool [[{x}]]",
        "tool {x} 'open",
        "tool {x}\nrm -rf /",
    ],
)
def test_a_template_in_which_a_value_could_break_out_is_refused(template: str) -> None:
    with pytest.raises(BadArgument):
        columns_of(template)


def test_columns_are_named_once_each() -> None:
    assert columns_of(TEMPLATE + " --again {sid}") == ("function", "sid", "qualifier")
