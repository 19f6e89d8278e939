"""Every call that a function makes in the told stories, and the process gone before it or after it: redelivered, brought to rest,
and all invariants hold. The calls are recorded, not listed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from hearback import ports
from tests.sim.gates import READS
from tests.sim.simulation import Outcome
from tests.sim.stories import STORIES, Told

USECASES = Path(ports.__file__).parent / "usecases"
PROTOCOLS: dict[str, type] = {
    "stories": ports.Stories,
    "people": ports.People,
    "conversations": ports.Conversations,
    "nights": ports.Nights,
    "quarantine": ports.Quarantine,
    "configs": ports.Configs,
    "secrets": ports.Secrets,
    "blobs": ports.Blobs,
    "outbox": ports.Outbox,
}
NIGHTS = {"night", "calm-night", "last-night", "same-night", "after-erasing"}
SCHEDULED = {*NIGHTS, "erasing", "sweep", "score"}
ABOUT_NIGHTS = {"counted", "forgotten"}
LONGEST = {*ABOUT_NIGHTS, "out of mind"}
EVERY = "HEARBACK_TEST_EVERY_CRASH_POINT" in os.environ
"""`make sim` sets it. Without it, every fourth point of the longest stories is taken."""

BY_NAME = {story.name: story for story in STORIES}


@cache
def recorded(name: str) -> Outcome:
    return BY_NAME[name].run()


def crash_points(story: Told) -> Iterator[tuple[str, str]]:
    """(where, "crash_before" or "crash_after"). What a schedule runs reads much: of an unbroken row of its reads only the first and
    the last are taken, as nothing lies between them that a crash could divide.
    """
    calls = [each for each in recorded(story.name).scopes if _scope(each) in _runs(story)]
    for number, call in enumerate(calls):
        beside = [calls[n] for n in (number - 1, number + 1) if 0 <= n < len(calls)]
        in_a_row = all(_only_reads(each) and _scope(each) == _scope(call) for each in (call, *beside))
        if in_a_row and len(beside) == 2 and _kind(call) in SCHEDULED:
            continue
        yield call[0], "crash_before"
        yield call[0], "crash_after"


def _runs(story: Told) -> set[str]:
    """Of the schedules' runs only those that make calls which no earlier one has made (most find nothing to do), and nights only
    in the stories that are about them.
    """
    made: dict[str, list[tuple[str, str]]] = {}
    for call in recorded(story.name).scopes:
        made.setdefault(_scope(call), []).append(call[1:])
    kept: dict[tuple[tuple[str, str], ...], str] = {}
    for scope, calls in made.items():
        kind = scope.partition("/")[0]
        if kind in SCHEDULED and (kind not in NIGHTS or story.name in ABOUT_NIGHTS):
            kept.setdefault(tuple(calls), scope)
    return {scope for scope in made if scope.partition("/")[0] not in SCHEDULED} | set(kept.values())


def _scope(call: tuple[str, str, str]) -> str:
    return call[0].partition("#")[0]


def _kind(call: tuple[str, str, str]) -> str:
    return call[0].partition("/")[0]


def _only_reads(call: tuple[str, str, str]) -> bool:
    return call[2] in READS.get(call[1], ())


@pytest.mark.parametrize("name", BY_NAME)
def test_a_story_is_told_without_a_fault(name: str) -> None:
    outcome = recorded(name)
    assert outcome.violations == []
    assert outcome.scopes


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", BY_NAME)
def test_no_crash_at_any_call_breaks_a_promise(name: str, part: int) -> None:
    if name in LONGEST and part and not EVERY:
        pytest.skip("make sim takes these as well")
    story = BY_NAME[name]
    points = list(crash_points(story))[part::4]
    struck = 0
    for where, fault in points:
        outcome = story.run(forced={where: fault})
        struck += any(each.name == f"{where}!{fault}" for each in outcome.faults)
        assert outcome.violations == [], f"{story.name}: {fault} at {where}"
    assert struck == len(points), "each crash happened"


def test_the_stories_make_every_write_that_a_use_case_makes() -> None:
    made = {f"{port}.{method}" for name in BY_NAME for _, port, method in recorded(name).scopes}
    assert written_by_use_cases() - made == set()


def written_by_use_cases() -> set[str]:
    source = "\n".join(each.read_text(encoding="utf-8") for each in sorted(USECASES.glob("*.py")))
    return {
        f"{port}.{method}"
        for port, protocol in PROTOCOLS.items()
        for method in vars(protocol)
        if not method.startswith("_") and method not in READS[port] and re.search(rf"{_attribute(port)}\.{method}\(", source)
    }


def _attribute(port: str) -> str:
    """How use cases name a port: `self.stories`, `ports.nights`, `self._ports.blobs`; the bucket's is a common word."""
    return rf"\b(?:fresh_)?{port}"
