"""Events in CloudTrail's own shape (its record contents, version 1.10): a call, who made it, what came of it."""

from __future__ import annotations

from datetime import timedelta
from itertools import accumulate
from typing import Any

from bench.trail.calls import CALLS, Call
from bench.trail.moment import Moment, named

_WEIGHTS = list(accumulate(call.weight for call in CALLS))
_AGENTS = {
    "aws-sdk-go-v2/1.30.3 ua/2.1 os/linux lang/go#1.22.5 md/GOOS#linux md/GOARCH#arm64 api/sts#1.30.3 m/E,C": 30,
    "aws-sdk-java/2.26.21 md/io#sync md/http#Apache ua/2.0 os/Linux#5.10.220 lang/java#21.0.3 "
    "md/OpenJDK_64-Bit_Server_VM#21.0.3+9-LTS md/vendor#Amazon.com_Inc. md/en_US exec-env/AWS_ECS_FARGATE": 24,
    "Boto3/1.35.2 md/Botocore#1.35.2 ua/2.0 os/linux#5.10.219-229.866.amzn2.x86_64 md/arch#x86_64 lang/python#3.12.4 "
    "md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy": 24,
    "APN/1.0 HashiCorp/1.0 Terraform/1.9.4 (+https://www.terraform.io) terraform-provider-aws/5.62.0 m/B": 8,
    "aws-cli/2.17.30 md/awscrt#0.20.11 ua/2.0 os/macos#23.6.0 md/arch#arm64 lang/python#3.11.9 md/prompt#off": 6,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5": 5,
    "AWS Internal": 3,
}
_SERVICES = {"lambda": 40, "ecs-tasks": 25, "ec2": 15, "autoscaling": 8, "config": 7, "cloudtrail": 5}
_ERRORS = ("AccessDenied", "Client.UnauthorizedOperation", "ThrottlingException", "ResourceNotFoundException")
_FAILED, _BY_PEOPLE, _SHARED, _BY_FUNCTIONS = 0.03, 0.07, 0.1, 0.5

Json = dict[str, Any]


def record(moment: Moment) -> Json:
    """One event, as it stands in the list of a log file."""
    [call] = moment.dice.choices(CALLS, cum_weights=_WEIGHTS)
    identity, address, agent = _caller(moment, call)
    has_failed, asked = moment.happens(_FAILED), call.request(moment)
    return {
        "eventVersion": "1.10",
        "userIdentity": identity,
        "eventTime": moment.iso(),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.name,
        "awsRegion": moment.region,
        "sourceIPAddress": address,
        "userAgent": agent,
        **(_error(moment, call, identity.get("arn", address)) if has_failed else {}),
        "requestParameters": asked,
        "responseElements": None if has_failed else call.response(moment, asked),
        **(_transferred(moment) if call.is_data else {}),
        "requestID": moment.id(),
        "eventID": moment.id(),
        "readOnly": call.is_read,
        **({"resources": resources} if (resources := call.resources(moment)) else {}),
        "eventType": "AwsConsoleSignIn" if call.service == "signin" else "AwsApiCall",
        "managementEvent": not call.is_data,
        "recipientAccountId": moment.account,
        **({"sharedEventID": moment.id()} if moment.happens(_SHARED) else {}),
        "eventCategory": "Data" if call.is_data else "Management",
        **(_connection(moment, call) if "arn" in identity else {}),
    }


def _error(moment: Moment, call: Call, caller: str) -> Json:
    message = f"User: {caller} is not authorized to perform: {call.service}:{call.name}"
    return {"errorCode": moment.dice.choice(_ERRORS), "errorMessage": message}


def _transferred(moment: Moment) -> Json:
    told = {
        "SignatureVersion": "SigV4",
        "CipherSuite": "TLS_AES_128_GCM_SHA256",
        "bytesTransferredIn": 0,
        "AuthenticationMethod": "AuthHeader",
        "x-amz-id-2": moment.token(56),
        "bytesTransferredOut": moment.dice.randrange(2**20),
    }
    return {"additionalEventData": told}


def _connection(moment: Moment, call: Call) -> Json:
    told = {
        "tlsVersion": "TLSv1.3",
        "cipherSuite": "TLS_AES_128_GCM_SHA256",
        "clientProvidedHostHeader": f"{call.service}.{moment.region}.amazonaws.com",
    }
    return {"tlsDetails": told}


def _caller(moment: Moment, call: Call) -> tuple[Json, str, str]:
    """Who calls, from where, with what."""
    if moment.happens(call.by_service):
        service = f"{moment.of(_SERVICES)}.amazonaws.com"
        return {"type": "AWSService", "invokedBy": service}, service, service
    is_person = call.service == "signin" or moment.happens(_BY_PEOPLE)
    return (_person if is_person else _role)(moment), moment.address(), moment.of(_AGENTS)


def _person(moment: Moment) -> Json:
    number = moment.ranked(50)
    return {
        "type": "IAMUser",
        "principalId": f"AIDA{named('person', number, 17)}",
        "arn": f"arn:aws:iam::{moment.account}:user/people/person{number}",
        "accountId": moment.account,
        "accessKeyId": f"AKIA{named('key', number, 16)}",
        "userName": f"person{number}",
    }


def _role(moment: Moment) -> Json:
    """A session of a role; its access key is another one each hour."""
    role = moment.role()
    session = moment.function() if moment.happens(_BY_FUNCTIONS) else moment.instance()
    principal = f"AROA{named('role', role, 17)}"
    key = named("key", f"{moment.account} {role} {session} {moment.at:%d %H}", 16)
    issuer = {
        "type": "Role",
        "principalId": principal,
        "arn": f"arn:aws:iam::{moment.account}:role/{role}",
        "accountId": moment.account,
        "userName": role,
    }
    since = {
        "creationDate": moment.iso(timedelta(seconds=moment.dice.randrange(3600))),
        "mfaAuthenticated": "false",
    }
    return {
        "type": "AssumedRole",
        "principalId": f"{principal}:{session}",
        "arn": f"arn:aws:sts::{moment.account}:assumed-role/{role}/{session}",
        "accountId": moment.account,
        "accessKeyId": f"ASIA{key}",
        "sessionContext": {"sessionIssuer": issuer, "attributes": since},
    }
