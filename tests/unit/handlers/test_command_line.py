"""What people type after /hunt, on keyboards and phones, and what they are told when it can not be used."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.export import FileFormat
from bot.domain.finding import FindingId
from bot.domain.hunt import Slug
from bot.domain.queue import Asked, AsShown, Page
from bot.domain.run import Filter
from bot.domain.severity import Severity
from bot.domain.triage import Queue
from bot.errors import InputError, UnknownHunt
from handlers.command_line import (
    ExportFindings,
    ListFindings,
    ListHunts,
    PickHunt,
    Request,
    RunHunt,
    SendDigest,
    ShowFinding,
    ShowHelp,
    ShowStatus,
    ShowSuppressions,
    read_command,
    read_page,
    read_shown,
)


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("", PickHunt()),
        ("   ", PickHunt()),
        ("list", ListHunts()),
        ("LIST", ListHunts()),
        ("help", ShowHelp()),
        ("status", ShowStatus()),
        ("suppressions", ShowSuppressions()),
        ("findings", ListFindings(Asked())),
        ("findings open", ListFindings(Asked())),
        ("findings Mine", ListFindings(Asked(Queue.MINE))),
        ("findings untaken", ListFindings(Asked(Queue.UNTAKEN))),
        ("findings escalated", ListFindings(Asked(Queue.ESCALATED))),
        ("findings critical", ListFindings(Asked(severity=Severity.CRITICAL))),
        ("findings High mine", ListFindings(Asked(Queue.MINE, Severity.HIGH))),
        ("findings older:2d", ListFindings(Asked(older=timedelta(days=2)))),
        ("findings —older 36h", ListFindings(Asked(older=timedelta(hours=36)))),
        ("findings account:1111-2222-3333", ListFindings(Asked(account="111122223333"))),
        ("findings principal:“role/ci deploy”", ListFindings(Asked(principal="role/ci deploy"))),
        (
            "findings hunt:lambda-perms snoozed severity:low",
            ListFindings(Asked(Queue.SNOOZED, Severity.LOW, hunt=Slug("lambda-perms"))),
        ),
        ("show F-42", ShowFinding(FindingId(42))),
        ("show f42", ShowFinding(FindingId(42))),
        ("show 42", ShowFinding(FindingId(42))),
        ("F-42", ShowFinding(FindingId(42))),
        ("f42", ShowFinding(FindingId(42))),
        ("export", ExportFindings(Asked(), FileFormat.CSV)),
        ("export NDJSON Mine high", ExportFindings(Asked(Queue.MINE, Severity.HIGH), FileFormat.NDJSON)),
        ("export file:csv older:2d", ExportFindings(Asked(older=timedelta(days=2)), FileFormat.CSV)),
        ("run snooze since:24h", RunHunt("snooze", timedelta(hours=24))),
        ("run f42", RunHunt("f42")),
        ("digest lambda-perms", SendDigest("lambda-perms")),
        ("lambda-perms", RunHunt("lambda-perms")),
        ("run lambda-perms", RunHunt("lambda-perms")),
    ],
)
def test_each_command_is_understood(typed: str, request_: Request) -> None:
    assert read_command(typed) == request_


@pytest.mark.parametrize(
    "options",
    [
        "since:24h account:111122223333 principal:alice severity:high",
        "severity:HIGH principal:alice account:1111-2222-3333 since:24h",
        "--since=24h --account=111122223333 --principal=alice --severity=high",
        "--since 24h --account 111122223333 --principal alice --severity high",
        "since: 24h account: 111122223333 principal: alice severity: high",
        "—since 24h –account 111122223333 —principal “alice” ―severity high",
        'since:"24h" account:"111122223333" principal:"alice" severity:"high"',
        "since:“24h” account:„111122223333“ principal:«alice» severity:‘high’",
        "Since:24h\u00a0Account:111122223333\tPrincipal:alice\nSeverity:High",
    ],
)
def test_options_are_understood_however_a_keyboard_writes_them(options: str) -> None:
    asked = read_command(f"lambda-perms {options}")

    assert asked == RunHunt("lambda-perms", timedelta(hours=24), Filter("111122223333", "alice", Severity.HIGH))


@pytest.mark.parametrize(
    ("typed", "principal"),
    [
        ('principal:"a b"', "a b"),
        ("principal:“a b”", "a b"),
        ("—principal “a b”", "a b"),
        ("principal:'a b'", "a b"),
        ("principal:‘a b’", "a b"),
        ("principal:o’brien", "o’brien"),
        ("principal:o'brien", "o'brien"),
        ("principal:*", "*"),
        ("principal:arn:aws:iam::111122223333:role/ci-*", "arn:aws:iam::111122223333:role/ci-*"),
        ("principal:<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("principal:&lt;x&gt;&amp;", "<x>&"),
        ("principal:ci—deploy", "ci—deploy"),
    ],
)
def test_a_value_stays_what_the_person_meant(typed: str, principal: str) -> None:
    asked = read_command(f"lambda-perms {typed}")

    assert isinstance(asked, RunHunt)
    assert asked.filter.principal == principal


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("lambda-perms since:soon", "since:soon: write a length of time such as 90m, 24h, 7d or 2w"),
        ("lambda-perms account:12", "account:12: an AWS account is 12 digits"),
        ("lambda-perms severity:awful", "severity:awful: write one of critical, high, medium, low, info"),
        ("lambda-perms principle:alice", "principle:alice: did you mean principal?"),
        ("lambda-perms colour:red", "colour:red: no option here; there are since:24h, account:111122223333"),
        ("lambda-perms 24h", "24h: write options as since:24h"),
        ("lambda-perms since:", "since: a value is missing, such as since:24h"),
        ("lambda-perms principal: since:24h", "principal: a value is missing, such as principal:alice"),
        ("lambda-perms since:1d since:2d", "since: is given twice"),
        ('lambda-perms principal:"alice', 'principal:"alice: a quotation mark is not closed'),
        ("list all", "all: leave it out; /hunt list takes nothing more"),
        (
            "findings mine yours",
            "yours: no option here; there are open, mine, untaken, untouched, escalated, snoozed",
        ),
        ("findings mine open", "queue: is given twice"),
        ("findings critical severity:high", "severity: is given twice"),
        ("findings older:soon", "older:soon: write a length of time such as 90m, 24h, 7d or 2w"),
        ("findings older:", "older: a value is missing, such as older:2d"),
        ("findings queue:all", "queue:all: write one of open, mine"),
        ("findings account:12", "account:12: an AWS account is 12 digits"),
        (f"findings principal:{'x' * 400}", "write no more than 400 characters"),
        ("findings closed", "closed: no option here; there are open, mine"),
        ("findings snozed", "snozed: did you mean snoozed?"),
        ("findings colour:", "colour: no option here; there are open, mine"),
        ('findings ""', '"": write options as open, mine'),
        ("export pdf", "pdf: no option here; there are csv, ndjson, open, mine"),
        ("export file:pdf", "file:pdf: write csv or ndjson"),
        ("export ndjsn", "ndjsn: did you mean ndjson?"),
        ("export csv ndjson", "file: is given twice; give it once"),
        (f"export principal:{'x' * 400}", "write no more than 400 characters"),
        ("lambda-perms since:9999d", "since:9999d: is too long: 3653d, ten years, is the most"),
        ("lambda-perms since:0m", "since:0m: is too short: 1m is the least"),
        ("lambda-perms since:3months", "since:3months: write a length of time such as 90m, 24h, 7d or 2w"),
        ("findings older:99999w", "older:99999w: is too long"),
        ("snooze F-8", "/hunt snooze: press Snooze… (under ⋯) on the finding; /hunt show F-8 brings it up"),
        ("ACK f8", "/hunt ack: press Acknowledge on the finding; /hunt show f8 brings it up"),
        ("snooze since:24h", "/hunt snooze: press Snooze… (under ⋯) on the finding; /hunt show F-42 brings it up"),
        ("comment F-8 it is ours", "press Comment… (in Details) on the finding; /hunt show F-8 brings it up"),
        ("resolve", "press Resolve… on the finding; /hunt show F-42 brings it up"),
        ("F-8 F-9", "/hunt show: name one finding"),
        ("show", "name one finding, such as /hunt show F-42"),
        ("show me", "There is no finding me."),
        ("digest", "name one hunt"),
        ("run", "name a hunt"),
    ],
)
def test_what_can_not_be_used_is_named_with_its_cure(typed: str, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_command(typed)

    assert told in str(refused.value)


@pytest.mark.parametrize("before", ["", "run ", "show ", "digest ", "list ", "findings ", "export ", "grants since:"])
def test_a_long_text_is_not_said_back_whole_and_the_cut_is_seen(before: str) -> None:
    try:
        request = read_command(f"{before}{'x' * 4_000}")
    except InputError as error:
        told = str(error)
    else:
        assert isinstance(request, RunHunt | SendDigest)
        told = str(UnknownHunt(request.slug))

    assert len(told) < 600
    assert "…[3," in told


@given(st.text(max_size=60) | st.text(alphabet="abF-42 :=\"'“”‘’—–<>|&;sincep\n", max_size=40))
def test_any_text_is_a_request_or_one_error(typed: str) -> None:
    try:
        told = str(read_command(typed))
    except InputError as error:
        told = str(error)

    assert told


# --- what buttons carry ----------------------------------------------------------------------------

_TEXT = st.text(
    st.characters(exclude_characters="\"'", exclude_categories=["Cs", "Zs", "Cc", "Zl", "Zp"]), min_size=1
)
_ASKED = st.builds(
    Asked,
    which=st.sampled_from(Queue),
    severity=st.none() | st.sampled_from(Severity),
    older=st.none() | st.integers(1, 99_999).map(lambda minutes: timedelta(minutes=minutes)),
    hunt=st.none() | st.sampled_from([Slug("lambda-perms"), Slug("a")]),
    account=st.none() | st.just("111122223333"),
    principal=st.none() | st.lists(_TEXT, min_size=1, max_size=2).map(" ".join).filter(lambda text: len(text) < 200),
)


@given(_ASKED, st.integers(0, 999), st.none() | st.integers(1, 10**15 - 1).map(FindingId))
def test_a_button_leads_to_the_page_that_it_was_drawn_for(asked: Asked, before: int, after: FindingId | None) -> None:
    page = Page(asked, after, before)
    at = datetime(2026, 11, 25, 4, 30, 0, 123457, tzinfo=UTC)

    assert read_page(page.value) == page
    assert read_shown(AsShown(asked, at, before).value) == AsShown(asked, at, before)


@pytest.mark.parametrize("value", ["", "mine", "10:42", "x:1:open", "10:42:mine yours", "0:0:drop table"])
def test_a_button_that_is_none_of_ours_is_said(value: str) -> None:
    with pytest.raises(InputError):
        read_page(value)
