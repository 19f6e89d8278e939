"""Every call that a function makes in the told stories, and the process gone before it or after it: redelivered, brought to rest,
and all invariants hold. The calls are recorded, not listed.
"""

from __future__ import annotations

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
SCHEDULED = {"night", "last-night", "same-night", "after-erasing", "erasing", "sweep", "score"}
BY_NAME = {story.name: story for story in STORIES}


@cache
def recorded(name: str) -> Outcome:
    return BY_NAME[name].run()


def crash_points(story: Told) -> Iterator[tuple[str, str]]:
    """(where, "crash_before" or "crash_after"). Of an unbroken row of reads of the bucket in one run only the first and the last:
    nothing lies between them that a crash could divide. Runs of a schedule that make the very calls that an earlier one has made
    (they find nothing to do) are left out.
    """
    calls = _without_repeats(recorded(story.name).scopes)
    for number, (where, port, method) in enumerate(calls):
        scope = where.partition("#")[0]
        beside = [calls[n] for n in (number - 1, number + 1) if 0 <= n < len(calls)]
        same = [each for each in beside if each[0].partition("#")[0] == scope and each[1:] == ("blobs", "get")]
        if (port, method) == ("blobs", "get") and len(same) == 2:
            continue
        yield where, "crash_before"
        yield where, "crash_after"


def _without_repeats(calls: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    made: dict[str, list[tuple[str, str]]] = {}
    for where, port, method in calls:
        made.setdefault(where.partition("#")[0], []).append((port, method))
    first: dict[tuple[tuple[str, str], ...], str] = {}
    for scope, each in made.items():
        if scope.partition("/")[0] in SCHEDULED:
            first.setdefault(tuple(each), scope)
    kept = {*made} - {scope for scope in made if scope.partition("/")[0] in SCHEDULED} | {*first.values()}
    return [each for each in calls if each[0].partition("#")[0] in kept]


@pytest.mark.parametrize("name", BY_NAME)
def test_a_story_is_told_without_a_fault(name: str) -> None:
    outcome = recorded(name)
    assert outcome.violations == []
    assert outcome.scopes


@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", BY_NAME)
def test_no_crash_at_any_call_breaks_a_promise(name: str, part: int) -> None:
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
