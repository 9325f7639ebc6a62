"""A finding's message: what it is, who did it, where it stands, and the buttons."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from bot.blocks import actions, facts, memory, rich, state, summary
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json
from bot.blocks.text import LONG_CAP, escaped, literal
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.kibana import KibanaLink
from bot.domain.memory import SeenBefore
from bot.domain.message import FindingCard
from bot.domain.run import Novelty, Run
from bot.domain.triage import Move


def blocks(card: FindingCard) -> tuple[Json, ...]:
    return fit(_parts(card))


def text(card: FindingCard) -> str:
    """One sentence for a lock screen or a screen reader, safe where Slack parses it."""
    finding = card.finding
    said = escaped(summary.plain(card.hunt, finding.face))
    news = "".join(f", {word}" for word in _news(card))
    return f"{state.grade(finding.severity)} {finding.ref}{news}: {said}. {state.in_a_word(finding).capitalize()}."


def _parts(card: FindingCard) -> Iterator[Part]:
    finding, hunt = card.finding, card.hunt
    yield Part(rich.header(" · ".join(_headline(card))))
    yield Part(what(finding, hunt, card.known_accounts))
    if warned := [fact.line for fact in facts.posing(finding.face)]:
        yield Part(rich.section(*warned))
    yield Part(rich.section(*(fact.line for fact in facts.who_and_when(finding)), _late(card)), Keep.LONG)
    if further := [fact.line for fact in (*facts.exactly(finding, hunt), *facts.further(finding, hunt))]:
        yield Part(rich.section(*further), Keep.SHORT)
    if card.is_retired:
        yield Part(rich.section(_retired(card)))
        return
    yield from where_it_stands(finding, card.seen_before, card.check, _earlier(card))
    yield Part(buttons(finding, hunt, card.seen_before, card.kibana))


def what(finding: Finding, hunt: Hunt, known_accounts: frozenset[str] = frozenset()) -> Json:
    """What one has to know in three seconds: what it is, why it is so bad, how far it reaches, whether it stands."""
    why: list[Json] = []
    if finding.face.reason:
        why = [rich.words(f"Why {finding.severity.value}  ", bold=True)]
        why.append(rich.words(literal(finding.face.reason, LONG_CAP)))
    stake = (fact.line for fact in facts.at_stake(finding, known_accounts=known_accounts))
    return rich.section(summary.plain_line(hunt, finding.face), why, *stake)


def where_it_stands(
    finding: Finding, seen: SeenBefore | None, check: Run | None, aside: Sequence[Json] = ()
) -> Iterator[Part]:
    """What was said of the same before; then who has it, and what the logs said when somebody asked again."""
    if seen:
        yield Part(rich.section(*memory.seen_before(seen)))
    yield Part(rich.section(state.standing(finding), state.sleep(finding), memory.checked(finding, check), aside))


def buttons(finding: Finding, hunt: Hunt, seen: SeenBefore | None = None, kibana: KibanaLink | None = None) -> Json:
    """What may be done now: take it while nobody has, then close it; what is not a button stands in the menu.

    Three at most: where the same can be said again, Details goes into the menu.
    """
    first = [move for move in _FIRST if finding.allows(move)][:1]
    shown = [*first, *(move for move in (Move.ESCALATE,) if finding.allows(move))]
    offered = [_BUTTONS[move](finding) for move in shown]
    again = memory.button(seen, finding)
    menu = _choices(finding, hunt, shown)
    if again:
        menu.append(_choice("Details", actions.CHOOSE_DETAILS, finding))
    elif kibana:
        menu.append(_choice("Open in Kibana", actions.CHOOSE_KIBANA, finding) | {"url": kibana.url})
    more = [{"type": "overflow", "action_id": actions.MORE, "options": menu}] if menu else []
    return {"type": "actions", "elements": [*offered, again or details_button(finding), *more]}


def details_button(finding: Finding) -> Json:
    return _button("Details", actions.DETAILS, finding)


def _headline(card: FindingCard) -> Sequence[str]:
    return (state.grade(card.finding.severity), card.finding.ref, *_news(card))


def _news(card: FindingCard) -> Sequence[str]:
    """Why it was posted."""
    late = ("late",) if card.late_since else ()
    if card.is_woken:
        return ("its snooze is over", *late)
    return late if card.novelty in {None, Novelty.KNOWN} else (state.NOVELTY_WORDS[card.novelty], *late)


def _late(card: FindingCard) -> list[Json]:
    """Its place in the channel says when Slack took it, not when it was found."""
    if card.late_since is None:
        return []
    return [rich.words("Late: it was found ", italic=True), rich.moment(card.late_since, rich.MINUTES)]


def _retired(card: FindingCard) -> list[Json]:
    said = f"{card.finding.ref} has a newer message"
    newer = [rich.words(": "), rich.link(card.later.url, "open it")] if card.later else []
    return [rich.words(said, italic=True), *newer]


def _earlier(card: FindingCard) -> list[Json]:
    if card.earlier is None:
        return []
    return [rich.words("Its story so far: "), rich.link(card.earlier.url, "earlier message")]


def _acknowledge(finding: Finding) -> Json:
    label = "Take over" if finding.waits_for_takeover else "Acknowledge"
    return _button(label, actions.ACKNOWLEDGE, finding) | {"style": "primary"}


def _resolve(finding: Finding) -> Json:
    return _button("Resolve…", actions.RESOLVE, finding) | {"style": "primary"}


def _escalate(finding: Finding) -> Json:
    """Asks once more: it wakes people and can not be taken back."""
    return _button("Escalate", actions.ESCALATE, finding) | {
        "style": "danger",
        "confirm": {
            "title": rich.plain(f"Escalate {finding.ref}?"),
            "text": rich.plain("It is handed to the people on call."),
            "confirm": rich.plain("Escalate"),
            "deny": rich.plain("Not now"),
            "style": "danger",
        },
    }


_BUTTONS: Mapping[Move, Callable[[Finding], Json]] = {
    Move.ACKNOWLEDGE: _acknowledge,
    Move.RESOLVE: _resolve,
    Move.ESCALATE: _escalate,
}
_FIRST = (Move.ACKNOWLEDGE, Move.RESOLVE)  # what comes next with it: the first of them that may be done
_CHOICES = (
    (Move.RESOLVE, "Resolve…", actions.CHOOSE_RESOLVE),
    (Move.SNOOZE, "Snooze…", actions.CHOOSE_SNOOZE),
    (Move.ASSIGN, "Assign…", actions.CHOOSE_ASSIGN),
    (Move.REOPEN, "Reopen", actions.CHOOSE_REOPEN),
)


def _choices(finding: Finding, hunt: Hunt, shown: Sequence[Move]) -> list[Json]:
    left = [(label, choice) for move, label, choice in _CHOICES if finding.allows(move) and move not in shown]
    options = [_choice(label, choice, finding) for label, choice in left]
    if hunt.shows_revocations and finding.face.was_granted and not finding.is_revoked:
        options.append(_choice("Still true?", actions.CHOOSE_STILL, finding))
    return options


def _choice(label: str, choice: str, finding: Finding) -> Json:
    return {"text": rich.plain(label), "value": f"{choice}:{finding.id}"}


def _button(label: str, action_id: str, finding: Finding) -> Json:
    return {
        "type": "button",
        "text": rich.plain(label),
        "action_id": action_id,
        "value": str(finding.id),
        "accessibility_label": f"{label} {finding.ref}",
    }
