import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

from hearback.domain.scoring.multiple import benjamini_hochberg

ps_of_tests = st.lists(st.floats(0, 1), min_size=1, max_size=80)


@given(ps_of_tests)
def test_the_adjusted_ps_are_statsmodels(ps: list[float]) -> None:
    assert benjamini_hochberg(ps) == pytest.approx(list(multipletests(ps, method="fdr_bh")[1]), rel=1e-12)


def test_the_example_of_benjamini_and_hochberg_keeps_its_four_findings() -> None:
    """Their 15 comparisons of section 3.2: Bonferroni keeps three at 0.05, they keep four."""
    ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert [q <= 0.05 for q in benjamini_hochberg(ps)] == [True] * 4 + [False] * 11


@given(ps_of_tests, st.randoms(use_true_random=False))
def test_the_order_of_the_tests_does_not_matter(ps: list[float], chance: random.Random) -> None:
    order = list(range(len(ps)))
    chance.shuffle(order)
    straight, shuffled = benjamini_hochberg(ps), benjamini_hochberg([ps[index] for index in order])
    assert shuffled == [straight[index] for index in order]


@given(ps_of_tests)
def test_adjusting_never_makes_a_test_surer(ps: list[float]) -> None:
    assert all(p <= q <= 1 or q == pytest.approx(p) for p, q in zip(ps, benjamini_hochberg(ps), strict=True))


def test_no_tests_need_no_adjusting_and_one_stays_as_it_is() -> None:
    assert benjamini_hochberg([]) == []
    assert benjamini_hochberg([0.03]) == [0.03]
