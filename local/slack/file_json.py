"""A file as the Web API and messages show it.

Source: https://docs.slack.dev/reference/objects/file-object
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from local.slack.directory import Directory
from local.slack.files import FileCabinet, Share
from local.slack.model import Channel, File, Json

PREVIEW_CHARACTERS: Final = 500
_PRETTY: Final = {
    "csv": "CSV",
    "json": "JSON",
    "ndjson": "NDJSON",
    "png": "PNG",
    "jpg": "JPEG",
    "gif": "GIF",
    "text": "Plain Text",
    "txt": "Plain Text",
    "binary": "Binary",
}
_TEXTUAL: Final = frozenset({"application/json", "application/x-ndjson"})


def is_textual(file: File) -> bool:
    return file.mimetype.startswith("text/") or file.mimetype in _TEXTUAL


def file_json(file: File, cabinet: FileCabinet, directory: Directory) -> Json:
    shares = cabinet.shares(file.id)
    channels = {share.channel: directory.channel(share.channel) for share in shares}
    return {
        **brief_file_json(file),
        "is_public": any(channel.kind == "channels" for channel in channels.values()),
        "channels": _of_kind(channels, "channels"),
        "groups": [*_of_kind(channels, "groups"), *_of_kind(channels, "mpim")],
        "ims": _of_kind(channels, "im"),
        "shares": _shares_json(shares, channels, directory),
        "has_more_shares": False,
        "comments_count": 0,
        **_preview(file, cabinet.body(file.id)),
    }


def brief_file_json(file: File) -> Json:
    """As a message carries it: everything but where it was shared and what is in it."""
    address = f"{file.host}/files-pri/{file.team_id}-{file.id}"
    name = quote(file.name, safe="")
    return {
        "id": file.id,
        "created": file.created,
        "timestamp": file.created,
        "name": file.name,
        "title": file.title,
        "mimetype": file.mimetype,
        "filetype": file.filetype,
        "pretty_type": _PRETTY.get(file.filetype, file.filetype.upper()),
        "user": file.user,
        "user_team": file.team_id,
        "editable": file.is_snippet,
        "size": file.size,
        "mode": "snippet" if file.is_snippet else "hosted",
        "is_external": False,
        "external_type": "",
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": f"{address}/{name}",
        "url_private_download": f"{address}/download/{name}",
        "permalink": f"{file.host}/files/{file.user}/{file.id}/{name}",
        "is_starred": False,
        "file_access": "visible",
        **({"alt_txt": file.alt_text} if file.alt_text else {}),
    }


def _of_kind(channels: dict[str, Channel], kind: str) -> list[str]:
    return [channel.id for channel in channels.values() if channel.kind == kind]


def _shares_json(shares: Sequence[Share], channels: dict[str, Channel], directory: Directory) -> Json:
    shown: Json = {}
    for share in shares:
        channel = channels[share.channel]
        entry: Json = {
            "reply_users": [],
            "reply_users_count": 0,
            "reply_count": 0,
            "ts": share.ts,
            "channel_name": channel.name,
            "team_id": directory.team.id,
            "share_user_id": directory.app.bot_user_id,
        }
        if share.thread_ts:
            entry["thread_ts"] = share.thread_ts
        visibility = "private" if channel.is_private else "public"
        shown.setdefault(visibility, {}).setdefault(channel.id, []).append(entry)
    return shown


def _preview(file: File, body: bytes) -> Json:
    """The beginning of a text; other files have none."""
    if not is_textual(file):
        return {}
    text = body.decode("utf-8", "replace")
    beginning = text[:PREVIEW_CHARACTERS]
    lines = text.count("\n") + 1
    return {
        "preview": beginning,
        "preview_is_truncated": len(text) > PREVIEW_CHARACTERS,
        "lines": lines,
        "lines_more": max(0, lines - beginning.count("\n") - 1),
    }
