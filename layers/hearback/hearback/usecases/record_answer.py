"""A person pressed a button on the page, or answered in the chat: one write keeps the answer and its outbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hearback.domain.answer import checked_answer
from hearback.domain.errors import NotFound
from hearback.domain.survey import Survey
from hearback.ports import Clock, Configs, Recorded, Stories


@dataclass(frozen=True)
class RecordAnswer:
    configs: Configs
    stories: Stories
    clock: Clock

    def __call__(
        self, invitation_id: str, survey_id: str, rating: int, details: dict[str, list[str] | str], *, channel: str
    ) -> tuple[Survey, Recorded]:
        """Raises `Invalid` for an answer that does not fit the survey, `Gone` when its time is over, `NotFound`."""
        survey = self.survey(survey_id)
        answer = checked_answer(survey, rating, details)
        recorded = self.stories.record_answer(
            invitation_id, survey, answer, at=self.clock.now(), channel=channel, sinks=self._sinks(survey.id)
        )
        return survey, recorded

    def survey(self, survey_id: str) -> Survey:
        item = self.configs.get("surveys", survey_id)
        if item is None:
            raise NotFound("this survey no longer exists", code="unknown_survey")
        return Survey.from_plain(item.id, item.body)

    def _sinks(self, survey_id: str) -> Sequence[str]:
        """The sinks enabled for this survey now: those, and no later ones, get this answer."""
        return [
            each.id for each in self.configs.all("sinks") if each.body.get("enabled", True) and survey_id in each.body.get("surveys", ())
        ]
