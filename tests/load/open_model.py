"""Load as the world makes it: requests come when they come, whether or not the last ones have been answered.

Latency counts from the moment at which a request was due, so that waiting in line is part of it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Sent(Generic[Result]):
    """Seconds since the load began. `burst`: it was due while ten times as many came."""

    due: float
    ended: float
    burst: bool
    result: Result

    @property
    def latency(self) -> float:
        return self.ended - self.due


@dataclass(frozen=True, slots=True)
class Shape:
    """`rate` requests a second, but ten times that from `burst_at` on, for `burst_seconds`."""

    rate: float
    seconds: float
    burst_at: float
    burst_seconds: float
    factor: float = 10

    def in_burst(self, at: float) -> bool:
        return self.burst_at <= at < self.burst_at + self.burst_seconds

    def dues(self, seed: int = 1) -> list[float]:
        """When each request is due. What comes does not know of what came before: the gaps are exponential."""
        chance = random.Random(seed)
        dues: list[float] = []
        at = 0.0
        while True:
            at += chance.expovariate(self.rate * (self.factor if self.in_burst(at) else 1))
            if at >= self.seconds:
                return dues
            dues.append(at)


def one_by_one(shape: Shape, send: Callable[[int], Any]) -> list[Sent[Any]]:
    """By one worker: what it has no time for waits its turn."""
    began = time.monotonic()
    found: list[Sent[Any]] = []
    for number, due in enumerate(shape.dues()):
        time.sleep(max(due - (time.monotonic() - began), 0))
        result = send(number)
        found.append(Sent(due, time.monotonic() - began, shape.in_burst(due), result))
    return found


def at_once(shape: Shape, send: Callable[[int], Any], senders: int) -> list[Sent[Any]]:
    """By as many workers as are needed, up to `senders`."""
    began = time.monotonic()

    def sent(number: int, due: float) -> Sent[Any]:
        time.sleep(max(due - (time.monotonic() - began), 0))
        result = send(number)
        return Sent(due, time.monotonic() - began, shape.in_burst(due), result)

    dues = shape.dues()
    with ThreadPoolExecutor(senders) as pool:
        return list(pool.map(sent, range(len(dues)), dues))


def summed_up(found: Sequence[Sent[Any]], shape: Shape) -> dict[str, float]:
    """Milliseconds; `drained`: seconds from the end of the burst until everything that was due by then had been answered."""
    end = shape.burst_at + shape.burst_seconds
    calm = [each.latency for each in found if each.due < shape.burst_at]
    until_end = [each.ended for each in found if each.due < end]
    return {
        "requests": len(found),
        "rate": shape.rate,
        "p50_ms": 1000 * _share(calm, 0.5),
        "p99_ms": 1000 * _share(calm, 0.99),
        "burst_p50_ms": 1000 * _share([each.latency for each in found if each.burst], 0.5),
        "burst_p99_ms": 1000 * _share([each.latency for each in found if each.burst], 0.99),
        "drained_seconds": max(max(until_end, default=end) - end, 0),
    }


def _share(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0
