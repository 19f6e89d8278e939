"""Promises of the local cloud's clock: in which steps time is played forward."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.local.clock import Clock, Time, UnsettledError, next_night

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class FakeStack:
    """Two kinds of happenings: a due item that the sweeper takes away, and nights."""

    def __init__(self, clock: Clock, dues: Iterable[datetime] = (), *, stuck: bool = False) -> None:
        self.clock = clock
        self.dues = sorted(dues)
        self.stuck = stuck
        self.done: list[tuple[str, datetime]] = []

    def due_index(self) -> list[dict[str, str]]:
        return [{"pk": "INV#1", "due_sk": due.isoformat().replace("+00:00", "Z") + "#1"} for due in self.dues]

    def invoke(self, name: str, _event: Any) -> None:
        self.done.append((name, self.clock.now()))
        if name == "due_sweeper" and not self.stuck:
            self.dues = [due for due in self.dues if due > self.clock.now()]

    def messages_in(self, _queue: str) -> int:
        return 0

    def waiting_for_fanout(self, _stories: Iterable[str]) -> list[str]:
        return []

    def running_machines(self) -> list[str]:
        return []

    def wake(self) -> None:
        pass


def play(tmp_path: Path, target: datetime, dues: Iterable[datetime] = ()) -> list[tuple[str, datetime]]:
    clock = Clock(tmp_path / "clock.json")
    clock.set(NOON)
    stack = FakeStack(clock, dues)
    Time(stack, clock).move_to(target)  # type: ignore[arg-type]
    assert timedelta(0) <= clock.now() - target < timedelta(seconds=30)
    return [(name, at.replace(second=0, microsecond=0)) for name, at in stack.done]


def test_what_falls_due_and_the_nights_happen_in_the_order_of_their_time(tmp_path: Path) -> None:
    reminder = NOON + timedelta(days=1, hours=1, seconds=20)
    first, second = datetime(2026, 11, 22, 3, 30, tzinfo=UTC), datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    swept = (NOON + timedelta(days=1, hours=1, minutes=1)).replace(second=0)
    assert play(tmp_path, NOON + timedelta(days=2), [reminder]) == [
        ("nightly_scoring", first),
        ("erasure", first),
        ("due_sweeper", swept),
        ("nightly_scoring", second),
        ("erasure", second),
    ]


def test_a_step_back_happens_at_once(tmp_path: Path) -> None:
    assert play(tmp_path, NOON - timedelta(days=400)) == []


def test_of_years_without_anything_due_only_the_last_nights_are_played(tmp_path: Path) -> None:
    assert [name for name, _ in play(tmp_path, NOON + timedelta(days=2000))] == ["nightly_scoring", "erasure"] * 3


def test_a_night_that_the_clock_reaches_exactly_is_played_once(tmp_path: Path) -> None:
    night = datetime(2026, 11, 22, 3, 30, tzinfo=UTC)
    assert play(tmp_path, night) == [("nightly_scoring", night), ("erasure", night)]
    assert next_night(night, night + timedelta(days=5)) == night + timedelta(days=1)


def test_what_never_gets_done_is_named(tmp_path: Path) -> None:
    clock = Clock(tmp_path / "clock.json")
    stack = FakeStack(clock, [clock.now() - timedelta(hours=1)], stuck=True)
    with pytest.raises(UnsettledError) as raised:
        Time(stack, clock).settle(timeout_seconds=0.1)  # type: ignore[arg-type]
    assert raised.value.left == {"due": ["INV#1"]}
