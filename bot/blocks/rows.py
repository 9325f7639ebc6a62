"""Lists of findings: a short line each, and always how many of how many are shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from bot.blocks import rich, state, summary
from bot.blocks.limits import Keep, Part
from bot.blocks.rich import Json, Line
from bot.blocks.text import SHORT_CAP
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.message import Link
from bot.domain.paging import SHOWN
from bot.domain.queue import Queued

Extra = Callable[[Finding], Line]


def listed(
    title: str,
    page: Queued,
    hunt_of: Callable[[Finding], Hunt],
    links: Sequence[Link] = (),
    extra: Extra | None = None,
    most: int = SHOWN,
) -> Iterator[Part]:
    """A titled list in a block of its own; nothing where there is nothing to list."""
    if not page.findings:
        return
    urls = {link.finding_ref: link.url for link in links}
    shown = page.findings[:most]
    counted = tally(len(shown), page.total, is_more=page.is_more)
    heading = [rich.words(title, bold=True), rich.words(f"  {counted}")]
    yield Part(titled(heading, (row(finding, hunt_of(finding), urls, extra) for finding in shown)), Keep.SHORT)


def titled(heading: Line, items: Iterable[Line]) -> Json:
    """A heading and its list in one block: where the list has to go, no heading tells how much it shows."""
    return {"type": "rich_text", "elements": [*_elements(rich.section(heading)), *_elements(rich.bullets(items))]}


def _elements(block: Json) -> list[Json]:
    elements = block["elements"]
    return elements if isinstance(elements, list) else []


def tally(shown: int, of: int, *, is_more: bool = False) -> str:
    """`showing 10 of 137`, `showing 10 of more than 1,000`; said also where it is all of them."""
    return f"showing {shown:,} of {'more than ' if is_more else ''}{of:,}"


def row(finding: Finding, hunt: Hunt, urls: Mapping[str, str], extra: Extra | None = None) -> list[Json]:
    """`🛑 CRITICAL F-42 anyone (*) may ... · acknowledged`, the id a link where its message stands.

    `extra` stands in the place of the state, where all that is listed has the same one.
    """
    said = extra(finding) if extra else [rich.words(state.in_a_word(finding))]
    return [
        rich.words(f"{state.grade(finding.severity)} "),
        rich.link(urls[finding.ref], finding.ref) if finding.ref in urls else rich.words(finding.ref, bold=True),
        rich.words(" "),
        *summary.line(hunt, finding.face, SHORT_CAP),
        rich.words(" · "),
        *said,
    ]
