"""How many more answers would prove the target met or missed, if they come in as they did so far."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from hearback.domain.scoring.comparing import scored
from hearback.domain.scoring.score import Verdict, Yardstick, score_of, verdict_of
from hearback.domain.scoring.stats import Interval, adjusted_wald_net, mean_interval_of, mean_of, wilson
from hearback.domain.survey import Metric

NEVER_BEYOND = 1_000_000
"""More further answers than this are as good as never."""


def answers_needed(histogram: Mapping[int, int], yardstick: Yardstick) -> int | None:
    """The least number of further answers with which the interval leaves the target out, at the present distribution.

    0 when it does so already. None when more answers would not help: the score is the target, the target is no value the
    score can have, there is no answer to go by, or it would take more than `NEVER_BEYOND`. At the least number the chance
    of a proof is only about even, as the answers to come will not be spread exactly like those that came.
    """
    score = score_of(histogram, yardstick)
    if score.verdict is not Verdict.NOT_PROVEN:
        return 0
    if score.value is None:
        return None
    enough = 1
    while not _proven(histogram, score.n + enough, yardstick):
        if enough > NEVER_BEYOND:
            return None
        enough *= 2
    short = enough // 2
    while enough - short > 1:
        middle = (short + enough) // 2
        if _proven(histogram, score.n + middle, yardstick):
            enough = middle
        else:
            short = middle
    return enough if enough <= NEVER_BEYOND else None


def _proven(histogram: Mapping[int, int], total: int, yardstick: Yardstick) -> bool:
    return verdict_of(_interval_at(scored(histogram, yardstick), total, yardstick), yardstick) is not Verdict.NOT_PROVEN


def _interval_at(values: Mapping[int, int], total: int, yardstick: Yardstick) -> Interval | None:
    """The score's interval if there were `total` answers, spread as these are."""
    n = sum(values.values())
    match yardstick.group.metric:
        case Metric.CSAT:
            interval = wilson(total * values.get(1, 0) / n, total)
            return interval.times(100) if interval else None
        case Metric.NPS:
            interval = adjusted_wald_net(total * values.get(1, 0) / n, total * values.get(-1, 0) / n, total)
            return interval.times(100) if interval else None
        case _:
            mean = mean_of(values) or Fraction(0)
            spread = Fraction(sum(value * value * count for value, count in values.items()), n) - mean * mean
            return mean_interval_of(float(mean), spread * total / (total - 1), total, yardstick.group.min, yardstick.group.max)
