from __future__ import annotations

import json
from typing import Any

import pytest

from hearback.adapters.channels.whatsapp import Whatsapp, cut, message
from hearback.domain.survey import Texts
from hearback.domain.trigger import Contact
from hearback.ports import Accepted, Busy, HttpResponse, NoReply, NotSent, Question, Refusal, Secret, SendResult, Silence
from tests.builders import a_survey
from tests.fakes import ScriptedHttp
from tests.unit.adapters.channels.questions import NPS, PAGE, a_question

SETTINGS: dict[str, Any] = {"kind": "whatsapp", "credentials": {"phone_number_id": "77700001"}}
SECRET = Secret({"access_token": "EAAG-token"})
TAKEN = HttpResponse(200, {}, b'{"messages": [{"id": "wamid.1", "message_status": "accepted"}]}')
INVITATION = "AAAAAAAAAAAAAAAAAAAAAA"


def send(*replies: Any, question: Question | None = None, rung: str = "question", **settings: Any) -> tuple[SendResult, ScriptedHttp]:
    http = ScriptedHttp(list(replies))
    result = Whatsapp(http).send(question or a_question(), "+49 30 90182-0", rung, {**SETTINGS, **settings}, SECRET)
    return result, http


def failed(code: Any, status: int = 400) -> HttpResponse:
    return HttpResponse(status, {}, json.dumps({"error": {"message": "to +4930901820", "type": "OAuthException", "code": code}}).encode())


def shown(question: Question, rung: str = "question", **settings: Any) -> Any:
    body = message(question, "4930901820", rung, {**SETTINGS, **settings})
    return body[body["type"]]


def test_the_question_is_a_list_to_tap() -> None:
    result, http = send(TAKEN)
    assert result == Accepted("wamid.1")
    request, body = http.sent[0], json.loads(http.sent[0].body)
    assert request.url == "https://graph.facebook.com/v25.0/77700001/messages"
    assert request.headers["authorization"] == "Bearer EAAG-token"
    assert (body["messaging_product"], body["to"], body["type"]) == ("whatsapp", "4930901820", "interactive")
    assert body["biz_opaque_callback_data"] == f"{INVITATION}:attempt-1"
    rows = body["interactive"]["action"]["sections"][0]["rows"]
    assert [row["id"] for row in rows] == [f"hb1|{INVITATION}|{n}" for n in range(1, 6)]


@pytest.mark.parametrize("language", ["en", "es", "zh", "ar"])
@pytest.mark.parametrize("survey", [a_survey(), NPS], ids=["csat", "nps"])
def test_nothing_is_longer_than_whatsapp_takes(language: str, survey: Any) -> None:
    question = a_question(survey, language, question="Ω" * 9000, low="w" * 300, high="ä" * 300)
    interactive = shown(question)
    action = interactive["action"]
    if interactive["type"] == "list":
        assert len(interactive["body"]["text"]) <= 4096
        assert len(action["button"]) <= 20
        for section in action["sections"]:
            assert len(section.get("title", "")) <= 24
            assert all(
                0 < len(row["title"]) <= 24 and len(row.get("description", "")) <= 72 and len(row["id"]) <= 200 for row in section["rows"]
            )
    else:
        assert 0 < len(interactive["body"]["text"]) <= 1024
        assert len(action["parameters"]["display_text"]) <= 20


def test_eleven_ratings_do_not_fit_a_list_so_the_page_is_linked() -> None:
    interactive = shown(a_question(NPS))
    assert interactive["type"] == "cta_url"
    assert interactive["action"]["parameters"]["url"] == PAGE
    assert "0 = bad" in interactive["body"]["text"]
    assert "0 to 10" in interactive["body"]["text"]


def test_long_labels_move_below_their_number() -> None:
    survey = a_survey(texts={"en": Texts("How was it?")})
    rows = shown(a_question(survey))["action"]["sections"][0]["rows"]
    assert rows[0] == {"id": f"hb1|{INVITATION}|1", "title": "1 of 5, Very bad"}
    long = a_question(survey)
    long = a_question(
        survey, scores=tuple(type(each)(each.rating, f"{each.rating} of 5, " + "word " * 20, each.url) for each in long.scores)
    )
    row = shown(long)["action"]["sections"][0]["rows"][4]
    assert row["title"] == "5"
    assert row["description"].startswith("5 of 5, word")


def test_cutting_leaves_a_mark_and_whole_characters() -> None:
    assert cut("short", 5) == "short"
    assert cut("😀😀😀", 2) == "😀…"


def test_there_is_a_template_rung_only_where_a_template_is_configured() -> None:
    channel = Whatsapp(ScriptedHttp())
    assert channel.rungs(SETTINGS, a_survey()) == ("question",)
    assert channel.rungs({**SETTINGS, "template": {"name": "csat"}}, a_survey()) == ("question", "template")


