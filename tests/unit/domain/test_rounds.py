"""What is a machine's round, and what people do who are in a hurry, in doubt, or in an office with a scanner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.domain import moves
from hearback.domain.quarantine import held, restored, without_round
from hearback.domain.rounds import CALM, Round, machine_round
from hearback.domain.story import Doubt, State, Story
from hearback.domain.survey import Scale
from tests.builders import NOW, a_story, a_survey, an_answer

SURVEY = a_survey()
SENT = a_story(state=State.SENT)
STARS = Scale(1, 5)


def pressed(story: Story, rating: int, seconds: float, *, channel: str = "web") -> Story:
    """A press that counted."""
    return moves.answered(story, an_answer(rating), NOW + timedelta(seconds=seconds), channel, ["crm"])


def doubted(story: Story, rating: int, seconds: float) -> Story:
    return held(story, an_answer(rating), NOW + timedelta(seconds=seconds), "web", (Doubt.AFTER_ANSWER,))


def swept(story: Story, ratings: list[int], start: float = 0.0, gap: float = 1.0) -> Story:
    """As it happens: a press counts when nothing stands, else it is doubted; after each, what a round had counted goes."""
    for n, rating in enumerate(ratings):
        at = start + n * gap
        if not story.answered and machine_round(doubted(story, rating, at), STARS) is None:
            story = pressed(story, rating, at)
        elif not moves.said_already(story, an_answer(rating)) or story.doubted:
            story = without_round(doubted(story, rating, at), SURVEY, ["crm"], NOW)
    return story


def ratings(story: Story) -> list[int]:
    return [each.answer.rating for each in story.answers]


def test_one_press_and_a_change_of_mind_are_no_round() -> None:
    assert machine_round(pressed(SENT, 5, 0), STARS) is None
    assert machine_round(pressed(pressed(SENT, 5, 0), 4, 1), STARS) is None


def test_three_scores_within_seconds_are_a_round_from_the_first_on() -> None:
    story = doubted(doubted(pressed(SENT, 1, 0), 2, 1), 3, 2)
    assert machine_round(story, STARS) == Round(Doubt.ALL_SCORES, frozenset({1}), frozenset({1, 2}))


def test_the_same_three_scores_with_pauses_are_a_person_who_thinks() -> None:
    story = pressed(pressed(pressed(SENT, 1, 0), 2, CALM.seconds), 3, 2 * CALM.seconds)
    assert machine_round(story, STARS) is None


def test_a_pause_of_a_moment_less_is_a_burst() -> None:
    assert machine_round(doubted(pressed(pressed(SENT, 1, 0), 2, 9.9), 3, 19.8), STARS) is not None
    assert machine_round(doubted(pressed(pressed(SENT, 1, 0), 2, 10), 3, 19.8), STARS) is None


def test_who_changes_their_mind_twice_on_the_page_is_a_person_and_who_does_it_three_times_in_seconds_is_not() -> None:
    story = pressed(pressed(pressed(SENT, 4, 0), 2, 4), 5, 8)
    assert machine_round(story, STARS) is None
    assert machine_round(pressed(story, 3, 12), STARS) is not None


def test_a_doubtful_press_that_was_confirmed_is_one_press() -> None:
    story = pressed(doubted(pressed(SENT, 4, 0), 2, 3), 2, 6)
    assert machine_round(pressed(doubted(story, 5, 9), 5, 12), STARS) is None
    assert machine_round(doubted(story, 5, 9), STARS) is not None


def test_what_came_from_no_page_of_ours_takes_nothing_back() -> None:
    story = pressed(SENT, 4, 0)
    for n in (1, 2, 3, 5):
        story = held(story, an_answer(n), NOW + timedelta(seconds=n), "web", (Doubt.NO_PROOF,))
    assert machine_round(story, STARS) is None


def test_both_scores_of_a_scale_of_two_are_a_round() -> None:
    assert machine_round(doubted(pressed(SENT, 1, 0), 2, 1), Scale(1, 2)) is not None


def test_many_presses_that_do_not_agree_are_a_burst_and_many_that_do_are_one_opinion() -> None:
    story = SENT
    for n in range(6):
        story = doubted(story, 1 + n % 2, n)
    found = machine_round(story, STARS)
    assert found is not None
    assert found.reason is Doubt.BURST
    for n in range(6):
        story = doubted(SENT, 4, n)
    assert machine_round(story, STARS) is None


def test_what_was_answered_before_the_burst_is_no_part_of_it() -> None:
    story = pressed(SENT, 5, 0)
    story = swept(story, [1, 2, 3, 4], start=60)
    assert ratings(story) == [5]


def test_replies_through_a_messenger_make_no_round() -> None:
    story = SENT
    for rating in (1, 2, 3):
        story = pressed(story, rating, rating, channel="whatsapp")
    assert machine_round(story, STARS) is None


@settings(deadline=None)
@given(st.permutations([1, 2, 3, 4, 5]), st.floats(0.05, 9.9))
def test_a_scanner_that_presses_every_score_in_any_order_and_at_any_speed_counts_for_nothing(order: list[int], gap: float) -> None:
    story = swept(SENT, order, gap=gap)
    assert not story.answered
    assert not any(each.restored_as for each in story.doubted)


@settings(deadline=None)
@given(st.permutations([1, 2, 3, 4, 5]), st.permutations([1, 2, 3, 4, 5]))
def test_two_scanners_after_one_another_count_for_nothing(first: list[int], second: list[int]) -> None:
    assert not swept(swept(SENT, first), second, start=6).answered


@settings(deadline=None)
@given(st.integers(1, 5), st.permutations([1, 2, 3, 4, 5]), st.floats(0.01, 9.9))
def test_a_person_who_pressed_in_the_same_moment_as_a_scanner_s_whole_round_is_still_heard(own: int, order: list[int], gap: float) -> None:
    """The scanner presses each score once, the person's own is pressed twice. (A repeat of what stands is noted as a press.)"""
    story = pressed(SENT, own, 0)
    for n, rating in enumerate(order, start=1):
        story = without_round(doubted(story, rating, n * gap), SURVEY, ["crm"], NOW)
    assert story.answers[-1].answer.rating == own
    assert {each.version for each in story.forwards.values()} == {story.version}


