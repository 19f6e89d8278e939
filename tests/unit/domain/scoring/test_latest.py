import hashlib
import json
from datetime import date
from typing import Any

from hearback.domain.calendar import Period
from hearback.domain.scoring.latest import Files, Latest
from hearback.domain.scoring.windows import Span

FEBRUARY = Span(Period.MONTH, date(2026, 2, 1), complete=True)
MARCH = Span(Period.MONTH, date(2026, 3, 1), complete=False)


def files(body: bytes = b"one") -> Files:
    return {"report.json": ("reports/a/report.json", body)}


def plain(latest: Latest) -> dict[str, Any]:
    pointer: dict[str, Any] = json.loads(latest.to_bytes())
    return pointer


def test_a_complete_report_is_named_with_the_hash_of_its_bytes() -> None:
    latest = Latest("support", None)
    latest.add(FEBRUARY, files())
    assert plain(latest)["reports"] == {
        "month": {
            "start": "2026-02-01",
            "end": "2026-02-28",
            "files": {"report.json": {"key": "reports/a/report.json", "sha256": hashlib.sha256(b"one").hexdigest()}},
        }
    }


def test_a_running_period_is_named_apart_until_it_has_ended() -> None:
    latest = Latest("support", None)
    latest.add(FEBRUARY, files())
    latest.add(MARCH, files())
    assert (plain(latest)["reports"]["month"]["start"], plain(latest)["running"]["month"]["start"]) == ("2026-02-01", "2026-03-01")
    latest.add(Span(Period.MONTH, MARCH.start, complete=True), files(b"two"))
    assert plain(latest)["reports"]["month"]["start"] == "2026-03-01"
    assert plain(latest)["running"] == {}


def test_an_older_report_does_not_replace_a_newer_one() -> None:
    latest = Latest("support", None)
    latest.add(FEBRUARY, files())
    latest.add(Span(Period.MONTH, date(2025, 8, 1), complete=True), files(b"old"))
    assert plain(latest)["reports"]["month"]["start"] == "2026-02-01"


def test_a_report_is_withdrawn_only_when_its_bytes_will_change() -> None:
    latest = Latest("support", None)
    latest.add(FEBRUARY, files())
    assert not latest.withdraw(FEBRUARY, files())
    assert not latest.withdraw(MARCH, files(b"two"))
    assert latest.withdraw(FEBRUARY, files(b"two"))
    assert plain(latest)["reports"] == {}


def test_the_pointer_is_read_back_as_it_was() -> None:
    latest = Latest("support", None)
    latest.add(FEBRUARY, files())
    latest.add(MARCH, files())
    assert Latest("support", latest.to_bytes()).to_bytes() == latest.to_bytes()
