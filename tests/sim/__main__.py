"""python -m tests.sim --seeds 10000: play so many seeds on every core, and print a table of what was found; 1 when a promise broke.

Of the first seeds that break one it prints the shortest list of faults that still does, and the trace. `--first 77 --seeds 1
--words` prints the whole trace of a seed.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

from tests.sim.shrinking import shrink, told
from tests.sim.simulation import Outcome, simulate

BATCH = 20
PROGRESS_SECONDS = 15.0
SHRINK_AT_MOST = 3


@dataclass
class Tally:
    """Sums over many seeds. `failed` keeps each failing seed with the names of what it broke."""

    seeds: int = 0
    steps: int = 0
    days: float = 0.0
    seconds: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    failed: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        self.seeds += 1
        self.steps += outcome.steps
        self.days += outcome.days
        self.faults += outcome.counts
        self.ends += outcome.ends
        if outcome.violations:
            self.failed[outcome.seed] = outcome.violations

    def merge(self, other: Tally) -> None:
        self.seeds += other.seeds
        self.steps += other.steps
        self.days += other.days
        self.faults += other.faults
        self.ends += other.ends
        self.failed |= other.failed

    @property
    def injected(self) -> int:
        return sum(self.faults.values())

    def told(self) -> str:
        asked = self.ends["sent"] + self.ends["unknown"] + self.ends["refused"]
        rows = [
            ("seeds", f"{self.seeds:,}"),
            ("calls to the world", f"{self.steps:,}"),
            ("simulated years", f"{self.days / 365.25:,.1f}"),
            ("seconds", f"{self.seconds:,.0f}"),
            *((f"stories that ended {end}", f"{count:,}") for end, count in sorted(self.ends.items())),
            ("sends that stay unknown", f"{100 * self.ends['unknown'] / asked if asked else 0.0:.1f}%"),
            *((f"  {kind}", f"{count:,}") for kind, count in self.faults.most_common()),
            ("faults injected", f"{self.injected:,}"),
            *((f"  {name}", f"{count:,} seeds") for name, count in self._broken().most_common()),
            ("violations", f"{sum(map(len, self.failed.values())):,}"),
        ]
        wide = max(len(name) for name, _ in rows)
        return "\n".join(f"{name:{wide}}  {value:>12}" for name, value in rows)

    def _broken(self) -> Counter[str]:
        return Counter(name for violations in self.failed.values() for name in {name for name, _ in violations})


def play(seeds: list[int]) -> Tally:
    tally = Tally()
    for seed in seeds:
        tally.add(simulate(seed))
    return tally


def main(arguments: list[str] | None = None) -> int:
    given = _arguments(arguments)
    total, began, said = Tally(), time.monotonic(), time.monotonic()
    for tally in _played(range(given.first, given.first + given.seeds), given.jobs):
        total.merge(tally)
        for seed, violations in sorted(tally.failed.items()):
            print(f"seed {seed} breaks {violations[0][0]}: {violations[0][1]}", flush=True)
        total.seconds = time.monotonic() - began
        if time.monotonic() - said > PROGRESS_SECONDS:
            said = time.monotonic()
            print(f"{total.seeds:,} of {given.seeds:,} seeds, {total.injected:,} faults, {len(total.failed)} seeds failed", flush=True)
    print(total.told(), flush=True)
    if given.words:
        for seed in range(given.first, given.first + given.seeds):
            print("\n".join(simulate(seed, words=True).lines))
    for seed, violations in sorted(total.failed.items())[:SHRINK_AT_MOST]:
        print("\n" + told(shrink(seed, violations[0][0])), flush=True)
    return 1 if total.failed else 0


def _played(seeds: range, jobs: int) -> Iterator[Tally]:
    batches = [list(seeds[start : start + BATCH]) for start in range(0, len(seeds), BATCH)]
    if jobs == 1:
        yield from map(play, batches)
        return
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # else who is stopped leaves workers behind
    with ProcessPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(play, batches)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--words", action="store_true", help="print the trace")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
