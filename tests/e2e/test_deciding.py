"""Who is asked, and when: every trigger ends in one decision with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.e2e import senders
from tests.e2e.browsing import form_of, words_of
from tests.e2e.stage import SECRETS, Asked, Stage

MINUTE, HOUR = 60, 3600


def test_a_reopening_cancels_what_is_delayed(stage: Stage) -> None:
    stage.survey(policy={"delay_minutes": 30})
    source = stage.source()
    reopened = stage.asked(source, conversation_id="7")
    left_closed = stage.asked(source, {"email": stage.email("other")}, conversation_id="8")
    assert stage.decision(reopened) == ("pending", "delayed")
    at = stage.now()
    body = senders.conversation("reopened", at, contact={"email": stage.email()}, conversation_id="7")
    answer = stage.send(source, senders.standard(body, at))
    assert (answer.status, answer.json()["status"]) == (200, "reopened")
    stage.cloud.advance(31 * MINUTE)
    assert stage.decision(reopened) == ("not_surveyed", "reopened")
    assert stage.decision(left_closed) == ("surveyed", "sent")
    assert (len(stage.messages(reopened)), len(stage.messages(left_closed))) == (0, 1)


def test_one_person_is_asked_once_in_the_cooldown_wherever_they_write(stage: Stage) -> None:
    stage.survey(policy={"cooldown_days": 7})
    helpdesk = stage.source()
    shop = stage.put("sources", "shop", {"kind": "standard", "secret": SECRETS["standard"], "survey": stage.called("survey")})
    by_email = stage.asked(helpdesk, {"email": stage.email()})
    by_both = stage.asked(shop, {"email": stage.email().upper(), "phone": "+" + stage.phone()})
    by_phone = stage.asked(helpdesk, {"phone": stage.phone(), "email": stage.email("second")})
    somebody_else = stage.asked(shop, {"email": stage.email("else"), "phone": stage.phone("else")})
    decided = [stage.decision(each) for each in (by_email, by_both, by_phone, somebody_else)]
    cooled = ("not_surveyed", "cooldown")
    assert decided == [("surveyed", "sent"), cooled, cooled, ("surveyed", "sent")]


def test_one_press_opts_out_of_everything_from_then_on(stage: Stage) -> None:
    stage.survey()
    source = stage.source()
    asked = stage.asked(source, {"email": stage.email(), "phone": stage.phone()})
    headers = {each["Name"]: each["Value"] for each in stage.messages(asked)[0]["request"]["body"]["Content"]["Simple"]["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert stage.cloud.get(link).status == 200
    still = stage.asked(source, {"email": stage.email(), "phone": stage.phone()})
    form = {"content-type": "application/x-www-form-urlencoded"}
    assert stage.cloud.request("POST", link, b"something=else", form).status == 400
    assert "not ask you again" in words_of(stage.cloud.request("POST", link, b"List-Unsubscribe=One-Click", form))
    again = stage.asked(source, {"email": stage.email()})
    elsewhere = stage.asked(source, {"phone": stage.phone(), "email": stage.email("new")})
    by_hand = invited(stage, {"contact": {"email": stage.email()}})
    stage.cloud.settle()
    opted_out = ("not_surveyed", "opted_out")
    assert [stage.decision(each) for each in (still, again, elsewhere, by_hand)] == [("surveyed", "sent"), *[opted_out] * 3]


def test_quiet_hours_in_the_contacts_own_time_zone_postpone(stage: Stage) -> None:
    there = ZoneInfo("Asia/Tokyo")
    now = stage.now().astimezone(there)
    ends = (now + timedelta(minutes=40)).replace(second=0, microsecond=0)
    stage.survey(policy={"quiet_hours": [f"{now - timedelta(hours=1):%H:%M}", f"{ends:%H:%M}"]})
    source = stage.source()
    asleep = stage.asked(source, {"email": stage.email(), "timezone": "Asia/Tokyo"})
    awake = stage.asked(source, {"email": stage.email("awake"), "timezone": "America/Sao_Paulo"})
    assert (stage.decision(asleep), stage.decision(awake)) == (("pending", "quiet_hours"), ("surveyed", "sent"))
    assert datetime.fromisoformat(stage.story(asleep)["due_at"]) == ends
    stage.cloud.advance(41 * MINUTE)
    assert stage.decision(asleep) == ("surveyed", "sent")
    assert datetime.fromisoformat(stage.story(asleep)["sent_at"]) >= ends


def test_at_zero_percent_nobody_is_drawn(stage: Stage) -> None:
    stage.survey(policy={"sample_percent": 0})
    asked = stage.asked(stage.source())
    assert stage.decision(asked) == ("not_surveyed", "sampled_out")
    assert stage.messages(asked) == []


def test_whoever_has_no_address_is_not_asked(stage: Stage) -> None:
    stage.survey()
    asked = stage.asked(stage.source(), {"id": "77", "name": "Nobody"})
    assert stage.decision(asked) == ("not_surveyed", "no_address")


def test_a_trigger_for_a_survey_that_is_not_there_says_so(stage: Stage) -> None:
    asked = stage.asked(stage.source(survey="missing"))
    assert stage.decision(asked) == ("not_surveyed", "no_survey")


def test_a_link_made_by_hand_opens_a_page_that_records(stage: Stage) -> None:
    survey, wish = stage.survey(), {"id": stage.called("receipt"), "channel": "web", "contact": {"name": "Ada"}}
    first = stage.cloud.post(f"/admin/surveys/{survey}/invitations", wish)
    assert (first.status, first.json()["source"]) == (202, "manual")
    stage.cloud.settle()
    again = stage.cloud.post(f"/admin/surveys/{survey}/invitations", wish)
    assert (again.status, again.json()["invitation_id"]) == (200, first.json()["invitation_id"])
    asked = Asked("manual", stage.called("receipt"), first.json()["invitation_id"])
    assert stage.messages(asked) == []
    assert form_of(stage.cloud.get(again.json()["link"])).value("rating") is None
    assert form_of(stage.cloud.get(first.json()["link"])).press(stage.cloud, rating="5").status == 200
    assert [(each["rating"], each["channel"]) for each in stage.story(asked)["answers"]] == [(5, "web")]


def test_a_reminder_goes_once_and_only_to_the_silent(stage: Stage) -> None:
    stage.survey(policy={"reminder_days": 0.05})
    source = stage.source()
    silent, answered = stage.asked(source), stage.asked(source, {"email": stage.email("quick")})
    stage.answers(answered, 5)
    stage.cloud.advance(2 * HOUR)
    assert (len(stage.messages(silent)), len(stage.messages(answered))) == (2, 1)
    stage.cloud.advance(4 * HOUR)
    assert (len(stage.messages(silent)), stage.story(silent)["reminded"]) == (2, True)


def invited(stage: Stage, wish: dict[str, Any]) -> Asked:
    made = stage.cloud.ok("POST", f"/admin/surveys/{stage.called('survey')}/invitations", wish)
    return Asked("manual", made["event_id"], made["invitation_id"])
