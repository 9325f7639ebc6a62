"""Who is called beside Slack: settings in, escalation targets out."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

import aiohttp

from app.settings import Settings
from app.values import is_loopback
from bot.adapters.escalation import TIMEOUT, PagerDuty, Reach, Webhook, guarded_connector, is_forbidden
from bot.domain.escalation import TargetName
from bot.errors import SettingsError
from bot.ports.escalation import EscalationTarget
from bot.ports.search import Clock

Fault = tuple[str, str]  # the setting, and what is wrong with it


@asynccontextmanager
async def open_targets(settings: Settings, clock: Clock) -> AsyncIterator[Mapping[TargetName, EscalationTarget]]:
    """Every target that the settings name, ready to be called; nobody is called yet. On leaving they are closed.

    Raises:
        SettingsError: all that can not be used of it; no value shows, for they hold secrets.
    """
    others, faults = _apprise(settings)
    if faults := (*_webhook_faults(settings), *faults):
        raise SettingsError(faults)
    async with AsyncExitStack() as stack:
        targets = [*others]
        if (key := settings.pagerduty_routing_key) is not None:
            session = await stack.enter_async_context(_proxied(settings.pagerduty_url))
            targets.append(PagerDuty(session, settings.pagerduty_url, key.get_secret_value(), clock))
        if (url := settings.webhook_url) is not None:
            session = await stack.enter_async_context(_guarded(Reach(settings.webhook_private)))
            secrets = [secret.get_secret_value() for secret in settings.webhook_secrets]
            targets.append(Webhook(session, url.get_secret_value(), secrets, clock))
        yield {target.name: target for target in targets}


def _webhook_faults(settings: Settings) -> Iterator[Fault]:
    host = urlsplit(settings.webhook_url.get_secret_value()).hostname if settings.webhook_url else None
    if host and is_forbidden(Reach(settings.webhook_private), host):
        cure = "names an address that may not be called; for a private network set HUNTBOT_WEBHOOK_PRIVATE=yes"
        yield "HUNTBOT_WEBHOOK_URL", cure


def _apprise(settings: Settings) -> tuple[Sequence[EscalationTarget], Sequence[Fault]]:
    """A target for each of its URLs, or why there are none."""
    name, urls = "HUNTBOT_APPRISE_URLS", settings.apprise_urls
    if urls is None:
        return (), ()
    try:
        from bot.adapters.escalation import apprise  # noqa: PLC0415 - an extra, which few installations have
    except ModuleNotFoundError as missing:
        return (), [(name, f"needs {missing.name}, which is not installed: pip install 'huntbot[apprise]'")]
    try:
        return apprise.read_services(urls.get_secret_value()), ()
    except ValueError as fault:
        return (), [(name, str(fault))]


def _proxied(url: str) -> aiohttp.ClientSession:
    """Through the proxy that HTTPS_PROXY names, as Slack is reached; never so to this machine."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=TIMEOUT,
        trust_env=not is_loopback(url),
    )


def _guarded(reach: Reach) -> aiohttp.ClientSession:
    """Without any proxy: it would resolve the name itself, and nobody would have looked at the addresses."""
    connector = guarded_connector(reach)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), timeout=TIMEOUT)
