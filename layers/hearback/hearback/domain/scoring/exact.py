"""Exact tails of sampling without replacement: what chance alone does to a group's count, given the totals."""

from __future__ import annotations

import math

_NEGLIGIBLE = 1e-17


def at_most(hits: int, drawn: int, marked: int, population: int) -> float:
    """P(X <= hits), when `drawn` are taken at random from a population that holds `marked`: hypergeometric.

    Summed outward from `hits`, away from the mean, where the terms only fall; so a million answers cost a few thousand
    steps, and a far tail keeps its leading digits (about 8 of them, limited by the logarithm of the factorials).
    """
    least, greatest = max(0, drawn + marked - population), min(drawn, marked)
    if hits < least:
        return 0.0
    if hits >= greatest:
        return 1.0
    if hits * population <= drawn * marked:
        return min(1.0, _lower_tail(hits, drawn, marked, population))
    return max(0.0, 1.0 - at_least(hits + 1, drawn, marked, population))


def at_least(hits: int, drawn: int, marked: int, population: int) -> float:
    """P(X >= hits): drawing at least so many marked is drawing at most the rest unmarked."""
    return at_most(drawn - hits, drawn, population - marked, population)


def two_sided(hits: int, drawn: int, marked: int, population: int) -> float:
    """Fisher's exact test: twice the smaller tail, never more than 1.

    R. A. Fisher, "The logic of inductive inference", J. Royal Statistical Society 98 (1935) 39-82. Doubling rather than
    adding up what is less likely: the test then never says more than one of its two one-sided tests at half the level.
    """
    return min(1.0, 2 * min(at_most(hits, drawn, marked, population), at_least(hits, drawn, marked, population)))


def _lower_tail(hits: int, drawn: int, marked: int, population: int) -> float:
    term = math.exp(
        _log_choose(marked, hits) + _log_choose(population - marked, drawn - hits) - _log_choose(population, drawn),
    )
    total, k = term, hits
    rest = population - drawn - marked
    while k > 0 and term > _NEGLIGIBLE * total:
        term *= k * (rest + k) / ((marked - k + 1) * (drawn - k + 1))
        total += term
        k -= 1
    return total


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
