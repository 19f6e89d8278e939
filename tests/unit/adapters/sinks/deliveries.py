"""A delivery as sinks are given it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hearback.domain.answer import AnswerVersion
from hearback.ports import Delivery
from hearback.usecases.forward_answer import answer_variables
from tests.builders import NOW, a_conversation, a_story, a_survey, a_trigger, an_answer


def a_delivery(comment: str = "fine", rating: int = 4, source: str = "helpdesk", system: str = "", **overrides: Any) -> Delivery:
    """One answer, as the use case hands it over; `system` is what the source says the conversation lives in."""
    conversation = a_conversation(attributes={"system": system} if system else {})
    story = a_story(
        trigger=a_trigger(source=source, conversation=conversation),
        answers=(AnswerVersion(1, an_answer(rating, comment=comment, reasons=["slow"]), NOW, "web"),),
    )
    delivery = Delivery(
        id="AAAAAAAAAAAAAAAAAAAAAA.crm.1",
        invitation_id="AAAAAAAAAAAAAAAAAAAAAA",
        version=1,
        attempt=1,
        variables=answer_variables(story, a_survey()),
        source=source,
    )
    return replace(delivery, **overrides)
