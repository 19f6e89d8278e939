"""Several acts at the same time: each result comes once, the slow ones last."""

from __future__ import annotations

from threading import Barrier, Event

import pytest

from hearback.adapters.threads import Threads
from hearback.ports import SideBySide
from tests.fakes import InTurn


@pytest.fixture(params=[InTurn(), Threads()], ids=["fake", "threads"])
def side_by_side(request: pytest.FixtureRequest) -> SideBySide:
    found: SideBySide = request.param
    return found


@pytest.mark.parametrize("number", [0, 1, 2, 10])
def test_every_act_is_done_once_and_its_result_comes_once(side_by_side: SideBySide, number: int) -> None:
    done: list[int] = []

    def act(n: int) -> int:
        done.append(n)
        return n * n

    found = [item for together in side_by_side({n: lambda n=n: act(n) for n in range(number)}) for item in together.items()]  # type: ignore[misc]
    assert sorted(found) == [(n, n * n) for n in range(number)]
    assert sorted(done) == list(range(number))


def test_threads_do_their_acts_at_the_same_time() -> None:
    together = Barrier(3, timeout=10)
    (found,) = Threads(patience=10)(dict.fromkeys(range(3), together.wait))
    assert len(found) == 3


def test_a_result_does_not_wait_for_one_that_hangs() -> None:
    first_is_known = Event()
    acts = {"slow": lambda: first_is_known.wait(10), "quick": lambda: False}
    results = Threads(patience=0.01)(acts)
    assert next(results) == {"quick": False}
    first_is_known.set()
    assert list(results) == [{"slow": True}]
