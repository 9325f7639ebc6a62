"""Everything about one finding: a modal of as many pages as it takes, or as much of it as one message holds."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.blocks import actions, cure, facts, finding, history, rich, rows, state, summary
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.modals import Carried
from bot.blocks.rich import Json, Line
from bot.blocks.text import LONG_CAP, counted, escaped, is_cut, literal, pages, trimmed
from bot.domain.access import Deed, takes_alone
from bot.domain.finding import Finding
from bot.domain.hit import Hit
from bot.domain.hunt import Hunt
from bot.domain.kibana import KibanaLink, Opens
from bot.domain.memory import SeenBefore
from bot.domain.raw_event import NoRawEvent, RawEvent
from bot.domain.responder import Place, UserId
from bot.domain.run import Run
from bot.domain.secrets import masked_text
from bot.domain.triage import AuditEvent, Move

MOST_BLOCKS = 90  # of a page; Slack takes 100, and some say which page it is
MOST_BYTES = 200_000  # of a page as JSON; Slack takes 250 KB. https://docs.slack.dev/reference/views/modal-views
RAW = "raw"
_RAW_CAP = 2_500  # characters of the raw event before "Show all"
_PIECE = 2_500  # characters of one block of a long value
_PIECES = 10  # blocks of a page of it
_LINES_A_BLOCK = 5  # few, so that little goes when something must
_EVENTS_A_BLOCK = 10
_HITS_SHOWN = 10
_LABEL = 75  # characters of a button
_TECHNIQUE = re.compile(r"T(?P<technique>[0-9]{4})(?:\.(?P<sub>[0-9]{3}))?")
_TACTIC = re.compile(r"TA[0-9]{4}")
_ATTACK = "https://attack.mitre.org"


@dataclass(frozen=True, slots=True)
class Details:
    """History oldest first, hits latest first; `raw` is None while the logs are asked for it.

    `pivots` are blocks that ask the logs further, drawn elsewhere. `viewer` looks at it, and `may` do that much.
    """

    finding: Finding
    hunt: Hunt
    history: Sequence[AuditEvent]
    hits: Sequence[Hit]
    url: str | None = None
    raw: RawEvent | NoRawEvent | None = None
    known_accounts: frozenset[str] = frozenset()
    seen_before: SeenBefore | None = None
    check: Run | None = None  # the latest one that asked whether it is still true
    kibana: KibanaLink | None = None
    pivots: Sequence[Json] = ()
    viewer: UserId | None = None
    may: Collection[Deed] = frozenset(Deed)


def loading(carried: Carried) -> Json:
    """What opens at once, within the life of the trigger; the rest takes its place."""
    return _view(carried, "Details", [rich.section([rich.words("🔎 Looking it up…", italic=True)])])


def failed(carried: Carried, sentence: str) -> Json:
    """What it becomes where nothing can be shown; the sentence may quote what it speaks of."""
    return _view(carried, "Details", [rich.section([rich.words(literal(sentence, LONG_CAP))])])


def view(details: Details, place: Place, page: int = 1) -> Json:
    """The page of that number, from 1; a number beyond the last gives the last."""
    whole = _paged([part.block for part in _parts(details)])
    at = min(max(page, 1), len(whole))
    blocks = [*whole[at - 1], *_turning(actions.DETAILS_PAGE, str(details.finding.id), at, len(whole))]
    return _view(Carried(details.finding.id, place), f"{details.finding.ref} in full", blocks)


def message(details: Details) -> Sequence[Json]:
    """The same in one message, its buttons included; what does not fit is left out, and said to be."""
    return fit(_parts(details, finding.buttons(details.finding, details.hunt, details.seen_before)))


def text(shown: Finding, hunt: Hunt) -> str:
    return f"{state.grade(shown.severity)} {shown.ref}: {escaped(summary.plain(hunt, shown.face))}."


def whole_value(details: Details, place: Place, what: str, page: int = 1) -> Json:
    """One value, uncut: `what` is `raw`, or the number of a column of the finding's face."""
    label, value, keeps_lines = _picked(details, what)
    pieces = pages(value, _PIECE, keeps_lines=keeps_lines)
    last = -(-len(pieces) // _PIECES)
    at = min(max(page, 1), last)
    shown = pieces[(at - 1) * _PIECES : at * _PIECES]
    heading = [rich.words(label, bold=True), rich.words(f"  {counted(len(value), 'character')}")]
    turning = _turning(actions.SHOW_ALL_PAGE, f"{details.finding.id}:{what}", at, last)
    blocks = [rich.section(heading), *map(rich.preformatted, shown), *turning]
    return _view(Carried(details.finding.id, place), f"{details.finding.ref} in full", blocks)


def _parts(details: Details, buttons: Json | None = None) -> Iterator[Part]:
    shown, hunt = details.finding, details.hunt
    place = [rich.words("  "), rich.link(details.url, "its message")] if details.url else []
    heading = [rich.words(f"{state.grade(shown.severity)} · {shown.ref}", bold=True), *place]
    yield Part(rich.section(heading, _in_kibana(details)))
    yield Part(finding.what(shown, hunt, details.known_accounts))
    if warned := [fact.line for fact in facts.posing(shown.face)]:
        yield Part(rich.section(*warned))
    told = (*facts.who_and_when(shown, LONG_CAP), *facts.exactly(shown, hunt))
    yield Part(rich.section(*(fact.line for fact in told)), Keep.LONG)
    yield from finding.where_it_stands(shown, details.seen_before, details.check)
    if ways := buttons or _ways_to_speak(details):
        yield Part(ways)
    for chapter in _CHAPTERS:
        yield from chapter(details)


def _ways_to_speak(details: Details) -> Json | None:
    """What the viewer may do from within the modal, None where that is nothing; the card below it has the rest."""
    shown = details.finding
    elements: list[Json] = [
        {
            "type": "button",
            "text": rich.plain(label),
            "action_id": action_id,
            "value": str(shown.id),
            "accessibility_label": f"{said} {shown.ref}",
        }
        for label, action_id, said, move in _ways(details)
        if shown.allows(move)
    ]
    return {"type": "actions", "elements": elements} if elements else None


def _ways(details: Details) -> Iterator[tuple[str, str, str, Move]]:
    """Whoever may give it to themselves alone is offered that, unless they hold it."""
    if Deed.TRIAGE in details.may:
        yield ("Comment…", actions.COMMENT, "Comment on", Move.COMMENT)
    if not takes_alone(details.may):
        yield ("Assign…", actions.ASSIGN, "Assign", Move.ASSIGN)
    elif Deed.TRIAGE in details.may and not (details.viewer and details.finding.is_with(details.viewer)):
        yield ("Take it…", actions.ASSIGN, "Take", Move.ASSIGN)


def _in_kibana(details: Details) -> Line:
    """Where the hunt's query is longer than a link may be, what the link shows instead."""
    link = details.kibana
    if link is None:
        return []
    leads = rich.link(link.url, f"Open {link.opens.value} in Kibana")
    return [leads] if link.opens is Opens.QUERY else [leads, rich.words(" (the hunt's query is too long for a link)")]


def _remediation(details: Details) -> Iterator[Part]:
    return (Part(block, Keep.LONG) for block in cure.blocks(details.finding, details.hunt))


def _pivots(details: Details) -> Iterator[Part]:
    return (Part(block, Keep.LONG) for block in details.pivots)


def _notes(details: Details) -> Iterator[Part]:
    """A numbered list rather than boxes to tick: what was ticked in a modal is gone when it closes."""
    if details.hunt.notes:
        yield _title("What to check")
        yield Part(rich.numbered([rich.marked(literal(note, LONG_CAP)) for note in details.hunt.notes]), Keep.SHORT)


def _history(details: Details) -> Iterator[Part]:
    """The latest first, for what goes first in a message that is too long is what stands last."""
    events = list(reversed(details.history))
    if not events:
        return
    yield _title("History", counted(len(events), "event"))
    for start in range(0, len(events), _EVENTS_A_BLOCK):
        lines = (history.full_line(event) for event in events[start : start + _EVENTS_A_BLOCK])
        yield Part(rich.section(*lines), Keep.SHORT)


def _events(details: Details) -> Iterator[Part]:
    """When it was seen, in the viewer's zone and in UTC, which the logs speak."""
    forgotten = details.finding.forgotten.hits
    latest = details.hits[:_HITS_SHOWN]
    if not latest:
        return
    gone = f" ({counted(forgotten, 'older one')} kept no longer)" if forgotten else ""
    yield _title("Events", f"{rows.tally(len(latest), len(details.hits) + forgotten)}{gone}")
    told = (
        [rich.moment(hit.at), rich.words(f"  {rich.utc(hit.at)}  "), rich.value(literal(hit.id, 64))]
        for hit in latest
    )
    yield Part(rich.section(*told), Keep.SHORT)


def _columns(details: Details) -> Iterator[Part]:
    """Every column, each long one with a button that shows all of it."""
    face = details.finding.face
    numbered = [(number, name) for number, name in enumerate(face.columns) if face.text(name)]
    yield _title("Every column")
    for start in range(0, len(numbered), _LINES_A_BLOCK):
        group = numbered[start : start + _LINES_A_BLOCK]
        yield Part(rich.section(*(facts.column(face, name, LONG_CAP).line for _, name in group)), Keep.SHORT)
        long = [(str(number), name) for number, name in group if _is_long(face, name)]
        if long:
            yield Part(_show_all(details.finding, long), Keep.SHORT)


def _raw(details: Details) -> Iterator[Part]:
    match details.raw:
        case None:
            yield _title("Raw event")
            yield Part(rich.section([rich.words("The logs are being asked for it…", italic=True)]), Keep.SHORT)
        case NoRawEvent(why, fault):
            yield _title("Raw event")
            said = [rich.words(" "), rich.value(literal(fault, LONG_CAP))] if fault else []
            yield Part(rich.section([rich.words(why), *said]), Keep.SHORT)
        case RawEvent(text=raw, is_original=is_original):
            yield _title("Raw event", "as AWS wrote it" if is_original else "as it is indexed")
            head, *rest = pages(raw, _RAW_CAP, keeps_lines=True)
            mark = f"\n…[{sum(map(len, rest)):,} more]" if rest else ""
            yield Part(rich.preformatted(head + mark), Keep.SHORT)
            if rest:
                yield Part(_show_all(details.finding, [(RAW, "the raw event")]), Keep.SHORT)


def _mitre(details: Details) -> Iterator[Part]:
    if details.hunt.mitre:
        yield _title("MITRE ATT&CK")
        yield Part(rich.bullets([_attack(number)] for number in details.hunt.mitre), Keep.SHORT)


def _references(details: Details) -> Iterator[Part]:
    if details.hunt.references:
        yield _title("References")
        yield Part(rich.bullets([_reference(url)] for url in details.hunt.references), Keep.SHORT)


_CHAPTERS: Sequence[Callable[[Details], Iterator[Part]]] = (
    *(_remediation, _pivots, _notes, _history, _events, _columns, _raw, _mitre, _references),
)


def _attack(number: str) -> Json:
    """`T1098.001` with a link to its page; what is no technique's number stands as it is."""
    technique = _TECHNIQUE.fullmatch(number.strip())
    if technique is not None:
        path = "/".join(part for part in (f"T{technique['technique']}", technique["sub"]) if part)
        return rich.link(f"{_ATTACK}/techniques/{path}/", number.strip())
    if _TACTIC.fullmatch(number.strip()):
        return rich.link(f"{_ATTACK}/tactics/{number.strip()}/", number.strip())
    return rich.value(literal(number))


def _reference(url: str) -> Json:
    shown = literal(url, LONG_CAP)
    is_link = shown == url and url.lower().startswith(("https://", "http://"))
    return rich.link(url, shown) if is_link else rich.value(shown)


def _title(title: str, aside: str = "") -> Part:
    return Part(
        rich.section([rich.words(title, bold=True), *([rich.words(f"  {aside}")] if aside else [])]), Keep.SHORT
    )


def _is_long(face: Hit, name: str) -> bool:
    return not facts.is_secret(name) and is_cut(face.text(name) or "", LONG_CAP)


def _show_all(shown: Finding, what: Sequence[tuple[str, str]]) -> Json:
    """A button for each value that is cut; ids are unique within a block."""
    return {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "text": rich.plain(trimmed(f"Show all of {literal(name)}", _LABEL), emoji=False),
                "action_id": f"{actions.SHOW_ALL}:{key}",
                "value": f"{shown.id}:{key}:1",
                "accessibility_label": trimmed(f"Show all of {literal(name)}", _LABEL),
            }
            for key, name in what
        ],
    }


