"""Count one part of a day that is too large for one run, with the same code that counts a whole one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from hearback.domain.day_parts import day_parts, part_key
from hearback.domain.errors import Invalid, NotFound
from hearback.domain.scoring.stored import to_bytes
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Configs
from hearback.usecases.count_day import CountDay


@dataclass(frozen=True, slots=True)
class CountPart:
    configs: Configs
    blobs: Blobs
    count: CountDay

    def __call__(self, survey_id: str, day: date, run: str, version: int, part: str) -> None:
        """Counting a part again writes the same bytes.

        Raises `NotFound` for a survey that is gone and `Invalid` for one that was changed since the run began: its parts
        would be cut by different segments, and would not add up.
        """
        item = self.configs.get("surveys", survey_id)
        if item is None:
            raise NotFound("there is no such survey")
        if item.version != version:
            raise Invalid("the survey was changed while the day was counted; the next night counts it anew")
        survey = Survey.from_plain(item.id, item.body)
        digest = self.count.part(survey, day, day_parts(day, survey.timezone)[part])
        self.blobs.put(part_key(survey.id, day, run, part), to_bytes(digest, survey.id, day.isoformat()), "application/json")
