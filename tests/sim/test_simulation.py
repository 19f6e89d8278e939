"""Two hundred seeds keep every promise; a seed is the same in every process; what fails is shrunk to what it takes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.sim.kernel import Kernel
from tests.sim.mutants import resend_on_silence
from tests.sim.shrinking import shrink, told
from tests.sim.simulation import simulate
from tests.sim.weather import CLIMATE
from tests.sim.workload import STARTS, drawn
from tests.sim.world import FORWARD_DELAY, TIMEOUTS

SEEDS, PARTS = 200, 10
ONCE_BROKEN = (645, 4058, 4330, 5704, 8263, 8843)
"""Seeds that found mistakes in the product: an answer replayed to a sink that did not take it, which no erasure would have told;
a conversation's mark that an erasure which died had forgotten before its survey; a wait that a second try at the same time made
shorter; a delivery that another try undid; two nights at once that named each other's half-written reports.
"""

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("part", range(PARTS))
def test_no_seed_breaks_a_promise(part: int) -> None:
    for seed in range(part, SEEDS, PARTS):
        violations = simulate(seed).violations
        assert not violations, told(shrink(seed, violations[0][0], most=60))


@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_what_was_mended_stays_mended(seed: int) -> None:
    assert simulate(seed).violations == []


def trace_hashes(hash_seed: str) -> str:
    code = "from tests.sim.simulation import simulate; print([simulate(seed).trace_hash for seed in (3, 9, 23)])"
    path = os.pathsep.join([str(ROOT / "layers" / "hearback"), str(ROOT)])
    env = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    return subprocess.run([sys.executable, "-c", code], env=env, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_seed_leaves_the_same_trace_in_any_process() -> None:
    assert trace_hashes("1") == trace_hashes("2") == f"{[simulate(seed).trace_hash for seed in (3, 9, 23)]}\n"


def test_a_seed_with_all_of_its_faults_named_is_the_same_seed() -> None:
    whole = simulate(9)
    named = simulate(9, only=frozenset(each.name for each in whole.faults))
    assert whole.faults
    assert named.trace_hash == whole.trace_hash


def test_two_seeds_are_two_worlds() -> None:
    assert len({simulate(seed).trace_hash for seed in range(4)}) == 4


def test_worlds_differ_in_size_and_kind() -> None:
    loads = [drawn(Kernel(seed, STARTS[0]).stream("seed")) for seed in range(100)]
    assert len({len(each.events) for each in loads}) > 10
    assert {len(each.sinks) for each in loads} == {0, 1, 2, 3}
    assert {"tickets" in each.sources for each in loads} == {True, False}


def test_every_kind_of_fault_strikes() -> None:
    rough = dict.fromkeys(CLIMATE, 0.0)
    struck: Counter[str] = Counter()
    for seed, kind in enumerate(sorted(CLIMATE)):
        for attempt in range(8):
            if not struck[kind]:
                struck += simulate(1000 + seed + 100 * attempt, climate={**rough, kind: 0.5}, nights=kind.startswith("night")).counts
    assert set(CLIMATE) - set(struck) == set()


def test_without_faults_nobody_is_kept_waiting_and_no_send_is_unknown() -> None:
    for seed in range(10):
        outcome = simulate(seed, climate=dict.fromkeys(CLIMATE, 0.0))
        assert outcome.violations == []
        assert not outcome.faults
        assert not outcome.ends["unknown"]


def test_a_failure_is_shrunk_to_the_faults_that_it_takes_and_told() -> None:
    run = partial(simulate, nights=False, climate={"reply_unanswered": 0.2, "throttled": 0.05, "slow": 0.1, "web_twice": 0.2})
    with resend_on_silence():
        failing = next(seed for seed in range(50) if any(name == "one-send-a-story" for name, _ in run(seed).violations))
        everything = len(run(failing).faults)
        shrunk = shrink(failing, "one-send-a-story", run)
    assert len(shrunk.needed) <= 2 < everything, shrunk.needed
    text = told(shrunk)
    assert f"seed {failing} breaks one-send-a-story" in text
    assert all(each in text for each in shrunk.needed)
    assert "VIOLATION" in text


def test_functions_have_the_time_that_the_template_gives_them() -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    for name, seconds in TIMEOUTS.items():
        logical = "".join(part.title() for part in name.split("_"))
        body = template.split(f"\n  {logical}:\n", 1)[1].split("\n\n", 1)[0]
        assert f"Timeout: {seconds:.0f}\n" in body, name
    assert f"Default: {FORWARD_DELAY:.0f}\n" in template.split("\n  ForwardDelaySeconds:\n", 1)[1].split("\n\n", 1)[0]
