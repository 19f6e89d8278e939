"""How many invitations have answers in quarantine that came on one day: what the night's report says of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hearback.domain.calendar import day_of
from hearback.domain.quarantine import waits_on
from hearback.domain.survey import Survey
from hearback.ports import Quarantine, Stories

_WIDEST = timedelta(hours=15)
"""No time zone's day begins or ends farther from the day in UTC."""


@dataclass(frozen=True)
class CountQuarantine:
    stories: Stories
    quarantine: Quarantine

    def __call__(self, survey: Survey, day: date) -> int:
        """Each is read, so that what a crash left behind, or was said properly since, is not counted: the same ledger gives the same
        number.
        """
        start = datetime(day.year, day.month, day.day, tzinfo=UTC)
        marks = self.quarantine.between(survey.id, start - _WIDEST, start + timedelta(days=1) + _WIDEST)
        of_day = {each.invitation_id for each in marks if day_of(each.at, survey.timezone) == day}
        return sum(self._waits(each, survey, day) for each in sorted(of_day))

    def _waits(self, invitation_id: str, survey: Survey, day: date) -> bool:
        story = self.stories.get(invitation_id, consistent=True)
        return story is not None and bool(waits_on(story, day, survey.timezone))
