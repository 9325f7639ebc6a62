"""What hunts ask of the logs, and the clock that everybody is handed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from bot.domain.rows import Rows

Clock = Callable[[], datetime]  # aware, in UTC


Param = str | int | float | bool | None


class LogSearch(Protocol):
    """Where the logs are: runs ES|QL."""

    async def query(self, text: str, params: Mapping[str, Param]) -> Rows:
        """Run a query with named parameters, values always bound.

        Raises:
            LogSearchError: unavailable, denied or rejected.
        """
        ...
