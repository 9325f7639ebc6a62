"""What the value of a setting must look like. A message names the cure and never the value, which may be a secret."""

import os
import re
import ssl
from base64 import b64decode
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_cache_path, user_data_path
from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationInfo

from bot.domain.hunt import parse_duration
from bot.domain.retention import SHORTEST
from bot.domain.schedule import Schedule
from bot.errors import BadArgument

SHORTEST_PIECE = 8  # of a URL that may hold secrets anywhere; a shorter word would blank out ordinary text
MOST_SIGNING_KEYS = 2  # the one in use, and the one it takes the place of


def token(prefix: str, where: str) -> AfterValidator:
    def check(given: SecretStr) -> SecretStr:
        text = given.get_secret_value()
        if text.startswith(prefix) and re.fullmatch(r"[!-~]+", text):
            return given
        kinds = {"xoxb-": "a bot token", "xapp-": "an app-level token", "xoxp-": "a user's token"}
        hint = next((f"; this is {kind}" for start, kind in kinds.items() if text.startswith(start)), "")
        raise ValueError(f"must begin with {prefix}{hint}. Find it in your Slack app's settings: {where}")

    return AfterValidator(check)


def signing_secret(secret: SecretStr) -> SecretStr:
    if re.fullmatch(r"xox[a-z]-.*|xapp-.*", secret.get_secret_value()):
        raise ValueError("is a token. The signing secret stands under Basic Information, App Credentials")
    return secret


def web_url(text: str) -> str:
    url = urlsplit(text)
    try:
        is_usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:  # a port that is no number
        is_usable = False
    if not is_usable:
        raise ValueError("must be an address such as https://elasticsearch.example.com:9200")
    return text


def elasticsearch_url(secret: SecretStr) -> SecretStr:
    url = urlsplit(web_url(secret.get_secret_value()))
    if url.scheme == "http" and url.port is None:
        raise ValueError("must name its port, such as http://localhost:9200")
    return secret


def slack_api_url(text: str) -> str:
    if urlsplit(web_url(text)).scheme == "http" and not is_loopback(text):
        raise ValueError("must begin with https://, or lead to this machine: the bot token is sent there")
    return text.rstrip("/") + "/"


def pagerduty_url(text: str) -> str:
    """Its Events API; an address alone gets the API's path."""
    if urlsplit(web_url(text)).scheme == "http" and not is_loopback(text):
        raise ValueError("must begin with https://, or lead to this machine: the routing key is sent there")
    return text if urlsplit(text).path.strip("/") else f"{text.rstrip('/')}/v2/enqueue"


def kibana_url(text: str) -> str:
    """People open it in a browser; what Discover is asked goes into its fragment."""
    url = urlsplit(web_url(text))
    if url.scheme == "http" and not is_loopback(text):
        raise ValueError("must begin with https://, or lead to this machine")
    if url.username is not None or url.query or url.fragment or "/app/" in f"{url.path}/":
        raise ValueError("must be Kibana's own address, such as https://kibana.example.com/s/soc, without more")
    return text.rstrip("/")


