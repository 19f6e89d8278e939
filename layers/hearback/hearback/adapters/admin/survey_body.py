"""The body of PUT /admin/surveys/{id}: its fields, what each may be, and its default.

What depends on two fields is judged in survey_rules.py, so that one answer can name every problem.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from hearback.adapters.admin.fields import EMAIL, HOUR, Body, Language, Name, Words
from hearback.domain.survey import DEFAULT_SCALES, Metric, Policy

DEFAULT_POLICY = Policy()

DEFAULT_TARGETS = {Metric.CSAT: 75.0, Metric.NPS: 30.0}
"""Percent satisfied; promoters less detractors. A CES target is a mean, three quarters of the way to the good end."""


def _optional(*names: str) -> ConfigDict:
    """Fields that the rules fill in before they validate, and which a sender may therefore leave out."""

    def without(schema: dict[str, Any]) -> None:
        schema["required"] = [each for each in schema.get("required", []) if each not in names]
        if not schema["required"]:
            del schema["required"]

    return ConfigDict(json_schema_extra=without)


class ScaleBody(Body):
    """Whole numbers, both ends included, at most eleven of them. NPS is always 0 to 10."""

    model_config = _optional("min", "max", "style", "direction")

    min: int = Field(ge=0, le=10, description="Default: 1; for nps 0.")
    max: int = Field(ge=0, le=10, description="Default: 5 for csat, 10 for nps, 7 for ces.")
    style: Literal["stars", "emoji", "numbers"] = Field(description="Default: stars for csat, else numbers.")
    direction: Literal["high_is_good", "low_is_good"] = Field(description="Default: high_is_good.")


class TextsBody(Body):
    """One language's words. Templates over `survey`, `invitation`, `conversation`, `contact` and `agent`."""

    question: str = Field(min_length=1, max_length=500)
    low: str = Field(default="", max_length=100, description="What the lowest rating means. Empty: the language's own words.")
    high: str = Field(default="", max_length=100, description="What the highest rating means. Empty: the language's own words.")
    thanks: str = Field(default="", max_length=1000, description="Shown after the answer. Empty: the language's own words.")
    subject: str = Field(default="", max_length=150, description="Subject of an e-mail. Empty: the language's own words.")


class ChoiceBody(Body):
    id: Name
    texts: Words


class WhenBody(Body):
    """The ratings that a follow-up is shown for; an open end is null."""

    min_rating: int | None = None
    max_rating: int | None = None


class FollowUpBody(Body):
    """A question after the rating: reasons to tick, or a text."""

    id: Name
    kind: Literal["choices", "text"]
    when: WhenBody | None = None
    texts: Words
    choices: list[ChoiceBody] = Field(default=[], max_length=12)


class PolicyBody(Body):
    """When not to ask."""

    cooldown_days: float = Field(
        default=DEFAULT_POLICY.cooldown_days, ge=0, le=3650, description="A person is asked at most once in so many days."
    )
    sample_percent: float = Field(
        default=DEFAULT_POLICY.sample_percent, ge=0, le=100, description="Share of triggers that are asked at all."
    )
    delay_minutes: float = Field(
        default=DEFAULT_POLICY.delay_minutes, ge=0, le=43_200, description="Wait after the trigger; a reopening cancels."
    )
    quiet_hours: Annotated[list[Annotated[str, Field(pattern=HOUR)]], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="From, until: local times of the contact, else of the survey.", examples=[["21:00", "08:00"]]
    )
    reminder_days: float | None = Field(
        DEFAULT_POLICY.reminder_days, ge=0, le=90, description="One reminder after so many days; null or 0: none."
    )
    expires_days: float = Field(default=DEFAULT_POLICY.expires_days, gt=0, le=365, description="How long an invitation can be answered.")
    edit_hours: float = Field(default=DEFAULT_POLICY.edit_hours, ge=0, le=8760, description="How long an answer can be changed.")


SegmentName = Annotated[str, Field(min_length=1, max_length=100)]
SegmentPair = Annotated[list[SegmentName], Field(min_length=2, max_length=2)]


