"""What an object store's error means for people.

The library's own text is never shown: it quotes requests and answers, and S3 answers a wrong signature with what was
signed. Only the code of S3's answer and the HTTP status are read from it.
Source of the codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from obstore.exceptions import BaseError

from local.objects.place import ODD

CAUGHT = (BaseError, OSError, ValueError)
"""Its own errors, the system's for a missing object, ValueError for a key it can not hold."""

_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>")
_REGION = re.compile(r"<Region>([a-z0-9-]{1,32})</Region>")
_STATUS = re.compile(r"(?:non-2xx status code:|Status \{\s*status:) ([0-9]{3})")
_HOST = re.compile(r"Error performing [A-Z]+ (https?://[^/\s?]+)")

NO_CREDENTIALS = (
    "no AWS credentials are found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a "
    "role gives some"
)
NO_PROCESS = "the program that the profile's credential_process names gives no credentials"
_REFUSED = "the credentials are refused: are they of this account and partition, and the clock right?"
_EXPIRED = "the credentials have expired: sign in again"
_THROTTLED = "the server asks to slow down, after several tries: try again later, or ask for less"
_GONE = "it is gone"
_ELSEWHERE = "the bucket is in another region: set AWS_REGION to it (aws s3api get-bucket-location says which it is)"

_CODES = {
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": _GONE,
    "AllAccessDisabled": "the bucket is closed by AWS",
    "InvalidAccessKeyId": _REFUSED,
    "SignatureDoesNotMatch": _REFUSED,
    "RequestTimeTooSkewed": "this machine's clock is wrong",
    "ExpiredToken": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": _REFUSED,
    "PermanentRedirect": _ELSEWHERE,
    "TemporaryRedirect": _ELSEWHERE,
    "AuthorizationHeaderMalformed": _ELSEWHERE,
    "IllegalLocationConstraintException": _ELSEWHERE,
    "SlowDown": _THROTTLED,
    "RequestLimitExceeded": _THROTTLED,
    "InvalidObjectState": "it lies in an archive storage class (Glacier): restore it first",
    "KMS.DisabledException": "the KMS key that it is encrypted with is disabled",
    "KMS.KMSInvalidStateException": "the KMS key that it is encrypted with is about to be deleted, or is",
    "InvalidBucketName": "there can be no such bucket",
}
_STATUSES = {
    "301": _ELSEWHERE,
    "307": _ELSEWHERE,
    "401": _REFUSED,
    "412": "it was changed while it was read",
    "429": _THROTTLED,
    "503": _THROTTLED,
}
_BREAKS = {
    "Timeout": "does not answer in time, after several tries",
    "TimedOut": "does not answer in time, after several tries",
    "certificate": "has a certificate that is not trusted: AWS_CA_BUNDLE may name its authority's",
    "kind: Connect": "can not be reached",
}
_DENIED = {
    "list": "access is denied: the credentials need s3:ListBucket on the bucket",
    "get": "access is denied: the credentials need s3:GetObject on it, and kms:Decrypt where a KMS key encrypts it",
}

ODD_KEY = f"a key is there that is not read: {ODD}; copy what is here by `aws s3 sync` and read that"
"""The library lists nothing of a folder that has one."""

# What the library says before S3 is asked, and in its own words.
_MARKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"source: MissingAccessKeyId"), "AWS_SECRET_ACCESS_KEY is set, and AWS_ACCESS_KEY_ID is not"),
    (re.compile(r"source: MissingSecretAccessKey"), "AWS_ACCESS_KEY_ID is set, and AWS_SECRET_ACCESS_KEY is not"),
    (re.compile(re.escape(NO_PROCESS)), NO_PROCESS),
    # An instance is asked for a token by PUT; the addresses are its own, a container's, and STS's.
    (re.compile(r"Error performing (?:PUT |[A-Z]+ https?://(?:169\.254\.|\[fd00:ec2|sts\.))"), NO_CREDENTIALS),
    (re.compile(r"Received redirect without LOCATION"), _ELSEWHERE),
    (
        re.compile(r"(?i)invalid path|empty path segment|Could not parse path"),
        ODD_KEY,
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`region`: where the bucket is, if the server told."""

    reason: str
    region: str | None = None


def fault_of(error: Exception, doing: str) -> Fault:
    """What went wrong; `doing`: "list" or "get"."""
    text = str(error)
    code, region, status = (found[1] if (found := seek.search(text)) else "" for seek in (_CODE, _REGION, _STATUS))
    is_denied = code == "AccessDenied" or status == "403" or isinstance(error, PermissionError)
    reason = (
        next((reason for mark, reason in _MARKS if mark.search(text)), None)
        or _CODES.get(code)
        or (_DENIED[doing] if is_denied else None)
        or (_GONE if doing == "get" and status == "404" else _STATUSES.get(status))
        or _said(text, code or (f"status {status}" if status else ""))
    )
    return Fault(reason, region or None)


def _said(text: str, answer: str) -> str:
    host = found[1] if (found := _HOST.search(text)) else "the server"
    if answer:
        return f"{host} answers {answer}"
    return next(
        (f"{host} {what}" for mark, what in _BREAKS.items() if mark in text),
        f"{host} breaks off, after several tries",
    )
