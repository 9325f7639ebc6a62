"""Who a grant lets in, as a table; the words for it stand in the tests of the card."""

from collections.abc import Mapping

import pytest

from bot.domain.blast import Blast, Grantee, blast_radius, read_accounts
from bot.domain.rows import Value
from tests.unit.blocks.examples import hit

OWN, OTHER, KNOWN = "111122223333", "444455556666", "777788889999"


@pytest.mark.parametrize(
    ("columns", "blast"),
    [
        ({}, Blast(Grantee.ANYONE, ("*",))),
        ({"principal_org_id": "o-1"}, Blast(Grantee.ORGANIZATION, ("*",), narrowed_by=("principal_org_id",))),
        (
            {"function_url_auth_type": "NONE"},
            Blast(Grantee.ANYONE, ("*",), others=("function_url_auth_type",), is_public_url=True),
        ),
        ({"function_url_auth_type": "AWS_IAM"}, Blast(Grantee.ANYONE, ("*",), others=("function_url_auth_type",))),
        ({"source_arn": "arn:aws:s3:::b"}, Blast(Grantee.ANYONE, ("*",), narrowed_by=("source_arn",))),
        ({"source_arn": "arn:aws:s3:::*"}, Blast(Grantee.ANYONE, ("*",), others=("source_arn",))),
        ({"source_arn": "*"}, Blast(Grantee.ANYONE, ("*",), others=("source_arn",))),
        (
            {"source_arn": f"arn:aws:sns:eu-west-1:{OTHER}:*"},
            Blast(Grantee.ANOTHER, (OTHER,), owns_source=True, narrowed_by=("source_arn",)),
        ),
        (
            {"principal": "s3.amazonaws.com", "source_account": KNOWN},
            Blast(Grantee.KNOWN, (KNOWN,), owns_source=True, narrowed_by=("source_account",)),
        ),
        (
            {"principal": "s3.amazonaws.com", "source_account": OWN},
            Blast(Grantee.SERVICE, ("s3.amazonaws.com",), narrowed_by=("source_account",)),
        ),
        ({"principal": "events.amazonaws.com.cn"}, Blast(Grantee.SERVICE, ("events.amazonaws.com.cn",))),
        ({"principal": OTHER}, Blast(Grantee.ANOTHER, (OTHER,))),
        ({"principal": f"arn:aws-cn:iam::{OTHER}:role/x"}, Blast(Grantee.ANOTHER, (OTHER,))),
        ({"principal": KNOWN}, Blast(Grantee.KNOWN, (KNOWN,))),
        ({"principal": f"{OWN}, {OTHER}"}, Blast(Grantee.ANOTHER, (OTHER,))),
        ({"principal": f"{OTHER}, *"}, Blast(Grantee.ANYONE, ("*",))),
        ({"principal": OWN}, Blast(Grantee.OWN, (OWN,))),
        ({"principal": "AIDAEXAMPLE"}, Blast(Grantee.UNKNOWN, ("AIDAEXAMPLE",))),
        ({"principal": "evil-amazonaws.com"}, Blast(Grantee.UNKNOWN, ("evil-amazonaws.com",))),
        ({"principal": None}, Blast(Grantee.NOT_RECORDED)),
        ({"event_source_token": "present"}, Blast(Grantee.ANYONE, ("*",), narrowed_by=("event_source_token",))),
    ],
)
def test_each_grant_lets_in_whom_it_lets_in(columns: Mapping[str, Value], blast: Blast) -> None:
    assert blast_radius(hit(columns), frozenset({KNOWN})) == blast


def test_accounts_are_read_from_the_settings_text() -> None:
    assert read_accounts(f"{OTHER}, {KNOWN},") == {OTHER, KNOWN}
    assert read_accounts("") == frozenset()
