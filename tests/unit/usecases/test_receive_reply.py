from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from hearback.domain.errors import NotFound, Unavailable, Unverified
from hearback.domain.story import Reason, SendOutcome, State
from hearback.ports import DeliveryWord, Handshake, InboundRequest, Secret, Silence, TypedReply
from hearback.usecases.receive_reply import ReceiveReply, RepliesRead
from tests.builders import NOW, a_contact, a_conversation, a_request, a_trigger, an_attempt
from tests.unit.usecases.world import World

TRIGGER = a_trigger(conversation=a_conversation(channel="whatsapp"), contact=replace(a_contact(), addresses={"whatsapp": "4930123456"}))


@dataclass
class ScriptedReader:
    """Reads whatever it was given; refuses everything when `forged`."""

    parts: list[TypedReply | DeliveryWord] = field(default_factory=list)
    forged: bool = False
    kind: str = "whatsapp"

    def handshake(self, request: InboundRequest, secret: Secret, now: Any) -> Handshake:
        return Handshake(200, request.query.get("hub.challenge", ""))

    def verify(self, request: InboundRequest, secret: Secret, settings: Any, now: Any) -> None:
        if self.forged:
            raise Unverified("no")

    def read(self, request: InboundRequest) -> list[TypedReply | DeliveryWord]:
        return self.parts


def receive(world: World, *parts: TypedReply | DeliveryWord, forged: bool = False) -> RepliesRead:
    receiver = ReceiveReply(
        readers={"whatsapp": ScriptedReader(list(parts), forged)},
        configs=world.configs,
        stories=world.stories,
        people=world.people,
        secrets=world.secrets,
        outbox=world.outbox,
        nights=world.nights,
        record=world.record,
        clock=world.clock,
    )
    return receiver("wa", a_request())


def typed(text: str, **more: Any) -> TypedReply:
    return TypedReply(address="4930123456", text=text, at=NOW, **more)


def word(world: World, outcome: str, **more: Any) -> DeliveryWord:
    attempt = world.story(TRIGGER).attempts[-1]
    return DeliveryWord("whatsapp-1", outcome, world.clock.now(), TRIGGER.invitation_id, attempt.token, **more)


def test_a_tapped_rating_is_an_answer_given_in_place() -> None:
    world = World()
    world.sent_story(TRIGGER)
    read = receive(world, typed("5 - Great", invitation_id=TRIGGER.invitation_id, rating=5))
    assert read.answers == 1
    newest = world.story(TRIGGER).answers[-1]
    assert (newest.answer.rating, newest.channel) == (5, "whatsapp")


@pytest.mark.parametrize("text", ["4", " ٤ ", "四", "four", "⭐⭐⭐⭐"])
def test_a_typed_rating_finds_the_person_s_last_survey(text: str) -> None:
    world = World()
    world.sent_story(TRIGGER)
    assert receive(world, typed(text)).answers == 1
    assert world.story(TRIGGER).answers[-1].answer.rating == 4


@pytest.mark.parametrize("text", ["It still does not work", "5 minutes ago", "9", "", "call me on 5550123"])
def test_an_ordinary_message_is_left_alone(text: str) -> None:
    world = World()
    world.sent_story(TRIGGER)
    assert receive(world, typed(text)).left_alone == 1
    assert not world.story(TRIGGER).answered


def test_a_number_in_reply_to_another_message_or_long_after_the_survey_or_after_the_answer_is_left_alone() -> None:
    world = World()
    world.sent_story(TRIGGER)
    assert receive(world, typed("5", quoted="some-other-message")).left_alone == 1
    assert receive(world, typed("5", quoted="whatsapp-1")).answers == 1
    assert receive(world, typed("2")).left_alone == 1, "a bare number after the answer starts something else"
    late = World()
    late.sent_story(TRIGGER)
    late.clock.advance(days=4)
    assert receive(late, typed("5")).left_alone == 1


@pytest.mark.parametrize(
    ("dialled", "heard_from"),
    [
        ("+55 11 98765-4321", "551187654321"),
        ("551187654321", "5511987654321"),
        ("+52 55 1234 5678", "5215512345678"),
        ("5215512345678", "525512345678"),
        ("+54 11 2345-6789", "5491123456789"),
        ("5491123456789", "541123456789"),
    ],
)
def test_people_whom_whatsapp_calls_by_another_number_than_was_dialled_are_understood(dialled: str, heard_from: str) -> None:
    world = World()
    world.sent_story(replace(TRIGGER, contact=replace(a_contact(), addresses={"whatsapp": dialled})))
    assert receive(world, replace(typed("5"), address=heard_from)).answers == 1


@pytest.mark.parametrize("heard_from", ["551187654322", "55118765432", "4911987654321", "not a number"])
def test_another_person_s_number_is_not_taken_for_another_spelling(heard_from: str) -> None:
    world = World()
    world.sent_story(replace(TRIGGER, contact=replace(a_contact(), addresses={"whatsapp": "5511987654321"})))
    assert receive(world, replace(typed("5"), address=heard_from)).left_alone == 1


