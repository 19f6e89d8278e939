"""The report's trend: its points with the band of chance, and whether the score changed in the window."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile
from typing import Any

from hearback.domain.scoring.score import Yardstick, score_of
from hearback.domain.scoring.segments import plain_interval
from hearback.domain.scoring.trends import FALSE_ALARM_RATE, Point, find_change, limits
from hearback.domain.scoring.windows import Span

METHOD = (
    "Each point is drawn in the band in which chance alone would keep it if the score were the same throughout: pooled score plus "
    "and minus 3 standard errors, widened where points differ by more than chance explains (Laney p' chart). A change is reported "
    "only if a change-point test over all splits of the window shows it (permutation test and a test that allows for restless "
    "points, corrected by Bonferroni); on an unchanged score at most 1 report in 100 says so."
)


def trend_parts(span: Span, points: Sequence[Point], yardstick: Yardstick) -> dict[str, Any]:
    """The parts `trend` and `trend_analysis`. Points before the first answer are left out."""
    held = list(dropwhile(lambda point: not any(point.histogram.values()), points))
    return {"trend": _rows(span, held, yardstick), "trend_analysis": _analysis(span, held, yardstick)}


def _rows(span: Span, points: Sequence[Point], yardstick: Yardstick) -> list[dict[str, Any]]:
    rows = []
    for point, limit in zip(points, limits(points, yardstick), strict=True):
        score = score_of(point.histogram, yardstick)
        rows.append(
            {
                "start": point.start.isoformat(),
                "end": point.end.isoformat(),
                "n": score.n,
                "score": score.value,
                "mean": score.mean,
                "interval": score.interval_plain(),
                "low_limit": limit.low,
                "high_limit": limit.high,
                "outside": limit.outside,
                "in_period": point.start >= span.start,
            }
        )
    return rows


def _analysis(span: Span, points: Sequence[Point], yardstick: Yardstick) -> dict[str, Any]:
    found = find_change(points, yardstick)
    change = None
    if found is not None:
        sides = [score_of(side, yardstick) for side in (found.before, found.after)]
        change = {
            "at": points[found.index].start.isoformat(),
            "before": {"n": sides[0].n, "score": sides[0].value},
            "after": {"n": sides[1].n, "score": sides[1].value},
            "difference": found.difference.value,
            "interval": plain_interval(found.difference.interval),
            "p": found.p,
        }
    return {
        "window": {"start": span.window_start.isoformat(), "end": span.last.isoformat()},
        "method": METHOD,
        "false_alarm_rate": FALSE_ALARM_RATE,
        "points": len(points),
        "change": change,
    }