def test_what_an_operator_restored_is_never_taken_back() -> None:
    story = swept(SENT, [1, 2, 3])
    entry = next(each for each in story.doubted if each.answer.rating == 2)
    story = restored(story, entry, ["crm"], NOW)
    story = swept(story, [4, 5, 1], start=4)
    assert story.answers[-1].answer.rating == 2


@pytest.mark.parametrize("scale", [Scale(0, 10), Scale(1, 7), Scale(1, 5), Scale(1, 3)])
def test_a_round_over_any_scale_leaves_nothing(scale: Scale) -> None:
    survey = a_survey(scale=scale)
    story = SENT
    for n, rating in enumerate(scale.ratings):
        story = doubted(story, rating, n) if story.answered else pressed(story, rating, n)
        story = without_round(story, survey, [], NOW)
    assert not story.answered


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.sampled_from([0.3, 2.0, 9.9, 10.0, 60.0]), st.booleans()), max_size=14))
def test_judging_again_changes_nothing_and_no_version_is_given_twice(script: list[tuple[int, float, bool]]) -> None:
    story, at = SENT, 0.0
    seen: set[tuple[Any, ...]] = set()
    for rating, gap, counts in script:
        at += gap
        story = pressed(story, rating, at) if counts else doubted(story, rating, at)
        story = without_round(story, SURVEY, ["crm"], NOW)
        assert without_round(story, SURVEY, ["crm"], NOW) is story
        if story.answered:
            assert story.version == story.last_version
            key = (story.version, story.answers[-1].answer.rating, story.answers[-1].at)
            assert not any(each[0] == key[0] and each != key for each in seen), "a sink has seen this version as something else"
            seen.add(key)
        assert (story.first_answered_at is None) == (not story.answered)
        assert [each.number for each in story.doubted] == list(range(1, len(story.doubted) + 1))
