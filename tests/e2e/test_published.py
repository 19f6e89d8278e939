"""What leaves the house: the score that anybody may see, the page that links all reports, the mail with the week's numbers."""

from __future__ import annotations

import base64
import json
import re
from posixpath import join, normpath
from typing import Any

from tests.e2e.stage import Stage

HEADER = "id,rating,at,agent\n"
COLUMNS = {"id": "id", "rating": "rating", "answered_at": "at", "agent": "agent"}
MARKUP = {"content-type": "text/csv"}


def brought_in(stage: Stage, month: str, ratings: list[int]) -> None:
    """Answers of a month that is long over."""
    key = f"imports/{stage.called(f'in-{month}')}.csv"
    rows = "".join(f"{month}-{n},{rating},{month}-{n % 27 + 1:02} 12:00,Kim\n" for n, rating in enumerate(ratings))
    assert stage.cloud.request("PUT", f"/_local/objects/{key}", (HEADER + rows).encode(), MARKUP).status == 200
    body = {"object": key, "survey": stage.called("survey"), "columns": COLUMNS, "time_format": "%Y-%m-%d %H:%M"}
    assert stage.cloud.post("/admin/imports", body).status == 202
    stage.cloud.settle()


def a_survey_called(stage: Stage, name: str, **body: Any) -> str:
    texts = {"en": {"question": "How did we do?"}}
    return stage.put("surveys", "survey", {"metric": "csat", "name": name, "texts": texts, "policy": {"cooldown_days": 0}, **body})


def test_a_published_score_is_the_last_whole_months_in_three_forms(stage: Stage) -> None:
    survey = a_survey_called(stage, 'Help & <b>"care"</b>', published=True)
    brought_in(stage, "2024-01", [5] * 9)
    brought_in(stage, "2024-02", [5, 5, 4, 2, 1])
    stage.cloud.invoke("nightly_scoring", {})
    page, data, badge = (stage.cloud.get(f"/scores/{survey}{form}") for form in ("", ".json", ".svg"))
    assert [each.status for each in (page, data, badge)] == [200, 200, 200]
    score = data.json()
    assert (score["period"]["start"], score["score"]["n"], score["score"]["value"]) == ("2024-02-01", 5, 60)
    assert (score["score"]["verdict"], score["name"]) == ("not_proven", 'Help & <b>"care"</b>')
    for shown in ("60.0%", "February 2024", "23.1% to 88.2%"):
        assert shown in page.text
        assert shown in badge.text
    assert "<b>" not in page.text.split("</style>")[1]
    assert badge.headers["content-type"].startswith("image/svg+xml")
    assert "max-age=3600" in page.headers["cache-control"]


def test_a_cache_may_keep_it_and_hears_when_nothing_changed(stage: Stage) -> None:
    survey = stage.survey(published=True)
    brought_in(stage, "2024-02", [5] * 6)
    stage.cloud.invoke("nightly_scoring", {})
    tag = stage.cloud.get(f"/scores/{survey}").headers["etag"]
    again = stage.cloud.request("GET", f"/scores/{survey}", headers={"if-none-match": tag})
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    head = stage.cloud.request("HEAD", f"/scores/{survey}.svg")
    assert (head.status, head.body) == (200, b"")
    arabic = stage.cloud.request("GET", f"/scores/{survey}", headers={"accept-language": "ar"})
    assert 'dir="rtl"' in arabic.text
    assert arabic.headers["etag"] != tag


def test_what_is_not_published_is_not_even_there(stage: Stage) -> None:
    survey = stage.survey(published=False)
    brought_in(stage, "2024-02", [5] * 6)
    stage.cloud.invoke("nightly_scoring", {})
    for form in ("", ".json", ".svg"):
        hidden, unknown = stage.cloud.get(f"/scores/{survey}{form}"), stage.cloud.get(f"/scores/{stage.called('nobody')}{form}")
        assert (hidden.status, hidden.body) == (unknown.status, unknown.body) == (404, unknown.body)


def test_too_few_answers_show_no_number(stage: Stage) -> None:
    survey = stage.survey(published=True, minimum_group=7)
    brought_in(stage, "2024-02", [5] * 6)
    stage.cloud.invoke("nightly_scoring", {})
    assert [stage.cloud.get(f"/scores/{survey}{form}").status for form in ("", ".json", ".svg")] == [404, 404, 200]
    assert "not enough answers" in stage.cloud.get(f"/scores/{survey}.svg").text


def test_every_link_of_the_index_leads_to_a_report_and_every_report_is_linked(stage: Stage) -> None:
    survey = stage.survey()
    brought_in(stage, "2024-02", [5, 4, 3] * 3)
    stage.cloud.invoke("nightly_scoring", {})
    folder = f"reports/survey={survey}"
    index = stage.cloud.object(f"{folder}/index.html").text
    links = [normpath(join(folder, link)) for link in re.findall(r'href="([^"]+)"', index)]
    assert {key for key in stage.reports() if key.endswith("report.html")} == {link for link in links if link.endswith("report.html")}
    assert all(stage.cloud.get(f"/_local/objects/{link}").status == 200 for link in links)


def mails(stage: Stage, address: str) -> list[dict[str, Any]]:
    return [each for each in stage.cloud.messages() if address in each["to"]]


def test_the_people_whom_a_survey_names_get_its_numbers_once(stage: Stage) -> None:
    team = stage.email("team")
    a_survey_called(stage, "Kitchen", digest={"to": [team], "periods": ["day"]})
    stage.go_on_by_day()
    asked = stage.asked(stage.source())
    stage.answers(asked, 5)
    day = stage.story(asked)["answers"][0]["at"][:10]
    stage.pass_night()
    (mail,) = mails(stage, team)
    assert mail["subject"].startswith("Kitchen: CSAT 100.0%, target not proven (1 answer, ")
    assert mail["attachments"] == [f"{stage.called('survey')}-day-{day}.html"]
    content = mail["request"]["body"]["Content"]["Simple"]
    assert {"Name": "Auto-Submitted", "Value": "auto-generated"} in content["Headers"]
    report = base64.b64decode(content["Attachments"][0]["RawContent"])
    assert report == stage.cloud.object(f"reports/survey={stage.called('survey')}/period=day/{day}/report.html").body
    stage.cloud.invoke("nightly_scoring", {})
    assert len(mails(stage, team)) == 1


def test_an_import_of_old_answers_sends_no_mail(stage: Stage) -> None:
    team = stage.email("old")
    stage.survey(digest={"to": [team], "periods": ["day", "week", "month", "quarter"]})
    brought_in(stage, "2024-02", [5] * 6)
    stage.cloud.invoke("nightly_scoring", {})
    assert json.loads(stage.cloud.object(f"reports/survey={stage.called('survey')}/latest.json").body)["reports"].keys() >= {
        "week",
        "month",
    }
    assert mails(stage, team) == []
