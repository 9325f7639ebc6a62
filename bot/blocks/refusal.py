"""What somebody sees who may not: a sentence, and nothing of what is stored."""

from bot.blocks import rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, escaped, literal
from bot.errors import BadArgument, InputError


def line(sentence: str) -> str:
    """The sentence, which may quote what somebody typed, safe where Slack parses it."""
    return escaped(literal(sentence, LONG_CAP))


def under_field(error: InputError) -> str:
    """Under the field of a form, which says by itself what it is: only what to do."""
    if not isinstance(error, BadArgument):
        return literal(str(error), LONG_CAP)
    end = "" if error.cure.endswith("?") else "."
    return literal(f"{error.cure[:1].upper()}{error.cure[1:]}{end}", LONG_CAP)


def home(sentence: str) -> Json:
    """A Home tab without rows."""
    return {"type": "home", "blocks": [_said(sentence)]}


def modal(sentence: str) -> Json:
    title, close = rich.plain("Not done"), rich.plain("Close")
    return {"type": "modal", "title": title, "close": close, "blocks": [_said(sentence)]}


def _said(sentence: str) -> Json:
    return rich.section([rich.words(literal(sentence, LONG_CAP))])
