"""Lambda permission calls as hypothesis draws them: every form that AWS accepts, and values that mean harm."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

Record = dict[str, Any]
Request = dict[str, str | bool]

OWN, OTHER, PARTNER = "111122223333", "444455556666", "777788889999"
REGION = "us-east-1"
MOMENTS = [f"2026-03-02T10:0{minute}:00Z" for minute in range(6)]

names = st.sampled_from(["pay", "pay", "refund", "function", "a.b_c-9"])
qualifiers = st.sampled_from([None, None, None, "live", "7", "$LATEST"])
accounts = st.sampled_from([OWN, OTHER, PARTNER])
statement_ids = st.sampled_from(
    ["s1", "s1", "s1", "s1", "s2", "s1, principal=*", 's","Principal":"*"', "s\\", "a=b, c=d}", "{s}"]
)
actions = st.sampled_from([
    "lambda:InvokeFunction", "lambda:InvokeFUnction", "lambda:InvokeFunctionUrl", "lambda:UpdateFunctionCode",
    "lambda:*", "*", "lambda:GetFunction", "lambda:listTags", "lambda:Get*", "lambda:G*", "InvokeFunction",
    "GetPolicy",
])  # fmt: skip
principals = st.sampled_from([
    "*", OWN, OTHER, PARTNER,
    f"arn:aws:iam::{OTHER}:root", f"arn:aws:iam::{OWN}:role/ci", f"arn:aws-cn:iam::{PARTNER}:user/x",
    f"arn:aws:sts::{OTHER}:assumed-role/r/s", "s3.amazonaws.com", "events.amazonaws.com.cn",
    "alexa-appkit.amazon.com", "amazonaws.com", "s3.amazonaws.com.evil", "AIDAINVENTED",
    "arn:aws:iam::cloudfront:user/Identity E1", "o-1", '"*"', '{"AWS":"*"}', f'{{"AWS": "{OTHER}"}}',
    '{"Service":"s3.amazonaws.com"}', "{AWS=*}",
])  # fmt: skip
source_arns = st.sampled_from([
    "arn:aws:s3:::b", "arn:aws:s3:::*", "arn:aws:s3:::b*", f"arn:aws:sns:{REGION}:{OWN}:t",
    f"arn:aws:sns:{REGION}:{OTHER}:*", f"arn:aws-us-gov:sqs:us-gov-west-1:{PARTNER}:q",
    "arn:aws:events:*:*:rule/x", "arn:aws:events:*:*:*", "arn:*", "*", "b",
    "arn:aws:s3:::b, functionName=innocent", "arn:aws:s3:::*, principalOrgID=o-1, sourceAccount=1",
    'arn:aws:s3:::b"c\\"\\\\', "arn:aws:s3:::b}", "arn:aws:s3:::{a=b, c=d}", "arn:aws:s3:::bücket🪣",
    f'arn:aws:s3:::b","AWS:SourceAccount":"{OWN}', f"arn:aws:s3:::b\\u0022:{OTHER}", "arn:aws:s3:::[a",
    "arn:aws:s3:::a]", f"arn:aws:s3:::a, arn:aws:sns:{REGION}:{OTHER}:t",
])  # fmt: skip


def arn(name: str, qualifier: str | None, account: str = OWN, region: str = REGION) -> str:
    return f"arn:aws:lambda:{region}:{account}:function:{name}" + (f":{qualifier}" if qualifier else "")


FORMS: list[Callable[[str, str | None], str]] = [
    lambda name, qualifier: f"{name}:{qualifier}" if qualifier else name,
    lambda name, qualifier: f"function:{name}" + (f":{qualifier}" if qualifier else ""),
    lambda name, qualifier: f"{OWN}:function:{name}" + (f":{qualifier}" if qualifier else ""),
    arn,
    lambda name, qualifier: arn(name, qualifier, OTHER, "eu-west-1"),
]


@st.composite
def targets(draw: st.DrawFn) -> tuple[Request, str]:
    """The keys that name a function, in any form; and the ARN that AWS makes of them."""
    is_usual = draw(st.booleans())  # so that removals meet their grants
    name, qualifier = ("pay", None) if is_usual else (draw(names), draw(qualifiers))
    form = draw(st.sampled_from(FORMS))
    is_apart = qualifier is not None and draw(st.booleans())
    function = form(name, None if is_apart else qualifier)
    request: Request = {"functionName": function}
    if is_apart and qualifier:
        request["qualifier"] = qualifier
    whole = arn(name, qualifier, OTHER, "eu-west-1") if OTHER in function else arn(name, qualifier)
    # A function called `function` is read as a prefix by AWS, too: such a name is only safe in a full form.
    return (
        (request, whole)
        if name != "function" or function.startswith("arn:")
        else ({"functionName": "pay"}, arn("pay", None))
    )


@st.composite
def requests(draw: st.DrawFn) -> tuple[Request, str]:
    request, resource = draw(targets())
    optional: dict[str, st.SearchStrategy[Any]] = {
        "statementId": statement_ids,
        "principal": principals,
        "action": actions,
        "sourceArn": source_arns,
        "sourceAccount": accounts,
        "principalOrgID": st.just("o-1"),
        "functionUrlAuthType": st.sampled_from(["NONE", "AWS_IAM"]),
        "invokedViaFunctionUrl": st.booleans(),
        "eventSourceToken": st.just("tok-s3cret"),
        "revisionId": st.sampled_from(["r-1", "r, action=lambda:GetFunction"]),
    }
    usual = {"statementId", "principal", "action"}
    for key, values in optional.items():
        if draw(st.integers(0, 9)) < (9 if key in usual else 3):
            request[key] = draw(values)
    return {key: request[key] for key in draw(st.permutations(list(request)))}, resource


@st.composite
def statements(draw: st.DrawFn, request: Request, resource: str) -> str:
    """The statement AWS answers with, in any spelling of the same JSON; now and then it says something else."""
    said = dict(request)
    if draw(st.integers(0, 5)) == 0:
        said |= {"principal": draw(principals), "statementId": draw(statement_ids)}
    if draw(st.integers(0, 5)) == 0:
        said.pop("sourceArn", None)
        said.pop("principalOrgID", None)
    parts = {
        "Sid": said.get("statementId", "s1"),
        "Effect": "Allow",
        "Principal": draw(principal_forms(str(said.get("principal", "*")))),
        "Action": draw(one_or_list(with_prefix(str(said.get("action", "lambda:InvokeFunction"))))),
        "Resource": resource,
        "Condition": draw(conditions(said)),
    }
    ordered = {key: parts[key] for key in draw(st.permutations(list(parts))) if parts[key] != {}}
    indent = draw(st.sampled_from([None, None, 2]))
    tight = None if indent else (",", ":")
    return json.dumps(ordered, indent=indent, separators=tight, ensure_ascii=draw(st.booleans()))


def with_prefix(action: str) -> str:
    return action if ":" in action or action == "*" else f"lambda:{action}"


@st.composite
def one_or_list(draw: st.DrawFn, value: str) -> object:
    return draw(st.sampled_from([value, value, [value]]))


@st.composite
def principal_forms(draw: st.DrawFn, principal: str) -> object:
    if principal == "*":
        return draw(st.sampled_from(["*", {"AWS": "*"}, {"AWS": ["*"]}]))
    if principal.isdecimal():
        principal = draw(st.sampled_from([principal, f"arn:aws:iam::{principal}:root"]))
    kind = "Service" if "amazon" in principal else "AWS"
    if draw(st.integers(0, 7)) == 0:  # AWS writes one; more than one must still be judged by the worst
        others = draw(st.lists(principals.filter(lambda one: not one.startswith(("{", '"'))), min_size=1, max_size=2))
        return draw(st.sampled_from([{kind: [principal, *others]}, {kind: principal, "Federated": others}]))
    return {kind: draw(one_or_list(principal))}


@st.composite
def conditions(draw: st.DrawFn, said: Request) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for key, operator, name in (
        ("sourceArn", "ArnLike", "AWS:SourceArn"),
        ("sourceAccount", "StringEquals", "AWS:SourceAccount"),
        ("principalOrgID", "StringEquals", "aws:PrincipalOrgID"),
        ("functionUrlAuthType", "StringEquals", "lambda:FunctionUrlAuthType"),
        ("eventSourceToken", "StringEquals", "lambda:EventSourceToken"),
    ):
        if key in said:
            spelled = draw(st.sampled_from([name, name.lower(), name.upper()]))
            found.setdefault(operator, {})[spelled] = draw(one_or_list(str(said[key])))
    if said.get("invokedViaFunctionUrl") is True:
        found["Bool"] = {"lambda:InvokedViaFunctionUrl": draw(st.sampled_from(["true", True]))}
    if draw(st.booleans()):
        found["StringLike"] = {"aws:PrincipalTag/Sid": 'x","Sid":"fake'}
    return found


callers = st.sampled_from([
    {"type": "IAMUser", "arn": f"arn:aws:iam::{OWN}:user/dev", "accessKeyId": "AKIAINVENTEDKEY00001"},
    {"type": "AssumedRole", "arn": f"arn:aws:sts::{OWN}:assumed-role/ci/b, action=x", "invokedBy": "x.amazonaws.com"},
    {"type": "AWSService", "invokedBy": "cloudformation.amazonaws.com"},
    {"type": "AWSAccount", "principalId": "AIDAINVENTED"},
])  # fmt: skip


@st.composite
def grants(draw: st.DrawFn) -> Record:
    request, resource = draw(requests())
    record: Record = {
        "eventName": draw(st.sampled_from(["AddPermission20150331v2", "AddPermission", "AddPermissionX"]))
    }
    if draw(st.integers(0, 3)) == 0:
        record |= {
            "errorCode": "AccessDenied",
            "errorMessage": f"User: x is not authorized on resource: {resource} because",
        }
        if draw(st.integers(0, 5)) == 0:
            request |= {"functionName": arn("pay", None, draw(st.sampled_from([".*", "((", f"{OWN}|{OTHER}"])))}
        return record if draw(st.booleans()) else record | {"requestParameters": request}
    if draw(st.integers(0, 9)) < 8:
        record["responseElements"] = {"statement": draw(statements(request, resource))}
    return record | {"requestParameters": request} if draw(st.integers(0, 9)) < 8 else record


@st.composite
def removals(draw: st.DrawFn) -> Record:
    request, _ = draw(targets())
    if draw(st.integers(0, 9)) < 9:
        request["statementId"] = draw(statement_ids)
    record: Record = {"eventName": "RemovePermission20150331v2", "requestParameters": request}
    return record | {"errorCode": "AccessDenied"} if draw(st.integers(0, 5)) == 0 else record


@st.composite
def calls(draw: st.DrawFn) -> Record:
    return draw(grants() if draw(st.integers(0, 2)) else removals()) | {
        "eventTime": draw(st.sampled_from(MOMENTS)),
        "eventSource": "lambda.amazonaws.com",
        "awsRegion": draw(st.sampled_from([REGION, REGION, "eu-west-1"])),
        "recipientAccountId": draw(st.sampled_from([OWN, OWN, OTHER])),
        "sourceIPAddress": draw(st.sampled_from(["198.51.100.7", "cloudformation.amazonaws.com"])),
        "userIdentity": draw(callers),
    }


@st.composite
def archives(draw: st.DrawFn) -> list[Record]:
    drawn = draw(st.lists(calls(), min_size=20, max_size=40))
    return [record | {"eventID": f"e{number}"} for number, record in enumerate(drawn)]
