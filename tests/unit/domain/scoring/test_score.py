from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.score import Verdict, Yardstick, formula_of, score_of
from hearback.domain.survey import Direction, Metric, Scale
from tests.builders import a_survey


def a_yardstick(metric: str = "csat", low: int = 1, high: int = 5, direction: str = "high_is_good", **overrides: Any) -> Yardstick:
    return Yardstick(Group(metric, low, high, direction), overrides.get("benchmark", 4), overrides.get("target", 75))


CES = a_yardstick("ces", 1, 7, target=5)
NPS = a_yardstick("nps", 0, 10, target=30)


def test_csat_is_the_share_at_or_above_the_benchmark_unrounded() -> None:
    score = score_of({1: 2241, 2: 227, 3: 503, 4: 2277, 5: 11934}, a_yardstick())
    assert score.n == 17182
    assert score.value == 100 * 14211 / 17182
    assert score.mean == pytest.approx(4.247585, abs=1e-6)
    assert score.verdict is Verdict.MET


def test_the_benchmark_may_move_without_counting_anew() -> None:
    assert score_of({3: 5, 4: 5}, a_yardstick(benchmark=3)).value == 100


def test_where_low_is_good_the_low_ratings_satisfy() -> None:
    score = score_of({1: 60, 2: 30, 5: 10}, a_yardstick(direction="low_is_good", benchmark=2))
    assert score.value == 90
    assert score.verdict is Verdict.MET


def test_nps_is_promoters_less_detractors() -> None:
    score = score_of({10: 25, 9: 25, 8: 15, 7: 10, 6: 5, 0: 20}, NPS)
    assert score.value == 25
    assert score.interval is not None
    assert (round(score.interval.low, 1), round(score.interval.high, 1)) == (8.3, 40.2)


def test_ces_is_the_mean() -> None:
    score = score_of({7: 50, 6: 40, 1: 10}, CES)
    assert score.value == score.mean == 6.0
    assert score.verdict is Verdict.MET


def test_ces_with_low_is_good_has_to_stay_under_its_target() -> None:
    low_is_good = a_yardstick("ces", 1, 7, "low_is_good", target=3)
    assert score_of({1: 90, 2: 10}, low_is_good).verdict is Verdict.MET
    assert score_of({6: 90, 7: 10}, low_is_good).verdict is Verdict.MISSED
    assert score_of({2: 1, 4: 1}, low_is_good).verdict is Verdict.NOT_PROVEN


@pytest.mark.parametrize("yardstick", [a_yardstick(), CES, NPS])
def test_no_answers_have_no_score_and_prove_nothing(yardstick: Yardstick) -> None:
    score = score_of({}, yardstick)
    assert (score.n, score.value, score.mean, score.interval, score.verdict) == (0, None, None, None, Verdict.NOT_PROVEN)


def test_one_answer_on_effort_has_a_mean_and_no_interval() -> None:
    score = score_of({7: 1}, CES)
    assert (score.value, score.interval, score.verdict) == (7.0, None, Verdict.NOT_PROVEN)


def test_three_equal_answers_do_not_prove_a_target_but_three_hundred_do() -> None:
    assert score_of({7: 3}, CES).verdict is Verdict.NOT_PROVEN
    assert score_of({7: 300}, CES).verdict is Verdict.MET


def test_a_score_above_its_target_is_not_proof_while_the_interval_reaches_below() -> None:
    assert score_of({5: 8, 1: 2}, a_yardstick()).verdict is Verdict.NOT_PROVEN
    assert score_of({5: 800, 1: 200}, a_yardstick()).verdict is Verdict.MET
    assert score_of({5: 200, 1: 800}, a_yardstick()).verdict is Verdict.MISSED


def test_a_target_of_100_can_be_missed_but_never_proven() -> None:
    assert score_of({5: 10_000}, a_yardstick(target=100)).verdict is Verdict.NOT_PROVEN
    assert score_of({5: 99, 1: 100}, a_yardstick(target=100)).verdict is Verdict.MISSED


def test_a_target_that_is_no_rating_of_the_scale_is_neither_met_nor_missed() -> None:
    assert score_of({7: 300, 6: 1}, a_yardstick("ces", 1, 7, target=75)).verdict is Verdict.NOT_PROVEN


@given(st.dictionaries(st.integers(1, 5), st.integers(0, 50), min_size=1), st.integers(1, 4))
def test_a_better_answer_never_lowers_a_score(histogram: dict[int, int], rating: int) -> None:
    worse, better = dict(histogram), dict(histogram)
    worse[rating] = worse.get(rating, 0) + 1
    better[rating + 1] = better.get(rating + 1, 0) + 1
    for yardstick in (a_yardstick(), a_yardstick("ces", 1, 5)):
        low, high = score_of(worse, yardstick).value, score_of(better, yardstick).value
        assert low is not None
        assert high is not None
        assert low <= high


def test_nps_is_always_scored_from_0_to_10() -> None:
    survey = a_survey(metric=Metric.NPS, scale=Scale(1, 5, direction=Direction.LOW_IS_GOOD))
    assert Yardstick.of(survey).group == ("nps", 0, 10, "high_is_good")


def test_the_formula_names_what_was_computed() -> None:
    assert "at or above the benchmark 4" in formula_of(a_yardstick())
    assert "at or below the benchmark 2" in formula_of(a_yardstick(direction="low_is_good", benchmark=2))
    assert "9-10" in formula_of(NPS)
    assert "low is good" in formula_of(a_yardstick("ces", 1, 7, "low_is_good"))
