from dataclasses import replace
from datetime import timedelta

import pytest

from hearback.domain.errors import Misconfigured, Unavailable
from hearback.domain.person import person_keys
from hearback.domain.story import Outcome, Reason, SendOutcome, State
from hearback.domain.trigger import Contact, Trigger, TriggerKind
from hearback.ports import Busy, Refusal, Secret, Silence
from hearback.usecases.dispatch_survey import LEASE, Dispatched
from tests.builders import NOW, a_contact, a_conversation, a_trigger, an_attempt
from tests.unit.usecases.world import World

WHATSAPP = replace(a_contact(), addresses={"whatsapp": "4930123456"})


def a_whatsapp_trigger(event_id: str = "event-1") -> Trigger:
    return a_trigger(event_id, conversation=a_conversation(channel="whatsapp"), contact=WHATSAPP)


def dispatch(world: World, trigger: Trigger | None = None) -> Dispatched:
    world.take(trigger)
    return world.dispatch((trigger or a_trigger()).invitation_id)


def test_a_due_survey_goes_out_once_however_often_it_is_asked_for() -> None:
    world = World()
    assert dispatch(world) is Dispatched.SENT
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.NOTHING_TO_DO
    story = world.story()
    assert (story.state, story.decision.reason, story.channel) == (State.SENT, Reason.SENT, "email")
    assert [address for address, _, _ in world.email.sent] == ["ada@example.com"]


def test_the_question_is_in_words_with_the_trigger_s_variables_and_links_of_its_own() -> None:
    world = World()
    dispatch(world)
    question = world.email.sent[0][2]
    assert question.question == "How was it, Ada?"
    assert question.page.startswith("https://feedback.example/r/")
    assert [each.rating for each in question.scores] == [1, 2, 3, 4, 5]
    link = world.signing().read_answer_token(question.page.rsplit("/", 1)[1], NOW)
    assert (link.invitation_id, link.survey_id) == (world.story().invitation_id, "support")


def test_the_conversation_s_own_channel_comes_first_and_its_rungs_in_order() -> None:
    world = World()
    world.whatsapp.results = [Refusal("131047", "window closed")]
    assert dispatch(world, a_whatsapp_trigger()) is Dispatched.SENT
    assert [rung for _, rung, _ in world.whatsapp.sent] == ["question", "template"]
    story = world.story(a_whatsapp_trigger())
    assert [(each.rung, each.outcome) for each in story.attempts] == [("question", SendOutcome.REFUSED), ("template", SendOutcome.SENT)]
    assert world.email.sent == []


def test_a_refusal_of_the_whole_channel_skips_its_other_rungs_and_goes_on_with_the_survey_s_order() -> None:
    world = World()
    world.whatsapp.results = [Refusal("131026", "undeliverable", rest_of_channel=True)]
    assert dispatch(world, a_whatsapp_trigger()) is Dispatched.SENT
    assert len(world.whatsapp.sent) == 1
    assert len(world.email.sent) == 1


def test_when_every_rung_refuses_the_reason_is_recorded_and_the_person_may_be_asked_again() -> None:
    world = World()
    world.email.results = [Refusal("rejected", "no")]
    assert dispatch(world) is Dispatched.REFUSED
    story = world.story()
    assert (story.state, story.decision.reason) == (State.REFUSED, Reason.REFUSED)
    assert dispatch(world, a_trigger("event-2")) is Dispatched.SENT


def test_silence_is_not_a_refusal_and_nothing_is_sent_after_it() -> None:
    world = World()
    world.whatsapp.results = [Silence("timed out")]
    assert dispatch(world, a_whatsapp_trigger()) is Dispatched.UNKNOWN
    for _ in range(3):
        world.clock.advance(days=1)
        world.sweep()
        assert world.dispatch(a_trigger().invitation_id) is Dispatched.NOTHING_TO_DO
    assert len(world.whatsapp.sent) + len(world.email.sent) == 1
    assert world.story().decision.reason is Reason.SEND_UNKNOWN
    assert dispatch(world, a_trigger("event-2")) is Dispatched.SKIPPED, "the unknown send holds the cooldown"


def test_a_busy_provider_is_asked_again_not_before_the_time_it_named() -> None:
    world = World()
    world.email.results = [Busy("429", retry_after=600)]
    assert dispatch(world) is Dispatched.POSTPONED
    world.clock.advance(seconds=590)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.NOT_DUE
    world.clock.advance(minutes=2)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.SENT


def test_a_provider_that_takes_its_time_to_say_when_is_waited_for_from_then_on() -> None:
    world = World()
    world.email.send = lambda *_: (world.clock.advance(seconds=19), Busy("429", retry_after=600))[1]  # type: ignore[method-assign]
    dispatch(world)
    assert world.story().due_at == world.clock.now() + timedelta(seconds=600)


