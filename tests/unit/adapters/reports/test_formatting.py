"""How numbers and strangers' texts are shown."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.reports.formatting import Figures, columns, count, percent, shown, signed, unsigned
from tests.sample_report import a_full_report


def figures(metric: str = "csat", language: str = "en") -> Figures:
    return Figures.of(a_full_report(metric, language))


@given(st.floats(-1000, 1000), st.integers(0, 2))
def test_no_number_is_minus_nothing_and_a_sign_never_lies(value: float, places: int) -> None:
    text = signed(value, places)
    assert "-" not in text
    number = float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))
    assert abs(number - value) <= 0.5 * 10**-places + 1e-9
    assert text[0] in "+\N{MINUS SIGN}" if number else text.strip("0.") == ""
    assert not unsigned(value, places).startswith("+")


def test_the_metric_decides_about_places_and_signs() -> None:
    assert figures("csat").score(73.44) == "73.4%"
    assert figures("nps").score(-0.4) == "0"
    assert figures("nps").score(41.6) == "+42"
    assert figures("ces").score(5.678) == "5.68"
    assert figures("csat").difference(-5.25) == "\N{MINUS SIGN}5.2"
    assert figures("nps").points(-5.25) == "5 points"
    assert (percent(None), count(None), figures().score(None)) == ("\N{EN DASH}",) * 3
    assert count(1234567) == "1,234,567"


def test_dates_are_written_as_the_reader_writes_them() -> None:
    assert figures().span("2026-03-02", "2026-03-08") == "2 Mar 2026 to 8 Mar 2026"
    assert figures(language="zh").day("2026-03-02") == "2026年3月2日"
    assert figures().span("2026-03-02", "2026-03-02") == "2 Mar 2026"


def test_one_answer_is_not_answers() -> None:
    assert figures().answers(1) == "1 answer"
    assert figures().answers(0) == "0 answers"


@given(st.text(max_size=400), st.integers(5, 90))
def test_a_strangers_text_takes_one_line_and_turns_nothing_around(text: str, most: int) -> None:
    line = shown(text, most)
    assert len(line) <= most
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Zl", "Zp", "Cs"}
    assert not [each for each in line if unicodedata.bidirectional(each) in ("RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI")]
    assert shown(line, most) == line


def test_a_long_text_is_cut_between_letters_not_within() -> None:
    assert shown("x" * 10_000, 10) == "x" * 9 + "…"
    assert shown("e\u0301" * 10, 10)[-2] == "\u0301"
    assert shown("\u200d" * 20_000 + "x", 10).endswith("…")


@pytest.mark.parametrize(("text", "wide"), [("abc", 3), ("王小明", 6), ("e\u0301", 1), ("", 0)])
def test_a_chinese_character_takes_two_columns(text: str, wide: int) -> None:
    assert columns(text) == wide


def test_another_language_than_the_reports_can_be_asked_for() -> None:
    report: dict[str, Any] = a_full_report(language="en")
    assert Figures.of(report, "zh").words["language"] == "zh-Hans"
