"""`make load`: how many webhooks and answers come through, how fast, and that none is lost. `--kill N`: the same with functions
killed at any moment, N people taking part.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench import figures
from tests.bench.serving import built
from tests.e2e.stage import Stage
from tests.load import cloud, handlers, killing
from tests.local.instance import running

HEAD = ("load", "a second", "accepted", "p50 ms", "p99 ms", "in burst p99 ms", "line gone after s")
NOTES = """Requests come when they come, ten times as many in the middle for a twentieth of the time; latency counts from when one was due.
Handler in process: the built function in one worker, AWS stood in for by canned replies that cost nothing, the rest is ours.
Local cloud: the whole stack over HTTP. MiniStack plays AWS, stubs play vendors, and they, the senders and the customers share this
machine, so the figures are mostly the emulator's. An answer is two requests, the page and its button.
"""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.load")
    parser.add_argument("--seconds", type=float, default=20, help="length of each load")
    parser.add_argument(
        "--kill", type=int, default=0, metavar="PEOPLE", help="kill functions while so many people take part, and nothing else"
    )
    options = parser.parse_args()
    logging.disable(logging.INFO)  # the story is played in this process first, and tells of itself
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, running(Path(folder)) as client:
        stage = Stage(client)
        sys.exit(_kill(stage, options.kill) if options.kill else _load(stage, options.seconds))


def _load(stage: Stage, seconds: float) -> int:
    found = {**cloud.measure(stage, seconds), **handlers.measure(built(), seconds), "machine": figures.machine()}
    loads = {name: each for name, each in found.items() if "p99_ms" in each}
    table = figures.table(HEAD, [_row(name, each) for name, each in loads.items()])
    more = "\n".join(line for name, each in loads.items() for line in _more(name, each))
    lost = ", ".join(f"{name}: {count}" for name, count in found["lost"].items())
    sys.stdout.write(f"{figures.described(found['machine'])}\n\n{table}\n\n{more}\nLost, of all of these on the local cloud: {lost}\n\n")
    sys.stdout.write(f"{NOTES}Kept in {figures.keep('load', found)}\n")
    return int(any(found["lost"].values()))


def _more(name: str, each: dict[str, Any]) -> Iterator[str]:
    if "per_core" in each:
        yield f"{name}: {each['per_core']:.0f} a second of one core's time"
    if "as_fast_as_it_can" in each:
        yield f"{name}: {each['as_fast_as_it_can']:.1f} a second as fast as {cloud.TRIAL_SENDERS} senders get them in"
    if "backlog_seconds" in each:
        yield f"{name}: whatever followed from them was done {each['backlog_seconds']:.1f} s after the last one"


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
