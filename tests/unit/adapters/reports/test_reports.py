"""The three forms of a report, with hostile names in every place where a name can stand."""

import base64
import csv
import hashlib
import io
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.reports import WRITERS
from hearback.adapters.reports.csv_report import COLUMNS, CsvReport, safe_cell
from hearback.adapters.reports.formatting import shown
from hearback.adapters.reports.html_report import HtmlReport
from hearback.adapters.reports.json_report import JsonReport
from hearback.adapters.reports.words import words_of
from hearback.domain.calendar import Period
from hearback.domain.scoring.counting import DayCounter
from hearback.domain.scoring.digest import Digest, Group
from hearback.domain.scoring.report import Span, build_report
from hearback.domain.survey import Direction, Metric, Scale, Survey
from tests.builders import a_survey

MONDAY = date(2026, 3, 2)
HOSTILE = ["<script>alert(1)</script>", "=cmd|' /C calc'!A0", '" onmouseover="x', "\u202edrow", "+1", "@x", "a,b\r\nc", "{{ 7 * 7 }}"]
VOID = {"meta", "link", "br", "img", "input", "hr"}


def a_digest(histogram: dict[int, int], survey: Survey, facts: dict[str, Any] | None = None) -> Digest:
    counter = DayCounter(survey.segments)
    group = Group.of_survey(survey)
    for rating, count in histogram.items():
        for _ in range(count):
            answer = {"rating": rating, "details": {"reasons": ["slow"]}, "scale": [group.min, group.max], "direction": group.direction}
            counter.answer({**answer, "metric": group.metric, "imported": False}, facts or {})
    counter.asked("sent")
    counter.asked("skipped:cooldown")
    return counter.digest()


def a_report(histogram: dict[int, int] | None = None, survey: Survey | None = None, **facts: Any) -> dict[str, Any]:
    survey = survey or a_survey()
    digest = a_digest({5: 8, 4: 4, 1: 3} if histogram is None else histogram, survey, facts)
    return build_report(survey, Span(Period.WEEK, MONDAY, complete=True), {MONDAY: digest})


