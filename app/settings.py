"""Settings from the environment: read once, frozen, every fault reported at once and no secret ever shown.

A plain pydantic model over a mapping, so nothing reads `os.environ` behind its back and a test hands in a dict.
Each field's alias is the variable's name and its description says what it means; a test holds the README to them.
"""

import os
import re
import ssl
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from enum import Enum
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from platformdirs import user_data_path
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from bot.domain.hunt import parse_duration
from bot.domain.schedule import Schedule
from bot.errors import BadArgument, SettingsError

SLACK_API_URL = "https://slack.com/api/"

_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
# Bolt reads these by itself: a client id and secret turn its OAuth flow on, and the bot token is then ignored.
_BOLT_VARIABLES = (
    "SLACK_BOT_TOKEN",
    "SLACK_APP_TOKEN",
    "SLACK_SIGNING_SECRET",
    "SLACK_CLIENT_ID",
    "SLACK_CLIENT_SECRET",
    "SLACK_VERIFICATION_TOKEN",
)


class Purpose(Enum):
    """What the settings are read for: each command needs its own."""

    ANYTHING = "anything"
    SEARCH = "search"
    SOCKET_MODE = "socket mode"
    HTTP = "http"


_NEEDED: Mapping[Purpose, tuple[str, ...]] = {
    Purpose.ANYTHING: (),
    Purpose.SEARCH: ("ELASTICSEARCH_URL",),
    Purpose.SOCKET_MODE: ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "ELASTICSEARCH_URL"),
    Purpose.HTTP: ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET", "ELASTICSEARCH_URL"),
}


# --- what a value must look like; a message never repeats the value, which may be a secret -------


def _token(prefix: str, where: str) -> AfterValidator:
    def check(token: SecretStr) -> SecretStr:
        text = token.get_secret_value()
        if text.startswith(prefix) and re.fullmatch(r"[!-~]+", text):
            return token
        kinds = {"xoxb-": "a bot token", "xapp-": "an app-level token", "xoxp-": "a user's token"}
        given = next((f"; this is {kind}" for start, kind in kinds.items() if text.startswith(start)), "")
        raise ValueError(f"must begin with {prefix}{given}. Find it in your Slack app's settings: {where}")

    return AfterValidator(check)


def _signing_secret(secret: SecretStr) -> SecretStr:
    if re.fullmatch(r"xox[a-z]-.*|xapp-.*", secret.get_secret_value()):
        raise ValueError("is a token. The signing secret stands under Basic Information, App Credentials")
    return secret


def _web_url(text: str) -> str:
    url = urlsplit(text)
    try:
        is_usable = url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:  # a port that is no number
        is_usable = False
    if not is_usable:
        raise ValueError("must be an address such as https://elasticsearch.example.com:9200")
    return text


def _elasticsearch_url(secret: SecretStr) -> SecretStr:
    url = urlsplit(_web_url(secret.get_secret_value()))
    if url.scheme == "http" and url.port is None:
        raise ValueError("must name its port, such as http://localhost:9200")
    return secret


def _slack_api(text: str) -> str:
    if urlsplit(_web_url(text)).scheme == "http" and not is_loopback(text):
        raise ValueError("must begin with https://, or lead to this machine: the bot token is sent there")
    return text.rstrip("/") + "/"


def _database_url(secret: SecretStr) -> SecretStr:
    if not re.match(r"sqlite(\+aiosqlite)?:///", secret.get_secret_value()):
        raise ValueError("must begin with sqlite:///")
    return secret


