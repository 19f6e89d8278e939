"""The score over time: within the limits of chance or outside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Axis, Line, Moment, trend
from hearback.adapters.reports.formatting import NOTHING, Figures, count
from hearback.adapters.reports.sections.headline import tick


def trend_part(report: Mapping[str, Any], figures: Figures) -> dict[str, Any] | None:
    """None where there is nothing to compare over time."""
    points = report["trend"]
    if sum(each["score"] is not None for each in points) < 2:  # noqa: PLR2004 - one point is no trend
        return None
    outside = [each for each in points if each.get("outside")]
    words = figures.words
    return {
        "picture": _picture(report, figures),
        "rows": [_row(each, figures) for each in points],
        "says": words["outside_says"].format(n=count(len(outside)), of=count(sum(each["score"] is not None for each in points)))
        if any(each.get("low_limit") is not None for each in points)
        else "",
        "target": target_says(report, figures),
        "changed": bool((report.get("trend_analysis") or {}).get("change")),
    }


def target_says(report: Mapping[str, Any], figures: Figures) -> str:
    """What the dashed line is; nothing where the target cannot be drawn."""
    if not _on_scale(report, figures):
        return ""
    return figures.words["target_line"].format(target=figures.score(report["score"]["target"]))


def _row(each: Mapping[str, Any], figures: Figures) -> tuple[str, str, str, str, str]:
    """When, answers, score, interval, limits."""
    limits = {"low": each.get("low_limit"), "high": each.get("high_limit")}
    within = NOTHING if None in limits.values() else figures.interval(limits)
    mark = f" ({figures.words['outside']})" if each.get("outside") else ""
    when = figures.span(each["start"], each["end"])
    return when, count(each["n"]), figures.score(each["score"]) + mark, figures.interval(each["interval"]), within


def _picture(report: Mapping[str, Any], figures: Figures) -> Markup:
    points, target = report["trend"], report["score"]["target"]
    moments = [_moment(each, figures) for each in points]
    held = [value for m in moments for value in (m.value, m.low, m.high, m.low_limit, m.high_limit) if value is not None]
    lines = [Line(target)] if _on_scale(report, figures) else []
    axis = Axis(figures.low, figures.high, lambda value: tick(value, figures)).holding([*held, *(line.at for line in lines)])
    return Markup(  # noqa: S704 - escaped there
        trend(moments, axis, label=_says(report, figures), lines=lines, change_before=_change_index(report))
    )


def _says(report: Mapping[str, Any], figures: Figures) -> str:
    scored = [each for each in report["trend"] if each["score"] is not None]
    lowest, highest = (pick(scored, key=lambda each: each["score"]) for pick in (min, max))
    return figures.words["trend_alt"].format(
        first=figures.day(scored[0]["start"]),
        last=figures.day(scored[-1]["end"]),
        n=count(len(scored)),
        low=figures.score(lowest["score"]),
        low_day=figures.day(lowest["start"]),
        high=figures.score(highest["score"]),
        high_day=figures.day(highest["start"]),
    )


def _moment(each: Mapping[str, Any], figures: Figures) -> Moment:
    interval = each["interval"] or {"low": None, "high": None}
    return Moment(
        figures.short_day(each["start"]),
        each["score"],
        interval["low"],
        interval["high"],
        each.get("low_limit"),
        each.get("high_limit"),
        bool(each.get("outside")),
        each.get("in_period", True),
    )


def _change_index(report: Mapping[str, Any]) -> int | None:
    change = (report.get("trend_analysis") or {}).get("change")
    return next((index for index, each in enumerate(report["trend"]) if change and each["start"] >= change["at"]), None)


def _on_scale(report: Mapping[str, Any], figures: Figures) -> bool:
    return bool(figures.low <= report["score"]["target"] <= figures.high)
