"""Numbers for Prometheus: what this process counted, and how it is at the moment somebody asks.

Names follow https://prometheus.io/docs/practices/naming. Counters are this process's own: sum them over replicas.
What is read from the store is the same in every replica: take the maximum.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from bot.domain.intent import Backlog
from bot.domain.run import Receipt, RunOutcome, RunState

__all__ = ["CONTENT_TYPE_LATEST", "Meter", "Reading", "exposition"]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the process is; None where it is not known or does not apply. Seconds throughout.

    `backlog` is None where the store did not answer; `oldest_s` is how long the oldest message waits.
    """

    tick_age_s: float
    loop_lag_s: float
    backlog: Backlog | None = None
    oldest_s: float = 0.0
    envelope_age_s: float | None = None
    is_connected: bool | None = None


class Meter:
    """What this process counted since it started, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._runs = self._counter("runs", "Runs that ended here, by outcome", "outcome")
        self._hits = self._counter("hits", "Hits of complete and incomplete runs, by what became of them", "kind")
        self._findings = self._counter("findings", "Findings that runs returned, by novelty", "novelty")
        self._presses = self._counter("presses", "Presses of responders, by outcome", "outcome")
        self._posts = self._counter("posts", "Calls that show something, by what and outcome", "call", "outcome")

    def run_done(self, outcome: RunOutcome) -> None:
        self._runs.labels(RunState.DONE.value).inc()
        receipt = outcome.run.receipt or Receipt(0, 0, 0)
        for kind in ("new", "known", "suppressed", "filtered"):
            self._hits.labels(kind).inc(getattr(receipt, kind))
        for novelty, count in outcome.count().items():
            self._findings.labels(novelty.value).inc(count)

    def run_failed(self) -> None:
        self._runs.labels(RunState.FAILED.value).inc()

    def press(self, *, won: bool) -> None:
        self._presses.labels("won" if won else "refused").inc()

    def post(self, call: str, fault: Exception | None = None) -> None:
        """One call to Slack or to an escalation target; `fault` is what came back instead of an answer."""
        self._posts.labels(call, type(fault).__name__ if fault else "ok").inc()

    def _counter(self, name: str, says: str, *labels: str) -> Counter:
        return Counter(f"huntbot_{name}", says, labels, registry=self.registry)


def exposition(meter: Meter, reading: Reading) -> bytes:
    """Prometheus's text format; what is not known is left out."""
    now = CollectorRegistry()
    now.register(_Gauges(reading))
    return generate_latest(meter.registry) + generate_latest(now)


class _Gauges:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def collect(self) -> Iterator[Metric]:
        reading, backlog = self._reading, self._reading.backlog
        yield _gauge("store_up", "Whether the store answers", backlog is not None)
        yield _gauge("tick_age_seconds", "Since the clock's last tick", reading.tick_age_s)
        yield _gauge("loop_lag_seconds", "The longest wait for the event loop in the last minute", reading.loop_lag_s)
        if reading.envelope_age_s is not None:
            yield _gauge("envelope_age_seconds", "Since Slack was last heard", reading.envelope_age_s)
        if reading.is_connected is not None:
            yield _gauge("slack_connected", "Whether a Socket Mode connection is up", reading.is_connected)
        if backlog is not None:
            yield _gauge("outbox_waiting", "Messages that wait to go out", backlog.waiting)
            yield _gauge("outbox_oldest_seconds", "How long the oldest of them waits", reading.oldest_s)
            yield _gauge("outbox_given_up", "Messages that can not stand any more", backlog.broken)
            yield _gauge("routes_broken", "Channels and targets that take nothing", len(backlog.routes))


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(f"huntbot_{name}", says, value=float(value))
