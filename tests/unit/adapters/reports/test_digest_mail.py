"""The digest mail says what its attachment says: the same numbers in the same words, as text and as HTML."""

import re
from html import unescape
from typing import Any

import pytest

from hearback.adapters.reports.digest_mail import MOST_DRIVERS, digest_mail
from hearback.adapters.reports.html_report import HtmlReport
from hearback.adapters.reports.mail_words import CHINESE, ENGLISH
from tests.sample_report import a_full_report

HOSTILE = "<script>alert(1)</script>\r\nBcc: x@example.com\u202e" + "y" * 5000


def seen(html: str) -> str:
    """What a reader sees of the HTML: its text, blanks and marks of direction aside."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<(?:style|title).*?</(?:style|title)>|<[^>]+>", " ", html, flags=re.DOTALL)))


@pytest.mark.parametrize(("metric", "language"), [("csat", "en"), ("nps", "zh"), ("ces", "en")])
def test_text_and_html_say_the_same(metric: str, language: str) -> None:
    mail = digest_mail(a_full_report(metric, language), language)
    html = seen(mail.html)
    lines = [line.removeprefix("- ") for line in mail.text.splitlines() if line.startswith("- ")]
    assert len(lines) >= 5
    assert all(re.sub(r"\s+", " ", line) in html for line in lines)


def test_the_mail_says_what_the_report_says() -> None:
    report = a_full_report()
    page, mail = seen(HtmlReport().write(report).decode()), digest_mail(report, "en")
    for heading in ("What changed",):
        assert heading in page
    changes = mail.text.split("What changed\n")[1].split("\n\n")[0]
    assert all(line.removeprefix("- ") in page for line in changes.splitlines())


def test_the_subject_gives_score_verdict_count_and_period() -> None:
    report = a_full_report()
    subject = digest_mail(report, "en").subject
    assert re.fullmatch(r"Customer support: CSAT \d+\.\d%, target (met|missed|not proven) \(\d+ answers, .+2026\)", subject)


def test_the_body_gives_interval_target_changes_drivers_and_coverage() -> None:
    report = a_full_report()
    text = digest_mail(report, "en").text
    for part in ("95% interval: ", "Target: 75.0%", "What changed", "What goes with", "Sent: ", "Response rate on sent"):
        assert part in text


def test_of_many_drivers_the_first_few_are_told() -> None:
    report = a_full_report()
    report["drivers"] *= 4
    text = digest_mail(report, "en").text
    drivers = text.split("What goes with low and high scores\n")[1].split("\n\n")[0].splitlines()
    assert len(drivers) == MOST_DRIVERS


def test_a_week_without_answers_is_told_as_such() -> None:
    report = a_full_report()
    report["score"] |= {"value": None, "n": 0, "interval": None, "verdict": "not_proven", "answers_needed": None}
    report |= {"drivers": [], "segments": [], "comparison": None, "trend_analysis": None, "trend": []}
    mail = digest_mail(report, "en")
    assert "no answers" in mail.subject
    assert "Nobody answered" in mail.text


def test_a_report_of_an_older_form_still_makes_a_mail() -> None:
    report = a_full_report()
    for name in ("coverage", "comparison", "trend_analysis", "driver_tests", "unhappy_reasons"):
        report.pop(name, None)
    assert "Sent: " in digest_mail(report, "en").text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_hostile_names_are_text_and_stay_out_of_the_headers(language: str) -> None:
    report: dict[str, Any] = a_full_report(language=language, name=HOSTILE)
    for each in report["drivers"]:
        each["name"] = HOSTILE
    mail = digest_mail(report, language)
    assert "<script" not in mail.html
    assert len(mail.subject) <= 200
    for text in (mail.subject, mail.text, mail.html):
        assert "\u202e" not in text
        assert "\r" not in text
    assert "\n" not in mail.subject


def test_the_mail_loads_nothing_from_anywhere() -> None:
    html = digest_mail(a_full_report(), "en").html
    assert not re.search(r"<img|<link|<script|url\(|https?://", html)


def test_the_words_of_both_languages_are_the_same_words() -> None:
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert ENGLISH.keys() == CHINESE.keys()
    assert {name: placeholders(text) for name, text in ENGLISH.items()} == {name: placeholders(text) for name, text in CHINESE.items()}
