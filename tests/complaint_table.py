"""The complaints, line by line: the public threads, the symptom in our words, and what huntbot does instead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Complaint:
    """A line: `names` are its threads, or what to call it where it is something that none of the tools has."""

    part: str
    names: tuple[str, ...]
    symptom: str
    promise: str

    @property
    def is_thread(self) -> bool:
        return bool(self.symptom)


DELIVERY = "Delivery, limits, duplicates"
BUTTONS = "Buttons and commands"
CHANNELS = "Channels"
TEXT = "Text safety"
SNOOZE = "Snooze"
SCHEDULE = "Schedule and digest"
QUERY = "Queries"
NOBODY = "What none of them has"

COMPLAINTS = (
    Complaint(
        DELIVERY,
        ("YelpArchive/elastalert#1345",),
        "a 429 kept alerts as unsent and hundreds were sent again and again",
        "300 hits with a 429 at the 40th post: a pause as long as Slack asks, then each stands exactly once",
    ),
    Complaint(
        DELIVERY,
        ("jertel/elastalert2#1119", "SigNoz#12891"),
        "a 429 was written to a log and the alert was gone",
        "what Slack does not take waits in the store, is counted in /hunt status, and arrives",
    ),
    Complaint(
        DELIVERY,
        ("elastic/kibana#155384", "kibana#44127"),
        "a hundred alerts are a hundred messages, and some get lost",
        "100 hits: one message, the cards in its thread, all 100 to be reached",
    ),
    Complaint(
        DELIVERY,
        ("OnCall distribute_alerts.py",),
        "under a rate limit an alert is marked as sent and never posted",
        "when the limit lifts the backlog is posted, and a late card says that it is late",
    ),
    Complaint(
        DELIVERY,
        ("YelpArchive/elastalert#1474", "slackapi/slack-api-specs#10"),
        "Slack took the message, the client timed out and sent it again",
        "before it posts again huntbot looks for its mark in the channel: one message",
    ),
    Complaint(
        DELIVERY,
        ("YelpArchive/elastalert#1954",),
        "one call without a timeout stopped the whole tool",
        "Slack swallows every call: hunts still run, posts queue up and go out afterwards",
    ),
    Complaint(
        DELIVERY,
        ("target/goalert#4188",),
        "its own throttle held a message for 16 minutes and nobody saw that",
        "a backlog of more than a minute is told in /hunt status, with its age",
    ),
    Complaint(
        DELIVERY,
        ("oncall#5121",),
        "a text over 3,000 characters made the message invalid",
        "a list of 5,000 characters is cut with a mark, and Details shows all of it",
    ),
    Complaint(
        DELIVERY,
        ("slackapi/bolt-js#2509",),
        "every block was legal and their sum was refused",
        "the longest finding stands: at most 50 blocks and 12,000 characters, by a rule for what goes first",
    ),
    Complaint(
        DELIVERY,
        ("elastic/kibana#92341",),
        "a list was cut and nobody knew how much was missing",
        "every list that is cut says how many it shows of how many",
    ),
    Complaint(
        BUTTONS,
        ("oncall#3161",),
        "a late acknowledgement opened a resolved alert again",
        "acknowledging what is closed changes nothing, and says in private who closed it",
    ),
    Complaint(
        BUTTONS,
        ("OnCall/GoAlert race",),
        "two people press at once and both believe that it is theirs",
        "two presses within 10 ms at two replicas: one wins, the other is told who and when, both are audited",
    ),
    Complaint(
        BUTTONS,
        ("Netflix/dispatch#5046",),
        "a button for what comes next was shown before that existed",
        "Take over is shown by the message of an escalation that is stored, and by nothing before",
    ),
    Complaint(
        BUTTONS,
        ("oncall#5409", "#3375", "#3771"),
        "buttons do nothing, or a firewall answers for the bot",
        "huntbot doctor --press proves a button's whole way: Slack to the bot and back",
    ),
    Complaint(
        BUTTONS,
        ("slackapi/bolt-python#1071",),
        "a reconnect or a crash lost what somebody had pressed",
        "kill -9 right after the click: it was stored before it was acknowledged, and is finished at the next start",
    ),
    Complaint(
        BUTTONS,
        ("Netflix/dispatch#2848", "#2907"),
        "a slow query made the command time out",
        "Elasticsearch takes 30 s: acknowledged within a second, and the placeholder becomes the answer",
    ),
    Complaint(
        BUTTONS,
        ("bolt-python#434", "#886"),
        "a form that took too long to build could not be opened any more",
        "a form opens at once, saying that it loads, and is filled when its content is there",
    ),
    Complaint(
        BUTTONS,
        ("adobe/spacecat-api-service#3229",),
        "requests were believed without their signature",
        "over HTTP a signature that is missing, wrong or older than five minutes is answered with 401",
    ),
    Complaint(
        BUTTONS,
        ("errbot#1145",),
        "a phone's quotes and dashes broke the command",
        "/hunt understands long dashes and curly quotes",
    ),
    Complaint(
        BUTTONS,
        ("oncall#5198", "PR#4206"),
        "a row of so many buttons that nobody finds the right one",
        "whatever state a finding is in: at most three buttons and one menu of at most five",
    ),
    Complaint(
        BUTTONS,
        ("alertmixer/amixr#71", "oncall#2618", "opensearch alerting#203"),
        "acknowledging all acknowledged the first page",
        "acknowledge all does all of them and says how many",
    ),
    Complaint(
        BUTTONS,
        ("elastic/kibana#76908",),
        "all alerts shared one PagerDuty key",
        "a finding escalated twice is one incident, two findings are two",
    ),
    Complaint(
        CHANNELS,
        ("kibana#159940", "#166753"),
        "the list of channels ended at its first page",
        "a channel on the twelfth page is found by its name",
    ),
    Complaint(
        TEXT,
        ("NousResearch/hermes-agent#26869", "brexhq/CrabTrap#20"),
        "a value of <!channel> called everybody",
        "a principal called <!channel> is shown as it is written, and nobody is notified",
    ),
    Complaint(
        TEXT,
        ("metabase#60277", "argoproj/notifications-engine#242"),
        "previews of links filled the channel",
        "no message asks Slack to unfurl anything",
    ),
    Complaint(
        TEXT,
        ("sentry#94646", "#97472", "oncall#3849"),
        "replies in threads were sent to the channel as well, and a log filled both",
        "what happens to a finding is told in its thread alone, a line for each press, and its card is redrawn",
    ),
    Complaint(
        TEXT,
        ("mozilla-services/foxsec-pipeline#262",),
        "a time without its zone",
        "each moment is shown in the reader's zone, and as UTC where Slack can not",
    ),
    Complaint(
        SNOOZE,
        ("Netflix/dispatch#5421",),
        "nobody saw what was snoozed",
        "the channel sees who put it off until when and why",
    ),
    Complaint(
        SCHEDULE,
        ("agronholm/apscheduler#606", "#1051"),
        "a night of changed clocks skipped a day or moved it by an hour",
        "00:00 in Los Angeles and 02:30 in Berlin over both nights: once for each local day",
    ),
    Complaint(
        SCHEDULE,
        ("apscheduler#182", "Abilityai/trinity#158"),
        "what was due while it was down was dropped",
        "down from 8:55 to 9:20: the digest of nine o'clock comes once at 9:20 and says that it is late",
    ),
    Complaint(
        SCHEDULE,
        ("sentry#66044", "apscheduler#766"),
        "as many digests as there are workers",
        "three replicas and one due time: one digest",
    ),
    Complaint(
        QUERY,
        ("detection-rules#4250",),
        "a query that aggregates alerts anew every five minutes",
        "288 runs of it make one finding with one card, whose count grows",
    ),
    Complaint(
        QUERY,
        ("detection-rules#5565",),
        "hunts were shipped that no Elasticsearch runs",
        "hunts check fails on = for ==, on swapped arguments and on a missing LIMIT, with the line",
    ),
    Complaint(
        QUERY,
        ("detection-rules#6076",),
        "== on a field of several values is null, and the hit is missed",
        "hunts check warns of it, and lambda-perms finds the grant in such an event",
    ),
    Complaint(
        NOBODY,
        ("the whole loop",),
        "",
        "/hunt runs ES|QL on demand, with a window and filters, and its hits are triaged where they are read",
    ),
    Complaint(
        NOBODY,
        ("run receipt",),
        "",
        "after every run: how many hits there were, and where each of them is",
    ),
    Complaint(
        NOBODY,
        ("still true",),
        "",
        "whether a grant still stands or who took it back after how long; asked again on demand",
    ),
    Complaint(
        NOBODY,
        ("decision memory",),
        "",
        "the same grantee and function was judged before, by whom and why, with one press to say it again",
    ),
    Complaint(NOBODY, ("race-honest buttons",), "", "the winner is named to the loser, and both are audited"),
    Complaint(NOBODY, ("hunt linter",), "", "hunt files are checked offline, against a CloudTrail that is embedded"),
    Complaint(
        NOBODY,
        ("reviewable suppressions",),
        "",
        "a file of rules with scope, reason, owner and end, and what each would have hidden",
    ),
    Complaint(
        NOBODY,
        ("digest as a diff",),
        "",
        "new, recurred, aging, snoozes that end, hunts that failed, sources that are silent",
    ),
    Complaint(NOBODY, ("remediation",), "", "a command to paste, its values quoted, never run by huntbot"),
    Complaint(NOBODY, ("hermetic demo",), "", "one command, no tokens, no network"),
    Complaint(NOBODY, ("audit chain",), "", "every event is hashed over the one before it, and an export verifies"),
    Complaint(NOBODY, ("blast radius",), "", "who else can use a grant, and what narrows it"),
)
