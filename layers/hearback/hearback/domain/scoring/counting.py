"""Count a day's answers one by one: memory grows with the number of segments, not with the number of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from hearback.domain.scoring.digest import NAMED_VALUES, OTHER_VALUES, Counts, Digest, Group, Histogram

_Key = tuple[Any, ...]


class DayCounter:
    """`named` are the segments that the survey names; other facts are counted too while they look like segments."""

    def __init__(self, named: Iterable[str]) -> None:
        self._named = frozenset(named)
        self._digest = Digest()
        self._groups: dict[_Key, tuple[Group, Counts]] = {}
        self._values: dict[str, set[str]] = {}

    def answer(self, answer: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        """`answer` is the plain form of `LedgerEntry`."""
        low, high = answer["scale"]
        group, counts = self._of(answer, low, high)
        rating = answer["rating"]
        if type(rating) is not int or not group.min <= rating <= group.max:
            self._digest.invalid += 1
            return
        counts.histogram[rating] += 1
        if answer.get("imported"):
            counts.imported += 1
        details = answer.get("details")
        if details:
            self._details(counts, rating, details)
        for name, value in facts.items():
            if type(value) is str:
                self._segment(counts.segments, name, value, rating)
            else:
                for each in _texts(value):
                    self._segment(counts.segments, name, each, rating)

    def asked(self, outcome: str) -> None:
        self._digest.asked[outcome] += 1

    def digest(self) -> Digest:
        """What was counted. The counter is used up."""
        self._digest.groups = {group: counts for group, counts in self._groups.values() if counts.n}
        return self._digest

    def _of(self, answer: Mapping[str, Any], low: Any, high: Any) -> tuple[Group, Counts]:
        key = (answer["metric"], low, high, answer["direction"])
        found = self._groups.get(key)
        if found is None:
            group = Group.of_answer(answer)
            found = self._groups[key] = next((each for each in self._groups.values() if each[0] == group), (group, Counts()))
        return found

    @staticmethod
    def _details(counts: Counts, rating: int, details: Mapping[str, Any]) -> None:
        wrote = False
        for question, said in details.items():
            if isinstance(said, str):
                wrote = wrote or bool(said.strip())
                continue
            for choice in dict.fromkeys(said):
                counts.reasons.setdefault((question, str(choice)), Counter())[rating] += 1
        counts.comments += wrote

    def _segment(self, segments: dict[str, dict[str, Histogram]], name: str, value: str, rating: int) -> None:
        values = segments.get(name)
        histogram = values.get(value) if values is not None else None
        if histogram is None:
            if not value or not self._admits(name, value):
                return
            histogram = segments.setdefault(name, {}).setdefault(value, Counter())
        histogram[rating] += 1

    def _admits(self, name: str, value: str) -> bool:
        """Whether a value may open a row. The one too many closes the whole table, so that the order of the answers does
        not decide which values are seen.
        """
        if name in self._digest.too_many_values:
            return False
        known = self._values.setdefault(name, set())
        known.add(value)
        if len(known) <= (NAMED_VALUES if name in self._named else OTHER_VALUES):
            return True
        self._digest.too_many_values.add(name)
        del self._values[name]
        for _, counts in self._groups.values():
            counts.segments.pop(name, None)
        return False


def _texts(value: Any) -> list[str]:
    """Each distinct value once, whatever form the fact has."""
    if isinstance(value, list | tuple | set | frozenset):
        return list(dict.fromkeys(str(each) for each in value if each is not None))
    return [] if value is None or isinstance(value, dict) else [str(value)]
