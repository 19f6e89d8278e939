import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ttest_ind  # type: ignore[import-untyped]

from hearback.domain.scoring.permutation import permutation_p

small = st.dictionaries(st.integers(1, 7), st.integers(0, 4), max_size=5)


def enumerated(a: dict[int, int], b: dict[int, int]) -> float:
    """Every way to deal the pool, counted: twice the smaller tail."""
    values = sorted({*a, *b})
    pooled = [a.get(value, 0) + b.get(value, 0) for value in values]
    drawn, seen = sum(a.values()), sum(value * count for value, count in a.items())
    ways: dict[int, int] = {}
    for counts in product(*(range(count + 1) for count in pooled)):
        if sum(counts) == drawn:
            total = sum(value * count for value, count in zip(values, counts, strict=True))
            ways[total] = ways.get(total, 0) + math.prod(math.comb(has, takes) for has, takes in zip(pooled, counts, strict=True))
    everything = sum(ways.values())
    lower = sum(count for total, count in ways.items() if total <= seen) / everything
    upper = sum(count for total, count in ways.items() if total >= seen) / everything
    return min(1.0, 2 * min(lower, upper))


@given(small, small)
@settings(max_examples=150)
def test_it_counts_all_ways_to_deal_when_there_are_few(a: dict[int, int], b: dict[int, int]) -> None:
    if not sum(a.values()) or not sum(b.values()):
        assert permutation_p(a, b) == 1
        return
    counted_out = min(sum(a.values()), sum(b.values())) <= 8
    assert permutation_p(a, b) == pytest.approx(enumerated(a, b), rel=1e-12 if counted_out else 0.25, abs=1e-12 if counted_out else 0.05)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ({1: 9, 2: 6}, {1: 2, 3: 4, 5: 10}),
        ({-1: 9, 0: 1, 1: 4}, {-1: 3, 0: 9, 1: 60}),
        ({7: 14}, {7: 20, 6: 30, 2: 12}),
        ({0: 6, 10: 8}, {10: 40, 9: 10, 7: 5, 0: 2}),
        ({5: 3, 4: 4, 1: 8}, {5: 30, 4: 12, 3: 4, 2: 2, 1: 3}),
    ],
)
def test_a_tail_is_right_to_a_fifth_of_itself(a: dict[int, int], b: dict[int, int]) -> None:
    assert permutation_p(a, b) == pytest.approx(enumerated(a, b), rel=0.2)
    assert permutation_p(b, a) == pytest.approx(permutation_p(a, b), rel=1e-6)


def test_many_ratings_give_what_the_t_test_gives() -> None:
    a, b = {1: 300, 3: 500, 5: 1000, 7: 900}, {1: 320, 3: 540, 5: 1060, 7: 780}
    spread = [[rating for rating, count in each.items() for _ in range(count)] for each in (a, b)]
    assert permutation_p(a, b) == pytest.approx(ttest_ind(*spread).pvalue, rel=0.06)


def test_five_equal_ratings_prove_no_more_than_their_chance() -> None:
    """Where four in five rate 7, five sevens in a row happen every third time."""
    assert permutation_p({7: 5}, {7: 4000, 6: 500, 1: 500}) > 0.3


@pytest.mark.parametrize(("a", "b"), [({}, {5: 3}), ({5: 3}, {}), ({5: 3}, {5: 900}), ({}, {}), ({5: 0}, {1: 2})])
def test_nothing_to_compare_proves_nothing(a: dict[int, int], b: dict[int, int]) -> None:
    assert permutation_p(a, b) == 1


@given(st.dictionaries(st.integers(0, 10), st.integers(0, 10**6)), st.dictionaries(st.integers(0, 10), st.integers(0, 10**6)))
def test_it_is_a_probability_whatever_the_counts(a: dict[int, int], b: dict[int, int]) -> None:
    assert 0 <= permutation_p(a, b) <= 1


@given(small, small)
def test_it_does_not_matter_which_group_comes_first_or_where_the_scale_begins(a: dict[int, int], b: dict[int, int]) -> None:
    moved = [{rating * 2 + 3: count for rating, count in each.items()} for each in (a, b)]
    assert permutation_p(*moved) == pytest.approx(permutation_p(a, b), rel=1e-6)
    assert permutation_p(b, a) == pytest.approx(permutation_p(a, b), rel=1e-6)
