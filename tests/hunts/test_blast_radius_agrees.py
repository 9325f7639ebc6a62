"""The blast radius on a card names the grantee that the hunt judged by, in every event beside the hunt."""

from datetime import UTC, datetime

import pytest

from bot.domain.blast import Grantee, blast_radius, read_accounts
from bot.domain.hit import Fingerprint, Hit, HitId
from bot.domain.severity import Severity
from tests.hunts.asking import Row, hunt
from tests.hunts.cases import Case, read_cases

# How the hunt's `reason` begins, for each grantee it knows.
SAID = {
    "anyone in an organization": (Grantee.ORGANIZATION, True),
    "anyone through a named source": (Grantee.ANYONE, True),
    "anyone": (Grantee.ANYONE, False),
    "another account": (Grantee.ANOTHER, None),
    "a known account": (Grantee.KNOWN, None),
    "an unknown grantee": (Grantee.UNKNOWN, None),
    "a narrowed service": (Grantee.SERVICE, True),
    "a service": (Grantee.SERVICE, False),
    "the function's own account": (Grantee.OWN, None),
}


def hit(row: Row) -> Hit:
    columns = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    at = datetime(2026, 3, 2, tzinfo=UTC)
    return Hit(HitId("e"), Fingerprint("f"), at, Severity.HIGH, row["reason"], columns)


def together() -> list[Case]:
    """The cases of one window and one list of known accounts as one, so that the logs are asked a few times only."""
    groups: dict[tuple[str, str, str], list[Case]] = {}
    for case in read_cases():
        groups.setdefault((case.start, case.end, case.known_accounts), []).append(case)
    return [
        Case(cases[0].name, tuple(record for case in cases for record in case.records), (), *window)
        for window, cases in groups.items()
    ]


@pytest.mark.complaint("blast radius")
@pytest.mark.parametrize("case", together(), ids=lambda case: case.name)
async def test_the_card_and_the_hunt_name_the_same_grantee(case: Case) -> None:
    """Blast radius."""
    rows = await hunt(case.records, case.start, case.end, case.known_accounts)

    assert rows
    for row in rows:
        blast = blast_radius(hit(row), read_accounts(case.known_accounts))
        assert blast is not None
        if "not recorded" in row["reason"]:
            assert blast.who is Grantee.NOT_RECORDED
            continue
        said = row["reason"].lower()
        who, is_narrowed = SAID[next(words for words in SAID if said.startswith(words))]
        if who is Grantee.UNKNOWN and row["principal"] is None:
            who = Grantee.NOT_RECORDED
        assert (blast.who, blast.owns_source) == (who, "which owns the source" in said), row
        assert is_narrowed in {None, bool(blast.narrowed_by)}, row
        assert blast.is_public_url == ("public url" in said), row
