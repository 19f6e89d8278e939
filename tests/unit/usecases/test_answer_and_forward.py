from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from hearback.domain.errors import Gone, Invalid, Misconfigured, NotFound
from hearback.domain.retrying import FORWARD_WAITS
from hearback.domain.story import Forward, ForwardState
from hearback.ports import (
    Delivered,
    Delivery,
    DeliveryResult,
    ForwardMessage,
    K,
    NotForThisSink,
    Recorded,
    RetryLater,
    Secret,
    Undeliverable,
    V,
)
from hearback.usecases.forward_answer import Forwarded
from tests.builders import NOW, a_trigger
from tests.fakes import InTurn, ScriptedSink
from tests.unit.usecases.world import World


def answer(world: World, rating: int, **details: list[str] | str) -> Recorded:
    return world.record(a_trigger().invitation_id, "support", rating, details, channel="web")[1]


def test_pressing_the_same_button_twice_is_one_answer_and_changing_it_is_a_version() -> None:
    world = World()
    world.sent_story()
    assert answer(world, 4).changed
    assert not answer(world, 4).changed
    changed = answer(world, 2)
    assert (changed.changed, changed.version) == (True, 2)
    assert [each.answer.rating for each in world.story().answers] == [4, 2]


def test_after_the_edit_window_an_answer_stands() -> None:
    world = World()
    world.answered_story(4)
    world.clock.advance(hours=25)
    with pytest.raises(Gone):
        answer(world, 5)
    assert world.story().answers[-1].answer.rating == 4


def test_an_expired_invitation_takes_no_answer() -> None:
    world = World()
    world.sent_story()
    world.clock.advance(days=15)
    with pytest.raises(Gone):
        answer(world, 5)


def test_an_answer_that_the_survey_cannot_hold_is_refused_and_nothing_is_kept() -> None:
    world = World()
    world.sent_story()
    with pytest.raises(Invalid):
        answer(world, 6)
    assert world.story().answers == ()


def test_an_answer_to_nothing_is_not_found() -> None:
    world = World()
    with pytest.raises(NotFound):
        world.record("nobody", "support", 5, {}, channel="web")


def test_a_change_on_a_later_day_makes_the_night_count_the_first_day_again() -> None:
    world = World()
    world.answered_story(4)
    assert world.nights.dirty_days("support") == [], "today is counted tonight anyway"
    world.clock.advance(hours=13)
    answer(world, 1)
    assert [day for day, _ in world.nights.dirty_days("support")] == [NOW.date()]


def test_every_sink_that_is_enabled_for_the_survey_gets_the_answer_and_no_other() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.add_sink("off", enabled=False)
    world.add_sink("elsewhere", surveys=["other"])
    assert sorted(world.answered_story().forwards) == ["crm", "sheet"]


def test_a_forward_is_delivered_once_and_its_proof_is_kept() -> None:
    world = World()
    world.add_sink("crm")
    world.sink.results = [Delivered(201, "made")]
    world.answered_story()
    assert world.forward(world.message()) is Forwarded.DELIVERED
    assert world.forward(world.message()) is Forwarded.NOTHING_TO_DO
    proof = world.story().forwards["crm"]
    assert (proof.state, proof.status, proof.note, proof.attempts, proof.last_at) == (ForwardState.DELIVERED, 201, "made", 1, NOW)


def test_a_sink_gets_everything_its_templates_may_name() -> None:
    world = World()
    world.add_sink("crm")
    world.sent_story()
    answer(world, 2, comment="too slow")
    world.forward(world.message())
    named = world.sink.delivered[0].variables
    assert set(named) == {"survey", "invitation", "answer", "conversation", "contact", "agent"}
    assert (named["answer"]["rating"], named["answer"]["comment"], named["answer"]["satisfied"]) == (2, "too slow", False)
    assert named["contact"]["email"] == "ada@example.com"


def test_a_failing_sink_is_tried_for_three_days_with_growing_waits_and_then_becomes_a_dead_letter() -> None:
    world = World()
    world.add_sink("crm")
    world.sink.results = [RetryLater(500, "oops")] * 50
    world.answered_story()
    tries = [world.clock.now()]
    assert world.forward(world.message()) is Forwarded.RETRY
    while world.story().forwards["crm"].state is ForwardState.PENDING:
        world.clock.advance(minutes=1)
        world.sweep()
        while world.outbox.forwards:
            before = len(world.sink.delivered)
            world.forward(world.outbox.forwards.pop())
            if len(world.sink.delivered) > before:
                tries.append(world.clock.now())
    assert len(tries) == len(FORWARD_WAITS) + 1
    assert tries[-1] - tries[0] >= timedelta(hours=72)
    assert all(later - earlier >= wait for earlier, later, wait in zip(tries, tries[1:], FORWARD_WAITS, strict=False))
    assert world.outbox.dead == [(world.message(), "HTTP status 500")]
    assert world.story().forwards["crm"].state is ForwardState.DEAD


