"""What a report asks about: does this segment, this reason, this word go with another score than the rest?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from hearback.domain.scoring.comparing import scored
from hearback.domain.scoring.confounding import is_list
from hearback.domain.scoring.digest import OTHER_VALUES, Counts, Histogram
from hearback.domain.scoring.score import DETRACTOR_UP_TO, PROMOTER_FROM, Yardstick
from hearback.domain.scoring.stats import Interval, mean_of, wilson
from hearback.domain.survey import FollowUp, Metric, Survey

LEAST_COMMENTS = 10
"""A word is asked about when so many comments hold it: rarer ones could hardly be proven, and are often names."""

COMMENT = "comment"
"""What stands for the variable's name where words of comments are meant."""


Shows = Callable[[str, str], bool]


def shows_all(_name: str, _value: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Candidate:
    """The answers that have it, and those that it is compared with. `kind` is "segment", "reason" or "word"."""

    kind: str
    by: str
    name: str
    having: Histogram
    others: Histogram

    @property
    def n(self) -> int:
        return self.having.total()

    @property
    def rank(self) -> tuple[int, str, str, str]:
        """The most frequent first."""
        return -self.n, self.kind, self.by, self.name


@dataclass(frozen=True, slots=True)
class LeftOut:
    kind: str
    by: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class UnhappyReason:
    """Who gives a good rating never sees this question, so nothing can be compared: how many of the others ticked it."""

    question: str
    choice: str
    n: int
    share: float
    interval: Interval


@dataclass(slots=True)
class Candidates:
    found: list[Candidate]
    left_out: Counter[tuple[str, str, str]]
    unhappy: list[UnhappyReason]


def candidates(counts: Counts, survey: Survey, yardstick: Yardstick, shows: Shows) -> Candidates:
    """All that can be asked of these counts. Groups below the survey's minimum are left out, and so are those whose
    complement is: a difference would tell about it.
    """
    gathered = Candidates([], Counter(), [])
    for each in (
        *_segments(counts, survey, yardstick, gathered),
        *_reasons(counts, survey, yardstick, gathered),
        *_words(counts, gathered),
    ):
        least = survey.minimum_group if each.kind != "word" else max(LEAST_COMMENTS, survey.minimum_group)
        hidden = each.kind == "segment" and not shows(each.by, each.name)
        if each.n < least or each.others.total() < survey.minimum_group or hidden:
            gathered.left_out[each.kind, each.by, "small_group"] += 1
        else:
            gathered.found.append(each)
    return gathered


def unhappy(rating: int, yardstick: Yardstick) -> bool:
    """NPS's detractors; elsewhere who is not satisfied."""
    return rating <= DETRACTOR_UP_TO if yardstick.group.metric == Metric.NPS else not yardstick.satisfied(rating)


def happy(rating: int, yardstick: Yardstick) -> bool:
    return rating >= PROMOTER_FROM if yardstick.group.metric == Metric.NPS else yardstick.satisfied(rating)


def goodness(score: float, yardstick: Yardstick) -> float:
    """A score, or a difference of scores, turned so that more is better."""
    return -score if yardstick.group.metric == Metric.CES and yardstick.low_is_good else score


def _segments(counts: Counts, survey: Survey, yardstick: Yardstick, gathered: Candidates) -> Iterator[Candidate]:
    """Each value against all other answers that have the fact. Of two values that are each other's complement one is
    asked about, the worse: both would be the same test twice.
    """
    for by in sorted(counts.segments):
        values = counts.segments[by]
        if by not in survey.segment_names and len(values) > OTHER_VALUES:
            gathered.left_out["segment", by, "too_many_values"] += len(values)
            continue
        found = [Candidate("segment", by, name, values[name], _less(counts.having.get(by, {}), values[name])) for name in sorted(values)]
        if len(found) == 2 and not is_list(counts, by):  # noqa: PLR2004 - a pair
            found = [min(found, key=lambda each: goodness(float(mean_of(scored(each.having, yardstick)) or 0), yardstick))]
        yield from found


def _reasons(counts: Counts, survey: Survey, yardstick: Yardstick, gathered: Candidates) -> Iterator[Candidate]:
    """Ticked against not ticked, among the answers whose rating the question is shown for."""
    questions = {each.id: each for each in survey.follow_ups}
    for question, choice in sorted(counts.reasons):
        asked = questions.get(question)
        if asked is None:
            gathered.left_out["reason", question, "question_gone"] += 1
            continue
        shown = _shown(counts.histogram, asked)
        ticked = _shown(counts.reasons[question, choice], asked)
        ratings = [each for each in range(yardstick.group.min, yardstick.group.max + 1) if asked.applies_to(each)]
        if any(unhappy(each, yardstick) for each in ratings):
            if any(happy(each, yardstick) for each in ratings):
                yield Candidate("reason", question, choice, ticked, _less(shown, ticked))
            elif ticked.total() >= survey.minimum_group:
                gathered.unhappy.append(_unhappy_reason(question, choice, ticked.total(), shown.total()))
        else:
            gathered.left_out["reason", question, "shown_to_the_happy_only"] += 1


def _words(counts: Counts, gathered: Candidates) -> Iterator[Candidate]:
    """Comments that hold a word against those that do not. A word as rare as some that were not counted on every day may
    have been missed too: it is left out.
    """
    for word in sorted(counts.words):
        having = counts.words[word]
        if having.total() > counts.words_cut:
            yield Candidate("word", COMMENT, word, having, _less(counts.commented, having))
        else:
            gathered.left_out["word", COMMENT, "not_counted_every_day"] += 1


def _shown(histogram: Mapping[int, int], question: FollowUp) -> Histogram:
    return Counter({rating: count for rating, count in histogram.items() if question.applies_to(rating)})


def _unhappy_reason(question: str, choice: str, n: int, shown: int) -> UnhappyReason:
    interval = wilson(min(n, shown), max(1, shown))
    assert interval is not None  # noqa: S101 - of at least one answer there is always an interval
    return UnhappyReason(question, choice, n, 100 * n / max(1, shown), interval.times(100))


def _less(one: Mapping[int, int], other: Mapping[int, int]) -> Histogram:
    left = Counter(one)
    left.subtract(other)
    return +left
