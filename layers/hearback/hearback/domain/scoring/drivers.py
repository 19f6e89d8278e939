"""What goes with low ratings, and what with high ones: segments, reasons and words, all tested together.

An association, not a cause: another variable may stand behind it, so each segment is compared again with others held equal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from hearback.domain.scoring.candidates import Candidate, LeftOut, Shows, UnhappyReason, candidates, goodness, shows_all, unhappy
from hearback.domain.scoring.comparing import Difference, difference, estimate
from hearback.domain.scoring.confounding import Adjusted, Confounders, Confounding
from hearback.domain.scoring.digest import Counts, Example
from hearback.domain.scoring.illustrating import Illustrations, Words
from hearback.domain.scoring.multiple import benjamini_hochberg
from hearback.domain.scoring.score import Yardstick, score_of
from hearback.domain.scoring.stats import Interval
from hearback.domain.scoring.words import log_odds
from hearback.domain.survey import Survey

FALSE_DISCOVERY_RATE = 0.05
"""The share of the drivers in a report that may be there by chance; without any effect, the share of reports with one."""

MOST_TESTED = 5000
"""So many tests take some seconds."""

METHOD = (
    "Each segment value, reason and word is compared with all other answers that have the fact, were shown the question or carry "
    "a comment. A driver is what remains at a false discovery rate of 5% over all of these tests (Benjamini-Hochberg, permutation "
    "tests). For a segment the effect is given again with a second variable held equal, by the one that changes it most (CSAT: "
    "Mantel-Haenszel, interval after Klingenberg; else least squares within strata). Words have their log-odds ratio with an "
    "informative prior (Monroe, Colaresi & Quinn). These are associations, not causes."
)


@dataclass(frozen=True, slots=True)
class Driver:
    """`effect` is the score of those that have it less that of the others, in the score's units; `q` is its p adjusted for
    everything that was tested; `lowers` that it makes the score worse. `theme` is a word's log-odds ratio towards low
    ratings and its z.
    """

    candidate: Candidate
    effect: Difference
    q: float
    lowers: bool
    confounding: Confounding
    theme: tuple[float, float] | None
    examples: tuple[Example, ...] = ()

    @property
    def surer_end(self) -> float:
        """The least effect that the interval allows."""
        return min(abs(self.effect.interval.low), abs(self.effect.interval.high))

    def plain(self, yardstick: Yardstick) -> dict[str, Any]:
        adjusted = self.confounding.adjusted
        return {
            "kind": self.candidate.kind,
            "by": self.candidate.by,
            "name": self.candidate.name,
            "n": self.candidate.n,
            "n_without": self.candidate.others.total(),
            "score_with": score_of(self.candidate.having, yardstick).value,
            "score_without": score_of(self.candidate.others, yardstick).value,
            "effect": self.effect.value,
            "interval": _plain(self.effect.interval),
            "p": self.effect.p,
            "q": self.q,
            "direction": "lowers" if self.lowers else "raises",
            "adjusted": _plain_adjusted(adjusted) if adjusted else None,
            "inseparable_from": list(self.confounding.inseparable),
            "log_odds": {"value": self.theme[0], "z": self.theme[1]} if self.theme else None,
            "examples": [{"rating": each.rating, "text": each.text} for each in self.examples],
        }


@dataclass(frozen=True, slots=True)
class DriverFindings:
    drivers: tuple[Driver, ...]
    tested: int
    left_out: tuple[LeftOut, ...]
    unhappy_reasons: tuple[UnhappyReason, ...]
    yardstick: Yardstick

    def plain(self) -> dict[str, Any]:
        """The parts `drivers`, `driver_tests` and `unhappy_reasons` of a report."""
        return {
            "drivers": [each.plain(self.yardstick) for each in self.drivers],
            "driver_tests": {
                "tested": self.tested,
                "rate": FALSE_DISCOVERY_RATE,
                "method": METHOD,
                "left_out": [{"kind": each.kind, "by": each.by, "reason": each.reason, "count": each.count} for each in self.left_out],
            },
            "unhappy_reasons": [
                {"question": each.question, "choice": each.choice, "n": each.n, "share": each.share, "interval": _plain(each.interval)}
                for each in self.unhappy_reasons
            ],
        }


def find_drivers(
    counts: Counts, survey: Survey, yardstick: Yardstick, words: Words | None = None, shows: Shows = shows_all
) -> DriverFindings:
    """Test everything that can be asked of the counts, and keep what chance does not explain.

    `words` finds the words of an example; without it no example is shown for a word. `shows` says whether the report may
    show a segment (its name, its value) beside all others: some would reveal a group below the minimum.

    At most `MOST_TESTED` are tested, the most frequent first: which those are does not depend on the ratings, so leaving
    out the rest makes nothing likelier.
    """
    asked = candidates(counts, survey, yardstick, shows)
    ranked = sorted(asked.found, key=lambda each: each.rank)
    for each in ranked[MOST_TESTED:]:
        asked.left_out[each.kind, each.by, "too_many"] += 1
    tested = [(each, effect) for each in ranked[:MOST_TESTED] if (effect := _tested(each, yardstick))]
    qs = benjamini_hochberg([effect.p for _, effect in tested])
    found = [(each, effect, q) for (each, effect), q in zip(tested, qs, strict=True) if q <= FALSE_DISCOVERY_RATE]
    left_out = tuple(LeftOut(*key, asked.left_out[key]) for key in sorted(asked.left_out))
    reasons = tuple(sorted(asked.unhappy, key=lambda each: (each.question, -each.n, each.choice)))
    return DriverFindings(_drivers(found, counts, survey, yardstick, words), len(tested), left_out, reasons, yardstick)


def _tested(candidate: Candidate, yardstick: Yardstick) -> Difference | None:
    """An interval that holds 0 has a p above the rate, and so has its q, whatever the test would say: it is spared."""
    found = estimate(candidate.having, candidate.others, yardstick)
    if found is not None and found[1].low <= 0 <= found[1].high:
        return Difference(*found, p=1.0)
    return difference(candidate.having, candidate.others, yardstick)


def _drivers(
    found: Iterable[tuple[Candidate, Difference, float]], counts: Counts, survey: Survey, yardstick: Yardstick, words: Words | None
) -> tuple[Driver, ...]:
    """What lowers the score first, then by how much it does at the least."""
    confounders = Confounders(counts, yardstick, survey.minimum_group)
    themes = _themes(counts, yardstick)
    drivers = [
        Driver(
            candidate,
            effect,
            q,
            goodness(effect.value, yardstick) < 0,
            confounders.of(candidate.by, candidate.name, effect.value) if candidate.kind == "segment" else Confounding(),
            themes[candidate.name] if candidate.kind == "word" else None,
        )
        for candidate, effect, q in found
    ]
    drivers.sort(key=lambda each: (not each.lowers, -each.surer_end, each.candidate.rank))
    illustrations = Illustrations(counts, yardstick, words)
    return tuple(replace(each, examples=illustrations.of(each.candidate, lowers=each.lowers)) for each in drivers)


def _themes(counts: Counts, yardstick: Yardstick) -> dict[str, tuple[float, float]]:
    low, rest = {}, {}
    for word, histogram in counts.words.items():
        low[word] = sum(count for rating, count in histogram.items() if unhappy(rating, yardstick))
        rest[word] = histogram.total() - low[word]
    n_low = sum(count for rating, count in counts.commented.items() if unhappy(rating, yardstick))
    return log_odds(low, rest, n_low, counts.commented.total() - n_low)


def _plain_adjusted(adjusted: Adjusted) -> dict[str, Any]:
    return {"for": adjusted.by, "effect": adjusted.effect, "interval": _plain(adjusted.interval), "differs": adjusted.differs}


def _plain(interval: Interval) -> dict[str, Any]:
    return {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method}
