"""What is wrong with an installation: every check is asked, each fault says its cure, nothing is changed."""

from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

from rich.table import Table
from rich.text import Text
from slack_sdk.web.async_client import AsyncWebClient

from app import audience, shelf
from app.clock import now
from app.console import BAD_INPUT, OK, exit_code, explained
from app.digests import schedules
from app.escalation import open_targets
from app.manifest import SCOPES
from app.settings import Purpose, Settings, read_settings, read_usable_settings, shield_from_environment
from app.slack_client import check_app_token, check_bot_token, open_slack
from app.source import search_client
from app.values import is_loopback
from bot.adapters.elasticsearch import READ, ElasticsearchLogs
from bot.adapters.escalation import PagerDuty, Webhook
from bot.adapters.slack import SlackPeople, SlackWorkspace
from bot.adapters.sql import SqlStore
from bot.adapters.suppression_file import load_suppressions
from bot.blocks.suppression import left
from bot.blocks.text import counted
from bot.domain.access import Role, Roster, is_group
from bot.domain.hunt import HuntShelf
from bot.domain.query_text import index_patterns
from bot.domain.responder import ChannelId, UserId
from bot.errors import HuntbotError, RouteBroken, SettingsError, WorkspaceError
from bot.ports.escalation import EscalationTarget
from bot.ports.workspace import People


