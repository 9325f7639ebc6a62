"""Uploaded pictures that blocks show are refused until they are there.

Source: https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
"""

from typing import Any

from local.slack.blockkit import Problem
from local.slack.content import invalid
from local.slack.errors import SlackError
from local.slack.files import FileCabinet, file_ids


def check_files(blocks: Any, cabinet: FileCabinet) -> None:
    """Raises SlackError ``invalid_blocks`` naming each file that is not there, or not yet."""
    problems = [
        Problem(at, "failed_constraint", "invalid slack file")
        for file_id, at in file_ids(blocks)
        if not _is_there(file_id, cabinet)
    ]
    if problems:
        raise invalid("invalid_blocks", problems)


def _is_there(file_id: str, cabinet: FileCabinet) -> bool:
    try:
        cabinet.get(file_id)
    except SlackError:
        return False
    return True
