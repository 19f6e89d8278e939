"""What every keeper of stories promises."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hearback.adapters.dynamo.fast_pages import loads, read_pages_fast
from hearback.adapters.dynamo.stories import DynamoStories
from hearback.domain import moves
from hearback.domain.answer import Answer
from hearback.domain.calendar import stamp
from hearback.domain.day_parts import day_parts
from hearback.domain.errors import Gone, NotFound
from hearback.domain.ids import SHARDS, shard_of
from hearback.domain.moves import FORWARD_GUARD, IllegalMove
from hearback.domain.story import Attempt, Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.domain.survey import Survey
from hearback.ports import AskedEntry, LedgerEntry, Recorded, Stories
from tests.builders import NOW, a_decision, a_story, a_survey, a_trigger, an_answer, an_attempt, an_imported_answer
from tests.contract.conftest import TABLE, Store, new_client

DAY = date(2026, 3, 2)
LEASE = NOW + timedelta(minutes=5)
EXPIRY = NOW + timedelta(days=14)
SURVEY = a_survey()


@pytest.fixture
def stories(store: Store) -> Stories:
    return store.stories


def added(stories: Stories, event_id: str = "event-1", **overrides: Any) -> Story:
    story = a_story(event_id, **overrides)
    assert stories.add(story, due=story.due_at, asked_day=None) is None
    return story


def claimed(stories: Stories, event_id: str = "event-1", attempt: Attempt | None = None) -> Story:
    story = stories.claim(added(stories, event_id), attempt or an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert story is not None
    return story


def settled(stories: Stories, story: Story, state: State, **how: Any) -> Story:
    """The story's newest attempt, settled as that state usually is."""
    reasons = {State.SENT: Reason.SENT, State.UNKNOWN: Reason.SEND_UNKNOWN, State.REFUSED: Reason.REFUSED, State.PENDING: Reason.ACCEPTED}
    outcomes = {State.SENT: SendOutcome.SENT, State.UNKNOWN: SendOutcome.UNKNOWN}
    attempt = replace(story.attempts[-1], outcome=outcomes.get(state, SendOutcome.REFUSED))
    given = {"due": None, "asked_day": DAY, **how}
    after = stories.settle(story, given.pop("attempt", attempt), state, given.pop("decision", a_decision(reasons[state])), **given)
    assert after is not None
    return after


def sent(stories: Stories, event_id: str = "event-1", **how: Any) -> Story:
    return settled(stories, claimed(stories, event_id), State.SENT, **how)


def answered(
    stories: Stories, story: Story, rating: int = 5, *, at: datetime = NOW, sinks: tuple[str, ...] = ("crm", "sheet"), **details: Any
) -> Recorded:
    return stories.record_answer(story.invitation_id, SURVEY, an_answer(rating, **details), at=at, channel="web", sinks=sinks)


def now_of(stories: Stories, story: Story) -> Story:
    found = stories.get(story.invitation_id, consistent=True)
    assert found is not None
    return found


def marks(stories: Stories) -> dict[str, str]:
    """Every due mark: invitation to the time that it is for."""
    return {each: mark.split("#")[0] for each, mark in stories.due_before(datetime(9999, 1, 1, tzinfo=UTC), limit=10_000)}


def mark_of(stories: Stories, story: Story) -> str | None:
    return marks(stories).get(story.invitation_id)


def asked(stories: Stories, day: date = DAY) -> list[AskedEntry]:
    return list(stories.asked_of_day("support", day))


def outcomes(stories: Stories, day: date = DAY) -> list[str]:
    return [each.outcome for each in asked(stories, day)]


def ledger(stories: Stories, day: date = DAY) -> list[LedgerEntry]:
    return list(stories.answers_of_day("support", day))


# --- keeping ----------------------------------------------------------------------------------------------------------------


def test_a_new_story_is_kept_whole(stories: Stories) -> None:
    story = added(stories, person="p-1", expires_at=EXPIRY)
    assert stories.get(story.invitation_id) == story
    assert mark_of(stories, story) == stamp(NOW)


def test_a_story_nobody_has_added_is_not_there(stories: Stories) -> None:
    assert stories.get("nobody") is None


def test_a_redelivered_trigger_finds_the_story_that_its_first_delivery_made(stories: Stories) -> None:
    first = added(stories)
    again = a_story(trigger=a_trigger(survey="another"), created_at=NOW + timedelta(seconds=1))
    assert stories.add(again, due=NOW, asked_day=None) == first
    assert stories.get(first.invitation_id) == first


def test_the_same_trigger_at_the_same_instant_is_a_redelivery_too(stories: Stories) -> None:
    story = added(stories)
    assert stories.add(story, due=NOW, asked_day=None) == story


def test_a_story_may_be_due_later_than_its_sending_is(stories: Stories) -> None:
    story = a_story()
    stories.add(story, due=NOW + timedelta(minutes=1), asked_day=None)
    assert mark_of(stories, story) == stamp(NOW + timedelta(minutes=1))
    assert now_of(stories, story).due_at == NOW


def test_a_story_decided_at_once_is_counted_and_never_due(stories: Stories) -> None:
    story = a_story(state=State.SKIPPED, decision=a_decision(Reason.SAMPLED_OUT), due_at=None)
    assert stories.add(story, due=None, asked_day=DAY) is None
    assert asked(stories) == [AskedEntry(story.invitation_id, "skipped:sampled_out", story.facts)]
    assert marks(stories) == {}


