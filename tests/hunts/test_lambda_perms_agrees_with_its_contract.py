"""The hunt's query and the contract said in Python, side by side over calls nobody wrote by hand."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.hunts.asking import hunt, judged
from tests.hunts.hostile import PARTNER, Record, archives
from tests.hunts.oracle import expected_rows


# Each example is an archive of up to sixty calls: few examples see many, and drawing one is slow by design.
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(archives(), st.sampled_from(["", PARTNER, f"999900001111, {PARTNER}"]))
async def test_query_and_contract_agree_on_any_archive(records: list[Record], known: str) -> None:
    window = ("2026-03-02T10:01:00Z", "2026-03-02T10:05:00Z")
    rows = await hunt(records, *window, known)
    assert {row["event_id"]: judged(row) for row in rows} == expected_rows(records, *window, known)
