"""What is older than the stack keeps: its persons go by themselves, what was counted stays and can be counted again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from hearback.domain.answer import AnswerVersion
from hearback.domain.erasing import ERASED, last_moment
from hearback.domain.erasure import RETENTION, Stage
from hearback.domain.masking import HIDDEN
from hearback.domain.person import person_keys
from hearback.domain.scoring.digest import Counts, Digest
from hearback.domain.story import Doubt, Doubted, Reason
from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import ImportedAnswer
from hearback.usecases.count_day import CountDay
from tests.builders import NOW, a_contact, a_conversation, a_story, a_survey_body, a_trigger, an_answer
from tests.fakes import MemoryWarden
from tests.unit.usecases.erasing_world import DAY, Erasing, answered
from tests.unit.usecases.test_run_erasures import ERASE, DiedError

SURVEY = Survey.from_plain("support", a_survey_body())
LATER = NOW + timedelta(days=5)
WORDS = ("ada", "Ada", "4930123456", "kettle", "event-1", "canary words")


class Keeping(Erasing):
    """Keeps persons for 90 days."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.retention_days = 90

    def grown_old(self, days: float = 91) -> None:
        """Those days pass, the hour comes, and the nights after it."""
        self.clock.advance(days=days)
        self.hours()

    def hours(self) -> None:
        for _ in range(3):
            self.run()
            self.night()
            self.clock.advance(hours=1)

    def counted(self) -> Digest:
        return CountDay(self.stories, words=str.split).whole(SURVEY, DAY)[0]


def without_words(digest: Digest) -> Digest:
    """But for what is made of comments' words."""
    nothing = Counts()
    groups = {
        group: replace(counts, words={}, examples=[], sample=[], commented=nothing.commented) for group, counts in digest.groups.items()
    }
    return replace(digest, groups=groups)


def seen_to(world: Keeping) -> str:
    found = world.ledger.get(RETENTION)
    return found.stage.value if found else ""


# --- what goes and what stays -------------------------------------------------------------------------------------------------


def test_a_story_that_is_too_old_loses_its_person_and_its_day_counts_as_before() -> None:
    world = Keeping()
    answered(world)
    before, asked = world.counted(), list(world.stories.asked_of_day("support", DAY))
    world.grown_old()
    assert without_words(world.counted()) == without_words(before)
    assert list(world.stories.asked_of_day("support", DAY)) == asked
    assert world.story().erased_at
    assert world.story().answers[-1].answer.details == {"comment": HIDDEN}
    for each in WORDS:
        assert each not in world.everything().replace("canary-", ""), each
    assert world.people.seen() == []
    assert seen_to(world) == Stage.DONE


def test_a_younger_one_keeps_everything() -> None:
    world = Keeping()
    before = answered(world)
    world.grown_old(days=89)
    assert world.story() == before
    assert world.people.last_invitation(person_keys(a_contact(), "helpdesk")[0]) == before.invitation_id


def test_age_counts_from_what_happened_last() -> None:
    world = Keeping()
    world.survey(policy={"edit_hours": 8760.0, "expires_days": 365.0})
    story = answered(world)
    world.clock.advance(days=60)
    world.record(story.invitation_id, "support", 4, {}, channel="web")
    world.grown_old(days=60)
    assert world.story().erased_at is None
    world.grown_old(days=31)
    assert world.story().erased_at


@pytest.mark.parametrize(
    "what",
    [
        {"sent_at": LATER},
        {"answers": (AnswerVersion(1, an_answer(), LATER, "web"), AnswerVersion(2, an_answer(), NOW, "web"))},
        {"doubted": (Doubted(1, an_answer(), LATER, "web", (Doubt.BURST,)),)},
    ],
)
def test_what_happens_with_a_story_is_that_it_is_sent_and_answered_however_doubtfully(what: dict[str, Any]) -> None:
    assert last_moment(a_story()) == NOW
    assert last_moment(a_story(**what)) == LATER


def test_nothing_goes_where_everything_is_to_be_kept() -> None:
    world = Keeping()
    world.retention_days = 0
    answered(world)
    world.grown_old(days=4000)
    assert world.story().erased_at is None
    assert list(world.blobs.keys("erasures/")) == []


