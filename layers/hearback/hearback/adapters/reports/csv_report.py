"""report.csv: one tidy table for spreadsheets (RFC 4180, UTF-8); no cell of it can become a formula.

A row says in `section` what it is about; columns that do not concern it are empty. `by` and `name` say whom: a segment's
variable and value (two joined by " / " in section pair), a question and its choice, the first and the last day. Numbers
are not rounded, shares and CSAT are percentages. `low` and `high` are the interval of `score` or `share`; `difference_low`
and `difference_high` that of `difference`, which is always "this less that": a period less the one before (comparison,
segment_change), a segment less all other answers (segment), after less before (change), with less without (driver_*;
`n_without` and `score_without` being those without). `p` is two-sided, `q` adjusted for all that was tested. `low_limit`
and `high_limit` are a control chart's. `flag` is true for a point outside them, for whoever is asked unusually seldom, and
for a driver whose effect is another within the groups of a variable.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = (
    "section", "by", "name", "n", "score", "mean", "low", "high", "level", "method", "target", "verdict", "suppressed",
    "difference", "difference_low", "difference_high", "n_without", "score_without", "p", "q", "share", "low_limit", "high_limit", "flag",
)  # fmt: skip

_STEPS = ("eligible", "decided", "sent", "delivered", "answered")

_FORMULA_STARTS = frozenset("=+-@＝＋－＠")  # noqa: RUF001 - the full-width forms start formulas too, in East Asian spreadsheets


@dataclass(frozen=True, slots=True)
class CsvReport:
    name: str = "report.csv"
    content_type: str = "text/csv; charset=utf-8"

    def write(self, report: Mapping[str, Any]) -> bytes:
        text = io.StringIO(newline="")
        table = csv.writer(text, lineterminator="\r\n")
        table.writerow(COLUMNS)
        for row in _rows(report):
            table.writerow([safe_cell(row.get(column)) for column in COLUMNS])
        return text.getvalue().encode(errors="replace")


def safe_cell(value: Any) -> str:
    """Numbers as they are; a text that a spreadsheet could read as a formula gets an apostrophe before it (OWASP, "CSV
    Injection"): one that begins with = + - @ or a control character, also behind blanks.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    first = text.lstrip(" \u00a0")[:1]
    return "'" + text if first in _FORMULA_STARTS or (first and ord(first) < ord(" ")) else text  # fmt: skip


def _rows(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield _score_row(report)
    yield from _changes(report)
    yield from _counts(report)
    for rating, count in report["histogram"].items():
        yield {"section": "histogram", "by": "rating", "name": rating, "n": count}
    yield from _reasons(report)
    yield from _segments(report)
    yield from _drivers(report)
    for each in report["trend"]:
        limits = {"low_limit": each.get("low_limit"), "high_limit": each.get("high_limit"), "flag": each.get("outside")}
        yield {"section": "trend", "by": each["start"], "name": each["end"], **_numbers(each), **limits}
    yield from _coverage(report)


def _changes(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    compared = report.get("comparison")
    if compared:
        earlier = compared["with"]
        row = {"by": earlier["start"], "name": earlier["end"], "n_without": earlier["n"], "score_without": earlier["score"]}
        row |= {"n": report["score"]["n"], "score": report["score"]["value"], "verdict": compared["verdict"], "p": compared["p"]}
        yield {"section": "comparison", **row, **_difference(compared["difference"], compared["interval"])}
    change = (report.get("trend_analysis") or {}).get("change")
    if change:
        before, after = change["before"], change["after"]
        row = {"by": change["at"], "n": after["n"], "score": after["score"], "n_without": before["n"], "score_without": before["score"]}
        yield {"section": "change", **row, "p": change["p"], **_difference(change["difference"], change["interval"])}


def _counts(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, count in report["counts"].items():
        if isinstance(count, Mapping):
            for reason, number in count.items():
                yield {"section": "count", "by": name, "name": reason, "n": number}
        else:
            yield {"section": "count", "name": name, "n": count}
    yield {"section": "rate", "name": "response_rate", "share": report["response_rate"]}


def _reasons(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in report["reasons"]:
        yield {"section": "reason", "by": each["question"], "name": each["choice"], "n": each["n"]}
    for each in report.get("unhappy_reasons") or ():
        row = {"by": each["question"], "name": each["choice"], "n": each["n"], "share": each["share"]}
        yield {"section": "unhappy_reason", **row, **(each["interval"] or {})}


def _segments(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in report["segments"]:
        found, change = each.get("difference"), each.get("change")
        apart = _difference(found["value"], found["interval"]) if found else {"difference": None}
        yield {"section": "segment", **each, **(each["interval"] or {}), **apart}
        if change:
            row = {"by": each["by"], "name": each["name"], "verdict": change["verdict"]}
            yield {"section": "segment_change", **row, **_difference(change["difference"], change["interval"])}
    for each in report.get("segment_pairs") or ():
        names = {"by": " / ".join(each["by"]), "name": " / ".join(each["name"])}
        yield {"section": "pair", **each, **names, **(each["interval"] or {})}


def _drivers(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for each in report["drivers"]:
        names = {"by": each["by"], "name": each["name"]}
        sides = {"n": each["n"], "score": each["score_with"], "n_without": each["n_without"], "score_without": each["score_without"]}
        tested = {"p": each["p"], "q": each["q"], "verdict": each["direction"]}
        yield {"section": f"driver_{each['kind']}", **names, **sides, **tested, **_difference(each["effect"], each["interval"])}
        adjusted = each.get("adjusted")
        if adjusted:
            row = {**names, "by": f"{each['by']} within {adjusted['for']}", "flag": adjusted["differs"]}
            yield {"section": "driver_adjusted", **row, **_difference(adjusted["effect"], adjusted["interval"])}


def _coverage(report: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    found = report.get("coverage")
    if not found:
        return
    for step in _STEPS:
        yield {"section": f"coverage_{step}", "n": found[step]}
    for rate in ("response_rate_sent", "response_rate_delivered"):
        yield {"section": "rate", "name": rate, "share": found[rate]}
    for reason, number in found["not_asked"].items():
        yield {"section": "coverage_not_asked", "name": reason, "n": number}
    for each in found["by"]:
        names = {"by": each["by"], "name": each["name"], "suppressed": each["suppressed"]}
        for step in _STEPS:
            yield {"section": f"coverage_{step}", **names, "n": each[step]}
        asked = {"share": each["share_asked"], "q": each["q"], "flag": each["seldom"], **(each["share_interval"] or {})}
        yield {"section": "coverage_share_asked", **names, **asked}
        yield {"section": "coverage_response_rate", **names, "share": each["response_rate"]}


def _difference(value: float | None, interval: Mapping[str, Any] | None) -> dict[str, Any]:
    interval = interval or {"low": None, "high": None}
    return {"difference": value, "difference_low": interval["low"], "difference_high": interval["high"]}


def _score_row(report: Mapping[str, Any]) -> dict[str, Any]:
    score, period = report["score"], report["period"]
    return {
        "section": "score",
        "by": report["survey"],
        "name": f"{period['kind']} {period['start']}",
        "n": score["n"],
        "score": score["value"],
        "mean": report["mean"],
        **(score["interval"] or {}),
        "target": score["target"],
        "verdict": score["verdict"],
    }


def _numbers(each: Mapping[str, Any]) -> dict[str, Any]:
    return {"n": each["n"], "score": each["score"], "mean": each["mean"], **(each["interval"] or {})}
