"""A day that is too large for one run is counted in parts by a crew, and nobody can tell afterwards."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.reports.json_report import JsonReport
from hearback.domain.calendar import stamp
from hearback.domain.day_parts import day_parts
from hearback.domain.errors import Invalid, NotFound
from hearback.domain.scoring.stored import to_bytes
from hearback.domain.survey import Survey
from hearback.ports import HandOver, ImportedAnswer
from hearback.usecases.count_day import CountDay
from hearback.usecases.count_part import CountPart
from hearback.usecases.digest_day import DigestDay, Parted
from hearback.usecases.score_nights import NightOutcome, ScoreNights
from tests.builders import a_survey_body
from tests.fakes import BlankSplitter, FixedClock, MemoryBlobs, MemoryConfigs, MemoryLake, MemoryNights, MemoryStories, RecordingCrew

NIGHT = datetime(2026, 3, 10, 2, 30, tzinfo=UTC)
DAY = date(2026, 3, 9)
WORDS = ("slow", "kind", "late", "refund", "agent", "never", "again", "thanks")


def some_answers(count: int, day: date = DAY) -> list[ImportedAnswer]:
    """Answers over the whole day, with many kinds of facts and comments."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return [
        ImportedAnswer(
            f"{day}-{n}",
            1 + n * 7 % 5,
            start + timedelta(seconds=n * 80_000 // count),
            comment=" ".join(WORDS[(n + k) % 8] for k in range(n % 4)),
            facts={"agent": f"agent-{n % 9}", "team": f"team-{n % 3}", "tag": ["a", "b"][: n % 3], "order": f"{n}"},
        )
        for n in range(count)
    ]


@dataclass
class World:
    """`large_day` decides who counts; everything else is the same."""

    large_day: int
    seconds: Callable[[], float] = lambda: 900.0
    crew: RecordingCrew = field(default_factory=RecordingCrew)

    def __post_init__(self) -> None:
        self.configs, self.stories, self.nights = MemoryConfigs(), MemoryStories(), MemoryNights()
        self.blobs, self.lake, self.clock = MemoryBlobs(), MemoryLake(), FixedClock(NIGHT)
        self.configs.put("surveys", "support", a_survey_body(segments=["agent", "team", "tag"]))
        self.count = CountDay(self.stories, self.lake, BlankSplitter())

    def answers(self, answers: list[ImportedAnswer]) -> World:
        item = self.configs.get("surveys", "support")
        assert item
        self.stories.import_answers(Survey.from_plain(item.id, item.body), answers)
        for each in answers:
            self.nights.mark_dirty("support", each.at.date(), stamp(self.clock.now() - timedelta(hours=1)))
        return self

    def night(self, **how: Any) -> NightOutcome:
        digest_day = DigestDay(self.count, self.blobs, self.crew, self.large_day)
        score = ScoreNights(self.configs, self.stories, self.nights, self.blobs, self.clock, [JsonReport()], digest_day=digest_day)
        return score(survey="support", seconds_left=self.seconds, **how)

    def counts_parts(self, task: HandOver) -> Parted:
        """What the state machine does, in any order."""
        begun = self.clock.now()
        for part in reversed(task.parts):
            CountPart(self.configs, self.blobs, self.count)(task.survey, task.day, task.run, task.version, part)
        return Parted(task.day, task.run, begun)

    def night_with_crew(self) -> list[NightOutcome]:
        outcomes = [self.night()]
        tasks = deque(self.crew.begun)
        while tasks:
            outcomes.append(self.night(parted=self.counts_parts(tasks.popleft())))
        return outcomes

    def in_lake(self) -> dict[Any, set[str]]:
        return {key: {each.invitation_id for share in shares.values() for each in share} for key, shares in self.lake.kept.items()}

    def kept(self) -> dict[str, bytes]:
        return {key: body for key, (body, _) in self.blobs.kept.items() if not key.startswith("parts/")}


@given(st.integers(1, 60), st.sampled_from(["UTC", "Asia/Kolkata", "America/New_York"]))
@settings(max_examples=15, deadline=None)
def test_a_day_counted_in_parts_gives_the_same_bytes(count: int, timezone: str) -> None:
    at_once, in_parts = World(10**9), World(0)
    for world in (at_once, in_parts):
        world.configs.put("surveys", "support", a_survey_body(segments=["agent", "team", "tag"], timezone=timezone))
        world.answers(some_answers(count))
    at_once.night()
    in_parts.night_with_crew()
    assert in_parts.crew.begun
    assert in_parts.kept() == at_once.kept()
    assert in_parts.nights.dirty_days("support") == at_once.nights.dirty_days("support")
    assert in_parts.nights.scored_until("support") == at_once.nights.scored_until("support") is not None
    assert in_parts.in_lake() == at_once.in_lake()


