"""One CloudTrail record as the ECS document Elastic's integration indexes.

Follows the ingest pipeline of elastic/integrations, packages/aws/data_stream/cloudtrail, step by step. What
needs its databases (geo and AS of an address, the device behind a user agent) stays absent, and so do the
entity fields, which are off unless the integration is told to add them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import TypeAlias

from local.cloudtrail.ecs_categories import CATEGORIES, UNCATEGORIZED
from local.cloudtrail.java_text import scalar_text, text
from local.cloudtrail.record import Json, Record
from local.cloudtrail.user_agent import client_of

Document: TypeAlias = dict[str, Json]
"""Dotted field name -> value; dates are milliseconds since the epoch, UTC. An absent field is null."""

_AWS = "aws.cloudtrail"
_IDENTITY = f"{_AWS}.user_identity"
_SESSION = f"{_IDENTITY}.session_context"

CONSTANTS: Mapping[str, str] = {
    "data_stream.type": "logs",
    "data_stream.dataset": "aws.cloudtrail",
    "data_stream.namespace": "default",
    "ecs.version": "8.11.0",
    "event.dataset": "aws.cloudtrail",
    "event.kind": "event",
    "event.module": "aws",
}

_RENAMED: Mapping[str, str] = {
    "eventVersion": f"{_AWS}.event_version",
    "eventSource": "event.provider",
    "eventName": "event.action",
    "eventCategory": f"{_AWS}.event_category",
    "eventID": "event.id",
    "eventType": f"{_AWS}.event_type",
    "awsRegion": "cloud.region",
    "sourceIPAddress": "source.address",
    "errorCode": f"{_AWS}.error_code",
    "errorMessage": f"{_AWS}.error_message",
    "requestID": f"{_AWS}.request_id",
    "apiVersion": f"{_AWS}.api_version",
    "managementEvent": f"{_AWS}.management_event",
    "readOnly": f"{_AWS}.read_only",
    "recipientAccountId": f"{_AWS}.recipient_account_id",
    "sharedEventId": f"{_AWS}.shared_event_id",
    "vpcEndpointId": f"{_AWS}.vpc_endpoint_id",
    "sessionCredentialFromConsole": f"{_AWS}.session_credential_from_console",
}
_IDENTITY_RENAMED: Mapping[str, str] = {
    "type": f"{_IDENTITY}.type",
    "userName": "user.name",
    "principalId": "user.id",
    "arn": f"{_IDENTITY}.arn",
    "accountId": "cloud.account.id",
    "accessKeyId": f"{_IDENTITY}.access_key_id",
    "invokedBy": f"{_IDENTITY}.invoked_by",
}
_ISSUER_RENAMED: Mapping[str, str] = {
    "type": f"{_SESSION}.session_issuer.type",
    "userName": "user.name",
    "principalId": f"{_SESSION}.session_issuer.principal_id",
    "arn": f"{_SESSION}.session_issuer.arn",
    "accountId": f"{_SESSION}.session_issuer.account_id",
}
_JAVA_TEXTS: Mapping[str, str] = {
    "requestParameters": f"{_AWS}.request_parameters",
    "responseElements": f"{_AWS}.response_elements",
    "additionalEventData": f"{_AWS}.additional_eventdata",
    "serviceEventDetails": f"{_AWS}.service_event_details",
}
_RESOURCE_RENAMED: Mapping[str, str] = {"ARN": "arn", "arn": "arn", "accountId": "account_id", "type": "type"}
_PARAMETER_COPIES: Mapping[str, str] = {
    "newUserName": "user.changes.name",
    "groupName": "group.name",
    "userName": "user.target.name",
}
_CONSOLE_LOGIN = f"{_AWS}.console_login.additional_eventdata"


def document(record: Record) -> Document:
    """The record's document. Never fails: what does not fit a field leaves that field absent."""
    doc: Document = dict(CONSTANTS)
    _put_time(doc, "@timestamp", record.get("eventTime"))
    _put_identity(doc, _child(record, "userIdentity"))
    _rename(doc, record, _RENAMED)
    _put_client(doc, record)
    if (account := doc.get(f"{_AWS}.recipient_account_id")) is not None:
        doc.setdefault("cloud.account.id", account)
    extra = _without_user_name(doc, record)
    for source, field in _JAVA_TEXTS.items():
        _put_java_text(doc, field, extra if source == "additionalEventData" else record.get(source))
    _put_resources(doc, record.get("resources"))
    _put_console_login(doc, _child(record, "additionalEventData"))
    _put_outcome(doc, record)
    _put_users(doc, record)
    _put_tls(doc, _child(record, "tlsDetails"))
    return doc


def _is_empty(value: Json) -> bool:
    return not value and not isinstance(value, int | float)


