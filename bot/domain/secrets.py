"""What is for nobody's eyes: values that stand under the name of a secret, wherever an event repeats them."""

import json
import re
from collections.abc import Mapping
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | list[Json] | tuple[Json, ...] | Mapping[str, Json] | None"

MASK = "[masked]"

_WORDS = (
    r"(?:token|secret|access_?key|secret_?string|secret_?binary|pass_?wo?rd|passwd|passphrase|private_?key|api_?key)"
)
_NAME = re.compile(rf"(?i)(?:.*[.:_-])?[a-z]*{_WORDS}")
_HINTS = ("token", "secret", "key", "pass")  # one of these stands in every such word
_NOT_SECRET = re.compile(r"(?i)(?:.*[.:_-])?(?:public|next)_?(?:access_?key|token)")
# `eventSourceToken=abc`, as Elastic's integration writes a request; it ends where the next key begins, or all does.
_PAIR = re.compile(r"(?<![\w:.-])(?P<name>[\w:.-]++)=(?P<value>.*?)(?=, [\w:.-]+=|\}*\Z)", re.DOTALL)
# `"lambda:EventSourceToken":"abc"`, or a list, in JSON that stands within a text, its quotes escaped as they may be.
_MEMBER = re.compile(
    r"""(?P<quote>\\*")(?P<name>[^"\\]*)(?P=quote)\s*:\s*(?P<value>\[[^\]]*\]|(?P=quote).*?(?<!\\)(?P=quote))""",
    re.DOTALL,
)
_QUOTED = re.compile(r'\\*"((?:[^"\\]|\\(?!"))*)\\*"')
_WORTH_HIDING = 6  # characters: a shorter secret is masked under its name alone, or half the event would go


def is_secret_name(name: str) -> bool:
    """Whether a secret stands under it: `eventSourceToken` is such a name, `accessKeyId` and `secretId` are not."""
    return _NAME.fullmatch(name) is not None and _NOT_SECRET.fullmatch(name) is None


def masked_text(text: str) -> str:
    """A text with the secrets masked that stand in it under their names."""
    lowered = text.lower()
    return str(masked(text)) if any(hint in lowered for hint in _HINTS) else text


def masked(value: Json) -> Json:
    """The same with every secret masked: in texts that hold JSON or `{key=value}` too, and wherever it repeats."""
    found: set[str] = set()
    once = _mask(value, found)
    repeated = [secret for secret in found if len(secret) >= _WORTH_HIDING]
    return _without(once, sorted(repeated, key=len, reverse=True)) if repeated else once


def _mask(value: Json, found: set[str]) -> Json:
    match value:
        case Mapping():
            return {name: _member(name, child, found) for name, child in value.items()}
        case list() | tuple():
            return [_mask(child, found) for child in value]
        case str():
            return _mask_text(value, found)
        case _:
            return value


def _member(name: str, child: Json, found: set[str]) -> Json:
    if not is_secret_name(name) or child is None or isinstance(child, Mapping):
        return _mask(child, found)
    texts = child if isinstance(child, list | tuple) else [child]
    found.update(text for text in texts if isinstance(text, str))
    return MASK


def _mask_text(text: str, found: set[str]) -> str:
    if text.lstrip()[:1] in {"{", "["}:
        try:
            inner = json.loads(text)
        except (ValueError, RecursionError):
            pass
        else:
            hidden = _mask(inner, found)
            return text if hidden == inner else json.dumps(hidden, ensure_ascii=False, separators=(",", ":"))
    text = _MEMBER.sub(lambda member: _hide_member(member, found), text)
    return _PAIR.sub(lambda pair: _hide_pair(pair, found), text)


def _hide_member(member: re.Match[str], found: set[str]) -> str:
    if not is_secret_name(member["name"]):
        return member[0]
    found.update(_QUOTED.findall(member["value"]))
    quote = member["quote"]
    return f"{quote}{member['name']}{quote}:{quote}{MASK}{quote}"


def _hide_pair(pair: re.Match[str], found: set[str]) -> str:
    if not is_secret_name(pair["name"]):
        # A value may hold pairs of its own: `{vpc={token=abc}}`.
        head, brace, rest = pair["value"].partition("{")
        inner = _PAIR.sub(lambda inside: _hide_pair(inside, found), rest) if brace and "=" in rest else rest
        return f"{pair['name']}={head}{brace}{inner}"
    found.add(pair["value"])
    return f"{pair['name']}={MASK}"


def _without(value: Json, secrets: list[str]) -> Json:
    match value:
        case Mapping():
            return {name: _without(child, secrets) for name, child in value.items()}
        case list() | tuple():
            return [_without(child, secrets) for child in value]
        case str():
            for secret in secrets:
                value = value.replace(secret, MASK)
            return value
        case _:
            return value
