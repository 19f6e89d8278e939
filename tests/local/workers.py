"""The processes in which MiniStack runs functions, for tests in which they die. Linux only, as the local cloud is."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

PROCESSES = Path("/proc")
WORKER = re.compile(r"ministack-lambda-(.+)-[^-/]+/_worker\.py")


def workers_below(process: int) -> dict[int, str]:
    """A worker's process to the function that it runs, of one engine: others on this machine are left alone."""
    found = {}
    for child in _descendants(process):
        with contextlib.suppress(OSError):
            if match := WORKER.search((PROCESSES / str(child) / "cmdline").read_bytes().decode(errors="replace")):
                found[child] = match[1]
    return found


def kill_one(process: int, functions: Collection[str]) -> str | None:
    """End one worker of an engine that runs one of these functions, whatever it is doing, and say which; None when there is none."""
    workers = {worker: name for worker, name in workers_below(process).items() if name in functions}
    if not workers:
        return None
    chosen = random.choice(sorted(workers))
    with contextlib.suppress(ProcessLookupError):
        os.kill(chosen, signal.SIGKILL)
    return workers[chosen]


def _descendants(process: int) -> Iterator[int]:
    with contextlib.suppress(OSError):
        for task in (PROCESSES / str(process) / "task").iterdir():
            for child in map(int, (task / "children").read_text(encoding="ascii").split()):
                yield child
                yield from _descendants(child)
