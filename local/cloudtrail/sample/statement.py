"""The policy statement AWS Lambda answers to AddPermission, in the form CloudTrail records it.

Source of the form: AWS Lambda's API reference (AddPermission) and IAM's reference of condition keys.
"""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from local.cloudtrail.record import Json

_CONDITIONS: Mapping[str, tuple[str, str]] = {
    "sourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "principalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "functionUrlAuthType": ("StringEquals", "lambda:FunctionUrlAuthType"),
    "eventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
    "invokedViaFunctionUrl": ("Bool", "lambda:InvokedViaFunctionUrl"),
    "sourceArn": ("ArnLike", "AWS:SourceArn"),
}


def policy_statement(parameters: Mapping[str, Json], account: str, region: str) -> str:
    """The statement as one line of JSON, keys in AWS's order."""
    statement: dict[str, Json] = {
        "Sid": parameters["statementId"],
        "Effect": "Allow",
        "Principal": _principal(str(parameters["principal"])),
        "Action": parameters["action"],
        "Resource": _function_arn(parameters, account, region),
    }
    if conditions := _conditions(parameters):
        statement["Condition"] = conditions
    return orjson.dumps(statement).decode()


def _principal(principal: str) -> Json:
    if principal == "*":
        return principal
    if principal.isdecimal():
        return {"AWS": f"arn:aws:iam::{principal}:root"}
    return {"AWS" if principal.startswith("arn:") else "Service": principal}


def _function_arn(parameters: Mapping[str, Json], account: str, region: str) -> str:
    """The full ARN, from any of the forms in which a function may be named."""
    name = str(parameters["functionName"])
    bare = name.rpartition("function:")[2]
    qualifier = parameters.get("qualifier")
    return f"arn:aws:lambda:{region}:{account}:function:{bare}" + (f":{qualifier}" if qualifier else "")


def _conditions(parameters: Mapping[str, Json]) -> dict[str, Json]:
    tests: dict[str, dict[str, Json]] = {}
    for parameter, (operator, key) in _CONDITIONS.items():
        if parameter in parameters:
            value = parameters[parameter]
            tests.setdefault(operator, {})[key] = str(value).lower() if isinstance(value, bool) else value
    return {**tests}
