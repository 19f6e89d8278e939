"""Several things at once, in threads: for work that waits for strangers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass

from hearback.ports import K, V

PATIENCE = 2.0
"""Seconds for which the first result waits for others. Sinks that work answer within it; one that hangs holds nobody up for longer."""


@dataclass(frozen=True)
class Threads:
    patience: float = PATIENCE

    def __call__(self, acts: Mapping[K, Callable[[], V]]) -> Iterator[Mapping[K, V]]:
        """A single act needs no thread. What an act raises is raised, with the results of its moment lost: let acts return errors."""
        if len(acts) == 1:
            yield {name: act() for name, act in acts.items()}
            return
        with ThreadPoolExecutor(max(len(acts), 1)) as threads:
            running = {threads.submit(act): name for name, act in acts.items()}
            while running:
                wait(running, return_when=FIRST_COMPLETED)
                done, _ = wait(running, timeout=self.patience)
                yield {running.pop(each): each.result() for each in done}
