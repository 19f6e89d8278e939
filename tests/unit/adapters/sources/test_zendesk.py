from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hearback.adapters.sources.zendesk import Zendesk, ZendeskContacts
from hearback.domain.errors import Invalid, Misconfigured, Unavailable
from hearback.domain.trigger import Contact, Ignored, Trigger, TriggerKind
from hearback.ports import HttpResponse, InboundRequest, NoReply, NotSent, Secret
from tests.builders import NOW, a_contact, a_trigger
from tests.fakes import ScriptedHttp
from tests.sample_events import sample

HEADERS = {"x-zendesk-webhook-signature-timestamp": "2026-03-02T12:00:00Z", "x-zendesk-webhook-invocation-id": "01INVOCATION"}
CONFIGURED = {"subdomain": "acme", "email": "bot@example.com"}
TOKEN = Secret({"api_token": "t0ken"})


def read(body: Any, **configured: Any) -> Trigger | Ignored:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Zendesk().read(InboundRequest("POST", "/", HEADERS, {}, raw), "zd", configured, NOW)


def trigger_of(body: Any, **configured: Any) -> Trigger:
    found = read(body, **configured)
    assert isinstance(found, Trigger), found
    return found


def changed(current: Any, previous: Any, **fields: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(sample("survey_trigger", "zendesk_solved").body)
    return {**body, "event": {"current": current, "previous": previous}, **fields}


def test_a_solved_ticket_is_a_closed_conversation_with_all_that_the_event_knows() -> None:
    trigger = trigger_of(sample("survey_trigger", "zendesk_solved").body, survey="support")
    assert (trigger.kind, trigger.event_id, trigger.conversation.id) == (TriggerKind.CLOSED, "6d1f0c7e-0000-4000-8000-000000000001", "9001")
    assert trigger.occurred_at == datetime(2026, 3, 2, 11, 59, 57, 123456, tzinfo=UTC)
    assert (trigger.conversation.channel, trigger.conversation.tags) == ("email", ("kitchen", "safety"))
    assert trigger.conversation.attributes["priority"] == "normal"
    assert trigger.conversation.attributes["system"] == "zendesk"
    assert trigger.contact == Contact(id="601")
    assert (trigger.agent.id, trigger.agent.team, trigger.survey) == ("501", "88", "support")


@pytest.mark.parametrize(("current", "previous"), [("SOLVED", "OPEN"), ("solved", "pending"), ("Solved", "NEW")])
def test_solved_in_any_case_closes(current: str, previous: str) -> None:
    assert trigger_of(changed(current, previous)).kind is TriggerKind.CLOSED


@pytest.mark.parametrize("current", ["OPEN", "PENDING", "HOLD", "NEW", "open"])
def test_what_was_solved_and_is_worked_on_again_is_reopened(current: str) -> None:
    assert trigger_of(changed(current, "SOLVED")).kind is TriggerKind.REOPENED


@pytest.mark.parametrize(("current", "previous"), [("CLOSED", "SOLVED"), ("PENDING", "OPEN"), ("DELETED", "SOLVED"), (None, None), (7, [])])
def test_any_other_change_starts_nothing(current: Any, previous: Any) -> None:
    assert isinstance(read(changed(current, previous)), Ignored)


def test_another_event_of_zendesk_is_left_alone() -> None:
    assert isinstance(read({"type": "zen:event-type:ticket.created", "detail": {"id": "1"}}), Ignored)


def test_a_ticket_that_is_solved_twice_is_two_events_and_a_redelivery_is_one() -> None:
    first, second = trigger_of(changed("SOLVED", "OPEN")), trigger_of(changed("SOLVED", "OPEN", id="another"))
    assert first.invitation_id != second.invitation_id
    assert first.invitation_id == trigger_of(changed("SOLVED", "OPEN")).invitation_id


def test_the_recommended_body_of_a_trigger_is_understood_in_full() -> None:
    trigger = trigger_of(sample("survey_trigger", "zendesk_trigger_form").body)
    assert (trigger.kind, trigger.event_id) == (TriggerKind.CLOSED, "9002:solved:2026-03-02T11:59:50Z")
    assert (trigger.conversation.id, trigger.conversation.channel, trigger.conversation.tags) == ("9002", "email", ("parcel", "vip"))
    assert (trigger.contact.email, trigger.contact.name, trigger.contact.phone) == ("bo.lind@example.com", "Bo Lind", "+46850550000")
    assert (trigger.agent.name, trigger.agent.team) == ("Grace", "Shipping")


def test_a_flat_body_is_understood_too() -> None:
    body = {"id": "evt-1", "ticket_id": 77, "status": "solved", "requester_email": "a@example.com", "requester_name": "A", "tags": "x y"}
    trigger = trigger_of(body)
    assert (trigger.event_id, trigger.conversation.id, trigger.contact.email) == ("evt-1", "77", "a@example.com")


def test_a_lone_id_is_the_tickets_and_the_event_is_told_by_ticket_status_and_time() -> None:
    assert trigger_of({"id": 77, "status": "SOLVED", "updated_at": "2026-03-02T11:00:00Z"}).event_id == "77:solved:2026-03-02T11:00:00Z"
    assert trigger_of({"id": 77}).event_id == "77:solved:01INVOCATION"


def test_a_body_that_says_open_is_a_reopening_and_one_that_names_no_ticket_is_refused() -> None:
    assert trigger_of({"ticket": {"id": "1", "status": "Open"}}).kind is TriggerKind.REOPENED
    with pytest.raises(Invalid) as caught:
        read({"status": "solved"})
    assert "ticket.id" in caught.value.fields


def test_the_update_that_wrote_an_answer_back_does_not_ask_again() -> None:
    body = {"ticket": {"id": "1", "status": "solved", "tags": "vip csat_recorded"}}
    assert "written back" in trigger_of(body).excluded
    assert trigger_of(body, recorded_tag="other").excluded == ""


def test_a_web_form_is_not_our_web_channel() -> None:
    assert trigger_of({"ticket": {"id": "1", "via": {"channel": "web"}}}).conversation.channel == "web_form"


# --- the look-up --------------------------------------------------------------------------------------------------------------


def looked_up(*replies: Any, contact: Contact | None = None, configured: dict[str, Any] | None = None) -> tuple[Contact, ScriptedHttp]:
    http = ScriptedHttp(list(replies))
    trigger = a_trigger(contact=contact or Contact(id="601"))
    return ZendeskContacts(http).complete(trigger, CONFIGURED if configured is None else configured, TOKEN), http


def user(**fields: Any) -> HttpResponse:
    return HttpResponse(200, {}, json.dumps({"user": {"id": 601, **fields}}).encode())


def test_the_requester_is_looked_up_with_the_sources_token() -> None:
    contact, http = looked_up(user(name="Ada", email="ada@example.com", phone=None, locale="de", iana_time_zone="Europe/Berlin"))
    assert contact == Contact(id="601", name="Ada", email="ada@example.com", language="de", timezone="Europe/Berlin")
    assert http.sent[0].url == "https://acme.zendesk.com/api/v2/users/601.json"
    assert http.sent[0].headers["authorization"] == "Basic Ym90QGV4YW1wbGUuY29tL3Rva2VuOnQwa2Vu"


def test_what_the_trigger_knew_is_not_overwritten() -> None:
    contact, _ = looked_up(user(name="Other", email="x@example.com"), contact=Contact(id="601", name="Ada"))
    assert (contact.name, contact.email) == ("Ada", "x@example.com")


@pytest.mark.parametrize("contact", [a_contact(id="601"), Contact(), Contact(id="../../1"), Contact(id="٣")])
def test_nobody_is_looked_up_without_need_or_without_a_number(contact: Contact) -> None:
    assert looked_up(contact=contact)[0] == contact


def test_nobody_is_looked_up_where_the_source_has_no_account() -> None:
    assert looked_up(configured={"subdomain": "acme"})[0] == Contact(id="601")


@pytest.mark.parametrize("reply", [HttpResponse(429, {}, b""), HttpResponse(503, {}, b""), NoReply("x"), NotSent("x")])
def test_a_zendesk_in_trouble_is_asked_again_later(reply: Any) -> None:
    with pytest.raises(Unavailable):
        looked_up(reply)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_the_operators_to_mend(status: int) -> None:
    with pytest.raises(Misconfigured):
        looked_up(HttpResponse(status, {}, b""))


@pytest.mark.parametrize(
    "reply", [HttpResponse(404, {}, b""), HttpResponse(200, {}, b"<html>"), HttpResponse(200, {}, b'{"user": 3}'), user(email=[5])]
)
def test_an_unknown_user_and_a_strange_answer_change_nothing(reply: HttpResponse) -> None:
    assert looked_up(reply)[0] == Contact(id="601")


def test_a_configured_base_url_wins_over_the_stand_in() -> None:
    http = ScriptedHttp([user(), user()])
    trigger = a_trigger(contact=Contact(id="601"))
    ZendeskContacts(http, "http://127.0.0.1:3000/zendesk").complete(trigger, CONFIGURED, TOKEN)
    ZendeskContacts(http, "http://127.0.0.1:3000/zendesk").complete(trigger, {**CONFIGURED, "base_url": "https://eu.example.com/"}, TOKEN)
    assert [each.url for each in http.sent] == [
        "http://127.0.0.1:3000/zendesk/api/v2/users/601.json",
        "https://eu.example.com/api/v2/users/601.json",
    ]
    assert replace(trigger, contact=Contact()).contact.id == ""
