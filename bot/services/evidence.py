"""Evidence: the raw event behind a finding, asked of the logs when somebody wants to see it."""

from bot.domain.finding import Finding
from bot.domain.hunt import Hunt
from bot.domain.raw_event import NoRawEvent, RawEvent, query_for, read_event
from bot.errors import LogSearchError
from bot.ports.search import LogSearch


class EvidenceService:
    """Only reads, and never keeps what it read."""

    def __init__(self, logs: LogSearch) -> None:
        self._logs = logs

    async def raw_event(self, finding: Finding, hunt: Hunt) -> RawEvent | NoRawEvent:
        """The event of the finding's face, its secrets masked; where there is none to show, why."""
        asked = query_for(hunt, finding.face)
        if asked is None:
            return NoRawEvent("The hunt's rows name no event to look up.")
        try:
            return read_event(await self._logs.query(asked.text, asked.params))
        except LogSearchError as error:
            return NoRawEvent("The logs could not be asked for it.", str(error))
