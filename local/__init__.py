"""The two stand-ins: an embedded Elasticsearch and a local Slack workspace, for the demo, the tests and archives."""
