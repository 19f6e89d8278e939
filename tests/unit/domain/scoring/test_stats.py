import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as scipy_stats  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from hearback.domain.scoring.stats import (
    Interval,
    adjusted_wald_net,
    mean_interval,
    mean_of,
    t_quantile,
    variance_of,
    wilson,
    z_quantile,
)

histograms = st.dictionaries(st.integers(1, 7), st.integers(0, 400), min_size=1)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"), [(8, 10, 49.0, 94.3), (15, 20, 53.1, 88.8), (75, 100, 65.7, 82.5), (375, 500, 71.0, 78.6)]
)
def test_wilson_gives_the_published_intervals(successes: int, n: int, low: float, high: float) -> None:
    interval = wilson(successes, n)
    assert interval is not None
    assert (round(100 * interval.low, 1), round(100 * interval.high, 1)) == (low, high)


@given(st.integers(1, 5000), st.data(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_wilson_agrees_with_statsmodels(n: int, data: st.DataObject, level: float) -> None:
    successes = data.draw(st.integers(0, n))
    low, high = proportion_confint(successes, n, alpha=1 - level, method="wilson")
    interval = wilson(successes, n, level)
    assert interval is not None
    assert interval.low == pytest.approx(low, abs=1e-12)
    assert interval.high == pytest.approx(high, abs=1e-12)


@given(st.integers(1, 5000), st.data())
def test_wilson_holds_the_share_and_stays_within_0_and_1(n: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, n))
    interval = wilson(successes, n)
    assert interval is not None
    assert 0 <= interval.low <= successes / n <= interval.high <= 1
    assert interval.low < interval.high


def test_nps_of_half_promoters_and_a_quarter_detractors_gives_the_published_interval() -> None:
    interval = adjusted_wald_net(50, 25, 100)
    assert interval is not None
    assert (round(100 * interval.low, 1), round(100 * interval.high, 1)) == (8.3, 40.2)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_a_net_interval_stays_within_what_a_net_share_can_be(promoters: int, passives: int, detractors: int) -> None:
    n = promoters + passives + detractors
    interval = adjusted_wald_net(promoters, detractors, n)
    assert (interval is None) == (n == 0)
    if interval:
        assert -1 <= interval.low < interval.high <= 1


@given(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300))
def test_turning_promoters_into_detractors_mirrors_the_net_interval(promoters: int, detractors: int, passives: int) -> None:
    n = promoters + passives + detractors
    one, other = adjusted_wald_net(promoters, detractors, n), adjusted_wald_net(detractors, promoters, n)
    assert one is not None
    assert other is not None
    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


@pytest.mark.parametrize("level", [0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
def test_the_t_quantile_agrees_with_scipy_to_ten_digits(level: float) -> None:
    for freedom in [*range(1, 40), 99, 100, 101, 499, 998, 999, 1000, 1001, 1002, 5000, 17181, 10**6]:
        assert t_quantile(freedom, level) == pytest.approx(scipy_stats.t.ppf(0.5 + level / 2, freedom), rel=1e-10)
    assert z_quantile(level) == pytest.approx(scipy_stats.norm.ppf(0.5 + level / 2), rel=1e-13)


@given(histograms)
def test_mean_and_variance_are_exact_and_the_interval_is_scipys(histogram: dict[int, int]) -> None:
    ratings = [rating for rating, count in histogram.items() for _ in range(count)]
    if not ratings:
        assert mean_of(histogram) is None
        return
    assert mean_of(histogram) == Fraction(sum(ratings), len(ratings))
    if len(set(ratings)) < 2:
        return
    interval = mean_interval(histogram, 1, 7)
    expected = scipy_stats.ttest_1samp(ratings, 0).confidence_interval(0.95)
    assert interval is not None
    assert interval.low == pytest.approx(max(expected.low, 1), rel=1e-9)
    assert interval.high == pytest.approx(min(expected.high, 7), rel=1e-9)


def test_nothing_observed_has_no_interval_and_one_rating_has_no_spread() -> None:
    assert wilson(0, 0) is None
    assert adjusted_wald_net(0, 0, 0) is None
    assert mean_interval({}, 1, 7) is None
    assert mean_interval({5: 1}, 1, 7) is None
    assert variance_of({5: 1}) is None


def test_equal_ratings_are_no_proof_of_their_mean() -> None:
    """Ten times 7: others may make up 26% of all customers and still not show (0.741^10 = 5%)."""
    interval = mean_interval({7: 10}, 1, 7)
    assert interval is not None
    assert interval.method == "all_equal_bound"
    assert interval.high == 7
    assert interval.low == pytest.approx(7 - 6 * (1 - 0.05**0.1))
    assert interval.low == pytest.approx(7 - 6 * proportion_confint(0, 10, alpha=0.1, method="beta")[1])


def test_equal_ratings_in_the_middle_leave_room_on_both_sides() -> None:
    interval = mean_interval({4: 3}, 1, 7)
    assert interval is not None
    assert interval.low < 4 < interval.high
    assert interval.low == pytest.approx(8 - interval.high)


def test_more_equal_ratings_narrow_the_bound() -> None:
    few, many = mean_interval({5: 5}, 1, 5), mean_interval({5: 500}, 1, 5)
    assert few is not None
    assert many is not None
    assert few.low < many.low < 5


def test_an_interval_cut_to_its_bounds_never_turns_round() -> None:
    assert Interval(8, 9, 0.95, "t").within(1, 7) == Interval(7, 7, 0.95, "t")
    assert Interval(-3, 9, 0.95, "t").within(1, 7) == Interval(1, 7, 0.95, "t")
    assert math.isclose(Interval(0.1, 0.2, 0.95, "wilson").times(100).high, 20)
