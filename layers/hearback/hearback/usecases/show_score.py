"""GET /scores/{survey}: the one figure that a survey's owner shows to everybody.

Always the newest whole calendar month, so that nobody can choose a flattering period: a day or a week has too few answers for
most surveys, a quarter is old news for weeks, and a month is what people compare. Whoever had a bad month shows it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hearback.domain.calendar import Period, day_of, first_day
from hearback.domain.errors import NotFound, Unavailable
from hearback.domain.ids import ID_PATTERN
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Clock, Configs

PERIOD = Period.MONTH

_TRIES = 2
"""A pointer and its report are two reads: between them the night may have replaced both."""


@dataclass(frozen=True, slots=True)
class NoScore:
    """Published, but the month has too few answers for a score, or no whole month has been counted yet."""

    survey: str
    name: str


@dataclass(frozen=True, slots=True)
class PublishedScore:
    """What is shown, as report.json says it: numbers are not rounded."""

    survey: str
    name: str
    metric: str
    scale: Mapping[str, Any]
    benchmark: int
    period: Mapping[str, str]
    score: Mapping[str, Any]
    formula: str

    def plain(self) -> dict[str, Any]:
        return {
            "survey": self.survey,
            "name": self.name,
            "metric": self.metric,
            "scale": dict(self.scale),
            "benchmark": self.benchmark,
            "period": dict(self.period),
            "score": dict(self.score),
            "formula": self.formula,
        }


@dataclass(frozen=True)
class ShowScore:
    configs: Configs
    blobs: Blobs
    clock: Clock

    def __call__(self, survey_id: str) -> PublishedScore | NoScore:
        """Raises `NotFound`, the same for a survey that is not published as for one that does not exist; `Unavailable` while
        the night is replacing the month's report.
        """
        item = self.configs.get("surveys", survey_id) if ID_PATTERN.fullmatch(survey_id) else None
        if item is None or not item.body["published"]:
            raise NotFound("there is no such score", code="unknown_score")
        survey = Survey.from_plain(item.id, item.body)
        report = self._report(survey)
        if report is None or report["score"]["n"] < max(survey.minimum_group, report["minimum_group"]):
            return NoScore(survey.id, survey.name)
        return _published(report)

    def _report(self, survey: Survey) -> dict[str, Any] | None:
        """The report that the pointer names, if its bytes are the ones that it names."""
        for _ in range(_TRIES):
            entry = self._named(survey)
            if entry is None:
                return None
            found = self.blobs.get(entry["key"])
            if found is not None and hashlib.sha256(found).hexdigest() == entry["sha256"]:
                report: dict[str, Any] = json.loads(found)
                return report
        raise _replaced()

    def _named(self, survey: Survey) -> dict[str, str] | None:
        root = f"reports/survey={survey.id}"
        latest = json.loads(self.blobs.get(f"{root}/latest.json") or b"{}")
        entry = latest.get("reports", {}).get(PERIOD.value)
        if entry is not None:
            named: dict[str, str] = entry["files"]["report.json"]
            return named
        start = self._last_month(survey).isoformat()
        running = latest.get("running", {}).get(PERIOD.value, {})
        if running.get("start") != start and self.blobs.size(f"{root}/period={PERIOD.value}/{start}/report.json") is not None:
            raise _replaced()
        return None

    def _last_month(self, survey: Survey) -> date:
        this = first_day(PERIOD, day_of(self.clock.now(), survey.timezone))
        return first_day(PERIOD, this - timedelta(days=1))


def _replaced() -> Unavailable:
    """A pointer that names no month although the month's report is there was withdrawn, to be named again soon."""
    return Unavailable("the month's report is being written anew", retry_after=60, code="being_replaced")


def _published(report: Mapping[str, Any]) -> PublishedScore:
    names = ("value", "n", "interval", "target", "verdict")
    return PublishedScore(
        survey=report["survey"],
        name=report["name"],
        metric=report["metric"],
        scale=report["scale"],
        benchmark=report["benchmark"],
        period=report["period"],
        score={name: report["score"][name] for name in names},
        formula=report["formula"],
    )
