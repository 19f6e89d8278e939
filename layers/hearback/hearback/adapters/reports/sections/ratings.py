"""How often each rating was given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Bar, bars
from hearback.adapters.reports.formatting import NOTHING, Figures, count, percent

_PROMOTERS, _DETRACTORS = 9, 6


def ratings(report: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    """The best rating first."""
    n = report["score"]["n"]
    best_first = sorted(report["histogram"], key=int, reverse=report["scale"]["direction"] != "low_is_good")
    rows = [(each, count(report["histogram"][each]), percent(100 * report["histogram"][each] / n) if n else NOTHING) for each in best_first]
    return {"rows": rows, "legend": _legend(report, figures), "picture": _picture(report, figures, rows) if n else None}


def _picture(report: Mapping[str, Any], figures: Figures, rows: list[tuple[str, str, str]]) -> Markup:
    drawn = [Bar(name, report["histogram"][name], f"{number} · {share}", _ink(report, int(name))) for name, number, share in rows]
    label = figures.listed([f"{name}: {share}" for name, _, share in rows])
    return Markup(bars(drawn, label=figures.words["ratings_alt"].format(ratings=label)))  # noqa: S704 - escaped there


def _ink(report: Mapping[str, Any], rating: int) -> str:
    match report["metric"]:
        case "nps":
            return "good" if rating >= _PROMOTERS else "warm" if rating <= _DETRACTORS else "bad"
        case "csat":
            low_is_good = report["scale"]["direction"] == "low_is_good"
            return "good" if (rating <= report["benchmark"] if low_is_good else rating >= report["benchmark"]) else "bad"
        case _:
            return "good"


def _legend(report: Mapping[str, Any], figures: Figures) -> list[tuple[str, str]]:
    """Ink and meaning."""
    words = figures.words
    match report["metric"]:
        case "nps":
            return [("good", words["promoters"]), ("bad", words["passives"]), ("warm", words["detractors"])]
        case "csat":
            low_is_good = report["scale"]["direction"] == "low_is_good"
            satisfied = words["satisfied_low" if low_is_good else "satisfied_high"].format(benchmark=report["benchmark"])
            return [("good", satisfied), ("bad", words["not_satisfied"])]
        case _:
            return []
