"""What `/hunt help` and `/hunt list` answer."""

from collections.abc import Mapping, Sequence

from bot.blocks import rich
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json
from bot.blocks.rows import tally
from bot.blocks.text import VALUE_CAP, literal
from bot.domain.hunt import Hunt, Slug
from bot.domain.schedule import Schedule

COMMANDS: Sequence[tuple[str, str]] = (
    ("/hunt SLUG", "run a hunt; narrow it with since:24h account:111122223333 principal:alice severity:high"),
    ("/hunt list", "every hunt there is"),
    ("/hunt", "choose a hunt, a stretch of time and filters in a form"),
    ("/hunt findings", "what is not resolved: open (all of it), mine, untaken, untouched, escalated, snoozed"),
    ("/hunt findings mine critical older:2d", "narrow that by severity, age, account:, principal: and hunt:"),
    ("/hunt export mine csv", "the same as a file for you alone: csv or ndjson, narrowed like /hunt findings"),
    ("/hunt show F-42", "everything about one finding"),
    ("/hunt digest SLUG", "send the hunt's digest now"),
    ("/hunt suppressions", "the rules that hide hits, and what each would have hidden in 30 days"),
    ("/hunt status", "what is running and what is waiting"),
    ("/hunt help", "this"),
)
_SHOWN = 20


def help_blocks() -> tuple[Json, ...]:
    lines = [[rich.value(command), rich.words(f"  {does}")] for command, does in COMMANDS]
    return (rich.section([rich.words("What you can type", bold=True)]), rich.bullets(lines))


def hunt_list_blocks(hunts: Sequence[Hunt], schedules: Mapping[Slug, Schedule]) -> tuple[Json, ...]:
    """Every hunt with its digest as it is set up here, which a hunt file alone does not decide."""
    if not hunts:
        return (rich.section([rich.words("No hunts are loaded. huntbot doctor says why.")]),)
    shown = hunts[:_SHOWN]
    heading = rich.section([rich.words("Hunts", bold=True), rich.words(f"  {tally(len(shown), len(hunts))}")])
    return fit([Part(heading), *(Part(_hunt(hunt, schedules.get(hunt.slug)), Keep.SHORT) for hunt in shown)])


def _hunt(hunt: Hunt, schedule: Schedule | None) -> Json:
    gist, _, _ = " ".join(hunt.description.split()).partition(". ")  # a list has no room for more than one sentence
    what = literal(gist, VALUE_CAP)
    digest = f"digest {schedule.cron} ({schedule.timezone})" if schedule else "no digest"
    days = f"{hunt.window.total_seconds() / 86400:g} d"
    return rich.section(
        [rich.value(f"/hunt {hunt.slug}", bold=True), rich.words(f"  {literal(hunt.name)}")],
        [rich.words(what)] if what else [],
        [rich.words(f"looks back {days} · {digest}", italic=True)],
    )
