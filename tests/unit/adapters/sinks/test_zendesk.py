from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hearback.adapters.sinks.zendesk import ZendeskSink
from hearback.ports import Delivered, Delivery, DeliveryResult, HttpRequest, HttpResponse, NotForThisSink, RetryLater, Secret, Undeliverable
from tests.builders import NOW
from tests.fakes import ScriptedHttp
from tests.unit.adapters.sinks.deliveries import a_delivery

SETTINGS: dict[str, Any] = {
    "kind": "zendesk",
    "subdomain": "acme",
    "email": "bot@example.com",
    "fields": {"360001": "{{ answer.rating }}", "360002": "{{ answer.comment }}", "360003": "rated_{{ answer.rating }}"},
}
SECRET = Secret({"api_token": "t0ken-value"})
OK = HttpResponse(200, {}, b'{"ticket": {}}')


def deliver(*replies: Any, delivery: Delivery | None = None, **settings: Any) -> tuple[DeliveryResult, ScriptedHttp]:
    http = ScriptedHttp(list(replies) or [OK])
    return ZendeskSink(http).deliver(delivery or a_delivery(system="zendesk"), {**SETTINGS, **settings}, SECRET, NOW), http


def test_the_answer_goes_into_the_tickets_fields_with_a_tag_that_stops_the_loop() -> None:
    result, http = deliver(delivery=a_delivery('He said "no"\n', system="zendesk"))
    request = http.sent[0]
    assert isinstance(result, Delivered)
    assert (request.method, request.url) == ("PUT", "https://acme.zendesk.com/api/v2/tickets/42.json")
    assert request.headers["authorization"] == "Basic Ym90QGV4YW1wbGUuY29tL3Rva2VuOnQwa2VuLXZhbHVl"
    ticket = json.loads(request.body)["ticket"]
    assert ticket["custom_fields"] == [
        {"id": 360001, "value": 4},
        {"id": 360002, "value": 'He said "no"\n'},
        {"id": 360003, "value": "rated_4"},
    ]
    assert ticket["additional_tags"] == ["csat_recorded"]
    assert set(ticket) == {"custom_fields", "additional_tags"}, "neither `tags`, which replaces the list, nor a comment, which reopens"


@pytest.mark.parametrize("settings", [{}, {"source": "shop"}])
def test_a_sample_shows_what_would_become_of_a_ticket(settings: dict[str, Any]) -> None:
    shown = ZendeskSink(ScriptedHttp([])).request(replace(a_delivery(), sample=True), {**SETTINGS, **settings}, SECRET)
    assert isinstance(shown, HttpRequest)
    assert shown.url == "https://acme.zendesk.com/api/v2/tickets/42.json"


@pytest.mark.parametrize(
    ("delivery", "settings", "is_ticket"),
    [
        (a_delivery(system="zendesk"), {}, True),
        (a_delivery(), {}, False),
        (a_delivery(system="chatwoot"), {}, False),
        (a_delivery(source="shop"), {"source": "shop"}, True),
        (a_delivery(source="chat", system="zendesk"), {"source": "shop"}, False),
    ],
)
def test_only_an_answer_about_a_ticket_is_for_this_sink(delivery: Delivery, settings: dict[str, Any], is_ticket: bool) -> None:
    result, http = deliver(delivery=delivery, **settings)
    assert isinstance(result, NotForThisSink) is not is_ticket
    assert bool(http.sent) is is_ticket


@pytest.mark.parametrize("ticket", ["", "42/../users", "٤٢", "abc"])
def test_a_conversation_that_has_no_number_is_no_ticket(ticket: str) -> None:
    delivery = a_delivery(system="zendesk")
    delivery.variables["conversation"]["id"] = ticket
    assert isinstance(deliver(delivery=delivery)[0], NotForThisSink)


@pytest.mark.parametrize(
    ("status", "kind"),
    [(422, Undeliverable), (404, Undeliverable), (401, Undeliverable), (409, RetryLater), (429, RetryLater), (503, RetryLater)],
)
def test_a_closed_ticket_is_final_and_a_busy_one_is_not(status: int, kind: type[DeliveryResult]) -> None:
    assert type(deliver(HttpResponse(status, {"retry-after": "9"}, b""))[0]) is kind


def test_the_token_is_neither_shown_nor_noted() -> None:
    result, http = deliver(HttpResponse(400, {}, b"you sent t0ken-value and Ym90QGV4YW1wbGUuY29tL3Rva2VuOnQwa2VuLXZhbHVl"))
    shown = ZendeskSink(http).request(a_delivery(system="zendesk"), SETTINGS, SECRET)
    assert isinstance(shown, HttpRequest)
    assert shown.body == http.sent[0].body
    for place in (repr(result), repr(shown)):
        assert "t0ken" not in place
        assert "Ym90" not in place


def test_a_configured_address_wins_over_the_stand_in_and_a_sink_without_any_is_not_tried() -> None:
    http = ScriptedHttp([OK, OK])
    ZendeskSink(http, "http://127.0.0.1:3000/zendesk").deliver(a_delivery(system="zendesk"), SETTINGS, SECRET, NOW)
    ZendeskSink(http, "http://x").deliver(a_delivery(system="zendesk"), {**SETTINGS, "base_url": "https://eu.example.com/"}, SECRET, NOW)
    assert [each.url for each in http.sent] == [
        "http://127.0.0.1:3000/zendesk/api/v2/tickets/42.json",
        "https://eu.example.com/api/v2/tickets/42.json",
    ]
    assert isinstance(deliver(subdomain=None)[0], Undeliverable)
