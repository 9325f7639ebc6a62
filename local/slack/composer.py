"""What Slack's message box makes of typed text: escapes, and names turned into ids."""

import re
from collections.abc import Callable

from local.slack.directory import Directory

_WORD = re.compile(r"(?P<url>https?://[^\s<>|]+)|(?<![\w@#])(?P<sign>[@#])(?P<name>[\w.-]*\w)")
_RANGES = frozenset({"here", "channel", "everyone"})


def escape(text: str) -> str:
    """Source: https://docs.slack.dev/messaging/formatting-message-text (escaping text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_message(text: str, directory: Directory) -> str:
    """A message as sent: ``@maya`` becomes ``<@U...>``, ``@here`` becomes ``<!here>``."""
    return _WORD.sub(_token(directory, with_label=False), escape(text))


def as_command_text(text: str, directory: Directory) -> str:
    """Text behind a slash command with ``should_escape``: ``<@U...|maya>``, ``<#C...|general>``."""
    return _WORD.sub(_token(directory, with_label=True), escape(text))


def _token(directory: Directory, *, with_label: bool) -> Callable[[re.Match[str]], str]:
    people = {user.name: f"@{user.id}" for user in directory.users}
    groups = {group.handle: f"!subteam^{group.id}" for group in directory.usergroups}
    ranges = {name: f"!{name}" for name in _RANGES}
    named = {"@": ranges | groups | people, "#": {c.name: f"#{c.id}" for c in directory.channels if c.name}}

    def write(found: re.Match[str]) -> str:
        if found["url"]:
            return f"<{found['url']}>"
        target = named[found["sign"]].get(found["name"])
        if target is None:
            return found[0]
        return f"<{target}|{found['name']}>" if with_label else f"<{target}>"

    return write
