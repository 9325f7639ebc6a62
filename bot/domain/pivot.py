"""A pivot: a question that a hunt's author put beside it, to be asked of the logs around one finding."""

from dataclasses import dataclass
from datetime import timedelta

DEFAULT_REACH = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Pivot:
    """An ES|QL query whose named parameters are the finding's columns; `?_tstart` and `?_tend` bound its time.

    It looks from `before` ahead of the event on, up to `after` behind it.
    """

    name: str
    query: str
    before: timedelta = DEFAULT_REACH
    after: timedelta = DEFAULT_REACH
