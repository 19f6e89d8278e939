"""Comments that show what a driver means, out of those that the period kept (masked, and drawn by chance)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hearback.domain.scoring.candidates import Candidate, happy, unhappy
from hearback.domain.scoring.digest import Counts, Example
from hearback.domain.scoring.score import Yardstick

Words = Callable[[str], Iterable[str]]

EXAMPLES = 2
"""How many comments stand beside a driver."""


class Illustrations:
    """Each comment is shown once if there are enough of them. Without `words` no comment is found for a word."""

    def __init__(self, counts: Counts, yardstick: Yardstick, words: Words | None) -> None:
        self._yardstick = yardstick
        self._held = [(each, frozenset(words(each.text) if words else ())) for each in counts.examples]
        self._shown: set[str] = set()

    def of(self, candidate: Candidate, *, lowers: bool) -> tuple[Example, ...]:
        """Unhappy comments for what lowers the score, happy ones for what raises it, the strongest ratings first."""
        fits = unhappy if lowers else happy
        found = [each for each, words in self._held if fits(each.rating, self._yardstick) and _has(each, words, candidate)]
        way = 1 if lowers else -1
        found.sort(key=lambda each: (each.text in self._shown, way * self._worth(each.rating), each.key))
        chosen: dict[str, Example] = {}
        for each in found:
            chosen.setdefault(each.text, each)
        first = tuple(chosen.values())[:EXAMPLES]
        self._shown.update(each.text for each in first)
        return first

    def _worth(self, rating: int) -> int:
        return -rating if self._yardstick.low_is_good else rating


def _has(example: Example, words: frozenset[str], candidate: Candidate) -> bool:
    match candidate.kind:
        case "segment":
            held: Any = example.facts.get(candidate.by)
            return held == candidate.name or (isinstance(held, list | tuple) and candidate.name in held)
        case "reason":
            return (candidate.by, candidate.name) in example.reasons
        case _:
            return candidate.name in words
