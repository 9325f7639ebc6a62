"""How Java prints a double: one rule for the maps that a CloudTrail pipeline keeps as text and for ES|QL's TO_STRING.

Source: Double.toString of JDK 19 and later, which is what Elasticsearch runs on. JDKs before it print some values
otherwise, where several texts are short and read as the same value (bugs.openjdk.org, JDK-4511638 and JDK-8291240).
"""

from __future__ import annotations

from decimal import Decimal

_PLAIN_FROM, _PLAIN_BELOW = 1e-3, 1e7  # between them it has no exponent


def java_double(value: float) -> str:
    """A finite double: scientific below 1e-3 and from 1e7 on."""
    if value == 0 or _PLAIN_FROM <= abs(value) < _PLAIN_BELOW:
        return format(Decimal(text), "f") if "e" in (text := repr(value)) else text
    sign, digits, exponent = Decimal(_shortest(value)).as_tuple()
    figures = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - 1
    return f"{'-' * sign}{figures[0]}.{figures[1:] or '0'}E{power}"


def _shortest(value: float) -> str:
    """The shortest digits that are read as the value; of one digit or two the nearest to it."""
    shortest, of_two = repr(value), f"{value:.1e}"
    is_of_one = len(shortest.partition("e")[0].lstrip("-")) == 1
    return of_two if is_of_one and float(of_two) == value else shortest
