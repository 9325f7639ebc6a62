"""Where a webhook may lead: addresses in disguise, names that lead inside, and one that changes its mind."""

import socket
from collections.abc import Mapping, Sequence
from ipaddress import ip_address

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from bot.adapters.escalation import Reach, Webhook, guarded_connector, is_forbidden
from bot.domain.escalation import Phase
from bot.domain.intent import Mark
from bot.errors import RouteBroken, WorkspaceUnavailable
from tests.contracts.escalation.calls import call
from tests.contracts.escalation.conftest import PATIENCE_S, SECRET, now, webhook
from tests.contracts.escalation.peers import Peer, listening

MARK = Mark("m-1")

# Hosts as somebody may write them who wants them to be taken for something else.
DISGUISED = (
    "127.0.0.1",
    "127.1",
    "127.0.1",
    "127.255.255.254",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "2130706433",
    "0",
    "0.0.0.0",  # noqa: S104 - nobody listens there
    "localhost",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "[::ffff:169.254.169.254]",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[2001:db8::1]",
    "224.0.0.1",
    "[ff02::1]",
    "255.255.255.255",
    "198.18.0.1",
)


@pytest.mark.parametrize("host", DISGUISED)
async def test_the_world_ends_where_the_private_network_begins(host: str) -> None:
    async with webhook(f"https://{host}/x", reach=Reach.WORLD) as target:
        with pytest.raises(RouteBroken, match=r"the webhook answered (forbidden_address|invalid_url)"):
            await target.call(call(), Phase.TRIGGER, MARK)


@pytest.mark.parametrize("host", DISGUISED)
async def test_nothing_in_disguise_reaches_this_machine(host: str) -> None:
    async with listening() as peer, webhook(f"http://{host}:{peer.port}/x", reach=Reach.WORLD) as target:
        with pytest.raises(RouteBroken):
            await target.call(call(), Phase.TRIGGER, MARK)
    assert peer.received == []


@pytest.mark.parametrize(
    ("address", "world", "loopback", "anywhere"),
    [
        ("8.8.8.8", True, False, True),
        ("2600:1f18::1", True, False, True),
        ("64:ff9b::808:808", True, False, True),
        ("::ffff:8.8.8.8", True, False, True),
        ("127.0.0.1", False, True, True),
        ("::1", False, True, True),
        ("::ffff:127.0.0.1", False, True, True),
        ("10.0.0.1", False, False, True),
        ("64:ff9b::a00:1", False, False, True),
        ("fc00::1", False, False, True),
        ("169.254.169.254", False, False, False),
        ("64:ff9b::a9fe:a9fe", False, False, False),
        ("fd00:ec2::254", False, False, False),
        ("fe80::1%eth0", False, False, False),
        ("0.0.0.0", False, False, False),  # noqa: S104 - nobody listens there
        ("::", False, False, False),
        ("239.1.1.1", False, False, False),
    ],
)
def test_each_reach_has_its_addresses(address: str, world: bool, loopback: bool, anywhere: bool) -> None:
    allowed = {reach: reach.allows(ip_address(address)) for reach in Reach}
    assert allowed == {Reach.WORLD: world, Reach.LOOPBACK: loopback, Reach.ANYWHERE: anywhere}


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [
        ("soc.example.com", False),
        ("8.8.8.8", False),
        ("10.0.0.1", True),
        ("127.1", True),
        ("::1", True),
        ("42", True),
    ],
)
def test_a_number_is_refused_before_anybody_is_asked(host: str, is_refused: bool) -> None:
    assert is_forbidden(Reach.WORLD, host) is is_refused


class Names(AbstractResolver):
    """A name server of a test: each name leads to the next of its answers."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(each) for name, each in answers.items()}

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        flags = socket.AI_NUMERICHOST
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)
            for address in self._answers[host].pop(0)
        ]

    async def close(self) -> None:
        return


async def _called(peer: Peer, answers: Sequence[Sequence[str]]) -> None:
    """Call a name as often as the name server has answers for it."""
    connector = guarded_connector(Reach.LOOPBACK, Names({"soc.example": answers}))
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        target = Webhook(session, f"http://soc.example:{peer.port}/x", [SECRET], now)
        for _ in answers:
            await target.call(call(), Phase.TRIGGER, MARK)


async def test_a_name_is_asked_for_at_each_call_and_caught_when_it_leads_elsewhere() -> None:
    async with listening() as peer:
        with pytest.raises(RouteBroken, match="forbidden_address"):
            await _called(peer, [["127.0.0.1"], ["127.0.0.1"], ["169.254.169.254"]])
    assert len(peer.received) == 2


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that leads inside when it is asked again is never asked again for one call."""
    async with listening() as peer:
        await _called(peer, [["127.0.0.1"]])  # a second question would find no answer
    assert len(peer.received) == 1


@pytest.mark.parametrize("addresses", [["127.0.0.1", "10.0.0.1"], ["169.254.169.254", "127.0.0.1"]])
async def test_one_forbidden_address_among_others_is_enough(addresses: Sequence[str]) -> None:
    async with listening() as peer:
        with pytest.raises(RouteBroken, match="forbidden_address"):
            await _called(peer, [addresses])
    assert peer.received == []


async def test_a_name_that_nobody_knows_is_tried_again() -> None:
    async with webhook("https://nobody.invalid/x", reach=Reach.WORLD) as target:
        with pytest.raises(WorkspaceUnavailable):
            await target.call(call(), Phase.TRIGGER, MARK)
