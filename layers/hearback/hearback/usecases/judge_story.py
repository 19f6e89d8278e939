"""Write a story whose answers were judged anew. Those who list and count hear of it first, so that a crash hides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearback.domain.calendar import day_of
from hearback.domain.errors import NotFound, Unavailable
from hearback.domain.quarantine import days_to_recount, doubted_on, marks
from hearback.domain.story import Story
from hearback.domain.survey import Survey
from hearback.ports import Quarantine, QuarantineMark, Stories
from hearback.usecases.record_answer import RecordAnswer

RACES = 8


@dataclass(frozen=True)
class JudgeStory:
    stories: Stories
    quarantine: Quarantine
    record: RecordAnswer

    def __call__(self, story: Story, survey: Survey, judged: Callable[[Story], Story]) -> Story:
        """The story as it stands now. `judged` is asked again, of what is there then, when somebody else wrote first; answering the
        very same story, it says that there is nothing to do.
        """
        for _ in range(RACES):
            after = judged(story)
            if after is story:
                return story
            written = self._write(story, after, survey)
            if written is not None:
                return written
            found = self.stories.get(story.invitation_id, consistent=True)
            if found is None:
                raise NotFound("this link no longer belongs to anything")
            story = found
        raise Unavailable("too many presses at once")

    def tidy(self, story: Story, survey: Survey, rating: int) -> None:
        """Somebody has properly said what had been doubted: a day of which nothing waits any more is listed no longer."""
        waiting, days = marks(story, survey.timezone), doubted_on(story, survey.timezone)
        said = {day_of(each.at, survey.timezone) for each in story.doubted if each.answer.rating == rating}
        for day, moment in days.items():
            if day in said:
                self.record.count_again(survey, day, self.record.clock.now())
            if day in said and day not in waiting:
                self.quarantine.remove(survey.id, QuarantineMark(story.invitation_id, moment))

    def _write(self, before: Story, after: Story, survey: Survey) -> Story | None:
        listed, to_list = marks(before, survey.timezone), marks(after, survey.timezone)
        for day, moment in to_list.items():
            if day not in listed:
                self.quarantine.add(survey.id, QuarantineMark(before.invitation_id, moment))
        for day in days_to_recount(before, after, survey.timezone):
            self.record.count_again(survey, day, self.record.clock.now())
        written = self.stories.judge(before, after, survey)
        for day, moment in listed.items() if written is not None else ():
            if day not in to_list:
                self.quarantine.remove(survey.id, QuarantineMark(before.invitation_id, moment))
        return written
