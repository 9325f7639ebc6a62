"""What an object store's error means for people.

The library's own text is never shown: it quotes requests and answers, and S3 answers a wrong signature with what was
signed. Only the code of S3's answer and the HTTP status are read from it.
Source of the codes: docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from obstore.exceptions import BaseError

CAUGHT = (BaseError, OSError, ValueError)
"""Its own errors, the system's for a missing object, ValueError for a key it can not hold."""

_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,64})</Code>")
_REGION = re.compile(r"<Region>([a-z0-9-]{1,32})</Region>")
_STATUS = re.compile(r"non-2xx status code: ([0-9]{3})|Status \{\s*status: ([0-9]{3})")
_HOST = re.compile(r"Error performing [A-Z]+ (https?://[^/\s?]+)")

NO_CREDENTIALS = (
    "no AWS credentials are found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run where a "
    "role gives some"
)
_REFUSED = "the credentials are refused: are they of this account and partition, and the clock right?"
_EXPIRED = "the credentials have expired: sign in again"
_THROTTLED = "the server asks to slow down, after several tries: try again later, or ask for less"
_ELSEWHERE = "the bucket is in another region: set AWS_REGION to it (aws s3api get-bucket-location says which it is)"

_CODES = {
    "NoSuchBucket": "there is no such bucket",
    "NoSuchKey": "is gone",
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
    "InvalidObjectState": "lies in an archive storage class (Glacier): restore it first",
    "KMS.DisabledException": "the KMS key that it is encrypted with is disabled",
    "KMS.KMSInvalidStateException": "the KMS key that it is encrypted with is about to be deleted, or is",
    "InvalidBucketName": "there can be no such bucket",
}
_STATUSES = {
    "301": _ELSEWHERE,
    "307": _ELSEWHERE,
    "401": _REFUSED,
    "404": "is gone",
    "412": "was changed while it was read",
    "429": _THROTTLED,
    "503": _THROTTLED,
}
_DENIED = {
    "list": "access is denied: the credentials need s3:ListBucket on the bucket",
    "get": "access is denied: the credentials need s3:GetObject on it, and kms:Decrypt where a KMS key encrypts it",
}

# Where the library asks for credentials: an instance's, a container's and STS's addresses.
_PROVIDERS = re.compile(r"Error performing [A-Z]+ https?://(?:169\.254\.|\[fd00:ec2|sts\.)|security-credentials")


@dataclass(frozen=True, slots=True)
class Fault:
    """`region`: where the bucket is, if the server told."""

    reason: str
    region: str | None = None


def fault_of(error: Exception, doing: str) -> Fault:
    """What went wrong; `doing`: "list" or "get"."""
    text = str(error)
    if _PROVIDERS.search(text):
        return Fault(NO_CREDENTIALS)
    code, region, status = (found[1] if (found := seek.search(text)) else None for seek in (_CODE, _REGION, _STATUS))
    if code in _CODES:
        return Fault(_CODES[code], region)
    if code == "AccessDenied" or status == "403" or isinstance(error, PermissionError):
        return Fault(_DENIED[doing])
    if status in _STATUSES:
        return Fault(_STATUSES[status])
    if "Received redirect without LOCATION" in text:
        return Fault(_ELSEWHERE)
    return Fault(_said(error, text, code or (status and f"status {status}")))


def _said(error: Exception, text: str, answer: str | None) -> str:
    host = found[1] if (found := _HOST.search(text)) else "the server"
    if answer:
        return f"{host} answers {answer}"
    if isinstance(error, ValueError) or "invalid path" in text or "empty path segment" in text:
        return "a key with an empty part, '.' or '..' is not read"
    if "kind: Timeout" in text or "TimedOut" in text:
        return f"{host} does not answer in time, after several tries"
    if "kind: Connect" in text:
        return f"{host} can not be reached"
    if "certificate" in text:
        return f"{host} has a certificate that is not trusted: AWS_CA_BUNDLE may name its authority's"
    return f"{host} breaks off, after several tries"