def test_a_sink_that_says_when_is_not_asked_sooner() -> None:
    world = World()
    world.add_sink("crm")
    world.sink.results = [RetryLater(429, "slow down", retry_after=7200)]
    world.answered_story()
    world.forward(world.message())
    world.clock.advance(minutes=119)
    assert world.forward(world.message()) is Forwarded.NOTHING_TO_DO
    world.clock.advance(minutes=2)
    assert world.forward(world.message()) is Forwarded.DELIVERED


def test_a_sink_that_takes_its_time_to_say_when_is_waited_for_from_then_on() -> None:
    world = World()
    world.add_sink("crm")
    world.answered_story()
    world.sink.deliver = lambda *_: (world.clock.advance(seconds=19), RetryLater(429, "slow down", retry_after=120))[1]  # type: ignore[method-assign]
    world.forward(world.message())
    forward = world.story().forwards["crm"]
    assert forward.next_at == world.clock.now() + timedelta(seconds=120)


def test_what_trying_again_cannot_mend_is_dead_at_once() -> None:
    world = World()
    world.add_sink("crm")
    world.sink.results = [Undeliverable(404, "no such ticket")]
    world.answered_story()
    assert world.forward(world.message()) is Forwarded.DEAD
    assert world.outbox.dead == [(world.message(), "HTTP status 404")]
    assert world.story().forwards["crm"].note == "no such ticket", "what a sink says may name the person: it stays with the story"


def test_a_sink_that_was_removed_or_has_nothing_to_do_with_it_drops_the_forward_with_a_reason() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("desk")
    world.sink.results = [NotForThisSink("no ticket")]
    world.answered_story()
    assert world.forward(world.message("desk")) is Forwarded.DROPPED
    world.configs.delete("sinks", "crm")
    assert world.forward(world.message()) is Forwarded.DROPPED
    assert [world.story().forwards[each].note for each in ("crm", "desk")] == ["the sink was removed", "no ticket"]


def test_one_sink_s_trouble_is_not_another_s() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.sink.results = [RetryLater(500, "oops"), Delivered(200, "fine")]
    world.answered_story()
    assert world.forward(world.message("crm")) is Forwarded.RETRY
    assert world.forward(world.message("sheet")) is Forwarded.DELIVERED


def test_what_sinks_say_at_the_same_time_is_one_write() -> None:
    """Each write of a story costs as much as all of it."""
    world = World()
    for sink in ("crm", "sheet", "desk"):
        world.add_sink(sink)
    world.sink.results = [Delivered(200, "fine"), RetryLater(500, "oops"), Undeliverable(404, "no such ticket")]
    before = world.answered_story().revision
    ended = world.forward_all(world.message("crm", "sheet", "desk"))
    assert ended == {"crm": Forwarded.DELIVERED, "sheet": Forwarded.RETRY, "desk": Forwarded.DEAD}
    assert world.story().revision == before + 1
    assert world.outbox.dead == [(world.message("desk"), "HTTP status 404")]
    assert [each.state for each in world.story().forwards.values()] == [ForwardState.DELIVERED, ForwardState.DEAD, ForwardState.PENDING]


def test_a_sink_that_is_slow_does_not_keep_what_others_said_from_being_written() -> None:
    class OneByOne(InTurn):
        def __call__(self, acts: Mapping[K, Callable[[], V]]) -> Iterator[Mapping[K, V]]:
            for name, act in acts.items():
                noted.append(world.story().revision)
                yield {name: act()}

    world, noted = World(side_by_side=OneByOne()), list[int]()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.answered_story()
    world.forward_all(world.message("crm", "sheet"))
    assert noted[1] == noted[0] + 1
    assert {each.state for each in world.story().forwards.values()} == {ForwardState.DELIVERED}


