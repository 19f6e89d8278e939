"""A question in the chat, answered in the chat; and what the provider says about its messages afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e import senders
from tests.e2e.stage import WHATSAPP, Asked, Stage
from tests.local.client import Answer

WINDOW_CLOSED = 131047


def asked_in_the_chat(stage: Stage, **channel: Any) -> Asked:
    """The conversation was on WhatsApp, and that is where the survey asks first."""
    wa = stage.whatsapp(**channel)
    stage.survey(channels=["same", "email"])
    contact = {"addresses": {"whatsapp": "+" + stage.phone()}, "email": stage.email(), "language": "ar"}
    return stage.asked(stage.source(), contact, channel=wa)


def hears(stage: Stage, **parts: Any) -> Answer:
    webhook = senders.whatsapp(WHATSAPP["app_secret"], **parts)
    heard = stage.cloud.request("POST", f"/replies/{stage.called('wa')}", webhook.body, webhook.headers)
    stage.cloud.settle()
    return heard


def rows(message: dict[str, Any]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = message["request"]["body"]["interactive"]["action"]["sections"][0]["rows"]
    return found


def test_a_tap_on_the_list_is_the_answer(stage: Stage) -> None:
    asked = asked_in_the_chat(stage)
    [message] = stage.messages(asked)
    assert (message["channel"], message["to"]) == ("whatsapp", stage.phone())
    assert len(rows(message)) == 5
    heard = hears(stage, messages=[senders.tapped(stage.phone(), rows(message)[3], stage.now())])
    assert (heard.status, heard.json()) == (200, {"status": "accepted", "answers": 1, "deliveries": 0, "left_alone": 0})
    assert [(each["rating"], each["channel"]) for each in stage.story(asked)["answers"]] == [(4, "whatsapp")]


@pytest.mark.parametrize(("said", "rating"), [("٤", 4), (" ٢ !", 2), ("five", 5), ("3/5", 3)])
def test_a_rating_that_is_typed_is_the_answer_in_any_script(stage: Stage, said: str, rating: int) -> None:
    asked = asked_in_the_chat(stage)
    assert hears(stage, messages=[senders.typed(stage.phone(), said, stage.now())]).json()["answers"] == 1
    assert [each["rating"] for each in stage.story(asked)["answers"]] == [rating]


def test_ordinary_messages_are_left_alone(stage: Stage) -> None:
    asked = asked_in_the_chat(stage)
    said = ["5 of my lamps are broken", "thanks!", "6", ""]
    heard = hears(stage, messages=[senders.typed(stage.phone(), each, stage.now()) for each in said])
    stranger = hears(stage, messages=[senders.typed(stage.phone("stranger"), "5", stage.now())])
    assert (heard.json()["answers"], stranger.json()) == (0, {"status": "accepted", "answers": 0, "deliveries": 0, "left_alone": 1})
    assert stage.story(asked)["answers"] == []
    assert len(stage.messages(asked)) == 1


def test_a_question_outside_the_window_comes_again_as_a_template(stage: Stage) -> None:
    asked = asked_in_the_chat(stage, template={"name": "rate_us", "language": "en", "body": ["question"], "buttons": "ratings"})
    [question] = stage.sent(asked, "whatsapp")
    assert hears(stage, statuses=[senders.status("failed", question, stage.now(), WINDOW_CLOSED)]).json()["deliveries"] == 1
    template = stage.messages(asked)[-1]["request"]["body"]["template"]
    assert (template["name"], len(stage.messages(asked))) == ("rate_us", 2)
    assert stage.decision(asked) == ("surveyed", "sent")
    story = stage.story(asked)
    assert [(each["rung"], each["outcome"]) for each in story["attempts"]] == [("question", "refused"), ("template", "sent")]
    payloads = [each["parameters"][0]["payload"] for each in template["components"] if each["type"] == "button"]
    button = {"from": stage.phone(), "id": "wamid.b", "timestamp": str(int(stage.now().timestamp())), "type": "button"}
    hears(stage, messages=[{**button, "button": {"payload": payloads[0], "text": "1"}}])
    assert [each["rating"] for each in stage.story(asked)["answers"]] == [1]


def test_without_a_template_the_next_channel_is_tried(stage: Stage) -> None:
    asked = asked_in_the_chat(stage)
    [question] = stage.sent(asked, "whatsapp")
    hears(stage, statuses=[senders.status("failed", question, stage.now(), WINDOW_CLOSED)])
    assert [each["channel"] for each in stage.messages(asked)] == ["whatsapp", "email"]


def test_a_delivery_is_noted_and_sends_nothing_again(stage: Stage) -> None:
    asked = asked_in_the_chat(stage)
    [question] = stage.sent(asked, "whatsapp")
    assert stage.story(asked)["delivered_at"] is None
    for word in ("sent", "delivered", "read", "delivered"):
        assert hears(stage, statuses=[senders.status(word, question, stage.now())]).json()["deliveries"] == 1
    story = stage.story(asked)
    assert story["delivered_at"] is not None
    assert [each["outcome"] for each in story["attempts"]] == ["delivered"]
    assert len(stage.messages(asked)) == 1


def test_the_handshake_gives_the_challenge_back_to_who_knows_the_token(stage: Stage) -> None:
    path = f"/replies/{stage.whatsapp()}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token="
    known = stage.cloud.get(path + WHATSAPP["verify_token"])
    assert (known.status, known.text, known.headers["Content-Type"].partition(";")[0]) == (200, "1158201444", "text/plain")
    unknown = stage.cloud.get(path + "guessed")
    assert (unknown.status, unknown.json()["error"]["code"]) == (401, "unverified")


def test_a_webhook_that_is_not_signed_with_the_apps_secret_changes_nothing(stage: Stage) -> None:
    asked = asked_in_the_chat(stage)
    tap = senders.tapped(stage.phone(), rows(stage.messages(asked)[0])[4], stage.now())
    forged = senders.whatsapp("guessed", messages=[tap])
    for headers in (forged.headers, {"content-type": "application/json"}):
        refused = stage.cloud.request("POST", f"/replies/{stage.called('wa')}", forged.body, headers)
        assert (refused.status, refused.json()["error"]["code"]) == (401, "unverified")
    assert stage.story(asked)["answers"] == []
