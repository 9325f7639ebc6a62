"""What people type after `/hunt`, on a keyboard or a phone, as a request or one clear error.

    command  := "" | verb argument* | slug option* | "findings" narrowing*
               | "export" (narrowing | "csv" | "ndjson")* | finding
    narrowing := queue | severity | option
    option   := ["--"] name (":" | "=" | " ") value
    value    := bare | '"' anything '"' | "'" anything "'"

What phones make of quotes and dashes is undone before (keyboard.py); how options are read stands in options.py.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.domain.export import FileFormat
from bot.domain.finding import FindingId, read_ref
from bot.domain.hunt import Slug, parse_duration
from bot.domain.queue import LONGEST_TEXT, Asked, AsShown, Page
from bot.domain.run import Filter
from bot.domain.severity import Severity
from bot.domain.triage import Queue
from bot.errors import BadArgument, InputError
from handlers.keyboard import plain, split
from handlers.options import Option, changed

_QUEUES = tuple(which.value for which in Queue)
_FILES = tuple(file.value for file in FileFormat)
_GRADES = tuple(grade.value for grade in Severity)


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
    asked: Asked


@dataclass(frozen=True, slots=True)
class ExportFindings:
    """A queue as a file."""

    asked: Asked
    file: FileFormat


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
    | ExportFindings
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
    words = split(plain(text))
    if not words:
        return PickHunt()
    verb, rest = words[0].lower(), words[1:]
    if _FINDING.fullmatch(verb):
        return _show(words)
    if verb in _BUTTONS:
        raise _pressed(verb, rest)
    read = _VERBS.get(verb)
    return read(rest) if read else _run(words[0], rest)


def is_word(text: str) -> bool:
    """Whether `/hunt text` is anything but the hunt of that name, so that no hunt may be called so."""
    try:
        return not isinstance(read_command(text), RunHunt)
    except InputError:
        return True


# --- verbs ------------------------------------------------------------------------------------


def _alone(verb: str, request: Request) -> Callable[[Sequence[str]], Request]:
    def read(rest: Sequence[str]) -> Request:
        if rest:
            raise BadArgument(rest[0], f"leave it out; /hunt {verb} takes nothing more")
        return request

    return read


def _findings(rest: Sequence[str]) -> Request:
    return ListFindings(_asked(rest))


def _asked(rest: Sequence[str]) -> Asked:
    """`[mine] [critical] [older:2d] [account:..] [principal:..] [hunt:..]`, in any order, each at most once."""
    return _short_enough(changed(Asked(), rest, _NARROWINGS))


def _short_enough(asked: Asked) -> Asked:
    if len(asked.text) > LONGEST_TEXT:
        raise BadArgument("/hunt findings", f"write no more than {LONGEST_TEXT} characters")
    return asked


def _export(rest: Sequence[str]) -> Request:
    """`[csv|ndjson]` and what `/hunt findings` takes, in any order."""
    wanted = changed(ExportFindings(Asked(), FileFormat.CSV), rest, _EXPORTS)
    _short_enough(wanted.asked)
    return wanted


def read_page(value: str) -> Page:
    """What a button that leads to a page of a queue carries, see `Page.value`. Raises BadArgument."""
    match = re.fullmatch(r"([0-9]{1,9}):([0-9]{1,15}):(.*)", value, re.DOTALL)
    if match is None:
        raise _not_ours(value)
    before, after, text = match.groups()
    return Page(read_asked(text), FindingId(int(after)) if int(after) else None, int(before))


def read_shown(value: str) -> AsShown | None:
    """What a button under a list carries, see `AsShown.value`; None where it is no queue's. Raises BadArgument."""
    match = re.fullmatch(r"queue:([0-9]{1,9}):([0-9]{1,12}\.[0-9]{6}):(.*)", value, re.DOTALL)
    if match is None:
        return None
    number, at, text = match.groups()
    return AsShown(read_asked(text), datetime.fromtimestamp(float(at), UTC), int(number))


def read_asked(text: str) -> Asked:
    """A queue as a button carries it: as it is typed, but that no keyboard changed it. Raises BadArgument."""
    return _asked(split(text))


def _not_ours(value: str) -> BadArgument:
    return BadArgument(value[:40], "this button is none of ours; ask again with /hunt findings")


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
    "list": _alone("list", ListHunts()),
    "findings": _findings,
    "export": _export,
    "show": _show,
    "digest": _digest,
    "suppressions": _alone("suppressions", ShowSuppressions()),
    "status": _alone("status", ShowStatus()),
    "help": _alone("help", ShowHelp()),
    "run": _explicit_run,
}