def test_a_trigger_without_a_survey_is_kept_but_counted_nowhere(stories: Stories) -> None:
    story = a_story(trigger=a_trigger(survey=""), state=State.SKIPPED, decision=a_decision(Reason.NO_SURVEY), due_at=None)
    assert stories.add(story, due=None, asked_day=DAY) is None
    assert list(stories.asked_of_day("", DAY)) == []


# --- skipping and waiting ---------------------------------------------------------------------------------------------------


def test_a_skipped_story_is_decided_counted_and_at_rest(stories: Stories) -> None:
    story = added(stories)
    decision = a_decision(Reason.COOLDOWN, at=NOW + timedelta(seconds=3))
    assert stories.skip(story, decision, asked_day=DAY)
    now = now_of(stories, story)
    assert (now.state, now.decision, now.due_at) == (State.SKIPPED, decision, None)
    assert outcomes(stories) == ["skipped:cooldown"]
    assert marks(stories) == {}


def test_a_story_that_somebody_has_claimed_can_be_neither_skipped_nor_postponed(stories: Stories) -> None:
    stale = added(stories)
    stories.claim(stale, an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert not stories.skip(stale, a_decision(Reason.COOLDOWN), asked_day=DAY)
    assert not stories.postpone(stale, a_decision(Reason.QUIET_HOURS), LEASE)
    assert now_of(stories, stale).state is State.CLAIMED
    assert outcomes(stories) == []


def test_what_a_skip_was_not_asked_to_write_stays_as_it_was(stories: Stories) -> None:
    story = added(stories)
    stories.skip(replace(story, language="xx", facts={}), a_decision(Reason.COOLDOWN), asked_day=DAY)
    assert now_of(stories, story).language == "en"
    assert now_of(stories, story).facts == story.facts


def test_a_postponed_story_is_due_at_its_new_time_only(stories: Stories) -> None:
    story = added(stories)
    later = NOW + timedelta(hours=9)
    assert stories.postpone(story, a_decision(Reason.QUIET_HOURS), later)
    assert mark_of(stories, story) == stamp(later)
    now = now_of(stories, story)
    assert (now.state, now.due_at, now.decision.reason) == (State.PENDING, later, Reason.QUIET_HOURS)


def test_of_two_that_postpone_the_same_reading_one_wins(stories: Stories) -> None:
    story = added(stories)
    assert stories.postpone(story, a_decision(Reason.QUIET_HOURS), NOW + timedelta(hours=1))
    assert not stories.postpone(story, a_decision(Reason.QUIET_HOURS), NOW + timedelta(hours=2))
    assert mark_of(stories, story) == stamp(NOW + timedelta(hours=1))


# --- claiming ---------------------------------------------------------------------------------------------------------------


def test_of_two_racing_dispatchers_one_gets_the_claim(stories: Stories) -> None:
    story = added(stories)
    first = stories.claim(story, an_attempt("a"), lease_until=LEASE, expires_at=EXPIRY)
    second = stories.claim(story, an_attempt("b"), lease_until=LEASE, expires_at=EXPIRY)
    assert first is not None
    assert second is None
    assert now_of(stories, story).attempts == (an_attempt("a"),)


def test_a_claim_is_due_again_when_its_lease_ends(stories: Stories) -> None:
    story = claimed(stories)
    assert (story.state, story.lease_until, story.expires_at, story.due_at) == (State.CLAIMED, LEASE, EXPIRY, None)
    assert mark_of(stories, story) == stamp(NOW)  # of its sending: looked at too early, never too late


def test_an_old_story_that_is_claimed_is_looked_at_when_its_lease_ends(stories: Stories) -> None:
    story = added(stories, created_at=NOW - moves.YOUNG)
    stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert mark_of(stories, story) == stamp(LEASE)


def test_a_claim_writes_what_the_dispatcher_prepared_and_answers_what_is_there(stories: Stories) -> None:
    story = added(stories)
    prepared = replace(
        story,
        trigger=replace(story.trigger, contact=replace(story.trigger.contact, email="looked@up.example")),
        person="p-1",
        channel="mail",
        address="looked@up.example",
        language="de",
        facts={"channel": "email"},
    )
    after = stories.claim(prepared, an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert after is not None
    assert after == now_of(stories, story)
    assert (after.trigger, after.person, after.channel) == (prepared.trigger, "p-1", "mail")
    assert (after.address, after.language, after.facts) == ("looked@up.example", "de", {"channel": "email"})
    assert after.decision == story.decision


def test_a_claim_takes_away_what_its_dispatcher_found_empty(stories: Stories) -> None:
    story = added(stories, person="p-1", address="old@example.com")
    after = stories.claim(replace(story, person="", address=""), an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert after is not None
    assert (after.person, after.address) == ("", "")


def test_a_reading_from_before_another_write_cannot_claim(stories: Stories) -> None:
    stale = added(stories)
    stories.postpone(stale, a_decision(Reason.QUIET_HOURS), LEASE)
    assert stories.claim(stale, an_attempt(), lease_until=LEASE, expires_at=EXPIRY) is None


def test_a_claim_on_a_story_that_is_not_there_fails(stories: Stories) -> None:
    assert stories.claim(a_story("never added"), an_attempt(), lease_until=LEASE, expires_at=EXPIRY) is None


# --- settling ---------------------------------------------------------------------------------------------------------------


def test_a_sent_story_is_counted_and_waits_for_its_reminder(stories: Stories) -> None:
    reminder = NOW + timedelta(days=3)
    story = sent(stories, due=reminder)
    assert story == now_of(stories, story)
    assert (story.state, story.sent_at, story.reminder_at, story.lease_until) == (State.SENT, NOW, reminder, None)
    assert story.attempts[-1].outcome is SendOutcome.SENT
    assert mark_of(stories, story) == stamp(reminder)
    assert outcomes(stories) == ["sent"]


def test_a_sent_story_without_a_reminder_is_at_rest(stories: Stories) -> None:
    assert mark_of(stories, sent(stories)) is None


@pytest.mark.parametrize("state", [State.UNKNOWN, State.REFUSED])
def test_a_send_that_ended_otherwise_is_counted_too_and_at_rest(stories: Stories, state: State) -> None:
    story = settled(stories, claimed(stories), state)
    assert (story.state, story.sent_at, mark_of(stories, story)) == (state, None, None)
    assert outcomes(stories) == [state.value]


def test_a_refused_rung_leaves_the_story_pending_and_claimable_by_what_settling_answered(stories: Stories) -> None:
    again = NOW + timedelta(minutes=1)
    story = settled(stories, claimed(stories), State.PENDING, due=again)
    assert (story.state, story.due_at, mark_of(stories, story)) == (State.PENDING, again, stamp(again))
    assert outcomes(stories) == []
    second = stories.claim(story, an_attempt("second"), lease_until=LEASE, expires_at=EXPIRY)
    assert second is not None
    assert [each.token for each in second.attempts] == ["attempt-1", "second"]
    assert second.attempts[0].outcome is SendOutcome.REFUSED


def test_an_unknown_send_that_turns_out_sent_stays_on_its_first_day(stories: Stories) -> None:
    story = settled(stories, claimed(stories), State.UNKNOWN)
    story = settled(stories, story, State.SENT, asked_day=date(2026, 3, 3))
    assert story.sent_at == NOW
    assert outcomes(stories) == ["sent"]
    assert outcomes(stories, date(2026, 3, 3)) == []


def test_a_story_that_is_to_be_sent_again_leaves_its_day_and_gets_a_new_one(stories: Stories) -> None:
    story = settled(stories, sent(stories), State.PENDING, due=LEASE)
    assert (story.sent_at, outcomes(stories)) == (None, [])
    assert stories.skip(story, a_decision(Reason.REFUSED), asked_day=date(2026, 3, 3))
    assert outcomes(stories) == []
    assert outcomes(stories, date(2026, 3, 3)) == ["skipped:refused"]


def test_an_attempt_that_is_not_the_newest_cannot_be_settled(stories: Stories) -> None:
    story = claimed(stories)
    with pytest.raises(IllegalMove):
        stories.settle(story, an_attempt("stranger"), State.SENT, a_decision(Reason.SENT), due=None, asked_day=DAY)


@pytest.mark.parametrize(
    ("make", "state"),
    [(sent, State.SENT), (sent, State.UNKNOWN), (sent, State.CLAIMED), (claimed, State.SKIPPED), (claimed, State.IMPORTED)],
)
def test_a_move_that_the_states_do_not_know_is_a_bug_and_writes_nothing(
    stories: Stories, make: Callable[[Stories], Story], state: State
) -> None:
    story = make(stories)
    with pytest.raises(IllegalMove):
        stories.settle(story, story.attempts[-1], state, a_decision(Reason.SENT), due=None, asked_day=DAY)
    assert now_of(stories, story) == story


def test_a_story_that_moved_on_is_not_settled_by_who_held_it_before(stories: Stories) -> None:
    held = claimed(stories)
    settled(stories, held, State.PENDING, due=LEASE)
    late = replace(held.attempts[-1], outcome=SendOutcome.SENT)
    assert stories.settle(held, late, State.SENT, a_decision(Reason.SENT), due=None, asked_day=DAY) is None
    assert now_of(stories, held).state is State.PENDING


def test_a_story_claimed_anew_is_not_settled_by_who_held_it_before(stories: Stories) -> None:
    held = claimed(stories)
    pending = settled(stories, held, State.PENDING, due=LEASE)
    stories.claim(pending, an_attempt("second"), lease_until=LEASE, expires_at=EXPIRY)
    late = replace(held.attempts[-1], outcome=SendOutcome.SENT)
    assert stories.settle(held, late, State.SENT, a_decision(Reason.SENT), due=None, asked_day=DAY) is None
    assert now_of(stories, held).state is State.CLAIMED


def test_an_answer_that_comes_before_the_sent_mark_survives_it(stories: Stories) -> None:
    held = claimed(stories)
    answered(stories, held)
    story = settled(stories, held, State.SENT, due=NOW + timedelta(days=3))
    assert (story.state, story.version, set(story.forwards)) == (State.SENT, 1, {"crm", "sheet"})
    assert mark_of(stories, story) == stamp(NOW + FORWARD_GUARD)
    assert len(ledger(stories)) == 1


def test_settling_once_more_in_the_same_way_changes_nothing(stories: Stories) -> None:
    held = claimed(stories)
    story = settled(stories, held, State.SENT)
    assert settled(stories, held, State.SENT) == story
    assert now_of(stories, story) == story


def test_settling_in_another_way_what_is_settled_already_is_losing_the_race(stories: Stories) -> None:
    held = claimed(stories)
    refused = settled(stories, held, State.REFUSED)
    again = stories.settle(held, refused.attempts[-1], State.PENDING, a_decision(), due=LEASE, asked_day=DAY)
    assert again is None
    assert now_of(stories, held) == refused


# --- a provider's later word, the reminder ----------------------------------------------------------------------------------


def test_a_delivery_is_noted_and_counted(stories: Stories) -> None:
    story = sent(stories)
    heard = replace(story.attempts[-1], outcome=SendOutcome.DELIVERED, provider_id="m-1")
    assert stories.note_delivery(story, heard, NOW + timedelta(seconds=9))
    now = now_of(stories, story)
    assert (now.state, now.delivered_at, now.attempts) == (State.SENT, NOW + timedelta(seconds=9), (heard,))
    assert outcomes(stories) == ["delivered"]


def test_a_word_on_an_earlier_attempt_leaves_the_newest_alone(stories: Stories) -> None:
    first = settled(stories, claimed(stories), State.PENDING, due=NOW)
    second = stories.claim(first, an_attempt("second"), lease_until=LEASE, expires_at=EXPIRY)
    assert second is not None
    word = replace(second.attempts[0], code="too-late")
    assert stories.note_delivery(second, word, None)
    assert now_of(stories, second).attempts == (word, second.attempts[1])
    assert now_of(stories, second).delivered_at is None


def test_a_word_that_was_read_before_an_answer_is_written_beside_it(stories: Stories) -> None:
    story = sent(stories)
    answered(stories, story)
    assert stories.note_delivery(story, replace(story.attempts[-1], outcome=SendOutcome.DELIVERED), NOW)
    now = now_of(stories, story)
    assert (now.delivered_at, now.version) == (NOW, 1)
    assert mark_of(stories, story) == stamp(NOW + FORWARD_GUARD)


def test_a_word_on_an_attempt_that_nobody_made_is_refused(stories: Stories) -> None:
    story = sent(stories)
    assert not stories.note_delivery(story, an_attempt("stranger"), NOW)
    assert now_of(stories, story) == story


def test_a_story_is_reminded_of_once(stories: Stories) -> None:
    story = sent(stories, due=NOW + timedelta(days=3))
    after = stories.remind(story, an_attempt("reminder-1"))
    assert after is not None
    assert (after.state, after.reminded, after.attempts[-1].token) == (State.SENT, True, "reminder-1")
    assert mark_of(stories, story) is None
    assert stories.remind(story, an_attempt("reminder-2")) is None
    assert stories.remind(after, an_attempt("reminder-2")) is None
    assert now_of(stories, story) == after


def test_who_has_answered_is_not_reminded(stories: Stories) -> None:
    story = sent(stories, due=NOW + timedelta(days=3))
    answered(stories, story)
    assert stories.remind(story, an_attempt("reminder")) is None
    assert stories.remind(now_of(stories, story), an_attempt("reminder")) is None


def test_a_reminder_that_is_given_up_is_due_no_more(stories: Stories) -> None:
    story = sent(stories, due=NOW + timedelta(days=3))
    assert stories.forgo_reminder(story)
    after = now_of(stories, story)
    assert (after.state, after.reminded, after.reminder_at) == (State.SENT, False, None)
    assert list(stories.due_before(NOW + timedelta(days=99))) == []
    assert stories.forgo_reminder(story), "a repeat of what was done"
    assert not stories.forgo_reminder(after), "there is none left"


def test_a_reminder_is_not_given_up_by_who_was_too_slow(stories: Stories) -> None:
    story = sent(stories, due=NOW + timedelta(days=3))
    assert stories.remind(story, an_attempt("reminder")) is not None
    assert not stories.forgo_reminder(story)
    assert not stories.forgo_reminder(now_of(stories, story))


def test_what_was_never_sent_is_not_reminded_of(stories: Stories) -> None:
    assert stories.remind(added(stories), an_attempt("reminder")) is None


# --- answering --------------------------------------------------------------------------------------------------------------


def test_an_answer_and_its_forwards_are_kept_in_one_write(stories: Stories) -> None:
    story = sent(stories)
    recorded = answered(stories, story, 4, comment="Grüße 👋")
    assert (recorded.version, recorded.changed, recorded.story) == (1, True, now_of(stories, story))
    (version,) = recorded.story.answers
    assert (version.version, version.at, version.channel) == (1, NOW, "web")
    assert version.answer == an_answer(4, comment="Grüße 👋")
    assert recorded.story.first_answered_at == NOW
    pending = Forward(ForwardState.PENDING, version=1, next_at=NOW + FORWARD_GUARD)
    assert recorded.story.forwards == {"crm": pending, "sheet": pending}
    assert mark_of(stories, story) == stamp(NOW + FORWARD_GUARD)


def test_saying_the_same_again_changes_nothing(stories: Stories) -> None:
    story = sent(stories)
    first = answered(stories, story, 4, comment="fine")
    again = answered(stories, story, 4, at=NOW + timedelta(hours=1), comment="fine")
    assert (again.version, again.changed, again.story) == (1, False, first.story)


def test_another_answer_is_a_version_more_and_starts_every_forward_anew(stories: Stories) -> None:
    story = sent(stories)
    first = answered(stories, story, 2, sinks=("crm", "old"))
    stories.note_forwards(first.story, {"crm": Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")})
    later = NOW + timedelta(hours=1)
    recorded = answered(stories, story, 5, at=later, sinks=("crm", "new"))
    assert (recorded.version, recorded.changed) == (2, True)
    assert [(each.version, each.answer.rating) for each in recorded.story.answers] == [(1, 2), (2, 5)]
    assert recorded.story.first_answered_at == NOW
    pending = Forward(ForwardState.PENDING, version=2, next_at=later + FORWARD_GUARD)
    assert recorded.story.forwards == {"crm": pending, "new": pending}


def test_going_back_to_an_earlier_answer_is_a_change(stories: Stories) -> None:
    story = sent(stories)
    ratings = [answered(stories, story, each).version for each in (3, 5, 3)]
    assert ratings == [1, 2, 3]


def test_an_answer_that_no_sink_wants_is_kept_and_wakes_nobody(stories: Stories) -> None:
    reminder = NOW + timedelta(days=3)
    story = sent(stories, due=reminder)
    recorded = answered(stories, story, sinks=())
    assert (recorded.version, recorded.story.forwards) == (1, {})
    assert mark_of(stories, story) == stamp(reminder)


def test_an_answer_to_nothing_is_not_found(stories: Stories) -> None:
    with pytest.raises(NotFound):
        answered(stories, a_story("never added"))


@pytest.mark.parametrize("moment", [EXPIRY, EXPIRY + timedelta(days=1)])
def test_an_expired_invitation_takes_no_answer(stories: Stories, moment: datetime) -> None:
    story = sent(stories)
    with pytest.raises(Gone):
        answered(stories, story, at=moment)
    assert now_of(stories, story).version == 0


def test_an_invitation_takes_an_answer_until_the_instant_it_expires(stories: Stories) -> None:
    assert answered(stories, sent(stories), at=EXPIRY - timedelta(microseconds=1)).changed


def test_an_answer_may_change_until_the_edit_window_closes_and_no_longer(stories: Stories) -> None:
    story = sent(stories)
    answered(stories, story, 1)
    assert answered(stories, story, 2, at=NOW + timedelta(hours=24) - timedelta(microseconds=1)).version == 2
    with pytest.raises(Gone):
        answered(stories, story, 3, at=NOW + timedelta(hours=24))
    assert answered(stories, story, 2, at=NOW + timedelta(days=5)).changed is False


def test_the_edit_window_outlasts_the_expiry(stories: Stories) -> None:
    story = sent(stories)
    answered(stories, story, 1, at=EXPIRY - timedelta(minutes=1))
    assert answered(stories, story, 1, at=EXPIRY + timedelta(minutes=1), comment="typed slowly").version == 2


def test_without_an_edit_window_the_first_answer_stands(stories: Stories) -> None:
    story = sent(stories)
    strict = a_survey(policy={"edit_hours": 0})
    stories.record_answer(story.invitation_id, strict, an_answer(5), at=NOW, channel="web", sinks=())
    for moment in (NOW - timedelta(seconds=1), NOW, NOW + timedelta(seconds=1)):
        with pytest.raises(Gone):
            stories.record_answer(story.invitation_id, strict, an_answer(1), at=moment, channel="web", sinks=())
    again = stories.record_answer(story.invitation_id, strict, an_answer(5), at=NOW + timedelta(days=1), channel="web", sinks=())
    assert again.changed is False


def test_a_bare_rating_may_be_completed_once_where_answers_cannot_be_changed(stories: Stories) -> None:
    story = sent(stories)
    strict = a_survey(policy={"edit_hours": 0})

    def say(answer: Answer, minutes: float) -> bool:
        at = NOW + timedelta(minutes=minutes)
        return stories.record_answer(story.invitation_id, strict, answer, at=at, channel="web", sinks=()).changed

    assert say(an_answer(2), 0)
    with pytest.raises(Gone):
        say(an_answer(4, comment="another rating"), 1)
    assert say(an_answer(2, comment="too slow"), 29)
    with pytest.raises(Gone):
        say(an_answer(2, comment="changed my mind"), 29.5)
    late = sent(stories, "event-late")
    stories.record_answer(late.invitation_id, strict, an_answer(2), at=NOW, channel="web", sinks=())
    with pytest.raises(Gone):
        stories.record_answer(
            late.invitation_id, strict, an_answer(2, comment="x"), at=NOW + timedelta(minutes=31), channel="web", sinks=()
        )


@pytest.mark.parametrize("state", [State.PENDING, State.CLAIMED, State.UNKNOWN])
def test_an_answer_is_taken_before_we_know_that_it_was_sent(stories: Stories, state: State) -> None:
    story = added(stories, state=state)
    assert answered(stories, story).changed


@pytest.mark.parametrize("state", [State.SKIPPED, State.REFUSED])
def test_who_was_never_asked_cannot_answer(stories: Stories, state: State) -> None:
    story = added(stories, state=state)
    with pytest.raises(Gone):
        answered(stories, story)


def test_a_refused_message_that_was_answered_did_arrive(stories: Stories) -> None:
    story = settled(stories, claimed(stories), State.REFUSED)
    assert answered(stories, story).changed


# --- forwarding -------------------------------------------------------------------------------------------------------------


def test_a_forward_is_noted_and_the_others_stay_as_they_were(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")
    assert stories.note_forwards(story, {"crm": done})
    assert now_of(stories, story).forwards == {"crm": done, "sheet": story.forwards["sheet"]}
    assert mark_of(stories, story) == stamp(NOW + FORWARD_GUARD)


def test_a_story_whose_forwards_are_done_is_at_rest(stories: Stories) -> None:
    story = answered(stories, sent(stories), sinks=("crm",)).story
    assert stories.note_forwards(story, {"crm": Forward(ForwardState.DEAD, 1, 10, None, NOW, 500, "no")})
    assert mark_of(stories, story) is None


def test_a_story_is_due_at_the_earliest_next_try_of_its_forwards(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    for sink, minutes in (("crm", 30), ("sheet", 5)):
        again = NOW + timedelta(minutes=minutes)
        assert stories.note_forwards(now_of(stories, story), {sink: Forward(ForwardState.PENDING, 1, 1, again, NOW, 503, "busy")})
    assert mark_of(stories, story) == stamp(NOW + timedelta(minutes=5))


def test_a_try_that_may_be_on_its_way_is_left_alone_for_a_minute(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    late = NOW + timedelta(minutes=10)
    again = Forward(ForwardState.PENDING, 1, 1, NOW + timedelta(minutes=1), NOW, 503, "busy")
    assert stories.note_forwards(story, {"crm": replace(again, next_at=NOW + timedelta(seconds=30))})
    assert stories.note_forwards(now_of(stories, story), {"crm": Forward(ForwardState.DELIVERED, 1, 2, None, late, 200, "OK")})
    assert now_of(stories, story).next_due() == NOW + FORWARD_GUARD
    assert mark_of(stories, story) == stamp(late + FORWARD_GUARD)


def test_a_forward_of_an_answer_that_has_changed_is_not_noted(stories: Stories) -> None:
    story = sent(stories)
    old = answered(stories, story, 1).story
    answered(stories, story, 2)
    done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")
    assert not stories.note_forwards(old, {"crm": done})
    assert not stories.note_forwards(now_of(stories, story), {"crm": done})
    assert now_of(stories, story).forwards["crm"].state is ForwardState.PENDING


def test_two_that_note_forwards_from_the_same_reading_are_both_heard(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")
    stories.note_forwards(story, {"crm": done})
    assert stories.note_forwards(story, {"sheet": done}) == now_of(stories, story)
    assert now_of(stories, story).forwards == {"crm": done, "sheet": done}
    assert mark_of(stories, story) is None


def test_of_two_that_note_the_same_forward_from_the_same_reading_the_first_is_heard(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")
    stories.note_forwards(story, {"crm": done})
    assert stories.note_forwards(story, {"crm": replace(done, state=ForwardState.DEAD, status=500)}) is None
    assert now_of(stories, story).forwards["crm"] == done


def test_a_replayed_forward_starts_anew_and_is_due_at_once(stories: Stories) -> None:
    story = answered(stories, sent(stories), sinks=("crm",)).story
    stories.note_forwards(story, {"crm": Forward(ForwardState.DEAD, 1, 10, None, NOW, 500, "no")})
    assert stories.replay_forward(now_of(stories, story), "crm")
    assert now_of(stories, story).forwards == {"crm": Forward(version=1, next_at=NOW)}
    assert mark_of(stories, story) == stamp(NOW)


def test_an_answer_can_be_replayed_to_a_sink_that_was_set_up_later(stories: Stories) -> None:
    story = answered(stories, sent(stories), sinks=()).story
    assert stories.replay_forward(story, "new")
    assert now_of(stories, story).forwards == {"new": Forward(version=1, next_at=NOW)}


def test_there_is_nothing_to_replay_before_the_answer_or_from_an_old_reading(stories: Stories) -> None:
    story = sent(stories)
    assert not stories.replay_forward(story, "crm")
    old = answered(stories, story, 1).story
    answered(stories, story, 2)
    assert not stories.replay_forward(old, "crm")


# --- waking -----------------------------------------------------------------------------------------------------------------


def test_what_is_due_by_a_moment_is_named_and_nothing_else(stories: Stories) -> None:
    early = added(stories, "early", due_at=NOW - timedelta(microseconds=1))
    exact = added(stories, "exact", due_at=NOW)
    added(stories, "late", due_at=NOW + timedelta(microseconds=1))
    assert {each for each, _ in stories.due_before(NOW)} == {early.invitation_id, exact.invitation_id}


def test_each_shard_names_its_oldest_first_over_many_pages(stories: Stories) -> None:
    for n in range(24):
        added(stories, f"event-{n}", due_at=NOW - timedelta(seconds=(n * 7) % 24))
    found = list(stories.due_before(NOW))
    assert len(found) == 24
    assert [shard_of(each) for each, _ in found] == sorted(shard_of(each) for each, _ in found)
    for shard in range(SHARDS):
        of_shard = [mark for each, mark in found if shard_of(each) == shard]
        assert of_shard == sorted(of_shard)


def test_a_backlog_in_one_shard_starves_no_other(stories: Stories) -> None:
    by_shard: dict[int, list[Story]] = {shard: [] for shard in range(SHARDS)}
    for n in range(40):
        story = a_story(f"event-{n}")
        by_shard[shard_of(story.invitation_id)].append(story)
    for story in [*by_shard[0], by_shard[1][0]]:
        stories.add(story, due=NOW, asked_day=None)
    found = [each for each, _ in stories.due_before(NOW, limit=12)]
    assert len(found) == 4
    assert by_shard[1][0].invitation_id in found


def test_a_pushed_mark_is_looked_at_again_later_and_the_story_stays_as_it_was(stories: Stories) -> None:
    story = added(stories)
    ((invitation, mark),) = stories.due_before(NOW)
    later = NOW + timedelta(minutes=2)
    assert stories.push_due(invitation, mark, later)
    assert mark_of(stories, story) == stamp(later)
    assert now_of(stories, story) == story
    assert list(stories.due_before(NOW)) == []


def test_of_two_sweepers_with_the_same_mark_one_pushes(stories: Stories) -> None:
    added(stories)
    ((invitation, mark),) = stories.due_before(NOW)
    assert stories.push_due(invitation, mark, NOW + timedelta(minutes=2))
    assert not stories.push_due(invitation, mark, NOW + timedelta(minutes=3))


def test_a_mark_that_the_story_has_set_since_is_not_pushed_away(stories: Stories) -> None:
    story = added(stories)
    ((invitation, mark),) = stories.due_before(NOW)
    stories.postpone(story, a_decision(Reason.QUIET_HOURS), LEASE)
    assert not stories.push_due(invitation, mark, NOW + timedelta(days=9))
    assert not stories.push_due(invitation, mark, None)
    assert mark_of(stories, story) == stamp(LEASE)


def test_a_mark_with_nothing_behind_it_can_be_taken_away(stories: Stories) -> None:
    story = added(stories)
    ((invitation, mark),) = stories.due_before(NOW)
    assert stories.push_due(invitation, mark, None)
    assert marks(stories) == {}
    assert now_of(stories, story) == story


def test_pushing_the_mark_of_a_story_that_is_not_there_fails(stories: Stories) -> None:
    assert not stories.push_due("nobody", f"{stamp(NOW)}#nobody", NOW)
    assert stories.get("nobody") is None


def test_a_pushed_mark_stays_while_the_story_has_nothing_else_to_do(stories: Stories) -> None:
    story = answered(stories, sent(stories)).story
    ((invitation, mark),) = stories.due_before(NOW + FORWARD_GUARD)
    later = NOW + timedelta(minutes=9)
    assert stories.push_due(invitation, mark, later)
    assert stories.note_delivery(story, replace(story.attempts[-1], outcome=SendOutcome.DELIVERED), NOW)
    done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")
    assert stories.note_forwards(now_of(stories, story), {"crm": done})
    assert mark_of(stories, story) == stamp(later)


def test_a_push_does_not_disturb_who_has_read_the_story(stories: Stories) -> None:
    story = added(stories)
    ((invitation, mark),) = stories.due_before(NOW)
    stories.push_due(invitation, mark, NOW + timedelta(minutes=2))
    assert stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY) is not None
    assert mark_of(stories, story) == stamp(NOW + timedelta(minutes=2))


# --- the ledger -------------------------------------------------------------------------------------------------------------


def test_the_ledger_holds_the_newest_version_with_its_scale(stories: Stories) -> None:
    story = sent(stories)
    answered(stories, story, 2)
    answered(stories, story, 4, at=NOW + timedelta(minutes=1), comment="better", reasons=["slow"])
    (entry,) = ledger(stories)
    assert entry == LedgerEntry(
        story.invitation_id,
        {
            "rating": 4,
            "details": {"comment": "better", "reasons": ["slow"]},
            "at": "2026-03-02T12:01:00+00:00",
            "version": 2,
            "channel": "web",
            "scale": [1, 5],
            "direction": "high_is_good",
            "metric": "csat",
            "imported": False,
        },
        story.facts,
    )


def test_the_night_s_own_reading_finds_the_same_ledger(moto_table: Any) -> None:
    stories = DynamoStories(moto_table, TABLE)
    answered(stories, sent(stories, "event-1"), 4, comment='不错 "B":', reasons=["slow"])
    answered(stories, sent(stories, "event-2"), 2)
    night = DynamoStories(read_pages_fast(new_client("dynamodb")), TABLE, page_size=1, loads=loads)
    assert ledger(night) == ledger(stories) != []
    assert list(night.asked_of_day("support", DAY)) == list(stories.asked_of_day("support", DAY)) != []


@pytest.mark.parametrize("timezone", ["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def test_a_day_s_parts_are_the_whole_day_and_each_entry_is_in_one_of_them(stories: Stories, timezone: str) -> None:
    for hour in (0, 1, 9, 12, 23):
        answered(stories, sent(stories, f"event-{hour}"), at=datetime(2026, 3, 2, hour, 30, tzinfo=UTC) - timedelta(hours=1))
    parts = day_parts(DAY, timezone).values()
    assert [each for part in parts for each in stories.answers_of_day("support", DAY, part)] == ledger(stories)
    assert sorted(each.invitation_id for part in parts for each in stories.asked_of_day("support", DAY, part)) == sorted(
        each.invitation_id for each in asked(stories)
    )
    assert len(ledger(stories)) == len(asked(stories)) == 5


def test_an_answer_at_the_very_border_of_two_parts_is_in_the_later_one(stories: Stories) -> None:
    parts = day_parts(DAY, "UTC")
    border = parts["001"].since
    assert border
    story = answered(stories, sent(stories), at=border).story
    holding = [name for name, part in parts.items() if any(stories.answers_of_day("support", DAY, part))]
    assert holding == [f"{shard_of(story.invitation_id)}01"]


def test_equal_spellings_mean_equal_facts(stories: Stories) -> None:
    for event in ("event-1", "event-2"):
        answered(stories, sent(stories, event))
    by_spelling: dict[str, Any] = {}
    for entry in ledger(stories):
        if entry.facts_text:
            assert by_spelling.setdefault(entry.facts_text, entry.facts) == entry.facts


def test_an_answer_belongs_to_the_day_of_its_first_version_for_good(stories: Stories) -> None:
    story = sent(stories)
    midnight = datetime(2026, 3, 2, 23, 0, tzinfo=UTC)
    answered(stories, story, 2, at=midnight - timedelta(microseconds=1))
    answered(stories, story, 4, at=midnight + timedelta(minutes=1))
    assert [each.answer["rating"] for each in ledger(stories, date(2026, 3, 2))] == [4]
    assert ledger(stories, date(2026, 3, 3)) == []


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-01T22:59:59.999999+00:00", "2026-03-01"),
        ("2026-03-01T23:00:00+00:00", "2026-03-02"),
        ("2026-03-28T22:59:59+00:00", "2026-03-28"),
        ("2026-03-29T21:59:59.999999+00:00", "2026-03-29"),
        ("2026-03-29T22:00:00+00:00", "2026-03-30"),
        ("2026-10-25T22:59:59.999999+00:00", "2026-10-25"),
        ("2026-10-25T23:00:00+00:00", "2026-10-26"),
    ],
)
def test_a_day_is_the_survey_s_own_also_when_clocks_change(stories: Stories, moment: str, day: str) -> None:
    story = added(stories)
    answered(stories, story, at=datetime.fromisoformat(moment))
    assert len(ledger(stories, date.fromisoformat(day))) == 1


def test_a_day_is_read_whole_over_many_pages_in_an_order_that_stays(stories: Stories) -> None:
    for n in range(25):
        story = added(stories, f"event-{n}")
        answered(stories, story, 1 + n % 5, at=NOW + timedelta(seconds=(n * 11) % 25))
    first = ledger(stories)
    assert len({each.invitation_id for each in first}) == 25
    assert ledger(stories) == first
    assert [shard_of(each.invitation_id) for each in first] == sorted(shard_of(each.invitation_id) for each in first)


def test_a_day_shows_its_own_survey_alone(stories: Stories) -> None:
    story = added(stories)
    answered(stories, story)
    assert list(stories.answers_of_day("suppor", DAY)) == []
    assert list(stories.answers_of_day("sales", DAY)) == []


def test_every_asked_story_of_a_day_is_read_over_many_pages(stories: Stories) -> None:
    for n in range(11):
        stories.skip(added(stories, f"event-{n}"), a_decision(Reason.COOLDOWN), asked_day=DAY)
    assert outcomes(stories) == ["skipped:cooldown"] * 11


# --- importing --------------------------------------------------------------------------------------------------------------


def test_imported_answers_are_in_the_ledger_on_their_own_day(stories: Stories) -> None:
    past = datetime(2023, 8, 1, 9, 30, tzinfo=UTC)
    stories.import_answers(SURVEY, [an_imported_answer("a", rating=2, at=past, comment="slow", facts={"agent": "Grace", "tag": ["x"]})])
    (entry,) = ledger(stories, date(2023, 8, 1))
    assert entry.facts == {"agent": "Grace", "tag": ["x"]}
    assert entry.answer == {
        "rating": 2,
        "details": {"comment": "slow"},
        "at": "2023-08-01T09:30:00+00:00",
        "version": 1,
        "channel": "import",
        "scale": [1, 5],
        "direction": "high_is_good",
        "metric": "csat",
        "imported": True,
    }
    assert outcomes(stories, date(2023, 8, 1)) == []
    assert marks(stories) == {}


def test_importing_the_same_answers_again_changes_nothing(stories: Stories) -> None:
    rows = [an_imported_answer(f"row-{n}", rating=1 + n % 5) for n in range(60)]
    stories.import_answers(SURVEY, rows)
    first = ledger(stories)
    stories.import_answers(SURVEY, rows)
    assert len(first) == 60
    assert ledger(stories) == first
    assert stories.get(first[0].invitation_id) is not None


def test_a_row_that_an_import_holds_twice_counts_once_as_it_was_last(stories: Stories) -> None:
    stories.import_answers(SURVEY, [an_imported_answer("a", rating=1), an_imported_answer("b"), an_imported_answer("a", rating=5)])
    assert sorted(each.answer["rating"] for each in ledger(stories)) == [4, 5]


def test_the_same_row_of_another_survey_is_another_answer(stories: Stories) -> None:
    other: Survey = a_survey("sales")
    stories.import_answers(SURVEY, [an_imported_answer("a")])
    stories.import_answers(other, [an_imported_answer("a")])
    assert len(ledger(stories)) == len(list(stories.answers_of_day("sales", DAY))) == 1


def test_an_imported_story_takes_no_answer_of_ours(stories: Stories) -> None:
    stories.import_answers(SURVEY, [an_imported_answer("a", rating=3)])
    (entry,) = ledger(stories)
    with pytest.raises(Gone):
        stories.record_answer(entry.invitation_id, SURVEY, an_answer(1), at=datetime(2027, 1, 1, tzinfo=UTC), channel="web", sinks=())
