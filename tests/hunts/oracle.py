"""What the lambda-perms hunt must answer, said a second time in plain Python over raw CloudTrail records.

Written from the hunt's contract and not from its query: JSON is parsed as JSON, names are split at colons, sets are
sets. The one thing it shares with the query is what the query is given: the request as text in which a value can
imitate a key, and no text at all where Elasticsearch would not index it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tests.hunts.said import KEYS, KEYS_THAT_MATTER, Name, Said, read_error, read_request, read_statement

Record = Mapping[str, Any]
Row = dict[str, str | None]

SERVICE_ENDINGS = (".amazonaws.com", ".amazonaws.com.cn", ".amazon.com")
# grantee -> severity when it may only invoke, and when it may do anything else
SEVERITIES = {
    "anyone": ("critical", "critical"),
    "another account": ("high", "critical"),
    "known account": ("medium", "high"),
    "anyone, narrowed": ("medium", "high"),
    "service": ("medium", "high"),
    "service, narrowed": ("low", "medium"),
    "own account": ("low", "medium"),
    "unknown": ("high", "high"),
}


@dataclass(frozen=True, slots=True)
class Call:
    """One AddPermission or RemovePermission call, and what request and statement say."""

    record: Record
    asked: Said | None
    stated: Said | None
    function: Name
    statement_id: str | None
    is_contradictory: bool

    @property
    def was_granted(self) -> bool:
        return not (self.record.get("errorCode") or self.record.get("errorMessage"))

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.record["eventTime"])

    @property
    def statement_key(self) -> tuple[str | None, ...] | None:
        name = self.function
        if name.function is None or self.statement_id is None:
            return None
        return name.account, name.region, name.function, name.qualifier, self.statement_id


def expected_rows(records: Iterable[Record], start: str, end: str, known_accounts: str = "") -> dict[str, Row]:
    """The hunt's answer by event id. `reason` holds the words that the reason must have, separated by `|`."""
    since, until = datetime.fromisoformat(start), datetime.fromisoformat(end)
    lambda_calls = [r for r in records if r.get("eventSource") == "lambda.amazonaws.com" and r.get("eventTime")]
    later = [r for r in lambda_calls if datetime.fromisoformat(r["eventTime"]) >= since]
    grants = [read(r) for r in later if re.fullmatch(r"AddPermission(\d+(v\d+)?)?", r["eventName"])]
    removals = [read(r) for r in later if r["eventName"].startswith("RemovePermission")]
    known = frozenset(re.findall(r"\d+", known_accounts))
    hits = [call for call in grants if call.at < until and can_write(action_of(call))]
    taken_back = [call for call in removals if call.was_granted]
    return {call.record["eventID"]: row_of(call, taken_back, known) for call in hits}


# -- reading ---------------------------------------------------------------------------------------


def read(record: Record) -> Call:
    asked = read_request(record.get("requestParameters"))
    stated = read_statement(record.get("responseElements"))
    denied = read_error(record.get("errorMessage"))
    if asked is None or not (
        asked.name.function or "functionName" in asked.doubled or "functionName" in asked.values
    ):
        asked_name = replace(denied, qualifier=asked.name.qualifier or denied.qualifier) if asked else denied
    else:
        asked_name = asked.name
        if denied.function == asked_name.function:
            account, region = asked_name.account or denied.account, asked_name.region or denied.region
            asked_name = replace(asked_name, account=account, region=region)
    name = stated.name if stated else asked_name
    function = Name(
        name.function,
        name.qualifier,
        name.account or asked_name.account or record.get("recipientAccountId"),
        name.region or asked_name.region or record.get("awsRegion"),
    )
    source = stated or asked or Said()
    return Call(record, asked, stated, function, source.one("statementId"), contradicts(asked, stated))


# -- agreeing --------------------------------------------------------------------------------------


def agree(key: str, asked: str | None, stated: str | None) -> bool:
    if asked is None or stated is None:
        return asked is None or (key == "invokedViaFunctionUrl" and asked == "false")
    match key:
        case "action":
            return with_prefix(asked).lower() == stated.lower()
        case "principal":
            return account_form(asked) == account_form(stated)
        case "eventSourceToken":
            return True
        case _:
            return asked == stated


def contradicts(asked: Said | None, stated: Said | None) -> bool:
    if asked is None:
        return False
    if asked.doubled & KEYS_THAT_MATTER:
        return True
    if stated is None:
        return False
    pairs = [
        (getattr(asked.name, part), getattr(stated.name, part))
        for part in ("function", "qualifier", "account", "region")
    ]
    if any(wanted is not None and wanted != got for wanted, got in pairs):
        return True
    compared = [key for key in KEYS if key not in ("functionName", "qualifier", "revisionId")]
    return not all(agree(key, asked.one(key), stated.one(key)) for key in compared)


def shown(call: Call, key: str) -> str | None:
    asked = call.asked.one(key) if call.asked else None
    if call.stated is None:
        return asked
    stated = call.stated.one(key)
    return asked if asked is not None and agree(key, asked, stated) else stated


def action_of(call: Call) -> str | None:
    action = shown(call, "action")
    return None if action is None else with_prefix(action)


def with_prefix(action: str) -> str:
    return action if action == "*" or ":" in action else f"lambda:{action}"


