from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from hearback.adapters.sources.respondio import Respondio
from hearback.domain.errors import Invalid
from hearback.domain.trigger import Ignored, Trigger, TriggerKind
from hearback.ports import InboundRequest
from tests.builders import NOW
from tests.sample_events import sample

BODY: dict[str, Any] = json.loads(sample("survey_trigger", "respondio_closed").body)


def read(body: dict[str, Any], **configured: Any) -> Trigger | Ignored:
    return Respondio().read(InboundRequest("POST", "/", {}, {}, json.dumps(body).encode()), "respond", configured, NOW)


def trigger_of(body: dict[str, Any], **configured: Any) -> Trigger:
    found = read(body, **configured)
    assert isinstance(found, Trigger), found
    return found


def test_a_closed_conversation_is_known_by_its_contact() -> None:
    trigger = trigger_of(BODY, survey="support")
    assert (trigger.kind, trigger.event_id, trigger.conversation.id) == (TriggerKind.CLOSED, BODY["event_id"], "8801")
    assert trigger.occurred_at == datetime(2026, 3, 2, 11, 59, 55, tzinfo=UTC)
    assert (trigger.contact.id, trigger.contact.name, trigger.contact.language) == ("8801", "Ada Winter", "de")
    assert (trigger.agent.id, trigger.agent.name, trigger.agent.team) == ("4", "Grace Hall", "Billing")
    assert trigger.conversation.attributes["category"] == "Billing"
    assert trigger.conversation.attributes["plan"] == "plus"
    assert (trigger.conversation.tags, trigger.survey) == (("vip",), "support")


def test_an_opening_reopens_the_same_conversation() -> None:
    opened = trigger_of(json.loads(sample("survey_trigger", "respondio_opened").body))
    assert (opened.kind, opened.conversation.id) == (TriggerKind.REOPENED, trigger_of(BODY).conversation.id)


def test_what_closed_by_itself_asks_nobody_unless_the_source_says_so() -> None:
    body = json.loads(sample("survey_trigger", "respondio_auto_closed").body)
    assert "auto_close" in trigger_of(body).excluded
    assert trigger_of(body, skip_closed_by=[]).excluded == ""
    assert "user" in trigger_of(BODY, skip_closed_by=["user"]).excluded


@pytest.mark.parametrize("closed_by", [None, {}, []])
def test_nobody_need_have_closed_it(closed_by: Any) -> None:
    body = {**BODY, "contact": {**BODY["contact"], "assignee": None}, "conversation": {**BODY["conversation"], "closedBy": closed_by}}
    assert trigger_of(body).agent.name == ""


def test_other_events_are_left_alone_and_an_event_without_contact_is_refused() -> None:
    assert isinstance(read({**BODY, "event_type": "message.received"}), Ignored)
    with pytest.raises(Invalid):
        read({**BODY, "contact": {}})


def test_without_an_event_id_the_event_is_told_by_contact_and_time() -> None:
    assert trigger_of({**BODY, "event_id": None}).event_id == "8801:1772452795:conversation.closed"
