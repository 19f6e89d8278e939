"""report.html as a whole: its order, its weight, its truthfulness at the edges."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest

from hearback.adapters.reports.csv_report import CsvReport
from hearback.adapters.reports.html_report import HtmlReport
from hearback.adapters.reports.words import words_of
from tests.sample_report import NAMES, a_full_report

HOSTILE = (
    "<script>alert(1)</script>",
    '<a href="javascript:x">k</a>',
    "=1+1",
    "\u202edrow",
    "{{ 7*7 }}",
    "x" * 10_000,
    "\x00\x1b[31m",
    "مرحبا",
)
ENGLISH = words_of("en")


class Reader(HTMLParser):
    """What a person sees, in order; knows what is open."""

    def __init__(self, body: bytes) -> None:
        super().__init__()
        self.text, self.headings, self.open, self.tags = "", list[str](), list[str](), set[str]()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(body.decode())
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)
        if tag in ("h1", "h2"):
            self.headings.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data
        if {"h1", "h2"} & set(self.open):
            self.headings[-1] += data


def read(report: dict[str, Any]) -> Reader:
    reader = Reader(HtmlReport().write(report))
    assert reader.open == []
    reader.text = " ".join(reader.text.split())
    return reader


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("metric", ["csat", "nps", "ces"])
def test_the_parts_come_in_the_order_of_what_a_reader_asks(metric: str, language: str) -> None:
    words = words_of(language)
    parts = ["changes", "ratings", "trend", "groups", "by_two", "drivers", "reasons", "coverage", "method"]
    expected = [words[part].format(a="agent", b="channel") for part in parts]
    page = read(a_full_report(metric, language))
    assert page.headings[1:] == expected
    assert page.text.index(words["mean"]) < page.text.index(words["changes"])


def test_a_report_of_fifty_segments_is_light() -> None:
    body = HtmlReport().write(a_full_report(agents=[f"Somebody with a name {n}" for n in range(50)]))
    assert len(body) < 200_000
    assert all(f"Somebody with a name {n}<" in body.decode() for n in range(50))


def test_ten_thousand_values_are_cut_and_counted() -> None:
    rows = a_full_report(agents=NAMES)["segments"]
    many = [{**rows[n % 10], "name": f"value {n} {'y' * 200}"} for n in range(10_000)]
    body = HtmlReport().write(a_full_report(segments=many))
    assert len(body) < 600_000
    assert "9,940 more are in report.csv and report.json." in body.decode()


def test_the_largest_sure_distance_comes_first() -> None:
    found = read(a_full_report()).text
    table = found[found.index("By agent") :]
    assert table.index("Priya") < table.index("O'Neill") < table.index("Noé")


def test_a_group_too_small_is_named_without_a_number() -> None:
    page = read(a_full_report())
    assert "Not shown, as too few answered or a score would give away such a group: Temp 1, Temp 2, Temp 3." in page.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_stays_a_name_wherever_it_stands(name: str) -> None:
    report = a_full_report(agents=(name, *NAMES), name=name)
    report["drivers"][0]["examples"] = [{"rating": 1, "text": name}]
    report["drivers"][1] |= {"name": name, "by": name}
    report["unhappy_reasons"][0] |= {"question": name, "choice": name}
    report["segments_left_out"] = [{"by": name, "reason": "x"}]
    report["coverage"]["not_asked"] = {name: 3}
    page = read(report)
    assert not page.tags & {"script", "a", "b", "img", "style"} - {"style", "b"}
    assert not [key for key, _ in page.attributes if key.startswith("on") or key in ("href", "style", "src")]
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x1b]", page.text + "".join(value or "" for _, value in page.attributes))
    assert "x" * 400 not in page.text
    assert "49" not in page.headings[0]


def sentences(**changes: Any) -> str:
    return read(a_full_report() | changes).text


def test_a_change_is_claimed_only_where_it_is_proven() -> None:
    compared = a_full_report()["comparison"]
    assert "is not proven: the difference is" in sentences(comparison=compared | {"verdict": "not_proven"})
    assert "rose by" in sentences(comparison=compared | {"verdict": "up", "difference": 5.0})
    assert "fell by 5.0 points" in sentences(comparison=compared | {"verdict": "down", "difference": -5.0})
    assert "too few answers, here or in the week before" in sentences(comparison=None)


def test_a_shift_is_claimed_only_where_the_test_found_one() -> None:
    analysis = a_full_report()["trend_analysis"]
    assert "no lasting shift is proven (where nothing shifts, at most 1% of reports say otherwise)" in sentences(
        trend_analysis=analysis | {"change": None}
    )
    assert "the score shifted around 26 Jan 2026" in sentences()


def test_what_is_still_needed_is_said_only_of_what_is_not_proven() -> None:
    score = a_full_report()["score"]
    assert "about 1,412 more answers (3.2 weeks like this one) would make a proof as likely as not" in sentences()
    assert "more answers" not in sentences(score=score | {"verdict": "met", "answers_needed": 0, "periods_needed": 0.0})
    assert "not even a million more" in sentences(score=score | {"answers_needed": None, "periods_needed": None})


def test_nobody_is_said_to_cause_anything() -> None:
    text = sentences()
    assert "That one thing causes the other is not shown." in text
    assert "Score 57.8% in comments with it (90)" in text
    assert "it is no longer proven" in text
    assert "none is proven to go with" in sentences(drivers=[])
    assert "too few answers to test" in sentences(drivers=[], driver_tests={"tested": 0, "rate": 0.05, "method": "", "left_out": []})


def test_who_is_asked_seldom_is_marked() -> None:
    assert "1 of 10 are asked more seldom than chance explains" in sentences()
    coverage = a_full_report()["coverage"]
    nobody = [{**each, "seldom": False} for each in coverage["by"]]
    assert "none is proven to be asked more seldom" in sentences(coverage=coverage | {"by": nobody})


def a_score(value: float | None, n: int, interval: dict[str, Any] | None, target: float = 75.0) -> dict[str, Any]:
    return {
        "value": value,
        "n": n,
        "interval": interval,
        "target": target,
        "verdict": "not_proven",
        "answers_needed": None,
        "periods_needed": None,
    }


def an_empty_report(**changes: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(("sent", "delivered", "eligible", "decided", "answered"), 0)
    coverage = nothing | {"response_rate_sent": None, "response_rate_delivered": None, "not_asked": {}, "by": [], "seldom_rate": 0.05}
    report = a_full_report(
        coverage=coverage, segments=[], segment_pairs=[], segments_left_out=[], drivers=[], unhappy_reasons=[], comparison=None,
        trend=[], trend_analysis=None, other_scales=[], mean=None, response_rate=None, comments=0,
        histogram={str(n): 0 for n in range(1, 6)},
        score=a_score(None, 0, None),
        driver_tests={"tested": 0, "rate": 0.05, "method": "", "left_out": []},
    )  # fmt: skip
    return report | changes


def test_a_period_without_answers_says_so_and_claims_nothing() -> None:
    text = read(an_empty_report()).text
    assert ENGLISH["no_answers_says"] in text
    assert "interval:" not in text.partition(ENGLISH["method"])[0]
    assert "0 answers" in text
    assert ENGLISH["nobody_eligible"] in text


def test_one_answer_is_one_answer() -> None:
    interval = {"low": 20.65, "high": 100.0, "level": 0.95, "method": "wilson"}
    score = a_score(100.0, 1, interval, 100.0)
    text = read(an_empty_report(score=score, histogram={"1": 0, "2": 0, "3": 0, "4": 0, "5": 1})).text
    assert "100.0% 1 answer Not proven" in text
    assert "95% interval: 20.6% to 100.0%." in text or "95% interval: 20.7% to 100.0%." in text


def test_a_target_off_the_scale_is_not_drawn() -> None:
    score = a_full_report("ces")["score"] | {"target": 75.0}
    page = read(a_full_report("ces", score=score))
    assert "does not lie on this scale" in page.text
    assert "dashed line" not in page.text


def test_an_older_report_without_the_newer_parts_is_still_a_page() -> None:
    newer = {"comparison", "segment_pairs", "driver_tests", "unhappy_reasons", "trend_analysis", "coverage", "method", "language"}
    report = {key: value for key, value in a_full_report().items() if key not in newer}
    report["segments"] = [{key: value for key, value in each.items() if key not in ("difference", "change")} for each in report["segments"]]
    report["drivers"] = []
    assert "By agent" in read(report).text
    assert CsvReport().write(report)


def test_each_number_of_a_picture_is_in_words_too() -> None:
    page = HtmlReport().write(a_full_report()).decode()
    pictures = page.count("<svg")
    assert pictures == page.count('role="img" aria-label="') == 2 * page.count("<figure>")
    assert page.count("<details>") == 4


def test_another_process_writes_the_same_bytes() -> None:
    source = (
        "import sys\n"
        "from tests.sample_report import a_full_report\n"
        "from hearback.adapters.reports.html_report import HtmlReport\n"
        "sys.stdout.buffer.write(HtmlReport().write(a_full_report(language='zh')))"
    )
    environment = {"PYTHONPATH": ":".join(each for each in sys.path if each)}
    made = {
        subprocess.run([sys.executable, "-c", source], env=environment | {"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "77")
    }
    assert made == {HtmlReport().write(a_full_report(language="zh"))}


def test_the_library_of_the_charts_waits_until_a_picture_is_drawn() -> None:
    source = "import sys; import hearback.adapters.reports; print([name for name in sys.modules if name.startswith('lets_plot')])"
    ran = subprocess.run([sys.executable, "-c", source], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True, text=True)
    assert json.loads(ran.stdout.replace("'", '"')) == []
