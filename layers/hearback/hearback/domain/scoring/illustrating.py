"""Comments that show what a driver means, out of those that the period kept (masked, and drawn by chance)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from hearback.domain.scoring.candidates import Candidate, happy, unhappy
from hearback.domain.scoring.digest import Counts, Example
from hearback.domain.scoring.score import Yardstick

Words = Callable[[str], Iterable[str]]

_Theme = tuple[str, str, str]
"""The kind of a candidate, what it is cut by (a word by nothing), and its name."""

EXAMPLES = 2
"""How many comments stand beside a driver."""


class Illustrations:
    """Each comment is shown once if there are enough of them. Without `words` no comment is found for a word."""

    def __init__(self, counts: Counts, yardstick: Yardstick, words: Words | None) -> None:
        self._yardstick = yardstick
        self._shown: set[str] = set()
        self._held: dict[_Theme, list[Example]] = {}
        for each in counts.examples:
            for theme in _themes_of(each, words):
                self._held.setdefault(theme, []).append(each)

    def of(self, candidate: Candidate, *, lowers: bool) -> tuple[Example, ...]:
        """Unhappy comments for what lowers the score, happy ones for what raises it, the strongest ratings first."""
        fits = unhappy if lowers else happy
        theme = (candidate.kind, "" if candidate.kind == "word" else candidate.by, candidate.name)
        found = [each for each in self._held.get(theme, ()) if fits(each.rating, self._yardstick)]
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


def _themes_of(example: Example, words: Words | None) -> Iterator[_Theme]:
    """What a comment can stand for, each once."""
    for name, value in example.facts.items():
        for each in dict.fromkeys(value if isinstance(value, list | tuple) else (value,)):
            yield "segment", name, each
    for question, choice in dict.fromkeys(example.reasons):
        yield "reason", question, choice
    for word in dict.fromkeys(words(example.text) if words else ()):
        yield "word", "", word