class Page(HTMLParser):
    """Text, tags and attributes; complains about what is never closed."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_json_is_the_report_unrounded() -> None:
    report = a_report()
    assert json.loads(JsonReport().write(report)) == report
    assert json.loads(JsonReport().write(report))["score"]["value"] == 80


def test_the_csv_is_one_table_of_one_width() -> None:
    rows = list(csv.DictReader(io.StringIO(CsvReport().write(a_report(agent="Ada")).decode(), newline=""), strict=True))
    assert {each["section"] for each in rows} >= {"score", "count", "rate", "histogram", "segment", "trend"}
    assert all(set(each) == set(COLUMNS) for each in rows)
    score = rows[0]
    assert (score["n"], score["score"], score["verdict"], score["method"]) == ("15", "80.0", "not_proven", "wilson")
    assert float(score["low"]) == a_report()["score"]["interval"]["low"]
    assert [each["n"] for each in rows if each["section"] == "histogram"] == ["3", "0", "0", "4", "8"]


def test_lines_of_the_csv_end_as_the_standard_says() -> None:
    body = CsvReport().write(a_report())
    assert body.count(b"\r\n") == body.count(b"\n")
    assert not body.startswith(b"\xef\xbb\xbf")


@given(st.text(max_size=30) | st.sampled_from(HOSTILE) | st.sampled_from("=+-@\t\r\n＝＋－＠").map(lambda first: first + "1"))
def test_no_text_can_become_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert cell in (text, "'" + text)
    assert not re.match("[\\s\u00a0]*[=+\\-@＝＋－＠]", cell)
    assert not cell[:1] or ord(cell[0]) >= 32


def test_negative_numbers_stay_numbers() -> None:
    assert safe_cell(-12.5) == "-12.5"
    assert safe_cell("-12.5") == "'-12.5"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text_in_every_form(name: str) -> None:
    report = a_report(survey=replace(a_survey(), name=name), agent=name, topic=name)
    page = Page(HtmlReport().write(report))
    assert page.open == []
    assert page.tags["script"] == 0
    assert not [each for each, _ in page.attributes if each.startswith("on")]
    assert shown(name) in page.text
    table = list(csv.reader(io.StringIO(CsvReport().write(report).decode(), newline=""), strict=True))
    assert all(len(row) == len(COLUMNS) for row in table)
    assert json.loads(JsonReport().write(report))["segments"][0]["name"] == name


def test_the_page_asks_nobody_for_anything() -> None:
    body = HtmlReport().write(a_report(agent="Ada")).decode()
    assert not re.search(r"(?i)https?:|src=|href|@import|url\(|<link|<script|<iframe|<image|style=", body)


def test_the_pages_own_policy_allows_its_own_style_and_nothing_else() -> None:
    body = HtmlReport().write(a_report()).decode()
    style = body.partition("<style>")[2].partition("</style>")[0]
    expected = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{expected}'" in body.replace("&#39;", "'")


def test_the_page_says_score_interval_and_verdict_in_words() -> None:
    text = " ".join(Page(HtmlReport().write(a_report({5: 800, 1: 50}))).text.split())
    assert "94.1%" in text
    assert "95% interval: 92.3% to 95.5%." in text
    assert "Target met Even the low end of the interval reaches the target of 75.0%." in text
    assert "850 answers" in text


@pytest.mark.parametrize(
    ("survey", "histogram", "words"),
    [
        (a_survey(), {}, "no_answers_says"),
        (a_survey(target=20.0), {1: 400}, "missed_says"),
        (a_survey(target=80.0), {5: 8, 1: 2}, "not_proven_says"),
        (a_survey(metric=Metric.CES, scale=Scale(1, 7), target=5.0), {7: 1}, "no_interval_says"),
        (a_survey(metric=Metric.CES, scale=Scale(1, 7), target=75.0), {7: 9, 1: 1}, "target_off_scale_says"),
        (a_survey(metric=Metric.CES, scale=Scale(1, 7, direction=Direction.LOW_IS_GOOD), target=3.0), {1: 90, 2: 9}, "met_low_says"),
        (a_survey(metric=Metric.CES, scale=Scale(1, 7, direction=Direction.LOW_IS_GOOD), target=3.0), {7: 90, 6: 9}, "missed_low_says"),
    ],
)
def test_every_verdict_has_its_own_words(survey: Survey, histogram: dict[int, int], words: str) -> None:
    text = Page(HtmlReport().write(a_report(histogram, survey))).text
    assert words_of("en")[words].partition("{")[0] in text


def test_nps_is_shown_whole_and_signed_and_effort_with_two_places() -> None:
    nps = Page(HtmlReport().write(a_report({10: 2, 0: 5}, a_survey(metric=Metric.NPS, scale=Scale(0, 10), target=30.0)))).text
    assert "\N{MINUS SIGN}43" in nps
    assert "42." not in nps
    ces = Page(HtmlReport().write(a_report({7: 2, 6: 1}, a_survey(metric=Metric.CES, scale=Scale(1, 7), target=5.0)))).text
    assert "6.67" in ces


def test_small_groups_show_no_score_in_any_form() -> None:
    report = a_report({5: 3}, agent="Ada")
    report["segments"] = [
        {"by": "agent", "name": "Ada", "n": None, "verdict": "not_proven", "suppressed": True, "score": None, "mean": None}
    ]
    report["segments"][0] |= {"interval": None, "difference": None, "change": None}
    assert "too few answered" in Page(HtmlReport().write(report)).text
    rows = csv.DictReader(io.StringIO(CsvReport().write(report).decode(), newline=""))
    segment = next(each for each in rows if each["section"] == "segment")
    assert (segment["n"], segment["score"], segment["low"], segment["suppressed"]) == ("", "", "", "true")


def test_headings_are_in_order_and_every_table_has_a_name() -> None:
    page = Page(HtmlReport().write(a_report(agent="Ada")))
    assert page.tags["h1"] == 1
    assert page.tags["table"] == len([value for name, value in page.attributes if name == "aria-labelledby" and value])
    named = [value for name, value in page.attributes if name == "aria-labelledby"]
    assert set(named) <= {value for name, value in page.attributes if name == "id"}


def test_what_utf8_cannot_say_does_not_break_a_report() -> None:
    for writer in WRITERS:
        writer.write(a_report(agent="\ud800")).decode()


def test_a_report_is_stored_in_three_forms_with_their_own_names() -> None:
    assert {each.name: each.content_type.partition(";")[0] for each in WRITERS} == {
        "report.json": "application/json", "report.csv": "text/csv", "report.html": "text/html"
    }  # fmt: skip
