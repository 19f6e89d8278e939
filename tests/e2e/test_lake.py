"""What a night leaves for Athena, asked through Athena; and a day that is too large for one run."""

from __future__ import annotations

from typing import Any

from tests.contract.tables import resources
from tests.e2e.stage import Stage

NAMED_QUERY = "ScoreByWeek"
COLUMNS = {"id": "Id", "rating": "Score", "answered_at": "When", "agent": "Agent", "comment": "Said"}


def bring_in(stage: Stage, rows: list[str]) -> None:
    key = f"imports/{stage.called('past')}.csv"
    file = "\n".join(("Id,Score,When,Agent,Said", *rows)) + "\n"
    assert stage.cloud.request("PUT", f"/_local/objects/{key}", file.encode(), {"content-type": "text/csv"}).status == 200
    body = {"object": key, "survey": stage.called("survey"), "columns": COLUMNS, "time_format": "%Y-%m-%d %H:%M"}
    assert stage.cloud.post("/admin/imports", body).status == 202
    stage.cloud.settle()


def asked_athena(stage: Stage, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stage.cloud.ok("POST", "/_local/query", {"sql": sql})
    return found


def named_query(stage: Stage) -> str:
    """The query of the stack, for this survey and without the limit to the last three months."""
    sql: str = resources()[NAMED_QUERY]["Properties"]["QueryString"]
    bound = "dt >= CAST(CAST(current_date - INTERVAL '92' DAY AS date) AS varchar)"
    assert "'support'" in sql
    assert bound in sql
    return sql.replace("'support'", f"'{stage.called('survey')}'").replace(bound, "dt >= '2024-01-01'")


def test_the_named_query_finds_the_scores_that_the_reports_show(stage: Stage) -> None:
    stage.survey(timezone="America/New_York", follow_ups=[{"id": "comment", "kind": "text", "texts": {"en": "Anything to add?"}}])
    bring_in(
        stage, ["1,5,2024-02-26 09:30,Kim,quick", "2,4,2024-03-03 23:30,Sam,", "3,2,2024-03-04 00:10,Kim,=slow", "4,5,2024-03-05 12:00,Li,"]
    )
    stage.cloud.invoke("nightly_scoring", {"survey": stage.called("survey")})
    found = {row["week"]: (int(row["n"]), float(row["score"])) for row in asked_athena(stage, named_query(stage))}
    reports = {start: stage.report(start, "week")["score"] for start in ("2024-02-26", "2024-03-04")}
    assert (
        found
        == {start: (score["n"], score["value"]) for start, score in reports.items()}
        == {
            "2024-02-26": (2, 100.0),
            "2024-03-04": (2, 50.0),
        }
    )
    (row,) = asked_athena(
        stage, f"SELECT agent, comment, imported, dt FROM answers WHERE survey = '{stage.called('survey')}' AND rating = 2"
    )
    assert row == {"agent": "Kim", "comment": "=slow", "imported": "true", "dt": "2024-03-04"}


def test_a_query_that_athena_cannot_run_says_why(stage: Stage) -> None:
    refused = stage.cloud.post("/_local/query", {"sql": "SELECT nothing FROM nowhere"})
    assert refused.status == 422


def test_a_day_too_large_for_one_run_is_counted_in_parts_and_reported(stage: Stage) -> None:
    stage.survey()
    bring_in(stage, [f"{n},{1 + n % 5},2024-04-08 {n % 24:02}:00,agent-{n % 7},word{n % 3}" for n in range(1200)])
    night = stage.cloud.invoke("nightly_scoring", {"survey": stage.called("survey")})
    assert (night["days"], night["handed_over"]) == ({}, {stage.called("survey"): ["2024-04-08"]})
    stage.cloud.settle(timeout_seconds=300)  # eight processes start, each with all layers
    report = stage.report("2024-04-08")
    assert report["complete"] is True
    assert report["histogram"] == {str(rating): 240 for rating in range(1, 6)}
    (row,) = asked_athena(
        stage, f"SELECT count(*) AS n, count(DISTINCT invitation_id) AS ids FROM answers WHERE survey = '{stage.called('survey')}'"
    )
    assert row == {"n": "1200", "ids": "1200"}
