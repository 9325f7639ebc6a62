"""Many findings at once: the buttons under a list, the form with its number, and the answer at the end."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.blocks import actions, modals, rich, state, summary
from bot.blocks.rich import Json, Line
from bot.blocks.text import LONG_CAP, counted, literal, trimmed
from bot.domain.bulk import Bulk, BulkId, Offer, Order, Tally
from bot.domain.finding import Finding, FindingId
from bot.domain.hunt import Hunt
from bot.domain.message import BulkAnswer
from bot.domain.queue import MOST_COUNTED
from bot.domain.run import RunId
from bot.domain.triage import Move, Resolution

HuntOf = Callable[[Finding], Hunt]

PAGE = 10  # options of one checkboxes element, https://docs.slack.dev/reference/block-kit/block-elements
_NOTE = "Note for the history of each"
_OPTION = 75  # characters of an option's text and of its description

_VERBS: Mapping[Move, str] = {Move.ACKNOWLEDGE: "Acknowledge", Move.RESOLVE: "Resolve"}
_DONE: Mapping[Move, str] = {Move.ACKNOWLEDGE: "acknowledged", Move.RESOLVE: "resolved"}
_BEATEN: Mapping[Move, str] = {Move.ACKNOWLEDGE: "taken by others first", Move.RESOLVE: "resolved by others first"}
_KEPT: Mapping[Move, str] = {
    Move.ACKNOWLEDGE: "held by somebody already",
    Move.RESOLVE: "resolved already",
}


@dataclass(frozen=True, slots=True)
class Form:
    """What a form carries: which request, the move (None: chosen in it), and which page of its findings shows."""

    bulk: BulkId
    move: Move | None = None
    page: int = 0

    def packed(self) -> str:
        return json.dumps({"bulk": self.bulk, "move": self.move.value if self.move else None, "page": self.page})

    @classmethod
    def unpacked(cls, text: str) -> "Form":
        """Raises ValueError where the text is none of ours."""
        match json.loads(text):
            case {"bulk": int(number), "move": str() | None as move, "page": int(page)}:
                return cls(BulkId(number), Move(move) if move else None, page)
            case other:
                raise ValueError(f"no form of ours: {other!r}")


def of_run(run: RunId) -> str:
    """What the buttons under a run's answer carry."""
    return f"run:{run}"


def buttons(value: str, number: int, *, is_more: bool = False) -> list[Json]:
    """What may be done with all that a list holds, of which a page shows; one finding has buttons of its own."""
    if number < 2:  # noqa: PLR2004 - "all 1" is no list
        return []
    how_many = f"the worst {MOST_COUNTED:,}" if is_more else f"all {number:,}"
    labels = (
        (actions.BULK_ACKNOWLEDGE, f"Acknowledge {how_many}…", f"Acknowledge {how_many} findings of this list"),
        (actions.BULK_RESOLVE, f"Resolve {how_many}…", f"Resolve {how_many} findings of this list"),
        (actions.BULK_SELECT, "Select…", "Select findings of this list"),
    )
    return [
        {
            "type": "button",
            "text": rich.plain(label),
            "action_id": action_id,
            "value": value,
            "accessibility_label": said,
        }
        for action_id, label, said in labels
    ]


# --- the forms -------------------------------------------------------------------------------------


def loading() -> Json:
    return _view("Many findings", [rich.section([rich.words("Looking which they are…")])])


def failed(sentence: str) -> Json:
    return _view("Many findings", [rich.section([rich.words(literal(sentence, LONG_CAP))])])


def form(offer: Offer, move: Move) -> Json:
    """All of them, with their number: submitting it is the confirmation."""
    number = len(offer.bulk.shown)
    verb = _VERBS[move]
    if not number:
        return _view(
            verb, [rich.section([rich.words(f"There is nothing to {verb.lower()} any more.")], *_caveats(offer))]
        )
    told = [rich.words(f"{verb} {counted(number, 'finding')} in your name?", bold=True)]
    each = [rich.words("Each keeps a line in its history. What changes until then stays as others left it.")]
    asks = [_resolutions()] if move is Move.RESOLVE else []
    graded = [rich.words(state.grades(offer.grades))]
    blocks = [rich.section(told, graded, each, *_caveats(offer)), *asks, modals.note(_NOTE)]
    return _view(f"{verb} {number:,}", blocks, Form(offer.bulk.id, move), submit=f"{verb} {number:,}")


