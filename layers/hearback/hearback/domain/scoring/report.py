"""The report of one period, as plain data: a pure function of the survey's definition and the digests of its days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hearback.domain.calendar import Period, days_of, first_day, next_first_day
from hearback.domain.scoring.digest import OTHER_VALUES, Counts, Digest, Group, Histogram, merged, plain_histogram
from hearback.domain.scoring.score import Score, Verdict, Yardstick, formula_of, score_of
from hearback.domain.survey import Survey

MINIMUM_GROUP = 5
"""A segment with fewer answers shows its count and nothing else: a score of so few is noise, and may be one person's."""

SKIPPED = "skipped:"
"""How the ledger spells the outcome of a trigger that was not surveyed; the reason follows."""

RESPONSE_RATE = (
    "response_rate = 100 * answers given in the period / invitations decided in it that were sent, delivered or may have been "
    "(imported answers left out); none when nobody was asked, or when answers to earlier invitations outnumber them."
)


@dataclass(frozen=True, slots=True)
class Span:
    """One period of one survey. `complete` once the period has ended and every day of it has been counted."""

    period: Period
    start: date
    complete: bool

    @property
    def end(self) -> date:
        """The last day, included."""
        return next_first_day(self.period, self.start) - timedelta(days=1)


def build_report(survey: Survey, span: Span, days: Mapping[date, Digest]) -> dict[str, Any]:
    """`days` holds the digests of the period's days that have been counted; a day that is missing had nothing in it."""
    yardstick = Yardstick.of(survey)
    total = merged(days[day] for day in sorted(days))
    counts = total.groups.get(yardstick.group, Counts())
    score = score_of(counts.histogram, yardstick)
    ratings = range(yardstick.group.min, yardstick.group.max + 1)
    return {
        "survey": survey.id,
        "name": survey.name,
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
        },
        "mean": score.mean,
        "histogram": {str(rating): counts.histogram[rating] for rating in ratings},
        "response_rate": _response_rate(total),
        "response_rate_formula": RESPONSE_RATE,
        "comments": counts.comments,
        "reasons": _reasons(counts),
        "segments": list(_segments(counts, survey, yardstick)),
        "segments_left_out": _left_out(total, counts, survey),
        "minimum_group": MINIMUM_GROUP,
        "drivers": [],
        "trend": list(_trend(span, days, yardstick)),
        "other_scales": _other_scales(total, yardstick),
    }


def _scale(group: Group) -> dict[str, Any]:
    return {"min": group.min, "max": group.max, "direction": group.direction}


def _counts(total: Digest, group: Group) -> dict[str, Any]:
    """`valid` are the answers that the score rests on; `sent` includes the delivered, `invited` also what nobody would
    carry and what nobody knows about.
    """
    outcomes = total.asked
    answered = sum(counts.n for counts in total.groups.values())
    valid = total.groups[group].n if group in total.groups else 0
    sent = outcomes["sent"] + outcomes["delivered"]
    return {
        "invited": sent + outcomes["unknown"] + outcomes["refused"],
        "sent": sent,
        "delivered": outcomes["delivered"],
        "unknown": outcomes["unknown"],
        "refused": outcomes["refused"],
        "not_asked": {outcome.removeprefix(SKIPPED): outcomes[outcome] for outcome in sorted(outcomes) if outcome.startswith(SKIPPED)},
        "answered": answered + total.invalid,
        "valid": valid,
        "other_scale": answered - valid,
        "invalid": total.invalid,
        "imported": sum(counts.imported for counts in total.groups.values()),
        "quarantined": 0,
    }


def _response_rate(total: Digest) -> float | None:
    could_answer = total.asked["sent"] + total.asked["delivered"] + total.asked["unknown"]
    answered = sum(counts.n - counts.imported for counts in total.groups.values())
    return 100 * answered / could_answer if 0 < could_answer >= answered else None


def _reasons(counts: Counts) -> list[dict[str, Any]]:
    """The most ticked first."""
    rows = [
        {"question": question, "choice": choice, "n": sum(histogram.values()), "histogram": plain_histogram(histogram)}
        for (question, choice), histogram in counts.reasons.items()
    ]
    return sorted(rows, key=lambda row: (row["question"], -row["n"], row["choice"]))


def _segments(counts: Counts, survey: Survey, yardstick: Yardstick) -> Iterator[dict[str, Any]]:
    """What the survey names comes first, in its order; then the rest by name. The largest group of each first."""
    for name in _shown(counts, survey):
        values = counts.segments[name]
        for value in sorted(values, key=lambda each: (-values[each].total(), each)):
            yield _segment(name, value, values[value], yardstick)


def _segment(by: str, name: str, histogram: Histogram, yardstick: Yardstick) -> dict[str, Any]:
    score = score_of(histogram, yardstick)
    suppressed = score.n < MINIMUM_GROUP
    shown = Score(score.n, None, None, None, Verdict.NOT_PROVEN) if suppressed else score
    return {
        "by": by,
        "name": name,
        "n": shown.n,
        "score": shown.value,
        "mean": shown.mean,
        "interval": shown.interval_plain(),
        "verdict": shown.verdict.value,
        "suppressed": suppressed,
    }


def _shown(counts: Counts, survey: Survey) -> list[str]:
    named = [name for name in dict.fromkeys(survey.segments) if name in counts.segments]
    others = sorted(name for name in counts.segments if name not in named and len(counts.segments[name]) <= OTHER_VALUES)
    return named + others


def _left_out(total: Digest, counts: Counts, survey: Survey) -> list[dict[str, str]]:
    shown = set(_shown(counts, survey))
    names = total.too_many_values | {name for name in counts.segments if name not in shown}
    return [{"by": name, "reason": "too_many_values"} for name in sorted(names)]


def _trend(span: Span, days: Mapping[date, Digest], yardstick: Yardstick) -> Iterator[dict[str, Any]]:
    """The days of the period that were counted; a quarter goes by weeks, cut at its ends."""
    last = max(days, default=None)
    part = Period.WEEK if span.period is Period.QUARTER else Period.DAY
    seen: dict[date, list[date]] = {}
    for day in days_of(span.period, span.start):
        if last is not None and day <= last:
            seen.setdefault(first_day(part, day), []).append(day)
    for held in seen.values():
        histogram: Histogram = Histogram()
        for day in held:
            if day in days and yardstick.group in days[day].groups:
                histogram.update(days[day].groups[yardstick.group].histogram)
        score = score_of(histogram, yardstick)
        yield {
            "start": held[0].isoformat(),
            "end": held[-1].isoformat(),
            "n": score.n,
            "score": score.value,
            "mean": score.mean,
            "interval": score.interval_plain(),
        }


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
