"""What a contact is shown where the survey's own words do not fit what the trigger knew."""

from typing import Any

import pytest

from hearback.domain.story import State
from hearback.domain.survey import Survey
from hearback.usecases.compose_question import filled_in, wording
from tests.builders import a_conversation, a_survey_body, a_trigger
from tests.unit.usecases.world import World


def texts(**words: str) -> dict[str, Any]:
    return {"en": {"question": "How was it?", "low": "", "high": "", "thanks": "", "subject": "", **words}}


def spoken(words: dict[str, Any]) -> Survey:
    return Survey.from_plain("support", a_survey_body(texts=words))


@pytest.mark.parametrize(
    "question",
    [
        "{{ conversation.attributes.order.number }}",
        "{{ conversation.attributes.order }}",
        "How was {{ conversation.tags[7] }}?",
        "{{ conversation.attributes.order + 1 }}",
        "{{ 1 / conversation.attributes.none }}",
    ],
)
def test_nobody_goes_unasked_because_the_question_cannot_be_filled_in(question: str) -> None:
    world = World()
    world.survey(texts=texts(question=question))
    trigger = a_trigger(conversation=a_conversation(attributes={"order": " "}))
    world.accept(trigger)
    world.dispatch(trigger.invitation_id)
    (asked,) = world.email.sent
    assert world.story(trigger).state is State.SENT
    assert asked[2].question == "How would you rate the help you received?"


def test_every_text_that_says_nothing_gives_way_to_the_language_s_own_words() -> None:
    world = World()
    story = world.accept(a_trigger(conversation=a_conversation(subject=""))).story
    assert story
    empty = dict.fromkeys(("low", "high", "thanks", "subject"), "{{ conversation.subject }}")
    shown = wording(story, spoken(texts(**empty)))
    assert shown == wording(story, spoken(texts()))
    assert all((shown.low, shown.high, shown.thanks, shown.subject))


def test_a_text_that_nothing_stands_in_for_loses_what_cannot_be_filled_in() -> None:
    named: dict[str, Any] = {"conversation": {"tags": []}}
    assert filled_in("What about {{ conversation.tags[0] }}{# a note #} {% if 1 / 0 %}x{% endif %}now?", named) == "What about xnow?"
    assert filled_in("What about {{ conversation.tags }}?", named) == "What about ?"