_FINDING = re.compile(r"f-?[0-9]{1,15}", re.IGNORECASE)

# What people type for what is pressed, and where it stands on a finding.
_BUTTONS: Mapping[str, str] = {
    **dict.fromkeys(("acknowledge", "ack", "take"), "Acknowledge"),
    "escalate": "Escalate",
    **dict.fromkeys(("resolve", "close"), "Resolve…"),
    "snooze": "Snooze… (under ⋯)",
    "assign": "Assign… (under ⋯)",
    "reopen": "Reopen (under ⋯)",
    "comment": "Comment… (in Details)",
}


def _pressed(verb: str, rest: Sequence[str]) -> BadArgument:
    finding = next((word for word in rest if _FINDING.fullmatch(word)), "F-42")
    return BadArgument(f"/hunt {verb}", f"press {_BUTTONS[verb]} on the finding; /hunt show {finding} brings it up")


# --- a hunt and its options ----------------------------------------------------------------------


def _run(slug: str, words: Sequence[str]) -> Request:
    return changed(RunHunt(slug), words, _OPTIONS)


def _since(request: RunHunt, value: str) -> RunHunt:
    try:
        return replace(request, since=parse_duration(value))
    except BadArgument as fault:
        raise BadArgument(f"since:{value}", fault.cure) from fault


def _account(value: str) -> str:
    digits = value.replace("-", "")
    if not re.fullmatch(r"[0-9]{12}", digits):
        raise BadArgument(f"account:{value}", "an AWS account is 12 digits")
    return digits


def _severity(value: str) -> Severity:
    if value.lower() not in _GRADES:
        raise BadArgument(f"severity:{value}", f"write one of {', '.join(_GRADES)}; it and what is worse is shown")
    return Severity(value.lower())


def read_picked(hunt: str, window: str, account: str, principal: str, severity: str) -> RunHunt:
    """What was chosen in a form, empty where nothing was, as if it were typed. Raises BadArgument."""
    request = RunHunt(hunt)
    for name, value in (("since", window), ("account", account), ("principal", principal), ("severity", severity)):
        if value:
            request = _OPTIONS[name].read(request, value)
    return request


def _filtered(
    request: RunHunt, *, account: str | None = None, principal: str | None = None, severity: Severity | None = None
) -> RunHunt:
    was = request.filter
    return replace(
        request, filter=Filter(account or was.account, principal or was.principal, severity or was.severity)
    )


def _queue(asked: Asked, value: str) -> Asked:
    if value not in _QUEUES:
        raise BadArgument(f"queue:{value}", f"write one of {', '.join(_QUEUES)}")
    return replace(asked, which=Queue(value))


def _older(asked: Asked, value: str) -> Asked:
    try:
        return replace(asked, older=parse_duration(value))
    except BadArgument as fault:
        raise BadArgument(f"older:{value}", fault.cure) from fault


_OPTIONS: Mapping[str, Option[RunHunt]] = {
    "since": Option(_since, "since:24h"),
    "account": Option(lambda run, value: _filtered(run, account=_account(value)), "account:111122223333"),
    "principal": Option(lambda run, value: _filtered(run, principal=value), "principal:alice"),
    "severity": Option(lambda run, value: _filtered(run, severity=_severity(value)), "severity:high"),
}
_NARROWINGS: Mapping[str, Option[Asked]] = {
    "queue": Option(_queue, ", ".join(_QUEUES), _QUEUES),
    "severity": Option(lambda asked, value: replace(asked, severity=_severity(value)), "critical", _GRADES),
    "older": Option(_older, "older:2d"),
    "account": Option(lambda asked, value: replace(asked, account=_account(value)), "account:111122223333"),
    "principal": Option(lambda asked, value: replace(asked, principal=value), "principal:alice"),
    "hunt": Option(lambda asked, value: replace(asked, hunt=Slug(value)), "hunt:lambda-perms"),
}


def _file(wanted: ExportFindings, value: str) -> ExportFindings:
    if value.lower() not in _FILES:
        raise BadArgument(f"file:{value}", f"write {' or '.join(_FILES)}")
    return replace(wanted, file=FileFormat(value.lower()))


def _within(option: Option[Asked]) -> Option[ExportFindings]:
    """A narrowing of the queue, as one of its file."""

    def read(wanted: ExportFindings, value: str) -> ExportFindings:
        return replace(wanted, asked=option.read(wanted.asked, value))

    return Option(read, option.example, option.words)


_EXPORTS: Mapping[str, Option[ExportFindings]] = {
    "file": Option(_file, ", ".join(_FILES), _FILES),
    **{name: _within(option) for name, option in _NARROWINGS.items()},
}
