"""Column types: what the domain's values look like in a column, the same in either database."""

import re
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from sqlalchemy import DateTime, Dialect, String, Text, TypeDecorator

# PostgreSQL takes no NUL, and neither database half an emoji, but logs are written by whoever attacks. Each such
# character, and the one that introduces an escape (U+0010, "data link escape"), becomes U+0010 and four hex digits.
_UNSTORABLE = re.compile("[\x00\x10\ud800-\udfff]")
_ESCAPED = re.compile("\x10([0-9a-f]{4})")


class Utc(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; SQLite keeps no zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the same
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Named(TypeDecorator[Enum]):
    """A member of an enum, stored as its value."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[Enum]) -> None:
        super().__init__()
        self.members = members

    def process_bind_param(self, value: Enum | None, dialect: Dialect) -> Any:  # noqa: ARG002 - the same
        return None if value is None else value.value

    def process_result_value(self, value: Any, dialect: Dialect) -> Enum | None:  # noqa: ARG002 - the same
        return None if value is None else self.members(value)


class Words(TypeDecorator[str]):
    """Any text that Python can hold, given back as it was."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        return None if value is None else _UNSTORABLE.sub(lambda found: f"\x10{ord(found[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same
        if value is None or "\x10" not in value:
            return value
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)


class Prose(Words):
    """Words of any length."""

    impl = Text
    cache_ok = True
