"""Two groups of answers, or two periods: how far apart their scores are, how sure that is, and what chance would do.

The interval estimates the difference; the p tests whether there is any. A verdict is p's (or, of many, what
`benjamini_hochberg` makes of them): it holds in small groups too, and never says more than the interval does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from hearback.domain.scoring.permutation import permutation_p
from hearback.domain.scoring.score import DETRACTOR_UP_TO, PROMOTER_FROM, Yardstick, score_of
from hearback.domain.scoring.stats import LEVEL, Interval, mean_of, t_quantile, variance_of
from hearback.domain.survey import Metric

_PARTS = {Metric.CSAT: "newcombe", Metric.NPS: "mover_adjusted_wald", Metric.CES: "mover_t"}


@dataclass(frozen=True, slots=True)
class Difference:
    """`value` and `interval` are in the score's units: percentage points, NPS points, rating points."""

    value: float
    interval: Interval
    p: float


def difference(a: Mapping[int, int], b: Mapping[int, int], yardstick: Yardstick) -> Difference | None:
    """The score of `a` less the score of `b`; None where one of them has no interval of its own.

    `p` is two-sided, of the permutation test (Fisher's exact test for CSAT): do both rate alike? An interval that holds 0
    keeps it above 1 - LEVEL.
    """
    found = estimate(a, b, yardstick)
    if found is None:
        return None
    value, interval = found
    p = permutation_p(scored(a, yardstick), scored(b, yardstick))
    if interval.low <= 0 <= interval.high:
        p = max(p, math.nextafter(1 - LEVEL, 1))
    return Difference(value, interval, p)


def estimate(a: Mapping[int, int], b: Mapping[int, int], yardstick: Yardstick) -> tuple[float, Interval] | None:
    """The difference and its interval without the test, which takes ten times as long."""
    one, other = score_of(a, yardstick), score_of(b, yardstick)
    if one.value is None or other.value is None or one.interval is None or other.interval is None:
        return None
    low, high = yardstick.bounds
    interval = _welch(a, b) if yardstick.group.metric == Metric.CES else None
    if interval is None:
        method = _PARTS[Metric(yardstick.group.metric)]
        interval = square_and_add(one.value, one.interval, other.value, other.interval, method)
    return one.value - other.value, interval.within(low - high, high - low)


def scored(histogram: Mapping[int, int], yardstick: Yardstick) -> Counter[int]:
    """The ratings as what the score averages: 0 and 1 for CSAT, -1, 0 and 1 for NPS, themselves for CES."""
    values: Counter[int] = Counter()
    for rating, count in histogram.items():
        values[_worth(rating, yardstick)] += count
    return values


def square_and_add(a: float, a_interval: Interval, b: float, b_interval: Interval, method: str) -> Interval:
    """The interval of a - b from the intervals of both: with Wilson's, Newcombe's method 10.

        a - b - √((a - low a)² + (high b - b)²)   to   a - b + √((high a - a)² + (b - low b)²)

    R. G. Newcombe, "Interval estimation for the difference between independent proportions", Statistics in Medicine 17
    (1998) 873-890; for any pair of intervals: G. Y. Zou & A. Donner, "Construction of confidence limits about effect
    measures", Statistics in Medicine 27 (2008) 1693-1702 (MOVER).
    """
    down = math.hypot(max(0.0, a - a_interval.low), max(0.0, b_interval.high - b))
    up = math.hypot(max(0.0, a_interval.high - a), max(0.0, b - b_interval.low))
    return Interval(a - b - down, a - b + up, LEVEL, method)


def _worth(rating: int, yardstick: Yardstick) -> int:
    match yardstick.group.metric:
        case Metric.CSAT:
            return int(yardstick.satisfied(rating))
        case Metric.NPS:
            return (rating >= PROMOTER_FROM) - (rating <= DETRACTOR_UP_TO)
        case _:
            return rating


def _welch(a: Mapping[int, int], b: Mapping[int, int]) -> Interval | None:
    """Interval of a difference of means; None when one side shows no spread, which would count as certainty.

    B. L. Welch, "The generalization of 'Student's' problem when several different population variances are involved",
    Biometrika 34 (1947) 28-35, with F. E. Satterthwaite's degrees of freedom (Biometrics Bulletin 2 (1946) 110-114)
    rounded down, which widens it a little.
    """
    means, variances = (mean_of(a), mean_of(b)), (variance_of(a), variance_of(b))
    if means[0] is None or means[1] is None or not variances[0] or not variances[1]:
        return None
    sizes = sum(a.values()), sum(b.values())
    parts = float(variances[0]) / sizes[0], float(variances[1]) / sizes[1]
    freedom = sum(parts) ** 2 / (parts[0] ** 2 / (sizes[0] - 1) + parts[1] ** 2 / (sizes[1] - 1))
    spread = t_quantile(max(1, math.floor(freedom)), LEVEL) * math.sqrt(sum(parts))
    centre = float(means[0] - means[1])
    return Interval(centre - spread, centre + spread, LEVEL, "welch")
