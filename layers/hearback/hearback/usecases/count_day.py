"""Count a day from the ledger, at once or a part of it, and put its answers into the lake on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date
from itertools import count

from hearback.domain.day_parts import DayPart
from hearback.domain.scoring.counting import DayCounter, Words
from hearback.domain.scoring.digest import Digest
from hearback.domain.survey import Survey
from hearback.ports import Lake, LakeDay, LedgerEntry, Stories

LOOK_UP_EVERY = 1_000
"""After how many answers the count asks whether the day has become too large."""


class TooLarge(Exception):  # noqa: N818 - an outcome, raised so that the lake forgets what it was given
    """The day has more answers than one run should count."""


@dataclass(frozen=True, slots=True)
class CountDay:
    """`words` splits comments. Without a lake, the answers are counted only."""

    stories: Stories
    lake: Lake | None = None
    words: Words | None = None

    def whole(self, survey: Survey, day: date, *, too_large: Callable[[int], bool] = lambda _answers: False) -> tuple[Digest, int]:
        """The day's digest, and how many objects of the lake changed. Raises `TooLarge` as soon as `too_large` says so of the
        answers counted so far; the lake then holds what it held.
        """
        counter, written = self._count(survey, day, None, too_large)
        return counter.digest(), written

    def part(self, survey: Survey, day: date, part: DayPart) -> Digest:
        """The part's own counts, to be made whole with the others'."""
        return self._count(survey, day, part, lambda _answers: False)[0].part()

    def keep_only(self, survey: Survey, day: date, parts: Collection[str]) -> int:
        """Take out of the lake what none of these parts has put there; how many objects that were."""
        return self.lake.keep_only(survey.id, day, parts) if self.lake is not None else 0

    def _count(self, survey: Survey, day: date, part: DayPart | None, too_large: Callable[[int], bool]) -> tuple[DayCounter, int]:
        counter = DayCounter.of(survey, self.words)
        with self._lake_day(survey, day, part) as lake:
            for entry in _watched(self.stories.answers_of_day(survey.id, day, part), too_large):
                counter.answer(entry.answer, entry.facts, entry.facts_text, entry.invitation_id)
                if lake is not None:
                    lake.add(entry)
        for asked in self.stories.asked_of_day(survey.id, day, part):
            counter.asked(asked.outcome, asked.facts)
        return counter, lake.written if lake is not None else 0

    def _lake_day(self, survey: Survey, day: date, part: DayPart | None) -> AbstractContextManager[LakeDay | None]:
        if self.lake is None:
            return nullcontext()
        return self.lake.replacing(survey.id, day, part.name if part else "")


def _watched(entries: Iterator[LedgerEntry], too_large: Callable[[int], bool]) -> Iterator[LedgerEntry]:
    for answers, entry in zip(count(), entries, strict=False):
        if answers % LOOK_UP_EVERY == 0 and too_large(answers):
            raise TooLarge
        yield entry
