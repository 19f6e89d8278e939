"""What a contact is shown: the survey's words in their language, with the trigger's variables filled in, and signed links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from hearback.domain.errors import Invalid
from hearback.domain.facts import variables
from hearback.domain.languages import choose_language, end_words, is_right_to_left, rating_label, words
from hearback.domain.links import LinkSigner
from hearback.domain.story import Story
from hearback.domain.survey import Survey
from hearback.domain.templates import render_text
from hearback.ports import Question, ScoreLink

UNSUBSCRIBE_DAYS = 400
"""How long an opt-out link works: longer than anybody keeps a survey mail unread."""

_IN_BRACES = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Wording:
    """A survey's texts for one contact. The catalog's stand where the survey has none, or none that says anything here."""

    language: str
    question: str
    low: str
    high: str
    thanks: str
    subject: str


def template_variables(story: Story, survey: Survey) -> dict[str, Any]:
    """What a survey's texts may name: survey, invitation, conversation, contact, agent."""
    return {
        "survey": {"id": survey.id, "name": survey.name or survey.id, "metric": survey.metric.value},
        "invitation": {"id": story.invitation_id, "channel": story.channel, "language": story.language},
        **variables(story.trigger),
    }


def wording(story: Story, survey: Survey, language: str = "") -> Wording:
    """`language` (a page asked for in another one) wins over the story's own."""
    spoken = choose_language(language or story.language, survey.texts, survey.default_language)
    own, catalog = survey.texts[spoken], words(spoken)
    named = template_variables(story, survey)
    low, high = end_words(survey, spoken)
    return Wording(
        language=spoken,
        question=filled_in(own.question, named, instead=catalog[f"question_{survey.metric.value}"]),
        low=filled_in(own.low, named, instead=low),
        high=filled_in(own.high, named, instead=high),
        thanks=filled_in(own.thanks, named, instead=catalog["thanks"]),
        subject=filled_in(own.subject, named, instead=catalog["subject"]),
    )


def filled_in(text: str, named: Mapping[str, Any], *, instead: str = "") -> str:
    """The text with its variables. One that then says nothing, or that cannot be filled in with what this trigger knew, gives way
    to `instead` (empty: to itself without what stands in braces): nobody goes unasked because an order had no number.
    """
    try:
        said = render_text(text, named)
    except Invalid:
        said = ""
    return said if said.strip() else instead or " ".join(_IN_BRACES.sub("", text).split())


def compose_question(story: Story, survey: Survey, signer: LinkSigner, public_url: str, attempt: str, expires_at: datetime) -> Question:
    text = wording(story, survey)
    page = f"{public_url}/r/{signer.answer_token(story.invitation_id, survey.id, expires_at)}"
    opt_out = signer.opt_out_token(story.invitation_id, survey.id, expires_at + timedelta(days=UNSUBSCRIBE_DAYS))
    return Question(
        invitation_id=story.invitation_id,
        attempt=attempt,
        survey=survey,
        language=text.language,
        right_to_left=is_right_to_left(text.language),
        subject=text.subject,
        question=text.question,
        low=text.low,
        high=text.high,
        scores=tuple(
            ScoreLink(n, rating_label(n, survey, text.language, low=text.low, high=text.high), f"{page}?rating={n}")
            for n in survey.scale.ratings
        ),
        page=page,
        unsubscribe=f"{public_url}/u/{opt_out}",
        words=words(text.language),
    )
