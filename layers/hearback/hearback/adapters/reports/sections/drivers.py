"""What goes with low and with high scores, in the customers' own words where there are any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from markupsafe import Markup

from hearback.adapters.reports.charts.drawing import Axis, Bar, Estimate, Line, bars, estimates
from hearback.adapters.reports.formatting import Figures, count, percent, shown
from hearback.adapters.reports.sections.groups import difference_axis

MOST_SEEN, MOST_DRIVERS, MOST_DRAWN, MOST_EXAMPLES, MOST_REASONS = 6, 20, 12, 2, 12
LONGEST_EXAMPLE = 300


def drivers(report: Mapping[str, Any], figures: Figures) -> dict[str, Any] | None:
    """None in a report that tested nothing."""
    tests, found = report.get("driver_tests"), report["drivers"]
    if not tests:
        return None
    words = figures.words
    rate = f"{tests['rate']:.0%}"
    says = words["drivers_says" if found else "no_drivers_says"].format(tested=count(tests["tested"]), rate=rate)
    return {
        "says": says if tests["tested"] else words["nothing_tested"],
        "picture": _picture(found[:MOST_DRAWN], figures),
        **figures.first([driver_row(each, figures) for each in found[:MOST_DRIVERS]], MOST_SEEN),
        "more": words["more_drivers"].format(n=count(len(found) - MOST_DRIVERS)) if len(found) > MOST_DRIVERS else "",
        "left_out": _not_tested(tests, figures),
    }


def _name(each: Mapping[str, Any], figures: Figures) -> str:
    name = figures.named(each["name"])
    match each["kind"]:
        case "word":
            return figures.words["driver_word"].format(name=name)
        case _:
            return f"{name} · {shown(each['by'] or '')}"


def _picture(found: list[Any], figures: Figures) -> Markup | None:
    if not found:
        return None
    rows = [
        Estimate(
            _name(each, figures), each["effect"], each["interval"]["low"], each["interval"]["high"],
            "below" if each["effect"] < 0 else "above",
        )
        for each in found
    ]  # fmt: skip
    axis = difference_axis([(row.low, row.high) for row in rows], figures)
    label = figures.words["drivers_alt"].format(names=figures.listed([f"{row.name}: {figures.difference(row.value)}" for row in rows]))
    return Markup(estimates(rows, axis, label=label, lines=[Line(0.0, dashed=False)]))  # noqa: S704 - escaped there


def driver_row(each: Mapping[str, Any], figures: Figures) -> dict[str, Any]:
    words = figures.words
    return {
        "name": _name(each, figures),
        "look": "below" if each["effect"] < 0 else "above",
        "effect": figures.difference(each["effect"]),
        "says": words[f"driver_{each['kind']}_says"].format(
            with_it=figures.score(each["score_with"]),
            n=count(each["n"]),
            without=figures.score(each["score_without"]),
            m=count(each["n_without"]),
            points=figures.points(each["effect"]),
            way=words["lower" if each["effect"] < 0 else "higher"],
            interval=figures.difference_interval(each["interval"]),
        ),
        "notes": [note for note in (_adjusted(each, figures), _inseparable(each, figures)) if note],
        "examples": [_example(example) for example in each["examples"][:MOST_EXAMPLES]],
    }


def _adjusted(each: Mapping[str, Any], figures: Figures) -> str:
    """The effect with another variable held equal."""
    found = each.get("adjusted")
    if not found:
        return ""
    holds_zero = found["interval"]["low"] <= 0 <= found["interval"]["high"]
    says = "adjusted_same" if not found["differs"] else "adjusted_unproven" if holds_zero else "adjusted_turned"
    return figures.words[says].format(
        by=shown(found["for"]), effect=figures.difference(found["effect"]), interval=figures.difference_interval(found["interval"])
    )


def _inseparable(each: Mapping[str, Any], figures: Figures) -> str:
    names = each.get("inseparable_from")
    return figures.words["inseparable"].format(names=figures.listed([shown(name) for name in names])) if names else ""


def _example(example: Mapping[str, Any]) -> dict[str, Any]:
    return {"rating": example["rating"], "text": shown(example["text"], LONGEST_EXAMPLE)}


def _not_tested(tests: Mapping[str, Any], figures: Figures) -> str:
    words = figures.words
    named = [
        words["not_tested_one"].format(
            by=shown(each["by"]), n=count(each.get("count", 1)), why=words.get(f"left_{each['reason']}") or shown(each["reason"])
        )
        for each in tests.get("left_out") or []
    ]
    return words["not_tested"].format(names=figures.listed(named)) if named else ""


def reasons(report: Mapping[str, Any], figures: Figures) -> Iterator[dict[str, Any]]:
    """What unhappy customers ticked, question by question; counted, as nobody else was asked."""
    found = report.get("unhappy_reasons")
    if found is None:
        found = [{**each, "share": None, "interval": None} for each in report["reasons"]]
    for question in dict.fromkeys(each["question"] for each in found):
        rows = [each for each in found if each["question"] == question]
        rows.sort(key=lambda each: (-each["n"], each["choice"]))
        yield {
            "question": shown(question, 90),
            "picture": _reasons_picture(rows[:MOST_REASONS], figures),
            "rows": [
                (figures.named(each["choice"]), count(each["n"]), percent(each["share"]), figures.share_interval(each["interval"]))
                for each in rows[:MOST_REASONS]
            ],
            "more": figures.words["more_reasons"].format(n=count(len(rows) - MOST_REASONS)) if len(rows) > MOST_REASONS else "",
        }


def _reasons_picture(rows: list[Any], figures: Figures) -> Markup:
    label = figures.words["reasons_alt"].format(
        names=figures.listed([f"{figures.named(each['choice'])}: {count(each['n'])}" for each in rows])
    )
    names = [figures.named(each["choice"]) for each in rows]
    if not all(each["interval"] for each in rows):
        drawn = [Bar(name, each["n"], count(each["n"]), "band") for name, each in zip(names, rows, strict=True)]
        return Markup(bars(drawn, label=label))  # noqa: S704 - escaped there
    shares = [
        Estimate(name, each["share"], each["interval"]["low"], each["interval"]["high"]) for name, each in zip(names, rows, strict=True)
    ]
    axis = Axis(0.0, 100.0, lambda value: f"{value:g}%").holding([0.0, *(row.high for row in shares)])
    return Markup(estimates(shares, axis, label=label))  # noqa: S704 - escaped there
