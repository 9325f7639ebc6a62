"""A digest's message: what changed since the last one, what waits for somebody, what failed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.blocks import rich, rows, run
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted, escaped, literal
from bot.domain.digest import Digest
from bot.domain.finding import Finding
from bot.domain.message import DigestPost
from bot.domain.run import Run, RunState

_LATE = timedelta(minutes=5)
_FAILED_SHOWN = 5


def blocks(post: DigestPost) -> tuple[Json, ...]:
    return fit(_parts(post))


def text(post: DigestPost) -> str:
    """What a lock screen shows: the numbers, or that it was quiet."""
    digest = post.digest
    name = escaped(literal(post.hunt.name))
    if digest.is_quiet:
        return f"{name}: {_quiet(digest)}"
    numbers = [f"{len(found):,} {word}" for word, found in _changes(digest) if found]
    waiting = [f"{len(digest.untouched):,} nobody has looked at"] if digest.untouched else []
    failed = [counted(len(_failures(digest)), "failed run")] if _failures(digest) else []
    return f"{name}: {', '.join([*numbers, *waiting, *failed]) or 'nothing to tell'}."


def age(length: timedelta) -> str:
    """`3 days`, `5 hours`, `12 minutes`: how long somebody has been waiting, rounded down."""
    minutes = int(length.total_seconds()) // 60
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes >= size:
            return counted(minutes // size, unit)
    return counted(max(minutes, 0), "minute")


def _parts(post: DigestPost) -> Iterator[Part]:
    digest = post.digest
    if digest.is_quiet:
        yield Part(rich.section([rich.words("🔔 "), *_name(post), rich.words(f"  {_quiet(digest)}")]))
        return
    yield Part(
        rich.section([rich.words("🔔 Digest  "), *_name(post)], _since(digest), _late(digest), *_receipt(digest))
    )
    for word, findings in _changes(digest):
        yield from rows.listed(word.capitalize(), findings, lambda _: post.hunt, post.links)
    yield from rows.listed(
        "Nobody has looked at", digest.untouched, lambda _: post.hunt, post.links, lambda f: _waiting(digest, f)
    )
    yield from _failed(digest)


def _changes(digest: Digest) -> Sequence[tuple[str, Sequence[Finding]]]:
    return (
        ("worsened", digest.worsened),
        ("recurred", digest.recurred),
        ("new", digest.new),
        ("from the backlog", digest.backlog),
    )


def _name(post: DigestPost) -> list[Json]:
    return [rich.words(literal(post.hunt.name), bold=True), rich.words("  "), rich.value(f"/hunt {post.hunt.slug}")]


def _quiet(digest: Digest) -> str:
    """One line for a quiet day, and no all-clear where the search was not whole."""
    receipt = digest.run.receipt if digest.run else None
    if receipt is not None and not receipt.is_complete:
        return "nothing new in what could be searched, which was not everything."
    return "quiet. Nothing new, and nothing waits for anybody."


def _since(digest: Digest) -> Line:
    if digest.since is None:
        return [rich.words("No digest of this hunt came here before.")]
    return [rich.words("Since "), rich.moment(digest.since, rich.MINUTES)]


def _late(digest: Digest) -> Line:
    asked = digest.run.request if digest.run else None
    if asked is None or asked.due_at is None or asked.requested_at - asked.due_at < _LATE:
        return []
    return [rich.words("Late: it was due ", italic=True), rich.moment(asked.due_at, rich.MINUTES)]


def _receipt(digest: Digest) -> Sequence[Line]:
    done = digest.run
    if done is None or done.receipt is None:
        return []
    return [[rich.words(run.receipt_line(done.receipt))], *run.cautions(done.receipt), run.window_line(done)]


def _waiting(digest: Digest, finding: Finding) -> Line:
    return [rich.words(f"waiting for {age(digest.waiting(finding))}", bold=True)]


def _failures(digest: Digest) -> Sequence[Run]:
    """The runs that failed since the last digest, this one's own first."""
    own = [digest.run] if digest.run is not None and digest.run.state is RunState.FAILED else []
    return [*own, *(failed for failed in digest.failed if not own or failed.id != own[0].id)]


def _failed(digest: Digest) -> Iterator[Part]:
    failures = _failures(digest)
    if not failures:
        return
    shown = failures[:_FAILED_SHOWN]
    heading = [rich.words("Failed to run", bold=True), rich.words(f"  {rows.tally(len(shown), len(failures))}")]
    yield Part(rich.section(heading), Keep.LONG)
    yield Part(rich.bullets(_failure(failed) for failed in shown), Keep.SHORT)
    yield Part(
        rich.section([rich.words("What failed runs did not see is searched again by the next one.", italic=True)])
    )


def _failure(failed: Run) -> Line:
    at = failed.finished_at or failed.request.requested_at
    return [
        rich.moment(at, rich.MINUTES),
        rich.words(": "),
        rich.words(literal(failed.error or "no error was given")),
    ]
