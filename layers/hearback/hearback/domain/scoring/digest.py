"""A day reduced to counts that add up: the digests of a week's days merge into the week's.

Only integers and whole entries are kept, so merging is associative and commutative, and the empty digest changes nothing.
Answers are counted on the scale they were given on: a survey whose scale changed keeps its old answers true, apart from
the new ones.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple, TypeVar

from hearback.domain.survey import Direction, Metric, Survey

NAMED_VALUES = 2000
"""How many values a day may hold of a segment that the survey names. Beyond it the segment is left out, and says so."""

OTHER_VALUES = 50
"""The same for a fact that no survey names (an imported column): past it, it was not a segment but an identifier."""

COVERED = ("agent", "team", "channel")
"""The variables that coverage is shown by: who asked, and where."""

Histogram = Counter[int]
Key = TypeVar("Key")


class Group(NamedTuple):
    """What makes ratings comparable."""

    metric: str
    min: int
    max: int
    direction: str

    @staticmethod
    def of_survey(survey: Survey) -> Group:
        """The group that the survey's answers of today belong to; NPS has one scale only."""
        if survey.metric is Metric.NPS:
            return Group(Metric.NPS.value, 0, 10, Direction.HIGH_IS_GOOD.value)
        return Group(survey.metric.value, survey.scale.min, survey.scale.max, survey.scale.direction.value)

    def low(self, rating: int) -> bool:
        """Whether a rating is in the worse part of its scale, whatever benchmark is set today: 1-3 of 5, 0-6 of 10."""
        way = self.max - rating if self.direction == Direction.LOW_IS_GOOD else rating - self.min
        return 10 * way <= 6 * (self.max - self.min)


class Example(NamedTuple):
    """A comment to show. `key` is a hash of the invitation's id: examples are drawn by it, and nobody is found by it.
    `text` is masked and short; `facts` are the values of the segments that the survey named.
    """

    key: str
    rating: int
    text: str
    reasons: tuple[tuple[str, str], ...]
    facts: dict[str, Any]


def order(example: Example) -> tuple[Any, ...]:
    """By key; two examples of one key, which the ledger never has, by what they say."""
    return (example.key, example.rating, example.text, example.reasons, json.dumps(example.facts, sort_keys=True))


class Heard(NamedTuple):
    """A comment's words, before it is known whether it is among those of the day that are counted."""

    key: str
    rating: int
    words: tuple[str, ...]


@dataclass(slots=True)
class Counts:
    """The answers of one group.

    `imported` and `comments` count answers. `reasons` is (question, choice) to the ratings given with it. `segments` is a
    fact's name to its values' ratings, `having` to the ratings of all answers that have the fact: a list-valued fact (tag)
    counts under each value, and once there. `pairs` is two named segments, in sorted order, to their cells' ratings.

    `commented` are the ratings of the comments whose words were counted: all of a day's, or a fair draw of very many;
    `words` is a word to the ratings of the comments that hold it. Of each day the most frequent words are kept; none that
    was cut occurred more than `words_cut` times. `covered` counts answers that were not imported, by `COVERED`.
    `examples` and `sample` are in the order of their keys; `sample` is there only in a part of a day.
    """

    histogram: Histogram = field(default_factory=Counter)
    imported: int = 0
    comments: int = 0
    reasons: dict[tuple[str, str], Histogram] = field(default_factory=dict)
    segments: dict[str, dict[str, Histogram]] = field(default_factory=dict)
    having: dict[str, Histogram] = field(default_factory=dict)
    covered: dict[str, Counter[str]] = field(default_factory=dict)
    pairs: dict[tuple[str, str], dict[tuple[str, str], Histogram]] = field(default_factory=dict)
    commented: Histogram = field(default_factory=Counter)
    words: dict[str, Histogram] = field(default_factory=dict)
    words_cut: int = 0
    examples: list[Example] = field(default_factory=list)
    sample: list[Heard] = field(default_factory=list)

    @property
    def n(self) -> int:
        return sum(self.histogram.values())


@dataclass(slots=True)
class Digest:
    """`asked` counts the triggers decided, by outcome ("sent", ..., "skipped:cooldown"), `asked_by` the same by the values of
    `COVERED`. `invalid` counts answers whose rating does not lie on their own scale, `quarantined` those held back as
    doubtful. The sets name what was left out here for its many values, and so in whatever this is merged into: a table
    that lacks some days would not be true.
    """

    groups: dict[Group, Counts] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    asked_by: dict[str, dict[str, Counter[str]]] = field(default_factory=dict)
    invalid: int = 0
    quarantined: int = 0
    too_many_values: set[str] = field(default_factory=set)
    too_many_pairs: set[tuple[str, str]] = field(default_factory=set)
    too_many_covered: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not self.groups and not self.asked and not self.invalid and not self.quarantined

    def drop_closed(self) -> None:
        """Take out the tables that were found to have too many rows."""
        for counts in self.groups.values():
            for name in self.too_many_values & counts.segments.keys():
                del counts.segments[name]
            for pair in [each for each in counts.pairs if each in self.too_many_pairs or not self.too_many_values.isdisjoint(each)]:
                del counts.pairs[pair]
            for name in self.too_many_covered & counts.covered.keys():
                del counts.covered[name]
        for name in self.too_many_covered & self.asked_by.keys():
            del self.asked_by[name]


def merged(digests: Iterable[Digest]) -> Digest:
    """One digest of all that the given ones counted; none of them is changed, and none is held once it is merged."""
    total = reduce(_absorb, digests, Digest())
    for counts in total.groups.values():
        counts.examples.sort(key=order)
        counts.sample.sort()
    total.drop_closed()
    return total


def _absorb(total: Digest, other: Digest) -> Digest:
    total.too_many_values |= other.too_many_values
    total.too_many_pairs |= other.too_many_pairs
    total.too_many_covered |= other.too_many_covered
    add(total.asked, other.asked)
    total.invalid += other.invalid
    total.quarantined += other.quarantined
    for name, values in other.asked_by.items():
        _add_each(total.asked_by.setdefault(name, {}), values)
    for group, counts in other.groups.items():
        _absorb_counts(total.groups.setdefault(group, Counts()), counts)
    return total


def _absorb_counts(into: Counts, counts: Counts) -> None:
    add(into.histogram, counts.histogram)
    into.imported += counts.imported
    into.comments += counts.comments
    into.words_cut += counts.words_cut
    add(into.commented, counts.commented)
    _add_each(into.reasons, counts.reasons)
    _add_each(into.having, counts.having)
    _add_each(into.covered, counts.covered)
    _add_each(into.words, counts.words)
    for name, values in counts.segments.items():
        _add_each(into.segments.setdefault(name, {}), values)
    for pair, cells in counts.pairs.items():
        _add_each(into.pairs.setdefault(pair, {}), cells)
    into.examples += counts.examples
    into.sample += counts.sample


def _add_each(into: dict[Key, Counter[Any]], more: Mapping[Key, Counter[Any]]) -> None:
    for key, counts in more.items():
        held = into.get(key)
        if held is None:
            held = into[key] = Counter()
        add(held, counts)


def add(into: Counter[Any], more: Mapping[Any, int]) -> None:
    """`Counter.update` without its checks: a quarter's digests hold a hundred thousand small counters."""
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def canonical(plain: Any) -> bytes:
    """JSON with one spelling: keys sorted, no blanks, a line feed at the end. What UTF-8 cannot say becomes "?"."""
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode(errors="replace")


def plain_histogram(histogram: Mapping[int, int]) -> dict[str, int]:
    return {str(rating): histogram[rating] for rating in sorted(histogram) if histogram[rating]}
