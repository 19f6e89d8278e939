"""What every keeper of stories promises of answers in doubt, and where they are found again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from hearback.domain.errors import Gone, NotFound
from hearback.domain.moves import FORWARD_GUARD, Guard
from hearback.domain.quarantine import held, restored, waiting, without_round
from hearback.domain.story import Doubt, ForwardState, Reason, SendOutcome, State, Story
from hearback.ports import Held, Quarantine, QuarantineMark, Recorded, Stories
from tests.builders import NOW, a_decision, a_story, a_survey, an_answer, an_attempt
from tests.contract.conftest import Store

DAY = date(2026, 3, 2)
EXPIRY = NOW + timedelta(days=14)
SURVEY = a_survey()
ID = a_story().invitation_id
SINKS = ["crm", "sheet"]
FRESH = Guard(0)


@pytest.fixture
def stories(store: Store) -> Stories:
    return store.stories


@pytest.fixture
def quarantine(store: Store) -> Quarantine:
    return store.quarantine


def sent(stories: Stories) -> Story:
    stories.add(a_story(), due=NOW, asked_day=None)
    claimed = stories.claim(a_story(), an_attempt(), lease_until=NOW + timedelta(minutes=5), expires_at=EXPIRY)
    assert claimed is not None
    attempt = replace(an_attempt(), outcome=SendOutcome.SENT)
    after = stories.settle(claimed, attempt, State.SENT, a_decision(Reason.SENT), due=EXPIRY - timedelta(days=7), asked_day=DAY)
    assert after is not None
    return after


def pressed(stories: Stories, rating: int = 5, *, guard: Guard = FRESH, seconds: float = 0, sinks: list[str] = SINKS) -> Recorded | Held:
    at = NOW + timedelta(seconds=seconds)
    return stories.record_press(ID, SURVEY, an_answer(rating), at=at, channel="web", sinks=sinks, guard=guard)


def recorded(stories: Stories, rating: int = 5, seconds: float = 0) -> Story:
    return stories.record_answer(ID, SURVEY, an_answer(rating), at=NOW + timedelta(seconds=seconds), channel="web", sinks=SINKS).story


def doubted(stories: Stories, story: Story, rating: int, seconds: float = 0) -> Story:
    after = held(story, an_answer(rating), NOW + timedelta(seconds=seconds), "web", (Doubt.AFTER_ANSWER,))
    written = stories.judge(story, after, SURVEY)
    assert written == after
    return written


def now_of(stories: Stories) -> Story:
    found = stories.get(ID, consistent=True)
    assert found is not None
    return found


def ratings_of_the_day(stories: Stories, day: date = DAY) -> list[tuple[int, int]]:
    return [(each.answer["rating"], each.answer["version"]) for each in stories.answers_of_day("support", day)]


def due(stories: Stories) -> list[str]:
    return [mark.partition("#")[0] for _, mark in stories.due_before(datetime(9999, 1, 1, tzinfo=UTC))]


# --- a press is recorded while its guard holds ---------------------------------------------------------------------------------


def test_a_first_press_counts_as_any_answer_does(stories: Stories) -> None:
    sent(stories)
    outcome = pressed(stories, 4)
    assert isinstance(outcome, Recorded)
    assert (outcome.version, outcome.changed) == (1, True)
    assert ratings_of_the_day(stories) == [(4, 1)]
    assert sorted(outcome.story.forwards) == SINKS


def test_a_press_that_has_not_seen_the_answer_is_held_and_changes_nothing(stories: Stories) -> None:
    sent(stories)
    before = recorded(stories, 4)
    assert pressed(stories, 1, seconds=60) == Held(before)
    assert now_of(stories) == before
    assert ratings_of_the_day(stories) == [(4, 1)]


def test_a_press_that_has_seen_it_counts(stories: Stories) -> None:
    sent(stories)
    recorded(stories, 4)
    outcome = pressed(stories, 1, guard=Guard(1), seconds=60)
    assert isinstance(outcome, Recorded)
    assert ratings_of_the_day(stories) == [(1, 2)]
    assert isinstance(pressed(stories, 3, guard=Guard(1), seconds=61), Held)


def test_a_press_that_has_seen_an_answer_that_never_was_is_held(stories: Stories) -> None:
    sent(stories)
    assert isinstance(pressed(stories, guard=Guard(1)), Held)


def test_saying_what_was_said_changes_nothing_whatever_the_guard(stories: Stories) -> None:
    sent(stories)
    before = recorded(stories, 4)
    assert pressed(stories, 4, seconds=9) == Recorded(before, 1, changed=False)


def test_something_doubtful_lately_holds_a_press_and_long_ago_does_not(stories: Stories) -> None:
    story = doubted(stories, sent(stories), 2)
    calm = timedelta(seconds=10)
    assert pressed(stories, seconds=9, guard=Guard(0, NOW + timedelta(seconds=9) - calm)) == Held(story)
    assert isinstance(pressed(stories, seconds=10, guard=Guard(0, NOW + timedelta(seconds=10) - calm)), Held)
    assert isinstance(pressed(stories, seconds=11, guard=Guard(0, NOW + timedelta(seconds=11) - calm)), Recorded)


def test_a_press_too_soon_after_the_sending_or_before_its_record_is_held(stories: Stories) -> None:
    stories.add(a_story(), due=NOW, asked_day=None)
    assert isinstance(pressed(stories, guard=Guard(0, sent_before=NOW)), Held)
    sent(stories)
    assert isinstance(pressed(stories, guard=Guard(0, sent_before=NOW - timedelta(seconds=1))), Held)
    assert isinstance(pressed(stories, guard=Guard(0, sent_before=NOW)), Recorded)


def test_a_press_when_the_time_is_over_or_on_nothing_is_refused_as_any_answer_is(stories: Stories) -> None:
    with pytest.raises(NotFound):
        pressed(stories)
    sent(stories)
    with pytest.raises(Gone):
        stories.record_press(ID, SURVEY, an_answer(), at=EXPIRY, channel="web", sinks=[], guard=FRESH)
    recorded(stories, 4)
    with pytest.raises(Gone):
        pressed(stories, guard=Guard(1), seconds=25 * 3600)


# --- judged anew ------------------------------------------------------------------------------------------------------------------


def test_what_is_doubted_is_kept_and_counts_nowhere(stories: Stories) -> None:
    before = sent(stories)
    story = doubted(stories, before, 1)
    assert now_of(stories) == story
    assert [(each.answer.rating, each.doubts, each.number) for each in waiting(story)] == [(1, (Doubt.AFTER_ANSWER,), 1)]
    assert (story.answered, story.version, story.forwards) == (False, 0, {})
    assert ratings_of_the_day(stories) == []
    assert due(stories) != []


def test_what_is_doubted_after_an_answer_displaces_nothing(stories: Stories) -> None:
    sent(stories)
    before = recorded(stories, 4)
    marks = due(stories)
    story = doubted(stories, before, 1, seconds=30)
    assert (story.answers, story.forwards, story.first_answered_at) == (before.answers, before.forwards, before.first_answered_at)
    assert ratings_of_the_day(stories) == [(4, 1)]
    assert due(stories) == marks


def test_of_two_that_judge_the_same_reading_one_wins(stories: Stories) -> None:
    before = sent(stories)
    doubted(stories, before, 1)
    assert stories.judge(before, held(before, an_answer(2), NOW, "web", (Doubt.NO_PROOF,)), SURVEY) is None
    assert len(now_of(stories).doubted) == 1
    assert stories.judge(replace(before, invitation_id="nobody"), before, SURVEY) is None


def taken_back(stories: Stories) -> Story:
    """A round: a first press that counted, and two more scores seconds later."""
    sent(stories)
    story = doubted(stories, doubted(stories, recorded(stories, 1), 2, seconds=1), 3, seconds=2)
    after = without_round(story, SURVEY, SINKS, NOW + timedelta(seconds=2))
    written = stories.judge(story, after, SURVEY)
    assert written == after
    return written


def test_what_a_round_had_counted_counts_no_more_and_its_forwards_stop(stories: Stories) -> None:
    reminder = due_of_a_reminder(stories)
    story = taken_back(stories)
    assert now_of(stories) == story
    assert (story.answered, story.first_answered_at) == (False, None)
    assert [(each.answer.rating, each.version) for each in waiting(story)] == [(2, 0), (3, 0), (1, 1)]
    assert all(Doubt.ALL_SCORES in each.doubts for each in story.doubted)
    assert {each.state for each in story.forwards.values()} == {ForwardState.DROPPED}
    assert ratings_of_the_day(stories) == []
    assert due(stories) == [reminder], "nobody has answered, so there is a reminder to come"


def due_of_a_reminder(stories: Stories) -> str:
    return (EXPIRY - timedelta(days=7)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_the_next_answer_takes_a_version_that_nobody_has_seen(stories: Stories) -> None:
    taken_back(stories)
    outcome = pressed(stories, 4, seconds=600)
    assert isinstance(outcome, Recorded)
    assert (outcome.version, [each.version for each in outcome.story.answers]) == (2, [2])
    assert {each.version for each in outcome.story.forwards.values()} == {2}
    assert ratings_of_the_day(stories) == [(4, 2)]
    assert now_of(stories) == outcome.story


def test_a_score_that_was_taken_back_may_be_given_again(stories: Stories) -> None:
    taken_back(stories)
    assert isinstance(pressed(stories, 1, seconds=600), Recorded)
    assert ratings_of_the_day(stories) == [(1, 2)]


def test_an_answer_that_stood_before_the_round_goes_out_again_as_news(stories: Stories) -> None:
    sent(stories)
    recorded(stories, 5)
    pressed(stories, 1, guard=Guard(1), seconds=100)
    pressed(stories, 2, guard=Guard(2), seconds=101)
    pressed(stories, 3, guard=Guard(3), seconds=102)
    pressed(stories, 4, guard=Guard(4), seconds=103)
    before = now_of(stories)
    after = without_round(before, SURVEY, SINKS, NOW + timedelta(seconds=103))
    assert stories.judge(before, after, SURVEY) == after == now_of(stories)
    assert [(each.version, each.answer.rating) for each in after.answers] == [(1, 5), (6, 5)]
    assert {each.version for each in after.forwards.values()} == {6}
    assert ratings_of_the_day(stories) == [(5, 6)]
    assert (NOW + timedelta(seconds=103) + FORWARD_GUARD).strftime("%Y-%m-%dT%H:%M:%S.%fZ") in due(stories)


def test_a_restored_answer_counts_on_the_day_it_was_given_and_is_passed_on(stories: Stories) -> None:
    story = doubted(stories, sent(stories), 2)
    later = NOW + timedelta(days=3)
    after = restored(story, story.doubted[0], SINKS, later)
    assert stories.judge(story, after, SURVEY) == after == now_of(stories)
    assert waiting(after) == ()
    assert ratings_of_the_day(stories) == [(2, 1)]
    assert ratings_of_the_day(stories, date(2026, 3, 5)) == []
    assert {each.state for each in after.forwards.values()} == {ForwardState.PENDING}
    assert due(stories) == [(later + FORWARD_GUARD).strftime("%Y-%m-%dT%H:%M:%S.%fZ")]


def test_a_restored_answer_can_be_said_again_as_any_other(stories: Stories) -> None:
    story = doubted(stories, sent(stories), 2)
    stories.judge(story, restored(story, story.doubted[0], [], NOW), SURVEY)
    assert pressed(stories, 2, guard=Guard(1), seconds=9) == Recorded(now_of(stories), 1, changed=False)


# --- where they are found -------------------------------------------------------------------------------------------------------------


def mark(number: int, minutes: int = 0) -> QuarantineMark:
    return QuarantineMark(f"i-{number}", NOW + timedelta(minutes=minutes))


Ask = Callable[[Quarantine], list[QuarantineMark]]


def test_marks_are_listed_newest_first_page_after_page(quarantine: Quarantine) -> None:
    marked = [mark(1), mark(2, 5), mark(3, 5), mark(4, 9), mark(5, 1)]
    for each in marked:
        quarantine.add("support", each)
    quarantine.add("other", mark(6, 7))
    order = [mark(4, 9), mark(3, 5), mark(2, 5), mark(5, 1), mark(1)]
    assert quarantine.newest("support", before=None, limit=9) == order
    assert quarantine.newest("support", before=None, limit=2) == order[:2]
    assert quarantine.newest("support", before=order[1], limit=2) == order[2:4]
    assert quarantine.newest("support", before=order[4], limit=2) == []
    assert quarantine.newest("support", before=mark(9, 6), limit=1) == [order[1]], "a mark that went is still a place"
    assert quarantine.newest("nobody's", before=None, limit=9) == []


def test_a_day_s_marks_are_those_from_its_first_instant_to_its_last(quarantine: Quarantine) -> None:
    for each in (mark(1, -1), mark(2), mark(3, 30), mark(4, 60)):
        quarantine.add("support", each)
    found = list(quarantine.between("support", NOW, NOW + timedelta(hours=1)))
    assert found == [mark(2), mark(3, 30)]


def test_a_mark_that_is_set_twice_is_one_and_a_removed_one_is_gone(quarantine: Quarantine) -> None:
    quarantine.add("support", mark(1))
    quarantine.add("support", mark(1))
    assert quarantine.newest("support", before=None, limit=9) == [mark(1)]
    quarantine.remove("support", mark(1))
    quarantine.remove("support", mark(1))
    assert quarantine.newest("support", before=None, limit=9) == []
