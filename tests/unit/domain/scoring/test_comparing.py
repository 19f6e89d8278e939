from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, t, ttest_ind  # type: ignore[import-untyped]
from statsmodels.stats.proportion import confint_proportions_2indep  # type: ignore[import-untyped]

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.score import Yardstick, score_of

CSAT = Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75)
NPS = Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30)
CES = Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5)
YARDSTICKS = [CSAT, NPS, CES, Yardstick(Group("csat", 1, 5, "low_is_good"), 2, 75), Yardstick(Group("ces", 1, 7, "low_is_good"), 3, 3)]

ratings = st.dictionaries(st.integers(1, 5), st.integers(0, 60))


def satisfied(yes: int, n: int) -> dict[int, int]:
    return {5: yes, 1: n - yes}


@given(st.integers(1, 400), st.integers(1, 400), st.data())
def test_two_shares_differ_by_newcombes_interval_as_statsmodels_has_it(m: int, n: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
    found = difference(satisfied(x, m), satisfied(y, n), CSAT)
    low, high = confint_proportions_2indep(x, m, y, n, compare="diff", method="newcomb")
    assert found is not None
    assert found.value == pytest.approx(100 * (x / m - y / n))
    assert (found.interval.low, found.interval.high) == pytest.approx((100 * low, 100 * high), abs=1e-6)
    assert found.interval.method == "newcombe"


@pytest.mark.parametrize(
    ("x", "m", "y", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (0, 10, 0, 20, -0.1611, 0.2775),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_newcombes_own_examples_come_out(x: int, m: int, y: int, n: int, low: float, high: float) -> None:
    """Table II of his paper, method 10."""
    found = difference(satisfied(x, m), satisfied(y, n), CSAT)
    assert found is not None
    assert (found.interval.low, found.interval.high) == pytest.approx((100 * low, 100 * high), abs=0.006)


@given(st.integers(1, 200), st.integers(1, 200), st.data())
def test_the_p_of_two_shares_is_fishers_exact(m: int, n: int, data: st.DataObject) -> None:
    x, y = data.draw(st.integers(0, m)), data.draw(st.integers(0, n))
    found = difference(satisfied(x, m), satisfied(y, n), CSAT)
    tails = [fisher_exact([[x, m - x], [y, n - y]], alternative=side).pvalue for side in ("less", "greater")]
    assert found is not None
    assert found.p == pytest.approx(min(1.0, 2 * min(tails)), rel=1e-8) or found.interval.low <= 0 <= found.interval.high


@given(st.dictionaries(st.integers(1, 7), st.integers(0, 60)), st.dictionaries(st.integers(1, 7), st.integers(0, 60)))
def test_two_means_differ_by_welchs_interval_as_scipy_has_it(a: dict[int, int], b: dict[int, int]) -> None:
    one, other = ([rating for rating, count in each.items() for _ in range(count)] for each in (a, b))
    found = difference(a, b, CES)
    if len(set(one)) < 2 or len(set(other)) < 2:
        return
    welch = ttest_ind(one, other, equal_var=False)
    exact = welch.confidence_interval(0.95)
    centre, spread = (exact.low + exact.high) / 2, (exact.high - exact.low) / 2
    floored = spread * t.ppf(0.975, max(1, welch.df // 1)) / t.ppf(0.975, welch.df)
    assert found is not None
    assert found.interval.method == "welch"
    assert found.interval.low == pytest.approx(max(-6, centre - floored), rel=1e-6, abs=1e-9)
    assert found.interval.high == pytest.approx(min(6, centre + floored), rel=1e-6, abs=1e-9)


def test_two_net_scores_differ_by_both_their_intervals() -> None:
    a, b = {10: 50, 8: 25, 0: 25}, {10: 40, 8: 20, 0: 40}
    one, other = score_of(a, NPS).interval, score_of(b, NPS).interval
    found = difference(a, b, NPS)
    assert found is not None
    assert one is not None
    assert other is not None
    assert found.value == 25
    assert found.interval.low == pytest.approx(25 - ((25 - one.low) ** 2 + other.high**2) ** 0.5)
    assert found.interval.high == pytest.approx(25 + ((one.high - 25) ** 2 + other.low**2) ** 0.5)


@pytest.mark.parametrize("yardstick", YARDSTICKS)
def test_nothing_can_be_said_without_answers_on_both_sides(yardstick: Yardstick) -> None:
    assert difference({}, {5: 10}, yardstick) is None
    assert difference({5: 10}, {}, yardstick) is None
    assert difference({}, {}, yardstick) is None


def test_one_rating_has_no_spread_and_no_difference_of_means() -> None:
    assert difference({5: 1}, {5: 10, 6: 10}, CES) is None


@pytest.mark.parametrize("yardstick", YARDSTICKS)
def test_equal_ratings_on_both_sides_are_no_difference(yardstick: Yardstick) -> None:
    found = difference({5: 300}, {5: 200}, yardstick)
    assert found is not None
    assert found.value == 0
    assert found.interval.low < 0 < found.interval.high
    assert found.p == 1


def test_a_few_equal_ratings_do_not_prove_a_difference_of_means() -> None:
    found = difference({7: 5}, {7: 4000, 1: 1000}, CES)
    assert found is not None
    assert found.interval.low < 0 < found.interval.high
    assert found.p > 0.3


def test_equal_ratings_at_opposite_ends_do_differ() -> None:
    found = difference({7: 40}, {1: 40}, CES)
    assert found is not None
    assert found.value == 6
    assert found.interval.low > 5
    assert found.p < 1e-9


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(a=ratings, b=ratings)
def test_a_difference_turned_round_is_the_same_with_another_sign(yardstick: Yardstick, a: Any, b: Any) -> None:
    one, other = difference(a, b, yardstick), difference(b, a, yardstick)
    assert (one is None) == (other is None)
    if one and other:
        assert one.value == pytest.approx(-other.value)
        assert (one.interval.low, one.interval.high) == pytest.approx((-other.interval.high, -other.interval.low))
        assert one.p == pytest.approx(other.p, rel=1e-6)


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(a=ratings, b=ratings)
def test_a_small_p_has_an_interval_on_one_side_of_0_that_holds_the_difference(yardstick: Yardstick, a: Any, b: Any) -> None:
    found = difference(a, b, yardstick)
    if found:
        low, high = yardstick.bounds
        assert low - high <= found.interval.low <= found.value <= found.interval.high <= high - low
        assert 0 <= found.p <= 1
        if found.p <= 0.05:
            assert found.interval.low > 0 or found.interval.high < 0


def test_a_difference_is_never_said_to_be_more_than_the_scale_is_wide() -> None:
    found = difference({1: 1, 7: 1}, {1: 1, 7: 1}, CES)
    assert found is not None
    assert (found.interval.low, found.interval.high) == (-6, 6)


def test_where_low_is_good_a_csat_still_rises_with_the_satisfied_and_a_ces_with_the_rating() -> None:
    csat, ces = YARDSTICKS[3], YARDSTICKS[4]
    better, worse = {1: 90, 5: 10}, {1: 50, 5: 50}
    of_csat, of_ces = difference(better, worse, csat), difference(better, worse, ces)
    assert of_csat is not None
    assert of_ces is not None
    assert of_csat.value == 40
    assert of_ces.value == pytest.approx(-1.6)
