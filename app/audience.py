"""What doctor says of whoever reads a channel: roles guard asking and pressing, and not what is read."""

from collections.abc import Iterator, Sequence

from bot.adapters.slack.people import LOOKED_AT
from bot.blocks.text import SHORT_CAP, counted, literal
from bot.domain.access import Audience, Person, Roster

_NAMED = 5


def told(audience: Audience, roster: Roster) -> Iterator[str]:
    """A sentence for each kind of reader that one may not have thought of; none where there is none."""
    if audience.outside:
        number = counted(len(audience.outside), "guest or stranger", "guests or strangers")
        yield f"is read by {number} ({_names(audience.outside)}): they may press nothing, and see what is posted"
    if audience.is_more:
        yield f"has more than {LOOKED_AT} members, and guests were looked for among the first {LOOKED_AT}"
    if audience.is_org_shared:
        yield "is shared with other workspaces of your organization: whoever is in it there reads what is posted"
    if audience.is_public and not roster.is_open:
        yield "is public: every full member reads what is posted there, with a role or without"


def _names(people: Sequence[Person]) -> str:
    named = [literal(person.name, SHORT_CAP) for person in people[:_NAMED]]
    more = len(people) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
