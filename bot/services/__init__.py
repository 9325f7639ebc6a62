"""The use cases: run a hunt, triage a finding, write a digest, deliver what is owed to Slack."""
