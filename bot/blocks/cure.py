"""What takes a finding back: the hunt's remediation, ready to paste, or why there is no command to give."""

from collections.abc import Iterator, Sequence

from bot.blocks import rich
from bot.blocks.facts import label
from bot.blocks.rich import Json, Line
from bot.blocks.text import literal, lookalikes
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.remediation import Command, Withheld, command, placeholders


def blocks(shown: Finding, hunt: Hunt) -> Sequence[Json]:
    """Nothing where the hunt has no remediation; huntbot itself runs none."""
    if not hunt.remediation:
        return ()
    title = [rich.words("Remediation", bold=True)]
    if not shown.face.was_granted:
        return (rich.section(title, [rich.words("The attempt was refused: there is nothing to take back.")]),)
    if shown.is_revoked:
        return (rich.section(title, [rich.words("It was taken back already: there is nothing left to do.")]),)
    columns = placeholders(hunt.remediation)
    match command(hunt.remediation, {name: shown.face.text(name) for name in columns}):
        case Command(pasted):
            return (
                rich.section([*title, rich.words("  to paste into a shell; huntbot does not run it")], *_in(shown)),
                rich.preformatted(pasted),
                *_odd(shown, columns),
            )
        case Withheld(reasons):
            why = [[rich.words(f"{label(name)} {why.value}.")] for name, why in reasons]
            return (rich.section([*title, rich.words("  There is no command that is safe to paste:")], *why),)


def _in(shown: Finding) -> Iterator[Line]:
    """Whose credentials it needs."""
    account = shown.face.text("account")
    if account:
        yield [rich.words("With credentials of account "), rich.value(literal(account))]


def _odd(shown: Finding, columns: Sequence[str]) -> Sequence[Json]:
    odd = [name for name in columns if lookalikes(shown.face.text(name) or "")]
    said = "⚠️ It holds letters that look like others, in "
    return (rich.section([rich.words(f"{said}{', '.join(map(label, odd))}.", bold=True)]),) if odd else ()