def test_a_reopening_while_the_provider_was_busy_gives_the_slot_back() -> None:
    world = World()
    world.email.results = [Busy("429")]
    dispatch(world)
    world.take(a_trigger("event-2", kind=TriggerKind.REOPENED, occurred_at=NOW + timedelta(minutes=1)))
    world.clock.advance(minutes=10)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.SKIPPED
    assert dispatch(world, a_trigger("event-3", occurred_at=NOW + timedelta(minutes=9))) is Dispatched.SENT


def test_a_provider_that_stays_busy_is_given_up_and_the_slot_with_it() -> None:
    world = World()
    world.email.results = [Busy("429")] * 20
    dispatch(world)
    for _ in range(10):
        world.clock.advance(hours=5)
        world.dispatch(a_trigger().invitation_id)
    assert world.story().state is State.REFUSED
    assert len(world.email.sent) == 7
    world.email.results = []
    assert dispatch(world, a_trigger("event-2")) is Dispatched.SENT


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Contact(email="ada@example.com"), Contact(email="ADA@example.com", phone="+4930")),
        (Contact(email="ada@example.com", phone="+49 30"), Contact(addresses={"whatsapp": "4930"}, email="other@example.com")),
    ],
)
def test_a_person_is_asked_once_in_the_cooldown_across_identities_channels_and_surveys(first: Contact, second: Contact) -> None:
    world = World()
    world.survey("other")
    assert dispatch(world, a_trigger("event-1", contact=first)) is Dispatched.SENT
    assert dispatch(world, a_trigger("event-2", contact=second, survey="other")) is Dispatched.SKIPPED
    assert world.story(a_trigger("event-2")).decision.reason is Reason.COOLDOWN
    world.clock.advance(days=8)
    assert dispatch(world, a_trigger("event-3", contact=second)) is Dispatched.SENT


def test_a_reopening_cancels_a_delayed_survey_and_a_second_closing_asks_again() -> None:
    world = World()
    world.survey(policy={"delay_minutes": 30.0})
    world.take()
    world.take(a_trigger("event-2", kind=TriggerKind.REOPENED, occurred_at=NOW + timedelta(minutes=5)))
    world.clock.advance(minutes=31)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.SKIPPED
    assert world.story().decision.reason is Reason.REOPENED
    world.take(a_trigger("event-3", occurred_at=NOW + timedelta(minutes=20)))
    world.clock.advance(minutes=31)
    assert world.dispatch(a_trigger("event-3").invitation_id) is Dispatched.SENT


def test_a_reopening_that_arrives_late_but_happened_before_the_closing_cancels_nothing() -> None:
    world = World()
    world.take(a_trigger("event-0", kind=TriggerKind.REOPENED, occurred_at=NOW - timedelta(minutes=1)))
    assert dispatch(world) is Dispatched.SENT


def test_an_opted_out_person_is_not_asked_on_any_channel() -> None:
    world = World()
    world.people.opt_out(_keys(a_contact(name="")), NOW)
    assert dispatch(world) is Dispatched.SKIPPED
    assert world.story().decision.reason is Reason.OPTED_OUT


def test_opting_out_by_the_link_holds_for_the_next_trigger() -> None:
    world = World()
    story = world.sent_story()
    world.opt_out(story.invitation_id)
    world.clock.advance(days=30)
    assert dispatch(world, a_trigger("event-2")) is Dispatched.SKIPPED
    assert world.story(a_trigger("event-2")).decision.reason is Reason.OPTED_OUT


def test_nobody_is_woken_in_quiet_hours_even_when_the_send_was_delayed_into_them() -> None:
    world = World()
    world.survey(policy={"quiet_hours": ["14:00", "15:00"]})
    world.take()
    world.clock.advance(minutes=80)  # 14:20 in Berlin
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.POSTPONED
    assert world.story().decision.reason is Reason.QUIET_HOURS
    world.clock.advance(minutes=41)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.SENT


def test_without_an_address_the_reason_is_recorded() -> None:
    world = World()
    trigger = a_trigger(contact=Contact(id="7"))
    assert dispatch(world, trigger) is Dispatched.SKIPPED
    assert world.story(trigger).decision.reason is Reason.NO_ADDRESS


def test_what_the_webhook_left_out_the_helpdesk_is_asked_for() -> None:
    world = World()
    world.lookup.known = Contact(id="7", email="found@example.com")
    assert dispatch(world, a_trigger(contact=Contact(id="7"))) is Dispatched.SENT
    assert world.email.sent[0][0] == "found@example.com"
    assert world.story().trigger.contact.email == "found@example.com", "sinks and opt-outs need it later"


def test_a_helpdesk_that_cannot_be_asked_now_postpones_and_skips_nobody() -> None:
    world = World()
    world.lookup.known = Unavailable("later")
    world.take()
    with pytest.raises(Unavailable):
        world.dispatch(a_trigger().invitation_id)
    assert world.story().state is State.PENDING


def test_the_web_link_is_for_those_who_hand_it_out() -> None:
    world = World()
    assert dispatch(world, a_trigger(contact=Contact(id="7"), kind=TriggerKind.REQUESTED)) is Dispatched.SENT
    assert world.story().channel == "web"


