"""A survey: what is asked, of whom, how often, and what counts as good.

Built from the plain form that the admin API has validated and stored; nothing here checks it again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Metric(StrEnum):
    CSAT = "csat"
    NPS = "nps"
    CES = "ces"


class Style(StrEnum):
    STARS = "stars"
    EMOJI = "emoji"
    NUMBERS = "numbers"


class Direction(StrEnum):
    HIGH_IS_GOOD = "high_is_good"
    LOW_IS_GOOD = "low_is_good"


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole numbers from `min` to `max`, both included."""

    min: int
    max: int
    style: Style = Style.NUMBERS
    direction: Direction = Direction.HIGH_IS_GOOD

    def holds(self, rating: int) -> bool:
        return self.min <= rating <= self.max

    @property
    def ratings(self) -> range:
        return range(self.min, self.max + 1)


DEFAULT_SCALES = {
    Metric.CSAT: Scale(1, 5, Style.STARS),
    Metric.NPS: Scale(0, 10, Style.NUMBERS),
    Metric.CES: Scale(1, 7, Style.NUMBERS),
}


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of a survey in one language; templates over the trigger's variables. Empty: the catalog's words."""

    question: str
    low: str = ""
    high: str = ""
    thanks: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """A reason to tick: a stable id and its words by language."""

    id: str
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question after the rating. `min_rating`/`max_rating` bound the ratings that it is shown for."""

    id: str
    kind: str
    texts: dict[str, str]
    choices: tuple[Choice, ...] = ()
    min_rating: int | None = None
    max_rating: int | None = None

    def applies_to(self, rating: int) -> bool:
        return (self.min_rating is None or rating >= self.min_rating) and (self.max_rating is None or rating <= self.max_rating)


@dataclass(frozen=True, slots=True)
class Policy:
    """When not to ask. `quiet_hours` are local times ("21:00", "08:00") of the contact, else of the survey."""

    cooldown_days: float = 7.0
    sample_percent: float = 100.0
    delay_minutes: float = 0.0
    quiet_hours: tuple[str, str] | None = None
    reminder_days: float | None = None
    expires_days: float = 14.0
    edit_hours: float = 24.0


@dataclass(frozen=True, slots=True)
class Survey:
    """`segments` are the variables that reports are cut by, `segment_pairs` those that they are cut by two at a time. A group
    with fewer answers than `minimum_group` shows no score. `digest_to` are e-mail addresses that get the numbers of each
    period of a kind in `digest_periods`.
    """

    id: str
    metric: Metric
    scale: Scale
    benchmark: int
    target: float
    timezone: str
    texts: dict[str, Texts]
    name: str = ""
    enabled: bool = True
    follow_ups: tuple[FollowUp, ...] = ()
    policy: Policy = field(default_factory=Policy)
    channels: tuple[str, ...] = ("same", "email", "web")
    segments: tuple[str, ...] = ("agent", "team", "channel", "tag")
    segment_pairs: tuple[tuple[str, str], ...] = ()
    minimum_group: int = 5
    published: bool = False
    report_language: str = "en"
    digest_to: tuple[str, ...] = ()
    digest_periods: tuple[str, ...] = ("week",)

    @property
    def segment_names(self) -> tuple[str, ...]:
        """Every variable that reports are cut by, alone or in a pair, each once."""
        return tuple(dict.fromkeys((*self.segments, *(name for pair in self.segment_pairs for name in pair))))

    @property
    def default_language(self) -> str:
        """English when the survey speaks it, else the first language it was written in."""
        return "en" if "en" in self.texts else next(iter(self.texts))

    @staticmethod
    def from_plain(survey_id: str, plain: dict[str, Any]) -> Survey:
        """Rebuild a stored survey. `plain` is the validated body of PUT /admin/surveys/{id} with its defaults."""
        policy = dict(plain["policy"])
        if policy.get("quiet_hours"):
            policy["quiet_hours"] = tuple(policy["quiet_hours"])
        scale, digest = plain["scale"], plain.get("digest") or {}
        return Survey(
            id=survey_id,
            metric=Metric(plain["metric"]),
            scale=Scale(scale["min"], scale["max"], Style(scale["style"]), Direction(scale["direction"])),
            benchmark=plain["benchmark"],
            target=plain["target"],
            timezone=plain["timezone"],
            texts={language: Texts(**words) for language, words in plain["texts"].items()},
            name=plain.get("name", ""),
            enabled=plain.get("enabled", True),
            follow_ups=tuple(_follow_up(each) for each in plain["follow_ups"]),
            policy=Policy(**policy),
            channels=tuple(plain["channels"]),
            segments=tuple(each for each in plain["segments"] if isinstance(each, str)),
            segment_pairs=tuple((each[0], each[1]) for each in plain["segments"] if not isinstance(each, str)),
            minimum_group=plain.get("minimum_group", 5),
            published=plain["published"],
            report_language=plain.get("report_language", "en"),
            digest_to=tuple(digest.get("to", ())),
            digest_periods=tuple(digest.get("periods", ("week",))),
        )


def _follow_up(plain: dict[str, Any]) -> FollowUp:
    when = plain.get("when") or {}
    return FollowUp(
        id=plain["id"],
        kind=plain["kind"],
        texts=plain["texts"],
        choices=tuple(Choice(each["id"], each["texts"]) for each in plain.get("choices") or ()),
        min_rating=when.get("min_rating"),
        max_rating=when.get("max_rating"),
    )
