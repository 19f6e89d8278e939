"""report.csv: one tidy table for spreadsheets (RFC 4180, UTF-8); no cell of it can become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

COLUMNS = ("section", "by", "name", "n", "score", "mean", "low", "high", "level", "method", "target", "verdict", "suppressed")

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
    for name, count in report["counts"].items():
        if isinstance(count, Mapping):
            for reason, number in count.items():
                yield {"section": "count", "by": name, "name": reason, "n": number}
        else:
            yield {"section": "count", "name": name, "n": count}
    yield {"section": "rate", "name": "response_rate", "score": report["response_rate"]}
    for rating, count in report["histogram"].items():
        yield {"section": "histogram", "by": "rating", "name": rating, "n": count}
    for each in report["reasons"]:
        yield {"section": "reason", "by": each["question"], "name": each["choice"], "n": each["n"]}
    for each in report["segments"]:
        yield {"section": "segment", **each, **(each["interval"] or {})}
    for each in report["trend"]:
        yield {"section": "trend", "by": each["start"], "name": each["end"], **_numbers(each)}


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
