"""Domain values as Slack messages: pure, within Slack's limits, safe whatever a log says."""
