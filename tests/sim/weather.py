"""Which faults strike, and where. Every one has a name, so that a run can be repeated with some of them taken out.

Each seed has a climate of its own: some kinds of fault do not happen at all in it, others often.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

CLIMATE: Mapping[str, float] = {
    # between a function and what AWS keeps for it
    "lost_request": 0.012,
    "lost_reply": 0.02,
    "throttled": 0.015,
    "denied": 0.002,
    "slow": 0.03,
    "crash_before": 0.008,
    "crash_after": 0.01,
    "repeated": 0.02,
    "partial": 0.05,
    "stale": 0.05,
    "lagging": 0.05,
    # between a function and a provider or sink
    "not_sent": 0.03,
    "request_unanswered": 0.04,
    "reply_unanswered": 0.06,
    "provider_slow": 0.05,
    "provider_busy": 0.06,
    "provider_error": 0.05,
    "provider_refuses": 0.05,
    "provider_lies": 0.04,
    # what a provider says later
    "word_failed": 0.05,
    "word_twice": 0.15,
    "word_late": 0.1,
    "word_lost": 0.1,
    # queues, streams, schedules
    "delivered_twice": 0.06,
    "delivered_late": 0.08,
    "visible_early": 0.05,
    "visible_late": 0.1,
    "stream_lost": 0.05,
    "stream_twice": 0.06,
    "stream_late": 0.06,
    "stream_down": 0.3,
    "sweep_missed": 0.08,
    "sweep_twice": 0.04,
    "sweep_late": 0.05,
    "sweeper_down": 0.25,
    "night_missed": 0.1,
    "night_twice": 0.2,
    "night_late": 0.1,
    "sink_down": 0.3,
    "provider_down": 0.2,
    # senders and customers
    "web_request_lost": 0.04,
    "web_reply_lost": 0.06,
    "web_twice": 0.1,
    "web_late": 0.08,
    "event_twisted": 0.06,
    "event_forged": 0.05,
    "event_stale": 0.03,
    "scanned": 0.25,
    "token_forged": 0.06,
    "skewed": 0.15,
}
"""Chances per opportunity in an average climate."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` and `kind` together name it: the same in every run of the seed that gets there."""

    where: str
    kind: str
    at: float

    @property
    def name(self) -> str:
        return f"{self.where}!{self.kind}"


@dataclass
class Weather:
    """`only`: no fault but these strikes (None: all that are drawn do). `forced`: what must strike, by where."""

    climate: Mapping[str, float]
    only: frozenset[str] | None = None
    forced: Mapping[str, str] = field(default_factory=dict)
    clear: bool = False
    """No more faults: what is broken gets mended."""
    struck: list[Fault] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def pick(self, kinds: tuple[str, ...], roll: float, where: str, now: float) -> str:
        """The kind of fault that strikes here, or none (empty). `roll` is in [0, 1)."""
        if self.forced:
            forced = self.forced.get(where, "")
            if forced in kinds:
                return self._strike(where, forced, now)
        if self.clear:
            return ""
        for kind in kinds:
            chance = self.climate.get(kind, 0.0)
            if roll < chance:
                return self._strike(where, kind, now)
            roll -= chance
        return ""

    def strikes(self, kind: str, roll: float, where: str, now: float) -> bool:
        return bool(self.pick((kind,), roll, where, now))

    def _strike(self, where: str, kind: str, now: float) -> str:
        fault = Fault(where, kind, now)
        if self.only is not None and fault.name not in self.only and where not in self.forced:
            return ""
        self.struck.append(fault)
        self.counts[kind] += 1
        return kind


CALM: Mapping[str, float] = {}


def drawn_climate(stream: Random) -> dict[str, float]:
    """A seed's own: a third of the kinds left out, the others together milder or rougher, each at its own strength."""
    force = stream.choice((0.3, 1.0, 1.0, 1.5, 2.0, 3.0))
    return {kind: min(chance * force * stream.choice((0.0, 0.5, 1.0, 1.0, 2.0, 3.0)), 0.6) for kind, chance in CLIMATE.items()}
