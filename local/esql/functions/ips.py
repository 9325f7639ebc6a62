"""Functions of addresses, and which way traffic goes between two of them."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

from local.esql.encoding import bits_of, encode_ip, is_ipv4, network_bounds
from local.esql.functions.model import Function, Python, Site
from local.esql.functions.parameters import INTEGER, IP, STRING, listed, repeated
from local.esql.types import Type

_V4_BITS, _V6_BITS = 32, 128
_BROADCAST = 2**32 - 1
_INTERFACE_SCOPE, _LINK_SCOPE = 1, 2
# The networks of `private`; what is `public` is in none of the local ones either (`NetworkDirectionUtils`).
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fd00::/8")
_DIRECTIONS = {
    (True, True): "internal",
    (True, False): "outbound",
    (False, True): "inbound",
    (False, False): "external",
}

Address = IPv4Address | IPv6Address


def _cidr_match(site: Site) -> str:
    """Single constant blocks are ranges of stored addresses; others are looked at row by row."""
    blocks = [site.constant(index) for index in range(1, len(site.sql))]
    if not all(isinstance(block, str) for block in blocks):
        return "(" + " OR ".join(f"es_cidr_match({site.sql[0]}, {block})" for block in site.sql[1:]) + ")"
    bounds = [network_bounds(str(block)) for block in blocks]
    ranges = [f"{site.sql[0]} BETWEEN {site.bind(b[0])} AND {site.bind(b[1])}" if b else "NULL" for b in bounds]
    return "(" + " OR ".join(ranges) + ")"


def _in_block(stored: str, block: str) -> bool | None:
    bounds = network_bounds(block)
    return None if bounds is None else bounds[0] <= stored <= bounds[1]


def _prefix(stored: str, v4_bits: int, v6_bits: int) -> str | None:
    """An address with only its first bits, counted from where an IPv4 address begins."""
    if not (0 <= v4_bits <= _V4_BITS and 0 <= v6_bits <= _V6_BITS):
        return None
    kept = _V6_BITS - _V4_BITS + v4_bits if is_ipv4(stored) else v6_bits
    dropped = _V6_BITS - kept
    return f"{bits_of(stored) >> dropped << dropped:032x}"


def _prefix_failure(site: Site) -> str:
    v4_bits = site.constant(1)
    if isinstance(v4_bits, int) and 0 <= v4_bits <= _V4_BITS:
        return "java.lang.IllegalArgumentException: Prefix length v6 must be in range [0, 128], found {2}"
    return "java.lang.IllegalArgumentException: Prefix length v4 must be in range [0, 32], found {1}"


def _is_link_multicast(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return int(address) >> 8 == int(IPv4Address("224.0.0.0")) >> 8
    return _scope(address) == _LINK_SCOPE


def _is_interface_multicast(address: Address) -> bool:
    return isinstance(address, IPv6Address) and _scope(address) == _INTERFACE_SCOPE


def _scope(address: IPv6Address) -> int | None:
    """Where a multicast address of IPv6 is heard (RFC 4291, 2.7)."""
    return int(address) >> 112 & 0xF if address.is_multicast else None


def _is_private(address: Address) -> bool:
    stored = encode_ip(str(address)) or ""
    return any(_in_block(stored, block) for block in _PRIVATE)


def _is_local(address: Address) -> bool:
    return (
        _is_private(address)
        or address.is_loopback
        or address.is_unspecified
        or address.is_link_local
        or _is_link_multicast(address)
        or _is_interface_multicast(address)
        or int(address) == _BROADCAST
    )


def _is_unicast(address: Address) -> bool:
    other = address.is_unspecified or address.is_loopback or address.is_multicast or address.is_link_local
    return not other and int(address) != _BROADCAST


_NAMED: dict[str, Callable[[Address], bool]] = {
    "loopback": lambda address: address.is_loopback,
    "unicast": _is_unicast,
    "global_unicast": _is_unicast,
    "link_local_unicast": lambda address: address.is_link_local,
    "interface_local_multicast": _is_interface_multicast,
    "link_local_multicast": _is_link_multicast,
    "multicast": lambda address: address.is_multicast,
    "unspecified": lambda address: address.is_unspecified,
    "private": _is_private,
    "public": lambda address: not _is_local(address),
}


def _is_in(stored: str, network: str) -> bool | None:
    """Whether an address is in a block, or in a network that is called by a name; None for what is neither."""
    named = _NAMED.get(network)
    if named is None:
        return _in_block(stored, network)
    address = IPv4Address(int(stored[24:], 16)) if is_ipv4(stored) else IPv6Address(int(stored, 16))
    return named(address)


def _direction(source: str, destination: str, networks: list[str]) -> str | None:
    """Which ends are within; None where a network is none."""
    found = [[_is_in(end, network) for network in networks] for end in (source, destination)]
    if any(None in row for row in found):
        return None
    return _DIRECTIONS[any(found[0]), any(found[1])]


FUNCTIONS = (
    Function(
        "cidr_match",
        (IP, STRING, repeated(STRING)),
        Type.BOOLEAN,
        _cidr_match,
        python=(Python("es_cidr_match", ("VARCHAR", "VARCHAR"), "BOOLEAN", _in_block),),
    ),
    Function(
        "ip_prefix",
        (IP, INTEGER, INTEGER),
        Type.IP,
        "es_ip_prefix({0}, {1}, {2})",
        failure=_prefix_failure,
        python=(Python("es_ip_prefix", ("VARCHAR", "INTEGER", "INTEGER"), "VARCHAR", _prefix),),
    ),
    Function(
        "network_direction",
        (IP, IP, listed(STRING)),
        Type.KEYWORD,
        "es_network_direction({0}, {1}, {2})",
        failure="java.lang.IllegalArgumentException: '{2}' is not an IP string literal.",
        python=(Python("es_network_direction", ("VARCHAR", "VARCHAR", "VARCHAR[]"), "VARCHAR", _direction),),
        aliases=("netdir",),
    ),
)
