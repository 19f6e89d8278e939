"""Answers of a day are read once for all that look alike: whatever was said, each is told as it is stored."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.dynamo import stories
from hearback.adapters.dynamo.stories import DynamoStories
from hearback.domain import moves
from hearback.domain.answer import Answer
from hearback.domain.survey import Survey
from hearback.ports import LedgerEntry
from tests.builders import a_survey_body

SURVEY = Survey.from_plain("support", a_survey_body(timezone="UTC"))
DAY = date(2026, 3, 2)

texts = st.one_of(st.sampled_from(['","at":"', '{"at":"x"}', "at", ',"at":"2026"}', "\\", "slow"]), st.text(max_size=8))
answers = st.builds(
    Answer,
    st.integers(1, 5),
    st.dictionaries(st.sampled_from(["comment", "at", "why", '"at":"']), st.one_of(texts, st.lists(texts, max_size=2)), max_size=3),
)
forms = st.builds(
    lambda answer, seconds, channel: moves.ledger_form(
        SURVEY, answer, datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=seconds), channel
    ),
    answers,
    st.floats(0, 86_399),
    st.sampled_from(["web", "whatsapp"]),
)


def read(held: list[str]) -> list[LedgerEntry]:
    pages = iter([{"Items": [{"pk": {"S": f"INV#{n}"}, "answer": {"S": each}} for n, each in enumerate(held)]}])
    client = SimpleNamespace(query=lambda **_: next(pages, {"Items": []}))
    return list(DynamoStories(cast("Any", client), "table").answers_of_day("support", DAY))


def spelled(form: dict[str, Any]) -> str:
    return json.dumps(form, ensure_ascii=False, separators=(",", ":"))


@given(st.lists(forms, max_size=12), st.integers(1, 3))
def test_an_answer_is_told_as_it_is_stored_whatever_was_read_before(held: list[dict[str, Any]], times: int) -> None:
    said = [spelled(form) for form in held] * times
    for entry, stored in zip(read(said), said, strict=True):
        assert {**entry.answer, "at": entry.at} == json.loads(stored)
        assert json.loads(entry.answer_text) == entry.answer


@given(forms, st.randoms(use_true_random=False))
def test_the_order_in_which_an_answer_is_stored_does_not_matter(form: dict[str, Any], chance: Any) -> None:
    names = list(form)
    chance.shuffle(names)
    for entry in read([spelled({name: form[name] for name in names})] * 2):
        assert {**entry.answer, "at": entry.at} == form
        assert entry.answer_text == "" or json.loads(entry.answer_text) == entry.answer


def test_answers_without_words_are_read_once_and_only_so_many_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "_ANSWERS_HELD", 3)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    plain = [moves.ledger_form(SURVEY, Answer(rating), at + timedelta(minutes=rating), "web") for rating in (1, 2, 3, 4, 5)]
    wordy = moves.ledger_form(SURVEY, Answer(1, {"comment": "slow"}), at, "web")
    said = [spelled(form) for form in (wordy, *plain)]
    entries = read(said * 2)
    shared = [one.answer is other.answer for one, other in zip(entries[:6], entries[6:], strict=True)]
    assert shared == [False, True, True, True, False, False]
