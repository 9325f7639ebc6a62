"""What a CloudTrail record is once its JSON has been decoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
Record: TypeAlias = dict[str, Json]

NO_CALL_OF_AWS = "aws:"
"""How the eventSource of S3 notifications and the like begins, which come in the form of a log."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What Elasticsearch holds of a record: nothing has to be mapped any more.

    `document`: dotted names of the index's fields -> values, dates in milliseconds since the epoch.
    """

    document: dict[str, Json]