def test_a_bug_in_one_sink_s_adapter_is_no_other_sink_s_trouble() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.answered_story()

    class Broken(ScriptedSink):
        def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
            if ".crm." in delivery.id:
                raise KeyError("a bug")
            return super().deliver(delivery, settings, secret, now)

    world.sink = Broken()
    with pytest.raises(KeyError):
        world.forward_all(world.message("crm", "sheet"))
    assert [each.state for each in world.story().forwards.values()] == [ForwardState.PENDING, ForwardState.DELIVERED]


def test_a_message_that_comes_again_finds_only_what_is_left_to_do() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.sink.results = [RetryLater(500, "oops")]
    world.answered_story()
    both = world.message("crm", "sheet")
    assert world.forward_all(both) == {"crm": Forwarded.RETRY, "sheet": Forwarded.DELIVERED}
    world.clock.advance(hours=1)
    assert world.forward_all(both) == {"crm": Forwarded.DELIVERED, "sheet": Forwarded.NOTHING_TO_DO}
    assert [each.id.split(".")[1] for each in world.sink.delivered] == ["crm", "sheet", "crm"]


def test_the_sweeper_sends_one_message_for_all_sinks_whose_time_has_come() -> None:
    world = World()
    world.add_sink("crm")
    world.add_sink("sheet")
    world.answered_story()
    world.clock.advance(minutes=2)
    world.sweep()
    assert world.outbox.forwards == [world.message("crm", "sheet")]


def test_a_changed_answer_goes_out_again_and_the_old_version_no_more() -> None:
    world = World()
    world.add_sink("crm")
    world.answered_story(4)
    answer(world, 2)
    assert world.forward(world.message(version=1)) is Forwarded.NOTHING_TO_DO
    assert world.forward(world.message(version=2)) is Forwarded.DELIVERED
    assert [each.version for each in world.sink.delivered] == [2]


def test_an_answer_that_changes_while_it_is_being_forwarded_is_forwarded_again() -> None:
    world = World()
    world.add_sink("crm")
    world.answered_story(4)

    class Meanwhile(ScriptedSink):
        def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
            if delivery.version == 1:
                answer(world, 2)
            return super().deliver(delivery, settings, secret, now)

    world.sink = Meanwhile()
    world.forward(world.message(version=1))
    assert world.story().forwards["crm"].state is ForwardState.PENDING
    assert world.forward(world.message(version=2)) is Forwarded.DELIVERED


def test_a_delivery_counts_though_another_try_of_it_has_failed_meanwhile() -> None:
    """Else the sink would be sent again what it has taken."""
    world = World()
    world.add_sink("crm")
    world.answered_story(4)

    class Beside(ScriptedSink):
        def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
            world.sink = ScriptedSink(results=[RetryLater(500, "oops")])
            assert world.forward(world.message()) is Forwarded.RETRY
            return Delivered(200, "OK")

    world.sink = Beside()
    world.forward(world.message())
    assert world.story().forwards["crm"].state is ForwardState.DELIVERED


def test_of_two_tries_at_once_that_fail_one_is_counted_however_late_the_other_says_so() -> None:
    """Else the schedule would begin anew, and a sink that asked to be left alone would not be."""
    world = World()
    world.add_sink("crm")
    world.answered_story(4)

    class Beside(ScriptedSink):
        def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
            world.sink = ScriptedSink(results=[RetryLater(503, "busy")])
            world.forward(world.message())
            noted.append(world.story().forwards["crm"])
            world.clock.advance(hours=1)
            return RetryLater(500, "oops")

    world.sink, noted = Beside(), list[Forward]()
    world.forward(world.message())
    assert [world.story().forwards["crm"]] == noted
    assert (noted[0].attempts, noted[0].status) == (1, 503)


def test_a_lost_stream_loses_no_forward() -> None:
    world = World()
    world.add_sink("crm")
    world.answered_story()
    world.sweep()
    assert world.outbox.forwards == [], "the stream is given a minute"
    world.clock.advance(minutes=2)
    world.sweep()
    assert world.outbox.forwards == [world.message()]


def test_a_sink_that_is_set_up_wrongly_is_tried_again_for_it_can_be_mended() -> None:
    world = World()
    world.add_sink("crm")
    world.sink.results = [Misconfigured("no credentials")]
    world.answered_story()
    assert world.forward(world.message()) is Forwarded.RETRY
    assert world.story().forwards["crm"].note == "no credentials"


def test_a_message_for_an_erased_story_is_nothing_to_do() -> None:
    assert World().forward(ForwardMessage("gone", 1, ("crm",))) is Forwarded.NOTHING_TO_DO