def account_form(principal: str) -> str:
    parts = principal.split(":")
    is_root = len(parts) == 6 and parts[0] == "arn" and parts[2] == "iam" and parts[5] == "root"
    return parts[4] if is_root and parts[4].isdecimal() else principal


# -- judging ---------------------------------------------------------------------------------------


def can_write(action: str | None) -> bool:
    if action is None:
        return True
    return any(not one.rpartition(":")[2].lower().startswith(("get", "list")) for one in action.split(", "))


def only_invokes(action: str | None) -> bool:
    writes = [] if action is None else [one for one in action.split(", ") if can_write(one)]
    return bool(writes) and all(one.lower().startswith("lambda:invoke") for one in writes)


def arn_account(arn: str) -> str | None:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and parts[0] == "arn" and parts[4].isdecimal() else None


def narrows(arn: str) -> bool:
    parts = arn.split(":", 5)
    return len(parts) == 6 and parts[0] == "arn" and (parts[4].isdecimal() or not parts[5].startswith("*"))


def all_of(call: Call, key: str) -> Sequence[str]:
    source = call.stated or call.asked
    return source.values.get(key, ()) if source else ()


def grantee_of(call: Call, known: frozenset[str]) -> str:
    own = call.function.account
    arns = all_of(call, "sourceArn")
    sources = {*all_of(call, "sourceAccount"), *(account for arn in arns if (account := arn_account(arn)))}
    if foreign := sources - {own}:
        return "known account" if foreign <= known else "another account"
    granted = all_of(call, "principal")
    is_narrowed = bool(
        all_of(call, "principalOrgID")
        or all_of(call, "sourceAccount")
        or all_of(call, "eventSourceToken")
        or (arns and all(narrows(arn) for arn in arns))
    )
    if "*" in granted:
        return "anyone, narrowed" if is_narrowed else "anyone"
    return grantee_named(granted, own, known, is_narrowed)


def grantee_named(granted: Sequence[str], own: str | None, known: frozenset[str], is_narrowed: bool) -> str:
    """The worst of those who are named."""
    accounts = {account for one in granted if (account := one if one.isdecimal() else arn_account(one))}
    if accounts - {own} - known:
        return "another account"
    services = [one for one in granted if one.endswith(SERVICE_ENDINGS) and not arn_account(one)]
    if len(services) + sum(1 for one in granted if one.isdecimal() or arn_account(one)) < max(1, len(granted)):
        return "unknown"
    if accounts - {own}:
        return "known account"
    if services:
        return "service, narrowed" if is_narrowed else "service"
    return "own account"


def severity_of(call: Call, known: frozenset[str]) -> str:
    if call.asked is None and call.stated is None:
        return "high" if call.was_granted else "low"
    column = 0 if only_invokes(action_of(call)) else 1
    severity = SEVERITIES[grantee_of(call, known)][column]
    if call.is_contradictory and severity in ("low", "medium"):
        severity = "high"
    if not call.was_granted and severity in ("high", "critical"):
        severity = "medium"
    return severity


def words_of(call: Call) -> str:
    words = []
    if call.asked is None and call.stated is None:
        return "not recorded"
    if call.is_contradictory:
        words.append("ambiguous")
    if "*" in all_of(call, "principal") and shown(call, "functionUrlAuthType") == "NONE":
        words.append("public URL")
    return "|".join(words)


def actor_of(record: Record) -> str | None:
    identity = record.get("userIdentity") or {}
    if identity.get("type") == "AWSService":
        return identity.get("invokedBy") or record.get("sourceIPAddress")
    return identity.get("arn") or identity.get("invokedBy") or identity.get("principalId")


def row_of(call: Call, removals: Sequence[Call], known: frozenset[str]) -> Row:
    record, identity = call.record, call.record.get("userIdentity") or {}
    later = [r for r in removals if call.statement_key and r.statement_key == call.statement_key and r.at > call.at]
    # Two removals of one second are told apart by who comes first in the alphabet, as a sort would.
    first = min(later, key=lambda r: (r.at, actor_of(r.record) or ""), default=None) if call.was_granted else None
    return {
        "@timestamp": stamp(call.at),
        "event_id": record["eventID"],
        "principal": shown(call, "principal"),
        "action": action_of(call),
        "function": call.function.function,
        "qualifier": call.function.qualifier,
        "account": call.function.account,
        "region": call.function.region,
        "statement_id": call.statement_id,
        "source_arn": shown(call, "sourceArn"),
        "source_account": shown(call, "sourceAccount"),
        "principal_org_id": shown(call, "principalOrgID"),
        "function_url_auth_type": shown(call, "functionUrlAuthType"),
        "invoked_via_function_url": shown(call, "invokedViaFunctionUrl"),
        "event_source_token": "present" if shown(call, "eventSourceToken") else None,
        "actor": actor_of(record),
        "actor_type": identity.get("type"),
        "access_key_id": identity.get("accessKeyId"),
        "source_ip": record.get("sourceIPAddress"),
        "user_agent": record.get("userAgent"),
        "outcome": "granted" if call.was_granted else "attempted",
        "revoked_at": stamp(first.at) if first else None,
        "revoked_by": actor_of(first.record) if first else None,
        "severity": severity_of(call, known),
        "reason": words_of(call),
    }


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
