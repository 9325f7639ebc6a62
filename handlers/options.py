"""The options of a command: a table says which there are, and each changes the request by one value."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from bot.errors import BadArgument

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Option(Generic[T]):
    """How one option changes a request, and how it is written; `words` are values that need no name before them."""

    read: Callable[[T, str], T]
    example: str
    words: tuple[str, ...] = ()


Options = Mapping[str, Option[T]]


def changed(request: T, words: Sequence[str], known: Options[T]) -> T:
    """The request with what the words ask for: `["--"] name (":" | "=" | " ") value`, each option at most once.

    Raises:
        BadArgument: an option that is none, comes twice or lacks its value; what its `read` raises.
    """
    seen = set[str]()
    for name, value in _pairs(words, known):
        if name in seen:
            raise BadArgument(name, "is given twice; give it once")
        seen.add(name)
        request = known[name].read(request, value)
    return request


def _pairs(words: Sequence[str], known: Options[T]) -> Iterator[tuple[str, str]]:
    """A known name and a value that is not empty."""
    left = list(words)
    while left:
        word = _named(left.pop(0), known)
        name, mark, value = _cut(word, known)
        _check_known(name, word, known)
        if not value and left and not _is_option(left[0], known):
            value = left.pop(0)
        if not value:
            raise BadArgument(f"{name}{mark}", f"a value is missing, such as {known[name].example}")
        yield name, value


def _named(word: str, known: Options[T]) -> str:
    """`mine` and `critical` say by themselves what they are."""
    bare = word.lower()
    return next((f"{name}:{bare}" for name, option in known.items() if bare in option.words), word)


def _cut(word: str, known: Options[T]) -> tuple[str, str, str]:
    match = re.match(r"(?:--)?([A-Za-z][A-Za-z_-]*)([:=]|$)", word)
    if match is None:
        raise BadArgument(word, f"write options as {_examples(known)}")
    return match[1].lower(), match[2], word[match.end() :]


def _is_option(word: str, known: Options[T]) -> bool:
    return any(re.match(rf"(?:--{name}\b|{name}[:=])", word, re.IGNORECASE) for name in known)


def _check_known(name: str, word: str, known: Options[T]) -> None:
    if name in known:
        return
    near = get_close_matches(name, [*known, *(word for option in known.values() for word in option.words)], n=1)
    hint = f"did you mean {near[0]}?" if near else f"no option here; there are {_examples(known)}"
    raise BadArgument(word, hint)


def _examples(known: Options[T]) -> str:
    return ", ".join(option.example for option in known.values())
