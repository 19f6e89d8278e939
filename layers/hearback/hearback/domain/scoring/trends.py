"""A score over time: the band in which chance alone keeps its points, and whether it changed for good at one of them.

The band is for the eye: of a month of unchanged days some point may well leave it. "Changed" is only what `find_change`
returns.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import accumulate, pairwise
from typing import NamedTuple

from hearback.domain.scoring.comparing import Difference, difference, scored
from hearback.domain.scoring.digest import Histogram
from hearback.domain.scoring.permutation import permutation_p
from hearback.domain.scoring.score import Yardstick
from hearback.domain.scoring.stats import t_two_sided
from hearback.domain.survey import Metric

FALSE_ALARM_RATE = 0.01
"""At most this share of reports on an unchanged score says "changed"."""

ENOUGH = 10
"""Answers that each side of a change must have. Which splits are looked at depends on counts, never on ratings."""

SIGMAS = 3
"""W. A. Shewhart, Economic Control of Quality of Manufactured Product, 1931: the width of a control chart's band."""

_MEAN_MOVE = 2 / math.sqrt(math.pi)
"""d2 = 1.128: how far apart two standard normal values lie on average."""

_OUTSIDE_P = math.erfc(SIGMAS / math.sqrt(2))
"""What three sigmas mean where the normal distribution fits: 0.0027."""

_PRIOR_POINTS = 8
"""How many points' worth of belief the plain law of chance gets before the points' own unrest outweighs it."""

_UNREST_Z = 1.6448536269514722
"""The 95% point of the normal distribution: where unrest counts as shown."""

_SURE = 1e-12
"""Below it one p is as good as another; the clearer gap then says where the change was."""


@dataclass(frozen=True, slots=True)
class Point:
    """The ratings of some days, both included."""

    start: date
    end: date
    histogram: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """The band of one point in the score's units; None without an answer."""

    low: float | None
    high: float | None
    outside: bool


@dataclass(frozen=True, slots=True)
class Change:
    """`index` is the first point after it; `difference` is after less before; `p` allows for every split looked at."""

    index: int
    before: Histogram
    after: Histogram
    difference: Difference
    p: float


class _Sums(NamedTuple):
    """Of some points: answers, their values and squared values, and each point's squared sum by its size, added up."""

    n: int
    total: int
    squares: int
    by_point: float

    def plus(self, other: _Sums) -> _Sums:
        return _Sums(self.n + other.n, self.total + other.total, self.squares + other.squares, self.by_point + other.by_point)

    def minus(self, other: _Sums) -> _Sums:
        return _Sums(self.n - other.n, self.total - other.total, self.squares - other.squares, self.by_point - other.by_point)

    @property
    def spread(self) -> float:
        """The squared distances of all values from their mean."""
        return self.squares - self.total * self.total / self.n

    @property
    def unrest(self) -> float:
        """The part of `spread` that lies between the points."""
        return max(0.0, self.by_point - self.total * self.total / self.n)


def limits(points: Sequence[Point], yardstick: Yardstick) -> list[Limit]:
    """For each point, what chance allows it if the score is the same throughout: pooled score ± 3 s √(variance/n).

    A p-chart for CSAT, its likes for NPS and CES with the variance of all their answers. s is 1, or larger when points
    differ by more than chance explains: D. B. Laney, "Improved control charts for attributes", Quality Engineering 14
    (2002) 531-537 (p'). Where few answers or a score near its end make the band wrong, `outside` also asks the exact test
    of that point against the others.
    """
    values = [scored(point.histogram, yardstick) for point in points]
    sums = [_sums(each) for each in values]
    held = [each for each in sums if each.n]
    if not held:
        return [Limit(None, None, outside=False) for _ in points]
    everything = reduce(_Sums.plus, held)
    centre, sigma = everything.total / everything.n, math.sqrt(max(0.0, everything.spread / everything.n))
    reach = SIGMAS * sigma * _laney(held, centre, sigma)
    pooled = _pooled(values)
    return [_limit(each, own, pooled, centre, reach, yardstick) for each, own in zip(sums, values, strict=True)]


