"""Settings from the environment: read once, frozen, every fault reported at once and no secret ever shown.

A plain pydantic model over a mapping, so nothing reads `os.environ` behind its back and a test hands in a dict.
Each field's alias is the variable's name and its description says what it means; a test holds the README to them.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from difflib import get_close_matches
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from app import values
from bot.errors import SettingsError

SLACK_API_URL = "https://slack.com/api/"
PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"

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
# What is of no use without another one.
_COMPANIONS: Mapping[str, str] = {"HUNTBOT_WEBHOOK_URL": "HUNTBOT_WEBHOOK_SECRETS"}


class Settings(BaseModel):
    """What the environment says; see each field's description. Secrets hide in `repr`."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, populate_by_name=True)

    slack_bot_token: values.BotToken | None = Field(
        default=None, alias="SLACK_BOT_TOKEN", description="Bot token of your Slack app (xoxb-...)"
    )
    slack_app_token: values.AppToken | None = Field(
        default=None,
        alias="SLACK_APP_TOKEN",
        description="App-level token with connections:write (xapp-...); for Socket Mode",
    )
    slack_signing_secret: Annotated[SecretStr, AfterValidator(values.signing_secret)] | None = Field(
        default=None, alias="SLACK_SIGNING_SECRET", description="Signing secret of your Slack app; for serve --http"
    )
    elasticsearch_url: Annotated[SecretStr, AfterValidator(values.elasticsearch_url)] | None = Field(
        default=None,
        alias="ELASTICSEARCH_URL",
        description="Where Elasticsearch answers, with port where it is not 443 or 80",
    )
    elasticsearch_api_key: SecretStr | None = Field(
        default=None,
        alias="ELASTICSEARCH_API_KEY",
        description="API key (encoded) that may read the indices the hunts ask",
    )
    elasticsearch_ca_file: Annotated[Path, AfterValidator(values.authority)] | None = Field(
        default=None,
        alias="ELASTICSEARCH_CA_FILE",
        description="PEM file of the authority that signed Elasticsearch's certificate",
    )
    database_url: Annotated[SecretStr, AfterValidator(values.database_url)] = Field(
        default_factory=values.default_database_url,
        alias="DATABASE_URL",
        description="Where findings are kept: sqlite:///path, served by one process, or postgresql://...",
    )
    port: int = Field(default=3000, alias="PORT", ge=0, le=65535, description="Port of serve --http")
    host: str = Field(default="0.0.0.0", alias="HUNTBOT_HOST", description="Address that serve --http listens on")  # noqa: S104 - a platform's router reaches it there
    metrics_port: int | None = Field(
        default=None,
        alias="HUNTBOT_METRICS_PORT",
        ge=0,
        le=65535,
        description="Port of /metrics and /healthz; serve --http has them on PORT without it",
    )
    channel: str | None = Field(
        default=None,
        alias="HUNTBOT_CHANNEL",
        description="Channel of digests whose hunt file names none: #name or id",
    )
    fallback_channel: str | None = Field(
        default=None,
        alias="HUNTBOT_FALLBACK_CHANNEL",
        description="Channel that is told when another one takes no messages: #name or id; HUNTBOT_CHANNEL",
    )
    escalation_channel: str | None = Field(
        default=None,
        alias="HUNTBOT_ESCALATION_CHANNEL",
        description="Channel that escalated findings are posted to: #name or id",
    )
    on_call_group: Annotated[str, AfterValidator(values.group)] | None = Field(
        default=None,
        alias="HUNTBOT_ON_CALL_GROUP",
        description="Id of the user group that an escalation mentions (S...)",
    )
    viewers: values.Holders = Field(
        default=frozenset(),
        alias="HUNTBOT_VIEWERS",
        description="Who may look: ids of people (U..., W...) and of user groups (S...), comma-separated",
    )
    responders: values.Holders = Field(
        default=frozenset(),
        alias="HUNTBOT_RESPONDERS",
        description="Who may hunt and triage as well: ids of people and of user groups",
    )
    leads: values.Holders = Field(
        default=frozenset(),
        alias="HUNTBOT_LEADS",
        description="Who may all: bulk, assign to others, send digests; ids of people and of user groups",
    )
    escalate_after: Annotated[timedelta, BeforeValidator(values.duration)] | None = Field(
        default=None,
        alias="HUNTBOT_ESCALATE_AFTER",
        description="How long a critical finding may be nobody's before it escalates by itself",
    )
    pagerduty_routing_key: Annotated[SecretStr, AfterValidator(values.routing_key)] | None = Field(
        default=None,
        alias="HUNTBOT_PAGERDUTY_ROUTING_KEY",
        description="Integration key (Events API V2) of the PagerDuty service that escalations call",
    )
    pagerduty_url: Annotated[str, AfterValidator(values.pagerduty_url)] = Field(
        default=PAGERDUTY_URL,
        alias="HUNTBOT_PAGERDUTY_URL",
        description="PagerDuty's Events API; in its EU region https://events.eu.pagerduty.com/v2/enqueue",
    )
    webhook_private: Literal["no", "loopback", "yes"] = Field(
        default="no",
        alias="HUNTBOT_WEBHOOK_PRIVATE",
        description="yes: the webhook may lead into a private network; loopback: to this machine, for tests",
    )
    webhook_url: Annotated[SecretStr, AfterValidator(values.webhook_url)] | None = Field(
        default=None, alias="HUNTBOT_WEBHOOK_URL", description="Where escalations are posted as signed webhooks"
    )
    webhook_secrets: Annotated[
        tuple[SecretStr, ...], BeforeValidator(values.webhook_secrets), AfterValidator(values.signing_keys)
    ] = Field(
        default=(),
        alias="HUNTBOT_WEBHOOK_SECRETS",
        description="Secret that signs webhooks (whsec_...), or two while you rotate them, comma-separated",
    )
    apprise_urls: SecretStr | None = Field(
        default=None,
        alias="HUNTBOT_APPRISE_URLS",
        description="Apprise URLs of whoever else escalations call; needs huntbot[apprise]",
    )
    kibana_url: Annotated[str, AfterValidator(values.kibana_url)] | None = Field(
        default=None,
        alias="HUNTBOT_KIBANA_URL",
        description="Kibana, with its base path and space where it has any; findings then link into Discover",
    )
    hunts: Annotated[tuple[Path, ...], BeforeValidator(values.hunt_roots), AfterValidator(values.existing)] = Field(
        default=(), alias="HUNTBOT_HUNTS", description=f"Your hunt files: folders or files, joined by {os.pathsep}"
    )
    suppressions: Annotated[Path, AfterValidator(Path.expanduser)] | None = Field(
        default=None,
        alias="HUNTBOT_SUPPRESSIONS",
        description="File of rules for hits that are judged and need no finding",
    )
    keep_hits: Annotated[timedelta, BeforeValidator(values.duration), AfterValidator(values.long_enough)] | None = (
        Field(
            default=None,
            alias="HUNTBOT_KEEP_HITS",
            description="How long hits are kept, at least 90d; a finding keeps its count and what it shows",
        )
    )
    keep_resolved: (
        Annotated[timedelta, BeforeValidator(values.duration), AfterValidator(values.long_enough)] | None
    ) = Field(
        default=None,
        alias="HUNTBOT_KEEP_RESOLVED",
        description="How long findings are kept once they are resolved, with their history; at least 90d",
    )
    cache: Annotated[Path | None, BeforeValidator(values.cache_folder)] = Field(
        default_factory=values.default_cache_folder,
        alias="HUNTBOT_CACHE",
        description="Folder of the columnar copies of archives (--logs), or off",
    )
    known_accounts: Annotated[str, AfterValidator(values.accounts)] = Field(
        default="",
        alias="HUNTBOT_KNOWN_ACCOUNTS",
        description="AWS accounts you trust, comma-separated; grants to them weigh less",
    )
    timezone: Annotated[str, AfterValidator(values.time_zone)] = Field(
        default="UTC",
        alias="HUNTBOT_TIMEZONE",
        description="Time zone of HUNTBOT_DIGEST_CRON where the hunt file names none",
    )
    digest_cron: Annotated[str, AfterValidator(values.cron)] | None = Field(
        default=None,
        alias="HUNTBOT_DIGEST_CRON",
        description="When digests are due (cron), instead of what the hunt files say",
    )
    digest_hunts: Annotated[tuple[str, ...], BeforeValidator(values.slugs)] = Field(
        default=(),
        alias="HUNTBOT_DIGEST_HUNTS",
        description="Hunts that get a digest, comma-separated; all that have a schedule",
    )
    ingest_delay: Annotated[timedelta, BeforeValidator(values.duration)] = Field(
        default=timedelta(hours=1),
        alias="HUNTBOT_INGEST_DELAY",
        description="How late logs arrive; scheduled runs reach back over it",
    )
    search_timeout_s: float = Field(
        default=60.0, alias="HUNTBOT_SEARCH_TIMEOUT_S", gt=0, le=600, description="Seconds that one query may take"
    )
    slack_api_url: Annotated[str, AfterValidator(values.slack_api_url)] = Field(
        default=SLACK_API_URL,
        alias="HUNTBOT_SLACK_API_URL",
        description="Slack's Web API; another one is for tests on this machine",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", alias="HUNTBOT_LOG_LEVEL", description="DEBUG, INFO, WARNING or ERROR"
    )

    def secrets(self) -> tuple[str, ...]:
        """Every secret in plain text, for the log's redaction; a URL gives its password, or all that may be one."""
        plain = (
            self.slack_bot_token,
            self.slack_app_token,
            self.slack_signing_secret,
            self.elasticsearch_api_key,
            self.pagerduty_routing_key,
            self.webhook_url,
            *self.webhook_secrets,
        )
        urls = (self.elasticsearch_url, self.database_url, self.webhook_url)
        passwords = (password for url in urls if url for password in values.passwords(url))
        anywhere = values.pieces(self.apprise_urls.get_secret_value()) if self.apprise_urls else ()
        return (*(s.get_secret_value() for s in plain if s), *passwords, *anywhere)

    @property
    def is_slack_local(self) -> bool:
        return values.is_loopback(self.slack_api_url)


