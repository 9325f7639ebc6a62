"""What the embedded Elasticsearch says of the caller's key: who it is and what it may do.

Source: the security APIs `_authenticate` and `_has_privileges`. The key may read, and nothing else: a bot that
finds it can write is a bot with too much power, and should hear so here as it would in production.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from local.elasticsearch.exchange import Request, RestError

USER = "huntbot"
_READING = frozenset({"read", "view_index_metadata"})
_CHALLENGES = ('Basic realm="security", charset="UTF-8"', 'Bearer realm="security"', "ApiKey")


def check_key(request: Request, api_key: str | None) -> None:
    """
    Raises:
        RestError: 401; a key is configured, and the request has none or another.
    """
    if api_key is None:
        return
    given = request.headers.get("authorization")
    if given is None:
        raise _unauthenticated(f"missing authentication credentials for REST request [{request.path}]")
    scheme, _, credentials = given.partition(" ")
    is_right = hmac.compare_digest(credentials.strip().encode(), api_key.encode())
    if scheme.lower() != "apikey" or not is_right:
        raise _unauthenticated(
            "unable to authenticate with provided credentials and anonymous access is not allowed for this action"
        )


def _unauthenticated(reason: str) -> RestError:
    return RestError(401, "security_exception", reason, header={"WWW-Authenticate": list(_CHALLENGES)})


def authentication() -> dict[str, object]:
    realm = {"name": "_es_api_key", "type": "_es_api_key"}
    return {
        "username": USER,
        "roles": [],
        "full_name": None,
        "email": None,
        "metadata": {},
        "enabled": True,
        "authentication_realm": realm,
        "lookup_realm": realm,
        "authentication_type": "api_key",
        "api_key": {"id": "embedded", "name": USER},
    }


def privileges(asked: Mapping[str, Any], indices: Iterable[str]) -> dict[str, object]:
    """The answer to `_has_privileges`: reading what is here, and no more.

    Raises:
        RestError: the request names neither privileges nor indices in the form the API takes.
    """
    known = list(indices)
    by_index: dict[str, dict[str, bool]] = {}
    for entry in _entries(asked.get("index")):
        for name in _names(entry.get("names")):
            is_here = any(_covers(name, index) for index in known)
            held = by_index.setdefault(name, {})
            held.update({wanted: is_here and wanted in _READING for wanted in _names(entry.get("privileges"))})
    cluster = dict.fromkeys(_names(asked.get("cluster", [])), False)
    every = [*cluster.values(), *(has for held in by_index.values() for has in held.values())]
    if not every:
        raise RestError(400, "action_request_validation_exception", "Validation Failed: 1: no privileges to check;")
    return {
        "username": USER,
        "has_all_requested": all(every),
        "cluster": cluster,
        "index": by_index,
        "application": {},
    }


def _covers(pattern: str, index: str) -> bool:
    """Whether a name with `*` in it takes in an index; other characters stand for themselves."""
    return fnmatchcase(index, pattern.replace("[", "[[]").replace("?", "[?]"))


def _entries(value: object) -> list[Mapping[str, Any]]:
    entries = [] if value is None else value
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise RestError(400, "parse_exception", "failed to parse privileges check. expected an array of objects")
    return entries


def _names(value: object) -> list[str]:
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise RestError(400, "parse_exception", "failed to parse privileges check. expected names or privileges")
    return names
