"""What makes a field's value of raw values: pure functions of decoded JSON, None where the field stays absent.

Each follows its step of Elastic's CloudTrail ingest pipeline; `mapping.SOURCES` says which field is made by which.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache

from local.cloudtrail.ecs.categories import CATEGORIES, UNCATEGORIZED, Categories
from local.cloudtrail.ecs.java_text import scalar_text, text
from local.cloudtrail.ecs.user_agent import client_of
from local.cloudtrail.record import Json

_NUMBER = (int, float)  # a union of types is made anew at each look
_TLS_PLACEHOLDER = "tlsVersion"
"""What AWS has been seen to send in place of a version: the pipeline then believes none of the TLS details."""


def nothing() -> Json:
    return None


def is_given(value: Json) -> bool:
    """Whether a value is not empty; a number or a boolean never is."""
    return bool(value) or isinstance(value, _NUMBER)


def first_given(*values: Json) -> Json:
    """The first value that is not empty."""
    for value in values:
        if value or is_given(value):
            return value
    return None


def ip_text(address: Json) -> str | None:
    return _ip(address) if isinstance(address, str) else None


@lru_cache(maxsize=65_536)
def _ip(address: str) -> str | None:
    """The address as Elasticsearch prints it; None for a host name such as `lambda.amazonaws.com`."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address):
        if found.scope_id is not None:
            return None
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
    return str(found)


def agent(value: Json) -> str | None:
    return value if isinstance(value, str) and value else None


def agent_name(value: Json) -> str | None:
    return client_of(value)[0] if isinstance(value, str) and value else None


def agent_version(value: Json) -> str | None:
    return client_of(value)[1] if isinstance(value, str) and value else None


def category(call: Json) -> Json:
    return list(_categories(call).category) or None


def event_type(call: Json) -> Json:
    return list(_categories(call).type) or None


def _categories(call: Json) -> Categories:
    return CATEGORIES.get(call, UNCATEGORIZED) if isinstance(call, str) else UNCATEGORIZED


def outcome(error_code: Json, error_message: Json, console_login: Json = None) -> str:
    """A sign-in says itself how it went."""
    if (answer := first_given(console_login)) is not None:
        return str(answer).lower()
    return "success" if first_given(error_code, error_message) is None else "failure"


def unless_no(answer: Json) -> bool | None:
    return None if first_given(answer) is None else answer != "No"


def email(*names: Json) -> str | None:
    name = first_given(*names)
    return name if isinstance(name, str) and name.find("@") > 0 else None


def related_users(target_name: Json, new_name: Json, new_id: Json, principal_id: Json, *names: Json) -> Json:
    """Every user that the record mentions, the callee's names before the caller's."""
    users: dict[str, None] = {}
    for value in (target_name, new_name, new_id, principal_id, first_given(*names)):
        if value is None:  # most are
            continue
        if isinstance(value, str):
            if value:
                users[value] = None
        elif isinstance(value, _NUMBER):
            users[scalar_text(value)] = None
    return list(users) or None


def java_text(value: Json) -> str | None:
    try:
        return text(value)
    except RecursionError:  # nested beyond what Elasticsearch accepts, too
        return None


def java_text_without_user_name(own_name: Json, issuer_name: Json, extra: Json) -> str | None:
    """IAM Identity Center names the user beside the identity; the pipeline moves that name to `user.name`."""
    is_moved = isinstance(extra, dict) and "UserName" in extra and first_given(own_name, issuer_name) is None
    return java_text(extra | {"UserName": None} if is_moved and isinstance(extra, dict) else extra)


def resource_arns(resources: Json) -> Json:
    return _of_each(resources, "ARN", "arn")


def resource_accounts(resources: Json) -> Json:
    return _of_each(resources, "accountId")


def resource_types(resources: Json) -> Json:
    return _of_each(resources, "type")


def _of_each(resources: Json, *keys: str) -> Json:
    if not isinstance(resources, list):
        return None
    parts = [resource.get(key) for resource in resources if isinstance(resource, dict) for key in keys]
    return [part for part in parts if part or is_given(part)] or None


def tls_version(version: Json) -> str | None:
    if not isinstance(version, str) or version in ("", _TLS_PLACEHOLDER):
        return None
    before, separator, number = version.partition("v")
    return number if separator else before


def tls_protocol(version: Json) -> str | None:
    if not isinstance(version, str) or version in ("", _TLS_PLACEHOLDER):
        return None
    protocol, separator, _ = version.partition("v")
    return protocol.lower() if separator else None


def tls_detail(version: Json, detail: Json) -> Json:
    return None if version == _TLS_PLACEHOLDER else first_given(detail)