SETTING_NAMES: tuple[str, ...] = tuple(str(field.alias) for field in Settings.model_fields.values())


def read_settings(purpose: Purpose, environment: Mapping[str, str] | None = None) -> Settings:
    """The settings, from the process's environment unless another one is given; an empty value is no value.

    Raises:
        SettingsError: everything that is wrong or missing for this purpose, at once.
    """
    given = os.environ if environment is None else environment  # noqa: TID251 - this file is the one that may
    settings, faults = _read(given)
    faults += [(name, "is not set") for name in _NEEDED[purpose] if not given.get(name, "").strip()]
    faults += [
        (name, f"is not set, and {of} needs it")
        for of, name in _COMPANIONS.items()
        if given.get(of, "").strip() and not given.get(name, "").strip()
    ]
    faults += [(name, f"is no setting; did you mean {meant}?") for name, meant in _misspelt(given)]
    if faults:
        raise SettingsError(tuple(faults))
    return settings


def environment() -> Mapping[str, str]:
    """The process's own, for what other tools have set there: where AWS's credentials are, say."""
    return os.environ  # noqa: TID251 - this file is the one that may


def spare_threads_of_numpy() -> None:
    """To be called before DuckDB loads numpy, as it does for Python functions.

    Numpy reckons nothing here, and would start a thread for each core. Who has set how many it starts knows why.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251 - this file is the one that may


def read_usable_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Every setting that can be used, those at fault left out: for whoever wants to look at the rest."""
    given = os.environ if environment is None else environment  # noqa: TID251 - this file is the one that may
    _, faults = _read(given)
    at_fault = {name for name, _ in faults}
    return _read({name: value for name, value in given.items() if name not in at_fault})[0]


def _read(given: Mapping[str, str]) -> tuple[Settings, list[tuple[str, str]]]:
    said: dict[str, Any] = {name: given[name].strip() for name in SETTING_NAMES if given.get(name, "").strip()}
    try:
        return Settings.model_validate(said), []
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
