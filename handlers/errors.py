"""Where errors end: nothing leaves a listener, and a person who waits is told.

An exception within about ten milliseconds of `await ack()` makes Bolt 1.30 lose the acknowledgement: listeners never
raise. What failed before its `ack()` stays unacknowledged, and Slack tells the person itself.
"""

import logging
from collections.abc import Awaitable, Callable

from slack_bolt.kwargs_injection.async_args import AsyncArgs

from bot.errors import HuntbotError, StoreError

log = logging.getLogger(__name__)

Listener = Callable[[AsyncArgs], Awaitable[None]]
Tell = Callable[[str], Awaitable[None]]

UNEXPECTED = (
    "That went wrong in a way huntbot does not know, and nothing was changed. Try again; "
    "where that does not help, tell whoever runs huntbot: its log says more."
)


def guarded(listener: Listener) -> Listener:
    """The listener, raising nothing."""

    async def listen(args: AsyncArgs) -> None:
        try:
            await listener(args)
        except StoreError as error:
            log.warning("Not stored, so not acknowledged: %s", error)
        except Exception:
            log.exception("A listener failed")

    return listen


async def fails_unforeseen(work: Awaitable[object]) -> bool:
    """Whether the work failed in a way that nobody foresaw. What huntbot knows goes on to the caller."""
    try:
        await work
    except HuntbotError:
        raise
    except Exception:
        log.exception("Work in the background failed")
        return True
    return False


async def told(work: Awaitable[None], tell: Tell) -> None:
    """Work that a person waits for: where it fails, they are told why."""
    try:
        await work
    except HuntbotError as error:
        await tell(str(error))
    except Exception:
        log.exception("Work that a person waits for failed")
        await tell(UNEXPECTED)
