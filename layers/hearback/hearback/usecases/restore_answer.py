"""POST /admin/answers/{id}/restore: an operator vouches for an answer in quarantine, and it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hearback.domain.answer import checked_answer
from hearback.domain.calendar import day_of
from hearback.domain.errors import Conflict, Invalid, NotFound
from hearback.domain.quarantine import doubted_on, marks, restored, waiting
from hearback.domain.story import Doubted, Story
from hearback.domain.survey import Survey
from hearback.ports import QuarantineMark
from hearback.usecases.judge_story import JudgeStory
from hearback.usecases.record_answer import RecordAnswer
from hearback.usecases.show_quarantine import quarantined


@dataclass(frozen=True)
class RestoreAnswer:
    record: RecordAnswer
    judge: JudgeStory

    def __call__(self, invitation_id: str, number: int | None = None, *, force: bool = False) -> dict[str, Any]:
        """Restoring the same again changes nothing. Raises `NotFound`; `Invalid` when several wait and none was named, or when
        the survey has changed so much that it could not be answered so any more; `Conflict` when somebody has answered since,
        unless forced.
        """
        story = self.record.stories.get(invitation_id, consistent=True)
        if story is None:
            raise NotFound("there is no such invitation", code="unknown_invitation")
        survey = self.record.survey(story.survey)
        chosen = _chosen(story, number)
        checked_answer(survey, chosen.answer.rating, dict(chosen.answer.details))
        sinks, now = self.record.sinks(survey.id), self.record.clock.now()

        def vouched(found: Story) -> Story:
            entry = _chosen(found, chosen.number)
            if entry.restored_as:
                return found
            _refuse_conflict(found, entry, force=force)
            return restored(found, entry, sinks, now)

        after = self.judge(story, survey, vouched)
        self._unlist(after, survey, chosen)
        return {
            "invitation_id": invitation_id,
            "survey": survey.id,
            **quarantined(_chosen(after, chosen.number)),
            "version": after.version,
            "forwarded_to": sorted(after.forwards),
        }

    def _unlist(self, story: Story, survey: Survey, entry: Doubted) -> None:
        day = day_of(entry.at, survey.timezone)
        if day not in marks(story, survey.timezone):
            mark = QuarantineMark(story.invitation_id, doubted_on(story, survey.timezone)[day])
            self.judge.quarantine.remove(survey.id, mark)


def _chosen(story: Story, number: int | None) -> Doubted:
    if number is not None:
        found = next((each for each in story.doubted if each.number == number and each.doubts), None)
        if found is None:
            raise NotFound("there is no such answer in quarantine", code="not_in_quarantine")
        return found
    left = waiting(story) or tuple(each for each in story.doubted if each.doubts and each.restored_as)
    if len(left) > 1:
        numbers = ", ".join(str(each.number) for each in left)
        raise Invalid("several answers are in quarantine", fields={"number": f"is needed: one of {numbers}"})
    if not left:
        raise NotFound("no answer of this invitation is in quarantine", code="not_in_quarantine")
    return left[0]


def _refuse_conflict(story: Story, entry: Doubted, *, force: bool) -> None:
    if story.answered and story.answers[-1].at > entry.at and not force:
        raise Conflict("an answer was given since, and stands; `force` replaces it", code="newer_answer")