def test_a_template_opens_the_page_or_carries_a_button_for_each_rating() -> None:
    link = shown(a_question(), "template", template={"name": "csat", "language": "en_US", "buttons": "link", "body": ["question"]})
    assert (link["name"], link["language"]) == ("csat", {"code": "en_US"})
    assert link["components"][0]["parameters"] == [{"type": "text", "text": "How was it, Ada?"}]
    assert link["components"][1]["parameters"] == [{"type": "text", "text": PAGE.rpartition("/")[2]}]
    ratings = shown(a_question(), "template", template={"name": "csat", "buttons": "ratings"})
    assert [each["parameters"][0]["payload"] for each in ratings["components"]] == [f"hb1|{INVITATION}|{n}" for n in range(1, 6)]
    assert shown(a_question(), "template", template={"name": "csat", "buttons": "none"}) == {"name": "csat", "language": {"code": "en"}}


def test_a_template_speaks_the_contacts_language_where_it_is_approved_in_it() -> None:
    template = {"name": "csat", "language": "en_US", "languages": {"es": "es_MX"}}
    assert shown(a_question(language="es"), "template", template=template)["language"] == {"code": "es_MX"}
    assert shown(a_question(language="zh"), "template", template=template)["language"] == {"code": "en_US"}


def test_people_without_a_number_are_reached_by_their_business_scoped_id() -> None:
    body = message(a_question(), "US.13491208655302741918", "question", SETTINGS)
    assert body["recipient"] == "US.13491208655302741918"
    assert "to" not in body


@pytest.mark.parametrize("code", [4, 80007, 130429, 131056, 131048, 131016, 133016])
def test_limits_and_passing_trouble_mean_later(code: int) -> None:
    assert send(failed(code, 429))[0] == Busy(str(code))
    assert send(failed(code))[0] == Busy(str(code))


def test_a_provider_that_says_how_long_is_understood() -> None:
    response = HttpResponse(429, {"retry-after": "90"}, b'{"error": {"code": 130429}}')
    assert send(response)[0] == Busy("130429", retry_after=90.0)


@pytest.mark.parametrize("code", [0, 3, 10, 190, 200, 299, 368, 131026, 131030, 131031, 131049, 130472])
def test_a_refused_token_account_or_person_closes_the_channel(code: int) -> None:
    result = send(failed(code))[0]
    assert result == Refusal(str(code), "the answer was 400", rest_of_channel=True)


@pytest.mark.parametrize("code", [131047, 131008, 131009, 131051, 100, 132000, 132001, 132007, 132015])
def test_a_closed_window_or_a_refused_message_leaves_the_next_rung_open(code: int) -> None:
    result = send(failed(code))[0]
    assert isinstance(result, Refusal)
    assert not result.rest_of_channel


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (NoReply("x"), Silence),
        (NotSent("x"), Busy),
        (HttpResponse(200, {}, b"<html>"), Silence),
        (HttpResponse(200, {}, b'{"messages": []}'), Silence),
        (HttpResponse(200, {}, b'{"messages": [{"id": "wam'), Silence),
        (HttpResponse(502, {}, b"<html>bad gateway"), Silence),
        (HttpResponse(504, {}, b""), Silence),
        (HttpResponse(500, {}, b'{"error": {"code": 2}}'), Silence),
        (HttpResponse(302, {}, b""), Silence),
        (HttpResponse(503, {}, b""), Busy),
        (HttpResponse(404, {}, b""), Refusal),
        (HttpResponse(401, {}, b""), Refusal),
        (failed(131047, 200), Refusal),
        (failed("131047"), Refusal),
        (failed(True), Refusal),
    ],
)
def test_an_answer_is_silence_unless_it_proves_something(reply: Any, kind: type[SendResult]) -> None:
    result = send(reply)[0]
    assert type(result) is kind
    assert "4930901820" not in repr(result)


def test_without_credentials_nothing_is_tried() -> None:
    http = ScriptedHttp()
    result = Whatsapp(http).send(a_question(), "49", "question", SETTINGS, Secret({}))
    assert isinstance(result, Refusal)
    assert not http.sent


def test_a_configured_address_wins_over_the_stand_in() -> None:
    http = ScriptedHttp([TAKEN, TAKEN])
    channel = Whatsapp(http, "http://127.0.0.1:3000/whatsapp")
    channel.send(a_question(), "49", "question", {**SETTINGS, "api_version": "v26.0"}, SECRET)
    channel.send(a_question(), "49", "question", {**SETTINGS, "base_url": "https://graph.example.com/"}, SECRET)
    assert [each.url for each in http.sent] == [
        "http://127.0.0.1:3000/whatsapp/v26.0/77700001/messages",
        "https://graph.example.com/v25.0/77700001/messages",
    ]


def test_the_conversations_own_address_wins_over_the_phone_number() -> None:
    channel = Whatsapp(ScriptedHttp())
    assert channel.address_of(Contact(phone="+4930", addresses={"whatsapp": "4917"})) == "4917"
    assert channel.address_of(Contact(phone="+4930")) == "+4930"
    assert channel.address_of(Contact(email="a@example.com")) == ""
