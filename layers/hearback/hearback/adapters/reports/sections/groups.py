"""Segments: whose answers differ from everybody else's, what matters most first; and two variables at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Axis, Estimate, Line, estimates
from hearback.adapters.reports.formatting import NOTHING, Figures, count, shown, unsigned

MOST_DRAWN, MOST_SEEN, MOST_ROWS, MOST_NAMED = 12, 9, 60, 8
MOST_DOWN, MOST_ACROSS = 12, 6
ONE_IN = 20
"""An interval of 95% misses once in so many."""


def sure_distance(interval: Mapping[str, Any] | None) -> float:
    """How far from zero the difference is at the least; 0 when it may be none."""
    return 0.0 if interval is None else max(0.0, interval["low"], -interval["high"])


def groups(report: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    segments = report["segments"]
    compared = [each for each in segments if each.get("difference")]
    apart = sorted((each for each in compared if _sure(each)), key=_what_matters)
    return {
        "says": _says(compared, apart, figures),
        "picture": _picture((apart or sorted(compared, key=_what_matters))[:MOST_DRAWN], figures),
        "tables": [
            _table(by, [each for each in segments if each["by"] == by], figures) for by in dict.fromkeys(each["by"] for each in segments)
        ],
        "left_out": _left_out(report, figures),
    }


def _sure(each: Mapping[str, Any]) -> float:
    return sure_distance((each.get("difference") or {}).get("interval"))


def _what_matters(each: Mapping[str, Any]) -> tuple[Any, ...]:
    """The largest sure distance first, then the largest group."""
    return -_sure(each), -(each["n"] or 0), each["by"], each["name"]


def _says(compared: Sequence[Any], apart: Sequence[Any], figures: Figures) -> str:
    if not compared:
        return ""
    words = figures.words
    by_chance = unsigned(len(compared) / ONE_IN, 1 if len(compared) < 10 * ONE_IN else 0)
    return words["apart_says" if apart else "none_apart_says"].format(n=count(len(compared)), k=count(len(apart)), chance=by_chance)


def _picture(rows: Sequence[Any], figures: Figures) -> Markup | None:
    rows = [each for each in rows if each["difference"]["interval"]]
    if not rows:
        return None
    drawn = [_estimate(each, figures) for each in rows]
    axis = difference_axis([(row.low, row.high) for row in drawn], figures)
    label = figures.words["groups_alt"].format(names=figures.listed([f"{row.name}: {figures.difference(row.value)}" for row in drawn]))
    return Markup(estimates(drawn, axis, label=label, lines=[Line(0.0, dashed=False)]))  # noqa: S704 - escaped there


def _estimate(each: Mapping[str, Any], figures: Figures) -> Estimate:
    found = each["difference"]
    interval = found["interval"]
    look = "plain" if not sure_distance(interval) else "above" if found["value"] > 0 else "below"
    return Estimate(f"{figures.named(each['name'])} · {shown(each['by'])}", found["value"], interval["low"], interval["high"], look)


def difference_axis(ranges: Sequence[tuple[float, float]], figures: Figures) -> Axis:
    """An axis of differences that holds zero and all of these."""
    width = figures.high - figures.low
    ends = [0.0, *(end for each in ranges for end in each)]
    return Axis(-width, width, figures.tick_difference).holding(ends)


def _table(by: str, rows: Sequence[Any], figures: Figures) -> dict[str, Any]:
    words = figures.words
    open_rows = sorted((each for each in rows if not each["suppressed"]), key=_what_matters)
    closed = [figures.named(each["name"]) for each in rows if each["suppressed"]]
    more = len(open_rows) - MOST_ROWS
    return {
        "by": shown(by),
        "title": words["by"].format(by=shown(by)),
        **figures.first([_row(each, figures) for each in open_rows[:MOST_ROWS]], MOST_SEEN),
        "more": words["more_groups"].format(n=count(more)) if more > 0 else "",
        "closed": _closed(closed, figures),
        "changed": any(_moved(each) for each in open_rows),
    }


def _row(each: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    found, change = each.get("difference"), each.get("change")
    return {
        "name": figures.named(each["name"]),
        "n": count(each["n"]),
        "score": figures.score(each["score"]),
        "interval": figures.interval(each["interval"]),
        "difference": figures.difference(found["value"]) if found else NOTHING,
        "difference_interval": figures.difference_interval(found["interval"]) if found else "",
        "look": "" if not _sure(each) else "above" if found and found["value"] > 0 else "below",
        "change": figures.difference(change["difference"]) if change and _moved(each) else "",
        "change_interval": figures.difference_interval(change["interval"]) if change else "",
        "change_look": _moved(each),
        "verdict": each["verdict"],
        "verdict_word": figures.words[each["verdict"]],
    }


def _moved(each: Mapping[str, Any]) -> str:
    """The direction in which the group is proven to have changed, or nothing."""
    verdict = (each.get("change") or {}).get("verdict", "")
    return verdict if verdict in ("up", "down") else ""


def _closed(names: Sequence[str], figures: Figures) -> str:
    if not names:
        return ""
    more = figures.words["and_more"].format(n=count(len(names) - MOST_NAMED)) if len(names) > MOST_NAMED else ""
    return figures.words["closed_groups"].format(names=figures.listed(list(names[:MOST_NAMED])) + more)


def _left_out(report: Mapping[str, Any], figures: Figures) -> str:
    """Variables, alone or in pairs, that the report is not cut by, and why."""
    words = figures.words
    named = [
        words["left_out_one"].format(
            by=" / ".join(shown(name) for name in ([each["by"]] if isinstance(each["by"], str) else each["by"])),
            why=words.get(f"left_{each['reason']}") or shown(each["reason"]),
        )
        for each in report["segments_left_out"]
    ]
    return words["left_out"].format(names=figures.listed(named[:MOST_ROWS])) if named else ""


def pairs(report: Mapping[str, Any], figures: Figures) -> Iterator[dict[str, Any]]:
    cells = report.get("segment_pairs") or []
    for pair in dict.fromkeys(tuple(each["by"]) for each in cells):
        yield _grid(pair, {tuple(each["name"]): each for each in cells if tuple(each["by"]) == pair}, figures)


def _grid(pair: tuple[str, ...], cells: Mapping[tuple[str, ...], Mapping[str, Any]], figures: Figures) -> dict[str, Any]:
    """The variable with fewer values goes across; the fullest rows and columns are shown."""
    sides = [_fullest(cells, side) for side in (0, 1)]
    turned = len(sides[0]) < len(sides[1])
    down, across = (1, 0) if turned else (0, 1)
    rows, heads = sides[down][:MOST_DOWN], sides[across][:MOST_ACROSS]
    hidden = len(sides[down]) > len(rows) or len(sides[across]) > len(heads)
    return {
        "title": figures.words["by_two"].format(a=shown(pair[down]), b=shown(pair[across])),
        "corner": f"{shown(pair[down])} / {shown(pair[across])}",
        "heads": [figures.named(each) for each in heads],
        "rows": [
            (figures.named(row), [_cell(cells.get((head, row) if turned else (row, head)), figures) for head in heads]) for row in rows
        ],
        "more": figures.words["more_cells"] if hidden else "",
    }


def _fullest(cells: Mapping[tuple[str, ...], Mapping[str, Any]], side: int) -> list[str]:
    totals: dict[str, int] = {}
    for name, each in cells.items():
        totals[name[side]] = totals.get(name[side], 0) + (each["n"] or 0)
    return sorted(totals, key=lambda name: (-totals[name], name))


def _cell(each: Mapping[str, Any] | None, figures: Figures) -> dict[str, str]:
    if each is None:
        return {"score": NOTHING, "n": "", "verdict": "", "says": ""}
    if each["suppressed"]:
        return {"score": "·", "n": "", "verdict": "", "says": figures.words["not_shown"]}
    return {
        "score": figures.score(each["score"]),
        "n": figures.words["n_is"].format(n=count(each["n"])),
        "verdict": each["verdict"],
        "says": figures.words[each["verdict"]],
    }
