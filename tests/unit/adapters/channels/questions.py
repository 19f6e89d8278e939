"""A question as channels are given it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hearback.domain.languages import is_right_to_left, rating_label, words
from hearback.domain.survey import Metric, Scale, Survey
from hearback.ports import Question, ScoreLink
from tests.builders import a_survey

PAGE = "https://feedback.example.com/r/eyJpIjoiQSJ9.c2ln"
NPS = a_survey(metric=Metric.NPS, scale=Scale(0, 10))


def a_question(survey: Survey | None = None, language: str = "en", **overrides: Any) -> Question:
    survey = survey or a_survey()
    question = Question(
        invitation_id="AAAAAAAAAAAAAAAAAAAAAA",
        attempt="attempt-1",
        survey=survey,
        language=language,
        right_to_left=is_right_to_left(language),
        subject="How did we do?",
        question="How was it, Ada?",
        low="bad",
        high="good",
        scores=tuple(ScoreLink(n, rating_label(n, survey, language), f"{PAGE}?rating={n}") for n in survey.scale.ratings),
        page=PAGE,
        unsubscribe="https://feedback.example.com/u/eyJpIjoiQSJ9.c2ln",
        words=words(language),
    )
    return replace(question, **overrides)
