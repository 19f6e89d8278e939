"""Confidence intervals for shares, net shares and means, from integer counts; the standard library alone.

Counts stay integers until the last division, so a result does not depend on the order in which answers were counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from statistics import NormalDist

LEVEL = 0.95
"""The confidence level of every interval that the project reports."""

_EXPANSION_FROM = 1000
"""Degrees of freedom from which the Cornish-Fisher expansion of t is exact to 1e-13 at the levels in use."""


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` and `high` are in the units of what was estimated: a fraction, a net fraction, a rating."""

    low: float
    high: float
    level: float
    method: str

    def within(self, low: float, high: float) -> Interval:
        """Cut to what the quantity can be at all. That never costs coverage."""
        return Interval(min(max(self.low, low), high), max(min(self.high, high), low), self.level, self.method)

    def times(self, factor: float) -> Interval:
        return Interval(self.low * factor, self.high * factor, self.level, self.method)


@lru_cache(maxsize=64)
def z_quantile(level: float) -> float:
    """The z that a standard normal variable stays within, both sides, with probability `level`: 1.96 for 0.95."""
    return NormalDist().inv_cdf(0.5 + level / 2)


def wilson(successes: float, n: float, level: float = LEVEL) -> Interval | None:
    """Wilson score interval of a share, as fractions; None without an observation.

        (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22 (1927) 209-212; it
    keeps its level at small n and near 0 and 1, where the textbook p ± z√(p(1-p)/n) does not (Brown, Cai & DasGupta,
    Statistical Science 16 (2001) 101-133).
    """
    if n == 0:
        return None
    z = z_quantile(level)
    z2 = z * z
    centre = successes + z2 / 2
    spread = z * math.sqrt(successes * (n - successes) / n + z2 / 4)
    low = 0.0 if successes == 0 else (centre - spread) / (n + z2)
    high = 1.0 if successes == n else (centre + spread) / (n + z2)
    return Interval(low, high, level, "wilson")


def adjusted_wald_net(promoters: float, detractors: float, n: float, level: float = LEVEL) -> Interval | None:
    """Adjusted Wald interval of a net share (promoters - detractors, -1 to 1); None without an observation.

        N = n+3, P = (promoters+¾)/N, D = (detractors+¾)/N:    (P - D) ± z √((P + D - (P-D)²)/N)

    So three answers are added, 1½ of them passive. D. G. Bonett & R. M. Price, "Adjusted Wald confidence interval for a
    difference of binomial proportions based on paired data", J. Educational and Behavioral Statistics 37 (2012)
    479-488; for NPS: J. Lewis & J. Sauro, measuringu.com/nps-confidence-intervals.
    """
    if n == 0:
        return None
    total = n + 3
    good, bad = (promoters + 0.75) / total, (detractors + 0.75) / total
    net = good - bad
    spread = z_quantile(level) * math.sqrt((good + bad - net * net) / total)
    return Interval(net - spread, net + spread, level, "adjusted_wald").within(-1.0, 1.0)


def mean_of(histogram: Mapping[int, int]) -> Fraction | None:
    """The exact mean of the ratings; None without one."""
    n = sum(histogram.values())
    return Fraction(sum(rating * count for rating, count in histogram.items()), n) if n else None


def variance_of(histogram: Mapping[int, int]) -> Fraction | None:
    """The exact sample variance, (nΣx² - (Σx)²) / n(n-1); None below two observations."""
    n = sum(histogram.values())
    if n < 2:  # noqa: PLR2004 - a spread needs two
        return None
    total = sum(rating * count for rating, count in histogram.items())
    squares = sum(rating * rating * count for rating, count in histogram.items())
    return Fraction(n * squares - total * total, n * (n - 1))


def mean_interval(histogram: Mapping[int, int], lowest: int, highest: int, level: float = LEVEL) -> Interval | None:
    """Interval of the mean of ratings that lie between `lowest` and `highest`; None below two observations.

        mean ± t(n-1) s/√n          Student (W. S. Gosset), "The probable error of a mean", Biometrika 6 (1908) 1-25

    When all ratings are the same, s is 0 and the formula gives a width of 0, which would be proof from nothing. Then what
    is known is that a share p of other ratings was never seen in n draws: p ≤ 1 - a^(1/n) with confidence 1-a (C. J.
    Clopper & E. S. Pearson, Biometrika 26 (1934) 404-413, at zero successes; the "rule of three"). Those others could
    lie anywhere on the scale, so the mean is within p times the way to either end.
    """
    mean, variance = mean_of(histogram), variance_of(histogram)
    if mean is None or variance is None:
        return None
    return mean_interval_of(float(mean), variance, sum(histogram.values()), lowest, highest, level)


def mean_interval_of(mean: float, variance: float | Fraction, n: int, lowest: int, highest: int, level: float = LEVEL) -> Interval:
    """`mean_interval` from the sample's mean and variance and its size of 2 or more."""
    if variance == 0:
        unseen = -math.expm1(math.log1p(-level) / n)
        return Interval(mean - unseen * (mean - lowest), mean + unseen * (highest - mean), level, "all_equal_bound")
    spread = t_quantile(n - 1, level) * math.sqrt(variance / n)
    return Interval(mean - spread, mean + spread, level, "t").within(lowest, highest)


@lru_cache(maxsize=4096)
def t_quantile(freedom: int, level: float = LEVEL) -> float:
    """The t that Student's distribution stays within, both sides, with probability `level`; good to about 1e-11.

    One and two degrees have closed forms. Up to 1000, Newton's method on the exact finite sums for integer degrees
    (Abramowitz & Stegun 26.7.3-26.7.4), begun at the normal quantile: the distribution function is concave right of 0
    and t > z, so the steps rise to the root and never pass it. Beyond, the expansion in 1/freedom (A&S 26.7.5).
    """
    z = z_quantile(level)
    if freedom == 1:
        return math.tan(math.pi * level / 2)
    if freedom == 2:  # noqa: PLR2004 - the second closed form
        return level * math.sqrt(2 / (1 - level * level))
    if freedom > _EXPANSION_FROM:
        return _t_by_expansion(z, freedom)
    t = z
    for _ in range(200):
        step = (level - _t_within(t, freedom)) / (2 * _t_density(t, freedom))
        t += step
        if abs(step) <= 1e-14 * t:
            break
    return t


def t_two_sided(t: float, freedom: int) -> float:
    """P(|T| > t) of Student's distribution, to about 1e-15 (absolute)."""
    return max(0.0, 1 - _t_within(t, freedom))


def _t_within(t: float, freedom: int) -> float:
    """P(-t < T < t), Abramowitz & Stegun 26.7.3 (odd) and 26.7.4 (even)."""
    angle = math.atan2(t, math.sqrt(freedom))
    cos2 = freedom / (freedom + t * t)
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    terms = [term] if freedom > 1 else []
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cos2 * (k - 1) / k
        terms.append(term)
    total = math.sin(angle) * math.fsum(terms)
    return 2 / math.pi * (angle + total) if odd else total


def _t_density(t: float, freedom: int) -> float:
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)
    return scale * math.exp(-(freedom + 1) / 2 * math.log1p(t * t / freedom))


def _t_by_expansion(z: float, freedom: int) -> float:
    z2 = z * z
    return z * (
        1
        + (z2 + 1) / (4 * freedom)
        + ((5 * z2 + 16) * z2 + 3) / (96 * freedom**2)
        + (((3 * z2 + 19) * z2 + 17) * z2 - 15) / (384 * freedom**3)
        + ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / (92160 * freedom**4)
    )
