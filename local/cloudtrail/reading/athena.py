"""Records that a SQL engine has had its hands on (Athena, CloudTrail Lake): columns in lower case, structs printed.

The columns are those of the table that AWS documents (Athena User Guide, "Query AWS CloudTrail logs"; CloudTrail
User Guide, "Supported SQL schemas for event data stores"). What such a table can not tell faithfully is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from local.cloudtrail.reading.decoding import decoded
from local.cloudtrail.record import Json, Record
from local.cloudtrail.refusal import Kind, Refusal

_NAMES = """
    eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode
    errorMessage requestParameters responseElements additionalEventData requestID eventID readOnly resources
    eventType apiVersion managementEvent recipientAccountId serviceEventDetails sharedEventID vpcEndpointId
    vpcEndpointAccountId eventCategory addendum sessionCredentialFromConsole edgeDeviceDetails tlsDetails
    insightDetails
    type principalId arn accountId accessKeyId userName invokedBy sessionContext attributes creationDate
    mfaAuthenticated sessionIssuer webIdFederationData federatedProvider sourceIdentity ec2RoleDelivery
    ec2IssuedInVpc onBehalfOf userId identityStoreArn inScopeOf sourceArn sourceAccount issuerType
    credentialsIssuedTo identityProvider credentialId
    arnPrefix tlsVersion cipherSuite clientProvidedHostHeader reason updatedFields originalRequestId
    originalEventId
"""
_PROPER: Mapping[str, str] = {name.lower(): name for name in _NAMES.split()} | {"sharedeventid": "sharedEventID"}
_STRUCTS = ("userIdentity", "resources", "tlsDetails", "addendum")
_JSON_TEXTS = ("requestParameters", "responseElements", "additionalEventData", "serviceEventDetails")
NEEDED = frozenset({"eventname", "eventsource", "eventtime", "useridentity", "requestparameters", "responseelements"})
"""Columns without which a hunt would look at records that lost what it looks for."""


class _AmbiguousError(Exception):
    """A printed struct that can be read in no way, or in more than one."""


def is_row(item: Mapping[str, Json]) -> bool:
    return isinstance(item.get("eventname"), str) and isinstance(item.get("eventsource"), str)


def record(row: Mapping[str, Json]) -> Record | Refusal:
    """The record of a row, by its columns' names in lower case; a cell that is null or empty is absent."""
    found: Record = {_PROPER.get(name, name): value for name, value in row.items() if value not in (None, "")}
    try:
        for name in _STRUCTS:
            if name in found:
                found[name] = _named(_struct(found[name]))
        for name in _JSON_TEXTS:
            if name in found:
                found[name] = _json(name, found[name])
    except _AmbiguousError as error:
        return Refusal(Kind.LOSSY_TABLE, str(error))
    if "eventTime" in found:
        found["eventTime"] = _iso(found["eventTime"])
    return found


def _json(name: str, value: Json) -> Json:
    if not isinstance(value, str):
        return value
    inner = decoded(value.encode("utf-8", "replace"))
    if isinstance(inner, Refusal):
        message = f"its {name} are printed, not JSON; export Athena's {name.lower()} column or Lake's eventJson"
        raise _AmbiguousError(message)
    return inner


_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(\.\d+)?(?: UTC)?")


def _iso(value: Json) -> Json:
    """A SQL timestamp, which Athena and Lake print in UTC, as CloudTrail writes its times."""
    stamp = _TIMESTAMP.fullmatch(value) if isinstance(value, str) else None
    return value if stamp is None else f"{stamp[1]}T{stamp[2]}Z"


def _named(value: Json) -> Json:
    if isinstance(value, dict):
        return {_PROPER.get(key, key): _named(child) for key, child in value.items() if child is not None}
    if isinstance(value, list):
        return [_named(child) for child in value]
    return value


def _struct(value: Json) -> Json:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    inner = decoded(value.encode("utf-8", "replace"))
    return _Printed(value).read() if isinstance(inner, Refusal) else inner


# A text in a struct is not quoted. It ends where the next field of a known name begins, or where the struct ends.
_KEY = re.compile(r"([^={}\[\], ]++)=")
_FIELD = rf", (?:{'|'.join(_PROPER)})="
_TEXT = re.compile(rf"(?:(?!{_FIELD}|[}}\]]+(?:, |\Z)).)*", re.DOTALL)
_DEEPEST = 20


class _Printed:
    """A struct as Athena prints it: `{type=IAMUser, arn=null, sessioncontext={..}}`, a list `[{..}, {..}]`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0

    def read(self) -> Json:
        """
        Raises:
            _AmbiguousError: it is no such text, or a field occurs in it twice.
        """
        value = self._value()
        if self._at != len(self._text):
            raise self._unread()
        return value

    def _value(self) -> Json:
        if self._depth > _DEEPEST:
            raise self._unread()
        if self._takes("{"):
            return self._fields()
        if self._takes("["):
            return self._items()
        found = _TEXT.match(self._text, self._at)
        text = found[0] if found else ""
        self._at += len(text)
        return None if text == "null" else text

    def _fields(self) -> Json:
        fields: dict[str, Json] = {}
        self._depth += 1
        while not self._takes("}"):
            key = _KEY.match(self._text, self._at)
            if key is None or key[1] in fields:
                raise self._unread()
            self._at = key.end()
            fields[key[1]] = self._value()
            self._between("}")
        self._depth -= 1
        return fields

    def _items(self) -> Json:
        items: list[Json] = []
        self._depth += 1
        while not self._takes("]"):
            items.append(self._value())
            self._between("]")
        self._depth -= 1
        return items

    def _between(self, end: str) -> None:
        if not self._takes(", ") and not self._text.startswith(end, self._at):
            raise self._unread()

    def _takes(self, mark: str) -> bool:
        if self._text.startswith(mark, self._at):
            self._at += len(mark)
            return True
        return False

    def _unread(self) -> _AmbiguousError:
        return _AmbiguousError(f"a struct that can not be read back: {self._text[:200]}")
