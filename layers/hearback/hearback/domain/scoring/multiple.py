"""Many tests at once: which of them still mean something."""

from __future__ import annotations

from collections.abc import Sequence


def benjamini_hochberg(ps: Sequence[float]) -> list[float]:
    """Each p adjusted for having looked at all of them (q), in the given order.

    Calling everything with q <= r a finding keeps the expected share of false findings at or under r, for tests that
    are independent or positively related; where nothing is to be found, at most r of the reports find anything.

        q(i) = min over j >= i of p(j) m / j, at most 1          p sorted, m tests

    Y. Benjamini & Y. Hochberg, "Controlling the false discovery rate", J. Royal Statistical Society B 57 (1995) 289-300.
    """
    adjusted = [1.0] * len(ps)
    least = 1.0
    order = sorted(range(len(ps)), key=lambda index: ps[index], reverse=True)
    for rank, index in zip(range(len(ps), 0, -1), order, strict=True):
        least = min(least, ps[index] * len(ps) / rank)
        adjusted[index] = least
    return adjusted
