"""The SVG badge of a published score: one line that stands in other people's pages, loads nothing and runs nothing.

A badge is drawn without knowing its reader's fonts: every text is told how wide it must come out, so it never leaves its box.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from html import escape
from typing import Any

from hearback.adapters.pages.figures import Figures
from hearback.domain.languages import is_right_to_left, words
from hearback.domain.plain_text import plain_text

CONTENT_TYPE = "image/svg+xml; charset=utf-8"

_FONT = "Verdana,'DejaVu Sans','Noto Sans',sans-serif"
_SIZE, _HEIGHT, _PAD, _MARK = 11, 20, 7, 14
_NAME_WIDTH = 180.0
_LABEL = "#333b47"
_COLOURS = {"met": "#0b5c7a", "missed": "#9c3d00", "not_proven": "#565f6b"}
"""Blue, orange and grey stay apart for every kind of colour blindness; the mark beside them says the same without colour. White
on each of them has a contrast of 6 to 1 or more.
"""

_MARKS = {"met": "M2.5 6.5l2.7 2.7 4.8-5.4", "missed": "M3 3l6 6M9 3l-6 6", "not_proven": "M2.5 4.5h7M2.5 8h7"}
"""A tick, a cross, and "about equal"."""

_NARROW, _WIDE = frozenset("iIjlft.,:;|!'()[] "), frozenset("mwMW%@+")
_NARROW_EM, _WIDE_EM, _CAPITAL_EM, _PLAIN_EM, _JOINED_EM, _FULL_EM = 0.42, 0.98, 0.74, 0.63, 0.5, 1.05
"""Widths of Verdana's letters, in ems; Arabic ones lean on each other, East Asian ones fill a square."""


def score_badge(score: Mapping[str, Any], language: str) -> str:
    """`score` as the page takes it."""
    figures, verdict = Figures.of(score, language), score["score"]["verdict"]
    interval = f" ({figures.interval})" if figures.interval else ""
    facts = f"{figures.value}{interval} · n={figures.n} · {figures.period}"
    label = f"{_cut(figures.name)} · {score['metric'].upper()}"
    return _drawn(label, facts, figures.sentence(language), language, _COLOURS[verdict], _MARKS[verdict])


def no_score_badge(name: str, survey: str, language: str) -> str:
    """For a survey that is published and has too few answers: grey, and without a number."""
    label, says = _cut(plain_text(name) or survey), words(language)["score_none_short"]
    return _drawn(label, says, f"{label}: {says}", language, _COLOURS["not_proven"])


def _drawn(label: str, facts: str, title: str, language: str, colour: str, mark: str = "") -> str:
    left, right = _width(label), _width(facts)
    split = round(left + 2 * _PAD, 1)
    text_from = split + _PAD + (_MARK if mark else 0)
    whole = round(text_from + right + _PAD, 1)
    drawn_mark = (
        f'<path transform="translate({split + _PAD - 2:g} 4)" d="{mark}" fill="none" stroke="#fff" stroke-width="1.8"/>' if mark else ""
    )
    tag = escape(language.replace("_", "-"))
    direction = ' direction="rtl"' if is_right_to_left(language) else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole:g}" height="{_HEIGHT}" viewBox="0 0 {whole:g} {_HEIGHT}" '
        f'role="img" aria-label="{escape(title)}" xml:lang="{tag}"><title>{escape(title)}</title>'
        f'<clipPath id="c"><rect width="{whole:g}" height="{_HEIGHT}" rx="4"/></clipPath><g clip-path="url(#c)">'
        f'<rect width="{split:g}" height="{_HEIGHT}" fill="{_LABEL}"/>'
        f'<rect x="{split:g}" width="{whole - split:g}" height="{_HEIGHT}" fill="{colour}"/></g>'
        f'{drawn_mark}<g fill="#fff"{direction} font-family="{_FONT}" font-size="{_SIZE}" text-anchor="middle">'
        f"{_text(label, split / 2, left)}{_text(facts, text_from + right / 2, right)}</g></svg>\n"
    )


def _text(text: str, middle: float, width: float) -> str:
    """Centred, because the middle is the middle in either direction of writing."""
    return f'<text x="{middle:g}" y="14" textLength="{width:g}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>'


def _cut(name: str) -> str:
    """A long name ends in dots: a badge is one line of somebody else's page."""
    if _width(name) <= _NAME_WIDTH:
        return name
    while _width(name) > _NAME_WIDTH - _SIZE:
        name = name[:-1]
    return name.rstrip() + "…"


def _width(text: str) -> float:
    return round(sum(_em(each) for each in text) * _SIZE, 1)


def _em(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in {"Mn", "Me", "Cf"}:
        return 0.0
    if unicodedata.east_asian_width(letter) in {"W", "F"}:
        return _FULL_EM
    if unicodedata.bidirectional(letter) == "AL":
        return _JOINED_EM
    if letter in _NARROW:
        return _NARROW_EM
    if letter in _WIDE:
        return _WIDE_EM
    return _CAPITAL_EM if letter.isupper() else _PLAIN_EM
