"""What people type after `/hunt`, on a keyboard or a phone, as a request or one clear error.

    command  := "" | verb argument* | slug option*
    option   := ["--"] name (":" | "=" | " ") value
    value    := bare | '"' anything '"' | "'" anything "'"

Phones turn quotes and dashes: “ ” „ « » are ", ‘ ’ are ' where a value begins or ends, — and – before a name are --.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from difflib import get_close_matches

from bot.domain.finding import FindingId, read_ref
from bot.domain.hunt import parse_duration
from bot.domain.run import Filter
from bot.domain.severity import Severity
from bot.domain.triage import Queue
from bot.errors import BadArgument


@dataclass(frozen=True, slots=True)
class RunHunt:
    """Run it; `since` None is the hunt's own window."""

    slug: str
    since: timedelta | None = None
    filter: Filter = Filter()


@dataclass(frozen=True, slots=True)
class ListHunts:
    pass


@dataclass(frozen=True, slots=True)
class ListFindings:
    which: Queue


@dataclass(frozen=True, slots=True)
class ShowFinding:
    finding: FindingId


@dataclass(frozen=True, slots=True)
class SendDigest:
    slug: str


@dataclass(frozen=True, slots=True)
class ShowSuppressions:
    pass


@dataclass(frozen=True, slots=True)
class ShowStatus:
    pass


@dataclass(frozen=True, slots=True)
class ShowHelp:
    pass


@dataclass(frozen=True, slots=True)
class PickHunt:
    """A bare `/hunt`."""


Request = (
    RunHunt
    | ListHunts
    | ListFindings
    | ShowFinding
    | SendDigest
    | ShowSuppressions
    | ShowStatus
    | ShowHelp
    | PickHunt
)


def read_command(text: str) -> Request:
    """The request behind a command's text.

    Raises:
        InputError: what was typed can not be used; the sentence names it and what would do.
    """
    words = _split(_plain(text))
    if not words:
        return PickHunt()
    verb, rest = words[0].lower(), words[1:]
    read = _VERBS.get(verb)
    return read(rest) if read else _run(words[0], rest)


# --- verbs ------------------------------------------------------------------------------------


def _alone(request: Request) -> Callable[[Sequence[str]], Request]:
    def read(rest: Sequence[str]) -> Request:
        if rest:
            raise BadArgument(rest[0], "nothing may stand after this")
        return request

    return read


def _findings(rest: Sequence[str]) -> Request:
    if not rest:
        return ListFindings(Queue.OPEN)
    names = [which.value for which in Queue]
    if rest[0].lower() not in names or len(rest) > 1:
        raise BadArgument(" ".join(rest), f"write /hunt findings and one of {', '.join(names)}")
    return ListFindings(Queue(rest[0].lower()))


def _show(rest: Sequence[str]) -> Request:
    if len(rest) != 1:
        raise BadArgument("/hunt show", "name one finding, such as /hunt show F-42")
    return ShowFinding(read_ref(rest[0]))


def _digest(rest: Sequence[str]) -> Request:
    if len(rest) != 1:
        raise BadArgument("/hunt digest", "name one hunt, such as /hunt digest lambda-perms")
    return SendDigest(rest[0])


def _explicit_run(rest: Sequence[str]) -> Request:
    if not rest:
        raise BadArgument("/hunt run", "name a hunt, such as /hunt lambda-perms")
    return _run(rest[0], rest[1:])


_VERBS: Mapping[str, Callable[[Sequence[str]], Request]] = {
    "list": _alone(ListHunts()),
    "findings": _findings,
    "show": _show,
    "digest": _digest,
    "suppressions": _alone(ShowSuppressions()),
    "status": _alone(ShowStatus()),
    "help": _alone(ShowHelp()),
    "run": _explicit_run,
}


# --- a hunt and its options ----------------------------------------------------------------------


def _run(slug: str, words: Sequence[str]) -> Request:
    request = RunHunt(slug)
    seen: set[str] = set()
    for name, value in _options(words):
        if name in seen:
            raise BadArgument(name, "is given twice")
        seen.add(name)
        request = _OPTIONS[name](request, value)
    return request


