"""How values are stored so that plain comparison orders them: an ip as 32 hex digits, a version as a sort key.

Both are text (VARCHAR) inside the engine, and are decoded for a response or for TO_STRING.
"""

import ipaddress
import math
import re

from local.esql.types import Type

_MAPPED = "0" * 20 + "ffff"
_IPV4, _OCTETS = 4, 4
_DECIMAL = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[dDfF]?\s*", re.ASCII)
_LIMITS = {Type.INTEGER: (-(2**31), 2**31 - 1), Type.LONG: (-(2**63), 2**63 - 1), Type.UNSIGNED_LONG: (0, 2**64 - 1)}
_SEMVER = re.compile(r"(\d+(?:\.\d+)*)(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?")


def encode_ip(text: str) -> str | None:
    """An address as 32 hex digits, IPv4 in its IPv6-mapped form; None for what is no address."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return _MAPPED + f"{int(address):08x}" if address.version == _IPV4 else f"{int(address):032x}"


def encode_ip_lenient(text: str, leading_zeros: str) -> str | None:
    """An address whose parts may have leading zeros, read as `octal` or `decimal`."""
    parts = text.split(".")
    if len(parts) != _OCTETS or not all(part.isascii() and part.isdigit() for part in parts):
        return encode_ip(text)
    try:
        numbers = [int(part, 8 if leading_zeros == "octal" and part.startswith("0") else 10) for part in parts]
    except ValueError:
        return None
    return encode_ip(".".join(map(str, numbers)))


def is_ipv4(stored: str) -> bool:
    return stored.startswith(_MAPPED)


def bits_of(stored: str) -> int:
    """The 128 bits of a stored address."""
    return int(stored, 16)


def decode_ip(stored: str) -> str:
    if is_ipv4(stored):
        return str(ipaddress.IPv4Address(int(stored[24:], 16)))
    return str(ipaddress.IPv6Address(int(stored, 16)))


def network_bounds(block: str) -> tuple[str, str] | None:
    """The first and last stored address of a CIDR block or single address; None for what is neither."""
    try:
        network = ipaddress.ip_network(block, strict=False)
    except ValueError:
        return None
    first, last = encode_ip(str(network[0])), encode_ip(str(network[-1]))
    return (first, last) if first and last else None


def encode_version(text: str) -> str:
    """Sort key, a NUL, and the text: numbers by value, a pre-release before its release, what is no version last.

    Source: the rules of Elasticsearch's `version` field (Semantic Versioning, any count of numbers).
    """
    match = _SEMVER.fullmatch(text)
    if match is None:
        return f"~{text}\0{text}"
    main = ".".join(_sortable(part) for part in match[1].split("."))
    # "!" sorts before "'", and both before the "." of a longer version
    pre = "!" + ".".join(_sortable(part) for part in match[2].split(".")) if match[2] else "'"
    return f"{main}{pre}{'+' + match[3] if match[3] else ''}\0{text}"


def _sortable(part: str) -> str:
    """Digits led by their count, so that text order is number order."""
    if part.isdigit():
        digits = part.lstrip("0") or "0"
        return f"{len(digits):03d}{digits}"
    return part


def decode_version(stored: str) -> str:
    return stored.partition("\0")[2]


def number_in(text: str, target: Type) -> int | float | None:
    """A number written as Java reads it; a whole one may be written as a decimal and is rounded half up."""
    match = _DECIMAL.fullmatch(text)
    value = float(match[1]) if match else math.inf
    if not math.isfinite(value):
        return None
    if target is Type.DOUBLE:
        return value
    whole = int(text) if text.lstrip("+-").isdigit() else math.floor(value + 0.5)
    low, high = _LIMITS[target]
    return whole if low <= whole <= high else None
