"""A run's message: the placeholder while it looks, then its receipt, or why it failed."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.blocks import bulk, export, hush, rich, rows
from bot.blocks.limits import Keep, Part, fit
from bot.blocks.rich import Json, Line
from bot.blocks.text import LONG_CAP, counted, escaped, literal
from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.message import RunAnswer, RunProgress
from bot.domain.queue import whole
from bot.domain.run import Filter, Novelty, Receipt, Run, RunState
from bot.domain.severity import Severity
from bot.domain.source import Hush

NEWS = (Novelty.WORSENED, Novelty.RECURRED, Novelty.NEW, Novelty.BACKLOG)


def progress_blocks(progress: RunProgress) -> tuple[Json, ...]:
    looking = [rich.words("🔎 "), rich.words(progress.run.request.hunt, bold=True), rich.words(" is looking…")]
    return (rich.section(looking, [rich.words("This message becomes its answer.", italic=True)]),)


def progress_text(progress: RunProgress) -> str:
    return f"{progress.run.request.hunt} is looking…"


def answer_blocks(answer: RunAnswer) -> tuple[Json, ...]:
    run = answer.outcome.run
    if run.state is RunState.FAILED or run.receipt is None:
        return fit([Part(rich.section(_title(answer.hunt), window_line(run))), Part(failure(run))])
    return fit(_parts(answer, run.receipt))


def answer_text(answer: RunAnswer) -> str:
    run = answer.outcome.run
    if run.state is RunState.FAILED or run.receipt is None:
        return f"{answer.hunt.slug} did not run: {escaped(literal(run.error or 'no error was given', LONG_CAP))}"
    caution = " Not everything could be searched." if not run.receipt.is_complete else ""
    silent = "".join(f" {escaped(hush.sentence(Hush(source)))}" for source in run.receipt.silent[:1])
    return f"{answer.hunt.slug}: {receipt_line(run.receipt)}.{caution}{silent}"


def receipt_line(receipt: Receipt) -> str:
    """`137 hits = 12 new + 120 known + 5 suppressed`; what is older than all that was searched is not called new."""
    parts = [f"{receipt.known:,} known", f"{receipt.suppressed:,} suppressed"]
    if receipt.backlog or receipt.is_baseline:
        parts.insert(0, f"{receipt.backlog:,} from the backlog")
    if not receipt.is_baseline:
        parts.insert(0, f"{receipt.new - receipt.backlog:,} new")
    if receipt.filtered:
        parts.append(f"{receipt.filtered:,} filtered out")
    return f"{counted(receipt.hits, 'hit')} = {' + '.join(parts)}"


def window_line(run: Run) -> Line:
    """The stretch of time that was searched, in the viewer's zone, and how long it took."""
    if run.window is None:
        return []
    took = [rich.words(f" · took {_seconds(run.receipt.took_ms)}")] if run.receipt else []
    start, end = rich.moment(run.window.start, rich.MINUTES), rich.moment(run.window.end, rich.MINUTES)
    return [rich.words("Searched "), start, rich.words(" to "), end, *took]


def cautions(receipt: Receipt) -> Sequence[Line]:
    """What keeps this answer from being the whole truth."""
    said = []
    if receipt.is_partial:
        said.append("⚠️ Partial: Elasticsearch could not ask every shard. There may be hits that are not here.")
    if receipt.is_truncated:
        said.append(
            "⚠️ Cut off: the answer reached its row limit. There are hits that are not here: ask for less time."
        )
    return [[rich.words(text, bold=True)] for text in said]


def failure(run: Run) -> Json:
    """The error, and what happens next."""
    return rich.section(
        [
            rich.words("⛔ It did not run: ", bold=True),
            rich.words(literal(run.error or "no error was given", LONG_CAP)),
        ],
        [
            rich.words(
                "It was not searched to the end: this says nothing about the logs. Known findings stand as they are."
            )
        ],
        [
            rich.words("The next run looks at this stretch of time again. To try now: "),
            rich.value(f"/hunt {run.request.hunt}"),
        ],
    )


