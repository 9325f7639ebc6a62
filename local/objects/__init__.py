"""Logs in a bucket of S3 or of a server that speaks its protocol: what lies there, and the bytes of it."""
