import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.scoring.words import log_odds


def test_a_case_worked_by_hand() -> None:
    """The word "late" in 6 of 10 and in 3 of 30: 15.5 : 35.5 against 12.5 : 58.5 once the prior of 9.5 in 41 is added."""
    value, z = log_odds({"late": 6}, {"late": 3}, 10, 30)["late"]
    assert value == pytest.approx(math.log(15.5 * 58.5 / (35.5 * 12.5)))
    assert (round(value, 4), round(z, 4)) == (0.7146, 1.8798)


def by_numpy(low: list[int], rest: list[int], n_low: int, n_rest: int) -> tuple[np.ndarray, np.ndarray]:
    """The paper's equations, for all words at once."""
    y = np.array([low, rest], dtype=float)
    n = np.array([[n_low], [n_rest]], dtype=float)
    alpha = y.sum(axis=0) + 0.5
    alpha0 = n.sum() + 1
    logit = np.log(y + alpha) - np.log(n + alpha0 - y - alpha)
    delta = logit[0] - logit[1]
    return delta, delta / np.sqrt((1 / (y + alpha)).sum(axis=0))


@given(st.integers(1, 500), st.integers(0, 500), st.data())
def test_it_agrees_with_the_equations_computed_in_numpy(n_low: int, n_rest: int, data: st.DataObject) -> None:
    words = [f"w{i}" for i in range(data.draw(st.integers(1, 8)))]
    low = [data.draw(st.integers(0, n_low)) for _ in words]
    rest = [data.draw(st.integers(0, n_rest)) for _ in words]
    delta, zeta = by_numpy(low, rest, n_low, n_rest)
    found = log_odds(dict(zip(words, low, strict=True)), dict(zip(words, rest, strict=True)), n_low, n_rest)
    for index, word in enumerate(words):
        assert found[word] == pytest.approx((delta[index], zeta[index]), abs=1e-9)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 200), st.integers(0, 200))
def test_changing_sides_changes_the_sign_only(low: int, rest: int, more_low: int, more_rest: int) -> None:
    one = log_odds({"w": low}, {"w": rest}, low + more_low, rest + more_rest)["w"]
    other = log_odds({"w": rest}, {"w": low}, rest + more_rest, low + more_low)["w"]
    assert one == pytest.approx((-other[0], -other[1]))
    assert all(map(math.isfinite, one))


def test_a_rare_word_does_not_beat_a_frequent_one_by_its_ratio_alone() -> None:
    found = log_odds({"odd": 2, "late": 60}, {"late": 40}, 100, 400)
    assert found["odd"][1] < found["late"][1]


def test_a_word_as_frequent_on_both_sides_says_nothing() -> None:
    assert log_odds({"the": 50}, {"the": 100}, 100, 200)["the"] == (0.0, 0.0)


def test_no_comments_give_no_words() -> None:
    assert log_odds({}, {}, 0, 0) == {}