def test_the_sum_of_the_parts_is_the_digest_also_where_a_table_overflows_only_as_a_whole() -> None:
    world = World(0).answers([ImportedAnswer(f"{n}", 3, NIGHT - timedelta(days=1), facts={"order": f"o{n}"}) for n in range(200)])
    world.night_with_crew()
    item = world.configs.get("surveys", "support")
    assert item
    survey = Survey.from_plain(item.id, item.body)
    digest, _ = CountDay(world.stories, None, BlankSplitter()).whole(survey, DAY)
    assert digest.too_many_values == {"order"}
    assert world.blobs.get(f"digests/survey=support/{DAY}.json") == to_bytes(digest, "support", DAY.isoformat())


def test_a_small_day_is_nobody_elses_business() -> None:
    world = World(1000).answers(some_answers(20))
    outcome = world.night()
    assert world.crew.begun == []
    assert (outcome.days, outcome.handed_over) == ({"support": [DAY]}, {})


def test_a_large_day_is_handed_over_and_stays_due_until_its_parts_come_back() -> None:
    world = World(0).answers(some_answers(20))
    outcome = world.night()
    assert (outcome.days, outcome.handed_over) == ({}, {"support": [DAY]})
    assert world.nights.scored_until("support") != DAY
    assert [day for day, _ in world.nights.dirty_days("support")] == [DAY]
    assert ("support", DAY) not in world.lake.kept
    assert not [key for key in world.kept() if "/period=" in key]


def test_the_same_night_hands_a_day_over_once_and_the_next_one_again() -> None:
    world = World(0).answers(some_answers(5))
    world.night()
    world.night()
    assert len(world.crew.begun) == 1
    world.clock.advance(days=1)
    world.night()
    assert len(world.crew.begun) == 2


def test_a_day_is_handed_over_when_the_time_runs_out_in_the_middle_of_it() -> None:
    left = deque([900.0] * 1 + [10.0] * 9)
    world = World(10**9, seconds=lambda: left.popleft() if len(left) > 1 else left[0]).answers(some_answers(5))
    assert world.night().handed_over == {"support": [DAY]}


def test_other_days_are_counted_while_a_crew_is_at_work() -> None:
    before = DAY - timedelta(days=1)
    world = World(30).answers(some_answers(40, before)).answers(some_answers(5))
    # The limit is looked at now and then: here at the first answer of each day.
    world.large_day = 0
    world.night()
    parted = world.counts_parts(world.crew.begun[0])
    world.large_day = 10**9
    assert world.night(parted=parted).days == {"support": [before, DAY]}


def test_what_came_in_while_the_parts_were_counted_makes_the_day_be_counted_again() -> None:
    world = World(0).answers(some_answers(20))
    world.night()
    parted = world.counts_parts(world.crew.begun[0])
    world.nights.mark_dirty("support", DAY, stamp(world.clock.advance(minutes=5)))
    world.clock.advance(minutes=30)
    world.night(parted=parted)
    assert [day for day, _ in world.nights.dirty_days("support")] == [DAY]


def test_a_day_that_was_marked_just_before_its_parts_were_counted_is_counted_again() -> None:
    """The index may not have shown the newest answers yet."""
    world = World(0).answers(some_answers(20))
    world.nights.mark_dirty("support", DAY, stamp(world.clock.now() - timedelta(seconds=5)))
    world.night()
    parted = world.counts_parts(world.crew.begun[0])
    world.clock.advance(hours=1)
    world.night(parted=parted)
    assert [day for day, _ in world.nights.dirty_days("support")] == [DAY]


def test_a_survey_that_was_changed_meanwhile_is_not_counted_half_and_half() -> None:
    world = World(0).answers(some_answers(20))
    world.night()
    world.configs.put("surveys", "support", a_survey_body(segments=["team"]))
    with pytest.raises(Invalid, match="changed"):
        world.counts_parts(world.crew.begun[0])


def test_a_missing_part_is_never_taken_for_an_empty_one() -> None:
    world = World(0).answers(some_answers(20))
    world.night()
    parted = world.counts_parts(world.crew.begun[0])
    world.blobs.delete(next(key for key in world.blobs.kept if key.startswith("parts/") and key.endswith("/307.json")))
    with pytest.raises(NotFound, match="307"):
        world.night(parted=parted)


def test_a_day_counted_at_once_later_leaves_none_of_its_parts_in_the_lake() -> None:
    world = World(0).answers(some_answers(20))
    world.night_with_crew()
    world.large_day = 10**9
    world.night(day=DAY)
    assert set(world.lake.kept["support", DAY]) == {""}


@pytest.mark.parametrize("timezone", ["Europe/Berlin", "America/St_Johns", "Pacific/Apia"])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25), date(2026, 7, 1)])
def test_the_parts_of_a_day_are_as_long_as_each_other_and_leave_nothing_out(day: date, timezone: str) -> None:
    parts = list(day_parts(day, timezone).values())
    assert len({part.name for part in parts}) == len(parts) == 32
    first_shard = [part for part in parts if part.shard == 0]
    assert first_shard[0].since is None
    assert first_shard[-1].until is None
    for one, next_one in pairwise(first_shard):
        assert one.until == next_one.since
        assert one.last_id == next_one.first_id