def test_a_number_from_somebody_who_was_never_asked_is_left_alone() -> None:
    assert receive(World(), typed("5")).left_alone == 1


def test_a_reply_to_another_of_the_company_s_numbers_is_an_answer_too() -> None:
    world = World()
    world.configs.put("channels", "number-2", {"kind": "whatsapp", "surveys": ["support"]})
    world.sent_story(TRIGGER)
    assert world.story(TRIGGER).channel == "number-2"
    assert receive(world, typed("5")).answers == 1


def test_an_invitation_that_went_out_elsewhere_cannot_be_answered_here() -> None:
    world = World()
    world.sent_story(a_trigger())
    assert receive(world, typed("5", invitation_id=a_trigger().invitation_id, rating=5)).left_alone == 1


def test_a_late_or_unknown_rating_is_left_alone_and_never_an_error() -> None:
    world = World()
    world.sent_story(TRIGGER)
    world.clock.advance(days=15)
    assert (
        receive(world, typed("5", invitation_id=TRIGGER.invitation_id, rating=5), typed("5", invitation_id="x", rating=5)).left_alone == 2
    )


def test_delivery_is_noted_once_the_provider_says_so() -> None:
    world = World()
    world.sent_story(TRIGGER)
    assert receive(world, word(world, "delivered")).deliveries == 1
    assert world.story(TRIGGER).delivered_at == NOW
    assert [each.outcome for each in world.stories.asked_of_day("support", NOW.date())] == ["delivered"]


def unmarked(outcome: str, provider_id: str = "whatsapp-1", address: str = "4930123456", **more: Any) -> DeliveryWord:
    return DeliveryWord(provider_id, outcome, NOW, address=address, **more)


def test_a_word_that_lost_our_mark_on_its_way_is_known_by_its_receiver_and_its_message() -> None:
    world = World()
    story = world.sent_story(TRIGGER)
    assert receive(world, unmarked("delivered")).deliveries == 1
    assert world.story(TRIGGER).delivered_at == NOW
    other = World()
    other.sent_story(TRIGGER)
    assert receive(other, unmarked("failed", code="131047", same_channel=True)).deliveries == 1
    other.dispatch(story.invitation_id)
    assert [rung for _, rung, _ in other.whatsapp.sent] == ["question", "template"]


@pytest.mark.parametrize("other", [{"provider_id": "another-message"}, {"address": "49999"}, {"address": ""}])
def test_a_word_on_another_message_or_another_person_changes_nothing(other: dict[str, str]) -> None:
    world = World()
    world.sent_story(TRIGGER)
    assert receive(world, unmarked("failed", **other)) == RepliesRead()
    assert world.story(TRIGGER).state is State.SENT


def test_the_provider_s_word_resolves_an_unknown_send() -> None:
    world = World()
    world.whatsapp.results = [Silence("timed out")]
    world.sent_story(TRIGGER)
    assert world.story(TRIGGER).state is State.UNKNOWN
    receive(world, word(world, "sent"))
    story = world.story(TRIGGER)
    assert (story.state, story.decision.reason, story.attempts[-1].provider_id) == (State.SENT, Reason.SENT, "whatsapp-1")


def test_a_send_that_the_provider_confirms_before_we_could_is_reminded_like_any_other() -> None:
    world = World()
    world.survey(policy={"reminder_days": 3.0})
    world.whatsapp.results = [Silence("timed out")]
    world.sent_story(TRIGGER)
    receive(world, word(world, "sent"))
    assert world.story(TRIGGER).next_due() == NOW + timedelta(days=3)


def test_a_failure_that_is_heard_of_on_a_later_day_makes_the_night_count_again() -> None:
    world = World()
    world.sent_story(TRIGGER)
    world.clock.advance(days=1)
    receive(world, word(world, "failed", code="131026"))
    assert [day for day, _ in world.nights.dirty_days("support")] == [NOW.date()]


def test_a_closed_window_that_is_heard_of_later_goes_on_with_the_template() -> None:
    world = World()
    story = world.sent_story(TRIGGER)
    receive(world, word(world, "failed", code="131047", same_channel=True))
    assert world.story(TRIGGER).state is State.PENDING
    assert world.outbox.dispatched[-1][0] == story.invitation_id
    world.dispatch(story.invitation_id)
    assert [rung for _, rung, _ in world.whatsapp.sent] == ["question", "template"]
    assert world.story(TRIGGER).attempts[0].outcome is SendOutcome.REFUSED


def test_a_failure_of_the_whole_channel_goes_down_the_ladder_and_holds_the_same_slot() -> None:
    world = World()
    story = world.sent_story(TRIGGER)
    receive(world, word(world, "failed", code="131026"))
    world.dispatch(story.invitation_id)
    assert len(world.email.sent) == 1
    assert world.story(TRIGGER).channel == "email"