def test_whoever_was_never_asked_goes_as_well_and_so_does_what_belongs_to_no_survey() -> None:
    world = Keeping()
    world.survey(policy={"sample_percent": 0.0})
    world.take()
    world.take(a_trigger("event-2", survey="nobody-has-made-this"))
    world.grown_old()
    assert [kept.story.trigger.contact for kept in world.stories._kept.values()] == [Contact()] * 2
    assert world.story().decision.reason is Reason.SAMPLED_OUT


def test_facts_that_the_survey_names_stay_unless_they_name_somebody() -> None:
    world = Keeping()
    world.survey(segments=["agent", "shop", "customer"])
    answered(world, conversation=a_conversation(attributes={"shop": "Mitte", "customer": "Frau Ada@example.com"}))
    world.grown_old()
    facts = world.story().facts
    assert (facts["shop"], facts["customer"], facts["agent"]) == ("Mitte", ERASED, "Grace")


def test_the_sinks_are_not_told() -> None:
    world = Keeping()
    world.add_sink("crm", erase=ERASE)
    answered(world)
    world.forward(world.message())
    world.grown_old()
    assert world.story().forwards == {}
    assert list(world.stories.due_before(world.clock.now())) == []
    assert not any(each.erased for each in world.sink.delivered)


def test_a_day_is_counted_again_only_if_the_night_had_made_something_of_what_went() -> None:
    world = Keeping()
    answered(world, comment="")
    world.clock.advance(days=91)
    world.run()
    assert (world.nights.dirty_days("support"), seen_to(world)) == ([], Stage.DONE)

    wordy = Keeping()
    answered(wordy)
    wordy.clock.advance(days=91)
    wordy.blobs.put("digests/survey=support/2026-03-02.json", b"canary words", "text/plain")
    wordy.blobs.put("athena/result.csv", b"somebody's query", "text/plain")
    wordy.run()
    assert [day for day, _ in wordy.nights.dirty_days("support")] == [DAY]
    assert seen_to(wordy) == Stage.REBUILDING
    wordy.blobs.put("digests/survey=support/2026-03-02.json", b"rebuilt", "text/plain")
    wordy.night()
    wordy.run()
    assert seen_to(wordy) == Stage.DONE
    assert not [versions for versions in wordy.blobs.old.values() if b"canary words" in versions]
    assert wordy.blobs.get("athena/result.csv"), "it expires by itself"


def test_what_is_answered_at_that_very_moment_is_not_old() -> None:
    world = Keeping()
    world.survey(policy={"edit_hours": 8760.0})
    story = answered(world)
    erase = world.stories.erase

    def answered_meanwhile(*args: Any, **how: Any) -> Any:
        world.record(story.invitation_id, "support", 4, {}, channel="web")
        return erase(*args, **how)

    world.stories.erase = answered_meanwhile  # type: ignore[method-assign]
    world.grown_old()
    assert world.story().erased_at is None


# --- persons ------------------------------------------------------------------------------------------------------------------


def test_a_cooldown_that_is_longer_than_what_is_kept_is_kept_to() -> None:
    world = Keeping()
    world.survey(policy={"cooldown_days": 365.0})
    story = answered(world)
    world.grown_old()
    key = person_keys(a_contact(), "helpdesk")[0]
    assert world.story().erased_at
    assert world.people.last_invitation(key) == story.invitation_id
    world.grown_old(days=300)
    assert world.people.last_invitation(key) is None


def test_a_conversation_that_was_reopened_since_is_not_surveyed() -> None:
    """What has grown old about it takes nothing along that is younger."""
    world = Keeping()
    world.survey(policy={"delay_minutes": 600.0})
    world.sent_story(a_trigger("old"))
    world.clock.advance(days=91)
    world.take(a_trigger("new", occurred_at=world.clock.now(), contact=a_contact(id="c-2", email="bo@example.com", phone="")))
    world.conversations.reopen("helpdesk", "42", world.clock.now() + timedelta(minutes=1))
    sent = len(world.email.sent)
    world.run()
    world.clock.advance(hours=11)
    world.sweep()
    world.dispatch(world.story(a_trigger("new")).invitation_id)
    assert world.story(a_trigger("old")).erased_at
    assert world.story(a_trigger("new")).decision.reason is Reason.REOPENED
    assert len(world.email.sent) == sent


