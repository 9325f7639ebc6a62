"""What a run and a digest say, above all where they must not sound like an all-clear."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.blocks.digest import age
from bot.blocks.draw import draw
from bot.blocks.run import receipt_line
from bot.domain.finding import FindingId
from bot.domain.message import DigestPost, Link, RunProgress
from bot.domain.queue import whole
from bot.domain.run import Filter, Novelty, Receipt, RunOutcome
from bot.domain.severity import Severity
from tests.unit.blocks.examples import GRANTS, NOON, answer, digest, finding, read, run

FINDINGS = tuple(replace(finding(), id=FindingId(number)) for number in range(1, 138))


@pytest.mark.parametrize(
    ("receipt", "line"),
    [
        (Receipt(137, 12, 120, suppressed=5), "137 hits = 12 new + 120 known + 5 suppressed"),
        (Receipt(0, 0, 0), "0 hits = 0 new + 0 known + 0 suppressed"),
        (Receipt(1, 1, 0, backlog=1, is_baseline=True), "1 hit = 1 from the backlog + 0 known + 0 suppressed"),
        (Receipt(9, 8, 1, backlog=5), "9 hits = 3 new + 5 from the backlog + 1 known + 0 suppressed"),
        (Receipt(9, 1, 2, filtered=6), "9 hits = 1 new + 2 known + 0 suppressed + 6 filtered out"),
    ],
)
def test_the_receipt_accounts_for_every_hit(receipt: Receipt, line: str) -> None:
    assert receipt_line(receipt) == line


def test_a_baseline_calls_nothing_new() -> None:
    backlog = answer(Receipt(2, 2, 0, backlog=2, is_baseline=True), tuple((f, Novelty.BACKLOG) for f in FINDINGS[:2]))
    drawn = draw(backlog)

    assert "2 from the backlog" in read(drawn.blocks)
    assert "nothing here is called new" in read(drawn.blocks)
    assert " new " not in drawn.text


def test_what_found_nothing_says_nothing_of_a_backlog() -> None:
    told = read(draw(answer(Receipt(5, 0, 0, filtered=5, is_baseline=True))).blocks)

    assert "5 hits = 0 from the backlog + 0 known + 0 suppressed + 5 filtered out" in told
    assert "nothing here is called new" not in told


def test_a_long_list_says_how_much_of_it_is_shown() -> None:
    known = draw(answer(Receipt(137, 0, 137), tuple((f, Novelty.KNOWN) for f in FINDINGS)))

    told = read(known.blocks)
    assert "Known  showing 10 of 137" in told
    assert "F-10 " in told
    assert "F-11 " not in told


def test_known_findings_are_a_line_with_state_and_link() -> None:
    link = Link("F-1", "https://acme.slack.com/archives/C1/p1")
    drawn = draw(answer(Receipt(1, 0, 1), ((FINDINGS[0], Novelty.KNOWN),), links=(link,)))

    assert "🛑 CRITICAL F-1 anyone (*) may lambda:InvokeFunction on pay · open" in read(drawn.blocks)
    assert link.url in str(drawn.blocks)


def test_many_new_findings_are_said_to_follow_in_the_thread() -> None:
    new = tuple((f, Novelty.NEW) for f in FINDINGS)
    told = read(draw(answer(Receipt(137, 137, 0), new, in_thread=True)).blocks)

    assert "137 findings: 137 new. They follow in this thread." in told
    assert "New  showing 10 of 137" in told


def test_new_findings_are_listed_until_each_has_its_message() -> None:
    new = tuple((f, Novelty.NEW) for f in FINDINGS[:2])
    links = tuple(Link(f.ref, f"https://acme.slack.com/archives/C1/p{f.id}") for f in FINDINGS[:2])

    assert "New  showing 2 of 2" in read(draw(answer(Receipt(2, 2, 0), new)).blocks)
    told = read(draw(answer(Receipt(2, 2, 0), new, links=links)).blocks)
    assert "2 findings: 2 new. Their messages stand in this channel." in told
    assert "showing" not in told


def test_a_single_finding_is_spoken_of_as_one() -> None:
    one = answer(Receipt(1, 1, 0), ((FINDINGS[0], Novelty.NEW),), links=(Link("F-1", "https://x.slack.com/p1"),))

    assert "1 finding: 1 new. Its message stands in this channel." in read(draw(one).blocks)


def test_a_private_answer_lists_what_it_found() -> None:
    public = answer(Receipt(1, 1, 0), ((FINDINGS[0], Novelty.NEW),), links=(Link("F-1", "https://x.slack.com/p1"),))
    request = replace(public.outcome.run.request, is_private=True)
    private = replace(public, outcome=replace(public.outcome, run=replace(public.outcome.run, request=request)))

    told = read(draw(private).blocks)
    assert "New  showing 1 of 1" in told
    assert "in this channel" not in told


def test_news_of_several_kinds_say_which_they_are() -> None:
    mixed = ((FINDINGS[0], Novelty.NEW), (FINDINGS[1], Novelty.RECURRED))
    told = read(draw(answer(Receipt(2, 2, 0), mixed)).blocks)

    assert "New and changed  showing 2 of 2" in told
    assert "on pay · recurred" in told
    assert "2 critical" in told


@pytest.mark.parametrize(
    ("receipt", "says"),
    [
        (Receipt(0, 0, 0), "No hits: the logs of this stretch of time, as far as they have arrived, hold none."),
        (Receipt(0, 0, 0, is_partial=True), "No findings in what could be searched. That is no all-clear."),
        (Receipt(9, 0, 0, filtered=9, is_truncated=True), "No findings in what could be searched."),
        (Receipt(9, 0, 0, filtered=9), "No findings left: every hit was filtered out or suppressed."),
        (Receipt(5, 0, 5, is_partial=True), "⚠️ Partial: Elasticsearch could not ask every shard."),
        (Receipt(5, 0, 5, is_truncated=True), "⚠️ Cut off: the answer reached its row limit."),
    ],
)
def test_nothing_found_is_never_a_false_all_clear(receipt: Receipt, says: str) -> None:
    drawn = draw(answer(receipt))

    assert says in read(drawn.blocks)
    assert ("Not everything could be searched" in drawn.text) is not receipt.is_complete


def test_a_failed_run_says_why_and_what_happens_next() -> None:
    drawn = draw(answer(error="Elasticsearch refused the connection"))
    told = read(drawn.blocks)

    assert "It did not run: Elasticsearch refused the connection" in told
    assert "says nothing about the logs" in told
    assert "The next run looks at this stretch of time again." in told
    assert drawn.text == "grants did not run: Elasticsearch refused the connection"


def test_a_filter_is_told() -> None:
    asked = answer(Receipt(3, 1, 0, filtered=2), ((FINDINGS[0], Novelty.NEW),))
    request = replace(asked.outcome.run.request, filter=Filter("111122223333", "al*", Severity.HIGH))
    narrowed = replace(asked, outcome=RunOutcome(replace(asked.outcome.run, request=request), asked.outcome.findings))

    assert "Only account 111122223333, principal al*, severity at least high" in read(draw(narrowed).blocks)


def test_the_placeholder_says_that_it_becomes_the_answer() -> None:
    assert "grants is looking…\nThis message becomes its answer." in read(draw(RunProgress(run())).blocks)


def test_a_quiet_day_is_one_line() -> None:
    drawn = draw(DigestPost(digest(), GRANTS, ()))

    assert (
        read(drawn.blocks)
        == "🔔 Grants on functions  /hunt grants  quiet. Nothing new, and nothing waits for anybody.\n"
    )
    assert drawn.text == "Grants on functions: quiet. Nothing new, and nothing waits for anybody."


def test_a_quiet_day_that_was_not_searched_whole_is_not_called_quiet() -> None:
    partial = digest(run=run(Receipt(0, 0, 0, is_partial=True)))

    assert "which was not everything" in draw(DigestPost(partial, GRANTS, ())).text


SECTIONS: Mapping[str, str] = {
    "new": "New",
    "recurred": "Recurred",
    "worsened": "Worsened",
    "backlog": "From the backlog",
}


@pytest.mark.parametrize(("field", "title"), SECTIONS.items())
def test_a_digest_lists_what_changed(field: str, title: str) -> None:
    drawn = draw(DigestPost(digest(**{field: whole(FINDINGS)}), GRANTS, ()))

    assert f"{title}  showing 10 of 137" in read(drawn.blocks)
    assert f"137 {title.lower()}" in drawn.text


def test_a_digest_says_how_long_nobody_has_looked() -> None:
    old = replace(FINDINGS[0], opened_at=NOON - timedelta(days=3, hours=2))
    drawn = draw(DigestPost(digest(untouched=whole([old])), GRANTS, ()))

    assert "Nobody has looked at  showing 1 of 1" in read(drawn.blocks)
    assert "waiting for 3 days" in read(drawn.blocks)
    assert "1 nobody has looked at" in drawn.text


def test_a_digest_whose_own_run_failed_says_so_first() -> None:
    failed = run(error="the API key is wrong")
    drawn = draw(DigestPost(digest(run=failed, failed=(failed,)), GRANTS, ()))

    assert "Failed to run  showing 1 of 1" in read(drawn.blocks)
    assert "the API key is wrong" in read(drawn.blocks)
    assert "1 failed run" in drawn.text


@pytest.mark.parametrize(("delay_min", "is_late"), [(0, False), (20, True)])
def test_a_late_digest_says_when_it_was_due(delay_min: int, is_late: bool) -> None:
    due = NOON.replace(hour=8)
    done = run(Receipt(1, 1, 0))
    request = replace(done.request, due_at=due, requested_at=due + timedelta(minutes=delay_min))
    by_the_settings = replace(GRANTS, schedule=None)  # when it was due is the run's to say, not the hunt file's
    post = DigestPost(digest(run=replace(done, request=request), new=whole(FINDINGS[:1])), by_the_settings, ())
    told = read(draw(post).blocks)

    assert ("Late: it was due 2026-03-04 08:00:00 UTC" in told) is is_late


@pytest.mark.parametrize(
    ("length", "told"),
    [
        (timedelta(seconds=59), "0 minutes"),
        (timedelta(minutes=61), "1 hour"),
        (timedelta(hours=47), "1 day"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_ages_are_rounded_down(length: timedelta, told: str) -> None:
    assert age(length) == told