def _options(words: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Pairs of a known name and a value that is not empty."""
    pairs = []
    left = list(words)
    while left:
        word = left.pop(0)
        name, mark, value = _cut(word)
        _known(name, word)
        if not value and left and not _is_option(left[0]):
            value = left.pop(0)
        if not value:
            raise BadArgument(f"{name}{mark or ':'}", f"a value is missing, such as {_EXAMPLES[name]}")
        pairs.append((name, value))
    return pairs


def _cut(word: str) -> tuple[str, str, str]:
    match = re.match(r"(?:--)?([A-Za-z][A-Za-z_-]*)([:=]|$)", word)
    if match is None:
        raise BadArgument(word, f"write options as {', '.join(_EXAMPLES.values())}")
    return match[1].lower(), match[2], word[match.end() :]


def _is_option(word: str) -> bool:
    return any(re.match(rf"(?:--{name}\b|{name}[:=])", word, re.IGNORECASE) for name in _OPTIONS)


def _known(name: str, word: str) -> None:
    if name in _OPTIONS:
        return
    near = get_close_matches(name, _OPTIONS, n=1)
    hint = f"did you mean {near[0]}?" if near else f"no option of a hunt; there are {', '.join(_EXAMPLES.values())}"
    raise BadArgument(word, hint)


def _since(request: RunHunt, value: str) -> RunHunt:
    try:
        return replace(request, since=parse_duration(value))
    except BadArgument as fault:
        raise BadArgument(f"since:{value}", fault.cure) from fault


def _account(request: RunHunt, value: str) -> RunHunt:
    digits = value.replace("-", "")
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise BadArgument(f"account:{value}", "an AWS account is 12 digits")
    return replace(request, filter=replace(request.filter, account=digits))


def _principal(request: RunHunt, value: str) -> RunHunt:
    return replace(request, filter=replace(request.filter, principal=value))


def _severity(request: RunHunt, value: str) -> RunHunt:
    grades = [grade.value for grade in Severity]
    if value.lower() not in grades:
        raise BadArgument(f"severity:{value}", f"write one of {', '.join(grades)}; it and what is worse is shown")
    return replace(request, filter=replace(request.filter, severity=Severity(value.lower())))


_OPTIONS: Mapping[str, Callable[[RunHunt, str], RunHunt]] = {
    "since": _since,
    "account": _account,
    "principal": _principal,
    "severity": _severity,
}
_EXAMPLES: Mapping[str, str] = {
    "since": "since:24h",
    "account": "account:111122223333",
    "principal": "principal:alice",
    "severity": "severity:high",
}


# --- what keyboards and Slack make of a text ----------------------------------------------------

_DOUBLE = str.maketrans(dict.fromkeys("“”„‟«»″", '"'))
_SINGLE = re.compile(r"(?:(?<=[\s:=])|^)[‘’‚‛′]|[‘’‚‛′](?=\s|$)")
_DASHES = re.compile(r"(?:(?<=\s)|^)(?:[\u2010-\u2015\u2212]+|-{2,})(?=[A-Za-z])")
_LINK = re.compile(r"<(?:mailto:)?(?P<bare>[^<>|]+)(?:\|(?P<label>[^<>]*))?>")
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def _plain(text: str) -> str:
    """What the person meant: smart quotes, long dashes, odd spaces and Slack's own `<...|...>` undone."""
    spaced = re.sub(r"\s", " ", text)
    unlinked = _LINK.sub(lambda link: link["label"] or link["bare"], spaced)
    unescaped = re.sub("&(?:lt|gt|amp);", lambda entity: _ENTITIES[entity[0]], unlinked)
    return _DASHES.sub("--", _SINGLE.sub("'", unescaped.translate(_DOUBLE)))


_WORD = re.compile(
    r"""
    (?P<prefix> [^\s"'] [^\s:="]* [:=] | [:=]? )       # name and its colon, before a quoted value
    (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' )
    (?= \s | $ )
    | (?P<bare> \S+ )
    """,
    re.VERBOSE,
)


def _split(text: str) -> list[str]:
    """Words, a quoted value kept whole; a quote that is never closed is said, not guessed."""
    words = []
    for match in _WORD.finditer(text):
        bare = match["bare"]
        if bare is not None and '"' in bare:
            raise BadArgument(bare, "a quotation mark is not closed")
        quoted = match["double"] if match["double"] is not None else match["single"]
        words.append(bare if bare is not None else f"{match['prefix']}{quoted}")
    return words
