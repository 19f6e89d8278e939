"""How each figure was computed: at the end, for whoever wants to check."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hearback.adapters.reports.formatting import Figures, count, shown


def method(report: Mapping[str, Any], figures: Figures) -> list[tuple[str, str]]:
    """Title and text."""
    words = figures.words
    return [
        (words["formula"], formula(report, figures)),
        (words["response_rate"], words["response_rate_formula"]),
        *_methods(report, figures),
        *_other_scales(report, figures),
        (words["all_numbers"], words["all_numbers_says"]),
    ]


def formula(report: Mapping[str, Any], figures: Figures) -> str:
    low_is_good = report["scale"]["direction"] == "low_is_good"
    name = f"formula_{report['metric']}" + ("_low" if low_is_good and report["metric"] != "nps" else "")
    return figures.words[name].format(benchmark=report["benchmark"], **report["scale"])


def _methods(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    """In the reader's language where the method is known there, else as the report says it, in English."""
    words = figures.words
    for each in _told(report):
        name = each["name"]
        text = words.get(f"method_text_{name}_{report['metric']}") or words.get(f"method_text_{name}") or each["text"]
        yield words.get(f"method_title_{name}") or shown(name.replace("_", " ")), text.replace("{minimum}", str(report["minimum_group"]))


def _told(report: Mapping[str, Any]) -> Iterator[Mapping[str, str]]:
    yield from report.get("method") or ()
    for name, part in (("trend", report.get("trend_analysis")), ("drivers", report.get("driver_tests"))):
        if part and part["method"]:
            yield {"name": name, "text": part["method"]}


def _other_scales(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    for each in report["other_scales"]:
        says = figures.words["other_scales_says"].format(
            n=count(each["n"]), low=each["scale"]["min"], high=each["scale"]["max"], metric=each["metric"].upper()
        )
        yield figures.words["other_scales"], says
