"""How a story becomes an item and comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.dynamo.story_item import SK, decode, dump, encode, pk_of
from hearback.adapters.dynamo.table import text
from hearback.domain.answer import Answer, AnswerVersion
from hearback.domain.story import Attempt, Decision, Forward, ForwardState, Outcome, Reason, SendOutcome, State, Story
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind
from tests.builders import NOW, a_story, an_answer, an_attempt

words = st.text(max_size=12)
moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the strategy adds the zone
maybe = st.none() | moments
json_values = st.recursive(st.none() | st.booleans() | st.integers() | words, lambda inner: st.lists(inner, max_size=2), max_leaves=4)

triggers = st.builds(
    Trigger,
    source=words,
    event_id=words,
    kind=st.sampled_from(TriggerKind),
    occurred_at=moments,
    conversation=st.builds(
        Conversation, words, words, words, words, st.lists(words, max_size=2).map(tuple), st.dictionaries(words, json_values, max_size=2)
    ),
    contact=st.builds(Contact, words, words, words, words, words, words, st.dictionaries(words, words, max_size=2)),
    agent=st.builds(Agent, words, words, words),
    survey=words,
)
attempts = st.builds(Attempt, words, words, words, moments, st.sampled_from(SendOutcome), words, words, words, st.booleans())
answers = st.builds(Answer, st.integers(-10, 10), st.dictionaries(words, words | st.lists(words, max_size=2), max_size=2))
forwards = st.builds(Forward, st.sampled_from(ForwardState), st.integers(1, 9), st.integers(0, 9), maybe, maybe, st.integers(0, 599), words)


@st.composite
def stories(draw: Any) -> Story:
    trigger = draw(triggers)
    said = draw(st.lists(st.tuples(answers, moments, words), max_size=3))
    return Story(
        invitation_id=trigger.invitation_id,
        trigger=trigger,
        survey=draw(words),
        decision=draw(st.builds(Decision, st.sampled_from(Outcome), st.sampled_from(Reason), moments, words)),
        state=draw(st.sampled_from(State)),
        created_at=draw(moments),
        due_at=draw(maybe),
        expires_at=draw(maybe),
        lease_until=draw(maybe),
        person=draw(words),
        channel=draw(words),
        address=draw(words),
        language=draw(words),
        sent_at=draw(maybe),
        delivered_at=draw(maybe),
        reminder_at=draw(maybe),
        reminded=draw(st.booleans()),
        attempts=tuple(draw(st.lists(attempts, max_size=2))),
        answers=tuple(AnswerVersion(n, *each) for n, each in enumerate(said, start=1)),
        first_answered_at=draw(maybe),
        forwards=draw(st.dictionaries(st.text(min_size=1, max_size=5), forwards, max_size=2)),
        facts=draw(st.dictionaries(words, words | st.lists(words, max_size=2), max_size=2)),
        revision=draw(st.integers(0, 10**6)),
    )


def as_item(story: Story) -> dict[str, Any]:
    return {"pk": text(pk_of(story.invitation_id)), "sk": text(SK), **encode(story)}


@given(stories())
def test_every_story_comes_back_as_it_was(story: Story) -> None:
    assert decode(as_item(story)) == story


def test_a_moment_of_another_zone_is_the_same_moment() -> None:
    there = timezone(timedelta(hours=5, minutes=30))
    story = a_story(created_at=NOW.astimezone(there))
    assert decode(as_item(story)).created_at == NOW


def test_what_is_empty_takes_no_room() -> None:
    item = encode(a_story(language="", facts={}, due_at=None))
    assert set(item) == {"trigger", "survey", "decision", "state", "created_at", "revision"}


def test_what_a_newer_version_has_added_is_left_alone() -> None:
    story = replace(
        a_story(state=State.SENT, attempts=(an_attempt(),)),
        answers=(AnswerVersion(1, an_answer(), NOW, "web"),),
        forwards={"crm": Forward(version=1, next_at=NOW)},
    )
    item = as_item(story)
    item["invented"] = {"M": {"later": {"S": "x"}}}
    for name in ("attempts", "answers"):
        item[name] = {"L": [text(each["S"].replace("{", '{"invented":[1],', 1)) for each in item[name]["L"]]}
    for name in ("trigger", "decision"):
        item[name] = text(item[name]["S"].replace("{", '{"invented":{"a":1},', 1))
    item["trigger"] = text(item["trigger"]["S"].replace('"contact":{', '"contact":{"invented":1,').replace('"agent":{', '"agent":{"x":1,'))
    item["forwards"] = {"M": {"crm": text(item["forwards"]["M"]["crm"]["S"].replace("{", '{"invented":1,', 1))}}
    assert decode(item) == story


def test_what_an_older_version_had_not_written_gets_its_default() -> None:
    item = as_item(a_story())
    for name in ("facts", "language", "due_at", "revision"):
        del item[name]
    item["attempts"] = {"L": [text(dump({"at": "2026-03-02T12:00:00.000000Z", "outcome": "sent"}))]}
    story = decode(item)
    assert (story.facts, story.language, story.due_at, story.revision) == ({}, "", None, 0)
    assert story.attempts == (Attempt("", "", "", NOW, SendOutcome.SENT),)


def test_a_forward_that_nobody_has_tried_belongs_to_the_newest_answer() -> None:
    item = as_item(replace(a_story(), answers=tuple(AnswerVersion(n, an_answer(n), NOW, "web") for n in (1, 2))))
    item["forwards"] = {"M": {"crm": text('{"state":"pending"}')}}
    assert decode(item).forwards["crm"].version == 2