def _authority(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("names no file")
    try:
        ssl.create_default_context(cafile=path)
    except (ssl.SSLError, OSError):
        raise ValueError("names a file that holds no certificate in PEM form") from None
    return path


def _hunt_roots(value: object) -> object:
    return (
        tuple(Path(part).expanduser() for part in value.split(os.pathsep) if part)
        if isinstance(value, str)
        else value
    )


def _existing(roots: tuple[Path, ...]) -> tuple[Path, ...]:
    for root in roots:
        if not root.exists():
            raise ValueError(f"names {root}, which is not there")
    return roots


def _accounts(text: str) -> str:
    accounts = [part.strip() for part in text.split(",") if part.strip()]
    for account in accounts:
        if not re.fullmatch(r"[0-9]{12}", account):
            raise ValueError(f"must be AWS account ids of 12 digits, comma-separated, and {account!r} is none")
    return ",".join(accounts)


def _slugs(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _time_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone such as Europe/Berlin") from None
    return text


def _cron(text: str) -> str:
    try:
        Schedule(text)
    except BadArgument as fault:
        raise ValueError(f"is {fault.cure}") from None
    return text


def _duration(value: object) -> object:
    try:
        return parse_duration(value) if isinstance(value, str) else value
    except BadArgument as fault:
        raise ValueError(fault.cure) from None


def _group(text: str) -> str:
    if not re.fullmatch(r"S[A-Z0-9]{4,}", text):
        raise ValueError("must be a user group's id, such as S0123ABCD (Slack: People, User groups, Copy group ID)")
    return text


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine and nowhere else."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def default_database_url() -> SecretStr:
    return SecretStr(f"sqlite:///{user_data_path('huntbot') / 'huntbot.sqlite3'}")


BotToken = Annotated[SecretStr, _token("xoxb-", "OAuth & Permissions, Bot User OAuth Token")]
AppToken = Annotated[SecretStr, _token("xapp-", "Basic Information, App-Level Tokens (scope connections:write)")]


class Settings(BaseModel):
    """What the environment says; see each field's description. Secrets hide in `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    slack_bot_token: BotToken | None = Field(
        default=None, alias="SLACK_BOT_TOKEN", description="Bot token of your Slack app (xoxb-...)"
    )
    slack_app_token: AppToken | None = Field(
        default=None,
        alias="SLACK_APP_TOKEN",
        description="App-level token with connections:write (xapp-...); for Socket Mode",
    )
    slack_signing_secret: Annotated[SecretStr, AfterValidator(_signing_secret)] | None = Field(
        default=None, alias="SLACK_SIGNING_SECRET", description="Signing secret of your Slack app; for serve --http"
    )
    elasticsearch_url: Annotated[SecretStr, AfterValidator(_elasticsearch_url)] | None = Field(
        default=None,
        alias="ELASTICSEARCH_URL",
        description="Where Elasticsearch answers, with port where it is not 443 or 80",
    )
    elasticsearch_api_key: SecretStr | None = Field(
        default=None,
        alias="ELASTICSEARCH_API_KEY",
        description="API key (encoded) that may read the indices the hunts ask",
    )
    elasticsearch_ca_file: Annotated[Path, AfterValidator(_authority)] | None = Field(
        default=None,
        alias="ELASTICSEARCH_CA_FILE",
        description="PEM file of the authority that signed Elasticsearch's certificate",
    )
    database_url: Annotated[SecretStr, AfterValidator(_database_url)] = Field(
        default_factory=default_database_url,
        alias="DATABASE_URL",
        description="Where findings are kept: sqlite:///path, served by one process",
    )
    port: int = Field(default=3000, alias="PORT", ge=0, le=65535, description="Port of serve --http")
    host: str = Field(default="0.0.0.0", alias="HUNTBOT_HOST", description="Address that serve --http listens on")  # noqa: S104 - a platform's router reaches it there
    channel: str | None = Field(
        default=None,
        alias="HUNTBOT_CHANNEL",
        description="Channel of digests whose hunt file names none: #name or id",
    )
    escalation_channel: str | None = Field(
        default=None,
        alias="HUNTBOT_ESCALATION_CHANNEL",
        description="Channel that escalated findings are posted to: #name or id",
    )
    on_call_group: Annotated[str, AfterValidator(_group)] | None = Field(
        default=None,
        alias="HUNTBOT_ON_CALL_GROUP",
        description="Id of the user group that an escalation mentions (S...)",
    )
    hunts: Annotated[tuple[Path, ...], BeforeValidator(_hunt_roots), AfterValidator(_existing)] = Field(
        default=(), alias="HUNTBOT_HUNTS", description=f"Your hunt files: folders or files, joined by {os.pathsep}"
    )
    known_accounts: Annotated[str, AfterValidator(_accounts)] = Field(
        default="",
        alias="HUNTBOT_KNOWN_ACCOUNTS",
        description="AWS accounts you trust, comma-separated; grants to them weigh less",
    )
    timezone: Annotated[str, AfterValidator(_time_zone)] = Field(
        default="UTC",
        alias="HUNTBOT_TIMEZONE",
        description="Time zone of HUNTBOT_DIGEST_CRON where the hunt file names none",
    )
    digest_cron: Annotated[str, AfterValidator(_cron)] | None = Field(
        default=None,
        alias="HUNTBOT_DIGEST_CRON",
        description="When digests are due (cron), instead of what the hunt files say",
    )
    digest_hunts: Annotated[tuple[str, ...], BeforeValidator(_slugs)] = Field(
        default=(),
        alias="HUNTBOT_DIGEST_HUNTS",
        description="Hunts that get a digest, comma-separated; all that have a schedule",
    )
    ingest_delay: Annotated[timedelta, BeforeValidator(_duration)] = Field(
        default=timedelta(hours=1),
        alias="HUNTBOT_INGEST_DELAY",
        description="How late logs arrive; scheduled runs reach back over it",
    )
    search_timeout_s: float = Field(
        default=60.0, alias="HUNTBOT_SEARCH_TIMEOUT_S", gt=0, le=600, description="Seconds that one query may take"
    )
    slack_api_url: Annotated[str, AfterValidator(_slack_api)] = Field(
        default=SLACK_API_URL,
        alias="HUNTBOT_SLACK_API_URL",
        description="Slack's Web API; another one is for tests on this machine",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", alias="HUNTBOT_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR"
    )

    def secrets(self) -> tuple[str, ...]:
        """Every secret in plain text, for the log's redaction; a URL gives only its password."""
        plain = (self.slack_bot_token, self.slack_app_token, self.slack_signing_secret, self.elasticsearch_api_key)
        urls = (self.elasticsearch_url, self.database_url)
        passwords = (urlsplit(url.get_secret_value()).password for url in urls if url)
        return (*(s.get_secret_value() for s in plain if s), *(p for p in passwords if p))

    @property
    def is_slack_local(self) -> bool:
        return is_loopback(self.slack_api_url)


SETTING_NAMES: tuple[str, ...] = tuple(str(field.alias) for field in Settings.model_fields.values())


def read_settings(purpose: Purpose, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings, from the process's environment unless another one is given; an empty value is no value.

    Raises:
        SettingsError: everything that is wrong or missing for this purpose, at once.
    """
    given = os.environ if environment is None else environment  # noqa: TID251 - this file is the one that may
    settings, faults = _read(given)
    faults += [(name, "is not set") for name in _NEEDED[purpose] if not given.get(name, "").strip()]
    faults += [(name, f"is no setting; did you mean {meant}?") for name, meant in _misspelt(given)]
    if faults:
        raise SettingsError(tuple(faults))
    return settings


def read_usable_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Every setting that can be used, those at fault left out: for whoever wants to look at the rest."""
    given = os.environ if environment is None else environment  # noqa: TID251 - this file is the one that may
    _, faults = _read(given)
    at_fault = {name for name, _ in faults}
    return _read({name: value for name, value in given.items() if name not in at_fault})[0]


def _read(given: Mapping[str, str]) -> tuple[Settings, list[tuple[str, str]]]:
    values: dict[str, Any] = {name: given[name].strip() for name in SETTING_NAMES if given.get(name, "").strip()}
    try:
        return Settings.model_validate(values), []
    except ValidationError as error:  # its own text would show the values
        return Settings(), [_fault(details) for details in error.errors(include_input=False, include_url=False)]


def required(name: str, secret: SecretStr | None) -> str:
    """The secret in plain text.

    Raises:
        SettingsError: it is not set.
    """
    if secret is None:
        raise SettingsError(((name, "is not set"),))
    return secret.get_secret_value()


def shield_from_environment(settings: Settings) -> None:
    """Take away what the SDKs would read behind our back; call it once, before any client is built.

    Bolt reads Slack's variables by itself, and both SDKs send even loopback calls through a proxy.
    """
    for name in _BOLT_VARIABLES:
        os.environ.pop(name, None)  # noqa: TID251 - this file is the one that may
    if settings.is_slack_local:
        for name in _PROXY_VARIABLES:
            os.environ.pop(name, None)  # noqa: TID251 - the same


def _misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """What is nearly a setting. Anything else is left alone: Kubernetes sets HUNTBOT_SERVICE_HOST and the like."""
    for name in sorted(names):
        if name.startswith("HUNTBOT_") and name not in SETTING_NAMES:
            for meant in get_close_matches(name, SETTING_NAMES, n=1, cutoff=0.88):
                yield name, meant


def _fault(details: ErrorDetails) -> tuple[str, str]:
    message = details["msg"].removeprefix("Value error, ")
    return str(details["loc"][0]), message[0].lower() + message[1:]
