"""The whole loop, over HTTP: a conversation closes, the customer is asked, answers on the page, and the answer goes its ways."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.e2e.browsing import form_of, words_of
from tests.e2e.stage import FOLLOW_UPS, Asked, Stage
from tests.local import samples

COMMENT = '=1+1 "quite" slow, \\ and \N{SNOWMAN}\nsecond line'
KINDS = sorted(samples.SOURCES)


def sinks(stage: Stage) -> None:
    vendors = f"{stage.cloud.url}/_local/vendors"
    body = {"rating": "{{ answer.rating }}", "why": "{{ answer.reasons }}", "said": "{{ answer.comment }}", "id": "{{ invitation.id }}"}
    url = f"{vendors}/http/{stage.mark}/{{{{ conversation.id }}}}"
    stage.http_sink("http", url, headers={"x-agent": "{{ agent.name }}"}, body=body)
    columns = {"Rating": "{{ answer.rating }}", "Comment": "{{ answer.comment }}", "Invitation": "{{ invitation.id }}"}
    headed = [{"header": header, "value": value} for header, value in columns.items()]
    stage.put("sinks", "sheet", {"kind": "google-sheets", "surveys": [stage.called("survey")], "columns": headed})
    fields = {"360001": "{{ answer.rating }}", "360002": "{{ invitation.id }}"}
    stage.put("sinks", "ticket", {"kind": "zendesk", "surveys": [stage.called("survey")], "fields": fields})


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_conversation_is_asked_about_answered_and_passed_on(stage: Stage, kind: str) -> None:
    stage.survey(follow_ups=FOLLOW_UPS)
    sinks(stage)
    asked = one_decision_whatever_is_sent_again(stage, kind)
    the_page_shows_and_writes_nothing(stage, asked)
    the_rating_is_safe_at_once_and_the_rest_follows(stage, asked)
    an_answer_can_be_changed(stage, asked)
    every_sink_has_the_answer(stage, asked, kind)


def one_decision_whatever_is_sent_again(stage: Stage, kind: str) -> Asked:
    source, webhook = stage.source(kind), stage.sample(kind)
    asked = stage.taken(source, stage.send(source, webhook))
    again = stage.send(source, webhook)
    assert (again.status, again.json()["status"], again.json()["invitation_id"]) == (200, "duplicate", asked.invitation)
    tampered = stage.cloud.request("POST", f"/triggers/{source}", webhook.body.replace(b"lamp", b"lamb"), webhook.headers)
    assert (tampered.status, tampered.json()["error"]["code"]) == (401, "unverified")
    stage.cloud.settle()
    assert stage.send(source, webhook).status == 200
    stage.cloud.settle()
    assert stage.decision(asked) == ("surveyed", "sent")
    assert [each["outcome"] for each in stage.story(asked)["attempts"]] == ["sent"]
    [message] = stage.messages(asked)
    assert message["channel"] == "email"
    assert message["to"].endswith("@example.com")
    assert {f"rating={n}" for n in range(1, 6)} == {link.partition("?")[2] for link in message["links"] if "?" in link}
    return asked


def the_page_shows_and_writes_nothing(stage: Stage, asked: Asked) -> None:
    [message] = stage.messages(asked)
    link = next(link for link in message["links"] if link.endswith("rating=2"))
    before = stage.story(asked)
    page = stage.cloud.get(link)
    assert "do?" in words_of(page)
    assert form_of(page).offered["rating"] == ["1", "2", "3", "4", "5"]
    assert form_of(page).value("rating") == "2"
    assert stage.story(asked) == before
    assert before["answers"] == []


def the_rating_is_safe_at_once_and_the_rest_follows(stage: Stage, asked: Asked) -> None:
    thanks = stage.page(asked, rating=2).press(stage.cloud)
    assert [(each["rating"], each["details"]) for each in stage.story(asked)["answers"]] == [(2, {})]
    stage.cloud.settle()
    assert form_of(thanks).offered["details.why"] == ["slow", "unsolved", "rude"]
    done = form_of(thanks).press(stage.cloud, details__why=["rude", "slow"], details__comment=COMMENT.replace("\n", "\r\n"))
    assert done.status == 200
    assert stage.story(asked)["answers"][-1]["details"] == {"why": ["slow", "rude"], "comment": COMMENT}
    assert form_of(thanks).press(stage.cloud, details__why=["rude", "slow"], details__comment=COMMENT).status == 200
    assert [each["version"] for each in stage.story(asked)["answers"]] == [1, 2]


def an_answer_can_be_changed(stage: Stage, asked: Asked) -> None:
    form = stage.page(asked)
    assert form.value("rating") == "2"
    assert form.press(stage.cloud, rating="3").status == 200
    stage.cloud.settle()
    story = stage.story(asked)
    assert [(each["version"], each["rating"]) for each in story["answers"]] == [(1, 2), (2, 2), (3, 3)]
    assert story["answers"][-1]["details"] == {"why": ["slow", "rude"], "comment": COMMENT}
    assert "version 3" in story["explanation"]


def every_sink_has_the_answer(stage: Stage, asked: Asked, kind: str) -> None:
    conversation = stage.story(asked)["variables"]["conversation"]["id"]
    called = [each for each in stage.sent(asked, "http") if each["request"]["url"].endswith(f"/{stage.mark}/{conversation}")]
    assert called[0]["request"]["body"]["rating"] == 2
    assert called[-1]["request"]["body"] == {"rating": 3, "why": ["slow", "rude"], "said": COMMENT, "id": asked.invitation}
    assert "x-agent" in called[-1]["request"]["headers"]
    row = stage.sent(asked, "google")[-1]["request"]
    assert "valueInputOption=RAW" in row["url"]
    assert row["body"]["values"][0][:3] == [3, COMMENT, asked.invitation]
    assert_delivered(stage, asked, "http", '{"received": true}')
    assert_delivered(stage, asked, "sheet", "wrote Sheet1!A")
    tickets = stage.sent(asked, "zendesk")
    if kind == "zendesk":
        assert tickets[-1]["request"]["url"].endswith(f"/tickets/{conversation}.json")
        values = [{"id": 360001, "value": 3}, {"id": 360002, "value": asked.invitation}]
        assert tickets[-1]["request"]["body"]["ticket"]["custom_fields"] == values
        assert_delivered(stage, asked, "ticket", asked.invitation)
    else:
        assert tickets == []
        assert stage.forward(asked, stage.called("ticket"))["state"] == "dropped"


def assert_delivered(stage: Stage, asked: Asked, sink: str, said: str) -> None:
    forward = stage.forward(asked, stage.called(sink))
    assert (forward["state"], forward["version"], forward["attempts"], forward["status"]) == ("delivered", 3, 1, 200)
    assert said in forward["response"]


def test_after_the_night_the_reports_say_what_was_answered(stage: Stage) -> None:
    stage.survey(target=50)
    stage.go_on_by_day()
    ratings = {"standard": 5, "zendesk": 4, "chatwoot": 2, "respondio": 5}
    asked = {kind: stage.taken(source, stage.send(source, stage.sample(kind))) for kind in KINDS for source in [stage.source(kind)]}
    silent = stage.closed(stage.called("standard"), {"email": stage.email("silent")})
    stage.cloud.settle()
    for kind, rating in ratings.items():
        stage.answers(asked[kind], rating)
    day = stage.story(silent)["sent_at"][:10]
    stage.pass_night()
    report = stage.report(day)
    assert (report["survey"], report["metric"]) == (stage.called("survey"), "csat")
    assert (report["period"]["start"], report["period"]["end"]) == (day, day)
    assert (report["counts"]["invited"], report["counts"]["answered"], report["counts"]["valid"]) == (5, 4, 4)
    assert report["histogram"] == {"1": 0, "2": 1, "3": 0, "4": 1, "5": 2}
    assert (report["score"]["value"], report["mean"], report["response_rate"]) == (75, 4, 80)
    assert report["score"]["interval"]["low"] < 50, "four answers prove nothing"
    assert report["score"]["verdict"] == "not_proven"
    assert stage.cloud.ok("GET", f"/admin/reports/{stage.called('survey')}/{day}")["score"] == report["score"]
    the_pointer_is_true(stage, day)


def the_pointer_is_true(stage: Stage, day: str) -> None:
    latest: Any = json.loads(stage.cloud.object(f"reports/survey={stage.called('survey')}/latest.json").body)
    assert latest["reports"]["day"]["start"] == day
    named = [file for part in ("reports", "running") for entry in latest[part].values() for file in entry["files"].values()]
    assert len(named) >= 4 * 3
    for file in named:
        assert hashlib.sha256(stage.cloud.object(file["key"]).body).hexdigest() == file["sha256"]
