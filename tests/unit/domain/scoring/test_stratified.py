from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
import statsmodels.api as sm  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable  # type: ignore[import-untyped]

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.stats import z_quantile
from hearback.domain.scoring.stratified import stratified
from tests.unit.domain.scoring.answered import CES, CSAT, NPS

shares = st.lists(st.tuples(*[st.integers(0, 30)] * 4), min_size=1, max_size=6)
"""Strata of (satisfied, unsatisfied) in one group and in the other."""

ratings = st.lists(st.tuples(*[st.dictionaries(st.integers(1, 7), st.integers(1, 15), min_size=1)] * 2), min_size=1, max_size=5)


def as_csat(strata: Sequence[tuple[int, ...]]) -> list[tuple[Counter[int], Counter[int]]]:
    return [(Counter({5: a, 1: b}), Counter({5: c, 1: d})) for a, b, c, d in strata]


@given(shares)
def test_a_share_agrees_with_mantel_and_haenszels_own_table(strata: Sequence[tuple[int, ...]]) -> None:
    """The numerator of the risk difference is that of the Cochran-Mantel-Haenszel test, which statsmodels has."""
    strata = [each for each in strata if sum(each[:2]) and sum(each[2:])]
    found = stratified(as_csat(strata), CSAT)
    if found is None:
        return
    table = StratifiedTable([np.array([[a, b], [c, d]], dtype=float) for a, b, c, d in strata])
    weight = sum((a + b) * (c + d) / (a + b + c + d) for a, b, c, d in strata)
    expected = [(a + b) * (a + c) / (a + b + c + d) for a, b, c, d in strata]
    excess = sum(each[0] for each in strata) - sum(expected)
    assert found.value == pytest.approx(100 * excess / weight, abs=1e-9)
    spread = sum((a + b) * (c + d) * (a + c) * (b + d) / (n * n * (n - 1)) for a, b, c, d in strata if (n := a + b + c + d) > 1)
    if spread:
        assert excess**2 / spread == pytest.approx(table.test_null_odds().statistic, abs=1e-6)


@given(shares)
def test_the_interval_of_a_share_ends_where_its_test_just_rejects(strata: Sequence[tuple[int, ...]]) -> None:
    """Klingenberg's score interval, its ends searched for with Sato's variance as the R package metafor computes it."""
    strata = [each for each in strata if sum(each[:2]) and sum(each[2:])]
    found = stratified(as_csat(strata), CSAT)
    if found is None:
        return
    a, b, c, d = (np.array(each, dtype=float) for each in zip(*strata, strict=True))
    n1, n2 = a + b, c + d
    n = n1 + n2

    def rejects(risk: float) -> float:
        variance = (
            risk * np.sum(c * (n1 / n) ** 2 - a * (n2 / n) ** 2 + (n1 / n) * (n2 / n) * (n2 - n1) / 2)
            + np.sum(a * (n2 - c) / n + c * (n1 - a) / n) / 2
        ) / np.sum(n1 * (n2 / n)) ** 2
        return float((found.value / 100 - risk) ** 2 - z_quantile(0.95) ** 2 * variance)

    for end in (found.interval.low / 100, found.interval.high / 100):
        assert abs(end) == 1 or rejects(end) == pytest.approx(0, abs=1e-9)
    assert found.interval.low - 1e-9 <= found.value <= found.interval.high + 1e-9


@given(ratings)
def test_a_mean_agrees_with_least_squares_with_a_level_for_each_stratum(strata: list[tuple[dict[int, int], dict[int, int]]]) -> None:
    found = stratified(strata, CES)
    rows = [
        (rating, float(group == 0), stratum)
        for stratum, groups in enumerate(strata)
        for group, histogram in enumerate(groups)
        for rating, count in histogram.items()
        for _ in range(count)
    ]
    y = np.array([row[0] for row in rows], dtype=float)
    levels = np.eye(len(strata))[[row[2] for row in rows]]
    fit = sm.OLS(y, np.column_stack([[row[1] for row in rows], levels])).fit()
    if found is None:
        assert fit.df_resid < 1 or fit.ssr < 1e-9
        return
    low, high = fit.conf_int()[0]
    assert found.value == pytest.approx(fit.params[0], abs=1e-8)
    assert found.interval.low == pytest.approx(max(low, -6), abs=1e-6)
    assert found.interval.high == pytest.approx(min(high, 6), abs=1e-6)


@given(
    st.dictionaries(st.integers(0, 10), st.integers(1, 40), min_size=2), st.dictionaries(st.integers(0, 10), st.integers(1, 40), min_size=2)
)
def test_one_stratum_gives_the_plain_difference(a: dict[int, int], b: dict[int, int]) -> None:
    plain, found = difference(a, b, NPS), stratified([(a, b)], NPS)
    assert plain is not None
    if found is not None:
        assert found.value == pytest.approx(plain.value)
        assert found.matched == (sum(a.values()), sum(b.values()))


@given(shares)
def test_changing_the_groups_places_changes_the_sign_only(strata: Sequence[tuple[int, ...]]) -> None:
    one = stratified(as_csat(strata), CSAT)
    other = stratified(as_csat([(c, d, a, b) for a, b, c, d in strata]), CSAT)
    assert (one is None) == (other is None)
    if one and other:
        assert (one.value, one.interval.low) == pytest.approx((-other.value, -other.interval.high), abs=1e-9)


def test_strata_that_one_group_is_missing_from_say_nothing() -> None:
    shared = (Counter({5: 8, 1: 4}), Counter({5: 10, 1: 20}))
    alone: tuple[Counter[int], Counter[int]] = (Counter({5: 100}), Counter())
    assert stratified([shared, alone], CSAT) == stratified([shared], CSAT)
    assert stratified([alone, (Counter(), Counter({1: 5}))], CSAT) is None
    assert stratified([], CSAT) is None


def test_answers_that_do_not_vary_prove_nothing() -> None:
    assert stratified([(Counter({4: 9}), Counter({4: 9}))], CES) is None
    assert stratified([(Counter({4: 9}), Counter({6: 9}))], CES) is None
    assert stratified([(Counter({5: 9}), Counter({5: 9}))], CSAT) is None


def test_five_answers_that_are_alike_leave_room_for_others() -> None:
    """As wide as Newcombe's interval for the same answers, about: d ± z√V would have a width of 6."""
    few, many = Counter({1: 5}), Counter({5: 800, 1: 200})
    plain, found = difference(few, many, CSAT), stratified([(few, many)], CSAT)
    assert plain is not None
    assert found is not None
    assert found.value == plain.value == -80
    assert found.interval.high == pytest.approx(plain.interval.high, abs=7)


def test_the_interval_of_a_share_holds_the_truth_as_often_as_it_says() -> None:
    """Six strata with rates from 30% to 90%, groups of 4 to 40 answers, a true difference of -10 points."""
    rng = np.random.default_rng(20260302)
    sizes = np.array([[4, 40], [10, 10], [40, 8], [25, 30], [6, 15], [15, 5]])
    rates = np.array([0.3, 0.45, 0.6, 0.7, 0.8, 0.9])
    held, draws = 0, 2000
    for _ in range(draws):
        ones = rng.binomial(sizes[:, 0], rates - 0.1)
        others = rng.binomial(sizes[:, 1], rates)
        strata = [(int(x), int(a - x), int(y), int(b - y)) for (a, b), x, y in zip(sizes, ones, others, strict=True)]
        found = stratified(as_csat(strata), CSAT)
        assert found is not None
        held += found.interval.low <= -10 <= found.interval.high
    assert 0.935 <= held / draws <= 0.965
