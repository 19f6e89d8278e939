"""Promises of how files are shared out among test processes, played with processes that only note what they are given."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from tests.local.settings import ROOT
from tests.spreading import DIVIDED, LONGEST, NEED_NO_SHARED_CLOUD, STORIES, Spreading

CLOUDED = [f"{STORIES}test_story_{n}.py" for n in range(5)]
PLAIN = [f"tests/unit/test_{n}.py" for n in range(9)]
FILES = [*PLAIN, "tests/sim/test_long.py", *NEED_NO_SHARED_CLOUD, *CLOUDED]
TESTS = [f"{file}::test_{n}" for file in FILES for n in range(4)]


class Process:
    def __init__(self) -> None:
        self.given: list[int] = []
        self.done = 0
        self.shutting_down = False
        self.gateway = SimpleNamespace(id="gw")

    def send_runtest_some(self, indices: list[int]) -> None:
        assert not self.shutting_down
        self.given += indices

    def shutdown(self) -> None:
        self.shutting_down = True

    @property
    def files(self) -> list[str]:
        """In the order in which it begins them."""
        return list(dict.fromkeys(TESTS[number].partition("::")[0] for number in self.given))


def config(processes: int) -> Any:
    return SimpleNamespace(option=SimpleNamespace(loadscopereorder=True), getvalue=lambda _: ["popen"] * processes)


def begun(processes: list[Process], tests: Sequence[str] = TESTS) -> Spreading:
    spreading = Spreading(config(len(processes)))
    for each in processes:
        spreading.add_node(each)
        spreading.add_node_collection(each, tests)
    spreading.schedule()
    return spreading


def play(spreading: Spreading, processes: list[Process]) -> None:
    """Each runs a test, in turns, until none has any left; one is run once the next is known, or that there is none."""
    at_work = True
    while at_work:
        at_work = False
        for each in processes:
            if each.done + (not each.shutting_down) < len(each.given):
                spreading.mark_test_complete(each, each.given[each.done])
                each.done, at_work = each.done + 1, True


@pytest.mark.parametrize("number", [1, 2, 3, 5, 30])
def test_every_test_runs_once_and_two_processes_at_most_have_a_cloud(number: int) -> None:
    processes = [Process() for _ in range(number)]
    play(begun(processes), processes)
    assert sorted(index for each in processes for index in each.given[: each.done]) == list(range(len(TESTS)))
    assert sum(bool(set(each.files) & set(CLOUDED)) for each in processes) == min(number, 2)


def test_stories_come_first_where_a_cloud_is_and_what_is_longest_elsewhere() -> None:
    processes = [Process() for _ in range(3)]
    play(begun(processes), processes)
    assert processes[0].files[0] in CLOUDED
    assert processes[1].files[0] in CLOUDED
    assert processes[2].files[0] == NEED_NO_SHARED_CLOUD[0]


def test_what_processes_leave_that_die_is_run_by_the_others() -> None:
    first, second, third = processes = [Process() for _ in range(3)]
    spreading = begun(processes)
    for dying in (first, second):
        assert spreading.remove_node(dying) == TESTS[dying.given[0]]
    play(spreading, [third])
    assert sorted(third.given[: third.done]) == list(range(len(TESTS)))


def test_several_processes_may_take_parts_of_a_long_file() -> None:
    processes = [Process() for _ in range(3)]
    tests = [f"tests/contract/test_long.py::test[{n}]" for n in range(60)]
    spreading = begun(processes, tests)
    play(spreading, processes)
    assert all(len(each.given) >= len(tests) // 6 for each in processes)


def test_what_is_named_is_there() -> None:
    assert [name for name in (*LONGEST, *DIVIDED) if not (ROOT / name).exists()] == []