def test_a_kind_means_the_channel_set_up_for_this_survey_then_one_for_all_and_never_another_survey_s() -> None:
    world = World()
    world.configs.put("channels", "a-elsewhere", {"kind": "whatsapp", "surveys": ["other"]})
    assert dispatch(world, a_whatsapp_trigger()) is Dispatched.SENT
    assert world.story(a_whatsapp_trigger()).channel == "wa"
    world.configs.put("channels", "z-own", {"kind": "whatsapp", "surveys": ["support"]})
    world.clock.advance(days=8)
    assert dispatch(world, a_whatsapp_trigger("event-2")) is Dispatched.SENT
    assert world.story(a_whatsapp_trigger("event-2")).channel == "z-own"


def test_two_dispatchers_send_once() -> None:
    world = World()
    world.take()
    seen = world.stories.get(a_trigger().invitation_id)
    assert seen
    world.stories.claim(seen, an_attempt("theirs"), lease_until=NOW + LEASE, expires_at=NOW + timedelta(days=1))
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.LOST_RACE
    assert world.email.sent == []
    assert world.story().next_due() == NOW + LEASE, "should they die, it is looked at again without this message"


def test_a_dispatcher_that_died_between_claim_and_record_leaves_an_unknown_and_never_a_second_send() -> None:
    world = World()
    world.email.results = [RuntimeError("killed")]
    world.take()
    with pytest.raises(RuntimeError):
        world.dispatch(a_trigger().invitation_id)
    world.clock.advance(seconds=LEASE.total_seconds() + 1)
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.UNKNOWN
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.NOTHING_TO_DO
    assert len(world.email.sent) == 1


def test_what_fails_before_the_provider_is_spoken_to_was_never_sent_and_is_tried_again() -> None:
    world = World()
    world.secrets.put("links/keys", Secret({"keys": ["short"]}))
    world.take()
    with pytest.raises(Misconfigured):
        world.dispatch(a_trigger().invitation_id)
    assert world.story().state is State.PENDING
    world.secrets.put("links/keys", Secret({"keys": ["0123456789abcdef0123456789abcdef"]}))
    assert world.dispatch(a_trigger().invitation_id) is Dispatched.SENT


def test_one_reminder_goes_to_whoever_has_not_answered() -> None:
    world = World()
    world.survey(policy={"reminder_days": 3.0})
    story = world.sent_story()
    assert world.dispatch(story.invitation_id) is Dispatched.NOTHING_TO_DO
    world.clock.advance(days=3, minutes=1)
    world.sweep()
    assert world.outbox.dispatched[-1] == (story.invitation_id, 0)
    assert world.dispatch(story.invitation_id) is Dispatched.REMINDED
    assert world.dispatch(story.invitation_id) is Dispatched.NOTHING_TO_DO
    assert len(world.email.sent) == 2
    assert world.story().attempts[-1].outcome is SendOutcome.SENT


@pytest.mark.parametrize("quietened_by", ["answering", "opting out"])
def test_nobody_is_reminded_after(quietened_by: str) -> None:
    world = World()
    world.survey(policy={"reminder_days": 3.0})
    story = world.answered_story() if quietened_by == "answering" else world.sent_story()
    if quietened_by == "opting out":
        world.opt_out(story.invitation_id)
    world.clock.advance(days=3, minutes=1)
    assert world.dispatch(story.invitation_id) is Dispatched.NOTHING_TO_DO
    assert len(world.email.sent) == 1


@pytest.mark.parametrize("because", ["they left", "it would be too late", "the channel is gone", "the survey is gone"])
def test_a_reminder_that_nobody_is_to_get_is_not_looked_for_again(because: str) -> None:
    world = World()
    world.survey(policy={"reminder_days": 3.0, "expires_days": 2.0 if because == "it would be too late" else 14.0})
    story = world.sent_story()
    if because == "they left":
        world.opt_out(story.invitation_id)
    if because == "the channel is gone":
        world.configs.put("channels", "email", {"kind": "email", "enabled": False})
    if because == "the survey is gone":
        world.configs.delete("surveys", "support")
    world.clock.advance(days=3, minutes=1)
    world.dispatch(story.invitation_id)
    assert world.story().next_due() is None
    assert list(world.stories.due_before(world.clock.now() + timedelta(days=99))) == []
    assert len(world.email.sent) == 1


def test_every_trigger_ends_in_exactly_one_decision() -> None:
    world = World()
    triggers = [a_trigger(f"event-{n}", contact=Contact(email=f"p{n % 3}@example.com")) for n in range(9)]
    for each in triggers:
        dispatch(world, each)
    decided = [world.story(each).decision for each in triggers]
    assert [each.outcome for each in decided].count(Outcome.SURVEYED) == 3
    assert [each.reason for each in decided].count(Reason.COOLDOWN) == 6


def _keys(contact: Contact) -> tuple[str, ...]:
    return person_keys(contact, "helpdesk")
