"""The index page: every report of a survey is linked, and the same reports make the same page however they came about."""

import json
import re
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.reports.index_page import index_page
from hearback.domain.calendar import Period, first_day
from hearback.domain.scoring.line import ReportLine
from hearback.usecases.index_reports import MOST_READ, IndexReports
from tests.builders import a_survey
from tests.fakes import MemoryBlobs

ROOT = "reports/survey=support"


def a_line(period: Period = Period.DAY, start: date = date(2026, 3, 2), **overrides: Any) -> ReportLine:
    plain = ReportLine.unread(period, start).plain() | {"metric": "csat", "n": 8, "value": 75.0, "low": 40.9, "high": 92.9}
    return ReportLine(**{**plain, "verdict": "not_proven", **overrides})


def a_report(line: ReportLine) -> dict[str, Any]:
    interval = {"low": line.low, "high": line.high, "level": 0.95, "method": "wilson"}
    return {
        "metric": line.metric,
        "complete": line.complete,
        "period": {"kind": line.period, "start": line.start, "end": line.end, "timezone": "UTC"},
        "score": {"value": line.value, "n": line.n, "interval": interval, "target": 75.0, "verdict": line.verdict},
    }


def stored(blobs: MemoryBlobs, line: ReportLine) -> None:
    folder = f"{ROOT}/period={line.period}/{line.start}"
    blobs.put(f"{folder}/report.json", json.dumps(a_report(line)).encode(), "")
    blobs.put(f"{folder}/report.html", b"x", "")


def days(number: int, last: date = date(2026, 3, 8)) -> list[ReportLine]:
    return [a_line(start=last - timedelta(days=back)) for back in range(number)]


def page(blobs: MemoryBlobs) -> str:
    return (blobs.get(f"{ROOT}/index.html") or b"").decode()


def links(blobs: MemoryBlobs) -> list[str]:
    return [each for each in re.findall(r'href="([^"]+)"', page(blobs)) if each.endswith(".html")]


def test_every_report_is_linked_relatively_and_the_newest_comes_first() -> None:
    blobs = MemoryBlobs()
    lines = [*days(3), a_line(Period.WEEK), a_line(Period.MONTH, date(2026, 3, 1)), a_line(Period.QUARTER, date(2026, 1, 1))]
    IndexReports(blobs, index_page)(a_survey(), lines)
    assert links(blobs) == [
        "period=quarter/2026-01-01/report.html",
        "period=month/2026-03-01/report.html",
        "period=week/2026-03-02/report.html",
        "period=day/2026-03-08/report.html",
        "period=day/2026-03-07/report.html",
        "period=day/2026-03-06/report.html",
    ]


@given(data=st.data())
def test_in_whatever_order_and_pieces_reports_come_the_bytes_are_the_same(data: st.DataObject) -> None:
    lines = days(6)
    at_once, in_pieces = MemoryBlobs(), MemoryBlobs()
    IndexReports(at_once, index_page)(a_survey(), lines)
    shuffled = data.draw(st.permutations(lines))
    cut = data.draw(st.integers(1, 5))
    for piece in (shuffled[:cut], shuffled[cut:], shuffled[:1]):
        IndexReports(in_pieces, index_page)(a_survey(), piece)
    assert in_pieces.kept == at_once.kept


def test_a_second_time_nothing_is_written_and_a_new_number_is() -> None:
    blobs = MemoryBlobs()
    index = IndexReports(blobs, index_page)
    assert index(a_survey(), days(2)) == 2
    assert index(a_survey(), days(2)) == 0
    assert index(a_survey(), []) == 0
    assert index(a_survey(), [a_line(start=date(2026, 3, 8), n=9)]) == 2


def test_a_night_reads_its_own_list_and_no_report() -> None:
    class Watched(MemoryBlobs):
        def get(self, key: str) -> bytes | None:
            assert "period=" not in key
            return super().get(key)

        def keys(self, prefix: str) -> Any:
            raise AssertionError(prefix)

    blobs = Watched()
    blobs.kept[f"{ROOT}/index.json"] = (b'{"format":1,"survey":"support","reports":[]}', "")
    IndexReports(blobs, index_page)(a_survey(), days(2))
    assert len(links(blobs)) == 2


