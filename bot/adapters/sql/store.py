"""The store, opened: locked, migrated, and taken apart again at the end."""

from types import TracebackType
from typing import Self

from bot.ports import Findings, Outbox, Runs


class SqlStore:
    """`async with await SqlStore.open(url) as store`: `store.findings`, `store.runs`, `store.outbox`."""

    findings: Findings
    runs: Runs
    outbox: Outbox

    @classmethod
    async def open(cls, url: str, *, is_read_only: bool = False) -> Self:
        """Open `sqlite:///PATH` (folders are made), locked for this process and migrated to the newest schema.

        Read only takes no lock and migrates nothing, so that a terminal can look while the bot runs; where the
        file is missing an empty store stands in.

        Raises:
            StoreLocked: another process holds the file; says which.
            StoreError: the URL or the file can not be used.
        """
        raise NotImplementedError

    async def aclose(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
