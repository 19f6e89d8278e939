"""What every lake promises."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Any

import duckdb
import pytest

from hearback.adapters.lake.parquet import ParquetLake
from hearback.ports import Lake, LedgerEntry
from tests.fakes import MemoryBlobs, MemoryLake

DAY = date(2026, 3, 2)
NEXT = date(2026, 3, 3)
Look = Callable[[str, date], list[str]]


def an_entry(name: str, rating: Any = 5) -> LedgerEntry:
    answer = {"rating": rating, "details": {}, "at": "2026-03-02T12:00:00+00:00", "version": 1, "channel": "web"}
    return LedgerEntry(name, {**answer, "scale": [1, 5], "direction": "high_is_good", "metric": "csat", "imported": False}, {"team": "a"})


def fill(lake: Lake, *names: str, survey: str = "support", day: date = DAY, share: str = "") -> int:
    with lake.replacing(survey, day, share) as writing:
        for name in names:
            writing.add(an_entry(name))
    return writing.written


def memory() -> tuple[Lake, Look]:
    lake = MemoryLake()
    return lake, lambda survey, day: sorted(each.invitation_id for share in lake.kept.get((survey, day), {}).values() for each in share)


def parquet(rows_per_part: int) -> tuple[Lake, Look]:
    blobs = MemoryBlobs()

    def look(survey: str, day: date) -> list[str]:
        found: list[str] = []
        for key in blobs.keys(f"lake/answers/survey={survey}/dt={day}/"):
            with duckdb.connect() as database:
                found += [row[0] for row in database.execute("SELECT invitation_id FROM read_parquet(?)", [_file(blobs, key)]).fetchall()]
        return sorted(found)

    return ParquetLake(blobs, rows_per_part=rows_per_part), look


def _file(blobs: MemoryBlobs, key: str) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".parquet", delete=False) as file:
        file.write(blobs.get(key) or b"")
    return file.name


@pytest.fixture(params=["fake", "parquet", "parquet in small parts"])
def made(request: pytest.FixtureRequest) -> tuple[Lake, Look]:
    return memory() if request.param == "fake" else parquet(1 if "small" in request.param else 100)


@pytest.fixture
def lake(made: tuple[Lake, Look]) -> Lake:
    return made[0]


@pytest.fixture
def look(made: tuple[Lake, Look]) -> Look:
    return made[1]


def test_a_day_holds_what_was_added_to_it(lake: Lake, look: Look) -> None:
    assert fill(lake, "a", "b", "c")
    assert look("support", DAY) == ["a", "b", "c"]
    assert look("support", NEXT) == look("sales", DAY) == []


def test_a_day_is_replaced_as_a_whole(lake: Lake, look: Look) -> None:
    fill(lake, "a", "b", "c")
    assert fill(lake, "d")
    assert look("support", DAY) == ["d"]


def test_the_same_answers_write_nothing(lake: Lake) -> None:
    assert fill(lake, "a", "b")
    assert fill(lake, "a", "b") == 0
    assert fill(lake, day=NEXT) == 0


def test_a_day_that_lost_its_answers_holds_nothing(lake: Lake, look: Look) -> None:
    fill(lake, "a", "b")
    assert fill(lake)
    assert look("support", DAY) == []


def test_a_day_that_could_not_be_read_to_its_end_stays_as_it_was(lake: Lake, look: Look) -> None:
    fill(lake, "a")
    with suppress(ZeroDivisionError), lake.replacing("support", DAY) as writing:
        writing.add(an_entry("b"))
        1 / 0  # noqa: B018
    assert look("support", DAY) == ["a"]


def test_a_day_counted_in_parts_is_the_sum_of_its_parts(lake: Lake, look: Look) -> None:
    fill(lake, "whole")
    fill(lake, "a", "b", share="s0")
    fill(lake, "c", share="s1")
    assert lake.keep_only("support", DAY, {"s0", "s1", "s2"})
    assert look("support", DAY) == ["a", "b", "c"]
    assert lake.keep_only("support", DAY, {"s0", "s1", "s2"}) == 0


def test_one_part_is_replaced_alone(lake: Lake, look: Look) -> None:
    fill(lake, "a", "b", share="s0")
    fill(lake, "c", share="s1")
    assert fill(lake, "d", share="s0")
    assert fill(lake, "c", share="s1") == 0
    assert look("support", DAY) == ["c", "d"]


def test_a_day_counted_as_a_whole_again_leaves_no_parts_behind(lake: Lake, look: Look) -> None:
    fill(lake, "a", share="s0")
    assert fill(lake, "a", "b")
    assert look("support", DAY) == ["a", "b"]