def select_form(bulk: Bulk, page: int, findings: Sequence[Finding], hunt_of: HuntOf) -> Json:
    """A page of findings to tick, and what is to be done with those ticked on all pages."""
    pages = -(-len(bulk.shown) // PAGE)
    ticked = counted(len(bulk.ticked), "finding")
    where = [rich.words(f"Page {page + 1} of {pages}. {ticked} ticked so far.")]
    blocks = [
        rich.section(where),
        *([_ticks(bulk, page, findings, hunt_of)] if findings else []),
        *_turning(page, pages),
        _deeds(),
        modals.note(_NOTE),
    ]
    return _view("Select findings", blocks, Form(bulk.id, None, page), submit="Do it")


def page_of(bulk: Bulk, page: int) -> Sequence[FindingId]:
    return bulk.shown[page * PAGE : (page + 1) * PAGE]


def under_way(bulk: Bulk, number: int) -> Json:
    where = "in the thread" if bulk.place.message and bulk.place.channel else "privately"
    said = f"{counted(number, 'finding')} under way. huntbot says {where} what became of them."
    return _view("Under way", [rich.section([rich.words(said)])])


def deed_of(value: str) -> Order | None:
    """What was chosen in the form for selected findings: `acknowledge`, or a resolution. None: neither."""
    if value == Move.ACKNOWLEDGE.value:
        return Order(Move.ACKNOWLEDGE)
    reasons = {resolution.value: resolution for resolution in Resolution}
    return Order(Move.RESOLVE, reasons[value]) if value in reasons else None


# --- the answer -------------------------------------------------------------------------------------


def answer_blocks(answer: BulkAnswer) -> tuple[Json, ...]:
    bulk = answer.bulk
    move, tally = _move(bulk), bulk.tally or Tally()
    done = [rich.person(bulk.by), rich.words(f" {_said(bulk.order)}: "), rich.words(_how_many(tally), bold=True)]
    note = [rich.words(f"“{literal(bulk.order.note, LONG_CAP)}”")] if bulk.order and bulk.order.note else []
    return (rich.section(done, note, *([rich.words(line)] for line in _fates(move, tally))),)


def answer_text(answer: BulkAnswer) -> str:
    move, tally = _move(answer.bulk), answer.bulk.tally or Tally()
    return " ".join((f"{_DONE[move].capitalize()}: {_how_many(tally)}.", *_fates(move, tally)))


def _move(bulk: Bulk) -> Move:
    return bulk.order.move if bulk.order else Move.ACKNOWLEDGE


def _said(order: Order | None) -> str:
    if order is None:
        return "changed"
    return _DONE[order.move] + (f" as {state.RESOLUTION_WORDS[order.resolution]}" if order.resolution else "")


def _how_many(tally: Tally) -> str:
    """`212 findings`, or `210 of 212 findings`."""
    whole = counted(tally.all, "finding")
    return whole if tally.done == tally.all else f"{tally.done:,} of {whole}"


def _fates(move: Move, tally: Tally) -> Sequence[str]:
    beaten = f"{tally.beaten:,} {'was' if tally.beaten == 1 else 'were'} {_BEATEN[move]}."
    gone = f"{tally.gone:,} {'is' if tally.gone == 1 else 'are'} kept no longer."
    return [line for number, line in ((tally.beaten, beaten), (tally.gone, gone)) if number]


# --- parts ------------------------------------------------------------------------------------------


def _caveats(offer: Offer) -> Sequence[Line]:
    said = []
    if offer.changed:
        said.append(f"{counted(offer.shown or 0, 'finding')} shown; {offer.changed:,} changed since and left out.")
    if offer.left_out and offer.move:
        said.append(f"{offer.left_out:,} {_KEPT[offer.move]}: left out.")
    if offer.is_more:
        said.append("There are more: these are the worst of them.")
    return [[rich.words(line, italic=True)] for line in said]


def _ticks(bulk: Bulk, page: int, findings: Sequence[Finding], hunt_of: HuntOf) -> Json:
    """A block of its own for each page: Slack keeps what is ticked by the block's id."""
    options = [_option(finding, hunt_of) for finding in findings]
    ticked = [option for option, finding in zip(options, findings, strict=True) if finding.id in bulk.ticked]
    element = {"type": "checkboxes", "action_id": actions.TICKS, "options": options}
    return {
        "type": "input",
        "block_id": f"{actions.TICKS_BLOCK}:{page}",
        "optional": True,
        "label": rich.plain("Findings"),
        "element": element | ({"initial_options": ticked} if ticked else {}),
    }


def _option(finding: Finding, hunt_of: HuntOf) -> Json:
    said = f"{finding.ref} {state.grade(finding.severity)} {summary.plain(hunt_of(finding), finding.face)}"
    return {
        "text": rich.plain(trimmed(said, _OPTION), emoji=False),
        "description": rich.plain(trimmed(state.in_a_word(finding), _OPTION), emoji=False),
        "value": str(finding.id),
    }


def _turning(page: int, pages: int) -> list[Json]:
    turns = (("back", "Back", page - 1), ("next", f"Next {PAGE}", page + 1))
    elements = [
        {
            "type": "button",
            "text": rich.plain(label),
            "action_id": f"{actions.BULK_PAGE}:{which}",
            "value": str(to),
            "accessibility_label": f"{label}, page {to + 1} of {pages}",
        }
        for which, label, to in turns
        if 0 <= to < pages
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def _deeds() -> Json:
    reasons = {reason.value: f"Resolve them. {said}" for reason, said in modals.REASONS.items()}
    options = {Move.ACKNOWLEDGE.value: "Acknowledge them"} | reasons
    return modals.choice(actions.BULK_DEED_BLOCK, actions.BULK_DEED, "What shall be done with them?", options)


def _resolutions() -> Json:
    reasons = {reason.value: said for reason, said in modals.REASONS.items()}
    return modals.choice(actions.BULK_DEED_BLOCK, actions.BULK_DEED, "What were they?", reasons)


def _view(title: str, blocks: Sequence[Json], carried: Form | None = None, submit: str | None = None) -> Json:
    view: Json = {"type": "modal", "title": rich.plain(title[:24]), "blocks": list(blocks)}
    if carried is None or submit is None:
        return view | {"close": rich.plain("Close")}
    return view | {
        "callback_id": actions.BULK_FORM,
        "private_metadata": carried.packed(),
        "submit": rich.plain(submit[:24]),
        "close": rich.plain("Cancel"),
    }
