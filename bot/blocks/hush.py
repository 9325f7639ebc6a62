"""Who used to speak in the logs and does not any more: where nothing arrives, no hits mean nothing."""

from collections.abc import Iterator, Sequence

from bot.blocks import rich
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted, literal
from bot.domain.source import Hush, Source

_SHOWN = 5


def lines(hushed: Sequence[Hush]) -> Iterator[Line]:
    """One each, the whole sources first; of many only some."""
    yield from map(_line, hushed[:_SHOWN])
    if len(hushed) > _SHOWN:
        more = counted(len(hushed) - _SHOWN, "more account and region is", "more accounts and regions are")
        yield [rich.words(f"🔇 {more} silent.", bold=True)]


def sentence(hush: Hush) -> str:
    """The same for a lock screen; values are literal, to be escaped where Slack parses."""
    if hush.account or hush.region:
        return f"Nothing from {' in '.join(filter(None, _place(hush)))} since {_at(hush)}."
    if hush.since is None:
        return f"No event at all arrived from {_name(hush.source)} in this window: nothing can be said."
    return f"No event arrived from {_name(hush.source)} since {_at(hush)}: nothing can be said of what came after."


def silent_line(source: Source) -> Line:
    """For an answer without hits."""
    return _line(Hush(source))


def _line(hush: Hush) -> Line:
    if hush.account or hush.region:
        account, region = _place(hush)
        place = [rich.value(account)] if account else []
        place += [*([rich.words(" in ")] if account else []), rich.value(region)] if region else []
        return [rich.words("🔇 Nothing from ", bold=True), *place, *_since(hush), rich.words(".")]
    if hush.since is None:
        return [
            rich.words("🔇 No event at all arrived from ", bold=True),
            *_source(hush.source),
            rich.words(" in this window: nothing can be said.", bold=True),
        ]
    return [
        rich.words("🔇 No event arrived from ", bold=True),
        *_source(hush.source),
        *_since(hush),
        rich.words(": nothing can be said of what came after.", bold=True),
    ]


def _since(hush: Hush) -> list[Json]:
    return [rich.words(" since "), rich.moment(hush.since, rich.MINUTES)] if hush.since else []


def _source(source: Source) -> list[Json]:
    of = [rich.words(" in ", bold=True), rich.value(literal(source.index))] if source.dataset else []
    return [rich.value(literal(source.dataset or source.index)), *of]


def _name(source: Source) -> str:
    return literal(source.dataset or source.index)


def _place(hush: Hush) -> tuple[str, str]:
    return literal(hush.account), literal(hush.region)


def _at(hush: Hush) -> str:
    return rich.utc(hush.since) if hush.since else "before"
