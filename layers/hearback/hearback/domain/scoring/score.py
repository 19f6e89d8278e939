"""A score from a histogram: what the metric makes of the ratings, how sure that is, and whether it proves the target.

CSAT and NPS are percentages (0-100, -100-100), CES is a rating; none is rounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.stats import LEVEL, Interval, adjusted_wald_net, mean_interval, mean_of, wilson
from hearback.domain.survey import Direction, Metric, Survey

PROMOTER_FROM, DETRACTOR_UP_TO = 9, 6
"""On NPS's own 0-10 scale (F. Reichheld, "The one number you need to grow", Harvard Business Review 12/2003)."""


class Verdict(StrEnum):
    MET = "met"
    MISSED = "missed"
    NOT_PROVEN = "not_proven"


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What a survey measures its answers with today."""

    group: Group
    benchmark: int
    target: float

    @staticmethod
    def of(survey: Survey) -> Yardstick:
        return Yardstick(Group.of_survey(survey), survey.benchmark, survey.target)

    @property
    def low_is_good(self) -> bool:
        return self.group.direction == Direction.LOW_IS_GOOD

    @property
    def bounds(self) -> tuple[float, float]:
        """The least and the greatest value that the score can have."""
        match self.group.metric:
            case Metric.CSAT:
                return 0.0, 100.0
            case Metric.NPS:
                return -100.0, 100.0
            case _:
                return float(self.group.min), float(self.group.max)

    def satisfied(self, rating: int) -> bool:
        return rating <= self.benchmark if self.low_is_good else rating >= self.benchmark


@dataclass(frozen=True, slots=True)
class Score:
    """`value` and `interval` are None when there are too few answers to say anything at all."""

    n: int
    value: float | None
    mean: float | None
    interval: Interval | None
    verdict: Verdict

    def interval_plain(self) -> dict[str, Any] | None:
        if self.interval is None:
            return None
        return {"low": self.interval.low, "high": self.interval.high, "level": self.interval.level, "method": self.interval.method}


def score_of(histogram: Mapping[int, int], yardstick: Yardstick) -> Score:
    n = sum(histogram.values())
    mean = mean_of(histogram)
    value, interval = _estimate(histogram, n, yardstick)
    return Score(n, value, None if mean is None else float(mean), interval, verdict_of(interval, yardstick))


def verdict_of(interval: Interval | None, yardstick: Yardstick) -> Verdict:
    """Met or missed when the whole interval lies on one side of the target; otherwise the answers prove neither.

    Where a low rating is good a mean (CES) has to lie at or below its target; a CSAT is a share of the satisfied, which
    more is always better of. A CES target that is no rating of the scale cannot be met or missed.
    """
    low, high = yardstick.bounds
    if interval is None or not low <= yardstick.target <= high:
        return Verdict.NOT_PROVEN
    reached, failed = interval.low >= yardstick.target, interval.high < yardstick.target
    if yardstick.group.metric == Metric.CES and yardstick.low_is_good:
        reached, failed = interval.high <= yardstick.target, interval.low > yardstick.target
    return Verdict.MET if reached else Verdict.MISSED if failed else Verdict.NOT_PROVEN


def formula_of(yardstick: Yardstick) -> str:
    """How the score is computed, in words: part of every report."""
    group = yardstick.group
    scale = f"on the scale {group.min} to {group.max}" + (", where low is good" if yardstick.low_is_good else "")
    percent = f"{LEVEL * 100:g}%"
    match group.metric:
        case Metric.CSAT:
            side = "at or below" if yardstick.low_is_good else "at or above"
            return (
                f"CSAT = 100 * answers {side} the benchmark {yardstick.benchmark} / all valid answers, {scale}. "
                f"Interval: Wilson score interval, {percent}."
            )
        case Metric.NPS:
            return (
                f"NPS = 100 * (answers of {PROMOTER_FROM}-10 - answers of 0-{DETRACTOR_UP_TO}) / all valid answers, {scale}. "
                f"Interval: adjusted Wald (n+3, ¾ promoters, ¾ detractors), {percent}."
            )
        case _:
            return f"CES = mean of all valid answers, {scale}. Interval: Student's t, {percent}; an exact bound when all answers are equal."


def _estimate(histogram: Mapping[int, int], n: int, yardstick: Yardstick) -> tuple[float | None, Interval | None]:
    if n == 0:
        return None, None
    match yardstick.group.metric:
        case Metric.CSAT:
            satisfied = sum(count for rating, count in histogram.items() if yardstick.satisfied(rating))
            interval = wilson(satisfied, n)
            return 100 * satisfied / n, interval.times(100) if interval else None
        case Metric.NPS:
            promoters = sum(count for rating, count in histogram.items() if rating >= PROMOTER_FROM)
            detractors = sum(count for rating, count in histogram.items() if rating <= DETRACTOR_UP_TO)
            interval = adjusted_wald_net(promoters, detractors, n)
            return 100 * (promoters - detractors) / n, interval.times(100) if interval else None
        case _:
            mean = mean_of(histogram)
            group = yardstick.group
            return None if mean is None else float(mean), mean_interval(histogram, group.min, group.max)
