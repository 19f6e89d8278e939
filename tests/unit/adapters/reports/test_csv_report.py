"""report.csv holds every number of a full report, each in its column, none as a formula."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from hearback.adapters.reports import csv_report
from hearback.adapters.reports.csv_report import COLUMNS, CsvReport
from tests.sample_report import NAMES, a_full_report


def rows(report: dict[str, Any], section: str | None = None) -> list[dict[str, str]]:
    table = csv.DictReader(io.StringIO(CsvReport().write(report).decode(), newline=""), strict=True)
    assert table.fieldnames == list(COLUMNS)
    return [row for row in table if section in (None, row["section"])]


def test_a_comparison_is_this_period_less_the_one_before() -> None:
    report = a_full_report()
    (row,) = rows(report, "comparison")
    compared = report["comparison"]
    assert (float(row["difference"]), float(row["difference_low"])) == (compared["difference"], compared["interval"]["low"])
    assert float(row["score"]) - float(row["score_without"]) == pytest.approx(compared["difference"])
    assert (row["by"], row["name"], row["verdict"]) == ("2026-02-23", "2026-03-01", "not_proven")


def test_a_shift_says_when_and_from_what_to_what() -> None:
    (row,) = rows(a_full_report(), "change")
    assert (row["by"], row["n"], row["p"]) == ("2026-01-26", str(a_full_report()["trend_analysis"]["change"]["after"]["n"]), "0.002")
    assert rows(a_full_report(trend_analysis=None), "change") == []


def test_segments_carry_their_difference_and_their_change() -> None:
    report = a_full_report()
    first = rows(report, "segment")[0]
    assert float(first["difference"]) == report["segments"][0]["difference"]["value"]
    assert float(first["low"]) == report["segments"][0]["interval"]["low"]
    assert rows(report, "segment_change")[0]["name"] == NAMES[0]
    hidden = rows(report, "segment")[-1]
    assert (hidden["suppressed"], hidden["difference"], hidden["score"]) == ("true", "", "")


def test_pairs_drivers_reasons_limits_and_coverage_have_their_rows() -> None:
    report = a_full_report()
    assert rows(report, "pair")[0]["name"] == f"{NAMES[0]} / email"
    (word,) = rows(report, "driver_word")
    assert (word["name"], float(word["difference"]), word["verdict"]) == ("waited", report["drivers"][0]["effect"], "lowers")
    (adjusted,) = rows(report, "driver_adjusted")
    assert (adjusted["by"], adjusted["name"], adjusted["flag"]) == ("agent within channel", "Priya", "true")
    assert float(rows(report, "unhappy_reason")[0]["share"]) == report["unhappy_reasons"][0]["share"]
    assert [row["flag"] for row in rows(report, "trend")].count("true") == 6
    assert float(rows(report, "trend")[0]["low_limit"]) == report["trend"][0]["low_limit"]
    seldom = [row["name"] for row in rows(report, "coverage_share_asked") if row["flag"] == "true"]
    assert seldom == [NAMES[1]]
    assert {row["name"]: row["n"] for row in rows(report, "coverage_decided")}[""] == "1822"


@pytest.mark.parametrize("name", ["=1+1", "@x", "\t=1", "+1", "a / b"])
def test_hostile_names_are_no_formulas_in_the_newer_rows_either(name: str) -> None:
    report = a_full_report(agents=(name, *NAMES))
    report["drivers"][1] |= {"by": name, "name": name}
    for row in rows(report):
        assert not [cell for column, cell in row.items() if column in ("by", "name") and cell.strip()[:1] in tuple("=+-@")]


def test_every_section_is_described() -> None:
    described = csv_report.__doc__ or ""
    for column in ("difference", "n_without", "score_without", "low_limit", "flag", "share"):
        assert f"`{column}" in described
