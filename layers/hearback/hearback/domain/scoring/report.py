"""The report of one period, as plain data: a pure function of the survey's definition and the digests of its days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from hearback.domain.scoring.comparing import difference
from hearback.domain.scoring.counting import Words
from hearback.domain.scoring.course import trend_parts
from hearback.domain.scoring.coverage import coverage_of, not_asked
from hearback.domain.scoring.digest import Counts, Digest, Group, Histogram, add, merged, plain_histogram
from hearback.domain.scoring.drivers import find_drivers
from hearback.domain.scoring.methods import methods
from hearback.domain.scoring.needed import answers_needed
from hearback.domain.scoring.score import Score, Yardstick, formula_of, score_of
from hearback.domain.scoring.segments import direction, left_out, pair_rows, plain_interval, reason_rows, segment_rows, shown_segments
from hearback.domain.scoring.suppression import Hidden, hidden_rows, hide
from hearback.domain.scoring.trends import Point
from hearback.domain.scoring.windows import Span, days_between
from hearback.domain.survey import Survey

__all__ = ["Material", "Span", "build_report", "report_of"]

RESPONSE_RATE = (
    "response_rate = 100 * answers given in the period / invitations decided in it that were sent, delivered or may have been "
    "(imported answers left out); none when nobody was asked, or when answers to earlier invitations outnumber them."
)


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of: its own period and the one before, each merged, and the ratings of each day of its window."""

    now: Digest
    before: Digest
    window: Mapping[date, Histogram]


def build_report(survey: Survey, span: Span, days: Mapping[date, Digest], words: Words | None = None) -> dict[str, Any]:
    """From the days' digests, all held at once; a day that is missing had nothing in it."""
    group = Group.of_survey(survey)
    window = {day: digest.groups[group].histogram for day, digest in days.items() if group in digest.groups}
    now, before = (merged(days[day] for day in each.days() if day in days) for each in (span, span.before))
    return report_of(survey, span, Material(now, before, window), words)


def report_of(survey: Survey, span: Span, material: Material, words: Words | None = None) -> dict[str, Any]:
    """`words` finds the words of a comment, so that examples can stand beside words."""
    yardstick = Yardstick.of(survey)
    total = material.now
    counts = total.groups.get(yardstick.group, Counts())
    before = material.before.groups.get(yardstick.group, Counts())
    score = score_of(counts.histogram, yardstick)
    needed = answers_needed(counts.histogram, yardstick)
    ratings = range(yardstick.group.min, yardstick.group.max + 1)
    hidden, hidden_before = _hidden(counts, survey), _hidden(before, survey)
    return {
        "survey": survey.id,
        "name": survey.name,
        "language": survey.report_language,
        "metric": survey.metric.value,
        "scale": _scale(yardstick.group),
        "benchmark": survey.benchmark,
        "period": {
            "kind": span.period.value,
            "start": span.start.isoformat(),
            "end": span.end.isoformat(),
            "timezone": survey.timezone,
        },
        "complete": span.complete,
        "formula": formula_of(yardstick),
        "counts": _counts(total, yardstick.group),
        "score": {
            "value": score.value,
            "n": score.n,
            "interval": score.interval_plain(),
            "target": survey.target,
            "verdict": score.verdict.value,
            "answers_needed": needed,
            "periods_needed": needed / score.n if needed is not None and score.n else None,
        },
        "mean": score.mean,
        "histogram": {str(rating): counts.histogram[rating] for rating in ratings},
        "comparison": _comparison(span, score, counts, before, yardstick),
        "response_rate": _response_rate(total),
        "response_rate_formula": RESPONSE_RATE,
        "comments": counts.comments,
        "reasons": reason_rows(counts, _closed_reasons(counts, survey.minimum_group)),
        "segments": segment_rows(counts, before, survey, yardstick, hidden, hidden_before),
        "segment_pairs": list(pair_rows(counts, survey, yardstick, hidden)),
        "segments_left_out": list(left_out(total, counts, survey, hidden)),
        "minimum_group": survey.minimum_group,
        **_drivers(counts, survey, yardstick, hidden, words),
        **trend_parts(span, _points(span, material.window), yardstick),
        "coverage": coverage_of(total, survey.minimum_group),
        "other_scales": _other_scales(total, yardstick),
        "method": methods(survey),
    }


