"""Whatever Apprise reaches (Opsgenie, Jira, mail, Teams, ...): the EscalationTarget port, an extra of its own.

Apprise has no idempotency key: a call whose outcome is unknown may arrive twice, and never not at all.
Source: https://appriseit.com/library/ (Apprise.notify, AppriseAsset).
"""

import asyncio
import logging
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial

from apprise import Apprise, AppriseAsset, AppriseResult, AppriseResultStatus, NotifyFormat, NotifyType
from apprise.utils.parse import parse_urls

from bot.adapters.escalation import words
from bot.adapters.escalation.http import refusal
from bot.domain.escalation import Phase, TargetName
from bot.domain.intent import Mark
from bot.domain.message import EscalationCall
from bot.errors import OutcomeUnknown, WorkspaceError, WorkspaceUnavailable

TIMEOUT_S = 12.0  # delivery keeps so much of a lease for one call; each service has shorter ones for its sockets

_TYPES = {
    Phase.TRIGGER: NotifyType.FAILURE,
    Phase.ACKNOWLEDGE: NotifyType.INFO,
    Phase.RESOLVE: NotifyType.SUCCESS,
}
# How its services write an HTTP status into their log, which is the only place where they tell it.
_STATUS = re.compile(r"\berror=([345]\d\d)\b")
# Many services find Markdown, tags and mentions even in plain text, and each escapes them otherwise or not at all.
# Look-alikes read the same everywhere; who needs a value to the letter finds it behind the link.
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›", "[": "［", "]": "］", "*": "∗", "`": "ˋ", "~": "∼"})
_EDGES = re.compile(r"(?<![^\W_])[_@]|_(?![^\W_])")
_AT_EDGES = {"_": "＿", "@": "＠"}


class AppriseService:
    """One service behind one Apprise URL; `name` tells it from the others of the settings."""

    def __init__(self, name: TargetName, service: Apprise, timeout_s: float = TIMEOUT_S) -> None:
        self._name = name
        self._service = service
        self._timeout_s = timeout_s
        self._is_busy = False  # a thread is at work, perhaps on a call that nobody waits for any more

    @property
    def name(self) -> TargetName:
        return self._name

    async def call(self, call: EscalationCall, phase: Phase, mark: Mark) -> None:
        """Raises WorkspaceError, as the port says."""
        del mark  # there is nowhere to put it
        if self._is_busy:
            raise WorkspaceUnavailable("busy_with_an_earlier_call", peer=self._name)
        work = partial(
            self._service.notify,
            title=words.title(call, phase),
            body=_disarmed(words.page(call, phase)),
            body_format=NotifyFormat.TEXT,
            notify_type=_TYPES[phase],
        )
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await self._in_thread(work)
        except TimeoutError as late:
            raise OutcomeUnknown("timeout", peer=self._name) from late
        if result.status is not AppriseResultStatus.SUCCESS:
            raise self._refusal(result)

    async def _in_thread(self, work: Callable[[], AppriseResult]) -> AppriseResult:
        """Off the loop, in a thread of its own that may hang: no pool runs full, and no exit waits for it."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[AppriseResult] = loop.create_future()

        def settle(result: AppriseResult | Exception) -> None:
            self._is_busy = False
            if done.done():  # nobody waits any more
                return
            if isinstance(result, Exception):
                done.set_exception(result)
            else:
                done.set_result(result)

        def run() -> None:
            result: AppriseResult | Exception
            try:
                result = work()
            except Exception as raised:  # noqa: BLE001 - a plugin may raise anything; it is raised where it is awaited
                result = raised
            with suppress(RuntimeError):  # the loop is closed: the process ends
                loop.call_soon_threadsafe(settle, result)

        self._is_busy = True
        threading.Thread(target=run, name=self._name, daemon=True).start()
        return await done

    def _refusal(self, result: AppriseResult) -> WorkspaceError:
        """What a failure means, as far as Apprise tells; most that has no status was a connection that failed."""
        said = [int(found[1]) for entry in result.logs() if (found := _STATUS.search(entry.message))]
        if said:
            return refusal(self._name, said[-1])
        if result.status is AppriseResultStatus.TIMEOUT:
            return OutcomeUnknown("timeout", peer=self._name)
        return WorkspaceUnavailable("not_taken", peer=self._name)


def read_services(urls: str, timeout_s: float = TIMEOUT_S) -> Sequence[AppriseService]:
    """A target for each URL, named by its scheme; what one of them does is nothing to the others.

    Raises:
        ValueError: one of them is none that Apprise understands; the text says which by its place, never by itself,
            for it holds secrets.
    """
    named = Counter[str]()
    found = []
    each: Sequence[str] = parse_urls(urls) or [urls]  # type: ignore[no-untyped-call]
    for place, url in enumerate(each, start=1):
        service = Apprise(asset=_asset())
        with _silence():
            is_understood = service.add(url)
        if not is_understood:
            raise ValueError(f"number {place} is no URL that Apprise understands: https://appriseit.com/services/")
        scheme = url.partition("://")[0].lower()
        named[scheme] += 1
        ordinal = f"-{named[scheme]}" if named[scheme] > 1 else ""
        found.append(AppriseService(TargetName(f"apprise-{scheme}{ordinal}"), service, timeout_s))
    return found


def _asset() -> AppriseAsset:
    """Plain, in our thread, and with nothing left on the disk; delivery does the trying again."""
    return AppriseAsset(
        app_id="huntbot",
        app_desc="huntbot",
        async_mode=False,
        service_timeout=0,
        storage_mode="memory",
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        allow_templates=False,
    )


@contextmanager
def _silence() -> Iterator[None]:
    """Apprise logs a URL that it does not understand."""
    log = logging.getLogger("apprise")
    was, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = was


def _disarmed(text: str) -> str:
    """Text in which no service finds a style, a link behind words, a tag or a mention."""
    return _EDGES.sub(lambda mark: _AT_EDGES[mark[0]], text.translate(_LOOK_ALIKES))
