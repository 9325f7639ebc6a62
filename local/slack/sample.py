"""The workspace people meet first: three responders, their channels, and the bot invited."""

import secrets
from collections.abc import Callable, Sequence

from local.slack.events import RETRY_DELAYS_S
from local.slack.model import App, Channel, Command, Team, User, UserGroup
from local.slack.workspace import Workspace

TEAM = Team("T024NORTH1", "Northwind Security", "northwind-security")

MAYA = User("U01MAYA001", "maya", "Maya Chen", "America/Los_Angeles", TEAM.id, "4a6fd8", is_admin=True)
TOMAS = User("U02TOMAS02", "tomas", "Tomás Silva", "Europe/Lisbon", TEAM.id, "2f8f6b")
AISHA = User("U03AISHA03", "aisha", "Aisha Bello", "Africa/Lagos", TEAM.id, "b4552d")
# Of another organisation, over Slack Connect; not in the workspace until a test puts her there.
GUEST = User("U09GUEST09", "guest", "Pat Visitor", "Europe/Berlin", "T0OTHERORG", "7a7a7a", is_stranger=True)
BOT = User("U0HUNTBOT0", "huntbot", "huntbot", "Etc/UTC", TEAM.id, "5b4b8a", is_bot=True)

HUNTS = "C01HUNTS01"
ESCALATIONS = "C02ESCAL02"
GENERAL = "C03GENER03"
QUIET = "C04QUIET04"  # the bot is no member here
ON_CALL = UserGroup("S01ONCALL1", "on-call", "On call", (MAYA.id, AISHA.id), "Who answers tonight")

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
        "im:write",
    }
)
COMMANDS = (Command("/hunt", "Run a threat hunt", "list | findings | show F-42 | <hunt> [since:24h]"),)


def sample_app(bot_events: frozenset[str] = frozenset({"app_home_opened"}), scopes: frozenset[str] = SCOPES) -> App:
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
    )


def sample_workspace(
    *,
    clock: Callable[[], float],
    secret: Callable[[], str] = lambda: secrets.token_hex(12),
    app: App | None = None,
    retry_delays_s: Sequence[float] = RETRY_DELAYS_S,
) -> Workspace:
    """A fresh workspace of Maya, Tomás and Aisha; ``clock`` gives seconds since 1970."""
    people = (MAYA.id, TOMAS.id, AISHA.id)
    with_bot = (*people, BOT.id)
    created = int(clock())
    return Workspace(
        clock=clock,
        secret=secret,
        team=TEAM,
        app=app or sample_app(),
        users=(MAYA, TOMAS, AISHA, BOT),
        channels=(
            Channel(HUNTS, "security-hunts", created, MAYA.id, with_bot, "Findings of our hunts"),
            Channel(ESCALATIONS, "security-escalations", created, MAYA.id, with_bot, "What needs somebody now"),
            Channel(GENERAL, "general", created, MAYA.id, with_bot, is_general=True),
            Channel(QUIET, "random", created, TOMAS.id, people, "Anything else"),
        ),
        usergroups=(ON_CALL,),
        retry_delays_s=retry_delays_s,
    )
