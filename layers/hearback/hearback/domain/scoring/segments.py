"""The report's segments: each group's score, how far it is from the others', and from what it was one period before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from hearback.domain.scoring.comparing import Difference, difference
from hearback.domain.scoring.digest import OTHER_VALUES, Counts, Digest, Histogram
from hearback.domain.scoring.multiple import benjamini_hochberg
from hearback.domain.scoring.score import Score, Verdict, Yardstick, score_of
from hearback.domain.scoring.stats import LEVEL, Interval
from hearback.domain.scoring.suppression import Hidden
from hearback.domain.survey import Survey

NOTHING = Score(0, None, None, None, Verdict.NOT_PROVEN)


def shown_segments(counts: Counts, survey: Survey) -> list[str]:
    """What the survey names comes first, in its order; then the rest by name, while it looks like segments."""
    named = [name for name in dict.fromkeys(survey.segments) if name in counts.segments]
    paired = set(survey.segment_names)
    others = sorted(
        name for name in counts.segments if name not in named and (name not in paired and len(counts.segments[name]) <= OTHER_VALUES)
    )
    return named + others


def segment_rows(
    now: Counts, before: Counts, survey: Survey, yardstick: Yardstick, hidden: Hidden, hidden_before: Hidden
) -> list[dict[str, Any]]:
    """The largest group of each segment first, the hidden ones last, by name."""
    rows: list[dict[str, Any]] = []
    changes: list[tuple[dict[str, Any], Difference]] = []
    for by in shown_segments(now, survey):
        if by in hidden.facts:
            continue
        values = now.segments[by]
        for name in sorted(values, key=lambda each, by=by, values=values: _order(hidden.shows(by, each), values[each], each)):  # type: ignore[misc]
            shown = hidden.shows(by, name)
            row = {"by": by, "name": name, **score_fields(values[name] if shown else None, yardstick), "suppressed": not shown}
            row |= {"difference": None, "change": None}
            rows.append(row)
            if not shown:
                continue
            if by not in hidden.undivided:
                row["difference"] = _apart(difference(values[name], less(now.having[by], values[name]), yardstick))
            earlier = before.segments.get(by, {}).get(name)
            if earlier is not None and hidden_before.shows(by, name):
                moved = difference(values[name], earlier, yardstick)
                if moved is not None:
                    changes.append((row, moved))
    for (row, moved), q in zip(changes, benjamini_hochberg([moved.p for _, moved in changes]), strict=True):
        row["change"] = {
            "difference": moved.value,
            "interval": plain_interval(moved.interval),
            "p": moved.p,
            "q": q,
            "verdict": direction(moved.value, q),
        }
    return rows


def pair_rows(counts: Counts, survey: Survey, yardstick: Yardstick, hidden: Hidden) -> Iterator[dict[str, Any]]:
    """Every two values that occur together, for each pair that the survey asks for."""
    for pair in survey.segment_pairs:
        key = (min(pair), max(pair))
        turned = key != pair
        cells = counts.pairs.get(key, {})
        if key in hidden.pairs:
            continue
        closed = hidden.cells.get(key, set())
        for cell in sorted(cells, key=lambda each, cells=cells, closed=closed: _order(each not in closed, cells[each], each)):  # type: ignore[misc]
            shown = cell not in closed
            yield {
                "by": list(pair),
                "name": list(cell[::-1] if turned else cell),
                **score_fields(cells[cell] if shown else None, yardstick),
                "suppressed": not shown,
            }


def left_out(total: Digest, counts: Counts, survey: Survey, hidden: Hidden) -> Iterator[dict[str, Any]]:
    """What was to be shown and is not, and why. A pair is left out when one of its segments is."""
    shown = {*shown_segments(counts, survey), *survey.segment_names}
    many = total.too_many_values | {name for name in counts.segments if name not in shown}
    for name in sorted(many | hidden.facts):
        yield {"by": name, "reason": "too_many_values" if name in many else "too_few_answers"}
    for pair in survey.segment_pairs:
        key = (min(pair), max(pair))
        if key in total.too_many_pairs or not many.isdisjoint(key):
            yield {"by": list(pair), "reason": "too_many_values"}
        elif key in hidden.pairs:
            yield {"by": list(pair), "reason": "would_tell_too_much"}


def score_fields(histogram: Mapping[int, int] | None, yardstick: Yardstick) -> dict[str, Any]:
    """A group's numbers; None for one that is hidden: not even how many there are is told, as that, beside a total, would say
    how many the others are.
    """
    score = NOTHING if histogram is None else score_of(histogram, yardstick)
    return {
        "n": None if histogram is None else score.n,
        "score": score.value,
        "mean": score.mean,
        "interval": score.interval_plain(),
        "verdict": score.verdict.value,
    }


def direction(value: float, p: float) -> str:
    """What may be said of a difference with this p, which allows for everything that was looked at."""
    if p > 1 - LEVEL or value == 0:
        return "not_proven"
    return "up" if value > 0 else "down"


def plain_interval(interval: Interval) -> dict[str, Any]:
    return {"low": interval.low, "high": interval.high, "level": interval.level, "method": interval.method}


def less(one: Mapping[int, int], other: Mapping[int, int]) -> Histogram:
    return Counter({rating: left for rating, count in one.items() if (left := count - other.get(rating, 0)) > 0})


def _apart(found: Difference | None) -> dict[str, Any] | None:
    return None if found is None else {"value": found.value, "interval": plain_interval(found.interval)}


def _order(shown: bool, histogram: Histogram, name: Any) -> tuple[Any, ...]:  # noqa: FBT001 - the first part of a sort key
    return not shown, -histogram.total() if shown else 0, name


def reason_rows(counts: Counts, closed: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    """The most ticked first. How often a reason was ticked is told of each; with which ratings, where nobody is given away."""
    hidden = set(closed)
    rows = [
        {
            "question": reason[0],
            "choice": reason[1],
            "n": histogram.total(),
            "histogram": None
            if reason in hidden
            else {str(rating): histogram[rating] for rating in sorted(histogram) if histogram[rating]},
            "suppressed": reason in hidden,
        }
        for reason, histogram in counts.reasons.items()
    ]
    return sorted(rows, key=lambda row: (row["question"], -row["n"], row["choice"]))
