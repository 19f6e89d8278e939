"""The simulation has teeth: every planted mistake is noticed, by the invariant that is there for it."""

from __future__ import annotations

import pytest

from tests.sim.invariants import NAMES
from tests.sim.mutants import MUTANTS, Mutant

SEEDS = 100
"""Worlds that a mistake may need to show in; most need fewer than ten."""

ELSEWHERE = {"no-bug", "legal-moves", "sinks-apart"}
"""Invariants that no mutant is named after here: most mutants break the first ones on the way; the last has its own scenario."""


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_mistake_is_noticed(mutant: Mutant) -> None:
    seen: set[str] = set()
    with mutant.plant():
        for seed in range(SEEDS):
            seen |= {name for name, _ in mutant.run(seed).violations}
            if mutant.caught_by in seen:
                return
    pytest.fail(f"{mutant.name}: {mutant.caught_by} did not notice in {SEEDS} seeds; noticed was {sorted(seen) or 'nothing'}")


def test_there_are_enough_mistakes_and_every_invariant_notices_one() -> None:
    assert len(MUTANTS) >= 24
    assert len({each.name for each in MUTANTS}) == len(MUTANTS)
    assert set(NAMES) - {each.caught_by for each in MUTANTS} <= ELSEWHERE
