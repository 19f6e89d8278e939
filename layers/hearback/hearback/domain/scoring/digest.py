"""A day reduced to counts that add up: the digests of a week's days merge into the week's.

Only integers are kept, so merging is associative and commutative, and the empty digest changes nothing. Answers are
counted on the scale they were given on: a survey whose scale changed keeps its old answers true, apart from the new ones.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any, NamedTuple

from hearback.domain.errors import Misconfigured
from hearback.domain.survey import Direction, Metric, Survey

FORMAT = 1
"""Version of the stored form; a reader refuses one that is newer than it knows."""

NAMED_VALUES = 2000
"""How many values a day may hold of a segment that the survey names. Beyond it the segment is left out, and says so."""

OTHER_VALUES = 50
"""The same for a fact that no survey names (an imported column): past it, it was not a segment but an identifier."""

Histogram = Counter[int]


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

    @staticmethod
    def of_answer(answer: Mapping[str, Any]) -> Group:
        low, high = answer["scale"]
        return Group(str(answer["metric"]), int(low), int(high), str(answer["direction"]))


@dataclass(slots=True)
class Counts:
    """The answers of one group. `imported` and `comments` count answers; `reasons` is (question, choice) to the ratings
    given with it; `segments` is a fact's name to its values' ratings. A list-valued fact (tag) counts under each value.
    """

    histogram: Histogram = field(default_factory=Counter)
    imported: int = 0
    comments: int = 0
    reasons: dict[tuple[str, str], Histogram] = field(default_factory=dict)
    segments: dict[str, dict[str, Histogram]] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return sum(self.histogram.values())


@dataclass(slots=True)
class Digest:
    """`asked` counts the triggers decided, by outcome ("sent", ..., "skipped:cooldown"). `invalid` counts answers whose
    rating does not lie on their own scale. `too_many_values` names facts left out here, and so in whatever this is merged
    into: a table that lacks some days would not be true.
    """

    groups: dict[Group, Counts] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    invalid: int = 0
    too_many_values: set[str] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        return not self.groups and not self.asked and not self.invalid


def merged(digests: Iterable[Digest]) -> Digest:
    """One digest of all that the given ones counted; none of them is changed."""
    return reduce(_absorb, digests, Digest())


def _absorb(total: Digest, other: Digest) -> Digest:
    total.too_many_values |= other.too_many_values
    total.asked.update(other.asked)
    total.invalid += other.invalid
    for group, counts in other.groups.items():
        into = total.groups.setdefault(group, Counts())
        into.histogram.update(counts.histogram)
        into.imported += counts.imported
        into.comments += counts.comments
        for reason, histogram in counts.reasons.items():
            into.reasons.setdefault(reason, Counter()).update(histogram)
        for name, values in counts.segments.items():
            held = into.segments.setdefault(name, {})
            for value, histogram in values.items():
                held.setdefault(value, Counter()).update(histogram)
    for counts in total.groups.values():
        for name in total.too_many_values & counts.segments.keys():
            del counts.segments[name]
    return total


def to_bytes(digest: Digest, survey: str, day: str) -> bytes:
    """The stored form: the same counts give the same bytes in any process."""
    return canonical(
        {
            "format": FORMAT,
            "survey": survey,
            "day": day,
            "asked": _plain_counter(digest.asked),
            "invalid": digest.invalid,
            "too_many_values": sorted(digest.too_many_values),
            "groups": [_plain_group(group, digest.groups[group]) for group in sorted(digest.groups)],
        }
    )


def from_bytes(body: bytes) -> Digest:
    """Raises `Misconfigured` when a newer version of the project wrote it: its counts may mean something else."""
    plain = json.loads(body)
    if plain["format"] > FORMAT:
        raise Misconfigured(f"a digest of {plain['day']} has format {plain['format']}, this version reads up to {FORMAT}")
    return Digest(
        groups={Group(each["metric"], each["scale"][0], each["scale"][1], each["direction"]): _counts(each) for each in plain["groups"]},
        asked=Counter(plain["asked"]),
        invalid=plain["invalid"],
        too_many_values=set(plain["too_many_values"]),
    )


def canonical(plain: Any) -> bytes:
    """JSON with one spelling: keys sorted, no blanks, a line feed at the end. What UTF-8 cannot say becomes "?"."""
    text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return (text + "\n").encode(errors="replace")


def plain_histogram(histogram: Mapping[int, int]) -> dict[str, int]:
    return {str(rating): histogram[rating] for rating in sorted(histogram) if histogram[rating]}


def _plain_counter(counter: Mapping[str, int]) -> dict[str, int]:
    return {key: count for key, count in counter.items() if count}


def _plain_group(group: Group, counts: Counts) -> dict[str, Any]:
    reasons: dict[str, dict[str, Any]] = {}
    for (question, choice), histogram in counts.reasons.items():
        reasons.setdefault(question, {})[choice] = plain_histogram(histogram)
    return {
        "metric": group.metric,
        "scale": [group.min, group.max],
        "direction": group.direction,
        "histogram": plain_histogram(counts.histogram),
        "imported": counts.imported,
        "comments": counts.comments,
        "reasons": reasons,
        "segments": {
            name: {value: plain_histogram(histogram) for value, histogram in values.items()} for name, values in counts.segments.items()
        },
    }


def _counts(plain: Mapping[str, Any]) -> Counts:
    return Counts(
        histogram=_histogram(plain["histogram"]),
        imported=plain["imported"],
        comments=plain["comments"],
        reasons={
            (question, choice): _histogram(ratings) for question, choices in plain["reasons"].items() for choice, ratings in choices.items()
        },
        segments={name: {value: _histogram(ratings) for value, ratings in values.items()} for name, values in plain["segments"].items()},
    )


def _histogram(plain: Mapping[str, int]) -> Histogram:
    return Counter({int(rating): count for rating, count in plain.items()})
