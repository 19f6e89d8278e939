import math
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, fisher_exact, t  # type: ignore[import-untyped]

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.permutation import permutation_p
from hearback.domain.scoring.score import Yardstick, score_of
from hearback.domain.scoring.trends import FALSE_ALARM_RATE, Limit, Point, _chi2_bound, find_change, limits

CSAT = Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75)
NPS = Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30)
CES = Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5)
YARDSTICKS = [CSAT, NPS, CES, Yardstick(Group("csat", 1, 5, "low_is_good"), 2, 75), Yardstick(Group("ces", 1, 7, "low_is_good"), 3, 3)]

ORANGE_JUICE = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]
"""D. C. Montgomery, Introduction to Statistical Quality Control, example 7.1 (also `orangejuice` of R's qcc): 50 cans a sample."""

histograms = st.lists(st.dictionaries(st.integers(1, 5), st.integers(0, 20), max_size=5), max_size=15)


def a_series(each: Sequence[dict[int, int]]) -> list[Point]:
    first = date(2026, 1, 5)
    return [Point(first + timedelta(7 * week), first + timedelta(7 * week + 6), histogram) for week, histogram in enumerate(each)]


def shares(satisfied: Sequence[int], n: int) -> list[Point]:
    return a_series([{5: yes, 1: n - yes} for yes in satisfied])


def test_the_limits_are_those_of_montgomerys_p_chart() -> None:
    found = limits(shares(ORANGE_JUICE, 50), CSAT)
    moves = [abs(one - other) / 50 for one, other in pairwise(ORANGE_JUICE)]
    centre = sum(ORANGE_JUICE) / 1500
    sigma = math.sqrt(centre * (1 - centre) / 50)
    s = sum(moves) / len(moves) / 1.1283791670955126 / sigma
    assert s > 1, "his samples move by more than chance: Laney's band is wider"
    assert found[0].low == 0, "cut to what a share can be"
    assert found[0].high == pytest.approx(100 * (centre + 3 * s * sigma))
    assert (round(centre, 4), round(centre - 3 * sigma, 4), round(centre + 3 * sigma, 4)) == (0.2313, 0.0524, 0.4102)


def test_where_neighbours_differ_by_chance_only_the_band_is_the_books() -> None:
    """The same samples in order: they hardly move, and the factor stays 1."""
    found = limits(shares(sorted(ORANGE_JUICE), 50), CSAT)
    assert (round(found[0].low or 0, 2), round(found[0].high or 0, 2)) == (5.24, 41.02)
    assert [index for index, limit in enumerate(found) if limit.outside] == [28, 29], "samples 15 and 23 of the book: 22 and 24 cans"


def test_fewer_answers_get_a_wider_band_and_no_answer_has_none() -> None:
    found = limits(a_series([{5: 75, 1: 25}, {5: 15, 1: 5}, {}, {5: 750, 1: 250}]), CSAT)
    assert found[2] == Limit(None, None, outside=False)
    half = [limit.high - 75 for limit in (found[0], found[3]) if limit.high is not None]
    assert half[0] == pytest.approx(half[1] * math.sqrt(10))


def test_a_lone_bad_answer_on_a_day_of_one_is_not_outside() -> None:
    """With 97% satisfied and one answer the band is 46..100, yet 3% of such days look like this."""
    found = limits(a_series([{5: 970, 1: 30}] * 3 + [{1: 1}]), CSAT)
    assert found[3].low is not None
    assert found[3].low > 0
    assert not found[3].outside


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(each=histograms)
def test_limits_lie_within_what_the_score_can_be_and_around_it(yardstick: Yardstick, each: list[dict[int, int]]) -> None:
    points = a_series(each)
    found = limits(points, yardstick)
    pooled = score_of(sum((Counter(histogram) for histogram in each), Counter()), yardstick).value
    least, greatest = yardstick.bounds
    assert len(found) == len(points)
    for limit, point in zip(found, points, strict=True):
        assert (limit.low is None) == (limit.high is None) == (not any(point.histogram.values()))
        if limit.low is not None and limit.high is not None and pooled is not None:
            assert least <= limit.low <= pooled + 1e-9
            assert pooled - 1e-9 <= limit.high <= greatest


def test_limits_of_a_mean_use_the_spread_of_all_answers() -> None:
    found = limits(a_series([{7: 10, 1: 10}, {7: 10, 1: 10}]), CES)
    assert (found[0].low, found[0].high) == pytest.approx((4 - 9 / math.sqrt(20), 4 + 9 / math.sqrt(20)))
    assert not found[0].outside


def test_a_shift_is_found_where_it_happened() -> None:
    change = find_change(shares([300, 305, 296, 301, 298, 304, 302, 299, 260, 256, 262], 400), CSAT)
    assert change is not None
    assert change.index == 8
    assert change.before == {5: 2405, 1: 795}
    assert change.after == {5: 778, 1: 422}
    assert change.difference.value == pytest.approx(100 * (778 / 1200 - 2405 / 3200))
    assert change.difference.interval.high < 0
    assert change.p < 1e-3


def test_where_many_splits_are_beyond_doubt_the_clearest_gap_is_the_place() -> None:
    change = find_change(shares([4500] * 14 + [2500] * 14, 5000), CSAT)
    assert change is not None
    assert change.index == 14


def test_a_rise_is_a_change_too_and_its_difference_says_so() -> None:
    change = find_change(shares([200, 204, 197, 201, 199, 260, 255, 262], 400), CSAT)
    assert change is not None
    assert change.index == 5
    assert change.difference.value > 0


