"""Logs: one JSON object a line, and no secret in any of its places."""

import io
import json
import logging
from collections.abc import Iterator

import pytest

from app.logs import JsonFormatter, Redactor

SECRETS = ("xoxb-1-2-aaaaaa", "c2VjcmV0LWtleQ==", "p4ssw0rd")


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter(Redactor(SECRETS)))
    logger = logging.Logger("test", logging.DEBUG)  # noqa: LOG001 - one of its own, no child of the root's
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def test_a_line_is_one_json_object_with_its_extras(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("run %d\nfailed", 7, extra={"hunt": "lambda-perms", "took_ms": 12})
    [line] = stream.getvalue().splitlines()
    written = json.loads(line)
    assert written.pop("at").endswith("+00:00")
    assert written == {
        "level": "warning",
        "from": "test",
        "message": "run 7\nfailed",
        "hunt": "lambda-perms",
        "took_ms": 12,
    }


@pytest.mark.parametrize(
    "text",
    [
        "token xoxb-1-2-aaaaaa was refused",
        "Authorization: ApiKey c2VjcmV0LWtleQ==",
        "postgresql://me:p4ssw0rd@db/huntbot",
        "a rotated one: xoxe-9-zzzzzzzzz",
        "https://elastic:changeme1@es.example.com",
        "https://hooks.slack.com/commands/T1/2/zzzzzzz",
        "Bearer abcdefghijklmnop",
    ],
)
@pytest.mark.parametrize("place", ["message", "argument", "extra", "traceback"])
def test_secrets_are_redacted_wherever_they_stand(
    log: tuple[logging.Logger, io.StringIO], text: str, place: str
) -> None:
    logger, stream = log
    match place:
        case "message":
            logger.info(text)  # noqa: G004,RUF100 - the text is the case
        case "argument":
            logger.info("said: %s", text)
        case "extra":
            logger.info("said", extra={"detail": {"nested": text}})
        case _:
            try:
                raise ValueError(text)  # noqa: TRY301 - a traceback is what is wanted
            except ValueError:
                logger.exception("it broke")
    written = stream.getvalue()
    assert "[redacted]" in written
    for secret in (*SECRETS, "zzzzzz", "changeme1", "abcdefghijklmnop"):
        assert secret not in written
