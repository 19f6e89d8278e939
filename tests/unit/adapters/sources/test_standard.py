from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from hearback.adapters.sources.standard import Standard
from hearback.domain.errors import Invalid, Malformed, Unverified
from hearback.domain.trigger import Trigger, TriggerKind
from hearback.ports import InboundRequest, Secret
from tests.builders import NOW
from tests.sample_events import SECRETS, sample

SECRET = SECRETS["standard"]["secret"]


def closed(**data: Any) -> dict[str, Any]:
    return {"type": "conversation.closed", "timestamp": "2026-03-02T11:59:58Z", "data": {"conversation": {"id": "42"}, **data}}


def read(body: Any, configured: dict[str, Any] | None = None) -> Trigger:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    found = Standard().read(InboundRequest("POST", "/", {"webhook-id": "msg_1"}, {}, raw), "shop", configured or {}, NOW)
    assert isinstance(found, Trigger)
    return found


def refused(body: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(body)
    return caught.value.fields


@settings(max_examples=60)
@given(
    body=st.binary(max_size=400).filter(lambda raw: not raw.startswith(b"\xff")), message_id=st.text("abcXYZ012_-", min_size=1, max_size=40)
)
def test_what_the_reference_package_signs_passes(body: bytes, message_id: str) -> None:
    text = body.decode(errors="replace")
    headers = {
        "webhook-id": message_id,
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": "v1a,AAAA " + Webhook(SECRET).sign(message_id, NOW, text),
    }
    Standard().verify(InboundRequest("POST", "/", headers, {}, text.encode()), Secret({"secret": SECRET}), {}, NOW)


def test_the_reference_package_accepts_the_sample() -> None:
    request = sample("survey_trigger", "standard_closed")
    now = int(datetime.now(UTC).timestamp())
    message_id = request.headers["webhook-id"]
    signature = Webhook(SECRET).sign(message_id, datetime.fromtimestamp(now, UTC), request.body.decode())
    Webhook(SECRET).verify(request.body, {"webhook-id": message_id, "webhook-timestamp": str(now), "webhook-signature": signature})
    headers = {**request.headers, "webhook-timestamp": str(now), "webhook-signature": signature}
    Standard().verify(replace(request, headers=headers), Secret({"secret": SECRET}), {}, datetime.fromtimestamp(now, UTC))


def test_a_signature_of_another_version_is_no_signature() -> None:
    request = sample("survey_trigger", "standard_closed")
    other = request.headers["webhook-signature"].replace("v1,", "v2,")
    with pytest.raises(Unverified):
        Standard().verify(replace(request, headers={**request.headers, "webhook-signature": other}), Secret({"secret": SECRET}), {}, NOW)


def test_an_id_with_a_dot_could_move_the_border_between_what_was_signed_and_is_refused() -> None:
    headers = {
        "webhook-id": "msg.1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("msg.1", NOW, "{}"),
    }
    with pytest.raises(Unverified):
        Standard().verify(InboundRequest("POST", "/", headers, {}, b"{}"), Secret({"secret": SECRET}), {}, NOW)


def test_a_secret_that_cannot_be_decoded_verifies_nothing() -> None:
    with pytest.raises(Unverified):
        Standard().verify(sample("survey_trigger", "standard_closed"), Secret({"secret": "whsec_***"}), {}, NOW)


def test_the_whole_event_becomes_the_trigger() -> None:
    trigger = Standard().read(sample("survey_trigger", "standard_closed"), "shop", {"survey": "other"}, NOW)
    assert isinstance(trigger, Trigger)
    assert (trigger.source, trigger.event_id, trigger.kind, trigger.survey) == (
        "shop",
        "msg_sample_closed_1",
        TriggerKind.CLOSED,
        "support",
    )
    assert trigger.occurred_at == datetime(2026, 3, 2, 11, 59, 58, tzinfo=UTC)
    assert trigger.conversation.tags == ("kitchen", "return")
    assert trigger.conversation.attributes == {"order": "A-1009", "plan": "plus"}
    assert (trigger.contact.email, trigger.contact.addresses) == ("ada.winter@example.com", {"whatsapp": "4930901820"})
    assert (trigger.agent.name, trigger.agent.team) == ("Grace", "Kitchenware")
    assert Trigger.from_plain(trigger.to_plain()) == trigger


def test_reopenings_and_requests_are_told_apart_and_a_request_needs_no_conversation() -> None:
    assert read({**closed(), "type": "conversation.reopened"}).kind is TriggerKind.REOPENED
    assert read({**closed(), "type": "survey.requested", "data": {"contact": {"email": "a@example.com"}}}).kind is TriggerKind.REQUESTED


def test_the_sources_own_survey_is_asked_when_the_event_names_none() -> None:
    assert read(closed(), {"survey": "support"}).survey == "support"


def test_null_is_the_same_as_not_there() -> None:
    assert read(closed(contact={"id": None, "email": None}, agent=None)).contact.email == ""


@pytest.mark.parametrize(
    ("body", "path", "problem"),
    [
        (closed(contact={"e_mail": "a"}), "data.contact.e_mail", "not a field"),
        (closed(priority=1), "data.priority", "not a field"),
        ({**closed(), "id": "x"}, "id", "not a field"),
        (closed(conversation={"id": 42}), "data.conversation.id", "must be a text"),
        (closed(conversation={}), "data.conversation.id", "is required"),
        (closed(conversation={"id": "1", "tags": "vip"}), "data.conversation.tags", "must be a list"),
        (closed(conversation={"id": "1", "tags": ["vip", 3]}), "data.conversation.tags.1", "must be a text"),
        (closed(conversation={"id": "1", "attributes": []}), "data.conversation.attributes", "must be an object"),
        (closed(conversation={"id": "1", "closed_at": "yesterday"}), "data.conversation.closed_at", "ISO-8601"),
        (closed(conversation={"id": "1", "closed_at": "2026-03-02T12:00:00"}), "data.conversation.closed_at", "offset"),
        (closed(conversation={"id": "1", "subject": "x" * 501}), "data.conversation.subject", "at most 500"),
        (closed(conversation={"id": "1", "attributes": {"x": "y" * 40_000}}), "data.conversation.attributes", "at most"),
        (closed(conversation={"id": "1", "tags": ["x"] * 101}), "data.conversation.tags", "at most 100"),
        (closed(contact="Ada"), "data.contact", "must be an object"),
        (closed(contact={"addresses": {"whatsapp": 49}}), "data.contact.addresses.whatsapp", "must be a text"),
        ({**closed(), "timestamp": 1772452800}, "timestamp", "must be a text"),
        ({**closed(), "type": "conversation.exploded"}, "type", "must be one of"),
        ({"type": "conversation.closed", "timestamp": "2026-03-02T12:00:00Z"}, "data.conversation.id", "is required"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(body: dict[str, Any], path: str, problem: str) -> None:
    assert problem in refused(body)[path]


def test_every_problem_is_named_at_once_and_no_value_is_repeated() -> None:
    fields = refused({"type": 1, "timestamp": "x", "data": {"conversation": {"id": "secret-id", "nope": "secret-value"}}})
    assert set(fields) == {"type", "timestamp", "data.conversation.nope"}
    assert "secret" not in " ".join(fields.values())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@settings(max_examples=150)
@given(body=st.fixed_dictionaries({}, optional={"type": json_values, "timestamp": json_values, "data": json_values}) | json_values)
def test_no_json_value_makes_the_reader_fail_in_another_way(body: Any) -> None:
    with pytest.raises((Malformed, Invalid)):
        read(json.dumps(body).encode())


@settings(max_examples=150)
@given(part=st.sampled_from(["conversation", "contact", "agent", "survey"]), value=json_values)
def test_no_value_of_a_known_field_makes_the_reader_fail_in_another_way(part: str, value: Any) -> None:
    with contextlib.suppress(Malformed, Invalid):
        read(json.dumps(closed(**{part: value})).encode())
