"""What a call says of itself, request and statement, read in plain Python: JSON as JSON, names split at colons."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

KEYS = (
    "functionName", "principal", "action", "statementId", "qualifier", "sourceArn", "sourceAccount", "principalOrgID",
    "functionUrlAuthType", "invokedViaFunctionUrl", "eventSourceToken", "revisionId",
)  # fmt: skip
KEYS_THAT_MATTER = frozenset(KEYS[:8])
CONDITIONS = {
    "aws:sourcearn": "sourceArn",
    "aws:sourceaccount": "sourceAccount",
    "aws:principalorgid": "principalOrgID",
    "lambda:functionurlauthtype": "functionUrlAuthType",
    "lambda:invokedviafunctionurl": "invokedViaFunctionUrl",
    "lambda:eventsourcetoken": "eventSourceToken",
}
LONGEST_TEXT = 8191  # UTF-16 units of request and response that Elastic's mapping indexes
LONGEST_MESSAGE = 1024


@dataclass(frozen=True, slots=True)
class Name:
    """A function's name, taken apart."""

    function: str | None = None
    qualifier: str | None = None
    account: str | None = None
    region: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What one side, request or statement, says; several values a key (statement) or a doubled one (request)."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    name: Name = field(default_factory=Name)
    doubled: frozenset[str] = frozenset()

    def one(self, key: str) -> str | None:
        values = self.values.get(key)
        return ", ".join(values) if values else None


def read_request(parameters: Mapping[str, Any] | None) -> Said | None:
    """The request as its text can be read: a value that holds `, key=` is cut there, and the key counts."""
    filled = {key: value for key, value in (parameters or {}).items() if value not in (None, "")}
    texts = {k: "true" if v is True else "false" if v is False else str(v) for k, v in filled.items()}
    if units(", ".join(f"{k}={v}" for k, v in texts.items())) + 2 > LONGEST_TEXT:
        return None
    found: dict[str, list[str]] = {}
    boundary = re.compile(rf", (?=(?:{'|'.join(KEYS)})=)")
    for key, value in texts.items():
        for part in boundary.split(f"{key}={value}"):
            name, _, content = part.partition("=")
            found.setdefault(name, []).append(content)
    found = {key: values for key, values in found.items() if key in KEYS}
    if not found:
        return None
    doubled = frozenset(key for key, values in found.items() if len(values) > 1)
    once = {key: (values[0],) for key, values in found.items() if len(values) == 1 and values[0]}
    if "principal" in once:
        once["principal"] = (bare(once["principal"][0]),)
    name = split_name(once["functionName"][0]) if "functionName" in once else Name()
    own = once.get("qualifier", (None,))[0]
    if own and name.qualifier and own != name.qualifier:
        return Said(once, replace(name, qualifier=None), doubled | {"qualifier"})
    return Said(once, replace(name, qualifier=own or name.qualifier), doubled)


def read_statement(response: Mapping[str, Any] | None) -> Said | None:
    text = (response or {}).get("statement")
    if not isinstance(text, str) or units(text) + len("{statement=}") > LONGEST_TEXT:
        return None
    statement = json.loads(text)
    values = {
        "statementId": listed(statement.get("Sid")),
        "action": listed(statement.get("Action")),
        "principal": principals(statement.get("Principal")),
    }
    for operator in statement.get("Condition", {}).values():
        for key, value in operator.items():
            if (known := CONDITIONS.get(key.lower())) is not None:
                values[known] = listed(value)
    return Said({key: value for key, value in values.items() if value}, split_name(statement["Resource"]))


def read_error(message: str | None) -> Name:
    if not message or units(message) > LONGEST_MESSAGE:
        return Name()
    for lead in ("on resource: ", "unction not found: "):
        _, found, rest = message.partition(lead)
        words = rest.split()
        if found and words and words[0].startswith("arn:") and ":function:" in words[0]:
            return split_name(words[0].rstrip(".,;"))
    return Name()


def split_name(text: str) -> Name:
    parts = text.split(":")
    if parts[0] == "arn" and len(parts) in (7, 8):
        return Name(parts[6], parts[7] if len(parts) == 8 else None, parts[4], parts[3])
    account = None
    if len(parts) >= 3 and parts[1] == "function":
        account, parts = parts[0], parts[2:]
    elif len(parts) >= 2 and parts[0] == "function":
        parts = parts[1:]
    if len(parts) > 2:
        return Name(text)
    return Name(parts[0], parts[1] if len(parts) == 2 else None, account)


def bare(principal: str) -> str:
    """A principal without the JSON around it: `"*"`, `{"AWS":"*"}`, or the same as a Java map."""
    json_form = re.fullmatch(r'\{ *"?(?:AWS|Service)"? *[:=] *"?([^"]*?)"? *\}|"([^"]*)"', principal)
    return principal if json_form is None else json_form[1] or json_form[2] or ""


def principals(value: Any) -> tuple[str, ...]:
    if isinstance(value, dict):
        return tuple(item for members in value.values() for item in listed(members))
    return listed(value)


def listed(value: Any) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case list():
            return tuple(str(item) for item in value)
        case bool():
            return (str(value).lower(),)
        case _:
            return (str(value),)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
