"""Write a story whose answers were judged anew. Those who list and count hear of it first, so that a crash hides nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearback.domain.calendar import day_of
from hearback.domain.errors import Gone, NotFound, Unavailable
from hearback.domain.quarantine import days_to_recount, marks
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
            if story.erased_at is not None:
                raise Gone("the person's data was erased", code="erased")
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

    def count_again(self, story: Story, survey: Survey, rating: int) -> None:
        """Somebody has properly said what had been doubted: the days on which it came have one doubtful invitation less."""
        for day in {day_of(each.at, survey.timezone): None for each in story.doubted if each.answer.rating == rating}:
            self.record.count_again(survey, day, self.record.clock.now())

    def _write(self, before: Story, after: Story, survey: Survey) -> Story | None:
        listed = marks(before, survey.timezone)
        for day, moment in marks(after, survey.timezone).items():
            if day not in listed:
                self.quarantine.add(survey.id, QuarantineMark(before.invitation_id, moment))
        for day in days_to_recount(before, after, survey.timezone):
            self.record.count_again(survey, day, self.record.clock.now())
        return self.stories.judge(before, after, survey)
