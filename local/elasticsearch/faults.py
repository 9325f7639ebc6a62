"""Switches that make the embedded Elasticsearch misbehave, for tests and demonstrations."""

from __future__ import annotations

from dataclasses import dataclass

from local.elasticsearch.exchange import RestError


@dataclass(slots=True)
class Faults:
    """All off by default; may be changed while the application runs.

    `is_unreachable`: no answer at all, as when nothing listens. `is_unavailable`: 503. `delay_s`: how much
    later every answer comes.
    """

    is_unreachable: bool = False
    is_unavailable: bool = False
    delay_s: float = 0.0


UNAVAILABLE = RestError(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/2/no master];")
