"""A digest's message: what changed since the last one, what waits for somebody, what failed or kept silent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from bot.blocks import chart, hush, rich, rows, run
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import counted, escaped, literal
from bot.domain.digest import AGES, DAY, Digest
from bot.domain.finding import Finding
from bot.domain.message import DigestPost, DigestSheet
from bot.domain.paging import Heading
from bot.domain.queue import Queued
from bot.domain.run import MOST_MISSED, Run

_LATE = timedelta(minutes=5)
_FAILED_SHOWN = 5
_TITLES: Mapping[Heading, str] = {
    Heading.WAKING: "Snoozed, and awake before the next digest",
}


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
    told += [escaped(hush.sentence(hushed)) for hushed in digest.aside.hushed[:1]]
    return " ".join([*told, *_folded(digest), *_skipped(digest)])


def page_blocks(sheet: DigestSheet) -> tuple[Json, ...]:
    """A page of its thread; the findings as they are now."""
    page = sheet.page
    of = f"{'more than ' if page.is_more else ''}{page.of:,}"
    heading = [rich.words(_title(page.heading), bold=True), rich.words(f"  {page.first:,} to {page.last:,} of {of}")]
    urls = {link.finding_ref: link.url for link in sheet.links}
    lines = [rows.row(finding, sheet.hunt, urls) for finding in sheet.findings]
    return fit([Part(rich.section(heading)), *(Part(rich.bullets([line]), Keep.SHORT) for line in lines)])


def page_text(sheet: DigestSheet) -> str:
    page = sheet.page
    return f"{_title(page.heading)}: {page.first:,} to {page.last:,} of {page.of:,}."


def age(length: timedelta) -> str:
    """`3 days`, `5 hours`, `12 minutes`: how long somebody has been waiting, rounded down."""
    minutes = int(length.total_seconds()) // 60
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes >= size:
            return counted(minutes // size, unit)
    return counted(max(minutes, 0), "minute")


# --- a quiet day ------------------------------------------------------------------------------------


def _quiet(digest: Digest) -> str:
    """One line for a quiet day, and no all-clear where the search was not whole."""
    if not _is_whole(digest):
        return "nothing new in what could be searched, which was not everything."
    if _is_unheard(digest):
        return "nothing new. Whether the logs spoke at all could not be asked."
    return "quiet. Nothing new, and nothing waits for anybody."


def _is_whole(digest: Digest) -> bool:
    receipt = digest.run.receipt if digest.run else None
    return receipt is None or receipt.is_complete


def _is_unheard(digest: Digest) -> bool:
    receipt = digest.run.receipt if digest.run else None
    return receipt is not None and any(source.events is None for source in receipt.sources)


def _counted_out(digest: Digest) -> Sequence[str]:
    """Where the hits of a quiet day went: what is suppressed may not vanish without a word."""
    receipt = digest.run.receipt if digest.run else None
    return [f"{run.receipt_line(receipt)}."] if receipt and receipt.hits else []


# --- any other day ----------------------------------------------------------------------------------


def _parts(post: DigestPost) -> Iterator[Part]:
    digest = post.digest
    if digest.is_quiet:
        line = " ".join((_quiet(digest), *_counted_out(digest)))
        yield Part(
            rich.section(
                [rich.words("🔔 "), *_name(post), rich.words(f"  {line}")], _late(digest), *_off_schedule(digest)
            )
        )
        return
    title = [rich.words("🔔 Digest  "), *_name(post)]
    numbers = [rich.words(_numbers(digest), bold=True)]
    missed = hush.lines(digest.aside.hushed)
    yield Part(rich.section(title, _since(digest), _late(digest), *_off_schedule(digest), numbers, *missed))
    yield from _chart(digest)
    yield Part(rich.section(*_receipt(digest), _waited(digest), _longest(digest)))
    for heading, queued in digest.listed:
        yield from rows.listed(
            _title(heading) + _how_old(digest, heading),
            queued,
            lambda _: post.hunt,
            post.links,
            _extra(digest, heading),
            digest.shown_of_each,
        )
    if post.has_pages or post.in_thread:
        yield Part(rich.section([rich.words(_follows(post), italic=True)]))
    yield from _failed(digest)
    yield from _incomplete(digest)


def _numbers(digest: Digest) -> str:
    """Such as `2 new, 1 recurred, 5 nobody has looked at (2 for more than 3 days), 1 failed run.`."""
    numbers = [f"{_many(queued)} {_word(digest, heading)}" for heading, queued in digest.listed if queued.total]
    failed = [counted(len(digest.failures), "failed run")] if digest.failures else []
    partial = (
        [counted(len(digest.aside.incomplete), "run cut short", "runs cut short")] if digest.aside.incomplete else []
    )
    told = [*numbers, *failed, *partial]
    return f"{', '.join(told)}." if told else "Nothing new."


def _word(digest: Digest, heading: Heading) -> str:
    if heading is Heading.WAKING:
        return "snoozed and soon awake"
    return f"{heading.value}{_how_old(digest, heading)}"


def _how_old(digest: Digest, heading: Heading) -> str:
    """` (2 for more than 3 days)`: the longest age that anything has."""
    if heading is not Heading.UNTOUCHED:
        return ""
    told = [(length, queued) for length in AGES if (queued := digest.aside.aging.get(length)) and queued.total]
    return (
        f" ({', '.join(f'{_many(queued)} for more than {_length(length)}' for length, queued in told)})"
        if told
        else ""
    )


def _length(length: timedelta) -> str:
    return "a day" if length == DAY else age(length)


def _many(queued: Queued) -> str:
    return f"{'more than ' if queued.is_more else ''}{queued.total:,}"


def _title(heading: Heading) -> str:
    return _TITLES.get(heading) or heading.value[0].upper() + heading.value[1:]


def _name(post: DigestPost) -> list[Json]:
    return [rich.words(literal(post.hunt.name), bold=True), rich.words("  "), rich.value(f"/hunt {post.hunt.slug}")]


def _chart(digest: Digest) -> Iterator[Part]:
    shown = digest.chart
    if shown is None:
        return
    yield Part(chart.block(shown), Keep.LONG)
    yield Part(rich.section([rich.words(chart.in_words(shown))], [rich.words(chart.by_day(shown))]), Keep.LONG)


def _waited(digest: Digest) -> Line:
    waited = digest.aside.waited
    if waited is None:
        return []
    of = f"the latest {waited.count:,}" if waited.is_capped else counted(waited.count, "finding")
    return [
        rich.words("Time to acknowledge: "),
        rich.words(f"median {age(waited.median)}, mean {age(waited.mean)}", bold=True),
        rich.words(f", of {of}."),
    ]


def _longest(digest: Digest) -> Line:
    longest = digest.longest
    if longest is None:
        return []
    return [rich.words("Waiting longest: "), rich.words(f"{longest.ref}, {age(digest.waiting(longest))}.", bold=True)]


def _extra(digest: Digest, heading: Heading) -> rows.Extra | None:
    match heading:
        case Heading.UNTOUCHED:
            return lambda finding: [rich.words(f"waiting for {age(digest.waiting(finding))}", bold=True)]
        case Heading.WAKING:
            return _wakes
        case _:
            return None


def _wakes(finding: Finding) -> Line:
    if finding.snoozed_until is None:
        return []
    return [rich.words("until "), rich.moment(finding.snoozed_until, rich.MINUTES)]


def _follows(post: DigestPost) -> str:
    told = {
        (True, True): "What is not listed here, and the cards of what was found, follow in this thread.",
        (True, False): "What is not listed here follows in this thread.",
        (False, True): "The cards of what was found follow in this thread.",
    }[post.has_pages, post.in_thread]
    beyond = [queued for _, queued in post.digest.listed if queued.total > len(queued.findings)]
    return f"{told} All of it: /hunt export." if beyond else told


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


def _failed(digest: Digest) -> Iterator[Part]:
    failures = digest.failures
    if not failures:
        return
    shown = failures[:_FAILED_SHOWN]
    heading = [rich.words("Failed to run", bold=True), rich.words(f"  {rows.tally(len(shown), len(failures))}")]
    yield Part(rows.titled(heading, (_failure(failed) for failed in shown)), Keep.SHORT)
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


def _incomplete(digest: Digest) -> Iterator[Part]:
    """Earlier runs that did not see everything; the digest's own says so at the top."""
    runs = digest.aside.incomplete
    if not runs:
        return
    shown = runs[-_FAILED_SHOWN:]
    heading = [rich.words("Searched in part only", bold=True), rich.words(f"  {rows.tally(len(shown), len(runs))}")]
    yield Part(rows.titled(heading, (_cut_short(each) for each in shown)), Keep.SHORT)


def _cut_short(done: Run) -> Line:
    at = done.finished_at or done.request.requested_at
    is_partial = done.receipt is not None and done.receipt.is_partial
    why = "Elasticsearch could not ask every shard" if is_partial else "the answer reached its row limit"
    return [rich.moment(at, rich.MINUTES), rich.words(f": {why}")]
