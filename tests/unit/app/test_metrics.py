"""Numbers for Prometheus: counted here, read then, and what is not known left out."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from app.metrics import Meter, Reading, exposition
from bot.domain.intent import Backlog, RouteStatus
from bot.domain.responder import ChannelId
from bot.domain.run import Novelty, Receipt, Run, RunId, RunOutcome, RunState
from bot.errors import RateLimited
from tests.examples import asked
from tests.stand_ins import START

READING = Reading(tick_age_s=3.5, loop_lag_s=0.25)


def numbers(meter: Meter, reading: Reading = READING) -> Mapping[str, float]:
    """As Prometheus reads them: `name{label}` to value."""
    families = text_string_to_metric_families(exposition(meter, reading).decode())
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
        if not sample.name.endswith("_created")
    }


def test_a_store_that_does_not_answer_is_said_and_what_it_would_say_is_left_out() -> None:
    assert numbers(Meter()) == {
        "huntbot_store_up": 0,
        "huntbot_tick_age_seconds": 3.5,
        "huntbot_loop_lag_seconds": 0.25,
    }


def test_a_backlog_is_told_with_its_age_and_its_broken_routes() -> None:
    route = RouteStatus(ChannelId("C1"), "is_archived", START, START + timedelta(minutes=5), 3)
    backlog = Backlog(waiting=12, broken=2, since=START, routes=(route,))
    told = numbers(Meter(), Reading(0, 0, backlog, oldest_s=75, envelope_age_s=9, is_connected=True))
    assert told["huntbot_store_up"] == 1
    assert told["huntbot_outbox_waiting"] == 12
    assert told["huntbot_outbox_oldest_seconds"] == 75
    assert told["huntbot_outbox_given_up"] == 2
    assert told["huntbot_routes_broken"] == 1
    assert told["huntbot_envelope_age_seconds"] == 9
    assert told["huntbot_slack_connected"] == 1


def test_what_happened_is_counted_by_its_outcome() -> None:
    meter = Meter()
    receipt = Receipt(hits=9, new=3, known=2, suppressed=4)
    run = Run(RunId(1), asked(), RunState.DONE, receipt=receipt)
    meter.run_done(RunOutcome(run, ()))
    meter.run_failed()
    meter.press(won=True)
    meter.press(won=False)
    meter.press(won=False)
    meter.post("post")
    meter.post("redraw", RateLimited("ratelimited"))
    told = numbers(meter)
    assert told["huntbot_runs_total done"] == 1
    assert told["huntbot_runs_total failed"] == 1
    assert [told[f"huntbot_hits_total {kind}"] for kind in ("new", "known", "suppressed", "filtered")] == [3, 2, 4, 0]
    assert told[f"huntbot_findings_total {Novelty.NEW.value}"] == 0
    assert told["huntbot_presses_total won"] == 1
    assert told["huntbot_presses_total refused"] == 2
    assert told["huntbot_posts_total post ok"] == 1
    assert told["huntbot_posts_total redraw RateLimited"] == 1


def test_two_meters_share_nothing() -> None:
    one, other = Meter(), Meter()
    one.press(won=True)
    assert "huntbot_presses_total won" not in numbers(other)


def test_every_number_is_explained() -> None:
    page = (Path(__file__).parents[3] / "docs" / "operations.md").read_text(encoding="utf-8")
    told = exposition(Meter(), Reading(0, 0, Backlog(0, 0), envelope_age_s=0, is_connected=True)).decode()
    names = {line.split()[2] for line in told.splitlines() if line.startswith("# TYPE")}
    assert {name for name in names if f"| `{name}` |" not in page} == set()
    assert len(names) == 14
