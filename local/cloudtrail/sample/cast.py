"""Who makes the calls in the sample: each caller's identity as CloudTrail writes it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from local.cloudtrail.record import Json

_SESSION_AGE = timedelta(minutes=38)


@dataclass(frozen=True, slots=True)
class Caller:
    """One identity. An AWS service has neither address nor user agent of its own, but its host name."""

    type: str
    name: str
    ip: str = ""
    agent: str = ""
    session: str = ""
    account: str = "111122223333"
    region: str = "us-east-1"

    @property
    def arn(self) -> str:
        match self.type:
            case "IAMUser":
                return f"arn:aws:iam::{self.account}:user/{self.name}"
            case "AssumedRole":
                role = self.name.rpartition("/")[2]
                return f"arn:aws:sts::{self.account}:assumed-role/{role}/{self.session}"
            case _:
                return f"arn:aws:iam::{self.account}:root"

    def identity(self, now: datetime) -> dict[str, Json]:
        """The record's userIdentity."""
        match self.type:
            case "AWSService":
                return {"type": self.type, "invokedBy": self.name}
            case "AssumedRole":
                return self._assumed_role(now)
            case "Root":
                return {
                    "type": self.type,
                    "principalId": self.account,
                    "arn": self.arn,
                    "accountId": self.account,
                    "accessKeyId": "",
                }
            case _:
                return {
                    "type": self.type,
                    "principalId": _example_id("AIDA", self.name),
                    "arn": self.arn,
                    "accountId": self.account,
                    "accessKeyId": _example_id("AKIA", self.name),
                    "userName": self.name,
                }

    def _assumed_role(self, now: datetime) -> dict[str, Json]:
        role_id = _example_id("AROA", self.name)
        return {
            "type": self.type,
            "principalId": f"{role_id}:{self.session}",
            "arn": self.arn,
            "accountId": self.account,
            "accessKeyId": _example_id("ASIA", self.name),
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": role_id,
                    "arn": f"arn:aws:iam::{self.account}:role/{self.name}",
                    "accountId": self.account,
                    "userName": self.name,
                },
                "attributes": {
                    "creationDate": (now - _SESSION_AGE).strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "mfaAuthenticated": "false",
                },
            },
        }


def _example_id(prefix: str, name: str) -> str:
    """Twenty characters like an IAM id, ending in EXAMPLE as in AWS's documentation."""
    digest = base64.b32encode(hashlib.sha256(name.encode()).digest()).decode()
    return f"{prefix}{digest[:9]}EXAMPLE"
