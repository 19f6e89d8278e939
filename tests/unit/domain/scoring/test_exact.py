import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom  # type: ignore[import-untyped]

from hearback.domain.scoring.exact import at_least, at_most, two_sided
from hearback.domain.scoring.seldom import seldom_p

counts = st.integers(0, 120)


@given(counts, counts, counts, st.integers(-3, 130))
def test_tails_agree_with_scipys_hypergeometric(drawn: int, marked: int, rest: int, hits: int) -> None:
    population = max(drawn, marked + rest)
    marked = min(marked, population)
    if not population:
        return
    assert at_most(hits, drawn, marked, population) == pytest.approx(hypergeom.cdf(hits, population, marked, drawn), rel=1e-8, abs=1e-300)
    assert at_least(hits, drawn, marked, population) == pytest.approx(
        hypergeom.sf(hits - 1, population, marked, drawn), rel=1e-8, abs=1e-300
    )


@given(counts, counts, counts, counts)
def test_the_two_sided_p_doubles_the_smaller_of_scipys_one_sided_ones(a: int, b: int, c: int, d: int) -> None:
    table = [[a, b], [c, d]]
    expected = min(1.0, 2 * min(fisher_exact(table, alternative="less").pvalue, fisher_exact(table, alternative="greater").pvalue))
    assert two_sided(a, a + b, a + c, a + b + c + d) == pytest.approx(expected, rel=1e-8)


def test_fishers_own_tea_tasting_comes_out() -> None:
    """Three of four cups named rightly: 17 in 70. All four: 1 in 70."""
    assert at_least(3, 4, 4, 8) == pytest.approx(17 / 70)
    assert at_least(4, 4, 4, 8) == pytest.approx(1 / 70)


def test_a_million_answers_keep_their_leading_digits() -> None:
    assert at_most(49_000, 100_000, 500_000, 1_000_000) == pytest.approx(hypergeom.cdf(49_000, 1_000_000, 500_000, 100_000), rel=1e-6)
    assert at_most(200_400, 400_000, 500_000, 1_000_000) == pytest.approx(hypergeom.cdf(200_400, 1_000_000, 500_000, 400_000), rel=1e-6)


@given(counts, counts, counts, counts)
def test_seldom_is_scipys_one_sided_fisher(asked: int, not_asked: int, others_asked: int, others_not: int) -> None:
    expected = fisher_exact([[asked, not_asked], [others_asked, others_not]], alternative="less").pvalue
    assert seldom_p(asked, asked + not_asked, others_asked, others_asked + others_not) == pytest.approx(expected, rel=1e-8)


def test_nobody_to_compare_with_proves_nothing() -> None:
    assert seldom_p(0, 0, 5, 10) == 1
    assert seldom_p(0, 10, 0, 0) == 1
    assert seldom_p(0, 10, 0, 90) == 1
    assert seldom_p(10, 10, 90, 90) == 1


def test_one_agent_whose_customers_are_hardly_asked_stands_out() -> None:
    assert seldom_p(2, 50, 500, 950) < 1e-9
    assert seldom_p(0, 2, 500, 1000) > 0.2


@given(counts, counts, counts)
def test_asking_more_never_looks_more_seldom(eligible: int, others_asked: int, others_not: int) -> None:
    ps = [seldom_p(asked, eligible, others_asked, others_asked + others_not) for asked in range(eligible + 1)]
    assert all(low <= high + 1e-12 for low, high in pairwise(ps))
    assert all(0 <= p <= 1 and not math.isnan(p) for p in ps)
