from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hearback.domain.story import Outcome, Reason, State
from hearback.domain.trigger import TriggerKind
from tests.builders import NOW, a_trigger
from tests.unit.usecases.world import World


def test_a_trigger_becomes_one_story_and_one_wish_to_send() -> None:
    world = World()
    taken = world.take()
    assert taken.story
    assert not taken.duplicate
    assert taken.story.decision.outcome is Outcome.PENDING
    assert world.outbox.dispatched == [(taken.story.invitation_id, 0)]


def test_a_redelivery_finds_the_story_that_is_there_and_decides_nothing_anew() -> None:
    world = World()
    world.take()
    world.dispatch(a_trigger().invitation_id)
    world.survey(enabled=False)
    again = world.take(replace(a_trigger(), occurred_at=NOW + timedelta(hours=1)))
    assert again.duplicate
    assert again.story
    assert again.story.decision.reason is Reason.SENT
    assert len(world.email.sent) == 1


def test_a_redelivery_of_a_story_nobody_has_looked_at_wakes_it_again() -> None:
    """The queue's message may be what was lost the first time."""
    world = World()
    world.outbox.down = True
    taken = world.take()
    assert taken.story, "the story is stored although the queue is down"
    world.outbox.down = False
    world.take()
    assert world.outbox.dispatched == [(taken.story.invitation_id, 0)]


def test_what_the_queue_lost_the_sweeper_sends() -> None:
    world = World()
    world.outbox.down = True
    taken = world.take()
    world.outbox.down = False
    world.sweep()
    assert world.outbox.dispatched == [], "the queue is given a minute"
    world.clock.advance(minutes=2)
    world.sweep()
    assert taken.story
    assert world.outbox.dispatched == [(taken.story.invitation_id, 0)]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"enabled": False}, Reason.SURVEY_DISABLED), ({"policy": {"sample_percent": 0.0}}, Reason.SAMPLED_OUT)],
)
def test_a_no_that_cannot_change_is_final_at_once_and_counts_as_asked_for_that_day(change: dict[str, Any], reason: Reason) -> None:
    world = World()
    world.survey(**change)
    taken = world.take()
    assert taken.story
    assert (taken.story.state, taken.story.decision.reason) == (State.SKIPPED, reason)
    assert world.outbox.dispatched == []
    assert [each.outcome for each in world.stories.asked_of_day("support", NOW.date())] == [f"skipped:{reason}"]


def test_what_the_source_s_own_settings_leave_out_is_kept_with_its_reason() -> None:
    taken = World().take(a_trigger(excluded="closed by auto_close, which this source skips"))
    assert taken.story
    assert (taken.story.state, taken.story.decision.reason) == (State.SKIPPED, Reason.SOURCE_POLICY)
    assert "auto_close" in taken.story.decision.detail


def test_a_trigger_for_a_survey_that_does_not_exist_is_kept_with_its_reason() -> None:
    world = World()
    taken = world.take(a_trigger(survey="nobody"))
    assert taken.story
    assert taken.story.decision.reason is Reason.NO_SURVEY
    assert "nobody" in taken.story.decision.detail


def test_a_delayed_survey_waits_for_its_time_and_no_longer() -> None:
    world = World()
    world.survey(policy={"delay_minutes": 30.0})
    world.take()
    assert world.outbox.dispatched == []
    world.clock.advance(minutes=29)
    world.sweep()
    assert world.outbox.dispatched == []
    world.clock.advance(minutes=2)
    world.sweep()
    assert len(world.outbox.dispatched) == 1


def test_a_reopening_is_remembered_and_asks_nobody() -> None:
    world = World()
    taken = world.take(a_trigger("event-2", kind=TriggerKind.REOPENED))
    assert taken.story is None
    assert world.conversations.reopened_at("helpdesk", "42") == NOW


def test_the_story_speaks_the_contact_s_language_where_the_survey_does() -> None:
    world = World()
    words = {"question": "¿Qué tal?", "low": "", "high": "", "thanks": "", "subject": ""}
    world.survey(texts={"en": {**words, "question": "How?"}, "es": words})
    contact = replace(a_trigger().contact, language="es-MX")
    taken = world.take(a_trigger(contact=contact))
    assert taken.story
    assert taken.story.language == "es"
