"""The workspace's page in the browser: server-side templates, one a block type, live by server-sent events."""
