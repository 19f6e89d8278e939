"""The time that the functions see, and playing it forward event by event.

A jump forward is made of steps: to the next minute in which something falls due, or to the next night, run what is due, let
the queues drain, go on. So what a month does in AWS has been done in the same order when the jump answers.
"""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tests.local.settings import TIME_ZONE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.local.stack import Stack

QUEUES = ("DispatchQueue", "ForwardQueue", "ImportQueue", "ErasureQueue")
NIGHT_HOUR, NIGHT_MINUTE = 3, 30
LONGEST_STRETCH, LAST_NIGHTS = timedelta(days=40), timedelta(days=3)
"""The nightly run catches up on the days it missed, so of a longer stretch in which nothing else is due only the last nights
are played.
"""
FORWARD_GUARD = timedelta(seconds=61)
"""A forward falls due a minute after its answer, in case its wake-up by the table's stream got lost."""
SETTLE_SECONDS = 60.0
LOOK_EACH_SECONDS = 0.05


class UnsettledError(Exception):
    def __init__(self, left: dict[str, Any]) -> None:
        super().__init__(f"still at work: {left}")
        self.left = left


class Clock:
    def __init__(self, file: Path) -> None:
        self._file = file
        if not file.exists():
            self._write(0.0)

    def now(self) -> datetime:
        offset: float = json.loads(self._file.read_text(encoding="ascii"))["offset_seconds"]
        return datetime.now(UTC) + timedelta(seconds=offset)

    def set(self, moment: datetime) -> None:
        self._write((moment - datetime.now(UTC)).total_seconds())

    def _write(self, offset_seconds: float) -> None:
        """Functions read the file at any moment, so it is replaced whole."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps({"offset_seconds": offset_seconds}), encoding="ascii")
        fresh.replace(self._file)


class Time:
    """Moves the clock of a running stack."""

    def __init__(self, stack: Stack, clock: Clock) -> None:
        self._stack = stack
        self.clock = clock

    def move_to(self, target: datetime) -> int:
        """Set the clock; a move forward runs everything that falls due on the way. Returns the number of steps."""
        reached = self.clock.now()
        if target <= reached:
            self.clock.set(target)
            return 0
        self.settle()
        steps = 0
        while (moment := self._next_moment(reached, target)) is not None:
            self.clock.set(max(moment, self.clock.now()))
            self.settle()
            if is_night(moment):
                self._stack.invoke("nightly_scoring", {})
                self.settle()
                self._stack.invoke("erasure", {})
            reached, steps = moment, steps + 1
        self.clock.set(max(target, self.clock.now()))
        self.settle()
        return steps

    def settle(self, timeout_seconds: float = SETTLE_SECONDS) -> None:
        """Return when queues and stream are drained, no large day is counted and nothing is due; raise UnsettledError with what is left."""
        deadline = time.monotonic() + timeout_seconds
        quiet = 0
        while quiet < 2:
            left = self._left()
            if left.get("due"):
                self._stack.invoke("due_sweeper", {})
            quiet = 0 if left else quiet + 1
            if left and time.monotonic() > deadline:
                raise UnsettledError(left)
            self._stack.wake()
            time.sleep(LOOK_EACH_SECONDS)

    def _left(self) -> dict[str, Any]:
        left: dict[str, Any] = {queue: count for queue in QUEUES if (count := self._stack.messages_in(queue))}
        now = self.clock.now()
        items = list(self._stack.due_index())
        due = [item["pk"] for item in items if due_moment(item) <= now]
        waiting = self._stack.waiting_for_fanout(item["pk"] for item in items if now < due_moment(item) <= now + FORWARD_GUARD)
        if counting := self._stack.running_machines():
            left["counting"] = counting
        return {**left, **({"due": due} if due else {}), **({"fanout": waiting} if waiting else {})}

    def _next_moment(self, reached: datetime, target: datetime) -> datetime | None:
        dues = [_minute_of(due_moment(item)) for item in self._stack.due_index()]
        next_due = min((due for due in dues if reached < due <= target), default=None)
        night = next_night(reached, next_due or target)
        return min((moment for moment in (next_due, night) if moment and moment <= target), default=None)


def due_moment(item: dict[str, str]) -> datetime:
    """A due_sk begins with the moment, in UTC."""
    return datetime.fromisoformat(item["due_sk"].split("#")[0])


def next_night(now: datetime, end: datetime) -> datetime:
    """The first night after `now` that is to be played before `end`."""
    zone = ZoneInfo(TIME_ZONE)
    local = (end - LAST_NIGHTS if end - now > LONGEST_STRETCH else now).astimezone(zone)
    tonight = local.replace(hour=NIGHT_HOUR, minute=NIGHT_MINUTE, second=0, microsecond=0)
    if tonight <= local:
        tonight = (local.replace(tzinfo=None) + timedelta(days=1)).replace(
            hour=NIGHT_HOUR, minute=NIGHT_MINUTE, second=0, microsecond=0, tzinfo=zone
        )
    return tonight.astimezone(UTC)


def is_night(moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(TIME_ZONE))
    return (local.hour, local.minute, local.second) == (NIGHT_HOUR, NIGHT_MINUTE, 0)


def _minute_of(due: datetime) -> datetime:
    """The sweeper comes once a minute, so that is when something due is done."""
    return due if not due.second and not due.microsecond else due.replace(second=0, microsecond=0) + timedelta(minutes=1)
