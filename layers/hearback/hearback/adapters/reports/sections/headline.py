"""The score, how sure it is, and what that means for the target."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Axis, Estimate, Line, estimates
from hearback.adapters.reports.formatting import Figures, count, percent, rating, shown


def headline(report: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    words, score, period = figures.words, report["score"], report["period"]
    name = shown(report["name"] or report["survey"], 90)
    span = figures.span(period["start"], period["end"])
    return {
        "title": words["title"].format(name=name, metric=report["metric"].upper(), span=span),
        "kind": words["kind"].format(metric=report["metric"].upper(), period=words[period["kind"]]),
        "name": name,
        "span": span,
        "score": figures.score(score["value"]),
        "answers": figures.answers(score["n"]),
        "verdict": score["verdict"],
        "verdict_word": words[score["verdict"]],
        "says": [each for each in (verdict_says(report, figures), interval_says(report, figures), needed_says(report, figures)) if each],
        "picture": _picture(report, figures),
        "tiles": [
            (words["mean"], rating(report["mean"])),
            (words["response_rate"], percent(report["response_rate"])),
            (words["comments"], count(report["comments"])),
        ],
    }


def verdict_says(report: Mapping[str, Any], figures: Figures) -> str:
    """The verdict as one sentence that the numbers carry."""
    words, score = figures.words, report["score"]
    target = figures.score(score["target"])
    if score["n"] == 0:
        return words["no_answers_says"]
    if score["interval"] is None:
        return words["no_interval_says"]
    if not figures.low <= score["target"] <= figures.high:
        return words["target_off_scale_says"].format(target=target)
    low_is_good = report["metric"] == "ces" and report["scale"]["direction"] == "low_is_good"
    return words[f"{score['verdict']}{'_low' if low_is_good else ''}_says"].format(target=target)


def interval_says(report: Mapping[str, Any], figures: Figures) -> str:
    interval = report["score"]["interval"]
    if interval is None:
        return ""
    level = f"{interval['level'] * 100:g}%"
    return figures.words["interval_says"].format(level=level, interval=figures.interval(interval))


def needed_says(report: Mapping[str, Any], figures: Figures) -> str:
    """How many more answers would settle what is not proven."""
    score, words = report["score"], figures.words
    if score["verdict"] != "not_proven" or score["interval"] is None or not figures.low <= score["target"] <= figures.high:
        return ""
    needed, periods = score.get("answers_needed"), score.get("periods_needed")
    if needed is None:
        return words["needed_never"]
    like = words[f"needed_{report['period']['kind']}"].format(n=f"{periods:,.1f}") if periods else ""
    return words["needed_says"].format(n=count(needed), like=like)


def _picture(report: Mapping[str, Any], figures: Figures) -> Markup | None:
    score, before = report["score"], report.get("comparison")
    if score["interval"] is None:
        return None
    words = figures.words
    rows = [Estimate(words["this_period"], score["value"], score["interval"]["low"], score["interval"]["high"])]
    if before:
        earlier = before["with"]["score"]
        rows.append(Estimate(words["period_before"], earlier, earlier, earlier, "quiet"))
    on_scale = figures.low <= score["target"] <= figures.high
    axis = Axis(figures.low, figures.high, lambda value: tick(value, figures))
    label = " ".join([words["score_alt"].format(score=figures.score(score["value"])), interval_says(report, figures)])
    return Markup(estimates(rows, axis, label=label, lines=[Line(score["target"])] if on_scale else []))  # noqa: S704 - escaped there


def tick(value: float, figures: Figures) -> str:
    """A score on an axis: no more places than it needs."""
    return f"{value:g}%" if figures.metric == "csat" else figures.score(value) if figures.metric == "nps" else f"{value:g}"
