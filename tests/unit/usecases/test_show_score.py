"""A published score: always the last whole month, never fewer answers than the survey allows, nothing about anything else."""

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from hearback.domain.calendar import Period
from hearback.domain.errors import NotFound, Unavailable
from hearback.domain.scoring.latest import Latest
from hearback.domain.scoring.report import Span
from hearback.usecases.show_score import NoScore, PublishedScore, ShowScore
from tests.builders import a_survey_body
from tests.fakes import FixedClock, MemoryBlobs, MemoryConfigs

ROOT = "reports/survey=support"
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def a_score_report(start: date = OCTOBER, **score: Any) -> dict[str, Any]:
    """The parts of report.json that a published score shows."""
    interval = {"low": 71.04, "high": 78.63, "level": 0.95, "method": "wilson"}
    return {
        "survey": "support",
        "name": "Support",
        "metric": "csat",
        "scale": {"min": 1, "max": 5, "direction": "high_is_good"},
        "benchmark": 4,
        "period": {"kind": "month", "start": start.isoformat(), "end": f"{start:%Y-%m}-28", "timezone": "Europe/Berlin"},
        "complete": True,
        "formula": "CSAT = 100 * answers at or above the benchmark 4 / all valid answers.",
        "score": {"value": 75.0, "n": 500, "interval": interval, "target": 75.0, "verdict": "not_proven", "answers_needed": 12, **score},
        "mean": 4.1,
        "segments": [{"by": "agent", "name": "Kim"}],
        "minimum_group": 5,
    }


@dataclass
class World:
    """A survey and its reports; the clock stands in November."""

    configs: MemoryConfigs = field(default_factory=MemoryConfigs)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    clock: FixedClock = field(default_factory=lambda: FixedClock(datetime(2026, 11, 21, 12, tzinfo=UTC)))

    def publish(self, **overrides: Any) -> "World":
        self.configs.put("surveys", "support", a_survey_body(**{"published": True, **overrides}))
        return self

    def month(self, start: date = OCTOBER, *, complete: bool = True, **score: Any) -> "World":
        body = json.dumps(a_score_report(start, **score)).encode()
        self.blobs.put(self.key(start), body, "application/json")
        latest = Latest("support", self.blobs.get(f"{ROOT}/latest.json"))
        latest.add(Span(Period.MONTH, start, complete), {"report.json": (self.key(start), body)})
        self.blobs.put(f"{ROOT}/latest.json", latest.to_bytes(), "application/json")
        return self

    def key(self, start: date) -> str:
        return f"{ROOT}/period=month/{start.isoformat()}/report.json"

    def show(self, survey: str = "support") -> PublishedScore | NoScore:
        return ShowScore(self.configs, self.blobs, self.clock)(survey)


def test_a_published_score_is_the_whole_months_and_says_how_sure_it_is() -> None:
    found = World().publish().month().show()
    assert isinstance(found, PublishedScore)
    assert (found.score["value"], found.score["n"], found.score["verdict"]) == (75.0, 500, "not_proven")
    assert (found.period["kind"], found.period["start"]) == ("month", "2026-10-01")
    assert found.formula.startswith("CSAT = ")


def test_nothing_is_shown_beside_the_score_itself() -> None:
    found = World().publish().month().show()
    assert isinstance(found, PublishedScore)
    assert found.plain().keys() == {"survey", "name", "metric", "scale", "benchmark", "period", "score", "formula"}
    assert found.plain()["score"].keys() == {"value", "n", "interval", "target", "verdict"}


def test_a_running_month_is_not_shown_however_good_it_looks() -> None:
    found = World().publish().month().month(NOVEMBER, complete=False, value=100.0).show()
    assert isinstance(found, PublishedScore)
    assert found.period["start"] == "2026-10-01"


def test_a_newer_month_without_answers_is_not_hidden_behind_an_older_one() -> None:
    world = World().publish().month(date(2026, 9, 1)).month(OCTOBER, n=0, value=None, interval=None)
    assert world.show() == NoScore("support", "Support")


@pytest.mark.parametrize(("n", "shown"), [(4, False), (5, True), (6, True)])
def test_fewer_answers_than_the_smallest_group_are_no_score(n: int, shown: bool) -> None:
    assert isinstance(World().publish().month(n=n).show(), PublishedScore) == shown


def test_a_group_that_the_survey_makes_larger_counts_at_once() -> None:
    assert isinstance(World().publish(minimum_group=20).month(n=19).show(), NoScore)
    assert isinstance(World().publish(minimum_group=2).month(n=3).show(), NoScore), "what the report was made with holds as well"


def test_before_the_first_whole_month_there_is_no_score() -> None:
    assert isinstance(World().publish().show(), NoScore)
    assert isinstance(World().publish().month(NOVEMBER, complete=False).show(), NoScore)


@pytest.mark.parametrize("survey", ["support", "nobody", "", "../support", "Support", "x" * 41])
def test_a_survey_that_is_not_published_looks_like_one_that_does_not_exist(survey: str) -> None:
    world = World().publish(published=False).month()
    with pytest.raises(NotFound) as refused:
        world.show(survey)
    assert (refused.value.code, refused.value.message) == ("unknown_score", "there is no such score")


def test_a_report_whose_bytes_are_not_the_ones_named_is_not_shown() -> None:
    world = World().publish().month()
    world.blobs.put(world.key(OCTOBER), json.dumps(a_score_report(value=99.0)).encode(), "application/json")
    with pytest.raises(Unavailable):
        world.show()


def test_a_report_replaced_between_the_two_reads_is_read_again() -> None:
    world = World().publish().month()
    before = world.blobs.get(f"{ROOT}/latest.json")
    assert before is not None
    world.month(value=80.0)
    after = world.blobs.get(f"{ROOT}/latest.json")
    assert after is not None

    class Overtaken(MemoryBlobs):
        def __init__(self) -> None:
            super().__init__()
            self.pointers = [before, after]

        def get(self, key: str) -> bytes | None:
            return self.pointers.pop(0) if key.endswith("latest.json") else world.blobs.get(key)

    found = ShowScore(world.configs, Overtaken(), world.clock)("support")
    assert isinstance(found, PublishedScore)
    assert found.score["value"] == 80.0


def test_a_month_that_was_withdrawn_to_be_written_anew_is_not_called_absent() -> None:
    world = World().publish().month()
    world.blobs.put(f"{ROOT}/latest.json", b'{"survey":"support","reports":{},"running":{}}', "application/json")
    with pytest.raises(Unavailable) as refused:
        world.show()
    assert refused.value.retry_after >= 30


def test_an_ended_month_with_days_still_to_count_is_absent_and_not_being_replaced() -> None:
    assert isinstance(World().publish().month(OCTOBER, complete=False).show(), NoScore)
