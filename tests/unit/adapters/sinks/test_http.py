from __future__ import annotations

import json
from typing import Any

import pytest
from standardwebhooks import Webhook

from hearback.adapters.sinks.http import HttpSink
from hearback.domain.errors import Invalid
from hearback.ports import (
    Delivered,
    Delivery,
    DeliveryResult,
    HttpRequest,
    HttpResponse,
    NoReply,
    NotSent,
    RetryLater,
    Secret,
    Undeliverable,
)
from tests.builders import NOW
from tests.fakes import ScriptedHttp
from tests.unit.adapters.sinks.deliveries import a_delivery

OK = HttpResponse(200, {}, b"thanks")
SIGNING = "whsec_dGVzdC1vbmx5LXN0YW5kYXJkLXdlYmhvb2tzLWtleSE="
OLD = "whsec_dGVzdC1vbmx5LXByZXZpb3VzLXdlYmhvb2tzLWtleSE="
HOSTILE = 'a"b\\c\n{{ 7*7 }} 😀 \ud83d </x>'


def sink(*replies: Any) -> tuple[HttpSink, ScriptedHttp]:
    http = ScriptedHttp(list(replies) or [OK])
    return HttpSink(http), http


def deliver(
    *replies: Any, delivery: Delivery | None = None, secret: Secret | None = None, **request: Any
) -> tuple[DeliveryResult, ScriptedHttp]:
    made, http = sink(*replies)
    settings = {"kind": "http", "request": {"method": "POST", "url": "https://api.example.com/answers", **request}}
    return made.deliver(delivery or a_delivery(), settings, secret or Secret({}), NOW), http


def sent(delivery: Delivery | None = None, secret: Secret | None = None, **request: Any) -> HttpRequest:
    return deliver(delivery=delivery, secret=secret, **request)[1].sent[0]


def test_a_request_is_written_with_variables_everywhere() -> None:
    request = sent(
        a_delivery(HOSTILE),
        method="put",
        url="https://api.example.com/tickets/{{ conversation.id }}?comment={{ answer.comment }}",
        headers={"X-Rating": "{{ answer.rating }}", "Content-Type": "application/json"},
        body='{"comment": "{{ answer.comment }}", "rating": {{ answer.rating }}, "reasons": {{ answer.reasons }}}',
    )
    assert request.method == "PUT"
    assert request.url.startswith("https://api.example.com/tickets/42?comment=a%22b%5Cc%0A%7B%7B")
    assert request.headers == {"x-rating": "4", "content-type": "application/json"}
    assert json.loads(request.body) == {"comment": HOSTILE.replace("\ud83d", "\ufffd"), "rating": 4, "reasons": ["slow"]}


def test_a_body_given_as_an_object_keeps_the_kinds_of_lone_values() -> None:
    body = {
        "rating": "{{ answer.rating }}",
        "text": "rated {{ answer.rating }}",
        "list": ["{{ answer.reasons }}", 7, None],
        "c": "{{ answer.comment }}",
    }
    request = sent(a_delivery(HOSTILE), body=body)
    assert json.loads(request.body) == {
        "rating": 4,
        "text": "rated 4",
        "list": [["slow"], 7, None],
        "c": HOSTILE.replace("\ud83d", "\ufffd"),
    }
    assert request.headers["content-type"] == "application/json"


def test_without_a_body_the_whole_answer_is_an_event_and_a_get_has_none() -> None:
    event = json.loads(sent().body)
    assert (event["type"], event["timestamp"]) == ("answer.recorded", event["data"]["answer"]["answered_at"])
    assert set(event["data"]) == {"survey", "invitation", "answer", "conversation", "contact", "agent"}
    assert sent(method="GET").body == b""


def test_forms_and_plain_texts_are_encoded_as_their_type_asks() -> None:
    form = sent(a_delivery("x&y=1"), headers={"content-type": "application/x-www-form-urlencoded"}, body="c={{ answer.comment }}&r=4")
    assert form.body == b"c=x%26y%3D1&r=4"
    plain = sent(a_delivery("x"), body="{{ answer.comment }} said")
    assert (plain.body, plain.headers["content-type"]) == (b"x said", "text/plain; charset=utf-8")


