"""The night: days counted from the ledger, reports rebuilt above them, and nothing named that is not complete."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.reports.csv_report import CsvReport
from hearback.adapters.reports.json_report import JsonReport
from hearback.domain.answer import Answer
from hearback.domain.calendar import day_of, stamp
from hearback.domain.errors import Invalid, NotFound, Unavailable
from hearback.domain.scoring.digest import canonical
from hearback.domain.story import State
from hearback.domain.survey import Survey
from hearback.ports import ImportedAnswer, ReportWriter
from hearback.usecases.score_nights import NightOutcome, ScoreNights
from tests.builders import NOW, a_story, a_survey_body
from tests.fakes import FixedClock, MemoryBlobs, MemoryConfigs, MemoryNights, MemoryStories

NIGHT = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
"""A Tuesday, half past three in Berlin: Monday the 9th is the last day that has ended."""

COMMENTS = ("", "slow and rude", "fine, thanks", "slow")

LATEST = "reports/survey=support/latest.json"


class Crash(BaseException):
    """The process dies here."""


def spaced(text: str) -> list[str]:
    return text.split()


class PlainPage:
    """Stands in for report.html, whose charts take their time."""

    name = "report.html"
    content_type = "text/html; charset=utf-8"

    def write(self, report: Mapping[str, Any]) -> bytes:
        return canonical(report)


QUICK: tuple[ReportWriter, ...] = (JsonReport(), CsvReport(), PlainPage())


@dataclass
class Watched:
    """A port that may die before its nth call, and that notes what is written."""

    world: "World"
    port: Any

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            self.world.calls += 1
            if self.world.calls == self.world.dies_before:
                raise Crash
            result = method(*args, **kwargs)
            if name == "put":
                self.world.after_put()
            return result

        return call


@dataclass
class World:
    dies_before: int = 0
    calls: int = 0
    surveys: tuple[str, ...] = ("support",)
    after_put: Callable[[], None] = field(default=lambda: None)
    writers: Sequence[ReportWriter] = QUICK

    def __post_init__(self) -> None:
        self.configs, self.stories, self.nights = MemoryConfigs(), MemoryStories(), MemoryNights()
        self.blobs, self.clock = MemoryBlobs(), FixedClock(NIGHT)
        for each in self.surveys:
            self.define(each)

    def define(self, survey: str = "support", **overrides: Any) -> None:
        self.configs.put("surveys", survey, a_survey_body(**overrides))

    def survey(self, survey: str = "support") -> Survey:
        item = self.configs.get("surveys", survey)
        assert item is not None
        return Survey.from_plain(survey, item.body)

    def imports(self, day: date, *ratings: int, survey: str = "support", dirty: bool = True, start: int = 0) -> None:
        """Answers on a day; the day is marked as an import marks it."""
        at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        answers = [
            ImportedAnswer(f"{day}-{start + n}", rating, at, COMMENTS[n % 4], {"agent": f"agent-{n % 3}", "tag": ["a", "b"]})
            for n, rating in enumerate(ratings)
        ]
        self.stories.import_answers(self.survey(survey), answers)
        if dirty:
            self.nights.mark_dirty(survey, day, stamp(self.clock.now() - timedelta(hours=1)))

    def night(self, **overrides: Any) -> NightOutcome:
        watched: list[Any] = [Watched(self, port) for port in (self.configs, self.stories, self.nights, self.blobs)]
        configs, stories, nights, blobs = watched
        return ScoreNights(configs, stories, nights, blobs, self.clock, self.writers, words=spaced)(**overrides)

    def report(self, period: str, start: str, survey: str = "support") -> dict[str, Any]:
        body = self.blobs.get(f"reports/survey={survey}/period={period}/{start}/report.json")
        assert body is not None
        report: dict[str, Any] = json.loads(body)
        return report

    def latest(self) -> dict[str, Any]:
        plain: dict[str, Any] = json.loads(self.blobs.get(LATEST) or b"{}")
        return plain

    def check_pointer(self) -> None:
        """Everything that is named is there, has the bytes that are promised, and is complete when it is said to be."""
        latest = self.latest()
        for kind, named in (("reports", True), ("running", False)):
            for entry in latest.get(kind, {}).values():
                for each in entry["files"].values():
                    body = self.blobs.get(each["key"])
                    assert body is not None
                    assert hashlib.sha256(body).hexdigest() == each["sha256"]
                if named:
                    report = json.loads(self.blobs.get(entry["files"]["report.json"]["key"]) or b"{}")
                    assert report["complete"] is True


def a_week(days: int = 11, **overrides: Any) -> World:
    """Answers on every day from Friday the 27th of February to Monday the 9th of March, some with several segments; or on the
    last days of these only.
    """
    world = World(**overrides)
    for n in range(11 - days, 11):
        world.imports(date(2026, 2, 27) + timedelta(days=n), *[5] * (n + 1), 1)
    return world


def test_the_day_that_ended_is_counted_and_reported_for_every_period() -> None:
    world = a_week()
    outcome = world.night()
    assert outcome.days == {"support": [date(2026, 2, 27) + timedelta(days=n) for n in range(11)]}
    assert world.report("day", "2026-03-09")["score"]["n"] == 12
    assert world.report("week", "2026-03-02")["score"]["n"] == sum(range(5, 12))
    assert world.report("month", "2026-02-01")["score"]["n"] == 2 + 3
    assert world.report("quarter", "2026-01-01")["score"]["n"] == sum(range(2, 13))


def test_the_pointer_names_the_newest_ended_period_and_the_running_one_apart() -> None:
    world = a_week()
    world.night()
    latest = world.latest()
    assert {kind: entry["start"] for kind, entry in latest["reports"].items()} == {
        "day": "2026-03-09", "week": "2026-03-02", "month": "2026-02-01"
    }  # fmt: skip
    assert {kind: entry["start"] for kind, entry in latest["running"].items()} == {
        "week": "2026-03-09", "month": "2026-03-01", "quarter": "2026-01-01"
    }  # fmt: skip
    assert set(latest["reports"]["day"]["files"]) == {"report.json", "report.csv", "report.html"}
    world.check_pointer()


def test_a_running_period_says_so() -> None:
    world = a_week()
    world.night()
    assert world.report("month", "2026-03-01")["complete"] is False
    assert world.report("week", "2026-03-02")["complete"] is True


def test_the_running_day_is_never_counted_and_keeps_its_mark() -> None:
    world = World()
    world.imports(date(2026, 3, 10), 5)
    world.night()
    assert world.blobs.get("digests/survey=support/2026-03-10.json") is None
    assert world.nights.dirty_days("support") != []


def test_a_day_is_left_alone_for_the_first_minute_after_it() -> None:
    world = World()
    world.imports(date(2026, 3, 8), 4, dirty=False)
    world.clock.at = datetime(2026, 3, 9, 23, 0, 30, tzinfo=UTC)
    assert world.night().days == {"support": [date(2026, 3, 8)]}
    world.clock.advance(seconds=60)
    assert world.night().days == {"support": [date(2026, 3, 9)]}


def test_a_second_run_of_the_same_night_writes_nothing() -> None:
    world = a_week()
    world.night()
    before = dict(world.blobs.kept)
    assert world.night().written == 0
    for day in [date(2026, 2, 27) + timedelta(days=n) for n in range(11)]:
        world.nights.mark_dirty("support", day, "2027")
    assert world.night().written == 0
    assert world.blobs.kept == before


def test_nights_that_were_missed_are_caught_up() -> None:
    world = World()
    world.imports(date(2026, 3, 9), 4, dirty=False)
    world.night()
    world.imports(date(2026, 3, 12), 5, 5, dirty=False)
    world.clock.advance(days=5)
    assert world.night().days == {"support": [date(2026, 3, day) for day in range(10, 15)]}
    assert world.report("week", "2026-03-09")["score"]["n"] == 3
    assert world.nights.scored_until("support") == date(2026, 3, 14)


def test_a_clock_that_was_set_back_does_not_take_back_what_was_scored() -> None:
    world = World()
    world.imports(date(2026, 3, 1), 5)
    world.night()
    world.imports(date(2026, 3, 1), 5, start=1)
    world.clock.advance(days=-5)
    assert world.night().days == {"support": [date(2026, 3, 1)]}
    assert world.nights.scored_until("support") == date(2026, 3, 9)


def test_a_late_answer_changes_its_day_and_every_period_above_it() -> None:
    world = a_week()
    world.night()
    world.imports(date(2026, 2, 27), 1, 1, start=100)
    world.clock.advance(days=1)
    assert world.night().days == {"support": [date(2026, 2, 27), date(2026, 3, 10)]}
    assert world.report("day", "2026-02-27")["score"]["n"] == 4
    assert world.report("week", "2026-02-23")["score"]["n"] == 4 + 3 + 4
    assert world.report("month", "2026-02-01")["score"]["n"] == 7
    assert world.report("quarter", "2026-01-01")["score"]["n"] == sum(range(2, 13)) + 2
    assert world.nights.dirty_days("support") == []
    world.check_pointer()


def test_a_late_answer_shows_in_every_later_report_that_looks_back_at_its_day_and_in_no_other() -> None:
    """Day reports look back 27 days, weeks 11 weeks, months two months, quarters one quarter."""
    world = World(writers=(JsonReport(),))
    world.clock.at = datetime(2026, 7, 2, 2, 30, tzinfo=UTC)
    for month, day in [(1, 5), (1, 20), (1, 31), (2, 1), (2, 2), (3, 20), (3, 29), (4, 3), (6, 30), (5, 1)]:
        world.imports(date(2026, month, day), 5, 4)
    world.night()
    before = dict(world.blobs.kept)
    world.imports(date(2026, 1, 5), 1, start=50)
    world.night()
    changed = {key for key, kept in world.blobs.kept.items() if before.get(key) != kept and "period=" in key}
    assert {tuple(key.split("/")[2:4]) for key in changed} == {
        ("period=day", "2026-01-05"), ("period=day", "2026-01-20"), ("period=day", "2026-01-31"), ("period=day", "2026-02-01"),
        ("period=week", "2026-01-05"), ("period=week", "2026-01-19"), ("period=week", "2026-01-26"), ("period=week", "2026-02-02"),
        ("period=week", "2026-03-16"), ("period=week", "2026-03-23"),
        ("period=month", "2026-01-01"), ("period=month", "2026-02-01"), ("period=month", "2026-03-01"),
        ("period=quarter", "2026-01-01"), ("period=quarter", "2026-04-01"),
    }  # fmt: skip
    assert "reports/survey=support/period=day/2026-01-06/report.json" not in world.blobs.kept


moments = st.datetimes(datetime(2025, 12, 1), datetime(2026, 3, 9))  # noqa: DTZ001 - UTC is added
batches = st.lists(st.lists(st.tuples(moments, st.integers(1, 5), st.sampled_from("abc")), min_size=1, max_size=8), min_size=1, max_size=4)


@settings(deadline=None, max_examples=30)
@given(batches, st.lists(st.integers(0, 30), max_size=3), st.randoms(use_true_random=False))
def test_nights_one_by_one_in_any_order_write_what_one_night_from_nothing_writes(
    found: list[list[tuple[datetime, int, str]]], stops: list[int], rng: Any
) -> None:
    """Answers that come in late, runs that stop for want of time, nights that are repeated and days recounted by hand."""
    world, whole = (World(writers=(JsonReport(),)) for _ in range(2))
    world.clock.at = whole.clock.at = datetime(2026, 4, 10, 3, tzinfo=UTC)
    numbered = [
        (
            number,
            [
                ImportedAnswer(f"{number}-{n}", r, at.replace(tzinfo=UTC), "slow " * r, {"agent": who})
                for n, (at, r, who) in enumerate(batch)
            ],
        )
        for number, batch in enumerate(found)
    ]
    for _, answers in numbered:
        take(whole, answers)
    whole.night()
    rng.shuffle(numbered)
    for number, answers in numbered:
        take(world, answers)
        budget = iter([900.0] * (stops[number] if number < len(stops) else 1000))
        world.night(seconds_left=lambda budget=budget: next(budget, 1.0))
        world.night(survey="support", day=day_of(rng.choice(answers).at, "Europe/Berlin"))
    while world.night().more:
        pass
    assert differing(world, whole) == []


def take(world: World, answers: list[ImportedAnswer]) -> None:
    world.stories.import_answers(world.survey(), answers)
    for each in answers:
        world.nights.mark_dirty("support", day_of(each.at, "Europe/Berlin"), "now")


def differing(one: World, other: World) -> list[str]:
    """Keys, beside the pointer: which of two running reports it names depends on when they were written."""
    keys = (one.blobs.kept.keys() | other.blobs.kept.keys()) - {LATEST}
    return sorted(key for key in keys if one.blobs.kept.get(key) != other.blobs.kept.get(key))


def test_a_mark_made_while_the_day_was_counted_stays() -> None:
    world = a_week()
    world.after_put = lambda: world.nights.mark_dirty("support", date(2026, 3, 1), "9999")
    world.night()
    assert world.nights.dirty_days("support") == [(date(2026, 3, 1), "9999")]


def test_a_fresh_mark_is_counted_and_kept_since_the_index_may_lag_behind_it() -> None:
    world = a_week()
    world.night()
    world.nights.mark_dirty("support", date(2026, 3, 1), stamp(world.clock.now()))
    assert world.night().days == {"support": [date(2026, 3, 1), date(2026, 3, 9)]}
    assert len(world.nights.dirty_days("support")) == 1
    world.clock.advance(minutes=2)
    assert world.night().days == {"support": [date(2026, 3, 1), date(2026, 3, 9)]}
    assert world.nights.dirty_days("support") == []


def test_yesterday_is_counted_by_every_run_also_after_the_clock_was_set_back() -> None:
    world = a_week()
    world.night()
    world.clock.advance(days=-4)
    world.imports(date(2026, 3, 5), 1, start=50, dirty=False)
    assert world.night().days == {"support": [date(2026, 3, 5)]}
    assert world.nights.scored_until("support") == date(2026, 3, 9)


def test_the_first_night_begins_with_the_first_day_that_has_something_in_it() -> None:
    world = World()
    world.imports(date(2026, 3, 5), 5, dirty=False)
    assert world.night().days == {"support": [date(2026, 3, day) for day in (5, 6, 7, 8, 9)]}


def test_a_survey_that_has_asked_and_heard_nothing_yet_has_no_reports() -> None:
    world = World()
    assert world.night().days == {}
    assert world.blobs.kept == {}


def test_a_day_without_answers_after_the_first_one_has_a_report_that_says_so() -> None:
    world = World()
    world.imports(date(2026, 3, 8), 4, dirty=False)
    world.night()
    assert world.report("day", "2026-03-09")["score"]["value"] is None


def test_old_answers_do_not_make_the_night_count_the_years_between() -> None:
    world = World()
    world.imports(date(2023, 8, 1), 5)
    assert world.night().days == {"support": [date(2023, 8, 1)]}
    assert world.report("quarter", "2023-07-01")["complete"] is True


def test_one_surveys_trouble_does_not_stop_the_others() -> None:
    world = World(surveys=("a", "b", "c"))
    world.configs.put("surveys", "b", {"metric": "nonsense"})

    def down(survey: str) -> None:
        if survey == "a":
            raise Unavailable("the table cannot be reached")

    real = world.nights.dirty_days
    world.nights.dirty_days = lambda survey: down(survey) or real(survey)  # type: ignore[method-assign, func-returns-value]
    world.nights.set_scored_until("c", date(2026, 3, 8))
    outcome = world.night()
    assert set(outcome.failures) == {"a", "b"}
    assert outcome.days == {"c": [date(2026, 3, 9)]}


def test_time_that_runs_out_stops_between_days_and_the_next_run_goes_on() -> None:
    whole = a_week()
    whole.night()
    world = a_week()
    runs = 0
    while True:
        left = iter([900.0, 900.0])
        outcome = world.night(seconds_left=lambda left=left: next(left, 1.0))
        world.check_pointer()
        runs += 1
        if not outcome.more:
            break
        assert len(outcome.days["support"]) == 2
    assert runs == 6
    assert world.blobs.kept == whole.blobs.kept
    assert world.nights.dirty_days("support") == []
    assert world.nights.scored_until("support") == date(2026, 3, 9)


def test_a_period_is_not_reported_while_days_of_it_wait_to_be_counted() -> None:
    world = World()
    world.imports(date(2025, 8, 1), 5)
    world.imports(date(2025, 9, 1), 1)
    left = iter([900.0])
    assert world.night(seconds_left=lambda: next(left, 1.0)).more
    assert world.report("month", "2025-08-01")["score"]["n"] == 1
    assert world.blobs.get("reports/survey=support/period=quarter/2025-07-01/report.json") is None
    world.night()
    assert world.report("quarter", "2025-07-01")["score"]["n"] == 2


def test_without_any_time_nothing_is_begun() -> None:
    world = a_week()
    outcome = world.night(seconds_left=lambda: 1.0)
    assert (outcome.more, outcome.days, outcome.written) == (True, {}, 0)


def test_two_runs_do_not_write_one_survey_s_reports_at_once() -> None:
    world = World(surveys=("support", "sales"))
    world.nights.take_turn("support", "another", NIGHT, NIGHT + timedelta(minutes=16))
    outcome = world.night(run="this")
    assert [(survey, getattr(error, "code", "")) for survey, error in outcome.failures.items()] == [("support", "busy")]
    with pytest.raises(Unavailable):
        world.night(survey="support", run="this")
    world.clock.advance(minutes=16)
    assert world.night(run="this").failures == {}, "the other one must have died"


def test_a_turn_ends_with_the_run_however_that_ends_and_a_second_try_takes_over_what_a_death_left() -> None:
    world = a_week(3)
    world.imports(date(2026, 3, 7), 1, 1, start=50)
    with pytest.raises(Invalid):
        world.night(survey="support", day=date(2030, 1, 1), run="one")
    world.nights.take_turn("support", "two", NIGHT, NIGHT + timedelta(minutes=16))  # and then it died
    with pytest.raises(Unavailable):
        world.night(survey="support", run="three")
    assert world.night(survey="support", run="two").days
    assert world.night(survey="support", run="three").failures == {}


def test_a_crash_before_any_call_whatsoever_leaves_a_true_pointer_and_is_made_good() -> None:
    whole = a_week(3)
    whole.night()
    whole.imports(date(2026, 3, 7), 1, 1, start=50)
    whole.calls = 0
    whole.night()
    for point in range(1, whole.calls + 1):
        world = a_week(3)
        world.night()
        world.imports(date(2026, 3, 7), 1, 1, start=50)
        world.calls, world.dies_before = 0, point
        world.after_put = world.check_pointer
        with pytest.raises(Crash):
            world.night()
        world.check_pointer()
        world.night()
        assert world.blobs.kept == whole.blobs.kept
        assert world.nights.dirty_days("support") == []


def test_the_pointer_is_true_after_every_single_write() -> None:
    world = a_week()
    world.after_put = world.check_pointer
    world.night()
    world.imports(date(2026, 3, 9), 1, start=50)
    world.night()


def test_a_changed_target_shows_from_the_next_rebuild_on() -> None:
    world = a_week()
    world.night()
    world.define(target=99.5)
    world.night()
    assert world.report("day", "2026-03-09")["score"]["target"] == 99.5
    world.night(survey="support", day=date(2026, 3, 3))
    assert world.report("day", "2026-03-03")["score"]["target"] == 99.5
    assert world.report("day", "2026-03-02")["score"]["target"] == 75.0


def test_a_day_can_be_recounted_by_hand() -> None:
    world = a_week()
    world.night()
    world.imports(date(2026, 3, 3), 1, start=50, dirty=False)
    assert world.night(survey="support", day=date(2026, 3, 3)).days == {"support": [date(2026, 3, 3)]}
    assert world.report("week", "2026-03-02")["score"]["n"] == sum(range(5, 12)) + 1
    world.check_pointer()


def test_a_recount_by_hand_does_not_pass_off_uncounted_days_as_complete() -> None:
    world = a_week()
    world.night()
    world.clock.advance(days=10)
    world.night(survey="support", day=date(2026, 3, 9))
    assert world.report("week", "2026-03-09")["complete"] is False
    assert world.nights.scored_until("support") == date(2026, 3, 9)
    world.night()
    assert world.report("week", "2026-03-09")["complete"] is True


def test_a_day_that_has_not_ended_or_a_survey_that_does_not_exist_cannot_be_recounted() -> None:
    with pytest.raises(Invalid):
        World().night(survey="support", day=date(2026, 3, 10))
    with pytest.raises(Invalid):
        World().night(day=date(2026, 3, 1))
    with pytest.raises(NotFound):
        World().night(survey="nobody")


@pytest.mark.parametrize(
    ("timezone", "moment", "day"),
    [
        ("Europe/Berlin", "2026-03-28T23:00:00+00:00", "2026-03-29"),
        ("Europe/Berlin", "2026-03-29T21:59:59.999999+00:00", "2026-03-29"),
        ("Europe/Berlin", "2025-10-26T22:59:59.999999+00:00", "2025-10-26"),
        ("America/Sao_Paulo", "2018-11-04T03:00:00+00:00", "2018-11-04"),
        ("Pacific/Apia", "2026-03-01T10:59:59+00:00", "2026-03-01"),
    ],
)
def test_an_answer_is_counted_on_its_local_day_also_when_the_clocks_change(timezone: str, moment: str, day: str) -> None:
    world = World()
    world.define(timezone=timezone)
    at = datetime.fromisoformat(moment)
    world.stories.import_answers(world.survey(), [ImportedAnswer("one", 5, at)])
    world.nights.mark_dirty("support", day_of(at, timezone), "now")
    world.clock.at = at + timedelta(days=3)
    world.night()
    assert world.report("day", day)["score"]["n"] == 1
    assert world.report("day", day)["period"]["timezone"] == timezone


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 20)), max_size=30),  # noqa: DTZ001 - UTC is added
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Kiritimati"]),
)
def test_every_answer_is_in_exactly_one_day_and_the_days_add_up(moments: list[datetime], timezone: str) -> None:
    world = World()
    world.define(timezone=timezone)
    answers = [ImportedAnswer(str(n), n % 5 + 1, at.replace(tzinfo=UTC)) for n, at in enumerate(moments)]
    world.stories.import_answers(world.survey(), answers)
    for each in answers:
        world.nights.mark_dirty("support", day_of(each.at, timezone), "now")
    world.clock.at = datetime(2026, 7, 2, 12, tzinfo=UTC)
    world.night()
    keys = [key for key in world.blobs.keys("reports/survey=support/period=day/") if key.endswith("report.json")]
    assert sum(json.loads(world.blobs.get(key) or b"{}")["score"]["n"] for key in keys) == len(answers)
    found = [world.blobs.get(f"reports/survey=support/period=quarter/2026-0{month}-01/report.json") for month in (1, 4)]
    assert sum(json.loads(body)["score"]["n"] for body in found if body) == len(answers)


def test_answers_of_those_who_were_asked_give_a_response_rate() -> None:
    world = World()
    for n in range(20):
        world.stories.add(a_story(f"event-{n}", state=State.SENT, sent_at=NOW), due=None, asked_day=NOW.date())
    for n in range(5):
        said = Answer(2, {"comment": "slow"})
        world.stories.record_answer(a_story(f"event-{n}").invitation_id, world.survey(), said, at=NOW, channel="web", sinks=())
    world.clock.at = NOW + timedelta(days=1)
    world.night()
    report = world.report("day", "2026-03-02")
    assert (report["score"]["n"], report["comments"], report["counts"]["imported"]) == (5, 5, 0)
    assert (report["counts"]["invited"], report["response_rate"]) == (20, 25.0)
    assert {(each["by"], each["name"]) for each in report["segments"]} >= {("agent", "Grace"), ("tag", "kitchen")}
    coverage = report["coverage"]
    assert [coverage[step] for step in ("eligible", "decided", "sent", "delivered", "answered")] == [20, 20, 20, 0, 5]
    assert [(each["by"], each["name"], each["answered"], each["response_rate"]) for each in coverage["by"]] == [
        ("agent", "Grace", 5, 25.0), ("team", "kitchenware", 5, 25.0), ("channel", "email", 5, 25.0)
    ]  # fmt: skip


PROGRAM = """
import hashlib, sys
sys.path[:0] = sys.argv[1].split(":")
from hearback.adapters.reports import WRITERS
from tests.unit.usecases.test_score_nights import a_week
world = a_week(writers=WRITERS)
world.night()
print(hashlib.sha256(repr(sorted(world.blobs.kept.items())).encode()).hexdigest())
"""


def test_another_process_with_another_hash_seed_writes_the_same_bytes() -> None:
    root = Path(__file__).parents[3]
    paths = f"{root}:{root / 'layers/hearback'}"

    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        command = [sys.executable, "-c", PROGRAM, paths]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True, cwd=root).stdout

    assert run("1") == run("4242")
