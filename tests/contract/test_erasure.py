"""What every keeper promises of erasing: what goes, what stays, who is found, and whose turn it is."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from hearback.domain.answer import Answer
from hearback.domain.erasing import ERASED, NOTICE_WAIT, erased
from hearback.domain.errors import Gone, Invalid
from hearback.domain.masking import HIDDEN
from hearback.domain.moves import Guard
from hearback.domain.quarantine import held
from hearback.domain.story import Doubt, Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.domain.survey import Scale, Style
from hearback.domain.trigger import Contact, Conversation
from hearback.ports import SeenPerson
from tests.builders import NOW, a_decision, a_story, a_survey, a_trigger, an_answer, an_attempt, an_imported_answer
from tests.contract.conftest import Store

DAY = date(2026, 3, 2)
LATER = NOW + timedelta(hours=1)
EXPIRY = NOW + timedelta(days=14)
SURVEY = a_survey()


def sent(store: Store, event_id: str = "event-1") -> Story:
    story = a_story(event_id, person="p-1", address="ada@example.com")
    store.stories.add(story, due=NOW, asked_day=None)
    claimed = store.stories.claim(story, an_attempt(), lease_until=NOW + timedelta(minutes=5), expires_at=EXPIRY)
    assert claimed
    attempt = replace(claimed.attempts[-1], outcome=SendOutcome.SENT, provider_id="wamid.1")
    after = store.stories.settle(claimed, attempt, State.SENT, a_decision(Reason.SENT), due=EXPIRY, asked_day=DAY)
    assert after
    return after


def answered(store: Store, **how: Any) -> Story:
    story = sent(store)
    given = Answer(2, {"comment": "call me, Ada", "reasons": ["slow"]})
    return store.stories.record_answer(story.invitation_id, SURVEY, given, at=NOW, channel="web", sinks=how.get("sinks", ["crm"])).story


def erase(store: Store, story: Story) -> Story:
    after = store.stories.erase(story, erased(story, LATER, segments=("shop",), tell=True), asked_day=DAY + timedelta(days=1))
    assert after is not None
    assert store.stories.get(story.invitation_id, consistent=True) == after
    return after


def test_an_erased_story_counts_as_before_and_says_nothing(store: Store) -> None:
    story = answered(store)
    asked = list(store.stories.asked_of_day("support", DAY))
    (before,) = store.stories.answers_of_day("support", DAY)
    after = erase(store, story)
    (entry,) = store.stories.answers_of_day("support", DAY)
    assert entry.answer == before.answer | {"details": {"comment": HIDDEN, "reasons": ["slow"]}}
    assert entry.facts == before.facts
    assert list(store.stories.asked_of_day("support", DAY)) == asked
    assert (after.erased_at, after.attempts, after.address, after.person) == (LATER, (), "", "")
    assert (after.trigger.event_id, after.trigger.contact, after.trigger.conversation) == ("", Contact(), Conversation())
    assert after.forwards == {"crm": Forward(version=1, next_at=LATER + NOTICE_WAIT)}


def test_the_ledger_s_form_keeps_the_scale_that_an_answer_was_given_on(store: Store) -> None:
    old = a_survey(scale=Scale(1, 10, Style.NUMBERS))
    story = sent(store)
    given = store.stories.record_answer(story.invitation_id, old, an_answer(9), at=NOW, channel="web", sinks=[]).story
    erase(store, given)
    (entry,) = store.stories.answers_of_day("support", DAY)
    assert (entry.answer["rating"], entry.answer["scale"]) == (9, [1, 10])


def test_a_story_that_waits_is_decided_on_that_day(store: Store) -> None:
    story = a_story()
    store.stories.add(story, due=NOW, asked_day=None)
    after = erase(store, story)
    assert (after.state, after.decision.reason) == (State.SKIPPED, Reason.ERASED)
    assert [each.outcome for each in store.stories.asked_of_day("support", DAY + timedelta(days=1))] == ["skipped:erased"]
    assert list(store.stories.due_before(EXPIRY)) == []


def test_what_is_being_sent_may_have_arrived_and_its_sender_can_say_nothing_more(store: Store) -> None:
    story = a_story()
    store.stories.add(story, due=NOW, asked_day=None)
    claimed = store.stories.claim(story, an_attempt(), lease_until=LATER, expires_at=EXPIRY)
    assert claimed
    after = erase(store, claimed)
    assert after.state is State.UNKNOWN
    sent_after_all = replace(claimed.attempts[-1], outcome=SendOutcome.SENT, provider_id="wamid.49301")
    assert store.stories.settle(claimed, sent_after_all, State.SENT, a_decision(Reason.SENT), due=None, asked_day=DAY) is None
    assert not store.stories.note_delivery(claimed, sent_after_all, NOW)
    assert store.stories.get(story.invitation_id) == after


def test_nobody_answers_reminds_or_judges_an_erased_story(store: Store) -> None:
    story = answered(store)
    after = erase(store, story)
    for rating in (2, 5):
        with pytest.raises(Gone):
            store.stories.record_answer(story.invitation_id, SURVEY, an_answer(rating), at=NOW, channel="web", sinks=["crm"])
        with pytest.raises(Gone):
            store.stories.record_press(story.invitation_id, SURVEY, an_answer(rating), at=NOW, channel="web", sinks=["crm"], guard=Guard(1))
    assert store.stories.remind(story, an_attempt("again")) is None
    assert store.stories.judge(story, held(story, an_answer(1), NOW, "web", (Doubt.BURST,)), SURVEY) is None
    assert store.stories.get(story.invitation_id) == after


def test_somebody_s_write_in_between_wins_and_is_erased_the_next_time(store: Store) -> None:
    story = answered(store)
    store.stories.note_forwards(story, {"crm": Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "Ada is known")})
    assert store.stories.erase(story, erased(story, LATER, segments=(), tell=True), asked_day=DAY) is None
    now = store.stories.get(story.invitation_id)
    assert now
    assert erase(store, now).forwards["crm"] == Forward(version=1, next_at=LATER + NOTICE_WAIT)


def test_words_in_quarantine_go_too_and_the_answers_stay_doubted(store: Store) -> None:
    story = sent(store)
    doubted = store.stories.judge(story, held(story, Answer(1, {"comment": "Ada was here"}), NOW, "web", (Doubt.BURST,)), SURVEY)
    assert doubted
    after = erase(store, doubted)
    assert [(each.answer.details, each.doubts) for each in after.doubted] == [({"comment": HIDDEN}, (Doubt.BURST,))]


def test_notices_are_due_when_nothing_can_be_on_its_way_any_more_and_are_noted_as_forwards_are(store: Store) -> None:
    after = erase(store, answered(store, sinks=["crm", "sheet"]))
    assert sorted(after.forwards) == ["crm", "sheet"]
    ((invitation_id, mark),) = store.stories.due_before(LATER + NOTICE_WAIT)
    assert (invitation_id, mark.split("#")[0]) == (after.invitation_id, "2026-03-02T13:04:00.000000Z")
    told = Forward(ForwardState.DELIVERED, 1, 1, None, LATER, 204, "")
    assert store.stories.note_forwards(after, {"crm": told})
    again = store.stories.get(after.invitation_id)
    assert again
    assert again.forwards["crm"] == told
    assert store.stories.replay_forward(again, "crm")


def test_a_redelivered_event_finds_the_erased_story(store: Store) -> None:
    after = erase(store, answered(store))
    assert store.stories.add(a_story(), due=NOW, asked_day=None) == after


def test_an_imported_answer_that_was_erased_is_not_imported_again_and_others_are(store: Store) -> None:
    rows = [an_imported_answer("a"), an_imported_answer("b")]
    store.stories.import_answers(SURVEY, rows)
    day = rows[0].at.date()
    first = next(entry for entry in store.stories.answers_of_day("support", day) if entry.answer["imported"])
    story = store.stories.get(first.invitation_id)
    assert story
    after = erase(store, story)
    store.stories.import_answers(SURVEY, [*rows, an_imported_answer("c")])
    assert store.stories.get(first.invitation_id) == after
    assert len(list(store.stories.answers_of_day("support", day))) == 3


def test_an_imported_answer_that_was_too_old_may_be_imported_again(store: Store) -> None:
    rows = [an_imported_answer("a")]
    store.stories.import_answers(SURVEY, rows)
    (entry,) = store.stories.answers_of_day("support", rows[0].at.date())
    story = store.stories.get(entry.invitation_id)
    assert story
    after = erased(story, LATER, segments=(), tell=False)
    assert store.stories.erase(story, after, asked_day=DAY, importable=True) == after
    store.stories.import_answers(SURVEY, rows)
    assert store.stories.get(entry.invitation_id) == story


def test_facts_that_the_survey_does_not_name_lose_their_values(store: Store) -> None:
    row = replace(an_imported_answer("a"), facts={"agent": "Grace", "shop": "Mitte", "customer": "Ada"})
    store.stories.import_answers(SURVEY, [row])
    (entry,) = store.stories.answers_of_day("support", row.at.date())
    story = store.stories.get(entry.invitation_id)
    assert story
    erase(store, story)
    (entry,) = store.stories.answers_of_day("support", row.at.date())
    assert entry.facts == {"agent": "Grace", "shop": "Mitte", "customer": ERASED}


# --- persons ------------------------------------------------------------------------------------------------------------------


def test_what_is_known_of_a_person_is_known_under_each_identity(store: Store) -> None:
    store.people.take_slot(["a", "b"], "i-1", NOW, 60)
    store.people.opt_out(["c"], LATER)
    known = store.people.known(["b", "c"])
    assert known.keys >= {"a", "b", "c"}
    assert (known.last_invited_at, known.opted_out_at) == (NOW, LATER)
    assert store.people.known(["x"]).keys == {"x"}


def test_a_forgotten_person_is_nobody(store: Store) -> None:
    store.people.take_slot(["a", "b"], "i-1", NOW, 60)
    assert [store.people.forget(each) for each in ("a", "b", "a", "b", "x")] == [True, True, False, False, False]
    assert store.people.last_invitation("b") is None
    assert store.census.page().persons == ()


def test_an_opt_out_is_all_that_is_kept_of_a_forgotten_person_who_had_opted_out(store: Store) -> None:
    store.people.take_slot(["a", "b"], "i-1", NOW, 60)
    store.people.opt_out(["b"], LATER)
    assert [store.people.forget(each) for each in ("a", "b", "a")] == [True, False, False]
    assert store.people.opted_out(["b"])
    known = store.people.known(["b"])
    assert (known.last_invited_at, known.opted_out_at) == (None, LATER)


def test_whoever_was_asked_since_is_not_forgotten_under_any_identity(store: Store) -> None:
    store.people.take_slot(["a", "b"], "i-1", NOW, 60)
    earlier = NOW - timedelta(seconds=1)
    assert [store.people.forget(each, asked_before=earlier) for each in ("a", "b", "x")] == [False] * 3
    assert store.people.last_invitation("b") == "i-1"
    assert [store.people.forget(each, asked_before=NOW) for each in ("b", "a")] == [True, True]
    assert store.census.page().persons == ()


def test_whoever_gave_their_slot_back_and_whoever_opted_out_are_forgotten_alike(store: Store) -> None:
    store.people.take_slot(["a"], "i-1", NOW, 60)
    store.people.release_slot("a", "i-1")
    assert store.people.forget("a", asked_before=NOW - timedelta(days=1))
    store.people.take_slot(["b", "c"], "i-2", NOW, 60)
    store.people.opt_out(["b"], LATER)
    assert not store.people.forget("b", asked_before=NOW - timedelta(days=1))
    assert store.people.last_invitation("b") == "i-2"
    assert store.people.forget("b", asked_before=NOW)
    assert not store.people.forget("c", asked_before=NOW)
    assert store.people.last_invitation("b") is None
    assert store.people.opted_out(["b"])
    assert store.people.opted_out(["c"])


# --- the census ---------------------------------------------------------------------------------------------------------------


def census(store: Store) -> tuple[list[Any], list[SeenPerson]]:
    stories: list[Any] = []
    persons: list[SeenPerson] = []
    after, pages = "", 0
    while pages == 0 or after:
        page = store.census.page(after)
        stories += page.stories
        persons += page.persons
        after, pages = page.next, pages + 1
    return stories, persons


def test_a_census_meets_everybody_once_and_tells_by_what_they_are_known(store: Store) -> None:
    answered(store)
    for n in range(5):
        store.stories.add(a_story(f"other-{n}"), due=None, asked_day=DAY)
    store.stories.import_answers(SURVEY, [an_imported_answer("a")])
    store.people.take_slot(["a", "b"], "i-1", NOW, 60)
    store.conversations.reopen("helpdesk", "42", NOW)
    store.configs.put("surveys", "support", {"metric": "csat"})
    stories, persons = census(store)
    assert len(stories) == len({each.invitation_id for each in stories}) == 7
    (seen,) = [each for each in stories if each.invitation_id == a_trigger().invitation_id]
    assert (seen.trigger.contact, seen.created_at, seen.days) == (a_trigger().contact, NOW, (("support", DAY),))
    assert not any(each.erased for each in stories)
    assert {each.key for each in persons} == {"a", "b"}
    assert {key for each in persons for key in (each.key, *each.belongs_to)} == {"a", "b"}
    assert {each.last_invited_at for each in persons} == {NOW, None}


def test_a_census_tells_which_stories_are_erased(store: Store) -> None:
    store.stories.add(a_story("other"), due=None, asked_day=DAY)
    after = erase(store, answered(store))
    stories, _ = census(store)
    assert {each.invitation_id for each in stories if each.erased} == {after.invitation_id}
    assert len(stories) == 2


def test_what_goes_during_a_census_hides_nothing_that_stays(store: Store) -> None:
    for n in range(9):
        store.people.take_slot([f"k{n}"], f"i-{n}", NOW, 60)
    met: set[str] = set()
    after = ""
    while True:
        page = store.census.page(after)
        met |= {each.key for each in page.persons}
        for each in page.persons:
            store.people.forget(each.key)
        after = page.next
        if not after:
            break
    assert met == {f"k{n}" for n in range(9)}


def test_a_place_that_is_none_is_refused(store: Store) -> None:
    with pytest.raises(Invalid):
        store.census.page("nowhere")


# --- turns --------------------------------------------------------------------------------------------------------------------


def test_one_runs_at_a_time_and_a_turn_that_lasted_too_long_is_over(store: Store) -> None:
    assert store.warden.take_turn("a", NOW, LATER)
    assert store.warden.take_turn("a", NOW, LATER)
    assert not store.warden.take_turn("b", NOW + timedelta(minutes=59), LATER + timedelta(hours=1))
    store.warden.end_turn("b")
    assert not store.warden.take_turn("b", NOW, LATER)
    assert store.warden.take_turn("b", LATER, LATER + timedelta(hours=1))
    store.warden.end_turn("a")
    store.warden.end_turn("b")
    assert store.warden.take_turn("c", NOW, LATER)


def test_the_ledger_s_last_entry_is_remembered(store: Store) -> None:
    assert store.warden.ledger_seen() == ""
    store.warden.see_ledger("one")
    store.warden.see_ledger("two")
    assert store.warden.ledger_seen() == "two"


def test_a_forgotten_conversation_was_never_reopened(store: Store) -> None:
    store.conversations.reopen("helpdesk", "42", NOW)
    store.conversations.forget("helpdesk", "42")
    store.conversations.forget("helpdesk", "42")
    assert store.conversations.reopened_at("helpdesk", "42") is None


def test_a_story_knows_every_sink_that_a_version_of_its_answer_was_for(store: Store) -> None:
    story = answered(store, sinks=["sheet", "crm"])
    for rating, sinks in ((3, []), (4, ["crm", "desk"]), (5, [])):
        story = store.stories.record_answer(story.invitation_id, SURVEY, an_answer(rating), at=NOW, channel="web", sinks=sinks).story
    assert not story.forwards
    assert store.stories.replay_forward(story, "late")
    story = store.stories.get(story.invitation_id, consistent=True) or story
    assert story.sinks == {"crm", "desk", "late", "sheet"}
    after = erase(store, story)
    assert (sorted(after.forwards), after.sinks) == (["crm", "desk", "late", "sheet"], frozenset())


def test_a_conversation_that_was_reopened_since_is_not_forgotten(store: Store) -> None:
    store.conversations.reopen("helpdesk", "42", NOW)
    store.conversations.forget("helpdesk", "42", reopened_before=NOW - timedelta(seconds=1))
    assert store.conversations.reopened_at("helpdesk", "42") == NOW
    store.conversations.forget("helpdesk", "42", reopened_before=NOW)
    assert store.conversations.reopened_at("helpdesk", "42") is None
