"""Block Kit as Slack checks it: tables of what may stand where, and one small checker."""

from local.slack.blockkit.ids import with_ids
from local.slack.blockkit.rules import Problem
from local.slack.blockkit.surfaces import check_message_blocks, check_view

__all__ = ["Problem", "check_message_blocks", "check_view", "with_ids"]
