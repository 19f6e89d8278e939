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
        (words["small_groups"], words["minimum_says"].format(minimum=report["minimum_group"])),
        *_methods(report.get("method") or [], figures),
        *_other_scales(report, figures),
        (words["all_numbers"], words["all_numbers_says"]),
    ]


def formula(report: Mapping[str, Any], figures: Figures) -> str:
    low_is_good = report["scale"]["direction"] == "low_is_good"
    name = f"formula_{report['metric']}" + ("_low" if low_is_good and report["metric"] != "nps" else "")
    return figures.words[name].format(benchmark=report["benchmark"], **report["scale"])


def _methods(found: list[Mapping[str, str]], figures: Figures) -> Iterator[tuple[str, str]]:
    """In the reader's language where the method is known here, else as the report says it."""
    for each in found:
        title = figures.words.get(f"method_{each['name']}_title") or shown(each["name"].replace("_", " "))
        yield title, figures.words.get(f"method_{each['name']}") or each["text"]


def _other_scales(report: Mapping[str, Any], figures: Figures) -> Iterator[tuple[str, str]]:
    for each in report["other_scales"]:
        says = figures.words["other_scales_says"].format(
            n=count(each["n"]), low=each["scale"]["min"], high=each["scale"]["max"], metric=each["metric"].upper()
        )
        yield figures.words["other_scales"], says
