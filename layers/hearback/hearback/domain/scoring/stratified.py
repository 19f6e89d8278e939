"""The difference between two groups with a third variable held equal: compared within each of its values, then pooled."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from hearback.domain.scoring.comparing import scored
from hearback.domain.scoring.score import Yardstick
from hearback.domain.scoring.stats import LEVEL, Interval, t_quantile, z_quantile
from hearback.domain.survey import Metric

_NOTHING = 1e-12
"""The part of the spread that is no spread but rounding."""

Stratum = tuple[Counter[int], Counter[int]]


@dataclass(frozen=True, slots=True)
class Stratified:
    """`value` is the score of the first group less that of the second, in the score's units, as `Difference` has it.

    `matched` are the answers of each group that met answers of the other in their stratum: the estimate rests on them.
    """

    value: float
    interval: Interval
    matched: tuple[int, int]


def stratified(strata: Iterable[tuple[Mapping[int, int], Mapping[int, int]]], yardstick: Yardstick) -> Stratified | None:
    """The pooled difference over strata; None where the groups share no stratum, or nothing varies within one.

    Each stratum of a and b answers weighs ab/(a + b): where one group is missing nothing can be compared. For shares that
    is the risk difference of N. Mantel & W. Haenszel, J. National Cancer Institute 22 (1959) 719-748.
    """
    shared = [_scored(each, yardstick) for each in strata]
    shared = [each for each in shared if each[0] and each[1]]
    weight = math.fsum(_weight(each) for each in shared)
    if not weight:
        return None
    value = math.fsum(_weight(each) * (_mean(each[0]) - _mean(each[1])) for each in shared) / weight
    is_share = yardstick.group.metric == Metric.CSAT
    interval = _share_interval(shared, value, weight) if is_share else _mean_interval(shared, value, weight)
    if interval is None:
        return None
    low, high = yardstick.bounds
    factor = 1.0 if yardstick.group.metric == Metric.CES else 100.0
    matched = sum(each[0].total() for each in shared), sum(each[1].total() for each in shared)
    return Stratified(factor * value, interval.times(factor).within(low - high, high - low), matched)


def _scored(stratum: tuple[Mapping[int, int], Mapping[int, int]], yardstick: Yardstick) -> Stratum:
    """Without the values that nobody has, so that an empty side is falsy."""
    one, other = (+scored(each, yardstick) for each in stratum)
    return one, other


def _weight(stratum: Stratum) -> float:
    a, b = stratum[0].total(), stratum[1].total()
    return a * b / (a + b)


def _mean(values: Counter[int]) -> float:
    return sum(value * count for value, count in values.items()) / values.total()


def _share_interval(strata: list[Stratum], value: float, weight: float) -> Interval | None:
    """Interval of a Mantel-Haenszel risk difference d, with x of a and y of b answers satisfied:

        V(d) = (d P + Q) / W²       W = Σ ab/n        n = a + b
        P = Σ (a²y - b²x + ab(b - a)/2)/n²            Q = Σ (x(b - y) + y(a - x))/2n

    The variance is T. Sato's, "On the variance estimator for the Mantel-Haenszel risk difference", Biometrics 45 (1989)
    1323-1324, right both for few large strata and for many small ones. The interval holds every difference δ with
    (d - δ)² <= z² V(δ), as B. Klingenberg has it, "A new and improved confidence interval for the Mantel-Haenszel risk
    difference", Statistics in Medicine 33 (2014) 2968-2983: d ± z√V(d) would be certain of five answers that are alike.
    """
    slopes, rests = [], []
    for one, other in strata:
        a, b, x, y = one.total(), other.total(), one[1], other[1]
        n = a + b
        slopes.append((a * a * y - b * b * x + a * b * (b - a) / 2) / (n * n))
        rests.append((x * (b - y) + y * (a - x)) / (2 * n))
    wide = (z_quantile(LEVEL) / weight) ** 2
    middle = value + wide * math.fsum(slopes) / 2
    spread = math.sqrt(max(0.0, middle * middle - value * value + wide * math.fsum(rests)))
    return Interval(middle - spread, middle + spread, LEVEL, "mantel_haenszel_klingenberg") if spread > _NOTHING else None


def _mean_interval(strata: list[Stratum], value: float, weight: float) -> Interval | None:
    """Interval of a difference of means: least squares with a level for each stratum, what is left over pooled over all.

        s² = (Σ squares within strata - d² Σ ab/n) / (answers - strata - 1)        d ± t s / √(Σ ab/n)

    Analysis of covariance with a factor: R. A. Fisher, Statistical Methods for Research Workers, 4th edition 1932, § 49.1.
    """
    squares, freedom = [], -1
    for one, other in strata:
        both = one + other
        n, total = both.total(), sum(each * count for each, count in both.items())
        squares.append((n * sum(each * each * count for each, count in both.items()) - total * total) / n)
        freedom += n - 1
    rest = math.fsum(squares) - value * value * weight
    if freedom < 1 or rest <= _NOTHING * math.fsum(squares):
        return None
    spread = t_quantile(freedom, LEVEL) * math.sqrt(rest / freedom / weight)
    return Interval(value - spread, value + spread, LEVEL, "within_strata_t")