class Grade(Enum):
    """How a check went."""

    GOOD = "ok"
    NOTED = "note"
    BAD = "fault"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the report; `exits` is the exit code that a fault stands for."""

    what: str
    grade: Grade
    says: str
    exits: int = OK


def good(what: str, says: str) -> Verdict:
    return Verdict(what, Grade.GOOD, says)


def noted(what: str, says: str) -> Verdict:
    return Verdict(what, Grade.NOTED, says)


def bad(what: str, says: str, exits: int = BAD_INPUT) -> Verdict:
    return Verdict(what, Grade.BAD, says, exits)


async def examine() -> tuple[Verdict, ...]:
    """Every check, in the order in which a start would meet them; a fault of one stops none of the others."""
    settings, faults = _settings()
    shield_from_environment(settings)
    hunts, hunt_verdicts = _hunts(settings)
    verdicts = [*faults, *hunt_verdicts, *_suppressions(settings, hunts)]
    verdicts += [verdict async for verdict in _store(settings)]
    if settings.elasticsearch_url is not None:
        verdicts += [verdict async for verdict in _elasticsearch(settings, hunts)]
    if settings.slack_bot_token is not None:
        async with open_slack(settings) as slack:
            verdicts += [verdict async for verdict in _slack(slack, settings, hunts)]
    verdicts += [verdict async for verdict in _on_call(settings)]
    return tuple(verdicts)


def code(verdicts: Iterable[Verdict]) -> int:
    """2 where something written is wrong, else 3 where something does not answer, else 0."""
    codes = {verdict.exits for verdict in verdicts if verdict.grade is Grade.BAD}
    return min(codes, default=OK)


def table(verdicts: Iterable[Verdict]) -> Table:
    styles = {Grade.GOOD: "green", Grade.NOTED: "yellow", Grade.BAD: "bold red"}
    drawn = Table(show_header=False)
    drawn.add_column(no_wrap=True)
    drawn.add_column(no_wrap=True)
    drawn.add_column(overflow="fold")
    for verdict in verdicts:
        drawn.add_row(Text(verdict.grade.value, style=styles[verdict.grade]), Text(verdict.what), Text(verdict.says))
    return drawn


def _settings() -> tuple[Settings, list[Verdict]]:
    """The settings, without those at fault, so that the others are looked at all the same."""
    lenient = read_usable_settings()
    is_http = lenient.slack_signing_secret is not None and lenient.slack_app_token is None
    try:
        read_settings(Purpose.HTTP if is_http else Purpose.SOCKET_MODE)
    except SettingsError as error:
        return lenient, [bad(name, fault) for name, fault in error.faults]
    return lenient, [good("settings", f"complete for serve{' --http' if is_http else ''}")]


def _hunts(settings: Settings) -> tuple[HuntShelf, list[Verdict]]:
    found, faults = shelf.load(settings.hunts)
    verdicts = [bad("hunts", str(fault)) for fault in faults] + [good("hunts", f"{len(found.hunts)} load")]
    try:
        due = schedules(found, settings)
    except SettingsError as error:
        return found, verdicts + [bad(name, fault) for name, fault in error.faults]
    homeless = [slug for slug, schedule in due.items() if schedule.channel is None]
    if homeless and settings.channel is None:
        says = f"no channel for the digest of {', '.join(homeless)}: set it, or a channel in the hunt file"
        verdicts.append(bad("HUNTBOT_CHANNEL", says))
    return found, verdicts


def _suppressions(settings: Settings, hunts: HuntShelf) -> Iterator[Verdict]:
    what, at = "suppressions", now()
    rules, faults = load_suppressions(settings.suppressions, hunts)
    for fault in faults:
        yield bad(what, str(fault))
    for rule in rules.rules:
        place = f"the rule of line {rule.line or '?'} ({rule.hunt}, {rule.owner})"
        if rule.is_over(at):
            yield noted(what, f"{place} is over and hides nothing: renew it or take it out")
        elif rule.ends_soon(at):
            yield noted(what, f"{place} ends in {left(rule, at)}: renew it or let it go")
    if settings.suppressions is not None and not faults:
        yield good(what, f"{counted(len(rules.rules), 'rule')} load")


async def _store(settings: Settings) -> AsyncIterator[Verdict]:
    what, url = "store", settings.database_url.get_secret_value()
    is_shared = not url.startswith("sqlite")
    if is_shared and urlsplit(url).hostname and not is_loopback(url) and "sslmode=" not in url:
        yield noted(what, "PostgreSQL may be spoken to unencrypted: add ?sslmode=verify-full to DATABASE_URL")
    try:
        async with await SqlStore.open(url, is_read_only=True) as store:
            served = "PostgreSQL, for any number of processes" if is_shared else "SQLite, for one process"
            yield good(what, f"{'is not there yet, serve makes it' if store.stands_in else 'opens'}: {served}")
    except HuntbotError as error:
        yield bad(what, str(error), exit_code(error))


async def _elasticsearch(settings: Settings, hunts: HuntShelf) -> AsyncIterator[Verdict]:
    what = "Elasticsearch"
    url = settings.elasticsearch_url.get_secret_value() if settings.elasticsearch_url else ""
    if url.startswith("http://") and not is_loopback(url):
        yield noted(what, "the key and the logs travel unencrypted: use https://")
    patterns = sorted({name for hunt in hunts.hunts.values() for name in index_patterns(hunt.query)})
    client = search_client(settings)
    try:
        held = await ElasticsearchLogs(client, settings.search_timeout_s).privileges(patterns)
    except HuntbotError as error:
        yield bad(what, str(error), exit_code(error))
        return
    finally:
        await client.close()
    for name, privileges in held.items():
        if READ not in privileges:
            yield bad(what, f"the key may not read {name}: give it the privilege read there")
        elif writing := sorted(privileges - {READ}):
            yield noted(what, f"the key may {', '.join(writing)} on {name}; huntbot needs only read")
        else:
            yield good(what, f"the key reads {name} and no more")


async def _slack(slack: AsyncWebClient, settings: Settings, hunts: HuntShelf) -> AsyncIterator[Verdict]:
    try:
        identity = await check_bot_token(slack)
    except HuntbotError as error:
        yield _refused("SLACK_BOT_TOKEN", error)
        return
    yield good("SLACK_BOT_TOKEN", f"opens {identity.url}")
    for verdict in _scopes((await slack.auth_test()).headers.get("x-oauth-scopes", "")):
        yield verdict
    if settings.slack_app_token is not None:
        yield await _verdict("SLACK_APP_TOKEN", check_app_token(slack, settings), "opens Socket Mode")
    workspace, people = SlackWorkspace(slack, identity.url), SlackPeople(slack, identity.team_id)
    roster = Roster(settings.viewers, settings.responders, settings.leads)
    for what, channel in _channels(settings, hunts):
        async for verdict in _channel(workspace, people, roster, what, channel):
            yield verdict
    async for verdict in _roles(people, roster):
        yield verdict


async def _on_call(settings: Settings) -> AsyncIterator[Verdict]:
    """Whoever an escalation calls, without calling anybody: whether a key is taken shows only with a real event."""
    try:
        async with open_targets(settings, now) as targets:
            for target in targets.values():
                yield await _target(target)
    except SettingsError as error:
        for name, fault in error.faults:
            yield bad(name, fault)
        return
    if not targets and settings.escalation_channel is None:
        yield noted("escalation", "neither a channel nor a target is set: Escalate marks a finding and calls nobody")


async def _target(target: EscalationTarget) -> Verdict:
    if not isinstance(target, PagerDuty | Webhook):
        return good(target.name, "its URL is understood")
    try:
        await target.reach()
    except HuntbotError as error:
        return bad(target.name, explained(error), exit_code(error))
    return good(target.name, "answers; nobody was called")


def _scopes(header: str) -> Iterator[Verdict]:
    granted = frozenset(scope.strip() for scope in header.split(",") if scope.strip())
    missing, unused = sorted(SCOPES.keys() - granted), sorted(granted - SCOPES.keys())
    if missing:
        says = f"lack {', '.join(missing)}: add them under OAuth & Permissions, then install the app again"
        yield bad("scopes", says)
    if unused:
        yield noted("scopes", f"huntbot does not use {', '.join(unused)}")
    if not missing:
        yield good("scopes", "all that huntbot uses")


def _channels(settings: Settings, hunts: HuntShelf) -> Iterator[tuple[str, str]]:
    """Every channel that is named somewhere, with the name of who names it."""
    if settings.channel is not None:
        yield "HUNTBOT_CHANNEL", settings.channel
    if settings.escalation_channel is not None:
        yield "HUNTBOT_ESCALATION_CHANNEL", settings.escalation_channel
    if settings.fallback_channel is not None:
        yield "HUNTBOT_FALLBACK_CHANNEL", settings.fallback_channel
    for hunt in hunts.hunts.values():
        if hunt.schedule is not None and hunt.schedule.channel is not None:
            yield hunt.slug, hunt.schedule.channel


async def _channel(
    workspace: SlackWorkspace, people: SlackPeople, roster: Roster, what: str, name: str
) -> AsyncIterator[Verdict]:
    """Whether huntbot speaks there, and where it does, who reads along."""
    try:
        found = await workspace.channel_id(name)
        if await people.is_shared(found):
            yield bad(what, f"{name} is shared with another organization: huntbot says nothing there")
        elif await workspace.is_member(found):
            yield good(what, f"{name}: huntbot is a member")
            async for verdict in _audience(people, roster, what, name, found):
                yield verdict
        else:
            yield bad(what, f"huntbot is no member of {name}: type /invite @huntbot there")
    except RouteBroken:
        yield bad(what, f"there is no channel {name} that huntbot can see; if it is private, invite huntbot to it")
    except HuntbotError as error:
        yield bad(what, explained(error), exit_code(error))


async def _audience(
    people: SlackPeople, roster: Roster, what: str, name: str, channel: ChannelId
) -> AsyncIterator[Verdict]:
    try:
        known = await people.audience(channel)
    except HuntbotError as error:
        yield noted(what, f"Slack does not say who reads {name}: {explained(error)}")
        return
    for says in audience.told(known, roster):
        yield noted(what, f"{name} {says}")


async def _roles(people: People, roster: Roster) -> AsyncIterator[Verdict]:
    """Every id of the lists, and whether they leave somebody who may all."""
    if roster.is_open:
        yield noted("roles", "HUNTBOT_VIEWERS, _RESPONDERS and _LEADS are not set: every full member may everything")
        return
    leads: set[UserId] = set()
    for role, ids in roster.by_role.items():
        for named in sorted(ids):
            verdict, holders = await _named(people, f"HUNTBOT_{role.name}S", named)
            leads |= holders if role is Role.LEAD else set()
            yield verdict
    if not leads:
        yield noted("HUNTBOT_LEADS", "makes nobody a lead: nobody may triage in bulk, assign or send a digest")


async def _named(people: People, what: str, named: str) -> tuple[Verdict, frozenset[UserId]]:
    """What becomes of one id of a list, and who gets the role by it."""
    try:
        if is_group(named):
            members = await people.members(named)
            says = f"the user group {named} has {counted(len(members), 'member')}"
            return (good if members else noted)(what, says), members
        person = await people.person(UserId(named))
    except HuntbotError as error:
        return _unnamed(what, named, error), frozenset()
    if not person.is_member:
        return bad(what, f"{named} gets no role: huntbot takes no orders from {person.membership.value}"), frozenset()
    return good(what, f"{named} is {person.name}"), frozenset({person.user})


def _unnamed(what: str, named: str, error: HuntbotError) -> Verdict:
    cure = _NO_HOLDER.get(error.code) if isinstance(error, WorkspaceError) else None
    return bad(what, explained(error), exit_code(error)) if cure is None else bad(what, f"{named} {cure}")


# What Slack says of an id that gives nobody a role: https://docs.slack.dev/reference/methods/users.info and
# https://docs.slack.dev/reference/methods/usergroups.users.list (errors).
_NO_HOLDER: Mapping[str, str] = {
    "missing_scope": "can not be looked at: add the scopes users:read and usergroups:read",
    "no_such_subteam": "is no user group of this workspace",
    "plan_upgrade_required": "is a user group, which this plan of Slack has not: name people by their ids instead",
    "user_not_found": "is nobody in this workspace",
    "user_not_visible": "is nobody whom huntbot can see",
}


async def _verdict(what: str, check: Awaitable[None], says: str) -> Verdict:
    try:
        await check
    except HuntbotError as error:
        return _refused(what, error)
    return good(what, says)


def _refused(what: str, error: HuntbotError) -> Verdict:
    if isinstance(error, SettingsError):
        return bad(what, "; ".join(fault for _, fault in error.faults))
    return bad(what, explained(error), exit_code(error))
