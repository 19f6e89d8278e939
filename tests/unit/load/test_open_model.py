"""Promises of the load that benches make: it comes when it comes, and waiting in line counts."""

import time
from itertools import pairwise
from statistics import mean

import pytest

from tests.load.open_model import Sent, Shape, at_once, one_by_one, summed_up

STEADY = Shape(rate=100, seconds=30, burst_at=10, burst_seconds=2)


def test_ten_times_as_many_come_in_the_burst() -> None:
    dues = STEADY.dues()
    in_burst = sum(STEADY.in_burst(due) for due in dues)
    assert in_burst / STEADY.burst_seconds == pytest.approx(1000, rel=0.1)
    assert (len(dues) - in_burst) / (STEADY.seconds - STEADY.burst_seconds) == pytest.approx(100, rel=0.1)


def test_gaps_vary_as_those_of_senders_who_know_nothing_of_each_other() -> None:
    calm = [due for due in STEADY.dues() if due < STEADY.burst_at]
    gaps = [later - earlier for earlier, later in pairwise(calm)]
    assert mean(gap < mean(gaps) for gap in gaps) == pytest.approx(1 - 1 / 2.718, abs=0.05)


def test_the_same_seed_is_the_same_load() -> None:
    assert STEADY.dues(7) == STEADY.dues(7) != STEADY.dues(8)


def test_a_slow_worker_is_blamed_for_the_line_that_forms() -> None:
    """A model that sends the next request only after the last one's answer would see 20 ms each time."""
    shape = Shape(rate=100, seconds=0.5, burst_at=1, burst_seconds=0)
    found = one_by_one(shape, lambda _: time.sleep(0.02))
    assert [each.due for each in found] == shape.dues()
    assert found[-1].latency > 10 * 0.02


def test_senders_do_not_wait_for_each_other() -> None:
    """One after the other they would take 2 seconds."""
    shape = Shape(rate=50, seconds=0.4, burst_at=1, burst_seconds=0)
    found = at_once(shape, lambda _: time.sleep(0.1), senders=30)
    assert max(each.ended for each in found) < 1


def test_results_are_those_of_the_requests_in_order() -> None:
    shape = Shape(rate=50, seconds=0.2, burst_at=1, burst_seconds=0)
    assert [each.result for each in at_once(shape, lambda number: number, senders=4)] == list(range(len(shape.dues())))


def test_a_burst_has_drained_when_its_last_request_is_answered() -> None:
    shape = Shape(rate=1, seconds=10, burst_at=2, burst_seconds=1)
    found = [Sent(0.5, 0.6, burst=False, result=1), Sent(2.5, 4.5, burst=True, result=1), Sent(5.0, 9.0, burst=False, result=1)]
    told = summed_up(found, shape)
    assert told["drained_seconds"] == pytest.approx(1.5), "from 3.0 on, and what came later does not count"
    assert told["p50_ms"] == pytest.approx(100)
    assert told["burst_p99_ms"] == pytest.approx(2000)