@pytest.mark.parametrize("yardstick", YARDSTICKS)
def test_every_metric_sees_its_own_shift(yardstick: Yardstick) -> None:
    high, low = {5: 40, 3: 20, 1: 40}, {5: 5, 3: 15, 1: 80}
    if yardstick is NPS:
        high, low = {10: 50, 8: 40, 2: 10}, {10: 20, 8: 40, 2: 40}
    change = find_change(a_series([high] * 6 + [low] * 4), yardstick)
    assert change is not None
    assert change.index == 6


def test_the_p_is_fishers_times_the_splits_where_points_lie_still() -> None:
    """Unrest below chance leaves the dispersion at 1; 13 = 8 + 7 - 2 degrees, and the greater p of the two counts."""
    points = shares([150, 150, 150, 150, 115, 115, 115], 200)
    change = find_change(points, CSAT)
    fisher = fisher_exact([[600, 200], [345, 255]], alternative="greater").pvalue * 2
    pooled = 945 / 1400
    z = (0.75 - 0.575) / math.sqrt(pooled * (1 - pooled) * 1400 / 1399 * (1 / 800 + 1 / 600))
    assert change is not None
    assert change.p == pytest.approx(6 * max(fisher, 2 * t.sf(z, 13)), rel=1e-6)


def test_points_that_jump_about_make_a_shift_unproven() -> None:
    """The same two levels; but weeks that differ by this much anyway may do so once more."""
    calm = find_change(shares([300, 300, 300, 300, 300, 260, 260, 260], 400), CSAT)
    restless = find_change(shares([340, 260, 340, 260, 300, 300, 220, 260], 400), CSAT)
    assert calm is not None
    assert restless is None


def test_one_bad_week_among_restless_ones_is_no_change() -> None:
    assert find_change(shares([300, 330, 270, 335, 280, 325, 275, 320, 255], 400), CSAT) is None


def test_a_few_scattered_ratings_before_many_equal_ones_prove_no_change_of_the_mean() -> None:
    """They do rate differently (p 0.0009), but their mean of 5.2 may as well be 6."""
    points = a_series([{1: 5, 7: 12}] + [{6: 99, 5: 1}] * 5)
    apart = difference({6: 495, 5: 5}, {1: 5, 7: 12}, CES)
    assert apart is not None
    assert apart.interval.low < 0 < apart.interval.high
    assert permutation_p({6: 495, 5: 5}, {1: 5, 7: 12}) < 0.001
    assert find_change(points, CES) is None


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@pytest.mark.parametrize(
    "each",
    [
        [],
        [{}],
        [{}, {}, {}],
        [{5: 1}],
        [{5: 400}],
        [{5: 400}] * 12,
        [{}] * 5 + [{5: 400}] + [{}] * 5,
        [{5: 4}, {1: 4}],
        [{5: 9}] * 1 + [{1: 9}],
        [{5: 400}, {5: 1}],
        [{5: 399, 1: 1}] + [{5: 400}] * 11,
        [{5: 0}, {1: 0}],
    ],
)
def test_nothing_or_too_little_is_no_change_and_no_crash(yardstick: Yardstick, each: list[dict[int, int]]) -> None:
    assert find_change(a_series(each), yardstick) is None
    assert not any(limit.outside for limit in limits(a_series(each), yardstick))


def test_from_all_satisfied_to_none_is_a_change() -> None:
    change = find_change(a_series([{5: 30}] * 4 + [{}] + [{1: 30}] * 4), CSAT)
    assert change is not None
    assert change.index == 5, "the first point with answers after it"
    assert change.difference.value == -100


def test_rare_events_are_judged_exactly() -> None:
    """Two unsatisfied of 30 after none of 990: eight standard errors, yet p is 0.017 for ten splits, not 1e-14."""
    assert fisher_exact([[28, 2], [990, 0]], alternative="less").pvalue * 2 * 10 == pytest.approx(0.0167, abs=1e-4)
    assert find_change(a_series([{5: 99}] * 10 + [{5: 28, 1: 2}]), CSAT) is None
    assert find_change(a_series([{5: 99}] * 10 + [{5: 27, 1: 3}]), CSAT) is not None


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(each=histograms)
def test_a_change_is_inside_the_series_surer_than_the_rate_and_off_zero(yardstick: Yardstick, each: list[dict[int, int]]) -> None:
    points = a_series(each)
    change = find_change(points, yardstick)
    if change:
        assert 0 < change.index < len(points)
        assert change.p <= FALSE_ALARM_RATE
        assert change.before + change.after == sum((Counter(histogram) for histogram in each), Counter())
        assert not change.difference.interval.low <= 0 <= change.difference.interval.high


@given(histograms)
def test_empty_points_change_nothing(each: list[dict[int, int]]) -> None:
    straight = find_change(a_series(each), CSAT)
    spaced = find_change(a_series([entry for histogram in each for entry in ({}, histogram)]), CSAT)
    assert (straight and (straight.before, straight.after, straight.p)) == (spaced and (spaced.before, spaced.after, spaced.p))


def test_the_chi_squared_bound_is_scipys_to_one_percent() -> None:
    for freedom in range(1, 100):
        assert _chi2_bound(freedom) == pytest.approx(chi2.ppf(0.95, freedom), rel=0.03 if freedom < 3 else 0.01)