def _picked(details: Details, what: str) -> tuple[str, str, bool]:
    """What it is called, the value, and whether its line breaks are ours."""
    if what == RAW:
        match details.raw:
            case RawEvent(text=raw):
                return "Raw event", raw, True
            case NoRawEvent(why):
                return "Raw event", why, False
            case None:
                return "Raw event", "The logs are being asked for it…", False
    face = details.finding.face
    names = list(face.columns)
    name = names[int(what)] if int(what) < len(names) else ""
    value = "present" if facts.is_secret(name) else masked_text(face.text(name) or "")
    return literal(name), value, False


def _paged(blocks: Sequence[Json]) -> Sequence[Sequence[Json]]:
    """In pages that Slack takes."""
    whole: list[list[Json]] = [[]]
    room = MOST_BYTES
    for block in blocks:
        size = len(json.dumps(block))
        if len(whole[-1]) >= MOST_BLOCKS or (size > room and whole[-1]):
            whole.append([])
            room = MOST_BYTES
        whole[-1].append(block)
        room -= size
    return whole


def _turning(action_id: str, key: str, at: int, last: int) -> Sequence[Json]:
    """Which page of how many, and the buttons that lead to its neighbours."""
    if last == 1:
        return ()
    ways = [(page, label) for page, label in ((at - 1, "Earlier page"), (at + 1, "Next page")) if 1 <= page <= last]
    elements = [
        {
            "type": "button",
            "text": rich.plain(label),
            "action_id": f"{action_id}:{page}",
            "value": f"{key}:{page}",
            "accessibility_label": f"{label}, {page} of {last}",
        }
        for page, label in ways
    ]
    said: Line = [rich.words(f"Page {at} of {last}", italic=True)]
    return (rich.section(said), {"type": "actions", "elements": elements})


def _view(carried: Carried, title: str, blocks: Sequence[Json]) -> Json:
    return {
        "type": "modal",
        "callback_id": actions.DETAILS_VIEW,
        "private_metadata": carried.packed(),
        "title": rich.plain(title[:24]),
        "close": rich.plain("Close"),
        "blocks": list(blocks),
    }