def test_a_lost_list_is_made_anew_from_the_reports_themselves() -> None:
    blobs = MemoryBlobs()
    for each in days(5):
        stored(blobs, each)
    IndexReports(blobs, index_page)(a_survey(), days(1))
    before = dict(blobs.kept)
    assert len(links(blobs)) == 5
    for broken in (None, b"", b"no json", b"[]", b'{"format":0}', b'{"format":1,"survey":"other","reports":[]}'):
        blobs.kept.pop(f"{ROOT}/index.json")
        if broken is not None:
            blobs.kept[f"{ROOT}/index.json"] = (broken, "")
        IndexReports(blobs, index_page)(a_survey(), days(1))
        assert blobs.kept == before


def test_of_very_many_unlisted_reports_the_oldest_are_linked_without_their_numbers() -> None:
    blobs = MemoryBlobs()
    for each in days(MOST_READ + 10):
        stored(blobs, each)
    IndexReports(blobs, index_page)(a_survey(), days(1))
    assert len(links(blobs)) == MOST_READ + 10
    kept = json.loads(blobs.get(f"{ROOT}/index.json") or b"")["reports"]
    assert [each["n"] for each in kept].count(None) == 10
    assert kept[0]["n"] is None


def test_another_objects_key_is_no_report() -> None:
    blobs = MemoryBlobs()
    for name in ("period=year/2026-01-01/report.html", "period=day/2026-03-02/report.html.bak", "period=day/x/report.html"):
        blobs.put(f"{ROOT}/{name}", b"x", "")
    IndexReports(blobs, index_page)(a_survey(), days(1))
    assert len(links(blobs)) == 1


def test_a_line_says_what_its_report_says() -> None:
    line = a_line(Period.WEEK, complete=False)
    assert ReportLine.of(a_report(line)) == line
    empty = a_report(line)
    empty["score"] |= {"value": None, "n": 0, "interval": None}
    assert (ReportLine.of(empty).value, ReportLine.of(empty).low) == (None, None)


# --- the page -----------------------------------------------------------------------------------------------------------------


def test_the_page_shows_score_count_and_verdict_and_says_what_still_runs() -> None:
    shown = index_page(a_survey(), [a_line(Period.MONTH, date(2026, 3, 1), complete=False)]).decode()
    for each in ("March 2026", "75.0%", "40.9% to 92.9%", ">8<", "Not proven", "running"):
        assert each in shown


def test_chinese_reports_have_a_chinese_index() -> None:
    shown = index_page(
        a_survey(report_language="zh"), [a_line(Period.MONTH, date(2026, 3, 1)), a_line(Period.QUARTER, date(2026, 1, 1))]
    ).decode()
    assert 'lang="zh' in shown
    assert "2026年3月" in shown
    assert "2026年第1季度" in shown


def test_a_score_is_shown_in_the_metric_that_it_was_reported_in() -> None:
    shown = index_page(a_survey(), [a_line(metric="nps", value=-12.4, low=-30.2, high=5.5)]).decode()
    assert "\u221212" in shown
    assert "%" not in shown.split("<tbody>")[1]


def test_a_hostile_name_is_text_and_the_policy_lets_in_nothing_but_the_pages_style() -> None:
    shown = index_page(a_survey(name='<script>x</script>"\u202e' + "y" * 500), days(1)).decode()
    assert "<script" not in shown
    assert "\u202e" not in shown
    assert "default-src 'none'; style-src 'sha256-" in shown
    assert not re.search(r"\sstyle=|\son\w+=|https?://", shown)


def test_ten_years_stay_a_page_that_opens() -> None:
    spans = {(period, first_day(period, date(2016, 1, 1) + timedelta(days=n))) for n in range(3653) for period in Period}
    lines = [a_line(period, start) for period, start in sorted(spans)]
    assert len(index_page(a_survey(), lines)) < 1_300_000