def test_an_opt_out_is_for_ever() -> None:
    world = Keeping()
    answered(world)
    keys = person_keys(a_contact(), "helpdesk")
    world.people.opt_out(keys, NOW)
    world.grown_old(days=4000)
    assert world.people.opted_out(keys[:1])
    assert world.people.opted_out(keys[-1:])


def test_a_person_who_comes_back_while_they_are_being_forgotten_stays() -> None:
    world = Keeping()
    answered(world)
    world.clock.advance(days=91)
    keys = person_keys(a_contact(), "helpdesk")
    forget = world.people.forget

    def asked_again_meanwhile(key: str, **how: Any) -> bool:
        world.people.take_slot(keys, "i-2", world.clock.now(), 60)
        return forget(key, **how)

    world.people.forget = asked_again_meanwhile  # type: ignore[method-assign]
    world.run()
    assert {world.people.last_invitation(each) for each in keys} == {"i-2"}


# --- rounds -------------------------------------------------------------------------------------------------------------------


def test_the_table_is_read_once_a_week() -> None:
    world = Keeping()
    answered(world)
    world.page_size = 100
    world.run()
    assert len(world.pages) == 1
    for _ in range(6):
        world.clock.advance(days=1)
        world.run()
    assert len(world.pages) == 1
    world.clock.advance(days=1)
    world.run()
    assert len(world.pages) == 2


def test_what_is_erased_already_is_not_looked_at_again() -> None:
    world = Keeping()
    answered(world)
    world.grown_old()
    world.stories.get = lambda *_, **__: pytest.fail("it is erased")  # type: ignore[method-assign]
    world.grown_old(days=8)
    assert len([each for each in world.pages if not each]) == 2


def test_a_round_that_waits_for_the_nights_forgets_nothing() -> None:
    world = Keeping()
    answered(world)
    world.clock.advance(days=91)
    world.blobs.put("digests/survey=support/2026-03-02.json", b"canary words", "text/plain")
    world.run()
    world.clock.advance(days=9)
    world.run()
    world.blobs.put("digests/survey=support/2026-03-02.json", b"rebuilt", "text/plain")
    world.hours()
    assert not [versions for versions in world.blobs.old.values() if b"canary words" in versions]
    assert seen_to(world) == Stage.DONE


def test_keeping_less_begins_at_once_and_keeping_nothing_less_stops() -> None:
    world = Keeping()
    world.retention_days = 365
    answered(world)
    world.grown_old(days=120)
    assert world.story().erased_at is None
    world.retention_days = 90
    world.hours()
    assert world.story().erased_at

    stopped = Keeping()
    answered(stopped)
    stopped.clock.advance(days=91)
    stopped.run(seconds=0)
    assert seen_to(stopped) == Stage.SEARCHING
    stopped.retention_days = 0
    stopped.hours()
    assert stopped.story().erased_at is None


def test_a_wish_to_be_erased_comes_first_so_that_the_sinks_are_told() -> None:
    world = Keeping()
    world.add_sink("crm", erase=ERASE)
    answered(world)
    world.forward(world.message())
    world.clock.advance(days=91)
    world.run(seconds=0)
    world.erase("ada@example.com")
    world.erased()
    assert world.stage() == Stage.DONE
    assert world.sink.delivered[-1].erased
    assert seen_to(world) == Stage.DONE


def test_what_a_wish_learns_of_the_person_late_is_not_gone_before() -> None:
    """The number leads from the address that is asked for to a story that the census meets first."""
    world = Keeping(page_size=1)
    world.add_sink("crm", erase=ERASE)
    first, second = sorted((f"event-{n}" for n in range(2)), key=lambda each: a_trigger(each).invitation_id)
    for event_id, contact in ((first, Contact(phone="4930123456")), (second, Contact(phone="4930123456", email="ada@example.com"))):
        answered(world, event_id=event_id, contact=contact)
        world.clock.advance(days=60)
    world.clock.advance(days=91)
    world.erase("ada@example.com")
    world.erased()
    assert {each.variables["answer"]["id"] for each in world.sink.delivered if each.erased} == {
        a_trigger(each).invitation_id for each in (first, second)
    }


