"""A day cut into parts that can be counted at the same time: each of the index's shards into slices.

Answers are cut by the time of their first version, triggers by their invitation's id. Both ends are open, so that every
entry of the day is in exactly one part, whatever its time zone was when it came in.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hearback.domain.ids import SHARDS

SLICES = 8
"""Of each shard; 32 parts of a day of 60 million answers hold two million each."""

_ID_LETTERS = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
"""What an invitation's id begins with, in the order of their code points."""


@dataclass(frozen=True, slots=True)
class DayPart:
    """Answers first given from `since` and before `until`, triggers whose id is from `first_id` and before `last_id`; None
    is no bound.
    """

    name: str
    shard: int
    since: datetime | None
    until: datetime | None
    first_id: str | None
    last_id: str | None


def day_parts(day: date, timezone: str) -> dict[str, DayPart]:
    """Every part by its name, in the order in which the whole day is read."""
    start, end = (datetime(each.year, each.month, each.day, tzinfo=ZoneInfo(timezone)) for each in (day, day + timedelta(days=1)))
    begin, length = start.astimezone(UTC), end.astimezone(UTC) - start.astimezone(UTC)
    times = [None, *(begin + length * n / SLICES for n in range(1, SLICES)), None]
    ids = [None, *(_ID_LETTERS[len(_ID_LETTERS) * n // SLICES] for n in range(1, SLICES)), None]
    parts = (
        DayPart(f"{shard}{place:02}", shard, since, until, first, last)
        for shard in range(SHARDS)
        for place, ((since, until), (first, last)) in enumerate(zip(pairwise(times), pairwise(ids), strict=True))
    )
    return {part.name: part for part in parts}


def part_key(survey: str, day: date, run: str, part: str) -> str:
    """Where a part's counts are kept until the day is made whole."""
    return f"parts/survey={survey}/{day.isoformat()}/{run}/{part}.json"
