import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t  # type: ignore[import-untyped]

from hearback.domain.scoring.digest import Group
from hearback.domain.scoring.needed import NEVER_BEYOND, answers_needed
from hearback.domain.scoring.score import Verdict, Yardstick, score_of
from hearback.domain.scoring.stats import z_quantile

CSAT = Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75)
NPS = Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30)
CES = Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5)
YARDSTICKS = [CSAT, NPS, CES, Yardstick(Group("csat", 1, 5, "low_is_good"), 2, 75), Yardstick(Group("ces", 1, 7, "low_is_good"), 3, 3)]

ratings = st.dictionaries(st.integers(1, 5), st.integers(0, 30))


def test_eight_satisfied_of_ten_prove_75_percent_after_279_more() -> None:
    """Wilson leaves the target t out as soon as (p - t)² > z² t(1-t)/N: 288.1 answers in all."""
    assert z_quantile(0.95) ** 2 * 0.75 * 0.25 / 0.05**2 == pytest.approx(288.1, abs=0.05)
    assert answers_needed({5: 8, 1: 2}, CSAT) == 279


@given(st.integers(1, 300), st.data(), st.integers(1, 99))
def test_the_number_for_a_share_is_the_one_that_the_score_test_solves_for(n: int, data: st.DataObject, target: int) -> None:
    yes = data.draw(st.integers(0, n))
    needed = answers_needed({5: yes, 1: n - yes}, replace(CSAT, target=target))
    if 100 * yes == target * n:
        assert needed is None
        return
    solved = z_quantile(0.95) ** 2 * target * (100 - target) / (100 * yes / n - target) ** 2
    if abs(solved - round(solved)) < 1e-6 or solved > NEVER_BEYOND:
        return
    assert needed == max(0, int(solved) + 1 - n)


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(histogram=ratings)
def test_nothing_is_needed_exactly_when_it_is_proven(yardstick: Yardstick, histogram: dict[int, int]) -> None:
    assert (answers_needed(histogram, yardstick) == 0) == (score_of(histogram, yardstick).verdict is not Verdict.NOT_PROVEN)


@pytest.mark.parametrize("yardstick", YARDSTICKS)
@given(histogram=ratings)
def test_as_many_whole_copies_of_the_answers_as_cover_the_number_do_prove_it(yardstick: Yardstick, histogram: dict[int, int]) -> None:
    """And one copy less does not, so the number is neither too small nor too large."""
    n, needed = sum(histogram.values()), answers_needed(histogram, yardstick)
    if not needed:
        return
    copies = -(-(n + needed) // n)
    assert score_of({rating: count * copies for rating, count in histogram.items()}, yardstick).verdict is not Verdict.NOT_PROVEN
    if copies > 2:
        fewer = {rating: count * (copies - 1) for rating, count in histogram.items()}
        assert score_of(fewer, yardstick).verdict is Verdict.NOT_PROVEN or n + needed == (copies - 1) * n


@pytest.mark.parametrize("yardstick", YARDSTICKS)
def test_no_answers_give_nothing_to_go_by(yardstick: Yardstick) -> None:
    assert answers_needed({}, yardstick) is None
    assert answers_needed({5: 0}, yardstick) is None


@pytest.mark.parametrize(
    ("histogram", "yardstick"),
    [({5: 3, 1: 1}, CSAT), ({10: 3, 8: 7}, NPS), ({5: 10}, CES), ({6: 10, 4: 10}, CES), ({5: 10}, replace(CSAT, target=100))],
)
def test_a_score_on_its_target_is_never_proven(histogram: dict[int, int], yardstick: Yardstick) -> None:
    assert answers_needed(histogram, yardstick) is None


def test_a_score_next_to_its_target_would_take_too_long() -> None:
    assert answers_needed({5: 750_001, 1: 249_999}, CSAT) is None
    assert answers_needed({5: 7_510, 1: 2_490}, CSAT) == 710_274


def test_a_million_is_the_last_number_given() -> None:
    """1,071,198 answers in all, of which there are 50,000 and then 100,000."""
    assert answers_needed({5: 37_541, 1: 12_459}, CSAT) is None
    assert answers_needed({5: 75_082, 1: 24_918}, CSAT) == 971_198


@pytest.mark.parametrize("target", [5.0, 5.2, 5.5, 6.0])
def test_the_number_for_a_mean_is_the_first_at_which_scipys_t_interval_leaves_the_target_out(target: float) -> None:
    histogram = {7: 5, 6: 3, 2: 2}
    mean, variance = 5.7, (5 * 49 + 3 * 36 + 2 * 4) / 10 - 5.7**2
    expected = next(n for n in range(11, 5000) if abs(mean - target) > t.ppf(0.975, n - 1) * math.sqrt(variance / (n - 1)))
    assert answers_needed(histogram, replace(CES, target=target)) == expected - 10


def test_the_number_for_a_net_score_is_the_first_at_which_its_interval_leaves_the_target_out() -> None:
    """Half promoters, a quarter detractors: N+3 answers have a net of (N/4)/(N+3), and 1½ of them belong to neither side."""

    def low(n: int) -> float:
        good, bad = (n / 2 + 0.75) / (n + 3), (n / 4 + 0.75) / (n + 3)
        return good - bad - z_quantile(0.95) * math.sqrt((good + bad - (good - bad) ** 2) / (n + 3))

    expected = next(n for n in range(21, 5000) if low(n) >= 0.15)
    assert answers_needed({10: 10, 8: 5, 0: 5}, replace(NPS, target=15)) == expected - 20


def test_a_target_that_no_score_can_have_is_never_proven() -> None:
    assert answers_needed({5: 8, 1: 2}, replace(CSAT, target=101)) is None
    assert answers_needed({5: 8, 1: 2}, replace(CSAT, target=-1)) is None
    assert answers_needed({5: 8, 4: 2}, replace(CES, target=8)) is None


def test_targets_at_the_ends_need_nothing_or_never_come() -> None:
    assert answers_needed({5: 8, 1: 2}, replace(CSAT, target=100)) == 0, "one unsatisfied customer refutes 100%"
    assert answers_needed({5: 8, 1: 2}, replace(CSAT, target=0)) == 0
    assert answers_needed({5: 10}, replace(CSAT, target=100)) is None


def test_one_answer_is_enough_to_say_how_many_more() -> None:
    assert answers_needed({5: 1}, CSAT) == 11
    assert (answers_needed({10: 1}, NPS) or 0) > 3
    assert (answers_needed({7: 1}, CES) or 0) > 3
