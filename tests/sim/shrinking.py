"""From a failing seed to the few faults that it takes: some are deleted, the seed is run again, and what still fails is kept.

A fault may need others only because they lead to the call that it strikes. So one of what is left is tried alone, at the calls of
the same kind that an undisturbed run makes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.sim.simulation import Outcome, simulate

RUNS = 250
"""Runs that one search may take."""

PLACES = 6
"""Calls of the same kind at which a fault is tried alone."""


@dataclass
class Shrunk:
    """`needed`: the faults without which the invariant holds; `outcome` is the run with these alone, in words."""

    invariant: str
    needed: list[str]
    runs: int
    outcome: Outcome


def shrink(seed: int, invariant: str, run: Callable[..., Outcome] = simulate, most: int = RUNS) -> Shrunk:
    """Delta debugging over the names of the faults that struck."""
    faults = sorted({each.name for each in run(seed).faults})
    runs = 1

    def fails(kept: Sequence[str]) -> bool:
        nonlocal runs
        runs += 1
        return any(name == invariant for name, _ in run(seed, only=frozenset(kept)).violations)

    parts = 2
    while len(faults) >= 1 and runs < most:
        size = max(len(faults) // parts, 1)
        smaller = next(
            (left for start in range(0, len(faults), size) if runs < most and fails(left := faults[:start] + faults[start + size :])), None
        )
        if smaller is not None:
            faults, parts = smaller, max(parts - 1, 2)
        elif size == 1:
            break
        else:
            parts = min(parts * 2, len(faults))
    if len(faults) > 1:
        alone, tried = _alone(seed, invariant, faults, run)
        runs += tried
        if alone:
            where, _, kind = alone.rpartition("!")
            return Shrunk(invariant, [alone], runs, run(seed, only=frozenset(), forced={where: kind}, words=True))
    return Shrunk(invariant, faults, runs, run(seed, only=frozenset(faults), words=True))


def _alone(seed: int, invariant: str, faults: Sequence[str], run: Callable[..., Outcome]) -> tuple[str, int]:
    """A single fault that is enough (empty: none was found), and how many runs it took to look."""
    calls = {where: (port, method) for where, port, method in run(seed, only=frozenset(faults)).scopes}
    undisturbed = run(seed, only=frozenset()).scopes
    runs = 2
    for where, _, kind in (each.rpartition("!") for each in faults):
        alike = [there for there, port, method in undisturbed if (port, method) == calls.get(where)]
        for there in alike[:PLACES]:
            runs += 1
            if any(name == invariant for name, _ in run(seed, only=frozenset(), forced={there: kind}).violations):
                return f"{there}!{kind}", runs
    return "", runs


def told(shrunk: Shrunk, most_lines: int = 80) -> str:
    """What a person needs to see: what broke, by which faults, and the trace of the stories that it is about."""
    outcome = shrunk.outcome
    violations = [what for name, what in outcome.violations if name == shrunk.invariant]
    about = [story for story in outcome.stories if any(story in what for what in violations)]
    lines = [each for each in outcome.lines if "VIOLATION" in each or "!" in each or any(story in each for story in about)]
    cut = (
        lines
        if len(lines) <= most_lines
        else [*lines[: most_lines // 2], f"... {len(lines) - most_lines} lines ...", *lines[-most_lines // 2 :]]
    )
    return "\n".join(
        [
            f"seed {outcome.seed} breaks {shrunk.invariant}: {violations[0] if violations else 'not with these faults alone'}",
            f"faults that it takes ({len(shrunk.needed)}, found in {shrunk.runs} runs):",
            *(f"    {each}" for each in shrunk.needed),
            "trace:",
            *(f"    {each}" for each in cut),
            f"again: python -m tests.sim --first {outcome.seed} --seeds 1 --words",
        ]
    )
