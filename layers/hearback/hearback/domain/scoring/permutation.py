"""Do two groups rate alike? The chance that dealing all ratings out anew would set the groups so far apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

from hearback.domain.scoring import exact

_NORMAL = NormalDist()

_FLAT = 1e-4
"""So near the middle the formula divides by next to nothing, and the answer is that chance explains all."""

_COUNTED_OUT = 8
"""The smaller group's size up to which all draws are counted: one to two milliseconds at most."""

_FAR = 700.0
"""Beyond it e^x leaves the range of a float."""


def permutation_p(a: Mapping[int, int], b: Mapping[int, int]) -> float:
    """Two-sided p of the permutation test for a difference of means: twice the smaller tail, the observed included.

    It asks nothing of the ratings' distribution, so it holds for five answers that are all the same, where Welch's test
    would see no spread and call anything proven. Exact when one group has up to eight answers, or there are two
    distinct values (Fisher's exact test); else by the saddlepoint approximation, good to a few percent *of the tail*
    however far out, where the normal approximation is off by powers of ten.
    """
    values = sorted({value for histogram in (a, b) for value, count in histogram.items() if count})
    if len(values) < 2 or not any(a.values()) or not any(b.values()):  # noqa: PLR2004 - a difference needs two values
        return 1.0
    few = min(a, b, key=lambda histogram: sum(histogram.values()))
    pooled = [a.get(value, 0) + b.get(value, 0) for value in values]
    drawn = sum(few.values())
    if len(values) == 2:  # noqa: PLR2004 - Fisher's case
        return exact.two_sided(few.get(values[1], 0), drawn, pooled[1], sum(pooled))
    unit = math.gcd(*(value - values[0] for value in values))
    steps = [(value - values[0]) // unit for value in values]
    total = sum(few.get(value, 0) * step for value, step in zip(values, steps, strict=True))
    if drawn <= _COUNTED_OUT:
        ways = _ways(drawn, steps, pooled)
        return min(1.0, 2 * min(sum(ways[: total + 1]), sum(ways[total:])) / sum(ways))
    mirrored = [steps[-1] - step for step in reversed(steps)]
    upper = _at_least(total, drawn, steps, pooled)
    lower = _at_least(drawn * steps[-1] - total, drawn, mirrored, pooled[::-1])
    return min(1.0, 2 * min(upper, lower))


def _ways(drawn: int, steps: list[int], pooled: list[int]) -> list[int]:
    """For each possible sum, the number of ways to draw so many from the pool with that sum.

    The coefficients of x^drawn in the product over all values of Σ C(count, k) (x y^step)^k, multiplied as one long
    integer each in which every coefficient has a field of its own (L. Kronecker's substitution): Python multiplies long
    integers far faster than it loops.
    """
    width = math.comb(sum(pooled), drawn).bit_length()
    row = (drawn * steps[-1] + 1) * width
    within = (1 << ((drawn + 1) * row)) - 1
    product = 1
    for step, count in zip(steps, pooled, strict=True):
        factor = sum(math.comb(count, k) << (k * (row + step * width)) for k in range(min(count, drawn) + 1))
        product = product * factor & within
    last = product >> (drawn * row)
    field = (1 << width) - 1
    return [last >> (total * width) & field for total in range(drawn * steps[-1] + 1)]


def _at_least(total: int, drawn: int, steps: list[int], pooled: list[int]) -> float:
    """P(S >= total) for the sum S of `drawn` values dealt from the pool; 1 at or below its mean.

    The double saddlepoint of sampling without replacement, on a lattice and corrected for continuity: J. Robinson,
    "Saddlepoint approximations for permutation tests and confidence intervals", J. Royal Statistical Society B 44 (1982)
    91-101; I. M. Skovgaard, "Saddlepoint expansions for conditional distributions", J. Applied Probability 24 (1987)
    875-887; R. W. Butler, Saddlepoint Approximations with Applications, Cambridge 2007, section 4.1.
    """
    population = sum(pooled)
    share = drawn / population
    aim = total - 0.5
    if aim <= share * sum(step * count for step, count in zip(steps, pooled, strict=True)):
        return 1.0
    u, t = _saddlepoint(aim, drawn, steps, pooled)
    cumulant, _, _, (uu, ut, tt) = _cumulants(u, t, share, steps, pooled)
    w = math.sqrt(max(0.0, 2 * (u * drawn + t * aim - cumulant)))
    v = 2 * math.sinh(t / 2) * math.sqrt(max(0.0, uu * tt - ut * ut) / (population * share * (1 - share)))
    if w < _FLAT or v < _FLAT:
        return 1.0
    return min(1.0, max(0.0, math.erfc(w / math.sqrt(2)) / 2 + _NORMAL.pdf(w) * (1 / v - 1 / w)))


def _saddlepoint(aim: float, drawn: int, steps: list[int], pooled: list[int]) -> tuple[float, float]:
    """Where the tilted draw has the observed size and sum: the least of a convex function, by damped Newton steps."""
    share = drawn / sum(pooled)
    u = t = 0.0
    height, got, total, (uu, ut, tt) = _cumulants(u, t, share, steps, pooled)
    for _ in range(60):
        off_u, off_t = drawn - got, aim - total
        determinant = uu * tt - ut * ut
        if abs(off_u) + abs(off_t) < 1e-11 * drawn or determinant <= 0:
            break
        du, dt = (tt * off_u - ut * off_t) / determinant, (uu * off_t - ut * off_u) / determinant
        now = height - u * drawn - t * aim
        size = min(1.0, 4 / max(abs(dt), abs(du) / 4, 1e-300))
        while True:
            height, got, total, (uu, ut, tt) = _cumulants(u + size * du, t + size * dt, share, steps, pooled)
            if height - (u + size * du) * drawn - (t + size * dt) * aim <= now + 1e-12 * abs(now) or size < 1e-6:  # noqa: PLR2004
                break
            size /= 2
        u, t = u + size * du, t + size * dt
    return u, t


def _cumulants(
    u: float, t: float, share: float, steps: list[int], pooled: list[int]
) -> tuple[float, float, float, tuple[float, float, float]]:
    """The generating function's logarithm at (u, t), its slopes (size and sum of the draw) and its curvatures."""
    height = got = total = uu = ut = tt = 0.0
    for step, count in zip(steps, pooled, strict=True):
        log_odds = u + t * step
        height += count * _log_mix(share, log_odds)
        taken = share / (share + (1 - share) * math.exp(-log_odds)) if log_odds > -_FAR else 0.0
        spread = count * taken * (1 - taken)
        got += count * taken
        total += count * taken * step
        uu += spread
        ut += spread * step
        tt += spread * step * step
    return height, got, total, (uu, ut, tt)


def _log_mix(share: float, log_odds: float) -> float:
    """log(1 - share + share e^x) without overflow."""
    if log_odds > 0:
        return log_odds + math.log(share + (1 - share) * math.exp(-log_odds))
    return math.log1p(share * math.expm1(log_odds))
