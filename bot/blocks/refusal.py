"""What somebody sees who may not: a sentence, and nothing of what is stored."""

from bot.blocks import rich
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, literal


def home(sentence: str) -> Json:
    """A Home tab without rows."""
    return {"type": "home", "blocks": [_said(sentence)]}


def modal(sentence: str) -> Json:
    title, close = rich.plain("Not done"), rich.plain("Close")
    return {"type": "modal", "title": title, "close": close, "blocks": [_said(sentence)]}


def _said(sentence: str) -> Json:
    return rich.section([rich.words(literal(sentence, LONG_CAP))])