class DigestBody(Body):
    """A mail with the numbers of each period that has ended, once its report is written."""

    to: list[Annotated[str, Field(pattern=EMAIL, max_length=320)]] = Field(default=[], max_length=20, description="E-mail addresses.")
    periods: list[Literal["day", "week", "month", "quarter"]] = Field(default=["week"], max_length=4)


def _policy() -> PolicyBody:
    return PolicyBody.model_validate({})


def _scale(data: dict[str, Any]) -> ScaleBody:
    return ScaleBody.model_validate(default_scale(data["metric"]))


def _benchmark(data: dict[str, Any]) -> int:
    return default_benchmark(data["metric"], data["scale"])


def _target(data: dict[str, Any]) -> float:
    return default_target(data["metric"], data["scale"])


class SurveyBody(Body):
    """What is asked, of whom, how often, and what counts as good."""

    model_config = _optional("timezone")

    metric: Literal["csat", "nps", "ces"]
    name: str = Field(default="", max_length=100, description="What people call it; empty: its id.")
    enabled: bool = Field(default=True, description="False: triggers are recorded, and nobody is asked.")
    scale: ScaleBody = Field(default_factory=_scale, description="What is left out comes from the metric.")
    benchmark: int = Field(
        default_factory=_benchmark,
        description="The lowest rating that counts as satisfied (with `low_is_good` the highest). Default: 4 of 1-5, else three "
        "quarters of the way to the good end, rounded towards it; 9 for nps; for ces the first rating past the middle.",
    )
    target: float = Field(
        default_factory=_target,
        description="The score to reach. Default: 75 (percent) for csat, 30 (-100 to 100) for nps, for ces the mean that is three "
        "quarters of the way to the good end (5.5 of 1-7).",
    )
    timezone: str = Field(description="IANA time zone of the survey's days. Default: the stack's.", max_length=64)
    texts: dict[Language, TextsBody] = Field(min_length=1, max_length=60, description="The words by language; at least one.")
    follow_ups: list[FollowUpBody] = Field(default=[], max_length=5)
    policy: PolicyBody = Field(default_factory=_policy)
    channels: list[Annotated[str, Field(min_length=1, max_length=40)]] = Field(
        default=["same", "email", "web"],
        min_length=1,
        max_length=10,
        description="The ladder, tried in order: `same` (the conversation's own), a kind of channel, or a configured channel's id.",
    )
    segments: list[SegmentName | SegmentPair] = Field(
        default=["agent", "team", "channel", "tag"],
        max_length=20,
        description="What reports are cut by: agent, team, channel, source, language, tag, or a name among the conversation's attributes. "
        "A list of two names cuts by both at once.",
        examples=[["agent", "team", ["team", "channel"]]],
    )
    minimum_group: int = Field(
        default=5, ge=2, le=100, description="A group with fewer answers shows no score: it would be noise, and may be one person's."
    )
    published: bool = Field(default=False, description="Whether anybody may read the score.")
    report_language: Literal["en", "zh"] = Field(default="en", description="Language of report.html and of the digest mail.")
    digest: DigestBody = Field(default_factory=DigestBody, description="Who gets the numbers by e-mail.")


def default_scale(metric: str) -> dict[str, Any]:
    scale = DEFAULT_SCALES[Metric(metric)]
    return {"min": scale.min, "max": scale.max, "style": scale.style.value, "direction": scale.direction.value}


def default_benchmark(metric: str, scale: ScaleBody) -> int:
    """4 of 1-5, 9 for NPS, 5 of 1-7 for CES. A scale that runs the other way has the mirror image."""
    if metric == Metric.NPS:
        high = 9
    elif metric == Metric.CES:
        high = (scale.min + scale.max) // 2 + 1
    else:
        high = math.ceil(scale.min + 0.75 * (scale.max - scale.min))
    return high if scale.direction == "high_is_good" else scale.min + scale.max - high


def default_target(metric: str, scale: ScaleBody) -> float:
    if metric != Metric.CES:
        return DEFAULT_TARGETS[Metric(metric)]
    share = 0.75 if scale.direction == "high_is_good" else 0.25
    return scale.min + share * (scale.max - scale.min)
