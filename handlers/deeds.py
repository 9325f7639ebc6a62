"""What everything that may come in asks for, in one table: an id that is not here reaches no listener."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.blocks import actions
from bot.domain.access import Deed
from bot.domain.triage import Move
from handlers import command_line
from handlers.command_line import Request


@dataclass(frozen=True, slots=True)
class Asks:
    """The deed, and what it would do to the finding that it names: that is what a refusal leaves in its history."""

    deed: Deed
    move: Move | None = None


# Buttons and menus, by action id. A menu of several words (`word:42`) asks what its word asks for.
ACTIONS: Mapping[str, Asks] = {
    actions.ACKNOWLEDGE: Asks(Deed.TRIAGE, Move.ACKNOWLEDGE),
    actions.ESCALATE: Asks(Deed.TRIAGE, Move.ESCALATE),
    actions.RESOLVE: Asks(Deed.TRIAGE, Move.RESOLVE),
    actions.SAME_AGAIN: Asks(Deed.TRIAGE, Move.RESOLVE),
    actions.PIVOT: Asks(Deed.HUNT),
    actions.DETAILS: Asks(Deed.LOOK),
    actions.DETAILS_PAGE: Asks(Deed.LOOK),
    actions.SHOW_ALL: Asks(Deed.LOOK),
    actions.SHOW_ALL_PAGE: Asks(Deed.LOOK),
    actions.ASSIGN: Asks(Deed.TRIAGE),
    actions.COMMENT: Asks(Deed.TRIAGE),
    actions.QUEUE_PAGE: Asks(Deed.LOOK),
    actions.HOME_CHOOSE: Asks(Deed.LOOK),
    actions.BULK_ACKNOWLEDGE: Asks(Deed.BULK),
    actions.BULK_RESOLVE: Asks(Deed.BULK),
    actions.BULK_SELECT: Asks(Deed.BULK),
    actions.BULK_PAGE: Asks(Deed.BULK),
    actions.EXPORT: Asks(Deed.EXPORT),
    actions.OPEN_PICKER: Asks(Deed.HUNT),
    actions.PICKED_HUNT: Asks(Deed.HUNT),
    actions.PROVE: Asks(Deed.LOOK),
}
MENUS = frozenset({actions.MORE})
WORDS: Mapping[str, Asks] = {
    actions.CHOOSE_RESOLVE: Asks(Deed.TRIAGE, Move.RESOLVE),
    actions.CHOOSE_SNOOZE: Asks(Deed.TRIAGE, Move.SNOOZE),
    actions.CHOOSE_REOPEN: Asks(Deed.TRIAGE, Move.REOPEN),
    actions.CHOOSE_ASSIGN: Asks(Deed.TRIAGE),
    actions.CHOOSE_SHOW: Asks(Deed.LOOK),
    actions.CHOOSE_DETAILS: Asks(Deed.LOOK),
    actions.CHOOSE_STILL: Asks(Deed.HUNT),
    actions.CHOOSE_KIBANA: Asks(Deed.LOOK),
}
LINKS = frozenset({actions.OPEN_LINK})  # a browser opens it, and huntbot does nothing: anybody may

# Modals that are submitted, by callback id.
FORMS: Mapping[str, Asks] = {
    actions.RESOLVE_FORM: Asks(Deed.TRIAGE, Move.RESOLVE),
    actions.SNOOZE_FORM: Asks(Deed.TRIAGE, Move.SNOOZE),
    actions.ASSIGN_FORM: Asks(Deed.TRIAGE, Move.ASSIGN),  # to somebody else: its listener asks for more
    actions.TAKE_FORM: Asks(Deed.TRIAGE, Move.ASSIGN),
    actions.COMMENT_FORM: Asks(Deed.TRIAGE, Move.COMMENT),
    actions.BULK_FORM: Asks(Deed.BULK),
    actions.PICKER_FORM: Asks(Deed.HUNT),
}

# Shortcuts, by callback id.
SHORTCUTS: Mapping[str, Asks] = {
    actions.TRIAGE_SHORTCUT: Asks(Deed.LOOK),
    actions.HUNT_SHORTCUT: Asks(Deed.HUNT),
}

# Events, by type.
EVENTS: Mapping[str, Asks] = {
    "app_home_opened": Asks(Deed.LOOK),
}
# Most messages have nothing to do with huntbot: the listener asks the gate once it knows that one has.
ASK_LATER = frozenset({"message"})

REQUESTS: Mapping[type[Request], Deed] = {
    command_line.RunHunt: Deed.HUNT,
    command_line.SendDigest: Deed.DIGEST,
    command_line.PickHunt: Deed.HUNT,
    command_line.ListHunts: Deed.LOOK,
    command_line.ListFindings: Deed.LOOK,
    command_line.ExportFindings: Deed.EXPORT,
    command_line.ShowFinding: Deed.LOOK,
    command_line.ShowSuppressions: Deed.LOOK,
    command_line.ShowStatus: Deed.LOOK,
    command_line.ShowHelp: Deed.LOOK,
}


def of_action(action_id: str, value: str) -> Asks | None:
    """What a press asks for; ids of several like elements go on after a colon (`finding.pivot:2`)."""
    if action_id in MENUS:
        return WORDS.get(value.partition(":")[0])
    return ACTIONS.get(action_id) or ACTIONS.get(action_id.partition(":")[0])
