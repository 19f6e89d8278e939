"""Which words go with low ratings: log-odds with an informative prior, so that neither rare nor common words win by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping

LONGEST_WORD = 40
"""Characters; what is longer is no word of any language that people write comments in."""

MOST_WORDS = 200
"""Distinct words of one comment that are counted."""


def log_odds(low: Mapping[str, int], rest: Mapping[str, int], n_low: int, n_rest: int) -> dict[str, tuple[float, float]]:
    """How much likelier a comment with a low rating holds a word than another comment does: the log-odds ratio and its z.

    `low` and `rest` count the comments that hold each word, of `n_low` and `n_rest`. For a word in y of n comments:

        d = log((y₁ + a) / (n₁ + A - y₁ - a)) - log((y₂ + a) / (n₂ + A - y₂ - a))      z = d / √(1/(y₁ + a) + 1/(y₂ + a))

    B. L. Monroe, M. P. Colaresi & K. M. Quinn, "Fightin' Words: Lexical feature selection and evaluation for identifying
    the content of political conflict", Political Analysis 16 (2008) 372-403, equations 15, 16, 20 and 22. The prior is
    what all comments together say: a = y₁ + y₂ + ½ of A = n₁ + n₂ + 1. It draws every word towards no difference with
    as much weight as the data have. Comments that hold a word are counted, not its occurrences: who repeats a word ten
    times counts once.
    """
    prior_n = n_low + n_rest + 1
    found = {}
    for word in sorted(low.keys() | rest.keys()):
        counts = low.get(word, 0), rest.get(word, 0)
        prior = sum(counts) + 0.5
        with_low, with_rest = counts[0] + prior, counts[1] + prior
        value = math.log(with_low / (n_low + prior_n - with_low)) - math.log(with_rest / (n_rest + prior_n - with_rest))
        found[word] = value, value / math.sqrt(1 / with_low + 1 / with_rest)
    return found
