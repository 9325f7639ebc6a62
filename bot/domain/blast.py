"""The blast radius of a grant: who gets in, and what narrows it, read from the columns that grants have.

It agrees with the grantee that `hunts/lambda_perms.toml` judges by; a test holds the two against each other.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from bot.domain.hit import Hit

PRINCIPAL = "principal"
ACCOUNT = "account"
ORGANIZATION = "principal_org_id"
SOURCE_ARN = "source_arn"
SOURCE_ACCOUNT = "source_account"
TOKEN = "event_source_token"  # noqa: S105 - the name of a column whose value is never shown
URL_AUTH = "function_url_auth_type"
VIA_URL = "invoked_via_function_url"
CONDITIONS = (ORGANIZATION, SOURCE_ARN, SOURCE_ACCOUNT, TOKEN, URL_AUTH, VIA_URL)

_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(?P<account>[^:]*):(?P<resource>.*)", re.DOTALL)
_SERVICES = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")


class Grantee(Enum):
    """Who is let in, the widest first."""

    ANYONE = "anyone"
    ORGANIZATION = "anyone in an organization"
    ANOTHER = "another account"
    SERVICE = "a service"
    UNKNOWN = "an unknown grantee"
    KNOWN = "a known account"
    OWN = "its own account"
    NOT_RECORDED = "not recorded"


@dataclass(frozen=True, slots=True)
class Blast:
    """`who`, and `which` of them; `owns_source`: not the principal, but whoever owns what stands behind it.

    `narrowed_by` are columns; `others` are conditions that narrow nothing: a source `*`, the way by a function URL.
    """

    who: Grantee
    which: tuple[str, ...] = ()
    owns_source: bool = False
    narrowed_by: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    is_public_url: bool = False


@dataclass(frozen=True, slots=True)
class _Grant:
    """A grant's columns, taken apart."""

    principals: tuple[str, ...]
    own: str
    grantees: tuple[str, ...]
    sources: tuple[str, ...]
    known: frozenset[str]
    has_organization: bool

    @property
    def foreign_sources(self) -> tuple[str, ...]:
        return tuple(account for account in self.sources if account != self.own)

    @property
    def foreign_grantees(self) -> tuple[str, ...]:
        return tuple(account for account in self.grantees if account != self.own)

    @property
    def services(self) -> tuple[str, ...]:
        return tuple(name for name in self.principals if name.endswith(_SERVICES))

    @property
    def unknowns(self) -> tuple[str, ...]:
        return tuple(p for p in self.principals if not (_account_of(p) or p == "*" or p.endswith(_SERVICES)))

    def strange(self, accounts: Sequence[str]) -> tuple[str, ...]:
        return tuple(account for account in accounts if account not in self.known)


_Which = Callable[[_Grant], tuple[str, ...]]

# The first line that names anybody decides; the flag says that the owner of the source is meant.
_RULES: Sequence[tuple[Grantee, bool, _Which]] = (
    (Grantee.ANOTHER, True, lambda grant: grant.strange(grant.foreign_sources)),
    (Grantee.KNOWN, True, lambda grant: grant.foreign_sources),
    (Grantee.ORGANIZATION, False, lambda g: ("*",) if "*" in g.principals and g.has_organization else ()),
    (Grantee.ANYONE, False, lambda grant: ("*",) if "*" in grant.principals else ()),
    (Grantee.ANOTHER, False, lambda grant: grant.strange(grant.foreign_grantees)),
    (Grantee.UNKNOWN, False, lambda grant: grant.unknowns),
    (Grantee.KNOWN, False, lambda grant: grant.foreign_grantees),
    (Grantee.SERVICE, False, lambda grant: grant.services),
    (Grantee.OWN, False, lambda grant: grant.grantees),
)


def blast_radius(hit: Hit, known_accounts: frozenset[str] = frozenset()) -> Blast | None:
    """Who gets in; None where the hunt's rows have not the columns of a grant."""
    if not ({PRINCIPAL, ACCOUNT} <= hit.columns.keys() and hit.columns.keys() & set(CONDITIONS)):
        return None
    grant = _read(hit, known_accounts)
    given = [column for column in CONDITIONS if hit.text(column)]
    narrowing = tuple(column for column in given if _narrows(hit, column))
    others = tuple(column for column in given if column not in narrowing)
    is_public_url = "*" in grant.principals and hit.text(URL_AUTH) == "NONE"
    for who, owns_source, which in _RULES:
        if found := which(grant):
            return Blast(who, tuple(dict.fromkeys(found)), owns_source, narrowing, others, is_public_url)
    return Blast(Grantee.NOT_RECORDED, narrowed_by=narrowing, others=others)


def read_accounts(text: str) -> frozenset[str]:
    """`444455556666, 777788889999` as account ids."""
    return frozenset(re.findall(r"[0-9]+", text))


def _read(hit: Hit, known: frozenset[str]) -> _Grant:
    principals = tuple(_items(hit, PRINCIPAL))
    return _Grant(
        principals=principals,
        own=hit.text(ACCOUNT) or "",
        grantees=tuple(account for name in principals if (account := _account_of(name))),
        sources=tuple(filter(None, (*_items(hit, SOURCE_ACCOUNT), *map(_account_in, _items(hit, SOURCE_ARN))))),
        known=known,
        has_organization=bool(hit.text(ORGANIZATION)),
    )


def _narrows(hit: Hit, column: str) -> bool:
    """A function URL does not, nor a source ARN that names no account and begins with a wildcard."""
    if column != SOURCE_ARN:
        return column in {ORGANIZATION, SOURCE_ACCOUNT, TOKEN}
    return not any(_is_open(arn) for arn in _items(hit, SOURCE_ARN))


def _is_open(arn: str) -> bool:
    match = _ARN.fullmatch(arn)
    return match is None or (not _account_in(arn) and match["resource"].startswith("*"))


def _account_of(principal: str) -> str:
    return principal if re.fullmatch(r"[0-9]+", principal) else _account_in(principal)


def _account_in(arn: str) -> str:
    match = _ARN.fullmatch(arn)
    return match["account"] if match and re.fullmatch(r"[0-9]+", match["account"]) else ""


def _items(hit: Hit, column: str) -> Iterator[str]:
    """A hunt joins several values of a column by a comma."""
    return (item for item in (hit.text(column) or "").split(", ") if item)
