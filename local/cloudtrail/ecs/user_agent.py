"""The client behind a user agent string, as far as Elasticsearch's user_agent processor names it.

Its database is uap-core; what callers of AWS send is covered here, and the rest is `Other`, as there.
"""

from __future__ import annotations

import re
from functools import lru_cache

_AWS_CLIENT = re.compile(
    r"(?P<name>Boto3|aws-cli|aws-sdk-(?:cpp|go-v2|go|java|nodejs|ruby2?|dotnet-(?:\d{1,2}|core))|s3fs)"
    r"/(?P<version>\d+\.\d+(?:\.\d+)?)"
)
_BROWSERS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("Edge", re.compile(r"Edg/(?P<version>[\d.]+)")),
    ("Firefox", re.compile(r"Firefox/(?P<version>[\d.]+)")),
    ("Chrome", re.compile(r"Chrome/(?P<version>[\d.]+)")),
    ("Safari", re.compile(r"Version/(?P<version>[\d.]+) Safari/")),
)


@lru_cache(maxsize=4096)
def client_of(original: str) -> tuple[str, str | None]:
    """The client's name and version; `("Other", None)` for one that is not known."""
    if found := _AWS_CLIENT.search(original):
        return found["name"], found["version"]
    for name, pattern in _BROWSERS:
        if found := pattern.search(original):
            return name, found["version"]
    return "Other", None
