"""The bundled sample: three weeks of CloudTrail of an invented company, told relative to now.

Accounts, addresses and names are those that AWS and RFC 5737 set aside for documentation.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from itertools import count
from typing import Any

import orjson

from local.cloudtrail.record import Json, Record
from local.cloudtrail.sample.cast import Caller
from local.cloudtrail.sample.statement import policy_statement

_NAMESPACE = uuid.UUID("6f1d3a7e-52c4-4b0e-9a51-3c8f0d2e7b94")
_GRANT = "AddPermission"
_LAMBDA = "lambda.amazonaws.com"
_OF_A_STATEMENT = ("functionName", "statementId")


@dataclass(frozen=True, slots=True)
class Call:
    """One line of the story: an API call, or the same call several times.

    `ago` and `every` read like `1d2h30m`. `denied` names a function: IAM refused the call on it.
    """

    ago: str
    by: str
    call: str
    source: str = _LAMBDA
    every: str = "0m"
    times: int = 1
    parameters: dict[str, Json] | None = None
    response: dict[str, Json] | None = None
    additional: dict[str, Json] | None = None
    resources: list[Json] = field(default_factory=list)
    denied: str = ""
    error: str = ""
    message: str = ""
    type: str = "AwsApiCall"
    category: str = "Management"
    region: str = ""
    read_only: bool = False


def news(clock: Callable[[], datetime]) -> Iterator[Record]:
    """What goes on happening, without end, while somebody watches: each record happens when it is asked for.

    After the first round each grant is taken back and given on another function, until all functions had it: then the
    same happens anew, as other events.
    """
    callers, grants = _callers(), [Call(**row) for row in _json("later.json")]
    functions = [str(grant.parameters["functionName"]) for grant in grants if grant.parameters]
    for turn in count():
        for number, grant in enumerate(grants):
            key = f"later.json:{number}" + (f":{turn}" if turn else "")
            if turn and grant.parameters:
                taken_back = _taken_back(_moved(grant, functions, turn - 1))
                yield from _told(taken_back, f"{key}:taken back", callers, clock())
            yield from _told(_moved(grant, functions, turn), key, callers, clock())


def records(now: datetime) -> list[Record]:
    """The sample's raw CloudTrail records, oldest first; the same for the same `now`, event ids for any."""
    callers = _callers()
    told = [
        record
        for file in ("lambda.json", "routine.json")
        for number, row in enumerate(_json(file))
        for record in _told(Call(**row), f"{file}:{number}", callers, now)
    ]
    return sorted(told, key=lambda record: str(record["eventTime"]))


def _moved(grant: Call, functions: Sequence[str], by: int) -> Call:
    """The same on the function that stands so many places after its own."""
    if grant.parameters is None:
        return grant
    place = functions.index(str(grant.parameters["functionName"])) + by
    return replace(grant, parameters=grant.parameters | {"functionName": functions[place % len(functions)]})


def _taken_back(grant: Call) -> Call:
    named = {name: value for name, value in (grant.parameters or {}).items() if name in _OF_A_STATEMENT}
    return Call("0m", "platform", "RemovePermission20150331v2", parameters=named)


def _callers() -> Mapping[str, Caller]:
    return {name: Caller(**row) for name, row in _json("company.json")["callers"].items()}


def _json(name: str) -> Any:
    return orjson.loads(resources.files(__package__).joinpath(name).read_bytes())


def _told(call: Call, line: str, callers: Mapping[str, Caller], now: datetime) -> Iterator[Record]:
    at = now.astimezone(UTC) - _duration(call.ago)
    for number in range(call.times):
        moment = at + number * _duration(call.every)
        if moment <= now:
            yield _record(call, callers[call.by], moment, f"{line}:{number}")


def _duration(text: str) -> timedelta:
    units = {"d": "days", "h": "hours", "m": "minutes"}
    parts = {units[unit]: int(count) for count, unit in re.findall(r"(\d+)([dhm])", text)}
    return timedelta(**parts)


def _record(call: Call, caller: Caller, at: datetime, key: str) -> Record:
    """The record, its keys in the order in which AWS writes them."""
    region = call.region or caller.region
    error = "AccessDenied" if call.denied else call.error
    message = _denial(call, caller, region) if call.denied else call.message
    host = f"{call.source.partition('.')[0]}.{region}.amazonaws.com"
    record: Record = {
        "eventVersion": "1.11",
        "userIdentity": caller.identity(at),
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": call.source,
        "eventName": call.call,
        "awsRegion": region,
        "sourceIPAddress": caller.ip or caller.name,
        "userAgent": caller.agent or caller.name,
        **({"errorCode": error} if error else {}),
        **({"errorMessage": message} if message else {}),
        "requestParameters": call.parameters,
        "responseElements": None if error else _response(call, caller, region),
        **({"additionalEventData": call.additional} if call.additional else {}),
        "requestID": str(uuid.uuid5(_NAMESPACE, f"request {key}")),
        "eventID": str(uuid.uuid5(_NAMESPACE, f"event {key}")),
        "readOnly": call.read_only,
        **({"resources": call.resources} if call.resources else {}),
        "eventType": call.type,
        "managementEvent": call.category == "Management",
        "recipientAccountId": caller.account,
        "eventCategory": call.category,
    }
    if caller.ip:
        record["tlsDetails"] = {
            "tlsVersion": "TLSv1.3",
            "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": host,
        }
    return record


def _response(call: Call, caller: Caller, region: str) -> Json:
    if call.parameters is not None and call.call.startswith(_GRANT):
        return {"statement": policy_statement(call.parameters, caller.account, region)}
    return call.response


def _denial(call: Call, caller: Caller, region: str) -> str:
    function = f"arn:aws:lambda:{region}:{caller.account}:function:{call.denied}"
    return (
        f"User: {caller.arn} is not authorized to perform: lambda:AddPermission on resource: {function} "
        "because no identity-based policy allows the lambda:AddPermission action"
    )
