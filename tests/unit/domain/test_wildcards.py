"""Texts with `*`: what they match, and that it takes no longer the more stars there are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.wildcards import is_anything, is_like


@pytest.mark.parametrize(
    ("text", "pattern", "expected"),
    [
        ("s3.amazonaws.com", "s3.amazonaws.com", True),
        ("S3.AmazonAWS.com", "s3.amazonaws.COM", True),
        ("evil-s3.amazonaws.com", "s3.amazonaws.com", False),
        ("s3.amazonaws.com.evil", "s3.amazonaws.com", False),
        ("edge-1", "edge-*", True),
        ("edge-", "edge-*", True),
        ("an-edge-1", "edge-*", False),
        ("arn:aws:iam::111122223333:role/deploy/ci", "arn:aws:iam::*:role/*", True),
        ("arn:aws:iam::111122223333:user/ci", "arn:aws:iam::*:role/*", False),
        ("aa", "a*a", True),
        ("a", "a*a", False),
        ("abcabc", "*bc*bc", True),
        ("abc", "*bc*bc", False),
        ("", "*", True),
        ("", "**", True),
        ("", "", True),
        ("x", "", False),
        ("a.b", "a?b", False),
    ],
)
def test_a_pattern_speaks_of_the_whole_text(text: str, pattern: str, *, expected: bool) -> None:
    assert is_like(text, pattern) is expected


@given(st.text("ab*", max_size=12), st.text("ab*", max_size=8))
def test_it_agrees_with_a_regular_expression(text: str, pattern: str) -> None:
    expression = ".*".join(map(re.escape, pattern.split("*")))
    assert is_like(text, pattern) is (re.fullmatch(expression, text, re.DOTALL) is not None)


def test_many_stars_are_no_slower_than_few() -> None:
    """A regular expression of these would not end in a lifetime."""
    assert not is_like("a" * 100_000, "a*" * 5_000 + "b*c")


@pytest.mark.parametrize(("pattern", "expected"), [("*", True), ("***", True), ("a*", False), ("", False)])
def test_stars_alone_are_anything(pattern: str, *, expected: bool) -> None:
    assert is_anything(pattern) is expected
