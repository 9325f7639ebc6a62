"""The calls of an invented company: how often each is made, what it asks, answers and touches.

The shapes are AWS's, the names invented. Of ten thousand calls one grants somebody a function of Lambda; calls of SQS
and SNS that are named alike, and policies that only speak of it, do not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from bench.trail.moment import Moment

Json = dict[str, Any]
Part = Callable[[Moment], Any]
Answer = Callable[[Moment, Json], Any]

GRANTING = "AddPermission20150331v2"
"""The name that Lambda gives the call; SQS and SNS have one that is called AddPermission, too."""
_ANYONE = ("*", "events.amazonaws.com", "s3.amazonaws.com", "apigateway.amazonaws.com", "600000000099")


def _nothing(*_: object) -> None:
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """A kind of call. `weight`: how often, of about a hundred; `by_service`: the share that services of AWS make."""

    service: str
    name: str
    weight: float
    request: Part = _nothing
    response: Answer = _nothing
    resources: Part = _nothing
    is_read: bool = True
    is_data: bool = False
    by_service: float = 0.0


def _fields(asked: Mapping[str, object], moment: Moment) -> Json:
    """An object of constants, and of what is made of the moment."""
    return {name: made(moment) if callable(made) else made for name, made in asked.items()}


def _object(**asked: object) -> Part:
    return partial(_fields, asked)


def _arn_of(service: str, rest: Callable[[Moment], str]) -> Part:
    return lambda moment: moment.arn(service, rest(moment))


def _touched(kind: str, arn: Part) -> Part:
    return lambda moment: [{"accountId": moment.account, "type": kind, "ARN": arn(moment)}]


def _assumed(moment: Moment, asked: Json) -> Json:
    role, session = asked["roleArn"].rpartition("/")[2], asked["roleSessionName"]
    until = moment.at + timedelta(hours=1)
    keys = {
        "accessKeyId": f"ASIA{moment.hexes(16).upper()}",
        "sessionToken": moment.token(300),
        "expiration": f"{until:%b %d, %Y, %I:%M:%S %p}",
    }
    arn = f"arn:aws:sts::{moment.account}:assumed-role/{role}/{session}"
    return {"credentials": keys, "assumedRoleUser": {"assumedRoleId": f"AROA:{session}", "arn": arn}}


def _s3_key(moment: Moment) -> str:
    return f"dt={moment.at:%Y-%m-%d}/{moment.team()}/{moment.dice.randrange(10_000):05}-{moment.id()}.parquet"


def _instances(moment: Moment) -> Json:
    return {"items": [{"instanceId": moment.instance()} for _ in range(moment.dice.randrange(1, 7))]}


def _started(moment: Moment, _: Json) -> Json:
    address = moment.address()
    item = {
        "instanceId": moment.instance(),
        "imageId": f"ami-0{moment.hexes(16)}",
        "instanceState": {"code": 0, "name": "pending"},
        "privateDnsName": f"ip-{address.replace('.', '-')}.{moment.region}.compute.internal",
        "privateIpAddress": address,
        "launchTime": int(moment.at.timestamp() * 1000),
        "placement": {"availabilityZone": f"{moment.region}a", "tenancy": "default"},
        "tagSet": {"items": [{"key": "Name", "value": f'prüfstand {moment.team()} \u2013 "blau"'}]},
    }
    return {"requestId": moment.id(), "reservationId": f"r-0{moment.hexes(16)}", "instancesSet": {"items": [item]}}


def _grant(moment: Moment) -> Json:
    """What AddPermission of Lambda asks."""
    told = {
        "functionName": moment.arn("lambda", f"function:{moment.function()}"),
        "statementId": f"{moment.team()}-{moment.hexes(8)}",
        "action": "lambda:InvokeFunction",
        "principal": moment.dice.choice(_ANYONE),
    }
    if told["principal"] == "s3.amazonaws.com":
        return told | {"sourceArn": f"arn:aws:s3:::{moment.bucket()}", "sourceAccount": moment.account}
    return told


def _granted(_: Moment, asked: Json) -> Json:
    """Lambda answers with the statement that it keeps."""
    principal = asked["principal"]
    told = {
        "Sid": asked["statementId"],
        "Effect": "Allow",
        "Principal": principal if principal == "*" else {_kind_of(principal): principal},
        "Action": asked["action"],
        "Resource": asked["functionName"],
    }
    if "sourceArn" in asked:
        told["Condition"] = {
            "StringEquals": {"AWS:SourceAccount": asked["sourceAccount"]},
            "ArnLike": {"AWS:SourceArn": asked["sourceArn"]},
        }
    return {"statement": json.dumps(told, separators=(",", ":"))}


def _kind_of(principal: str) -> str:
    return "AWS" if principal.isdecimal() else "Service"


def _signed_in(moment: Moment, _: object) -> Json:
    return {"ConsoleLogin": moment.dice.choice(("Success", "Success", "Failure"))}


def _policy(moment: Moment) -> Json:
    allowed = {"Effect": "Allow", "Action": ["lambda:AddPermission", "lambda:GetPolicy"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]}, indent=2)
    return {"roleName": moment.role(), "policyName": f"{moment.team()}-deploy", "policyDocument": document}


_ROLE = _arn_of("iam", lambda moment: f"role/{moment.role()}")
_KEY = _touched("AWS::KMS::Key", Moment.key)
_CONTEXT = _object(**{"aws:s3:arn": lambda moment: f"arn:aws:s3:::{moment.bucket()}"})
_BUCKET = _object(bucketName=Moment.bucket, Host=lambda moment: f"s3.{moment.region}.amazonaws.com", acl="")
_OBJECT = _object(bucketName=Moment.bucket, Host=lambda moment: f"s3.{moment.region}.amazonaws.com", key=_s3_key)
_LAKE = _touched("AWS::S3::Bucket", lambda moment: f"arn:aws:s3:::{moment.bucket()}")
_RUNNING = {"items": [{"name": "instance-state-name", "valueSet": {"items": [{"value": "running"}]}}]}
_INSTANCES = _object(instancesSet=_instances, filterSet=_RUNNING, maxResults=500)
_STARTING = _object(instanceType="m7g.large", userData="<sensitiveDataRemoved>", monitoring={"enabled": False})
_FUNCTION = _arn_of("lambda", lambda moment: f"function:{moment.function()}")
_QUEUE = _arn_of("sqs", Moment.team)
_TOPIC = _arn_of("sns", Moment.team)
_SECRET = _arn_of("secretsmanager", lambda moment: f"secret:{moment.team()}/database-Qr7tWx")
_STACK = _arn_of("cloudformation", lambda moment: f"stack/{moment.team()}/{moment.id()}")
_TARGETS = _arn_of("elasticloadbalancing", lambda moment: f"targetgroup/{moment.team()}/{moment.hexes(16)}")
_AGENT = _object(
    agentName="amazon-ssm-agent",
    agentVersion="3.3.551.0",
    agentStatus="Active",
    instanceId=Moment.instance,
    iPAddress=Moment.address,
    platformName="Amazon Linux",
    platformType="Linux",
    platformVersion="2023",
)


def _log_group(moment: Moment) -> str:
    return f"/aws/lambda/{moment.function()}"


def _parameter(moment: Moment) -> str:
    return f"/{moment.team()}/live/{moment.dice.randrange(300)}"


def _images(moment: Moment) -> list[Json]:
    return [{"imageDigest": f"sha256:{moment.hexes(64)}"}]


CALLS = (
    Call(
        *("sts", "AssumeRole", 17),
        _object(roleArn=_ROLE, roleSessionName=Moment.function, durationSeconds=3600),
        _assumed,
        _touched("AWS::IAM::Role", _ROLE),
        by_service=0.65,
    ),
    Call("sts", "GetCallerIdentity", 2),
    Call("kms", "Decrypt", 14, _object(encryptionContext=_CONTEXT, keyId=Moment.key), _nothing, _KEY, by_service=0.2),
    Call("kms", "GenerateDataKey", 6, _object(keySpec="AES_256", encryptionContext=_CONTEXT), _nothing, _KEY),
    Call("s3", "GetObject", 9, _OBJECT, _nothing, _LAKE, is_data=True),
    Call("s3", "PutObject", 4, _OBJECT, _nothing, _LAKE, is_read=False, is_data=True),
    Call("s3", "GetBucketAcl", 4, _BUCKET, _nothing, _LAKE, by_service=0.6),
    Call("s3", "GetBucketLocation", 2, _BUCKET),
    Call("ec2", "DescribeInstances", 6, _INSTANCES),
    Call("ec2", "DescribeVolumes", 3, _INSTANCES),
    Call("ec2", "DescribeSecurityGroups", 2, _INSTANCES),
    Call("ec2", "RunInstances", 0.4, _STARTING, _started, is_read=False, by_service=0.3),
    Call("ec2", "TerminateInstances", 0.3, _INSTANCES, is_read=False),
    Call("lambda", "Invoke", 6, _object(functionName=_FUNCTION), is_read=False, is_data=True, by_service=0.2),
    Call("lambda", "GetFunction20150331v2", 1.5, _object(functionName=Moment.function, qualifier="$LATEST")),
    Call("lambda", "ListFunctions20150331", 0.6, _object(maxItems=50)),
    Call("lambda", GRANTING, 0.01, _grant, _granted, is_read=False),
    Call("sqs", "AddPermission", 0.03, _object(queueUrl=_QUEUE, label=Moment.team, actions=["*"]), is_read=False),
    Call("sns", "AddPermission", 0.03, _object(topicArn=_TOPIC, label=Moment.team, actionName=["*"]), is_read=False),
    Call("iam", "PutRolePolicy", 0.06, _policy, is_read=False),
    Call("iam", "GetRole", 2, _object(roleName=Moment.role)),
    Call("iam", "CreateAccessKey", 0.02, _object(userName=Moment.team), is_read=False),
    Call("logs", "CreateLogStream", 4, _object(logGroupName=_log_group, logStreamName=Moment.id), is_read=False),
    Call("ssm", "UpdateInstanceInformation", 5, _AGENT, is_read=False),
    Call("ssm", "GetParameter", 2, _object(name=_parameter, withDecryption=True)),
    Call("secretsmanager", "GetSecretValue", 2, _object(secretId=_SECRET)),
    Call("dynamodb", "DescribeTable", 2, _object(tableName=Moment.table), by_service=0.1),
    Call("ecr", "BatchGetImage", 2, _object(repositoryName=Moment.team, imageIds=_images)),
    Call("elasticloadbalancing", "DescribeTargetHealth", 2, _object(targetGroupArn=_TARGETS), by_service=0.3),
    Call("cloudformation", "DescribeStacks", 1, _object(stackName=_STACK)),
    Call("signin", "ConsoleLogin", 0.05, _nothing, _signed_in, is_read=False),
)
