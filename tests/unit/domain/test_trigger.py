import json
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.facts import facts_of, variables
from hearback.domain.survey import DEFAULT_SCALES, Metric, Survey, Texts
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind

TRIGGER = Trigger(
    "desk",
    "e-1",
    TriggerKind.CLOSED,
    datetime(2026, 3, 2, 12, tzinfo=UTC),
    Conversation(
        "c-1", "whatsapp", "2026-03-02T12:00:00Z", "Printer", ("vip", "print"), {"product": "P-100", "seats": 3, "plan": {"a": 1}}
    ),
    Contact("7", "Ana", "ana@example.com", "+4930", "de", "Europe/Berlin", {"whatsapp": "4930"}),
    Agent("2", "Sam", "tier-1"),
    "support",
)
text = st.text(max_size=20)


@given(st.builds(Contact, text, text, text, text, text, text, st.dictionaries(text, text, max_size=3)), text, st.lists(text).map(tuple))
def test_a_trigger_comes_back_from_storage_as_it_was(contact: Contact, event_id: str, tags: tuple[str, ...]) -> None:
    trigger = Trigger("desk", event_id, TriggerKind.REQUESTED, datetime(2026, 3, 2, 12, tzinfo=UTC), Conversation(tags=tags), contact)
    assert Trigger.from_plain(json.loads(json.dumps(trigger.to_plain()))) == trigger


def test_the_invitation_s_id_depends_on_source_and_event_alone() -> None:
    assert TRIGGER.invitation_id == Trigger("desk", "e-1", TriggerKind.REOPENED, datetime.now(UTC)).invitation_id
    assert TRIGGER.invitation_id != Trigger("desk2", "e-1", TriggerKind.CLOSED, TRIGGER.occurred_at).invitation_id
    assert len(TRIGGER.invitation_id) == 22


def test_facts_are_the_names_the_survey_cuts_by_and_leave_out_what_is_unknown() -> None:
    survey = Survey(
        "s",
        Metric.CSAT,
        DEFAULT_SCALES[Metric.CSAT],
        4,
        75,
        "UTC",
        {"en": Texts("?")},
        segments=("agent", "product", "seats", "plan", "shop"),
    )
    facts = facts_of(TRIGGER, survey, "email", "de")
    assert facts == {
        "agent": "Sam",
        "team": "tier-1",
        "channel": "email",
        "source": "desk",
        "language": "de",
        "tag": ["vip", "print"],
        "product": "P-100",
        "seats": "3",
    }


def test_every_documented_variable_is_there_even_when_the_trigger_knows_nothing() -> None:
    named = variables(Trigger("desk", "e", TriggerKind.CLOSED, TRIGGER.occurred_at))
    assert named["contact"]["email"] == ""
    assert named["agent"]["team"] == ""
    assert named["conversation"]["attributes"] == {}
