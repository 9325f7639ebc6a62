"""Every template that huntbot can emit, by name: messages, private answers, modals, Home tabs, full of given strings.

One that is drawn by a new function of `bot/blocks` belongs here: a test names what no template has called.
"""

from collections.abc import Mapping

from tests.unit.blocks.emitted import Template
from tests.unit.blocks.template_answers import (
    bulk_forms,
    details_views,
    fixed,
    forms,
    homes,
    hunt_lists,
    pickers,
    queues,
    shown,
    statuses,
    suppressions,
    too_late,
)
from tests.unit.blocks.template_messages import (
    bulk_answers,
    cards,
    digests,
    escalations,
    exports,
    notes,
    pivot_replies,
    proofs,
    routes,
    runs,
)

TEMPLATES: Mapping[str, Template] = {
    "a finding's card": cards,
    "the proof of a button": proofs,
    "a line of history": notes,
    "a run's answer": runs,
    "a pivot's answer": pivot_replies,
    "an escalation": escalations,
    "a broken route": routes,
    "a digest": digests,
    "what became of many findings": bulk_answers,
    "no file": exports,
    "a finding in full": shown,
    "a queue": queues,
    "the status": statuses,
    "the suppressions": suppressions,
    "the list of hunts": hunt_lists,
    "too late": too_late,
    "the details": details_views,
    "the forms": forms,
    "the forms for many findings": bulk_forms,
    "the picker": pickers,
    "the home tab": homes,
    "what holds no string but ours": fixed,
}
ELSEWHERE: Mapping[str, str] = {
    "bot.blocks.proof.is_answered": "asks whether a button is gone",
    "bot.blocks.bulk.deed_of": "reads what a form was filled in with",
    "bot.blocks.chart.is_chart": "asks whether a chart was refused",
    "bot.blocks.refusal.under_field": "under the field of a form, where nothing is parsed",
    "bot.blocks.facts.of_finding": "for the people on call, beside Slack",
    "bot.blocks.summary.filled": "for programs",
    "bot.blocks.summary.say": "for the people on call, beside Slack",
}