def _hidden(counts: Counts, survey: Survey) -> Hidden:
    pairs = [(min(pair), max(pair)) for pair in survey.segment_pairs]
    facts = list(dict.fromkeys((*shown_segments(counts, survey), *(name for pair in pairs for name in pair))))
    return hide(counts, facts, pairs, survey.minimum_group)


def _closed_reasons(counts: Counts, minimum: int) -> Iterable[tuple[str, str]]:
    """Reasons whose ratings stay hidden: ticked by too few, or by all but too few, or what would give these away."""
    for question in sorted({question for question, _ in counts.reasons}):
        sizes = {choice: ratings.total() for (of, choice), ratings in counts.reasons.items() if of == question}
        closed = hidden_rows(sizes, minimum)
        for choice, n in sizes.items():
            if closed is None or choice in closed or 0 < counts.n - n < minimum:
                yield question, choice


def _drivers(counts: Counts, survey: Survey, yardstick: Yardstick, hidden: Hidden, words: Words | None) -> dict[str, Any]:
    closed = set(_closed_reasons(counts, survey.minimum_group))
    found = find_drivers(
        counts, survey, yardstick, words, lambda fact, value: hidden.shows(fact, value) and fact not in hidden.undivided
    ).plain()
    kept = [each for each in found["drivers"] if each["kind"] != "reason" or (each["by"], each["name"]) not in closed]
    return found | {"drivers": kept}


def _scale(group: Group) -> dict[str, Any]:
    return {"min": group.min, "max": group.max, "direction": group.direction}


def _counts(total: Digest, group: Group) -> dict[str, Any]:
    """`valid` are the answers that the score rests on; `sent` includes the delivered, `invited` also what nobody would
    carry and what nobody knows about.
    """
    outcomes = Counter(total.asked)
    answered = sum(counts.n for counts in total.groups.values())
    valid = total.groups[group].n if group in total.groups else 0
    sent = outcomes["sent"] + outcomes["delivered"]
    return {
        "invited": sent + outcomes["unknown"] + outcomes["refused"],
        "sent": sent,
        "delivered": outcomes["delivered"],
        "unknown": outcomes["unknown"],
        "refused": outcomes["refused"],
        "not_asked": not_asked(outcomes),
        "answered": answered + total.invalid,
        "valid": valid,
        "other_scale": answered - valid,
        "invalid": total.invalid,
        "imported": sum(counts.imported for counts in total.groups.values()),
        "quarantined": total.quarantined,
    }


def _response_rate(total: Digest) -> float | None:
    could_answer = total.asked["sent"] + total.asked["delivered"] + total.asked["unknown"]
    answered = sum(counts.n - counts.imported for counts in total.groups.values())
    return 100 * answered / could_answer if 0 < could_answer >= answered else None


def _comparison(span: Span, score: Score, now: Counts, before: Counts, yardstick: Yardstick) -> dict[str, Any] | None:
    """None unless both periods have enough answers for an interval."""
    found = difference(now.histogram, before.histogram, yardstick) if score.n and before.n else None
    if found is None:
        return None
    earlier = span.before
    return {
        "with": {
            "start": earlier.start.isoformat(),
            "end": earlier.end.isoformat(),
            "n": before.n,
            "score": score_of(before.histogram, yardstick).value,
        },
        "difference": found.value,
        "interval": plain_interval(found.interval),
        "p": found.p,
        "verdict": direction(found.value, found.p),
    }


def _points(span: Span, window: Mapping[date, Histogram]) -> list[Point]:
    points = []
    for start, end in span.points():
        histogram: Histogram = Counter()
        for day in days_between(start, end):
            add(histogram, window.get(day, {}))
        points.append(Point(start, end, histogram))
    return points


def _other_scales(total: Digest, yardstick: Yardstick) -> list[dict[str, Any]]:
    """Answers given on another scale than today's: shown beside the score, never mixed into it."""
    rows = []
    for group in sorted(total.groups):
        if group == yardstick.group:
            continue
        counts = total.groups[group]
        mean = score_of(counts.histogram, Yardstick(group, yardstick.benchmark, yardstick.target)).mean
        rows.append(
            {"metric": group.metric, "scale": _scale(group), "n": counts.n, "mean": mean, "histogram": plain_histogram(counts.histogram)}
        )
    return rows
