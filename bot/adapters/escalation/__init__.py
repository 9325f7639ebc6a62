"""Escalation: who is called beside the channels of Slack. `apprise` is an extra and imported by who needs it."""

from bot.adapters.escalation.addresses import Reach, guarded_connector, is_forbidden
from bot.adapters.escalation.http import TIMEOUT
from bot.adapters.escalation.pagerduty import PagerDuty
from bot.adapters.escalation.webhook import Webhook

__all__ = ["TIMEOUT", "PagerDuty", "Reach", "Webhook", "guarded_connector", "is_forbidden"]
