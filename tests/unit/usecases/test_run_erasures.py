"""Erasing a person: whom it finds, what is left, what happens in between, and what nothing brings back."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from hearback.domain.erasing import ERASED
from hearback.domain.erasure import REPLAY, Stage
from hearback.domain.errors import Gone, NotFound
from hearback.domain.masking import HIDDEN
from hearback.domain.person import person_keys
from hearback.domain.story import Doubt, Doubted, ForwardState, Reason, State
from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import Accepted, ForwardMessage, ImportedAnswer, Undeliverable
from hearback.usecases.forward_answer import Forwarded
from hearback.usecases.run_erasures import RunErasures
from tests.builders import NOW, a_contact, a_conversation, a_survey_body, a_trigger
from tests.fakes import FixedClock, MemoryWarden
from tests.unit.usecases.erasing_world import DAY, Erasing, answered

# --- what is left -------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_person_is_left_in_a_story_and_all_that_is_counted_stays() -> None:
    world = Erasing()
    before = answered(world)
    counted = [each.answer | {"details": None} for each in world.stories.answers_of_day("support", DAY)]
    asked = list(world.stories.asked_of_day("support", DAY))
    world.erased()
    after = world.story()
    assert after.erased_at is not None
    assert [each.answer | {"details": None} for each in world.stories.answers_of_day("support", DAY)] == counted
    assert list(world.stories.asked_of_day("support", DAY)) == asked
    assert (after.state, after.facts, after.sent_at, after.version) == (before.state, before.facts, before.sent_at, before.version)
    assert after.trigger.contact == Contact()
    assert not after.trigger.conversation.id + after.trigger.event_id + after.address + after.person
    assert after.answers[-1].answer.details == {"comment": HIDDEN}
    for each in ("ada", "Ada", "4930123456", "kettle", "event-1", "canary words"):
        assert each not in world.everything().replace("canary-", ""), each


def test_a_segment_that_holds_something_of_the_person_is_counted_under_no_name() -> None:
    world = Erasing()
    world.survey(segments=["agent", "shop", "customer"])
    conversation = a_conversation(attributes={"shop": "Mitte", "customer": "Frau Ada@example.com"}, tags=("kitchen", "vip-ada@example.com"))
    answered(world, conversation=conversation)
    world.erased()
    assert world.story().facts == {
        "agent": world.story().facts["agent"], "team": world.story().facts["team"], "channel": "email", "source": "helpdesk",
        "language": "en", "shop": "Mitte", "customer": ERASED, "tag": ["kitchen", ERASED],
    }  # fmt: skip


def test_ticked_reasons_stay_and_written_ones_go() -> None:
    world = Erasing()
    follow_ups = [
        {"id": "why", "kind": "choices", "texts": {"en": "Why?"}, "choices": [{"id": "slow", "texts": {"en": "Slow"}}]},
        {"id": "comment", "kind": "text", "texts": {"en": "More?"}},
    ]
    world.survey(follow_ups=follow_ups)
    story = world.sent_story()
    world.record(story.invitation_id, "support", 1, {"why": ["slow"], "comment": "Ada here"}, channel="web")
    world.erased()
    assert world.story().answers[-1].answer.details == {"why": ["slow"], "comment": HIDDEN}


# --- who is found -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "contact", ["ADA@example.com ", "+49 30 123456", "4930123456", "helpdesk:c-1", "phone:+4930123456", "email:ada@example.com"]
)
def test_a_person_is_found_by_any_of_their_identities_however_it_is_written(contact: str) -> None:
    world = Erasing()
    answered(world)
    world.erased(contact)
    assert world.story().erased_at


def test_whoever_shares_no_identity_is_left_alone() -> None:
    world = Erasing()
    answered(world)
    other = answered(world, event_id="event-2", contact=a_contact(id="c-2", email="bob@example.com", phone="", name="Bob"))
    world.erased()
    assert world.stories.get(other.invitation_id) == other


@pytest.mark.parametrize("order", [1, -1])
def test_identities_that_were_ever_joined_are_one_person(order: int) -> None:
    world = Erasing()
    contacts = [
        Contact(email="a@example.com", phone="111"), Contact(phone="111", id="x-1"), Contact(id="x-1", addresses={"telegram": "t-9"}),
        Contact(addresses={"telegram": "t-9"}, email="z@example.com"),
    ][::order]  # fmt: skip
    for n, contact in enumerate(contacts):
        world.take(a_trigger(f"event-{n}", contact=contact, survey="nobody-has-made-this"))
    world.erased("z@example.com")
    assert all(kept.story.erased_at for kept in world.stories._kept.values())


def test_whoever_was_never_asked_is_erased_as_well() -> None:
    world = Erasing()
    world.survey(policy={"sample_percent": 0.0})
    world.take()
    assert world.story().decision.reason is Reason.SAMPLED_OUT
    world.erased()
    assert (world.story().decision.reason, world.story().trigger.contact) == (Reason.SAMPLED_OUT, Contact())


def test_an_imported_answer_is_found_by_its_id_or_by_a_column_and_is_not_imported_again() -> None:
    world = Erasing()
    survey = Survey.from_plain("support", a_survey_body())
    rows = [
        ImportedAnswer("r-1", 3, NOW - timedelta(days=9), "canary words", {"agent": "Grace", "customer": "ADA@example.com", "name": "Ada"}),
        ImportedAnswer("r-2", 4, NOW - timedelta(days=9), "fine", {"agent": "Grace", "customer": "bob@example.com"}),
        ImportedAnswer("r-3", 5, NOW - timedelta(days=9), "also canary", {"agent": "Grace", "customer": "030 123 45 67"}),
    ]
    world.stories.import_answers(survey, rows)
    world.erased()
    world.erased("import:support:r-3")
    world.stories.import_answers(survey, rows)
    left = [
        (each.answer["rating"], each.answer["details"], each.facts) for each in world.stories.answers_of_day("support", date(2026, 2, 21))
    ]
    assert sorted(left, key=str) == sorted(
        [
            (3, {"comment": HIDDEN}, {"agent": "Grace", "customer": ERASED, "name": ERASED}),
            (4, {"comment": "fine"}, {"agent": "Grace", "customer": "bob@example.com"}),
            (5, {"comment": HIDDEN}, {"agent": "Grace", "customer": ERASED}),
        ],
        key=str,
    )


@pytest.mark.parametrize("contact", ["", " ", "nobody", ":x", "x:", "@@@ :"])
def test_what_can_be_no_identity_is_unknown(contact: str) -> None:
    with pytest.raises(NotFound):
        Erasing().erase(contact)
    with pytest.raises(NotFound):
        Erasing().export(contact)


# --- stages -------------------------------------------------------------------------------------------------------------------


def test_what_the_nights_made_of_it_is_rebuilt_before_its_old_versions_go() -> None:
    world = Erasing()
    answered(world)
    world.clock.advance(days=2)
    keys = [
        "digests/survey=support/2026-03-02.json", "lake/answers/survey=support/dt=2026-03-02/part-00000.parquet",
        "reports/survey=support/period=week/2026-03-02/report.json", "reports/survey=support/period=quarter/2026-01-01/report.html",
        "parts/survey=support/2026-03-02/run/000.json", "athena/1.csv",
    ]  # fmt: skip
    for key in keys:
        world.blobs.put(key, b"canary", "text/plain")
    world.night()
    world.erase("ada@example.com")
    world.run()
    assert world.stage() == Stage.REBUILDING
    assert world.nights.dirty_days("support") == [(DAY, world.nights.dirty_days("support")[0][1])]
    world.run()
    assert world.stage() == Stage.REBUILDING, "the night has not been here"
    assert world.blobs.get(keys[0]) == b"canary"
    for key in keys[:4]:
        world.blobs.put(key, b"rebuilt", "text/plain")
    world.night()
    world.run()
    assert world.stage() == Stage.DONE
    assert not [key for key, (body, _) in world.blobs.kept.items() if b"canary" in body]
    assert not [key for key, versions in world.blobs.old.items() if any(b"canary" in each for each in versions)]
    assert {key for key in keys if world.blobs.get(key)} == set(keys[:4])


def test_a_survey_that_is_gone_has_nobody_to_rebuild_its_days_so_they_go_whole() -> None:
    world = Erasing()
    answered(world)
    world.clock.advance(days=2)
    world.blobs.put("digests/survey=support/2026-03-02.json", b"canary", "text/plain")
    world.blobs.put("digests/survey=support/2026-03-03.json", b"another day", "text/plain")
    world.configs.delete("surveys", "support")
    world.erased()
    assert world.stage() == Stage.DONE
    assert list(world.blobs.keys("digests/")) == ["digests/survey=support/2026-03-03.json"]


def test_a_run_that_dies_anywhere_is_finished_by_the_next() -> None:
    """Every write of every port, once before and once after: then the erasure goes on as if nothing had been."""
    for place in range(1, 60):
        for after in (False, True):
            world = Erasing()
            answered(world)
            world.take(a_trigger("event-2", contact=a_contact(id="c-9", phone="", email="ada@example.com")))
            world.conversations.reopen("helpdesk", "42", NOW)
            world.clock.advance(days=2)
            world.blobs.put("digests/survey=support/2026-03-02.json", b"canary", "text/plain")
            world.night()
            world.erase("ada@example.com")
            fault = Fault(place, after)
            done = False
            for _ in range(8):
                done = _run_with(world, fault) or done
                world.clock.advance(minutes=20)
                if world.nights.dirty_days("support"):
                    world.blobs.put("digests/survey=support/2026-03-02.json", b"rebuilt", "text/plain")
                    world.night()
            assert world.stage() == Stage.DONE, (place, after)
            held = world.everything()
            assert not [each for each in ("ada@", "Ada", "4930123456", "canary", "'42'") if each in held], (place, after)
            if not fault.struck:
                return
    raise AssertionError("more writes than expected")


@dataclass
class Fault:
    place: int
    after: bool
    seen: int = 0
    struck: bool = False

    def __call__(self, call: Any) -> Any:
        def guarded(*args: Any, **named: Any) -> Any:
            self.seen += 1
            strikes = self.seen == self.place and not self.struck
            if strikes and not self.after:
                self.struck = True
                raise DiedError
            value = call(*args, **named)
            if strikes:
                self.struck = True
                raise DiedError
            return value

        return guarded


class SlowClock(FixedClock):
    """Ten seconds pass between two looks at it."""

    def now(self) -> datetime:
        return self.advance(seconds=10)


class DiedError(Exception):
    pass


WRITES: dict[str, tuple[str, ...]] = {
    "stories": ("skip", "erase"),
    "people": ("forget",),
    "conversations": ("forget",),
    "nights": ("mark_dirty",),
    "blobs": ("put", "purge", "delete"),
    "warden": ("take_turn", "end_turn", "see_ledger"),
    "outbox": ("continue_erasures",),
}


def _run_with(world: Erasing, fault: Fault) -> bool:
    for port, methods in WRITES.items():
        for method in methods:
            setattr(getattr(world, port), method, fault(getattr(type(getattr(world, port)), method).__get__(getattr(world, port))))
    try:
        world.run()
    except DiedError:
        return False
    finally:
        for port, methods in WRITES.items():
            for method in methods:
                delattr(getattr(world, port), method)
    return True


def test_a_long_search_goes_on_where_its_time_ran_out() -> None:
    world = Erasing(page_size=1)
    for n in range(5):
        world.take(a_trigger(f"event-{n}", contact=a_contact(id=f"c-{n}"), survey="none"))
    world.erase("ada@example.com")
    left = iter([900.0, 900.0] + [0.0] * 99)
    run = RunErasures(
        world.ledger, world.census, world.stories, world.people, world.conversations, world.nights, world.configs, world.blobs,
        world.warden, world.outbox, world.clock, world.chance,
    )  # fmt: skip
    world.outbox.erasures = 0
    assert run(seconds_left=lambda: next(left)).more
    assert world.outbox.erasures == 1, "it asks for the next run itself"
    assert sum(bool(kept.story.erased_at) for kept in world.stories._kept.values()) == 2
    world.erased()
    assert all(kept.story.erased_at for kept in world.stories._kept.values())


def test_two_runs_never_erase_at_once_and_a_dead_one_is_followed() -> None:
    world = Erasing()
    world.warden.take_turn("another", world.clock.now(), world.clock.now() + timedelta(minutes=16))
    answered(world)
    world.erase("ada@example.com")
    assert world.run().busy
    assert world.story().erased_at is None
    world.clock.advance(minutes=16)
    assert not world.run().busy
    assert world.story().erased_at


def test_several_persons_share_one_search() -> None:
    world = Erasing(page_size=100)
    for n in range(4):
        world.take(a_trigger(f"event-{n}", contact=Contact(email=f"p{n}@example.com"), survey="none"))
    for n in range(3):
        world.erase(f"p{n}@example.com")
    world.run()
    assert sum(bool(kept.story.erased_at) for kept in world.stories._kept.values()) == 3
    assert len(world.pages) == 3, "one that finds, one that finds nothing, and the last check, for all of them"


# --- what comes late ----------------------------------------------------------------------------------------------------------


def test_the_same_event_again_finds_that_it_was_here() -> None:
    world = Erasing()
    answered(world)
    world.erased()
    again = world.take()
    assert again.duplicate
    assert world.story().trigger.contact == Contact()
    assert not world.outbox.dispatched or world.dispatch(world.story().invitation_id).value == "nothing_to_do"


def test_a_survey_that_waited_is_never_sent() -> None:
    world = Erasing()
    world.survey(policy={"delay_minutes": 600.0})
    world.take()
    world.erased()
    assert (world.story().state, world.story().decision.reason) == (State.SKIPPED, Reason.ERASED)
    assert [each.outcome for each in world.stories.asked_of_day("support", DAY)] == ["skipped:erased"]
    world.clock.advance(days=1)
    world.sweep()
    world.dispatch(world.story().invitation_id)
    assert not world.email.sent


@pytest.mark.parametrize("place", range(1, 16))
def test_a_conversation_that_is_open_again_is_not_surveyed_though_an_erasure_dies_halfway(place: int) -> None:
    """Its mark is forgotten with the person: by then the survey that waits must have been stopped."""
    world = Erasing()
    world.survey(policy={"delay_minutes": 600.0})
    world.take()
    world.conversations.reopen("helpdesk", "42", NOW + timedelta(minutes=1))
    world.clock.advance(hours=1)
    world.erase("ada@example.com")
    _run_with(world, Fault(place, after=True))
    world.clock.advance(days=1)
    world.sweep()
    world.dispatch(world.story().invitation_id)
    assert not world.email.sent


def test_whoever_was_being_sent_to_at_that_moment_leaves_no_trace_either() -> None:
    world = Erasing()
    world.take()

    def erase_meanwhile(*_: Any) -> Any:
        world.erase("ada@example.com")
        world.run()
        return Accepted("wamid.with-a-number-in-it")

    world.email.send = erase_meanwhile  # type: ignore[method-assign,assignment]
    world.dispatch(world.story().invitation_id)
    assert (world.story().state, world.story().attempts) == (State.UNKNOWN, ())
    assert "wamid" not in world.everything()


def test_an_old_link_says_that_its_time_is_over() -> None:
    world = Erasing()
    story = answered(world)
    world.erased()
    for rating in (2, 5):
        with pytest.raises(Gone):
            world.record(story.invitation_id, "support", rating, {}, channel="web")
    with pytest.raises(Gone):
        world.opt_out(story.invitation_id)
    assert world.story().answers[-1].answer.details == {"comment": HIDDEN}


def test_a_new_conversation_is_a_new_life_and_erasing_again_erases_it_too() -> None:
    world = Erasing()
    answered(world)
    world.erased()
    at = world.clock.now()
    fresh = replace(a_trigger("event-2"), occurred_at=at)
    world.sent_story(fresh)
    assert world.story(fresh).state is State.SENT, "the cooldown went with the person"
    world.run()
    assert world.story(fresh).erased_at is None
    world.erased()
    assert world.story(fresh).erased_at


@pytest.mark.parametrize("name", ["id", "email", "phone"])
def test_who_is_asked_again_while_the_search_goes_on_is_known_by_all_their_names(name: str) -> None:
    """Else the next trigger, which knows them by another name, would ask them twice within a cooldown."""
    world = Erasing(page_size=1)
    world.survey(policy={"cooldown_days": 7})
    answered(world)
    world.erase("ada@example.com")
    world.clock.advance(days=8)
    world.sent_story(a_trigger("event-2", occurred_at=world.clock.now()))
    for _ in range(3):
        world.run()
        world.night()
    world.clock.advance(days=1)
    strange = a_contact(id="c-9", email="another@example.com", phone="+4930999999")
    third = a_trigger("event-3", contact=replace(strange, **{name: getattr(a_contact(), name)}), occurred_at=world.clock.now())
    world.sent_story(third)
    assert world.story(third).decision.reason is Reason.COOLDOWN


def test_an_event_of_before_that_comes_late_is_erased_by_the_next_search() -> None:
    world = Erasing()
    answered(world)
    world.erased()
    late = a_trigger("late")
    world.take(late)
    world.erase.replay()
    world.run()
    assert world.story(late).erased_at


def test_an_opt_out_stays_and_can_be_asked_for() -> None:
    world = Erasing()
    keys = person_keys(a_contact(), "helpdesk")
    answered(world)
    world.people.opt_out(keys, NOW)
    world.erased()
    assert world.people.opted_out(keys[:1])
    assert world.people.last_invitation(keys[0]) is None

    other = Erasing()
    answered(other)
    other.erased(never_again=True)
    assert other.people.opted_out(keys)

    third = Erasing()
    answered(third)
    third.erased()
    assert third.people.seen() == []
    assert not third.people.opted_out(keys)


# --- sinks --------------------------------------------------------------------------------------------------------------------


ERASE = {"method": "DELETE", "url": "https://crm.example/answers/{{ answer.id }}"}


def test_a_sink_with_a_request_for_it_is_told_and_nothing_but_the_answer_s_id_is_said() -> None:
    world = Erasing()
    world.add_sink("crm", erase=ERASE)
    story = answered(world)
    world.forward(world.message())
    world.erased()
    notice = world.sink.delivered[-1]
    assert (notice.erased, notice.id) == (True, f"{story.invitation_id}.crm.erased")
    assert notice.variables == {"survey": {"id": "support"}, "answer": {"id": story.invitation_id}}
    assert world.stage() == Stage.DONE
    found = world.ledger.get(world.erase("ada@example.com")["id"])
    assert found


def test_a_sink_is_told_after_whatever_was_on_its_way_to_it() -> None:
    world = Erasing()
    world.add_sink("crm", erase=ERASE)
    answered(world)
    stale = world.story()
    world.erase("ada@example.com")
    world.run()
    assert world.forward(world.message()) is Forwarded.NOTHING_TO_DO, "an old message does not bring the notice early"
    found = world.stories.get
    reads = iter([stale])
    world.stories.get = lambda each, **how: next(reads, None) or found(each, **how)  # type: ignore[method-assign]
    world.forward(world.message())
    assert not world.sink.delivered[-1].erased, "the answer was on its way when its person was erased"
    assert world.story().forwards["crm"].state is ForwardState.PENDING, "so the notice is still to come"


def test_a_sink_that_cannot_be_told_keeps_the_task_open_until_somebody_has_seen_to_it() -> None:
    world = Erasing()
    world.add_sink("crm")
    story = answered(world)
    world.forward(world.message())
    world.erased()
    assert world.stage() == Stage.UNTOLD
    (shown,) = world.erase.page()["items"]
    assert shown["untold"] == [
        {"sink": "crm", "answer": story.invitation_id, "why": "not told: the sink has no request for erasing (`erase`)"}
    ]
    world.erase.acknowledge(shown["id"])
    world.run()
    assert world.erase.page()["items"] == []
    assert world.erase.show(shown["id"])["stage"] == Stage.DONE


def test_a_sink_that_was_not_told_is_told_when_the_person_is_erased_again() -> None:
    world = Erasing()
    world.add_sink("crm", erase=ERASE)
    world.sink.results = [Undeliverable(500, "no")]
    answered(world)
    world.erased()
    assert world.stage() == Stage.UNTOLD
    world.erased()
    assert world.stage() == Stage.DONE
    assert [each.erased for each in world.sink.delivered] == [True, True]


def test_a_sink_that_got_an_earlier_version_only_is_told_too() -> None:
    world = Erasing()
    world.add_sink("old", erase=ERASE)
    story = answered(world)
    world.forward(world.message("old"))
    world.configs.put("sinks", "old", {"kind": "http", "surveys": ["support"], "enabled": False, "erase": ERASE})
    world.record(story.invitation_id, "support", 5, {}, channel="web")
    assert "old" not in world.story().forwards
    world.configs.put("sinks", "old", {"kind": "http", "surveys": ["support"], "enabled": True, "erase": ERASE})
    world.erased()
    assert world.sink.delivered[-1].erased


@pytest.mark.parametrize(("left", "why"), [({"surveys": []}, None), (None, "the sink was removed")])
def test_a_sink_that_no_longer_takes_the_survey_is_told_and_one_that_is_gone_is_named(left: dict[str, Any] | None, why: str | None) -> None:
    """Also where a later version was never for it."""
    world = Erasing()
    world.add_sink("old", erase=ERASE)
    story = answered(world)
    world.forward(world.message("old"))
    if left is None:
        world.configs.delete("sinks", "old")
    else:
        world.configs.put("sinks", "old", {"kind": "http", "surveys": [], "enabled": True, "erase": ERASE})
    world.record(story.invitation_id, "support", 5, {}, channel="web")
    world.erased()
    assert [each.erased for each in world.sink.delivered] == [False, True][: 1 + (why is None)]
    assert world.stage() == (Stage.UNTOLD if why else Stage.DONE)
    untold = [each for item in world.erase.page()["items"] for each in item["untold"]]
    assert untold == ([{"sink": "old", "answer": story.invitation_id, "why": why}] if why else [])


def test_a_sink_that_never_got_the_answer_hears_nothing() -> None:
    world = Erasing()
    answered(world)
    world.add_sink("new", erase=ERASE)
    world.erased()
    assert not world.sink.delivered
    assert world.stage() == Stage.DONE


def test_a_sink_that_got_what_was_taken_back_since_is_told_too() -> None:
    world = Erasing()
    for sink in ("crm", "late"):
        world.add_sink(sink, erase=ERASE)
    story = answered(world)
    world.forward(world.message())
    doubted = (Doubted(1, story.answers[0].answer, NOW, "web", (Doubt.BURST,), version=1),)
    taken_back = replace(world.story(), answers=(), doubted=doubted, first_answered_at=None, revision=world.story().revision + 1)
    assert world.stories.judge(world.story(), taken_back, Survey.from_plain("support", a_survey_body()))
    world.erased()
    assert [each.erased for each in world.sink.delivered] == [False, True, True]
    assert world.stage() == Stage.DONE


def test_a_sink_is_not_told_of_an_imported_answer_that_never_went_there() -> None:
    world = Erasing()
    world.add_sink("crm")
    world.add_sink("replayed", erase=ERASE)
    survey = Survey.from_plain("support", a_survey_body())
    world.stories.import_answers(survey, [ImportedAnswer("r-1", 3, NOW, "", {"customer": "ada@example.com"})])
    ((invitation_id, kept),) = world.stories._kept.items()
    world.stories.replay_forward(kept.story, "replayed")
    world.erased()
    assert world.stage() == Stage.DONE
    assert [(each.erased, each.variables["answer"]["id"]) for each in world.sink.delivered] == [(True, invitation_id)]


def test_dead_letters_of_notices_hold_ids_only() -> None:
    world = Erasing()
    world.add_sink("crm", erase=ERASE)
    world.sink.results = [Undeliverable(422, "ada@example.com is unknown")]
    answered(world)
    world.erased()
    assert world.outbox.dead == [(ForwardMessage(world.story().invitation_id, 1, ("crm",)), "HTTP status 422")]


# --- the ledger ---------------------------------------------------------------------------------------------------------------


def test_a_table_that_was_restored_from_a_backup_is_erased_again_and_new_lives_are_left_alone() -> None:
    world = Erasing()
    answered(world)
    backup = {each: replace(kept) for each, kept in world.stories._kept.items()}
    world.erased()
    fresh = replace(a_trigger("event-2"), occurred_at=world.clock.now())
    world.sent_story(fresh)
    world.stories._kept |= backup
    world.warden = MemoryWarden()
    assert world.story().erased_at is None
    for _ in range(4):
        world.run()
        world.night()
        world.clock.advance(hours=1)
    assert world.story().erased_at
    assert world.story(fresh).erased_at is None
    assert world.erase.page()["items"] == []
    assert world.run().stories == 0
    assert world.ledger.get(REPLAY).stage is Stage.DONE  # type: ignore[union-attr]


@pytest.mark.parametrize("runs", [1, 6])
def test_an_erasure_that_waits_for_a_sink_is_done_again_in_a_restored_table_too(runs: int) -> None:
    world = Erasing()
    world.add_sink("crm")
    answered(world)
    backup = {each: replace(kept) for each, kept in world.stories._kept.items()}
    world.erase("ada@example.com")
    world.run()
    for _ in range(runs - 1):
        world.night()
        world.clock.advance(hours=1)
        world.run()
        world.sweep()
        while world.outbox.forwards:
            world.forward_all(world.outbox.forwards.pop())
    assert world.stage() == (Stage.TELLING if runs == 1 else Stage.UNTOLD)
    world.stories._kept |= backup
    world.warden = MemoryWarden()
    world.run()
    assert world.story().erased_at


def test_the_ledger_holds_nothing_that_can_be_tried_out() -> None:
    world = Erasing()
    answered(world)
    world.erased()
    keys = person_keys(a_contact(), "helpdesk")
    kept = b" ".join(body for body, _ in world.blobs.kept.values()) + repr(world.blobs.old).encode()
    assert not [key for key in keys if key.encode() in kept], "only whoever has the secret can make these keys"
    (entry,) = [json.loads(body) for name, (body, _) in world.blobs.kept.items() if name.startswith("erasures/done/")]
    assert len(entry["keys"]) == len(keys)
    assert entry["days"] == entry["stories"] == []


def test_an_hour_in_which_nothing_is_wanted_searches_nothing() -> None:
    world = Erasing()
    answered(world)
    world.erased()
    world.pages.clear()
    world.run()
    assert world.pages == []


# --- the export ---------------------------------------------------------------------------------------------------------------


def test_an_export_holds_every_story_of_the_person_whole_and_nobody_else_s() -> None:
    world = Erasing(page_size=1)
    world.add_sink("crm")
    answered(world)
    world.take(a_trigger("event-2", contact=a_contact(id="c-9", email="Ada@example.com", phone=""), survey="none"))
    answered(world, event_id="event-3", contact=Contact(id="c-3", email="bob@example.com"))
    shown = world.export("ada@example.com")
    assert sorted(each["event_id"] for each in shown["invitations"]) == ["event-1", "event-2"]
    assert shown["next"] is None
    assert set(shown["identities"]) == {"email:ada@example.com", "phone:4930123456", "helpdesk:c-1", "helpdesk:c-9"}
    (first,) = [each for each in shown["invitations"] if each["event_id"] == "event-1"]
    assert first["answers"][0]["details"] == {"comment": "the canary words"}
    assert first["forwards"][0]["sink"] == "crm"
    assert shown["last_invited_at"]


def test_an_export_of_a_large_table_goes_on_until_all_of_it_was_searched() -> None:
    world = Erasing(page_size=1)
    for n, contact in enumerate([Contact(id="x", email="z@example.com"), Contact(phone="123", id="x"), Contact(phone="123")]):
        world.take(a_trigger(f"event-{n}", contact=contact, survey="none"))
    found: set[str] = set()
    after, calls = "", 0
    slow = SlowClock(NOW)
    export = replace(world.export, clock=slow)
    while calls == 0 or after:
        shown = export("z@example.com", after=after)
        found |= {each["event_id"] for each in shown["invitations"]}
        calls, after = calls + 1, shown["next"] or ""
        assert calls < 20
        assert "z@example" not in after
    assert found == {"event-0", "event-1", "event-2"}
    assert calls > 1


def test_a_person_who_only_opted_out_is_known_and_one_who_was_erased_is_not() -> None:
    world = Erasing()
    world.people.opt_out(person_keys(Contact(email="out@example.com"), "x"), NOW)
    assert world.export("out@example.com")["opted_out_at"]
    answered(world)
    world.erased()
    with pytest.raises(NotFound):
        world.export("ada@example.com")
