"""How a day becomes a digest: counted here, or by a crew in parts where it is too large for one run."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from hearback.domain.day_parts import day_parts, part_key
from hearback.domain.errors import NotFound
from hearback.domain.scoring.counting import whole_day
from hearback.domain.scoring.digest import Digest
from hearback.domain.scoring.stored import from_bytes
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Crew, HandOver
from hearback.usecases.count_day import CountDay, TooLarge

LARGE_DAY = 5_000_000
"""Answers; about two minutes of counting."""


@dataclass(frozen=True, slots=True)
class Parted:
    """A day whose parts a crew has counted, from `begun` on."""

    day: date
    run: str
    begun: datetime


@dataclass(frozen=True, slots=True)
class DigestDay:
    """Without a crew every day is counted here, however long it takes. Both ways lead to the same bytes."""

    count: CountDay
    blobs: Blobs
    crew: Crew | None = None
    large_day: int = LARGE_DAY

    def __call__(
        self, survey: Survey, day: date, *, version: int, wish: str, parted: Parted | None = None, hurry: Callable[[], bool] = lambda: False
    ) -> tuple[Digest, int] | None:
        """The digest, and how many objects of the lake changed; None when the day was handed over, and comes back as `parted`.

        `wish` names why the day is counted: the same wish is handed over once. `hurry` says that the time runs out. Raises
        `NotFound` when a part is missing.
        """
        if parted is not None and parted.day == day:
            digest = whole_day(self._parts(survey, parted), survey.segment_names)
            return digest, self.count.keep_only(survey, day, day_parts(day, survey.timezone))
        if self.crew is None:
            return self.count.whole(survey, day)
        try:
            return self.count.whole(survey, day, too_large=lambda answers: answers >= self.large_day or hurry())
        except TooLarge:
            run = f"{survey.id}-{day.isoformat()}-{hashlib.sha256(f'{version} {wish}'.encode()).hexdigest()[:16]}"
            self.crew.begin(HandOver(survey.id, day, run, version, tuple(day_parts(day, survey.timezone))))
            return None

    def _parts(self, survey: Survey, parted: Parted) -> Iterator[Digest]:
        for name in day_parts(parted.day, survey.timezone):
            body = self.blobs.get(part_key(survey.id, parted.day, parted.run, name))
            if body is None:
                raise NotFound(f"part {name} of {parted.day} has not been counted")
            yield from_bytes(body)