def find_change(points: Sequence[Point], yardstick: Yardstick) -> Change | None:
    """Where the score changed for good, if the answers prove that it did; the rate is `FALSE_ALARM_RATE`.

    Every split with enough answers on both sides is tested, and its p multiplied by their number (Bonferroni; for the
    best split of a series: K. J. Worsley, "An improved Bonferroni inequality and applications", Biometrika 69 (1982)
    297-302, of which this is the plain form). A split's p is the greater of two. The permutation test (Fisher's for CSAT)
    is exact when answers vary by chance alone, however few. The second allows for points that vary by more: see
    `_p_with_unrest`.
    """
    held = [(index, values) for index, point in enumerate(points) if (values := scored(point.histogram, yardstick)).total()]
    sums = list(accumulate((_sums(values) for _, values in held), _Sums.plus))
    splits = [k for k in range(1, len(held)) if min(sums[k - 1].n, sums[-1].n - sums[k - 1].n) >= ENOUGH]
    found = []
    for k in splits:
        strength, p = _p_with_unrest(sums[k - 1], sums[-1].minus(sums[k - 1]), len(held))
        if p * len(splits) <= FALSE_ALARM_RATE:
            p = max(p, permutation_p(_pooled(values for _, values in held[:k]), _pooled(values for _, values in held[k:])))
            found.append((max(p, _SURE), -strength, held[k][0], p * len(splits)))
    if not found:
        return None
    *_, index, p = min(found)
    return _change(points, index, p, yardstick) if p <= FALSE_ALARM_RATE else None


def _change(points: Sequence[Point], index: int, p: float, yardstick: Yardstick) -> Change | None:
    """None when the interval of the difference does not bear it out."""
    before, after = _pooled(point.histogram for point in points[:index]), _pooled(point.histogram for point in points[index:])
    moved = difference(after, before, yardstick)
    if moved is None or moved.interval.low <= 0 <= moved.interval.high:
        return None
    return Change(index, before, after, moved, p)


def _p_with_unrest(before: _Sums, after: _Sums, points: int) -> tuple[float, float]:
    """How clear the gap between both sides is, in standard errors, and its p, when points may vary by more than chance.

    The standard error grows with the root of the dispersion: Pearson's X² of the points about their side's mean, by its
    degrees of freedom (P. McCullagh & J. A. Nelder, Generalized Linear Models, 2nd ed. 1989, section 4.5), never below 1.
    While X² is within its 95% range the dispersion is drawn towards 1 and counts so many points more (G. K. Smyth's
    moderated t, Statistical Applications in Genetics and Molecular Biology 3 (2004) 3): a dozen points alone would take
    away half the power. Beyond, it stands for itself.
    """
    both = before.plus(after)
    variance = both.spread / (both.n - 1)
    if variance <= 0:
        return 0.0, 1.0
    within = (before.spread + after.spread) / (both.n - 2)
    freedom = points - 2
    chi2 = (before.unrest + after.unrest) / within if within > 0 else 0.0
    if freedom and chi2 > _chi2_bound(freedom):
        dispersion = chi2 / freedom
    else:
        dispersion = max(1.0, (_PRIOR_POINTS + chi2) / (_PRIOR_POINTS + freedom))
        freedom += _PRIOR_POINTS
    gap = abs(before.total / before.n - after.total / after.n)
    strength = gap / math.sqrt(variance * dispersion * (1 / before.n + 1 / after.n))
    return strength, t_two_sided(strength, freedom)


def _chi2_bound(freedom: int) -> float:
    """The 95% point of chi squared: E. B. Wilson & M. M. Hilferty, PNAS 17 (1931) 684-688; good to 1%."""
    part = 2 / (9 * freedom)
    return freedom * (1 - part + _UNREST_Z * math.sqrt(part)) ** 3


def _laney(held: Sequence[_Sums], centre: float, sigma: float) -> float:
    """How much more neighbouring points differ than chance explains; 1 at least."""
    if sigma == 0 or len(held) < 2:  # noqa: PLR2004 - two are neighbours
        return 1.0
    standardized = [(each.total / each.n - centre) * math.sqrt(each.n) / sigma for each in held]
    moves = [abs(one - other) for one, other in pairwise(standardized)]
    return max(1.0, math.fsum(moves) / len(moves) / _MEAN_MOVE)


def _limit(sums: _Sums, own: Histogram, pooled: Histogram, centre: float, reach: float, yardstick: Yardstick) -> Limit:
    if not sums.n:
        return Limit(None, None, outside=False)
    unit = 1 if yardstick.group.metric == Metric.CES else 100
    least, greatest = yardstick.bounds
    half = reach / math.sqrt(sums.n)
    beyond = abs(sums.total / sums.n - centre) > half
    outside = beyond and permutation_p(own, pooled - own) <= _OUTSIDE_P
    return Limit(max(least, unit * (centre - half)), min(greatest, unit * (centre + half)), outside)


def _sums(values: Mapping[int, int]) -> _Sums:
    n = sum(values.values())
    total = sum(value * count for value, count in values.items())
    squares = sum(value * value * count for value, count in values.items())
    return _Sums(n, total, squares, total * total / n if n else 0.0)


def _pooled(histograms: Iterable[Mapping[int, int]]) -> Histogram:
    pooled: Histogram = Counter()
    for histogram in histograms:
        pooled.update(histogram)
    return pooled
