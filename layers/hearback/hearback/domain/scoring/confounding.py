"""Is it the agent, or the channel that the agent works in? A segment's difference with another segment held equal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from hearback.domain.scoring.digest import Counts, Histogram
from hearback.domain.scoring.score import Yardstick
from hearback.domain.scoring.stats import Interval
from hearback.domain.scoring.stratified import stratified

_ENOUGH_MATCHED = 0.5
"""The part of a segment's answers that must have met others where the second variable is equal."""


@dataclass(frozen=True, slots=True)
class Adjusted:
    """The effect with the variable `by` held equal. `differs`: then it is no longer proven, or it turns round."""

    by: str
    effect: float
    interval: Interval
    differs: bool


@dataclass(frozen=True, slots=True)
class Confounding:
    """`adjusted` is by the variable that changes the effect most; None when there is none to compare with.

    `inseparable` are variables whose values the segment hardly shares with others (an agent who alone works at night):
    their effects cannot be told apart.
    """

    adjusted: Adjusted | None = None
    inseparable: tuple[str, ...] = ()


class Confounders:
    """The two-way tables of a period, ready to be asked about any segment.

    A list-valued variable (tag) puts an answer into several strata, so nothing is held equal by it; its own values are
    adjusted when every answer has some, because only then are the others in each stratum known.
    """

    def __init__(self, counts: Counts, yardstick: Yardstick, minimum: int) -> None:
        self._counts = counts
        self._yardstick = yardstick
        self._minimum = minimum
        self._sides: dict[str, dict[str, _Side]] = {}
        for (first, second), cells in sorted(counts.pairs.items()):
            self._see(first, second, cells.items())
            self._see(second, first, (((other, one), histogram) for (one, other), histogram in cells.items()))

    def of(self, by: str, name: str, effect: float) -> Confounding:
        """`effect` is the plain one, of the segment against all others that have the fact."""
        found: list[Adjusted] = []
        inseparable = []
        for other, side in self._sides.get(by, {}).items():
            pooled = stratified(self._strata(by, name, side), self._yardstick)
            if pooled is None or pooled.matched[1] < self._minimum or pooled.matched[0] < self._needed(by, name):
                inseparable.append(other)
                continue
            holds = pooled.interval.low <= 0 <= pooled.interval.high
            found.append(Adjusted(other, pooled.value, pooled.interval, holds or (pooled.value > 0) != (effect > 0)))
        most = max(found, key=lambda each: abs(each.effect - effect), default=None)
        return Confounding(most, tuple(inseparable))

    def _see(self, by: str, other: str, cells: Iterable[tuple[tuple[str, str], Histogram]]) -> None:
        several = is_list(self._counts, by)
        if is_list(self._counts, other) or (several and self._counts.having[by] != self._counts.histogram):
            return
        side = _Side()
        for (name, value), histogram in cells:
            side.cells.setdefault(name, {})[value] = histogram
            if not several:
                side.whole.setdefault(value, Counter()).update(histogram)
        if several:
            side.whole.update(self._counts.segments.get(other, {}))
        for histogram in side.whole.values():
            side.total.update(histogram)
        self._sides.setdefault(by, {})[other] = side

    def _needed(self, by: str, name: str) -> float:
        return max(self._minimum, _ENOUGH_MATCHED * self._counts.segments[by][name].total())

    def _strata(self, by: str, name: str, side: _Side) -> Iterator[tuple[Histogram, Histogram]]:
        """For each value of the other variable: the answers of the segment, and the others that have the fact. Answers
        that lack the variable are a stratum of their own, so that this is about the same answers as the plain effect.
        """
        cells = side.cells.get(name, {})
        lacking = Counter(self._counts.segments[by][name])
        for value in sorted(cells):
            yield cells[value], _less(side.whole[value], cells[value])
            lacking.subtract(cells[value])
        yield lacking, _less(_less(self._counts.having[by], side.total), lacking)


@dataclass(slots=True)
class _Side:
    """A two-way table, seen from one of its variables: its values' answers by the other's, and the other's in all."""

    cells: dict[str, dict[str, Histogram]] = field(default_factory=dict)
    whole: dict[str, Histogram] = field(default_factory=dict)
    total: Histogram = field(default_factory=Counter)


def is_list(counts: Counts, name: str) -> bool:
    """Whether answers have several values of this fact: then its values hold more answers than have the fact."""
    values = counts.segments.get(name, {})
    return sum(each.total() for each in values.values()) != counts.having.get(name, Counter()).total()


def _less(one: Mapping[int, int], other: Mapping[int, int]) -> Histogram:
    left = Counter(one)
    left.subtract(other)
    return +left