def _parts(answer: RunAnswer, receipt: Receipt) -> Iterator[Part]:
    run = answer.outcome.run
    yield Part(
        rich.section(
            _title(answer.hunt),
            [rich.words(receipt_line(receipt), bold=True)],
            *cautions(receipt),
            window_line(run),
            _filter_line(run.request.filter),
            *(hush.silent_line(source) for source in receipt.silent),
            _what_they_are(answer, receipt),
            _how_bad(answer),
        )
    )
    if not _stand_by_themselves(answer):
        kinds = _kinds_of_news(answer)
        extra = _novelty_of(answer) if len(kinds) > 1 else None
        title = kinds[0].value.capitalize() if len(kinds) == 1 else "New and changed"
        yield from rows.listed(title, whole(answer.outcome.news), lambda _: answer.hunt, answer.links, extra)
    yield from rows.listed("Known", whole(answer.outcome.known), lambda _: answer.hunt, answer.links)
    if elements := _controls(answer):
        yield Part({"type": "actions", "elements": elements})
    if receipt.is_baseline and receipt.backlog:
        yield Part(rich.section([rich.words(_BASELINE, italic=True)]), Keep.LONG)


def _controls(answer: RunAnswer) -> list[Json]:
    """What may be done with all that it found."""
    if not answer.outcome.findings:
        return []
    run, open_ = answer.outcome.run, [finding for finding, _ in answer.outcome.findings if finding.is_open]
    return [*bulk.buttons(bulk.of_run(run.id), len(open_)), *export.of_run(run.id)]


_BASELINE = "No full run of this hunt came before: what this one found may be old, so nothing here is called new."


def _title(hunt: Hunt) -> Line:
    return [rich.words(literal(hunt.name), bold=True), rich.words("  "), rich.value(f"/hunt {hunt.slug}")]


def _what_they_are(answer: RunAnswer, receipt: Receipt) -> Line:
    """Hits are counted above; this counts findings, and says where they are."""
    if not answer.outcome.findings:
        return [rich.words(_nothing(receipt))]
    count = answer.outcome.count()
    kinds = ", ".join(f"{count[novelty]:,} {novelty.value}" for novelty in (*NEWS, Novelty.KNOWN) if count[novelty])
    number = counted(len(answer.outcome.findings), "finding")
    return [rich.words(f"{number}: {kinds}.{_where(answer)}")]


def _where(answer: RunAnswer) -> str:
    if not _kinds_of_news(answer) or answer.outcome.run.request.is_private:
        return ""
    if answer.in_thread:
        return " They follow in this thread."
    if not _stand_by_themselves(answer):
        return ""
    return f" {'Its message stands' if len(answer.outcome.news) == 1 else 'Their messages stand'} in this channel."


def _stand_by_themselves(answer: RunAnswer) -> bool:
    """Whether all that is new stands in this channel already, so that listing it would say everything twice."""
    linked = {link.finding_ref for link in answer.links}
    is_posted = all(finding.ref in linked for finding in answer.outcome.news)
    return is_posted and not answer.in_thread and not answer.outcome.run.request.is_private


def _kinds_of_news(answer: RunAnswer) -> Sequence[Novelty]:
    count = answer.outcome.count()
    return [novelty for novelty in NEWS if count[novelty]]


def _how_bad(answer: RunAnswer) -> Line:
    """`5 critical, 3 high, 1 low`, over news and known alike."""
    severities = [finding.severity for finding, _ in answer.outcome.findings]
    told = [f"{severities.count(grade)} {grade.value}" for grade in Severity if grade in severities]
    return [rich.words(", ".join(told))] if told else []


def _nothing(receipt: Receipt) -> str:
    """Never a false all-clear: it says what was looked at and what was not."""
    if not receipt.is_complete:
        return "No findings in what could be searched. That is no all-clear."
    if receipt.silent:
        return "No findings, and no all-clear: where nothing arrives, nothing is found."
    if receipt.hits:
        return "No findings left: every hit was filtered out or suppressed."
    return "No hits: the logs of this stretch of time, as far as they have arrived, hold none."


def _filter_line(filter_: Filter) -> Line:
    if filter_.is_empty:
        return []
    asked = {
        "account": filter_.account,
        "principal": filter_.principal,
        "severity at least": filter_.severity.value if filter_.severity else None,
    }
    told: list[Json] = [rich.words("Only ")]
    for name, wanted in asked.items():
        if wanted:
            told += [rich.words(f"{', ' if len(told) > 1 else ''}{name} "), rich.value(literal(wanted))]
    return told


def _novelty_of(answer: RunAnswer) -> rows.Extra:
    novelties = {finding.id: novelty for finding, novelty in answer.outcome.findings}

    def said(finding: Finding) -> Line:
        return [rich.words(novelties[finding.id].value)]

    return said


def _seconds(took_ms: int) -> str:
    return f"{timedelta(milliseconds=took_ms).total_seconds():.1f} s"
