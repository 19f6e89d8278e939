"""From everybody who could have been asked to everybody who answered: who is missing, and is that chance?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Bar, bars
from hearback.adapters.reports.formatting import Figures, count, percent, shown

STEPS = ("eligible", "decided", "sent", "delivered", "answered")
_RARE_COUNTS = ("unknown", "refused", "imported", "other_scale", "invalid", "quarantined")
"""Shown only when there are any."""
MOST_SEEN, MOST_ROWS = 9, 60


def coverage(report: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    found, counts, words = report.get("coverage"), report["counts"], figures.words
    steps = [(words[f"step_{step}"], found[step]) for step in STEPS] if found else _plain_steps(counts, figures)
    by = [each for each in found["by"] if each["suppressed"] or each["eligible"] or each["answered"]] if found else []
    compared = [each for each in by if each["q"] is not None]
    seldom = [each for each in compared if each["seldom"]]
    return {
        "anybody": any(n for _, n in steps[:-1]),
        "steps": [(name, count(n), percent(100 * n / steps[0][1]) if steps[0][1] else "") for name, n in steps],
        "picture": _picture(steps, figures),
        "rates": [(words[name], percent(found[name])) for name in ("response_rate_sent", "response_rate_delivered")] if found else [],
        "not_asked": list(_not_asked(found["not_asked"] if found else counts["not_asked"], figures)),
        "rare": [(words[name], count(counts[name])) for name in _RARE_COUNTS if counts[name]],
        "says": _says(compared, seldom, figures),
        "tables": [_table(name, [each for each in by if each["by"] == name], figures) for name in dict.fromkeys(each["by"] for each in by)],
    }


def _plain_steps(counts: Mapping[str, Any], figures: Figures) -> list[tuple[str, int]]:
    return [
        (figures.words[f"step_{name}"], counts[key]) for name, key in (("decided", "invited"), ("sent", "sent"), ("answered", "answered"))
    ]


def _picture(steps: Sequence[tuple[str, int]], figures: Figures) -> Markup | None:
    whole = steps[0][1]
    if not any(n for _, n in steps):
        return None
    rows = [Bar(name, n, f"{count(n)} · {percent(100 * n / whole)}" if whole else count(n), "band") for name, n in steps]
    label = figures.words["coverage_alt"].format(steps=figures.listed([f"{name}: {count(n)}" for name, n in steps]))
    return Markup(bars(rows, label=label))  # noqa: S704 - escaped there


def _not_asked(reasons: Mapping[str, int], figures: Figures) -> Iterator[tuple[str, str]]:
    for reason in sorted(reasons, key=lambda each: (-reasons[each], each)):
        yield figures.words.get(f"why_{reason}") or shown(reason.replace("_", " ")), count(reasons[reason])


def _says(compared: Sequence[Any], seldom: Sequence[Any], figures: Figures) -> str:
    words = figures.words
    if not compared:
        return ""
    if not seldom:
        return words["none_seldom"].format(n=count(len(compared)))
    return words["some_seldom"].format(n=count(len(compared)), k=count(len(seldom)))


def _table(by: str, rows: Sequence[Any], figures: Figures) -> dict[str, Any]:
    """Whoever is asked unusually seldom comes first, then the largest."""
    words = figures.words
    open_rows = sorted(
        (each for each in rows if not each["suppressed"]), key=lambda each: (not each["seldom"], -each["eligible"], each["name"])
    )
    closed = sum(each["suppressed"] for each in rows)
    more = len(open_rows) - MOST_ROWS
    return {
        "by": shown(by),
        "title": words["coverage_by"].format(by=shown(by)),
        **figures.first([_row(each, figures) for each in open_rows[:MOST_ROWS]], MOST_SEEN),
        "more": words["more_groups"].format(n=count(more)) if more > 0 else "",
        "closed": words["closed_rows"].format(n=count(closed)) if closed else "",
    }


def _row(each: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    return {
        "name": figures.named(each["name"]),
        "eligible": count(each["eligible"]),
        "asked": percent(each["share_asked"]),
        "asked_interval": figures.share_interval(each["share_interval"]) if each["share_interval"] else "",
        "sent": count(each["sent"]),
        "answered": count(each["answered"]),
        "rate": percent(each["response_rate"]),
        "seldom": each["seldom"],
    }
