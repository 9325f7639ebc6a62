"""Files: the three steps of an upload, what was uploaded, and where it was shared.

Source: https://docs.slack.dev/messaging/working-with-files (uploading files).
"""

import mimetypes
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

from local.slack.errors import SlackError
from local.slack.mint import Mint
from local.slack.model import File, Message

ALT_TEXT_LIMIT = 1000
SIZE_LIMIT = 64 * 1024 * 1024  # Slack's is a gigabyte; all of this lives in memory
_MIMETYPES: Mapping[str, str] = {
    # what the standard table lacks or names otherwise on some systems
    "csv": "text/csv",
    "ndjson": "application/x-ndjson",
    "json": "application/json",
    "log": "text/plain",
    "md": "text/markdown",
}


@dataclass(frozen=True, slots=True)
class Share:
    """One message that carries the file."""

    channel: str
    ts: str
    thread_ts: str | None


@dataclass(slots=True)
class _Upload:
    """An upload under way: ``body`` is None until the bytes came, ``is_done`` once it was completed."""

    file: File
    body: bytes | None = None
    is_done: bool = False


class FileCabinet:
    """``host`` says where the workspace is served, for the addresses of files and of uploads."""

    def __init__(self, mint: Mint, team_id: str, host: Callable[[], str]) -> None:
        self._mint = mint
        self._team_id = team_id
        self._host = host
        self._uploads: dict[str, _Upload] = {}
        self._by_token: dict[str, str] = {}
        self._shares: dict[str, list[Share]] = {}

    def begin(self, name: str, size: int, owner: str, *, alt_text: str = "", snippet: str = "") -> tuple[str, str]:
        """Announces an upload; gives the file's id and the URL its bytes go to, once.

        Raises:
            SlackError: ``alt_txt_too_large``, ``missing_argument`` for an empty file, or
                ``file_upload_size_restricted``.
        """
        if len(alt_text) > ALT_TEXT_LIMIT:
            raise SlackError("alt_txt_too_large")
        if size < 1:
            raise SlackError("missing_argument")
        if size > SIZE_LIMIT:
            raise SlackError("file_upload_size_restricted")
        suffix = PurePosixPath(name).suffix.removeprefix(".").lower()
        file = File(
            id=self._mint.id("F"),
            name=name,
            title=name,
            mimetype=_mimetype(name, suffix),
            filetype=snippet or suffix or "binary",
            size=size,
            user=owner,
            team_id=self._team_id,
            host=self._host(),
            created=int(self._mint.now()),
            alt_text=alt_text,
            is_snippet=bool(snippet),
        )
        token = self._mint.secret()
        self._uploads[file.id], self._by_token[token] = _Upload(file), file.id
        return file.id, f"{file.host}/upload/v1/{token}"

    def announced_size(self, token: str) -> int:
        """How many bytes are waited for; raises SlackError ``file_not_found``."""
        if token not in self._by_token:
            raise SlackError("file_not_found")
        return self._uploads[self._by_token[token]].file.size

    def receive(self, token: str, body: bytes) -> None:
        """Takes the bytes; the URL is spent.

        Raises:
            SlackError: ``file_not_found``, or ``invalid_length`` when it is not what was announced.
        """
        if len(body) != self.announced_size(token):
            raise SlackError("invalid_length")
        self._uploads[self._by_token.pop(token)].body = body

    def complete(self, file_id: str, title: str) -> File:
        """Ends an upload.

        Raises:
            SlackError: ``file_not_found`` without bytes, ``file_update_failed`` the second time.
        """
        upload = self._uploads.get(file_id)
        if upload is None or upload.body is None:
            raise SlackError("file_not_found")
        if upload.is_done:
            raise SlackError("file_update_failed")
        upload.file = replace(upload.file, title=title or upload.file.name)
        upload.is_done = True
        return upload.file

    def shared(self, message: Message) -> None:
        """Notes that a message carries files, or shows them in its blocks."""
        share = Share(message.channel, message.ts, message.thread_ts)
        shown = (file_id for file_id, _ in file_ids(message.blocks))
        for file_id in (*(file.id for file in message.files), *shown):
            shares = self._shares.setdefault(file_id, [])
            if share not in shares:
                shares.append(share)

    def get(self, file_id: str) -> File:
        """A completed upload; raises SlackError ``file_not_found``."""
        upload = self._uploads.get(file_id)
        if upload is None or not upload.is_done:
            raise SlackError("file_not_found")
        return upload.file

    def body(self, file_id: str) -> bytes:
        """Raises SlackError ``file_not_found``."""
        self.get(file_id)
        return self._uploads[file_id].body or b""

    def shares(self, file_id: str) -> Sequence[Share]:
        return tuple(self._shares.get(file_id, ()))


def file_ids(node: Any, at: str = "/blocks") -> Iterator[tuple[str, str]]:
    """Each ``slack_file`` id with the JSON pointer to it."""
    match node:
        case {"slack_file": {"id": str(file_id)}}:
            yield file_id, f"{at}/slack_file"
        case dict():
            for name, child in node.items():
                yield from file_ids(child, f"{at}/{name}")
        case list() | tuple():
            for index, child in enumerate(node):
                yield from file_ids(child, f"{at}/{index}")
        case _:
            return


def _mimetype(name: str, suffix: str) -> str:
    return _MIMETYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
