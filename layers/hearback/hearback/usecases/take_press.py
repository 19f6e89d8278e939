"""A button of the page was pressed: the answer counts, or goes into quarantine with what speaks against it.

What nothing speaks against is recorded in one write, as any answer is, and nothing is read before it. Only what is doubtful, or
comes right after something doubtful, is looked at closely. The rule is in domain/doubt.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hearback.domain.answer import Answer, checked_answer
from hearback.domain.doubt import Press, guard_of, page_doubts, says_nothing_new, story_doubts
from hearback.domain.errors import Gone, NotFound
from hearback.domain.links import Look
from hearback.domain.moves import Guard, may_answer, may_complete
from hearback.domain.quarantine import held, without_round
from hearback.domain.rounds import CALM, WEB, machine_round
from hearback.domain.story import Doubt, Story
from hearback.domain.survey import Survey
from hearback.ports import Held
from hearback.usecases.judge_story import JudgeStory
from hearback.usecases.record_answer import RecordAnswer


@dataclass(frozen=True, slots=True)
class Taken:
    """`doubts`: why the answer does not count (none: it does, or is what counts already); `changed`: something new was said."""

    survey: Survey
    story: Story
    doubts: tuple[Doubt, ...] = ()
    changed: bool = False


@dataclass(frozen=True)
class TakePress:
    """`too_soon` after the sending nobody can have opened a message and answered (zero: never mind)."""

    record: RecordAnswer
    judge: JudgeStory
    too_soon: timedelta = timedelta(0)

    def __call__(self, invitation_id: str, survey_id: str, press: Press, rating: int, details: dict[str, list[str] | str]) -> Taken:
        """Raises `Invalid` for an answer that does not fit the survey, `Gone` when its time is over, `NotFound`."""
        survey = self.record.survey(survey_id)
        pressed = _Pressed(survey, checked_answer(survey, rating, details), press)
        if not page_doubts(press):
            outcome = self._record(invitation_id, pressed, guard_of(press, self.too_soon))
            return outcome if isinstance(outcome, Taken) else self._look_closely(outcome, pressed)
        story = self.record.stories.get(invitation_id, consistent=True)
        if story is None:
            raise NotFound("there is no such invitation")
        return self._look_closely(story, pressed)

    def _record(self, invitation_id: str, pressed: _Pressed, guard: Guard) -> Taken | Story:
        """What became of an answer that nothing is known against; the story as it stands, where the guard held it back."""
        survey, answer = pressed.survey, pressed.answer
        outcome = self.record.guarded(invitation_id, survey, answer, at=pressed.press.at, channel=WEB, guard=guard)
        if isinstance(outcome, Held):
            return outcome.story
        if not outcome.changed:
            return self._repeated(outcome.story, pressed)
        self.judge.count_again(outcome.story, survey, answer.rating)
        return self._taken(self.judge(outcome.story, survey, lambda now: self._without_round(now, pressed)), pressed, changed=True)

    def _look_closely(self, story: Story, pressed: _Pressed) -> Taken:
        if says_nothing_new(story, pressed.answer):
            return self._repeated(story, pressed)
        if not (may_answer(story, pressed.survey, pressed.press.at) or may_complete(story, pressed.answer, pressed.press.at)):
            raise Gone("this survey's time is over")
        if not self._doubts(story, pressed):
            outcome = self._record(story.invitation_id, pressed, Guard(story.version))
            if isinstance(outcome, Taken):
                return outcome
            story = outcome
        return self._taken(self.judge(story, pressed.survey, lambda now: self._set_aside(now, pressed)), pressed)

    def _repeated(self, story: Story, pressed: _Pressed) -> Taken:
        """Nothing new was said. In the middle of a burst it still tells whose score is whose (domain/rounds.py)."""
        proof, at = pressed.press.proof, pressed.press.at
        newest = max(story.answers[-1].at, story.doubted_at or story.answers[-1].at)
        opened_anew = proof is not None and proof.look is not Look.THANKS and proof.shown_at > story.answers[-1].at
        if (opened_anew or pressed.press.program) and at - newest < CALM and not page_doubts(pressed.press):
            story = self.judge(story, pressed.survey, lambda now: self._without_round(_noted(now, pressed, (Doubt.REPEATED,)), pressed))
        return self._taken(story, pressed)

    def _set_aside(self, story: Story, pressed: _Pressed) -> Story:
        """A press that was asked for once more is there already, as the one that it was asked for."""
        there = any(each.answer == pressed.answer for each in story.doubted)
        if says_nothing_new(story, pressed.answer) or (pressed.insists and there):
            return story
        doubts = self._doubts(story, pressed) or (Doubt.AFTER_ANSWER,)
        return self._without_round(_noted(story, pressed, doubts), pressed)

    def _without_round(self, story: Story, pressed: _Pressed) -> Story:
        if machine_round(story, pressed.survey.scale) is None:
            return story
        return without_round(story, pressed.survey, self.record.sinks(pressed.survey.id), pressed.press.at)

    def _doubts(self, story: Story, pressed: _Pressed) -> tuple[Doubt, ...]:
        press = pressed.press
        found = page_doubts(press) + story_doubts(press, pressed.answer, story, self._too_soon(story))
        if found:
            return found
        with_it = _noted(story, pressed, ())
        in_round = machine_round(with_it, pressed.survey.scale)
        return (in_round.reason,) if in_round and len(with_it.doubted) in in_round.entries else ()

    def _too_soon(self, story: Story) -> timedelta:
        """A link that was handed out is answered where it was made; only what travels needs time."""
        if not self.too_soon:
            return self.too_soon
        item = self.record.configs.get("channels", story.channel)
        return timedelta(0) if (item.body["kind"] if item else story.channel) == WEB else self.too_soon

    def _taken(self, story: Story, pressed: _Pressed, *, changed: bool = False) -> Taken:
        if says_nothing_new(story, pressed.answer):
            return Taken(pressed.survey, story, changed=changed)
        key = (pressed.press.at, pressed.answer.rating)
        kept = next((each.doubts for each in reversed(story.doubted) if (each.at, each.answer.rating) == key), ())
        return Taken(pressed.survey, story, kept or self._doubts(story, pressed) or (Doubt.AFTER_ANSWER,))


@dataclass(frozen=True, slots=True)
class _Pressed:
    survey: Survey
    answer: Answer
    press: Press

    @property
    def insists(self) -> bool:
        return self.press.proof is not None and self.press.proof.look is Look.AGAIN


def _noted(story: Story, pressed: _Pressed, doubts: tuple[Doubt, ...]) -> Story:
    return held(story, pressed.answer, pressed.press.at, WEB, doubts)