def routing_key(secret: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[A-Za-z0-9]{32}", secret.get_secret_value()):
        raise ValueError(
            "must be an integration key of 32 letters and digits (PagerDuty: Service, Integrations, Events API V2)"
        )
    return secret


def webhook_url(secret: SecretStr, others: ValidationInfo) -> SecretStr:
    """Only what can be said without asking anybody: where its name leads is checked at each call."""
    text = web_url(secret.get_secret_value())
    if urlsplit(text).scheme == "http" and not is_loopback(text):
        raise ValueError("must begin with https://")
    if is_loopback(text) and others.data.get("webhook_private") == "no":
        raise ValueError("leads to this machine: for tests set HUNTBOT_WEBHOOK_PRIVATE=loopback")
    return secret


def webhook_secrets(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def signing_keys(secrets: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    """Source: Standard Webhooks 1.0.0, signature scheme: `whsec_` and base64 of 24 to 64 random bytes."""
    if not 1 <= len(secrets) <= MOST_SIGNING_KEYS:
        raise ValueError("must be one value, or two while you rotate them, comma-separated")
    for secret in secrets:
        if not 24 <= len(_unlocked(secret.get_secret_value())) <= 64:  # noqa: PLR2004 - the specification's bounds
            raise ValueError("must be whsec_ followed by 24 to 64 random bytes in base64: openssl rand -base64 32")
    return secrets


def database_url(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if not re.match(r"sqlite(\+aiosqlite)?:///|postgres(ql)?(\+psycopg)?://", text):
        raise ValueError("must begin with sqlite:/// or postgresql://")
    try:
        is_usable = urlsplit(text).port != 0
    except ValueError:
        is_usable = False
    if not is_usable:
        raise ValueError("can not be read: write what is special in a password as %40 (for @), %2F (/), %3A (:)")
    return secret


def passwords(url: SecretStr) -> tuple[str, ...]:
    """The password of a URL, as it stands there and as it is meant."""
    password = urlsplit(url.get_secret_value()).password
    return (password, unquote(password)) if password else ()


def authority(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("names no file")
    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ValueError("names a file that holds no certificate in PEM form") from None
    return path


def hunt_roots(value: object) -> object:
    return (
        tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
        if isinstance(value, str)
        else value
    )


def existing(roots: tuple[Path, ...]) -> tuple[Path, ...]:
    for root in roots:
        if not root.exists():
            raise ValueError(f"names {root}, which is not there")
    return roots


def accounts(text: str) -> str:
    ids = [part.strip() for part in text.split(",") if part.strip()]
    for account in ids:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise ValueError(f"must be AWS account ids of 12 digits, comma-separated, and {account!r} is none")
    return ",".join(ids)


def slugs(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Berlin") from None
    return text


def cron(text: str) -> str:
    try:
        Schedule(text)
    except BadArgument as fault:
        raise ValueError(f"is {fault.cure}") from None
    return text


def duration(value: object) -> object:
    try:
        return parse_duration(value) if isinstance(value, str) else value
    except BadArgument as fault:
        raise ValueError(fault.cure) from None


def long_enough(kept: timedelta) -> timedelta:
    if kept < SHORTEST:
        raise ValueError(f"must be {SHORTEST.days}d or more: what a scheduled run may see again has to be known")
    return kept


def group(text: str) -> str:
    if not re.fullmatch(r"S[A-Z0-9]{4,}", text):
        raise ValueError("must be a user group's id, such as S0123ABCD (Slack: People, User groups, Copy group ID)")
    return text


def ids(value: object) -> object:
    return frozenset(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def holders(given: frozenset[str]) -> frozenset[str]:
    """Ids of people and of user groups. Source: https://docs.slack.dev/enterprise/ (ids of people, U and W)."""
    if not all(re.fullmatch(r"[UWS][A-Z0-9]{4,}", named) for named in given):
        raise ValueError(
            "must be ids of people (U..., W...) and of user groups (S...), comma-separated: "
            "ids, for names can be taken"
        )
    return given


def _unlocked(secret: str) -> bytes:
    """The key in a `whsec_` secret; nothing where it is none."""
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True) if secret.startswith("whsec_") else b""
    except ValueError:
        return b""


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def pieces(urls: str) -> list[str]:
    """What may be a secret in URLs of any shape: a password, a token as host, in the path or as a parameter."""
    return [piece for piece in re.split(r"[a-z0-9+.-]+://|[/?&=@:,\s]+", urls) if len(piece) >= SHORTEST_PIECE]


def cache_folder(text: object) -> Path | None:
    """A folder, or none: `off`."""
    return None if text == "off" else Path(str(text)).expanduser().absolute()


def default_cache_folder() -> Path:
    return user_cache_path("huntbot")


def default_database_url() -> SecretStr:
    return SecretStr(f"sqlite:///{user_data_path('huntbot') / 'huntbot.sqlite3'}")


BotToken = Annotated[SecretStr, token("xoxb-", "OAuth & Permissions, Bot User OAuth Token")]
Holders = Annotated[frozenset[str], BeforeValidator(ids), AfterValidator(holders)]
AppToken = Annotated[SecretStr, token("xapp-", "Basic Information, App-Level Tokens (scope connections:write)")]
