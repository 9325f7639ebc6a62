"""What keyboards and Slack make of a text, undone; and its words, a quoted value kept whole.

Phones turn quotes and dashes: “ ” „ « » are ", ‘ ’ are ' where a value begins or ends, — and – before a name are --.
"""

import re

from bot.errors import BadArgument

_DOUBLE = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_SINGLE = re.compile(r"(?:(?<=[\s:=])|^)[‘’‚‛′]|[‘’‚‛′](?=\s|$)")
_DASHES = re.compile(r"(?:(?<=\s)|^)(?:[\u2010-\u2015\u2212]+|-{2,})(?=[A-Za-z])")
_LINK = re.compile(r"<(?:mailto:)?(?P<bare>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def plain(text: str) -> str:
    """What the person meant: smart quotes, long dashes, odd spaces and Slack's own `<...|...>` undone."""
    spaced = re.sub(r"\s", " ", text)
    unlinked = _LINK.sub(lambda link: link["label"] or link["bare"], spaced)
    return _DASHES.sub("--", _SINGLE.sub("'", unescaped(unlinked).translate(_DOUBLE)))


def unescaped(text: str) -> str:
    """The three characters that Slack writes as entities, as they were typed."""
    return re.sub("&(?:lt|gt|amp);", lambda entity: _ENTITIES[entity[0]], text)


_WORD = re.compile(
    r"""
    (?P<prefix> [^\s"'] [^\s:="]* [:=] | [:=]? )       # name and its colon, before a quoted value
    (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' )
    (?= \s | $ )
    | (?P<bare> \S+ )
    """,
    re.VERBOSE,
)


def split(text: str) -> list[str]:
    """Words, a quoted value kept whole; a quote that is never closed is said, not guessed."""
    words = []
    for match in _WORD.finditer(text):
        bare = match["bare"]
        if bare is not None and '"' in bare:
            raise BadArgument(bare, 'a quotation mark is not closed; write it as principal:"a b"')
        quoted = match["double"] if match["double"] is not None else match["single"]
        words.append(bare if bare is not None else f"{match['prefix']}{quoted}")
    return words
