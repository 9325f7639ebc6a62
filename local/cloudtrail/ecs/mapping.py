"""How each field of Elastic's index comes out of a CloudTrail record: one table, read record by record here.

Follows the ingest pipeline of elastic/integrations, packages/aws/data_stream/cloudtrail, step by step. What
needs its databases (geo and AS of an address, the device behind a user agent) stays absent, and so do the
entity fields, which are off unless the integration is told to add them. `typed.py` reads the same table column
by column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import TypeAlias

from local.cloudtrail.ecs import fields as made
from local.cloudtrail.record import Json, Mapped, Record
from local.cloudtrail.times import epoch_ms

Document: TypeAlias = dict[str, Json]
"""Dotted field name -> value; dates are milliseconds since the epoch, UTC. An absent field is null."""


@dataclass(frozen=True, slots=True)
class Source:
    """A field's value: `make` of what stands at the raw `paths`; None leaves the field absent.

    `calls`: the calls (eventName) whose records have the field from somewhere else.
    """

    paths: tuple[str, ...]
    make: Callable[..., Json]
    calls: Mapping[str, Source] = field(default_factory=dict)

    def every_path(self) -> frozenset[str]:
        """The raw paths that this field may need, for whichever call."""
        return frozenset(self.paths).union(*(source.paths for source in self.calls.values()))


def _copy(*paths: str) -> Source:
    """Elasticsearch's rename processor, repeated: it leaves a field alone that has a value already."""
    return Source(paths, made.first_given)


_AWS = "aws.cloudtrail"
_IDENTITY = f"{_AWS}.user_identity"
_SESSION = f"{_IDENTITY}.session_context"
_ISSUER = f"{_SESSION}.session_issuer"
_CONSOLE_LOGIN = f"{_AWS}.console_login.additional_eventdata"

CONSTANTS: Mapping[str, str] = {
    "data_stream.type": "logs",
    "data_stream.dataset": "aws.cloudtrail",
    "data_stream.namespace": "default",
    "ecs.version": "8.11.0",
    "event.dataset": "aws.cloudtrail",
    "event.kind": "event",
    "event.module": "aws",
}

_NAMES = ("userIdentity.userName", "userIdentity.sessionContext.sessionIssuer.userName")
# IAM Identity Center names the user beside the identity.
_CENTER_NAMES = (*_NAMES, "additionalEventData.UserName")
_MENTIONED = (
    "requestParameters.userName",
    "requestParameters.newUserName",
    "responseElements.user.userId",
    "userIdentity.principalId",
)

SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "@timestamp": Source(("eventTime",), epoch_ms),
        "event.provider": _copy("eventSource"),
        "event.action": _copy("eventName"),
        "event.id": _copy("eventID"),
        "event.category": Source(("eventName",), made.category),
        "event.type": Source(("eventName",), made.event_type),
        "event.outcome": Source(
            ("errorCode", "errorMessage"),
            made.outcome,
            {"ConsoleLogin": Source(("errorCode", "errorMessage", "responseElements.ConsoleLogin"), made.outcome)},
        ),
        "cloud.region": _copy("awsRegion"),
        "cloud.account.id": _copy("userIdentity.accountId", "recipientAccountId"),
        "source.address": _copy("sourceIPAddress"),
        "source.ip": Source(("sourceIPAddress",), made.ip_text),
        "user_agent.original": Source(("userAgent",), made.agent),
        "user_agent.name": Source(("userAgent",), made.agent_name),
        "user_agent.version": Source(("userAgent",), made.agent_version),
        "user.id": _copy("userIdentity.principalId"),
        "user.name": Source(_NAMES, made.first_given, {"UserAuthentication": _copy(*_CENTER_NAMES)}),
        "user.email": Source(_NAMES, made.email, {"UserAuthentication": Source(_CENTER_NAMES, made.email)}),
        "user.changes.name": _copy("requestParameters.newUserName"),
        "user.target.name": _copy("requestParameters.userName"),
        "user.target.id": _copy("responseElements.user.userId"),
        "group.name": _copy("requestParameters.groupName"),
        "group.id": _copy("responseElements.group.groupId"),
        "related.user": Source(
            (*_MENTIONED, *_NAMES),
            made.related_users,
            {"UserAuthentication": Source((*_MENTIONED, *_CENTER_NAMES), made.related_users)},
        ),
        "tls.version": Source(("tlsDetails.tlsVersion",), made.tls_version),
        "tls.version_protocol": Source(("tlsDetails.tlsVersion",), made.tls_protocol),
        "tls.cipher": Source(("tlsDetails.tlsVersion", "tlsDetails.cipherSuite"), made.tls_detail),
        "tls.client.server_name": Source(
            ("tlsDetails.tlsVersion", "tlsDetails.clientProvidedHostHeader"), made.tls_detail
        ),
        f"{_AWS}.event_version": _copy("eventVersion"),
        f"{_AWS}.event_category": _copy("eventCategory"),
        f"{_AWS}.event_type": _copy("eventType"),
        f"{_AWS}.error_code": _copy("errorCode"),
        f"{_AWS}.error_message": _copy("errorMessage"),
        f"{_AWS}.request_id": _copy("requestID"),
        f"{_AWS}.api_version": _copy("apiVersion"),
        f"{_AWS}.management_event": _copy("managementEvent"),
        f"{_AWS}.read_only": _copy("readOnly"),
        f"{_AWS}.recipient_account_id": _copy("recipientAccountId"),
        f"{_AWS}.shared_event_id": _copy("sharedEventId"),
        f"{_AWS}.vpc_endpoint_id": _copy("vpcEndpointId"),
        f"{_AWS}.session_credential_from_console": _copy("sessionCredentialFromConsole"),
        f"{_AWS}.request_parameters": Source(("requestParameters",), made.java_text),
        f"{_AWS}.response_elements": Source(("responseElements",), made.java_text),
        f"{_AWS}.service_event_details": Source(("serviceEventDetails",), made.java_text),
        f"{_AWS}.additional_eventdata": Source(
            ("additionalEventData",),
            made.java_text,
            {"UserAuthentication": Source((*_NAMES, "additionalEventData"), made.java_text_without_user_name)},
        ),
        f"{_AWS}.resources.arn": Source(("resources",), made.resource_arns),
        f"{_AWS}.resources.account_id": Source(("resources",), made.resource_accounts),
        f"{_AWS}.resources.type": Source(("resources",), made.resource_types),
        f"{_IDENTITY}.type": _copy("userIdentity.type"),
        f"{_IDENTITY}.arn": _copy("userIdentity.arn"),
        f"{_IDENTITY}.access_key_id": _copy("userIdentity.accessKeyId"),
        f"{_IDENTITY}.invoked_by": _copy("userIdentity.invokedBy"),
        f"{_SESSION}.mfa_authenticated": _copy("userIdentity.sessionContext.attributes.mfaAuthenticated"),
        f"{_SESSION}.creation_date": Source(("userIdentity.sessionContext.attributes.creationDate",), epoch_ms),
        f"{_ISSUER}.type": _copy("userIdentity.sessionContext.sessionIssuer.type"),
        f"{_ISSUER}.principal_id": _copy("userIdentity.sessionContext.sessionIssuer.principalId"),
        f"{_ISSUER}.arn": _copy("userIdentity.sessionContext.sessionIssuer.arn"),
        f"{_ISSUER}.account_id": _copy("userIdentity.sessionContext.sessionIssuer.accountId"),
        f"{_CONSOLE_LOGIN}.login_to": Source(
            (), made.nothing, {"ConsoleLogin": _copy("additionalEventData.LoginTo")}
        ),
        f"{_CONSOLE_LOGIN}.mobile_version": Source(
            (), made.nothing, {"ConsoleLogin": Source(("additionalEventData.MobileVersion",), made.unless_no)}
        ),
        f"{_CONSOLE_LOGIN}.mfa_used": Source(
            (), made.nothing, {"ConsoleLogin": Source(("additionalEventData.MFAUsed",), made.unless_no)}
        ),
    }
)


class Mapper:
    """Makes documents of some fields; each raw value is looked up once a record, however many fields need it."""

    def __init__(self, sources: Mapping[str, Source] = SOURCES) -> None:
        self._numbers: dict[tuple[str, ...], int] = {(): 0}
        self._places: list[tuple[int, str]] = []
        self._copies: list[tuple[str, int]] = []
        self._fields: list[tuple[str, Source, list[int]]] = []
        for name, source in sources.items():
            numbers = [self._number(tuple(path.split("."))) for path in source.paths]
            if source.make is made.first_given and len(numbers) == 1:
                self._copies.append((name, numbers[0]))
            else:
                self._fields.append((name, source, numbers))

    def document(self, record: Record) -> Document:
        """The record's document. Never fails: what does not fit leaves its field absent."""
        values: list[Json] = [record]
        for parent, key in self._places:
            above = values[parent]
            values.append(above.get(key) if isinstance(above, dict) else None)
        doc: Document = dict(CONSTANTS)
        for name, number in self._copies:
            if made.is_given(value := values[number]):
                doc[name] = value
        call = record.get("eventName")
        for name, source, numbers in self._fields:
            if source.calls and isinstance(call, str) and call in source.calls:
                value = _made(source.calls[call], record)
            else:
                value = source.make(*[values[number] for number in numbers])
            if value is not None:
                doc[name] = value
        return doc

    def _number(self, keys: tuple[str, ...]) -> int:
        if keys not in self._numbers:
            self._places.append((self._number(keys[:-1]), keys[-1]))
            self._numbers[keys] = len(self._places)
        return self._numbers[keys]


def _made(source: Source, record: Record) -> Json:
    return source.make(*[at(record, path.split(".")) for path in source.paths])


@lru_cache(maxsize=1)
def _whole() -> Mapper:
    return Mapper()


def document(record: Record) -> Document:
    """The record's document, with all fields that it has."""
    return _whole().document(record)


def document_of(found: Record | Mapped) -> Document:
    """The document of whatever an archive holds: a record, or what Elasticsearch made of one before."""
    return found.document if isinstance(found, Mapped) else document(found)


def at(value: Json, keys: Iterable[str]) -> Json:
    """What stands at a path in decoded JSON; None where there is no such place."""
    for key in keys:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
