from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hearback.adapters.sources.chatwoot import Chatwoot
from hearback.domain.errors import Invalid, Unverified
from hearback.domain.trigger import Ignored, Trigger, TriggerKind
from hearback.ports import InboundRequest
from tests.builders import NOW
from tests.sample_events import sample, secret_of

BODY: dict[str, Any] = json.loads(sample("survey_trigger", "chatwoot_resolved").body)


def read(body: dict[str, Any], **headers: str) -> Trigger | Ignored:
    request = InboundRequest("POST", "/", {name.replace("_", "-"): value for name, value in headers.items()}, {}, json.dumps(body).encode())
    return Chatwoot().read(request, "chat", {"survey": "support"}, NOW)


def trigger_of(body: dict[str, Any], **headers: str) -> Trigger:
    found = read(body, **headers)
    assert isinstance(found, Trigger), found
    return found


def test_a_resolved_conversation_becomes_a_trigger_with_an_address_to_answer_on() -> None:
    trigger = trigger_of(BODY, x_chatwoot_delivery="delivery-1")
    assert (trigger.kind, trigger.event_id, trigger.conversation.id, trigger.survey) == (TriggerKind.CLOSED, "delivery-1", "312", "support")
    assert trigger.occurred_at == datetime(2026, 3, 2, 11, 59, 56, 250000, tzinfo=UTC)
    assert (trigger.conversation.channel, trigger.contact.addresses) == ("whatsapp", {"whatsapp": "4930901820"})
    assert (trigger.contact.phone, trigger.agent.name, trigger.agent.team) == ("+4930901820", "Grace", "Billing")
    assert trigger.conversation.tags == ("billing",)
    assert trigger.conversation.attributes == {"inbox_id": "5", "plan": "plus"}


def test_without_a_delivery_id_the_event_is_told_by_conversation_time_and_status() -> None:
    assert trigger_of(BODY).event_id == "312:1772452796.25:resolved"
    assert trigger_of({**BODY, "updated_at": None}).event_id == "312:1772452770:resolved"


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        (
            {"status": "open", "changed_attributes": [{"status": {"previous_value": "resolved", "current_value": "open"}}]},
            TriggerKind.REOPENED,
        ),
        ({"status": "open", "changed_attributes": {"status": {"previous_value": "resolved"}}}, TriggerKind.REOPENED),
        ({"status": "open", "changed_attributes": None}, TriggerKind.REOPENED),
        ({"status": "open", "changed_attributes": [{"status": {"previous_value": "pending"}}]}, None),
        ({"status": "pending"}, None),
        ({"status": "snoozed"}, None),
        ({"event": "message_created"}, None),
        ({"event": "conversation_updated"}, None),
        ({"event": 7}, None),
        ({"event": "automation_event.conversation_resolved"}, TriggerKind.CLOSED),
        ({"event": "automation_event.conversation_updated"}, TriggerKind.CLOSED),
        ({"event": "automation_event.conversation_updated", "status": "open"}, None),
        ({"event": "automation_event.conversation_opened", "status": "open"}, TriggerKind.REOPENED),
        ({"event": "conversation_resolved"}, TriggerKind.CLOSED),
    ],
)
def test_what_happened_is_read_from_event_and_status(changes: dict[str, Any], kind: TriggerKind | None) -> None:
    found = read({**BODY, **changes})
    assert (found.kind if isinstance(found, Trigger) else None) is kind


@pytest.mark.parametrize(
    ("word", "channel"),
    [
        ("Channel::Email", "email"),
        ("Channel::Telegram", "telegram"),
        ("Channel::FacebookPage", "messenger"),
        ("Channel::WebWidget", "Channel::WebWidget"),
    ],
)
def test_channels_are_called_by_our_names_where_we_have_one(word: str, channel: str) -> None:
    assert trigger_of({**BODY, "channel": word}).conversation.channel == channel


def test_the_identity_of_a_widget_visitor_is_no_address_to_write_to() -> None:
    assert trigger_of({**BODY, "channel": "Channel::WebWidget"}).contact.addresses == {}


def test_an_event_without_a_conversation_is_refused() -> None:
    with pytest.raises(Invalid):
        read({**BODY, "id": None})


def test_an_unsigned_source_takes_its_secret_from_the_address_and_only_when_it_was_told_to() -> None:
    request, secret = sample("survey_trigger", "chatwoot_unsigned"), secret_of("chatwoot")
    Chatwoot().verify(request, secret, {"unsigned": True}, NOW)
    for configured in ({}, {"unsigned": False}, {"unsigned": "yes"}):
        with pytest.raises(Unverified):
            Chatwoot().verify(request, secret, configured, NOW)
    for wrong in ("", "test-only", "x"):
        with pytest.raises(Unverified):
            Chatwoot().verify(replace(request, query={"secret": wrong}), secret, {"unsigned": True}, NOW)


def test_a_source_that_may_be_unsigned_still_checks_a_signature_that_is_there() -> None:
    request, secret = sample("survey_trigger", "chatwoot_resolved"), secret_of("chatwoot")
    Chatwoot().verify(request, secret, {"unsigned": True}, NOW)
    with pytest.raises(Unverified):
        Chatwoot().verify(replace(request, body=request.body + b" "), secret, {"unsigned": True}, NOW)
