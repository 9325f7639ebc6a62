"""Answers about indices by name, and the refusals of every path that is served nowhere.

Source: the `_resolve/index` API, and what Elasticsearch says of unknown indices and methods.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from fnmatch import fnmatchcase
from urllib.parse import unquote

from local.elasticsearch.exchange import Request, Response, RestError
from local.esql.catalog import Index

_RESOLVE = "/_resolve/index/"
_READING = frozenset({"GET", "HEAD"})
_RESOLVING = frozenset({"GET", "POST"})


def by_name(request: Request, indices: Sequence[Index]) -> Response:
    """`HEAD /{index}` and `GET /_resolve/index/{names}`, the latter by POST too, as the client sends it.

    Raises:
        RestError: 404; the name is of no index here, or the path of nothing that is served.
    """
    path = unquote(request.path)
    if path.startswith(_RESOLVE):
        if request.method not in _RESOLVING:
            return wrong_method(request, _RESOLVING)
        return Response(200, _resolved(path.removeprefix(_RESOLVE).split(","), indices))
    name = path.removeprefix("/")
    if name.startswith("_") or "/" in name:
        reason = f"no handler found for uri [{request.path}] and method [{request.method}]"
        raise RestError(404, "resource_not_found_exception", reason)
    found = _matching([name], indices)
    if request.method not in _READING:
        return wrong_method(request, _READING)
    return Response(200, {index.name: {"aliases": {}, "settings": {}} for index in found})


def wrong_method(request: Request, allowed: Collection[str]) -> Response:
    methods = ", ".join(sorted(allowed))
    reason = f"Incorrect HTTP method for uri [{request.path}] and method [{request.method}], allowed: [{methods}]"
    return Response(405, {"error": reason, "status": 405}, headers={"allow": methods.replace(" ", "")})


def _resolved(patterns: Iterable[str], indices: Sequence[Index]) -> dict[str, object]:
    found = _matching(patterns, indices)
    return {
        "indices": [{"name": index.name, "attributes": ["open"]} for index in found],
        "aliases": [],
        "data_streams": [],
    }


def _matching(patterns: Iterable[str], indices: Sequence[Index]) -> list[Index]:
    found: dict[str, Index] = {}
    for pattern in patterns:
        matches = {index.name: index for index in indices if fnmatchcase(index.name, pattern)}
        if not matches and "*" not in pattern:
            raise RestError(404, "index_not_found_exception", f"no such index [{pattern}]", index=pattern)
        found |= matches
    return list(found.values())
