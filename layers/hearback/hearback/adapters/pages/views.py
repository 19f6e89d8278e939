"""What the pages show: plain values, already in the reader's language and with variables filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hearback.domain.languages import choose_language
from hearback.domain.survey import FollowUp, Survey

Details = Mapping[str, list[str] | str]


@dataclass(frozen=True, slots=True)
class ChoiceView:
    id: str
    text: str


@dataclass(frozen=True, slots=True)
class FollowUpView:
    """`kind` is "choices" or "text", as in the survey."""

    id: str
    kind: str
    question: str
    choices: tuple[ChoiceView, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link that anybody may follow; only http and https ones are shown."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class RatingView:
    """The question. `action` is the path of this very link, which the form posts to; `chosen` is marked in advance;
    `answered` was recorded before, with `details`, which travel along so that pressing Send again loses nothing.
    `problem` is the catalog's key for what was wrong with the last press; `again` for why it is asked for once more, `asked` when it
    had come from the form with the follow-ups.
    """

    survey: Survey
    language: str
    question: str
    action: str
    low: str = ""
    high: str = ""
    chosen: int | None = None
    answered: int | None = None
    details: Details = field(default_factory=dict)
    proof: str = ""
    problem: str = ""
    again: str = ""
    asked: bool = False
    opt_out: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class ChangeView:
    """Whether to keep the rating that stands (`old`) or to change it to the one that was pressed (`new`), with its `details`.
    `asked`: it came from the form with the follow-ups.
    """

    survey: Survey
    language: str
    action: str
    old: int
    new: int
    low: str = ""
    high: str = ""
    details: Details = field(default_factory=dict)
    proof: str = ""
    asked: bool = False
    opt_out: str = ""
    company: str = ""


@dataclass(frozen=True, slots=True)
class ThanksView:
    """The rating is recorded. Unless `complete`, the follow-ups are asked now, filled in with `details` given before.
    `changeable`: the answer may still be changed.
    """

    survey: Survey
    language: str
    rating: int
    action: str
    low: str = ""
    high: str = ""
    thanks: str = ""
    follow_ups: tuple[FollowUpView, ...] = ()
    details: Details = field(default_factory=dict)
    complete: bool = False
    changeable: bool = True
    links: tuple[LinkView, ...] = ()
    proof: str = ""
    problem: str = ""
    opt_out: str = ""
    company: str = ""


def follow_up_views(
    survey: Survey, rating: int, language: str, fill_in: Callable[[str], str] = lambda text: text
) -> tuple[FollowUpView, ...]:
    """The follow-ups that apply to a rating, in a language; `fill_in` renders the variables in a text."""

    def said(texts: Mapping[str, str]) -> str:
        return fill_in(texts[choose_language(language, texts, _default(survey, texts))])

    def view(each: FollowUp) -> FollowUpView:
        return FollowUpView(each.id, each.kind, said(each.texts), tuple(ChoiceView(one.id, said(one.texts)) for one in each.choices))

    return tuple(view(each) for each in survey.follow_ups if each.applies_to(rating))


def _default(survey: Survey, texts: Mapping[str, str]) -> str:
    return survey.default_language if survey.default_language in texts else next(iter(texts))
