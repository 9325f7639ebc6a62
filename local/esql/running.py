"""The queries that are running: whoever closes the engine ends them first, and waits until they have ended."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from local.esql.errors import ClosedError, EsqlError, QueryTimeoutError
from local.wanted import Deadline, OverdueError


class Running:
    """Knows the deadlines of the queries that are running."""

    def __init__(self) -> None:
        self._deadlines: list[Deadline] = []
        self._is_closed = False
        self._changed = threading.Condition()

    @contextmanager
    def query(self, deadline: Deadline) -> Iterator[None]:
        """A query runs within this.

        Raises:
            ClosedError: there are to be no queries any more.
            QueryTimeoutError: it was ended by its deadline.
        """
        with self._changed:
            if self._is_closed:
                raise ClosedError
            self._deadlines.append(deadline)
        try:
            yield
        except OverdueError as error:
            raise self._why() from error
        finally:
            with self._changed:
                self._deadlines.remove(deadline)
                self._changed.notify_all()

    def _why(self) -> EsqlError:
        return ClosedError() if self._is_closed else QueryTimeoutError()

    def end(self) -> None:
        """Ends those that are running; from here on no other one begins."""
        with self._changed:
            self._is_closed = True
            for deadline in self._deadlines:
                deadline.cancel()
            self._changed.wait_for(lambda: not self._deadlines)
