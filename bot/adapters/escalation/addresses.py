"""Where a webhook may lead: its name is resolved for each connection, checked, and connected to as it was checked.

Against server-side request forgery: an address in disguise (`127.1`, `0x7f000001`, `::ffff:127.0.0.1`), a name that
leads into the private network, or one that leads there only the second time it is asked.
"""

import socket
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

Address = IPv4Address | IPv6Address

# Never anybody's receiver: among the link-local ones a cloud keeps the credentials of its machines.
_NEVER = [
    ip_network(block)
    for block in ("0.0.0.0/32", "169.254.0.0/16", "224.0.0.0/4", "::/128", "fd00:ec2::/32", "fe80::/10", "ff00::/8")
]
_GLOBAL_UNICAST = ip_network("2000::/3")  # all that IANA gives out of IPv6
_NAT64 = ip_network("64:ff9b::/96")  # an IPv4 address as it looks from a network without any (RFC 6052)


class Reach(Enum):
    """How far a webhook may go."""

    WORLD = "no"  # addresses of the public internet alone
    LOOPBACK = "loopback"  # this machine alone
    ANYWHERE = "yes"  # private networks as well

    def allows(self, address: Address) -> bool:
        real = _unwrapped(address)
        if any(real in network for network in _NEVER if network.version == real.version):
            return False
        match self:
            case Reach.WORLD:
                return _is_global(real)
            case Reach.LOOPBACK:
                return real.is_loopback
            case Reach.ANYWHERE:
                return True


def is_forbidden(reach: Reach, host: str) -> bool:
    """Whether a host is written as a number that may not be called; of a name nothing can be said without asking."""
    looks_like_number = ":" in host or host.replace(".", "").isdigit()
    return looks_like_number and not _allows(reach, host)


class ForbiddenAddress(OSError):
    """A host has an address that it may not have; to aiohttp, an OSError is a connection that failed."""


def guarded_connector(reach: Reach, names: AbstractResolver | None = None) -> aiohttp.TCPConnector:
    """A connector that opens no connection to where `reach` does not allow. `names` resolves, else the system does.

    Each connection is new and its host is asked for anew: no answer outlives its check.
    """

    def open_socket(target: aiohttp.AddrInfoType) -> socket.socket:
        """The last gate, which a host that is written as a number passes as well: aiohttp resolves only names."""
        family, kind, protocol, _, address = target
        _check(reach, str(address[0]))
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=_CheckedResolver(reach, names or ThreadedResolver()),
        use_dns_cache=False,
        force_close=True,
        socket_factory=open_socket,
    )


class _CheckedResolver(AbstractResolver):
    """Refuses a name when one of its addresses is forbidden, be the others as they may."""

    def __init__(self, reach: Reach, names: AbstractResolver) -> None:
        self._reach = reach
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        for each in found:
            _check(self._reach, each["host"])
        return found

    async def close(self) -> None:
        await self._names.close()


def _check(reach: Reach, text: str) -> None:
    if not _allows(reach, text):
        raise ForbiddenAddress("the address may not be called")


def _allows(reach: Reach, text: str) -> bool:
    try:
        return reach.allows(ip_address(text))
    except ValueError:  # `127.1`: the system would make an address of it, and which one is nobody's to guess
        return False


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does (RFC 4291, 3056 and 6052)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_global(address: Address) -> bool:
    return address.is_global and (isinstance(address, IPv4Address) or address in _GLOBAL_UNICAST)