def test_a_receiver_can_verify_the_signature_with_the_reference_package(monkeypatch: pytest.MonkeyPatch) -> None:
    request = sent(secret=Secret({"secret": SIGNING}, {"secret": OLD}, NOW.replace(year=2027)))
    assert request.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    signatures = request.headers["webhook-signature"].split(" ")
    assert signatures == [Webhook(each).sign(request.headers["webhook-id"], NOW, request.body.decode()) for each in (SIGNING, OLD)]


def test_the_webhook_id_is_the_same_for_every_try_and_another_for_another_version() -> None:
    secret = Secret({"secret": SIGNING})
    first, second = sent(a_delivery(), secret), sent(a_delivery(attempt=5), secret)
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert "." not in first.headers["webhook-id"]
    assert sent(a_delivery(id="AAAAAAAAAAAAAAAAAAAAAA.crm.2"), secret).headers["webhook-id"] != first.headers["webhook-id"]


def test_secret_headers_are_sent_and_never_shown() -> None:
    secret = Secret({"secret": SIGNING, "secret_headers": {"X-Account": "hunter2-hunter2"}})
    settings = {
        "request": {"method": "POST", "url": "https://api.example.com/", "headers": {"Authorization": "Bearer abcdef", "X-Plain": "1"}}
    }
    made, http = sink(HttpResponse(400, {}, b"hunter2-hunter2 and Bearer abcdef"))
    result = made.deliver(a_delivery(), settings, secret, NOW)
    assert http.sent[0].headers["x-account"] == "hunter2-hunter2"
    assert http.sent[0].headers["authorization"] == "Bearer abcdef"
    shown = made.request(a_delivery(), settings, secret)
    for place in (repr(shown), repr(result)):
        assert "hunter2" not in place
        assert "abcdef" not in place
    assert isinstance(shown, HttpRequest)
    assert shown.headers["x-plain"] == "1"


def test_a_dry_run_shows_the_request_that_would_be_made() -> None:
    made, http = sink()
    settings = {"request": {"method": "POST", "url": "https://api.example.com/{{ conversation.id }}", "body": '{"r": {{ answer.rating }}}'}}
    shown = made.request(a_delivery(), settings, Secret({}))
    made.deliver(a_delivery(), settings, Secret({}), NOW)
    assert http.sent == [shown]


@pytest.mark.parametrize(
    "request_settings",
    [
        {"body": '{"a": {{ answer.nothing }}}'},
        {"url": "https://api.example.com/{{ nothing }}"},
        {"headers": {"x": "{{ answer.comment }}"}},
        {"body": '{"a": {{ answer.rating }},}'},
    ],
)
def test_a_request_that_cannot_be_written_is_not_sent_and_not_tried_again(request_settings: dict[str, Any]) -> None:
    result, http = deliver(delivery=a_delivery("line\r\nbreak"), **request_settings)
    assert isinstance(result, Undeliverable)
    assert not http.sent
    made, _ = sink()
    with pytest.raises(Invalid):
        made.request(a_delivery("line\r\nbreak"), {"request": {"url": "https://api.example.com/", **request_settings}}, Secret({}))


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (OK, Delivered(200, "thanks")),
        (HttpResponse(503, {"retry-after": "60"}, b""), RetryLater(503, "", 60.0)),
        (HttpResponse(302, {"location": "http://169.254.169.254/"}, b""), Undeliverable(302, "redirects are not followed")),
        (HttpResponse(410, {}, b"bye"), Undeliverable(410, "the other side wants no more: bye")),
        (NoReply("x"), RetryLater(0, "no reply in time", silence=True)),
        (NotSent("refused"), RetryLater(0, "not sent: refused")),
    ],
)
def test_what_comes_back_decides_what_is_next(reply: Any, expected: DeliveryResult) -> None:
    assert deliver(reply)[0] == expected
