"""Every id that Slack hands back when somebody presses, chooses or submits."""

ACKNOWLEDGE = "finding.acknowledge"
ESCALATE = "finding.escalate"
DETAILS = "finding.details"  # opens everything about a finding
MORE = "finding.more"  # the overflow menu of a finding
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

PICK_HUNT = "hunt.pick"  # the picker that a bare `/hunt` shows

# What the overflow menu offers: the word before the colon of an option's value (`resolve:42`).
CHOOSE_RESOLVE = "resolve"
CHOOSE_SNOOZE = "snooze"
CHOOSE_REOPEN = "reopen"
CHOOSE_SHOW = "show"
