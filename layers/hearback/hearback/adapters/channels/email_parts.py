"""The two parts of the survey mail. Mail programs know tables and inline styles, and little else."""

from __future__ import annotations

from html import escape

from hearback.domain.survey import Style
from hearback.ports import Question, ScoreLink

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_NARROW = 7
"""Scores in one row of a phone's width; a longer scale is broken into two rows."""


def text_part(question: Question) -> str:
    words = question.words
    scores = [f"{score.label}: {score.url}" for score in question.scores]
    return "\n".join(
        [
            question.question.strip(),
            "",
            words.get("email_choose", ""),
            *scores,
            "",
            words.get("email_confirm", ""),
            f"{words.get('email_page', '')}: {question.page}",
            "",
            "-- ",
            words.get("email_footer", ""),
            f"{words.get('email_unsubscribe', '')}: {question.unsubscribe}",
            "",
        ]
    )


def html_part(question: Question) -> str:
    """Everything said in the contact's direction, but the scale: it runs from low at the left to high at the right."""
    words, direction = question.words, "rtl" if question.right_to_left else "ltr"
    start = "right" if question.right_to_left else "left"
    rows = "".join(f"<tr>{''.join(_cell(score, question) for score in row)}</tr>" for row in _rows(question.scores))
    return (
        f'<!doctype html><html lang="{escape(question.language)}" dir="{direction}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{escape(one_line(question.subject))}</title></head>'
        f'<body style="margin:0;padding:0;background:#f4f5f7"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        f'dir="{direction}"><tr><td align="center" style="padding:24px 12px"><table role="presentation" width="100%" cellpadding="0" '
        f'cellspacing="0" style="max-width:560px;background:#fff;border-radius:8px"><tr><td style="padding:28px 24px;{_FONT};'
        f'font-size:16px;line-height:1.5;color:#1c1e21;text-align:{start}">'
        f'<h1 style="margin:0 0 16px;font-size:20px;line-height:1.35">{_paragraphs(question.question)}</h1>'
        f'<p style="margin:0 0 12px">{escape(words.get("email_choose", ""))}</p>'
        f'<table role="presentation" dir="ltr" cellpadding="0" cellspacing="0" align="center" style="margin:0 auto">{rows}</table>'
        f"{_ends(question)}"
        f'<p style="margin:16px 0 0;font-size:14px;color:#4b4f56">{escape(words.get("email_confirm", ""))} '
        f'<a href="{escape(question.page)}" style="color:#0b57d0">{escape(words.get("email_page", ""))}</a></p>'
        f'<p style="margin:24px 0 0;font-size:12px;color:#5f6368">{escape(words.get("email_footer", ""))} '
        f'<a href="{escape(question.unsubscribe)}" style="color:#5f6368">{escape(words.get("email_unsubscribe", ""))}</a></p>'
        f"</td></tr></table></td></tr></table></body></html>"
    )


def one_line(text: str) -> str:
    """No line break, no control character: what may stand in a header."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _cell(score: ScoreLink, question: Question) -> str:
    mark = f"{score.rating}&#9733;" if question.survey.scale.style is Style.STARS else str(score.rating)
    label = escape(score.label)
    return (
        f'<td align="center" style="padding:4px"><a href="{escape(score.url)}" title="{label}" aria-label="{label}" '
        f'style="display:inline-block;min-width:36px;padding:10px 4px;border:1px solid #0b57d0;border-radius:6px;{_FONT};font-size:16px;'
        f'line-height:1.2;color:#0b57d0;text-align:center;text-decoration:none">{mark}</a></td>'
    )


def _rows(scores: tuple[ScoreLink, ...]) -> list[tuple[ScoreLink, ...]]:
    if len(scores) <= _NARROW:
        return [scores]
    half = (len(scores) + 1) // 2
    return [scores[:half], scores[half:]]


def _ends(question: Question) -> str:
    """What the ends of the scale mean; under the scale, in its direction."""
    if not (question.low or question.high):
        return ""
    first, last = question.scores[0].rating, question.scores[-1].rating
    side = "right" if question.right_to_left else "left"
    shown = [f"{rating} = {escape(words)}" for rating, words in ((first, question.low), (last, question.high)) if words]
    return f'<p style="margin:8px 0 0;font-size:14px;color:#4b4f56;text-align:{side}">{"<br>".join(shown)}</p>'


def _paragraphs(text: str) -> str:
    return escape(text.strip()).replace("\n", "<br>")
