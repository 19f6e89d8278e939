"""A person pressed a button on the page, or answered in the chat: one write keeps the answer and its outbox.

An answer counts on the day it was first given. Changing it on a later day asks the night to count that day again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from hearback.domain.answer import Answer, checked_answer
from hearback.domain.calendar import day_of, stamp
from hearback.domain.errors import NotFound
from hearback.domain.moves import Guard
from hearback.domain.survey import Survey
from hearback.ports import Clock, Configs, Held, Nights, Recorded, Stories


@dataclass(frozen=True)
class RecordAnswer:
    configs: Configs
    stories: Stories
    nights: Nights
    clock: Clock

    def __call__(
        self, invitation_id: str, survey_id: str, rating: int, details: dict[str, list[str] | str], *, channel: str
    ) -> tuple[Survey, Recorded]:
        """Raises `Invalid` for an answer that does not fit the survey, `Gone` when its time is over, `NotFound`."""
        survey = self.survey(survey_id)
        answer = checked_answer(survey, rating, details)
        now = self.clock.now()
        recorded = self.stories.record_answer(invitation_id, survey, answer, at=now, channel=channel, sinks=self.sinks(survey.id))
        self.count_again(survey, day_of(recorded.story.first_answered_at or now, survey.timezone), now)
        return survey, recorded

    def guarded(self, invitation_id: str, survey: Survey, answer: Answer, *, at: datetime, channel: str, guard: Guard) -> Recorded | Held:
        """As a call, of an answer that was checked already; only while the story is as the guard wants it."""
        outcome = self.stories.record_press(invitation_id, survey, answer, at=at, channel=channel, sinks=self.sinks(survey.id), guard=guard)
        if isinstance(outcome, Recorded):
            self.count_again(survey, day_of(outcome.story.first_answered_at or at, survey.timezone), at)
        return outcome

    def count_again(self, survey: Survey, day: date, now: datetime) -> None:
        """A day that is over is counted again: what was said on it has changed. Today is counted tonight anyway."""
        if day < day_of(now, survey.timezone):
            self.nights.mark_dirty(survey.id, day, stamp(now))

    def survey(self, survey_id: str) -> Survey:
        item = self.configs.get("surveys", survey_id)
        if item is None:
            raise NotFound("this survey no longer exists", code="unknown_survey")
        return Survey.from_plain(item.id, item.body)

    def sinks(self, survey_id: str) -> Sequence[str]:
        """The sinks enabled for this survey now: those, and no later ones, get this answer."""
        return [
            each.id for each in self.configs.all("sinks") if each.body.get("enabled", True) and survey_id in each.body.get("surveys", ())
        ]
