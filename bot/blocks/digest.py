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
from bot.domain.queue import Queued
from bot.domain.run import MOST_MISSED, Run

_LATE = timedelta(minutes=5)
_FAILED_SHOWN = 5


def blocks(post: DigestPost) -> tuple[Json, ...]:
    return fit(_parts(post))


def text(post: DigestPost) -> str:
    """What a lock screen shows: the numbers, or that it was quiet."""
    digest = post.digest
    told = [f"{escaped(literal(post.hunt.name))}: {_quiet(digest) if digest.is_quiet else _numbers(digest)}"]
    if not (digest.is_quiet or _is_whole(digest)):
        told.append("Not everything could be searched.")
    if digest.has_failed:
        told.append("Its own run failed: it says nothing about the logs.")
    return " ".join([*told, *_folded(digest), *_skipped(digest)])


def _numbers(digest: Digest) -> str:
    pages = (*_changes(digest), ("nobody has looked at", digest.untouched))
    numbers = [f"{_many(page)} {word}" for word, page in pages if page.total]
    failed = [counted(len(digest.failures), "failed run")] if digest.failures else []
    return f"{', '.join([*numbers, *failed])}."


def _many(page: Queued) -> str:
    return f"{'more than ' if page.is_more else ''}{page.total:,}"


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
        line = " ".join((_quiet(digest), *_counted_out(digest)))
        yield Part(rich.section([rich.words("🔔 "), *_name(post), rich.words(f"  {line}")], *_off_schedule(digest)))
        return
    title = [rich.words("🔔 Digest  "), *_name(post)]
    yield Part(rich.section(title, _since(digest), _late(digest), *_off_schedule(digest), *_receipt(digest)))
    for word, page in _changes(digest):
        yield from rows.listed(word.capitalize(), page, lambda _: post.hunt, post.links)
    yield from rows.listed(
        "Nobody has looked at", digest.untouched, lambda _: post.hunt, post.links, lambda f: _waiting(digest, f)
    )
    yield from _failed(digest)


def _changes(digest: Digest) -> Sequence[tuple[str, Queued]]:
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
    if not _is_whole(digest):
        return "nothing new in what could be searched, which was not everything."
    return "quiet. Nothing new, and nothing waits for anybody."


def _is_whole(digest: Digest) -> bool:
    receipt = digest.run.receipt if digest.run else None
    return receipt is None or receipt.is_complete


def _counted_out(digest: Digest) -> Sequence[str]:
    """Where the hits of a quiet day went: what is suppressed may not vanish without a word."""
    receipt = digest.run.receipt if digest.run else None
    return [f"{run.receipt_line(receipt)}."] if receipt and receipt.hits else []


def _folded(digest: Digest) -> Sequence[str]:
    number = digest.missed
    were = "was" if number == 1 else "were"
    return [f"It also stands for {counted(number, 'due time')} that {were} missed."] if number else []


def _skipped(digest: Digest) -> Sequence[str]:
    number = sum(skipped.request.missed for skipped in digest.skipped)
    at_least = "at least " if any(skipped.request.missed >= MOST_MISSED for skipped in digest.skipped) else ""
    were = "was" if number == 1 else "were"
    return [f"{at_least}{counted(number, 'due time')} {were} skipped.".capitalize()] if number else []


def _off_schedule(digest: Digest) -> Iterator[Line]:
    """What of the schedule did not go as it should."""
    yield from ([rich.words(told)] for told in _folded(digest))
    stretches = [skipped.request.window for skipped in digest.skipped if skipped.request.window]
    for told in _skipped(digest):
        if stretches:
            start, end = min(s.start for s in stretches), max(s.end for s in stretches)
            between = (rich.moment(start, rich.MINUTES), rich.words(" to "), rich.moment(end, rich.MINUTES))
            yield [rich.words(f"{told} They were too long ago: "), *between]


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
    if digest.has_failed:
        return [[rich.words("⛔ Its own run failed: it says nothing about the logs.", bold=True)]]
    if done is None or done.receipt is None:
        return []
    return [[rich.words(run.receipt_line(done.receipt))], *run.cautions(done.receipt), run.window_line(done)]


def _waiting(digest: Digest, finding: Finding) -> Line:
    return [rich.words(f"waiting for {age(digest.waiting(finding))}", bold=True)]


def _failed(digest: Digest) -> Iterator[Part]:
    failures = digest.failures
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
