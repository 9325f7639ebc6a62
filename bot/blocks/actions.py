"""Every id that Slack hands back when somebody presses, chooses or submits."""

ACKNOWLEDGE = "finding.acknowledge"
ESCALATE = "finding.escalate"
RESOLVE = "finding.resolve"  # opens the form
DETAILS = "finding.details"  # opens everything about a finding
MORE = "finding.more"  # the overflow menu of a finding
SAME_AGAIN = "finding.same_again"  # says what was said before; value: `verdict:finding`
PIVOT = "finding.pivot"  # asks the logs around a finding; value: `pivot:finding`
PROVE = "doctor.prove"  # the button of `huntbot doctor --press`; value: a word
OPEN_LINK = "link.open"  # a button that only leads somewhere; Slack reports the press all the same

RESOLVE_FORM = "finding.resolve_form"  # callback id of the modal
RESOLUTION_BLOCK = "resolution"
RESOLUTION = "resolution.choice"
NOTE_BLOCK = "note"
NOTE = "note.text"

SNOOZE_FORM = "finding.snooze_form"  # callback id of the modal
SNOOZE_BLOCK = "snooze"
SNOOZE = "snooze.choice"

DETAILS_VIEW = "finding.details_view"  # callback id of the modal
DETAILS_PAGE = "finding.details_page"  # another page of it; value: `finding:page`
SHOW_ALL = "finding.show_all"  # one long value of it, whole; value: `finding:what:page`
SHOW_ALL_PAGE = "finding.show_all_page"

# What the overflow menu offers: the word before the colon of an option's value (`resolve:42`).
CHOOSE_RESOLVE = "resolve"
CHOOSE_SNOOZE = "snooze"
CHOOSE_REOPEN = "reopen"
CHOOSE_DETAILS = "details"
CHOOSE_STILL = "still"  # asks again whether it is still true
CHOOSE_KIBANA = "kibana"  # only leads somewhere
CHOOSE_SHOW = "show"

# What a responder does with somebody else, or says. The buttons work in messages and upon modals.
CHOOSE_ASSIGN = "assign"
ASSIGN = "finding.assign"
ASSIGN_FORM = "finding.assign_form"  # callback id of the modal
TAKE_FORM = "finding.take_form"  # the same, for whoever may give it to themselves alone
ASSIGNEE_BLOCK = "assignee"
ASSIGNEE = "assignee.choice"
COMMENT = "finding.comment"
COMMENT_FORM = "finding.comment_form"  # callback id of the modal
COMMENT_BLOCK = "comment"
COMMENT_TEXT = "comment.text"

# The queue, in an answer and in the Home tab; ids of several like elements go on after a colon.
QUEUE_PAGE = "queue.page"
HOME_CHOOSE = "home.choose"

BULK_ACKNOWLEDGE = "bulk.acknowledge"
BULK_RESOLVE = "bulk.resolve"
BULK_SELECT = "bulk.select"
BULK_FORM = "bulk.form"  # callback id of the modals
BULK_PAGE = "bulk.page"  # another page of it
BULK_DEED_BLOCK = "deed"
BULK_DEED = "deed.choice"
TICKS_BLOCK = "ticks"
TICKS = "ticks.choice"

EXPORT = "export.menu"  # a menu under a list; its options carry `csv:run:7`, or `csv:queue:` and it as it is typed

PICKER_FORM = "hunt.picker_form"  # callback id of the modal
OPEN_PICKER = "hunt.open_picker"  # a button, where Slack did not open the modal
PICKED_HUNT = "picked.hunt"  # each field of it stands in a block of its own name
PICKED_WINDOW = "picked.window"
PICKED_SEVERITY = "picked.severity"
PICKED_ACCOUNT = "picked.account"
PICKED_PRINCIPAL = "picked.principal"
PICKED_CHANNEL = "picked.channel"

# Shortcuts, by callback id: they stand in the app's manifest.
TRIAGE_SHORTCUT = "huntbot_triage"  # on a message
HUNT_SHORTCUT = "huntbot_hunt"  # anywhere
