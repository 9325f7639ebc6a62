"""What every escalation target promises, whatever its technology."""

import asyncio
import shutil
import ssl
import subprocess

import pytest

from bot.domain.escalation import Phase
from bot.domain.intent import Mark
from bot.errors import (
    MessageRejected,
    OutcomeUnknown,
    RateLimited,
    RouteBroken,
    WorkspaceError,
    WorkspaceUnavailable,
)
from tests.contracts.escalation.calls import LINK, call
from tests.contracts.escalation.conftest import PATIENCE_S, WAYS, Way
from tests.contracts.escalation.peers import Answer, listening

MARK = Mark("5d0f1c9a6be84f0e")

_PHASES = {
    "pagerduty": ["trigger", "acknowledge", "resolve"],
    "webhook": ["finding.escalated", "finding.acknowledged", "finding.resolved"],
    "apprise": ["CRITICAL F-42 escalated", "CRITICAL F-42 taken over", "CRITICAL F-42 resolved"],
}


async def test_a_finding_is_called_about_taken_over_and_resolved(way: Way, request: pytest.FixtureRequest) -> None:
    async with listening() as peer, way.open(peer.url) as target:
        for phase in Phase:
            await target.call(call(phase), phase, Mark(f"m-{phase.value}"))
    assert [way.phase(got.json) for got in peer.received] == _PHASES[request.node.callspec.params["way"]]


@pytest.mark.parametrize("name", ["pagerduty", "webhook"])  # Apprise has nothing to tell it by
async def test_a_second_try_is_known_as_the_same_call(name: str) -> None:
    way = WAYS[name]
    async with listening(Answer(500), Answer(202)) as peer, way.open(peer.url) as target:
        with pytest.raises(OutcomeUnknown):
            await target.call(call(), Phase.TRIGGER, MARK)
        await target.call(call(), Phase.TRIGGER, MARK)
    first, second = (way.identity(got) for got in peer.received)
    assert first == second


async def test_a_call_says_what_was_found_how_bad_it_is_who_did_it_and_where_to_look(way: Way) -> None:
    async with listening() as peer, way.open(peer.url) as target:
        await target.call(call(), Phase.TRIGGER, MARK)
    [got] = peer.received
    said = got.body.decode().lower()
    missing = [
        word
        for word in (
            "f-42",
            "critical",
            "lambda:invokefunction on pay",
            "anyone on the internet may call it",
            "arn:aws:iam::111122223333:role/deploy",
            "198.51.100.7",
            "eu-west-1",
            "u0alice000",
            "please look",
            LINK.lower(),
        )
        if word not in said
    ]
    assert missing == []


async def test_a_finding_without_a_message_is_called_about_all_the_same(way: Way) -> None:
    async with listening() as peer, way.open(peer.url) as target:
        await target.call(call(back=False), Phase.TRIGGER, MARK)
    assert len(peer.received) == 1


async def test_half_an_emoji_and_all_that_is_hidden_in_a_log_can_be_sent(way: Way) -> None:
    hostile = {"principal": "\ud83d\u202e\x00\n</script>", "function": None, "actor": "x" * 100_000}
    async with listening() as peer, way.open(peer.url) as target:
        await target.call(call(columns=hostile), Phase.TRIGGER, MARK)
    [got] = peer.received
    assert len(got.body) < 20_000
    assert got.json


async def test_a_value_that_is_for_nobodys_eyes_is_not_sent(way: Way) -> None:
    async with listening() as peer, way.open(peer.url) as target:
        await target.call(call(columns={"event_source_token": "hunter2"}), Phase.TRIGGER, MARK)
    assert b"hunter2" not in peer.received[0].body


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (Answer(302, headers={"location": "http://127.0.0.1:1/"}), RouteBroken, "http_302"),
        (Answer(401), RouteBroken, "http_401"),
        (Answer(403), RouteBroken, "http_403"),
        (Answer(404), RouteBroken, "http_404"),
        (Answer(410), RouteBroken, "http_410"),
        (Answer(413), MessageRejected, None),
        (Answer(422), MessageRejected, "http_422"),
        (Answer(429, headers={"retry-after": "60"}), RateLimited, "http_429"),
        (Answer(500), OutcomeUnknown, "http_500"),
        (Answer(502), OutcomeUnknown, "http_502"),
        (Answer(503), OutcomeUnknown, "http_503"),
    ],
    ids=lambda value: str(value.status) if isinstance(value, Answer) else "",
)
async def test_an_answer_says_what_becomes_of_the_call(
    way: Way, answer: Answer, kind: type[WorkspaceError], code: str | None
) -> None:
    async with listening(answer, answer) as peer, way.open(peer.url) as target:
        with pytest.raises(kind) as refused:
            await target.call(call(), Phase.TRIGGER, MARK)
    assert type(refused.value) is kind
    assert code is None or refused.value.code == code
    assert "Slack" not in str(refused.value)
    if isinstance(refused.value, RateLimited):
        assert refused.value.retry_after_s == 60


async def test_a_peer_that_is_down_was_sent_nothing_and_takes_the_call_when_it_is_back(way: Way) -> None:
    async with listening() as gone:
        pass
    async with way.open(gone.url) as target:
        with pytest.raises(WorkspaceUnavailable):
            await target.call(call(), Phase.TRIGGER, MARK)
        async with listening(port=gone.port) as back:
            await target.call(call(), Phase.TRIGGER, MARK)
    assert len(back.received) == 1


async def test_nobody_knows_of_a_call_that_was_not_answered_in_time(way: Way) -> None:
    async with listening(Answer(after_s=0.6)) as peer, way.open(peer.url) as target:
        with pytest.raises(OutcomeUnknown):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert len(peer.received) == 1


@pytest.mark.parametrize("name", ["pagerduty", "webhook"])
async def test_a_status_that_is_known_counts_however_long_the_rest_takes(name: str) -> None:
    answers = [Answer(status, trickles=True) for status in (202, 500)]
    async with listening(*answers) as peer, WAYS[name].open(peer.url) as target:
        await target.call(call(), Phase.TRIGGER, MARK)
        with pytest.raises(OutcomeUnknown, match="http_500"):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert len(peer.received) == 2


async def test_nobody_waits_for_an_answer_without_an_end(way: Way) -> None:
    async with listening(Answer(500, trickles=True)) as peer, way.open(peer.url) as target:
        async with asyncio.timeout(5 * PATIENCE_S):
            with pytest.raises(OutcomeUnknown):
                await target.call(call(), Phase.TRIGGER, MARK)


@pytest.fixture(scope="module")
def nobodys_certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    """For 127.0.0.1, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    how = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=x"
    out = ("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate))
    subprocess.run([openssl, *how.split(), *out], check=True, capture_output=True, timeout=20)  # noqa: S603 - our words
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context


@pytest.mark.parametrize("name", ["pagerduty", "webhook"])
async def test_nothing_is_sent_to_who_shows_a_certificate_that_nobody_signed(
    name: str, nobodys_certificate: ssl.SSLContext
) -> None:
    async with listening(tls=nobodys_certificate) as peer, WAYS[name].open(peer.url) as target:
        with pytest.raises(RouteBroken, match="certificate_not_trusted"):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert peer.received == []
