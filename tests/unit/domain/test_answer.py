from typing import Any

import pytest

from hearback.domain.answer import COMMENT_LIMIT, checked_answer
from hearback.domain.errors import Invalid
from hearback.domain.survey import DEFAULT_SCALES, Choice, FollowUp, Metric, Survey, Texts

WHY = FollowUp("why", "choices", {"en": "Why?"}, (Choice("slow", {"en": "Slow"}), Choice("rude", {"en": "Rude"})), max_rating=3)
COMMENT = FollowUp("comment", "text", {"en": "More?"})
SURVEY = Survey("s", Metric.CSAT, DEFAULT_SCALES[Metric.CSAT], 4, 75, "UTC", {"en": Texts("How?")}, follow_ups=(WHY, COMMENT))


def test_an_answer_keeps_what_was_ticked_in_the_survey_s_order() -> None:
    answer = checked_answer(SURVEY, 2, {"why": ["rude", "slow"], "comment": "  too slow \n"})
    assert answer.details == {"why": ["slow", "rude"], "comment": "too slow"}


def test_a_follow_up_that_does_not_apply_is_dropped_not_refused() -> None:
    assert checked_answer(SURVEY, 5, {"why": ["slow"], "comment": ""}).details == {}


@pytest.mark.parametrize(
    ("rating", "details", "field"),
    [
        (0, {}, "rating"),
        (6, {}, "rating"),
        (2, {"why": ["cheap"]}, "why"),
        (2, {"mood": "bad"}, "mood"),
        (2, {"comment": "x" * (COMMENT_LIMIT + 1)}, "comment"),
    ],
)
def test_what_the_survey_could_not_have_been_answered_with_is_refused_by_field(rating: int, details: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        checked_answer(SURVEY, rating, details)
    assert list(caught.value.fields) == [field]


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(Invalid) as caught:
        checked_answer(SURVEY, 9, {"why": ["cheap"], "mood": "bad"})
    assert set(caught.value.fields) == {"rating", "why", "mood"}


def test_the_same_answer_has_the_same_canonical_words() -> None:
    first = checked_answer(SURVEY, 2, {"why": ["rude", "slow"], "comment": "x"})
    second = checked_answer(SURVEY, 2, {"comment": "x", "why": ["slow", "rude"]})
    assert first.canonical() == second.canonical()
