"""What a contact said. Versions are appended, never overwritten; the newest one counts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hearback.domain.errors import Invalid
from hearback.domain.survey import Survey

COMMENT_LIMIT = 5000
"""Characters of a comment that are kept; a longer one is refused, not cut."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One version. `details` maps a follow-up's id to the ids ticked (list) or the text written (str)."""

    rating: int
    details: dict[str, list[str] | str] = field(default_factory=dict)

    def to_plain(self) -> dict[str, Any]:
        return {"rating": self.rating, "details": self.details}

    def canonical(self) -> str:
        """The same words for the same answer: how a second press of the same button is told from a change."""
        return json.dumps(self.to_plain(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class AnswerVersion:
    """`version` counts from 1; `channel` is where it was given ("web", "whatsapp", "import")."""

    version: int
    answer: Answer
    at: datetime
    channel: str


def checked_answer(survey: Survey, rating: int, details: dict[str, list[str] | str]) -> Answer:
    """The answer, if the survey could have been answered so. Raises `Invalid` naming each field that could not.

    Follow-ups that do not apply to the rating are dropped, not refused: a person who changes 2 to 5 has not lied.
    """
    problems: dict[str, str] = {}
    if not survey.scale.holds(rating):
        problems["rating"] = f"must be a whole number from {survey.scale.min} to {survey.scale.max}"
    kept: dict[str, list[str] | str] = {}
    asked = {each.id: each for each in survey.follow_ups}
    for name in sorted(details):
        value = details[name]
        follow_up = asked.get(name)
        if follow_up is None:
            problems[name] = "this survey does not ask that"
        elif follow_up.kind == "text":
            text = value if isinstance(value, str) else ""
            if len(text) > COMMENT_LIMIT:
                problems[name] = f"must be at most {COMMENT_LIMIT} characters"
            elif text.strip() and follow_up.applies_to(rating):
                kept[name] = text.strip()
        else:
            ticked = [value] if isinstance(value, str) else list(value)
            known = [each.id for each in follow_up.choices if each.id in ticked]
            if len(known) != len(set(ticked)):
                problems[name] = "names a choice that this survey does not offer"
            elif known and follow_up.applies_to(rating):
                kept[name] = known
    if problems:
        raise Invalid("this answer does not fit the survey", fields=problems)
    return Answer(rating, kept)
