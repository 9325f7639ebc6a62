"""Logs: one JSON object a line on stderr, every secret replaced before anything is written."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TextIO

REDACTED = "[redacted]"
SHORTEST_SECRET = 6  # a shorter one would blank out ordinary words

# Tokens by their shape, for those that were never ours to know: a user's, a rotated one, a webhook's path.
_TOKEN_SHAPES = re.compile(
    r"\b(?:xox[a-z]|xapp|xwfp)-[\w-]{6,}"
    r"|\b(?:ApiKey|Basic|Bearer)\s+[\w+/=.~-]{8,}"
    r"|hooks\.slack\.com/[\w/-]+"
    r"|(?<=://)[^/\s:@]+:[^/\s@]+(?=@)"
)
_QUIET = (
    "slack_bolt",
    "slack_sdk",
    "elastic_transport",
    "apscheduler",
    "aiohttp",
    "aiosqlite",
    "alembic",
    "apprise",
    "sqlalchemy",
    "urllib3",
)
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class Redactor:
    """Replaces known secrets, and whatever has the shape of one, in a finished line."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = sorted((secret for secret in secrets if len(secret) >= SHORTEST_SECRET), key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    def __call__(self, text: str) -> str:
        if self._known is not None:
            text = self._known.sub(REDACTED, text)
        return _TOKEN_SHAPES.sub(REDACTED, text)


class JsonFormatter(logging.Formatter):
    """`{"at","level","from","message"}`, what was given as `extra`, and the traceback; redacted as a whole."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN and key not in line}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps({key: self._clean(value) for key, value in line.items()}, ensure_ascii=False)

    def _clean(self, value: object) -> object:
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._redact(str(value))


def configure(level: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Send every log of the process through one JSON handler; the libraries speak up from WARNING on."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter(Redactor(secrets)))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level) if level != "DEBUG" else logging.INFO)
    logging.captureWarnings(capture=True)
