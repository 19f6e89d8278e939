"""The scale as a radio group: native keys, a big target for each rating, low always left of high.

The picture is drawn over by its own invisible radio button; the words of the chosen one appear below all of them.
"""

from __future__ import annotations

from html import escape

from hearback.domain.languages import end_words, rating_label
from hearback.domain.survey import Direction, Style, Survey

_STAR = '<path d="M12 2.6l2.9 5.9 6.5.9-4.7 4.6 1.1 6.5L12 17.4l-5.8 3.1 1.1-6.5L2.6 9.4l6.5-.9z"/>'
_MOST_FACES = 7


def scale_html(survey: Survey, language: str, low: str, high: str, chosen: int | None) -> str:
    """`low` and `high` are the survey's own words for the ends; empty: the catalog's."""
    ratings, style = survey.scale.ratings, _style(survey)
    options = "".join(_option(n, survey, language, low, high, checked=n == chosen) for n in ratings)
    return f'<div class="scale {style} n{len(ratings)}" dir="ltr">{options}{_ends(survey, language, low, high, style)}</div>'


def star_or_face(rating: int, survey: Survey) -> str:
    """The picture of one rating; its plain number where the scale has none."""
    match _style(survey):
        case "stars":
            return _svg(_STAR)
        case "faces":
            return _svg(_face(_happiness(rating, survey)))
        case _:
            return str(rating)


def _style(survey: Survey) -> str:
    if survey.scale.style is Style.STARS:
        return "stars"
    return "faces" if survey.scale.style is Style.EMOJI and 1 < len(survey.scale.ratings) <= _MOST_FACES else "numbers"


def _option(rating: int, survey: Survey, language: str, low: str, high: str, *, checked: bool) -> str:
    label = escape(rating_label(rating, survey, language, low=low, high=high))
    mark = " checked" if checked else ""
    return (
        f'<label class="o"><input type="radio" name="rating" value="{rating}" required{mark}>'
        f'<span class="f" aria-hidden="true">{star_or_face(rating, survey)}</span><span class="v" dir="auto">{label}</span></label>'
    )


def _ends(survey: Survey, language: str, low: str, high: str, style: str) -> str:
    """The words at the two ends; with their numbers where a long scale may take two rows. Screen readers hear them with
    the ratings themselves.
    """
    words = end_words(survey, language)
    low, high = escape(low or words[0]), escape(high or words[1])
    first, last = (f"<bdi>{n}</bdi> · " if style == "numbers" else "" for n in (survey.scale.min, survey.scale.max))
    return f'<div class="ends" aria-hidden="true"><span dir="auto">{first}{low}</span><span dir="auto">{last}{high}</span></div>'


def _happiness(rating: int, survey: Survey) -> float:
    """From -1 (the worst) to 1."""
    scale = survey.scale
    share = (rating - scale.min) / (scale.max - scale.min) * 2 - 1
    return -share if scale.direction is Direction.LOW_IS_GOOD else share


def _face(happiness: float) -> str:
    """A round face whose mouth bends with happiness; the worst one frowns, the best one laughs."""
    head = '<circle cx="12" cy="12" r="9.6"/>'
    eyes = '<circle class="eye" cx="8.6" cy="10" r="1.2"/><circle class="eye" cx="15.4" cy="10" r="1.2"/>'
    if happiness == 1:
        return head + eyes + '<path d="M7 13.4h10a5 5 0 0 1-10 0z"/>'
    brows = '<path d="M6.6 6.9l3.2 1.3M17.4 6.9l-3.2 1.3"/>' if happiness == -1 else ""
    ends, middle = 15.6 - 1.3 * happiness, 15.6 + 3.4 * happiness
    return f'{head}{eyes}{brows}<path d="M7.8 {ends:.1f}Q12 {middle:.1f} 16.2 {ends:.1f}"/>'


def _svg(drawing: str) -> str:
    return f'<svg viewBox="0 0 24 24">{drawing}</svg>'
