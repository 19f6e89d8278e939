"""Counts made of answers written down one by one, by the plainest code: what the tests of drivers hold theirs against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from hearback.domain.scoring.digest import Counts, Example, Group
from hearback.domain.scoring.score import Yardstick

CSAT = Yardstick(Group("csat", 1, 5, "high_is_good"), 4, 75.0)
NPS = Yardstick(Group("nps", 0, 10, "high_is_good"), 9, 30.0)
CES = Yardstick(Group("ces", 1, 7, "high_is_good"), 5, 5.5)
EFFORT = Yardstick(Group("ces", 1, 7, "low_is_good"), 3, 2.5)


@dataclass(frozen=True)
class Said:
    """One answer. A fact may have several values."""

    rating: int
    facts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    ticked: tuple[tuple[str, str], ...] = ()
    comment: str = ""


def counts_of(answers: Iterable[Said]) -> Counts:
    counts = Counts()
    for number, said in enumerate(answers):
        counts.histogram[said.rating] += 1
        for reason in said.ticked:
            counts.reasons.setdefault(reason, Counter())[said.rating] += 1
        values = {name: (value,) if isinstance(value, str) else value for name, value in said.facts.items() if value}
        for name, held in values.items():
            counts.having.setdefault(name, Counter())[said.rating] += 1
            for value in held:
                counts.segments.setdefault(name, {}).setdefault(value, Counter())[said.rating] += 1
        for pair in combinations(sorted(values), 2):
            for one in values[pair[0]]:
                for other in values[pair[1]]:
                    counts.pairs.setdefault(pair, {}).setdefault((one, other), Counter())[said.rating] += 1
        if said.comment:
            counts.comments += 1
            counts.commented[said.rating] += 1
            for word in set(said.comment.split()):
                counts.words.setdefault(word, Counter())[said.rating] += 1
            counts.examples.append(Example(f"{number:08}", said.rating, said.comment, said.ticked, dict(said.facts)))
    return counts
