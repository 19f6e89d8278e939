"""`make load`: how many webhooks and answers come through, how fast, and that none is lost. `--kill N`: the same with functions
killed at any moment, N people taking part.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.bench import figures
from tests.bench.serving import built
from tests.e2e.stage import Stage
from tests.load import cloud, handlers, killing
from tests.local.instance import running

HEAD = ("load", "a second", "accepted", "p50 ms", "p99 ms", "in burst p99 ms", "line gone after s")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--seconds", type=float, default=20, help="length of each load")
    parser.add_argument(
        "--kill", type=int, default=0, metavar="PEOPLE", help="kill functions while so many people take part, and nothing else"
    )
    options = parser.parse_args()
    logging.disable(logging.INFO)  # the story is played in this process first, and tells of itself
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as client:
        stage = Stage(client)
        sys.exit(_kill(stage, options.kill) if options.kill else _load(stage, options.seconds))


def _load(stage: Stage, seconds: float) -> int:
    found = {**cloud.measure(stage, seconds), **handlers.measure(built(), seconds), "machine": figures.machine()}
    loads = {name: each for name, each in found.items() if "p99_ms" in each}
    per_core = "\n".join(f"{name}: {each['per_core']:.0f} a second of one core" for name, each in loads.items() if "per_core" in each)
    left = "\n".join(
        f"{name}, local cloud: everything done {each['backlog_seconds']:.1f} s later"
        for name, each in loads.items()
        if "backlog_seconds" in each
    )
    table = figures.table(HEAD, [_row(name, each) for name, each in loads.items()])
    sys.stdout.write(f"{figures.described(found['machine'])}\n\n{table}\n\n{per_core}\n{left}\nlost: {found['lost']}\n")
    sys.stdout.write(f"Kept in {figures.keep('load', found)}\n")
    return int(any(found["lost"].values()))


def _row(name: str, each: dict[str, Any]) -> tuple[str, ...]:
    numbers = (each["p50_ms"], each["p99_ms"], each["burst_p99_ms"])
    return (
        name,
        f"{each['rate']:.1f}",
        f"{each['accepted']} of {each['requests']}",
        *(f"{number:.1f}" for number in numbers),
        f"{each['drained_seconds']:.1f}",
    )


def _kill(stage: Stage, people: int) -> int:
    outcome = killing.play(stage, people)
    killed = ", ".join(f"{name} {count}" for name, count in outcome.killed.most_common())
    sys.stdout.write(f"Killed {outcome.killed.total()} times: {killed}\n")
    sys.stdout.write(
        f"{outcome.acknowledged} webhooks acknowledged, {outcome.answered} answers thanked for; wrong: {outcome.wrong or 'nothing'}\n"
    )
    return int(bool(outcome.wrong))


if __name__ == "__main__":
    main()
