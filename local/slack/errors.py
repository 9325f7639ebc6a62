"""What the workspace refuses, in Slack's own words."""

from typing import Any


class SlackError(Exception):
    """A Web API refusal: ``code`` is Slack's error string, ``facts`` join the answer's JSON."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


class UndeliveredError(Exception):
    """The app did not take a payload: ``code`` is what Slack shows the person.

    ``dispatch_failed`` (nobody there), ``operation_timeout`` (no acknowledgement in time),
    ``dispatch_unknown_error`` (the app answered with an HTTP error).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NoSuchElementError(LookupError):
    """A person acted on something that is not on the screen; a test or page is out of date."""