def test_a_reminder_that_did_not_arrive_takes_back_nothing_of_what_it_reminds_of() -> None:
    world = World()
    world.survey(policy={"reminder_days": 3.0})
    story = world.sent_story(TRIGGER)
    receive(world, word(world, "delivered"))
    world.clock.advance(days=3)
    world.dispatch(story.invitation_id)
    receive(world, word(world, "failed", code="131026"))
    world.dispatch(story.invitation_id)
    found = world.story(TRIGGER)
    assert (found.state, found.delivered_at, found.sent_at) == (State.SENT, NOW, NOW)
    assert (found.attempts[-1].rung, found.attempts[-1].outcome, found.attempts[-1].code) == ("reminder", SendOutcome.REFUSED, "131026")
    assert (len(world.whatsapp.sent), len(world.email.sent)) == (2, 0)


def test_a_failure_that_is_heard_of_after_the_answer_or_twice_sends_nothing_again() -> None:
    world = World()
    story = world.answered_story(5, TRIGGER)
    receive(world, word(world, "failed", code="131047", same_channel=True))
    assert world.story(TRIGGER).state is State.SENT
    other = World()
    other.sent_story(TRIGGER)
    failed = word(other, "failed", code="131026")
    receive(other, failed)
    other.dispatch(story.invitation_id)
    receive(other, failed)
    assert other.story(TRIGGER).state is State.SENT
    assert len(other.email.sent) == 1


def test_what_has_arrived_is_not_sent_again_whatever_the_provider_says_later() -> None:
    world = World()
    story = world.sent_story(TRIGGER)
    receive(world, word(world, "delivered"))
    assert receive(world, word(world, "failed", code="131026")).deliveries == 0
    world.dispatch(story.invitation_id)
    assert (world.story(TRIGGER).state, len(world.whatsapp.sent), len(world.email.sent)) == (State.SENT, 1, 0)


def test_a_delivery_heard_of_on_a_later_day_makes_the_night_count_again() -> None:
    world = World()
    world.sent_story(TRIGGER)
    world.clock.advance(days=1)
    receive(world, word(world, "delivered"))
    assert [day for day, _ in world.nights.dirty_days("support")] == [NOW.date()]


@pytest.mark.parametrize(("said", "later"), [("sent", True), ("delivered", True), ("failed", True), ("sent", False)])
def test_a_word_on_an_unknown_send_makes_the_day_be_counted_again_on_which_it_was_counted(said: str, later: bool) -> None:
    world = World()
    world.whatsapp.results = [Silence("timed out")]
    world.sent_story(TRIGGER)
    world.clock.advance(days=1 if later else 0)
    receive(world, word(world, said, code="131026" if said == "failed" else ""))
    assert [day for day, _ in world.nights.dirty_days("support")] == ([NOW.date()] if later else [])


def test_a_lapsed_claim_counts_on_the_day_it_was_given_up_also_when_the_provider_says_more_later() -> None:
    world = World()
    world.take(TRIGGER)
    claim = an_attempt(channel="wa", at=NOW)
    world.stories.claim(world.story(TRIGGER), claim, lease_until=NOW + timedelta(minutes=5), expires_at=NOW + timedelta(days=14))
    world.clock.advance(days=1)
    world.dispatch(TRIGGER.invitation_id)
    for outcome in ("sent", "delivered"):
        world.clock.advance(days=1)
        receive(world, word(world, outcome))
    assert [day for day, _ in world.nights.dirty_days("support")] == [NOW.date() + timedelta(days=1)]
    assert [each.outcome for each in world.stories.asked_of_day("support", NOW.date() + timedelta(days=1))] == ["delivered"]


def test_the_mark_is_made_before_what_it_is_for() -> None:
    world = World()
    world.sent_story(TRIGGER)
    world.clock.advance(days=1)
    world.stories.note_delivery = unreachable  # type: ignore[assignment, method-assign]
    with pytest.raises(Unavailable):
        receive(world, word(world, "delivered"))
    assert world.nights.dirty_days("support")


def unreachable(*_: object) -> bool:
    raise Unavailable("no reply")


def test_an_answer_may_come_before_our_own_record_of_the_send() -> None:
    world = World()
    world.take(TRIGGER)
    story = world.story(TRIGGER)
    world.stories.claim(story, an_attempt(channel="wa"), lease_until=NOW + timedelta(minutes=5), expires_at=NOW + timedelta(days=14))
    assert receive(world, typed("x", invitation_id=TRIGGER.invitation_id, rating=3)).answers == 1


def test_a_forged_webhook_and_an_unknown_channel_leave_no_trace() -> None:
    world = World()
    world.sent_story(TRIGGER)
    with pytest.raises(Unverified):
        receive(world, typed("5"), forged=True)
    assert not world.story(TRIGGER).answered
    receiver = ReceiveReply(
        {}, world.configs, world.stories, world.people, world.secrets, world.outbox, world.nights, world.record, world.clock
    )
    with pytest.raises(NotFound):
        receiver("nobody", a_request())
