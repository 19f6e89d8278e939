"""Machines and people at real links, over HTTP: what the machines press changes no score, and what people press is not lost."""

from __future__ import annotations

from typing import Any

import pytest

from tests import scanners
from tests.e2e.browsing import FORM, form_of, words_of
from tests.e2e.stage import FOLLOW_UPS, Asked, Stage

each_machine = pytest.mark.parametrize("profile", [*scanners.HARMLESS, *scanners.PRESSING], ids=lambda each: each.__name__)


def asked(stage: Stage) -> Asked:
    stage.survey(follow_ups=FOLLOW_UPS)
    body = {"rating": "{{ answer.rating }}", "id": "{{ invitation.id }}"}
    stage.http_sink("crm", f"{stage.cloud.url}/_local/vendors/http/{stage.mark}", body=body)
    return stage.asked(stage.source())


def links(stage: Stage, about: Asked) -> list[str]:
    """As they stand in the mail, the way out left alone: the scores', then the page's."""
    [message] = stage.messages(about)
    found = [link for link in message["links"] if "/r/" in link]
    return [*sorted((link for link in found if "rating=" in link), key=lambda link: link[-1]), found[0].partition("?")[0]]


def ratings(stage: Stage, about: Asked) -> list[int]:
    return [each["rating"] for each in stage.story(about)["answers"]]


def passed_on(stage: Stage, about: Asked) -> list[int]:
    return [each["request"]["body"]["rating"] for each in stage.sent(about, "http")]


def waiting(stage: Stage, **query: Any) -> list[Any]:
    more = "".join(f"&{name}={value}" for name, value in query.items())
    found: list[Any] = stage.cloud.ok("GET", f"/admin/quarantine?survey={stage.called('survey')}{more}")["items"]
    return found


@each_machine
def test_no_machine_s_score_counts(stage: Stage, profile: scanners.Profile) -> None:
    """That none reaches a sink either is played by the clock in tests/unit/runtime/test_answer_routes.py: here answers wait for a
    second only, which a slow machine's round may outlast.
    """
    about = asked(stage)
    profile(stage.cloud, links(stage, about))
    stage.cloud.settle()
    assert ratings(stage, about) == []
    assert "pending" not in {each["state"] for each in stage.story(about)["forwards"]}
    assert [each["invitation_id"] for each in waiting(stage)] == [about.invitation] * (profile in scanners.PRESSING)
    stage.cloud.advance(15)
    stage.answers(about, 4)
    stage.cloud.settle()
    assert ratings(stage, about) == passed_on(stage, about)[-1:] == [4], "and the person who comes after it is heard"


@each_machine
def test_no_machine_displaces_a_person_s_answer(stage: Stage, profile: scanners.Profile) -> None:
    about = asked(stage)
    stage.answers(about, 4)
    profile(stage.cloud, links(stage, about))
    stage.cloud.settle()
    assert ratings(stage, about)[-1] == 4
    stage.cloud.advance(600)
    profile(stage.cloud, links(stage, about))
    stage.cloud.settle()
    assert ratings(stage, about)[-1] == passed_on(stage, about)[-1] == 4
    assert [each["state"] for each in stage.story(about)["forwards"]] == ["delivered"]


def test_a_double_click_counts_once(stage: Stage) -> None:
    about = asked(stage)
    page = stage.page(about, 5)
    pages = [page.press(stage.cloud), page.press(stage.cloud)]
    assert ["Your rating is saved" in words_of(each) for each in pages] == [True, True]
    assert (ratings(stage, about), waiting(stage)) == ([5], [])


def test_another_star_in_the_mail_asks_whether_to_change_and_changes(stage: Stage) -> None:
    about = asked(stage)
    stage.answers(about, 5)
    page = stage.page(about, 2).press(stage.cloud)
    assert "Keep 5 of 5, Very good" in words_of(page)
    stage.cloud.advance(3)
    assert form_of(page).press(stage.cloud, change="1").status == 200
    assert (ratings(stage, about), waiting(stage)) == ([5, 2], [])


def test_what_is_in_quarantine_is_counted_apart_and_counts_once_it_is_restored(stage: Stage) -> None:
    stage.go_on_by_day()
    about = asked(stage)
    path = str(stage.story(about)["link"])
    told = stage.cloud.post(path, {"rating": 2, "details": {"comment": "slow"}, "proof": "made-up"})
    assert (told.status, told.json()["status"], told.json()["doubts"]) == (200, "quarantined", ["no_proof"])
    stage.cloud.request("POST", path, b"rating=5", FORM)
    day = stage.story(about)["sent_at"][:10]
    stage.pass_night()
    counts = stage.report(day)["counts"]
    assert (counts["answered"], counts["quarantined"]) == (0, 1)

    [item] = waiting(stage)
    assert [(each["number"], each["rating"], each["doubts"]) for each in item["answers"]] == [(1, 2, ["no_proof"]), (2, 5, ["no_proof"])]
    assert "did not carry" in item["answers"][0]["why"]
    restore = f"/admin/answers/{about.invitation}/restore"
    assert stage.cloud.post(restore).status == 422
    assert stage.cloud.ok("POST", restore, {"number": 1})["restored_as"] == 1
    assert stage.cloud.ok("POST", restore, {"number": 1})["version"] == 1
    stage.cloud.settle()
    assert [each["details"] for each in stage.story(about)["answers"]] == [{"comment": "slow"}]
    assert passed_on(stage, about) == [2]

    stage.pass_night()
    report = stage.report(day)
    assert (report["counts"]["answered"], report["histogram"]["2"]) == (1, 1), "on the day it was given"
    assert stage.cloud.post(f"/admin/answers/{about.invitation}/restore", {"number": 2}).status == 200
    assert (ratings(stage, about), waiting(stage)) == ([2, 5], [])


def test_a_person_s_newer_answer_is_not_replaced_unless_that_is_wished(stage: Stage) -> None:
    about = asked(stage)
    stage.cloud.request("POST", str(stage.story(about)["link"]), b"rating=1", FORM)
    stage.cloud.advance(60)
    stage.answers(about, 5)
    restore = f"/admin/answers/{about.invitation}/restore"
    refused = stage.cloud.post(restore)
    assert (refused.status, refused.json()["error"]["code"]) == (409, "newer_answer")
    assert stage.cloud.ok("POST", restore, {"force": True})["version"] == 2
    assert ratings(stage, about) == [5, 1]
    assert stage.cloud.post("/admin/answers/nobody/restore").status == 404
