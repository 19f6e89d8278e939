"""What nights and imports leave behind: reports that are rebuilt when they must be, and are the same bytes when not."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.stage import Stage

ROWS = """Id,Score,When,Agent,Said
1,5,2024-02-28 09:30,Kim,quick
2,4,2024-02-28 23:30,Sam,
3,six,2024-02-28 10:00,Kim,not a number
4,2,2024-02-29 00:10,Kim,"slow,
in two lines"
5,9,2024-02-29 10:00,Kim,off the scale
6,1,30.02.2024,Sam,no such day
2,3,2024-02-29 11:00,Sam,the same id again
7,5,2024-02-29 12:00
8,5,2024-02-29 12:00,Sam,
,3,2024-02-29 13:00,Sam,an id of our making
"""
COLUMNS = {"id": "Id", "rating": "Score", "answered_at": "When", "agent": "Agent", "comment": "Said"}


def brought_in(stage: Stage, name: str) -> Any:
    key = f"imports/{stage.called(name)}.csv"
    assert stage.cloud.request("PUT", f"/_local/objects/{key}", ROWS.encode(), {"content-type": "text/csv"}).status == 200
    body = {"object": key, "survey": stage.called("survey"), "columns": COLUMNS, "time_format": "%Y-%m-%d %H:%M"}
    begun = stage.cloud.post("/admin/imports", body)
    assert begun.status == 202, begun.text
    stage.cloud.settle()
    return stage.cloud.ok("GET", f"/admin/imports/{begun.json()['id']}")


def test_an_import_loses_only_its_broken_rows_and_once_more_changes_no_byte(stage: Stage) -> None:
    stage.survey(timezone="America/New_York")
    done = brought_in(stage, "past")
    assert (done["state"], done["rows_read"], done["accepted"], done["refused_count"]) == ("done", 10, 5, 5)
    assert [each["row"] for each in done["refused"]] == [3, 5, 6, 7, 8]
    reasons = ("whole number", "outside the scale", "time format", "earlier row", "fields")
    assert all(reason in each["reason"] for reason, each in zip(reasons, done["refused"], strict=True))
    stage.cloud.invoke("nightly_scoring", {})
    first, second = stage.report("2024-02-28"), stage.report("2024-02-29")
    assert (first["histogram"]["5"], first["histogram"]["4"], first["score"]["value"]) == (1, 1, 100)
    assert (second["counts"]["valid"], second["mean"]) == (3, 10 / 3)
    month = stage.report("2024-02-01", "month")
    assert (month["counts"]["valid"], month["mean"], month["score"]["value"]) == (5, 3.8, 60)
    before = stage.reports()
    assert len(before) == 3 * 5 + 3, "two days, their week, month and quarter; the pointer; the index and what it is made of"
    again = brought_in(stage, "again")
    assert (again["accepted"], again["refused_count"]) == (5, 5)
    stage.cloud.invoke("nightly_scoring", {})
    assert stage.reports() == before


def test_an_answer_that_changes_the_next_day_rebuilds_its_day_and_a_rerun_writes_nothing(stage: Stage) -> None:
    stage.survey(policy={"edit_hours": 72})
    stage.go_on_by_day()
    asked = stage.asked(stage.source())
    stage.answers(asked, 2)
    day = stage.story(asked)["answers"][0]["at"][:10]
    stage.pass_night()
    assert (stage.report(day)["histogram"]["2"], stage.report(day)["histogram"]["5"]) == (1, 0)
    before = stage.reports()
    stage.changes(asked, 5)
    stage.cloud.invoke("nightly_scoring", {})
    after = stage.reports()
    for period, start in (("day", day), ("month", day[:8] + "01")):
        report = stage.report(start, period)
        assert (report["histogram"]["2"], report["histogram"]["5"]) == (0, 1)
    assert after.keys() == before.keys()
    assert after != before
    stage.cloud.invoke("nightly_scoring", {})
    assert stage.reports() == after


def test_a_day_can_be_recounted_by_hand_and_only_once_it_has_ended(stage: Stage) -> None:
    stage.survey()
    brought_in(stage, "past")
    outcome = stage.cloud.invoke("nightly_scoring", {"survey": stage.called("survey"), "day": "2024-02-29"})
    assert outcome["days"] == {stage.called("survey"): ["2024-02-29"]}
    today = f"{stage.now():%Y-%m-%d}"
    refused = stage.cloud.post("/_local/functions/nightly_scoring", {"survey": stage.called("survey"), "day": today})
    assert refused.status == 502
    assert "has ended" in json.dumps(refused.json())
    assert stage.cloud.get(f"/admin/reports/{stage.called('survey')}/{today}").status == 404