def test_a_table_that_was_restored_from_a_backup_is_gone_through_at_once() -> None:
    world = Keeping()
    answered(world)
    backup = {each: replace(kept) for each, kept in world.stories._kept.items()}
    world.grown_old()
    world.stories._kept |= backup
    world.warden = MemoryWarden()
    assert world.story().erased_at is None
    world.hours()
    assert world.story().erased_at
    assert world.erase.page()["items"] == []


def test_a_table_that_is_restored_while_a_round_waits_for_the_nights_is_gone_through_again() -> None:
    world = Keeping()
    answered(world)
    backup = {each: replace(kept) for each, kept in world.stories._kept.items()}
    world.clock.advance(days=91)
    world.run()
    assert seen_to(world) == Stage.REBUILDING
    world.stories._kept |= backup
    world.warden = MemoryWarden()
    world.run()
    assert world.story().erased_at


def test_a_run_that_dies_anywhere_is_finished_by_the_next() -> None:
    died = 0
    for place in range(1, 40):
        world = Keeping(page_size=1)
        answered(world)
        answered(world, event_id="event-2", contact=a_contact(id="c-9", phone="", email="bob@example.com"))
        world.clock.advance(days=91)
        world.blobs.put("digests/survey=support/2026-03-02.json", b"canary", "text/plain")
        world.night()
        left = place
        real = world.stories.erase, world.people.forget, world.blobs.put, world.nights.mark_dirty, world.blobs.purge

        def dying(call: Any) -> Any:
            def guarded(*args: Any, **named: Any) -> Any:
                nonlocal left
                left -= 1
                value = call(*args, **named)
                if left == 0:
                    raise DiedError
                return value

            return guarded

        world.stories.erase, world.people.forget, world.blobs.put, world.nights.mark_dirty, world.blobs.purge = map(dying, real)  # type: ignore[method-assign]
        try:
            world.run()
        except DiedError:
            died += 1
        left = -1
        world.blobs.put("digests/survey=support/2026-03-02.json", b"rebuilt", "text/plain")
        world.hours()
        world.hours()
        assert seen_to(world) == Stage.DONE, place
        held = world.everything()
        assert not [each for each in ("ada@", "Ada", "bob@", "4930123456", "canary") if each in held], place
    assert died > 10


def test_old_rows_of_a_file_that_is_imported_again_stay_a_week_at_most() -> None:
    world = Keeping()
    row = ImportedAnswer("r-1", 3, NOW, "canary words", {"agent": "Grace", "name": "Ada"})
    world.stories.import_answers(SURVEY, [row])
    world.grown_old()
    (entry,) = world.stories.answers_of_day("support", DAY)
    assert (entry.answer["rating"], entry.answer["details"], entry.facts) == (3, {"comment": HIDDEN}, {"agent": "Grace", "name": ERASED})
    world.stories.import_answers(SURVEY, [row])
    (entry,) = world.stories.answers_of_day("support", DAY)
    assert entry.facts["name"] == "Ada"
    world.grown_old(days=7)
    (entry,) = world.stories.answers_of_day("support", DAY)
    assert entry.facts["name"] == ERASED


def test_the_same_event_again_is_still_a_duplicate() -> None:
    world = Keeping()
    answered(world)
    world.grown_old()
    assert world.take().duplicate
    assert world.story().trigger.contact == Contact()


def test_a_round_can_be_looked_at() -> None:
    world = Keeping()
    answered(world)
    world.clock.advance(days=91)
    world.run()
    shown = world.erase.show(RETENTION)
    assert (shown["stage"], shown["stories"]) == (Stage.REBUILDING, 1)
    assert "RetentionDays" in shown["explanation"]
    assert world.erase.page()["items"] == [shown]