def _child(parent: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = parent.get(key)
    return value if isinstance(value, dict) else {}


def _rename(doc: Document, source: Mapping[str, Json], names: Mapping[str, str]) -> None:
    """Like Elasticsearch's rename processor, this leaves a field alone that has a value already."""
    for key, field in names.items():
        value = source.get(key)
        if not _is_empty(value):
            doc.setdefault(field, value)


def _put_time(doc: Document, field: str, value: Json) -> None:
    if isinstance(value, str) and (instant := _epoch_ms(value)) is not None:
        doc[field] = instant


def _epoch_ms(value: str) -> int | None:
    """An ISO 8601 time in its extended form, UTC unless it says otherwise; None for anything else."""
    if value[4:5] != "-":  # Python also reads the basic form, which Elasticsearch's date processor refuses
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    # Integer arithmetic: a float of seconds would be off by one millisecond now and then.
    since_epoch = moment - _EPOCH
    return since_epoch.days * 86_400_000 + since_epoch.seconds * 1000 + since_epoch.microseconds // 1000


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _put_identity(doc: Document, identity: Mapping[str, Json]) -> None:
    _rename(doc, identity, _IDENTITY_RENAMED)
    session = _child(identity, "sessionContext")
    attributes = _child(session, "attributes")
    _rename(doc, attributes, {"mfaAuthenticated": f"{_SESSION}.mfa_authenticated"})
    _put_time(doc, f"{_SESSION}.creation_date", attributes.get("creationDate"))
    _rename(doc, _child(session, "sessionIssuer"), _ISSUER_RENAMED)


def _put_client(doc: Document, record: Record) -> None:
    address = doc.get("source.address")
    if isinstance(address, str) and (ip := _ip(address)) is not None:
        doc["source.ip"] = ip
    agent = record.get("userAgent")
    if isinstance(agent, str) and agent:
        doc["user_agent.original"] = agent
        doc["user_agent.name"], version = client_of(agent)
        if version is not None:
            doc["user_agent.version"] = version


@lru_cache(maxsize=65_536)
def _ip(address: str) -> str | None:
    """The address as Elasticsearch prints it; None for a host name such as `lambda.amazonaws.com`."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id is not None:
            return None
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
    return str(ip)


def _without_user_name(doc: Document, record: Record) -> Json:
    """IAM Identity Center names the user beside the identity; the pipeline moves that name to `user.name`."""
    extra = record.get("additionalEventData")
    if not isinstance(extra, dict) or doc.get("event.action") != "UserAuthentication" or "user.name" in doc:
        return extra
    _rename(doc, extra, {"UserName": "user.name"})
    return extra | {"UserName": None} if "UserName" in extra else extra


def _put_java_text(doc: Document, field: str, value: Json) -> None:
    try:
        printed = text(value)
    except RecursionError:  # nested beyond what Elasticsearch accepts, too
        return
    if printed is not None:
        doc[field] = printed


def _put_resources(doc: Document, resources: Json) -> None:
    if not isinstance(resources, list):
        return
    columns: dict[str, list[Json]] = {}
    for resource in resources:
        if isinstance(resource, dict):
            for key, name in _RESOURCE_RENAMED.items():
                if not _is_empty(value := resource.get(key)):
                    columns.setdefault(f"{_AWS}.resources.{name}", []).append(value)
    doc.update(columns)


def _put_console_login(doc: Document, extra: Mapping[str, Json]) -> None:
    if doc.get("event.action") != "ConsoleLogin":
        return
    _rename(doc, extra, {"LoginTo": f"{_CONSOLE_LOGIN}.login_to"})
    for key, field in (("MobileVersion", "mobile_version"), ("MFAUsed", "mfa_used")):
        if not _is_empty(answer := extra.get(key)):
            doc[f"{_CONSOLE_LOGIN}.{field}"] = answer != "No"


def _put_outcome(doc: Document, record: Record) -> None:
    failed = f"{_AWS}.error_code" in doc or f"{_AWS}.error_message" in doc
    doc["event.outcome"] = "failure" if failed else "success"
    action = doc.get("event.action")
    if action == "ConsoleLogin" and not _is_empty(answer := _child(record, "responseElements").get("ConsoleLogin")):
        doc["event.outcome"] = str(answer).lower()
    categories = CATEGORIES.get(action, UNCATEGORIZED) if isinstance(action, str) else UNCATEGORIZED
    if categories.category:
        doc["event.category"] = list(categories.category)
    if categories.type:
        doc["event.type"] = list(categories.type)


def _put_users(doc: Document, record: Record) -> None:
    parameters = _child(record, "requestParameters")
    response = _child(record, "responseElements")
    new_user_id = _child(response, "user").get("userId")
    _rename(doc, parameters, _PARAMETER_COPIES)
    _rename(doc, _child(response, "group"), {"groupId": "group.id"})
    _rename(doc, _child(response, "user"), {"userId": "user.target.id"})
    name = doc.get("user.name")
    if isinstance(name, str) and name.find("@") > 0:
        doc["user.email"] = name
    mentioned = (parameters.get("userName"), parameters.get("newUserName"), new_user_id, doc.get("user.id"), name)
    if users := list(dict.fromkeys(_names(mentioned))):
        doc["related.user"] = users


def _names(values: tuple[Json, ...]) -> Iterator[Json]:
    for value in values:
        if isinstance(value, str | int | float) and value != "":
            yield scalar_text(value)


def _put_tls(doc: Document, tls: Mapping[str, Json]) -> None:
    version = tls.get("tlsVersion")
    if version == "tlsVersion":  # a placeholder AWS has been seen to send
        return
    if isinstance(version, str) and version:
        protocol, separator, number = version.partition("v")
        if separator:
            doc["tls.version_protocol"], doc["tls.version"] = protocol.lower(), number
        else:
            doc["tls.version"] = version
    _rename(doc, tls, {"cipherSuite": "tls.cipher", "clientProvidedHostHeader": "tls.client.server_name"})
