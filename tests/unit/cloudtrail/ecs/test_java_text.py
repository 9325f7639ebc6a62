"""Java's printing of maps, held against what OpenJDK itself printed."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from local.cloudtrail.ecs.java_text import scalar_text, text
from local.cloudtrail.record import Json

PRINTED_BY_JAVA = Path(__file__).parents[3] / "fixtures" / "cloudtrail" / "java_text.ndjson"
"""Maps of 1 to 97 keys, keys that share a bucket or a hash, empty values at every depth; printed by OpenJDK 17."""


@pytest.mark.parametrize("line", PRINTED_BY_JAVA.read_bytes().splitlines(), ids=range(56))
def test_prints_a_map_as_java_printed_it(line: bytes) -> None:
    case = orjson.loads(line)
    assert text(case["value"]) == case["text"]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (100.5, "100.5"),
        (0.001, "0.001"),
        (0.00099, "9.9E-4"),
        (9999999.0, "9999999.0"),
        (10000000.0, "1.0E7"),
        (12345678.9, "1.23456789E7"),
        (1.5e-7, "1.5E-7"),
        (-2.5e300, "-2.5E300"),
        (5e-324, "4.9E-324"),
        (-1e-323, "-9.9E-324"),
        (2e-323, "2.0E-323"),
        (2.2250738585072014e-308, "2.2250738585072014E-308"),
        (1e23, "1.0E23"),
        (18446744073709551615, "18446744073709551615"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_prints_numbers_as_java_does(value: float, printed: str) -> None:
    assert scalar_text(value) == printed


def test_keys_that_share_a_bucket_keep_the_order_in_which_they_came() -> None:
    first: dict[str, Json] = {"principalOrgID": "o-1", "sourceAccount": "1"}
    other: dict[str, Json] = {"sourceAccount": "1", "principalOrgID": "o-1"}
    assert text(first) == "{principalOrgID=o-1, sourceAccount=1}"
    assert text(other) == "{sourceAccount=1, principalOrgID=o-1}"
