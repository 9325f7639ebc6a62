"""The fields of Elastic's CloudTrail index: their types and the longest value each one indexes.

Source: elastic/integrations, packages/aws/data_stream/cloudtrail/fields, and ECS 8.11 for what those import.
A field named here and absent from the data is null; a field not named here is an unknown column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

INDEX_NAME = "logs-aws.cloudtrail-default"


class FieldType(StrEnum):
    """A field's type in the mapping; ES|QL calls them the same, and cannot read `flattened` before 9.5."""

    BOOLEAN = "boolean"
    DATE = "date"
    FLATTENED = "flattened"
    GEO_POINT = "geo_point"
    IP = "ip"
    KEYWORD = "keyword"
    LONG = "long"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """How one field is indexed.

    `ignore_above`: UTF-16 units; a longer keyword value is not indexed, which makes it null in ES|QL.
    `text_of`: the keyword field whose source this text field analyses; it has no such limit.
    """

    type: FieldType
    ignore_above: int | None = None
    text_of: str | None = None


_FLEET_IGNORE_ABOVE = 1024
_LONG_IGNORE_ABOVE = 8191

_LONG_KEYWORDS = """
    aws.cloudtrail.request_parameters aws.cloudtrail.response_elements
"""
_CONSTANT_KEYWORDS = """
    data_stream.type data_stream.dataset data_stream.namespace event.module event.dataset
"""
_KEYWORDS = """
    aws.cloudtrail.additional_eventdata aws.cloudtrail.api_version
    aws.cloudtrail.console_login.additional_eventdata.login_to
    aws.cloudtrail.error_code aws.cloudtrail.error_message aws.cloudtrail.event_category
    aws.cloudtrail.event_type aws.cloudtrail.event_version aws.cloudtrail.management_event
    aws.cloudtrail.recipient_account_id aws.cloudtrail.request_id
    aws.cloudtrail.resources.account_id aws.cloudtrail.resources.arn aws.cloudtrail.resources.type
    aws.cloudtrail.service_event_details aws.cloudtrail.session_credential_from_console
    aws.cloudtrail.shared_event_id aws.cloudtrail.user_identity.access_key_id
    aws.cloudtrail.user_identity.arn aws.cloudtrail.user_identity.invoked_by
    aws.cloudtrail.user_identity.session_context.mfa_authenticated
    aws.cloudtrail.user_identity.session_context.session_issuer.account_id
    aws.cloudtrail.user_identity.session_context.session_issuer.arn
    aws.cloudtrail.user_identity.session_context.session_issuer.principal_id
    aws.cloudtrail.user_identity.session_context.session_issuer.type
    aws.cloudtrail.user_identity.type aws.cloudtrail.vpc_endpoint_id
    aws.s3.bucket.arn aws.s3.bucket.name aws.s3.object.key
    actor.entity.id entity.id entity.target.id host.entity.id host.target.entity.id related.entity
    service.entity.id service.target.entity.id target.entity.id user.entity.id user.target.entity.id
    agent.ephemeral_id agent.id agent.name agent.type agent.version
    cloud.account.id cloud.availability_zone cloud.image.id cloud.instance.id cloud.instance.name
    cloud.machine.type cloud.project.id cloud.provider cloud.region
    container.id container.image.name container.name
    ecs.version
    event.action event.category event.code event.hash event.id event.kind event.original event.outcome
    event.provider event.reason event.type
    file.hash.md5 file.hash.sha1 file.hash.sha256 file.hash.sha512 file.path
    group.id group.name
    host.architecture host.domain host.hostname host.id host.mac host.name host.os.build host.os.codename
    host.os.family host.os.kernel host.os.name host.os.platform host.os.version host.type
    input.type
    related.hash related.hosts related.user
    source.address source.as.organization.name source.geo.city_name source.geo.continent_name
    source.geo.country_iso_code source.geo.country_name source.geo.region_iso_code source.geo.region_name
    tags
    tls.cipher tls.client.server_name tls.version tls.version_protocol
    user.changes.name user.domain user.email user.full_name user.id user.name user.target.id user.target.name
    user_agent.device.name user_agent.name user_agent.original user_agent.os.full user_agent.os.name
    user_agent.os.version user_agent.version
"""
_ANALYSED = """
    aws.cloudtrail.request_parameters aws.cloudtrail.response_elements aws.cloudtrail.additional_eventdata
    aws.cloudtrail.service_event_details
    file.path host.os.name source.as.organization.name user.changes.name user.full_name user.name
    user.target.name user_agent.original user_agent.os.full user_agent.os.name
"""
_OTHERS: Mapping[FieldType, str] = {
    FieldType.BOOLEAN: """
        aws.cloudtrail.read_only aws.cloudtrail.console_login.additional_eventdata.mfa_used
        aws.cloudtrail.console_login.additional_eventdata.mobile_version host.containerized
    """,
    FieldType.DATE: """
        @timestamp aws.cloudtrail.user_identity.session_context.creation_date event.created event.ingested
    """,
    FieldType.GEO_POINT: "source.geo.location",
    FieldType.IP: "source.ip host.ip related.ip",
    FieldType.LONG: "source.as.number",
    FieldType.TEXT: "error.message message",
    FieldType.FLATTENED: """
        aws.cloudtrail.flattened.additional_eventdata aws.cloudtrail.flattened.digest
        aws.cloudtrail.flattened.insight_details aws.cloudtrail.flattened.request_parameters
        aws.cloudtrail.flattened.response_elements aws.cloudtrail.flattened.service_event_details
        aws.s3.metadata
    """,
}


def _fields() -> Iterator[tuple[str, Field]]:
    for name in _LONG_KEYWORDS.split():
        yield name, Field(FieldType.KEYWORD, ignore_above=_LONG_IGNORE_ABOVE)
    for name in _CONSTANT_KEYWORDS.split():
        yield name, Field(FieldType.KEYWORD)
    for name in _KEYWORDS.split():
        yield name, Field(FieldType.KEYWORD, ignore_above=_FLEET_IGNORE_ABOVE)
    for name in _ANALYSED.split():
        yield f"{name}.text", Field(FieldType.TEXT, text_of=name)
    for field_type, names in _OTHERS.items():
        for name in names.split():
            yield name, Field(field_type)


FIELDS: Mapping[str, Field] = MappingProxyType(dict(sorted(_fields())))


def field_types() -> dict[str, str]:
    """Every field's type name."""
    return {name: field.type.value for name, field in FIELDS.items()}
