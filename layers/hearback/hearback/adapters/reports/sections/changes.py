"""What changed, and what cannot be said to have changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hearback.adapters.reports.formatting import Figures, count

MOST_NAMED = 8


def changes(report: Mapping[str, Any], figures: Figures) -> list[tuple[str, str]]:
    """Sentences, each with what it found: "up", "down" or "open"."""
    return [*_since_before(report, figures), *_change_point(report, figures), *_groups(report, figures)]


def comparison_says(report: Mapping[str, Any], figures: Figures) -> tuple[str, str]:
    """This period against the one before: what was found, and the sentence that says so."""
    words, found = figures.words, report.get("comparison")
    kind = words[f"before_{report['period']['kind']}"]
    if found is None:
        return "open", words["nothing_before"].format(before=kind)
    return found["verdict"] if found["verdict"] in ("up", "down") else "open", words[f"compared_{found['verdict']}"].format(
        before=kind,
        score=figures.score(found["with"]["score"]),
        answers=figures.answers(found["with"]["n"]),
        points=figures.points(found["difference"]),
        difference=figures.difference(found["difference"]),
        interval=figures.difference_interval(found["interval"]),
    )


def _since_before(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    if report["score"]["n"]:
        yield comparison_says(report, figures)


def _change_point(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    analysis, words = report.get("trend_analysis"), figures.words
    if not analysis or sum(each["n"] > 0 for each in report["trend"]) < 2:  # noqa: PLR2004 - one point cannot change
        return
    change = analysis["change"]
    window = figures.span(analysis["window"]["start"], analysis["window"]["end"])
    if change is None:
        yield "open", words["no_change_point"].format(window=window, rate=f"{analysis['false_alarm_rate']:.0%}")
        return
    yield (
        "up" if change["difference"] > 0 else "down",
        words["change_point"].format(
            day=figures.day(change["at"]),
            before=figures.score(change["before"]["score"]),
            after=figures.score(change["after"]["score"]),
            difference=figures.difference(change["difference"]),
            interval=figures.difference_interval(change["interval"]),
            window=window,
            rate=f"{analysis['false_alarm_rate']:.0%}",
        ),
    )


def _groups(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    compared = [each for each in report["segments"] if each.get("change")]
    if not compared:
        return
    words = figures.words
    for verdict in ("up", "down"):
        moved = [each for each in compared if each["change"]["verdict"] == verdict]
        moved.sort(key=lambda each: (-abs(each["change"]["difference"]), each["by"], each["name"]))
        if moved:
            named = [f"{figures.named(each['name'])} ({figures.difference(each['change']['difference'])})" for each in moved[:MOST_NAMED]]
            more = words["and_more"].format(n=count(len(moved) - MOST_NAMED)) if len(moved) > MOST_NAMED else ""
            yield verdict, words[f"groups_{verdict}"].format(n=count(len(compared)), names=figures.listed(named) + more)
    if all(each["change"]["verdict"] not in ("up", "down") for each in compared):
        yield "open", words["no_group_changed"].format(n=count(len(compared)))
