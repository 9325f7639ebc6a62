"""The workspace people meet first: responders, guests, somebody of another company, their channels, the bot."""

import secrets
from collections.abc import Callable, Sequence

from local.slack.events import RETRY_DELAYS_S
from local.slack.model import App, Channel, Command, Shortcut, Team, User, UserGroup
from local.slack.workspace import Workspace

TEAM = Team("T024NORTH1", "Northwind Security", "northwind-security")

MAYA = User(
    "U01MAYA001",
    "maya",
    "Maya Chen",
    "America/Los_Angeles",
    TEAM.id,
    "4a6fd8",
    is_admin=True,
    title="Incident lead, workspace admin",
)
TOMAS = User("U02TOMAS02", "tomas", "Tomás Silva", "Europe/Lisbon", TEAM.id, "2b7f5f", title="Responder")
AISHA = User("U03AISHA03", "aisha", "Aisha Bello", "Africa/Lagos", TEAM.id, "b4552d", title="Responder")
# A member who joins where somebody is wanted that only looks on.
IVO = User("U04IVO0004", "ivo", "Ivo Marek", "Europe/Prague", TEAM.id, "3f7d20", title="Platform engineer")
AUDITOR = User(
    "U07NOOR007",
    "noor",
    "Noor Haddad",
    "Asia/Amman",
    TEAM.id,
    "8a5a00",
    is_restricted=True,
    is_ultra_restricted=True,
    title="Auditor, guest of one channel",
)
CONTRACTOR = User(
    "U08LENA008",
    "lena",
    "Lena Fischer",
    "Europe/Vienna",
    TEAM.id,
    "7a4bb5",
    is_restricted=True,
    title="Contractor, guest of several channels",
)
# Of another organisation, met over Slack Connect in the one channel that is shared with hers.
GUEST = User(
    "U09GUEST09",
    "guest",
    "Pat Visitor",
    "Europe/Berlin",
    "T0OTHERORG",
    "6b7076",
    is_stranger=True,
    title="Acme Corporation",
)
BOT = User("U0HUNTBOT0", "huntbot", "huntbot", "Etc/UTC", TEAM.id, "5b4b8a", is_bot=True)

HUNTS = "C01HUNTS01"
ESCALATIONS = "C02ESCAL02"
GENERAL = "C03GENER03"
QUIET = "C04QUIET04"  # the bot is no member here
PARTNERS = "C05PARTN05"  # shared with another workspace
AUDIT = "C06AUDIT06"  # what guests were let into
WAR_ROOM = "C07WARRM07"  # private
ON_CALL = UserGroup("S01ONCALL1", "on-call", "On call", (MAYA.id, AISHA.id), "Who answers tonight")
RESPONDERS = UserGroup("S02RESPON2", "responders", "Responders", (MAYA.id, TOMAS.id, AISHA.id), "Who triages")
LEADS = UserGroup("S03LEADS03", "leads", "Incident leads", (MAYA.id,), "Who decides")

SCOPES = frozenset(
    {
        "commands",
        "chat:write",
        "users:read",
        "channels:read",
        "channels:history",
        "groups:read",
        "groups:history",
        "usergroups:read",
        "im:read",
        "im:write",
        "files:read",
        "files:write",
    }
)
BOT_EVENTS = frozenset({"app_home_opened", "message.channels", "message.groups"})
SHORTCUTS = (
    Shortcut("Triage with huntbot", "huntbot_triage", "message", "What huntbot knows of this finding"),
    Shortcut("Run a hunt", "huntbot_hunt", "global", "Choose a hunt, a window and filters"),
)
COMMANDS = (Command("/hunt", "Run a threat hunt", "list | findings | show F-42 | <hunt> [since:24h]"),)


def sample_app(bot_events: frozenset[str] = BOT_EVENTS, scopes: frozenset[str] = SCOPES) -> App:
    """The bot's installation; its credentials open nothing but this process's own server."""
    return App(
        id="A0HUNTBOT0",
        name="huntbot",
        bot_id="B0HUNTBOT0",
        bot_user_id=BOT.id,
        bot_token="xoxb-local-workspace",  # noqa: S106 - valid on loopback only
        app_token="xapp-local-workspace",  # noqa: S106 - valid on loopback only
        signing_secret="local-workspace-signing-secret",  # noqa: S106 - valid on loopback only
        verification_token="local-verification",  # noqa: S106 - valid on loopback only
        bot_scopes=scopes,
        commands=COMMANDS,
        bot_events=bot_events,
        shortcuts=SHORTCUTS,
    )


def sample_workspace(
    *,
    clock: Callable[[], float],
    secret: Callable[[], str] = lambda: secrets.token_hex(12),
    app: App | None = None,
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
    onlookers: Sequence[User] = (),
) -> Workspace:
    """A fresh workspace; ``clock`` gives seconds since 1970.

    Maya, Tomás and Aisha are members (Maya an admin), Noor and Lena guests, and Pat is of another workspace.
    ``onlookers`` are members too, of the hunts' channel and the general one.
    """
    people = (MAYA.id, TOMAS.id, AISHA.id)
    with_bot = (*people, BOT.id)
    everybody = (*with_bot, *(user.id for user in onlookers))
    created = int(clock())
    return Workspace(
        clock=clock,
        secret=secret,
        team=TEAM,
        app=app or sample_app(),
        users=(MAYA, TOMAS, AISHA, *onlookers, AUDITOR, CONTRACTOR, GUEST, BOT),
        channels=(
            Channel(HUNTS, "security-hunts", created, MAYA.id, everybody, "Findings of our hunts"),
            Channel(ESCALATIONS, "security-escalations", created, MAYA.id, with_bot, "What needs somebody now"),
            Channel(GENERAL, "general", created, MAYA.id, everybody, is_general=True),
            Channel(QUIET, "random", created, TOMAS.id, people, "Anything else"),
            Channel(
                PARTNERS,
                "partners-acme",
                created,
                MAYA.id,
                (*with_bot, CONTRACTOR.id, GUEST.id),
                "With Acme Corporation: no findings here",
                is_ext_shared=True,
            ),
            Channel(AUDIT, "audit-2026", created, AISHA.id, (*with_bot, AUDITOR.id, CONTRACTOR.id), "Yearly audit"),
            Channel(WAR_ROOM, "incident-room", created, MAYA.id, (MAYA.id, AISHA.id, BOT.id), is_private=True),
        ),
        usergroups=(ON_CALL, RESPONDERS, LEADS),
        retry_delays_s=retry_delays_s,
    )
