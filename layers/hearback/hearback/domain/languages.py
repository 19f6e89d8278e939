"""Which language to speak, and the product's own words in it. One catalog file a language: `hearback/catalogs/<tag>.json`.

A catalog is read from the package once, when its words are first asked for; nothing happens at import.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from hearback.domain.survey import Direction, Metric, Survey

FALLBACK = "en"
"""The language that has every word."""

_CATALOGS = Path(__file__).parent.parent / "catalogs"
_LONGEST_WISH = 500
_RIGHT_TO_LEFT = frozenset({"ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "hebr", "thaa"})
_OLD_NAMES = {"iw": "he", "in": "id", "ji": "yi", "no": "nb"}
_WORDED_SCALE = 5


def choose_language(wanted: str, available: Collection[str], default: str) -> str:
    """The member of `available` that serves `wanted` best, else `default`.

    `wanted` is a language tag as helpdesks write it ("es-MX", "zh_Hans_CN", "AR") or an Accept-Language header. A wish
    is first looked up as it is and then without its last part, again and again (RFC 4647, 3.4), and last in any
    regional form: zh-Hans-CN finds zh, pt-PT finds pt-BR when that is the only Portuguese there is.
    """
    by_tag = {_canonical(each): each for each in sorted(available)}
    for wish in languages_in(wanted):
        if wish == "*":
            return default
        parts = wish.split("-")
        for length in range(len(parts), 0, -1):
            if (found := by_tag.get("-".join(parts[:length]))) is not None:
                return found
        for tag, found in by_tag.items():
            if tag.split("-")[0] == parts[0]:
                return found
    return default


def languages_in(header: str) -> list[str]:
    """The tags of an Accept-Language header, or of a lone tag, in lower case, the most wanted first.

    Refused languages (q=0) and what cannot be read are left out: a header is a wish, never an error.
    """
    wishes: list[tuple[float, str]] = []
    for part in header[:_LONGEST_WISH].split(","):
        name, _, parameters = part.partition(";")
        tag, weight = _canonical(name), _weight(parameters)
        if weight > 0 and (tag == "*" or all(each.isascii() and each.isalnum() for each in tag.split("-"))):
            wishes.append((-weight, tag))
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]


def is_right_to_left(language: str) -> bool:
    """Whether text in this language runs from right to left. A scale never does: low stays left of high."""
    first, *rest = _canonical(language).split("-")
    scripts = [part for part in rest if len(part) == len("arab") and part.isalpha()]
    return scripts[0] in _RIGHT_TO_LEFT_SCRIPTS if scripts else first in _RIGHT_TO_LEFT


@cache
def catalog_languages() -> frozenset[str]:
    """Every language that has a catalog."""
    return frozenset(each.stem for each in _CATALOGS.glob("*.json"))


@lru_cache(maxsize=256)
def words(language: str) -> Mapping[str, str]:
    """The catalog's words in the nearest language that has one; a word it lacks is there in English."""
    return _words(choose_language(language, catalog_languages(), FALLBACK))


@cache
def catalog(language: str) -> dict[str, Any]:
    """One catalog file: `name`, `words`, and `typed`, by which typed replies are understood."""
    read: dict[str, Any] = json.loads((_CATALOGS / f"{language}.json").read_bytes())
    return read


def end_words(survey: Survey, language: str) -> tuple[str, str]:
    """What the catalog calls the scale's lowest and highest rating. They change places where low is good."""
    said, metric = words(language), survey.metric.value
    low, high = said[f"low_{metric}"], said[f"high_{metric}"]
    return (high, low) if survey.scale.direction is Direction.LOW_IS_GOOD else (low, high)


def rating_word(rating: int, survey: Survey, language: str, *, low: str = "", high: str = "") -> str:
    """What one rating is called ("Good"), or nothing when nobody named it.

    `low` and `high` are the survey's own words for the ends, with variables filled in; empty: the catalog's. The catalog
    names the ratings between them only for CSAT in five steps, and only between its own ends: "Good" says nothing
    between "Hard" and "Easy".
    """
    scale, ends = survey.scale, end_words(survey, language)
    low, high = low or ends[0], high or ends[1]
    if rating == scale.min:
        return low
    if rating == scale.max:
        return high
    if survey.metric is not Metric.CSAT or len(scale.ratings) != _WORDED_SCALE or (low, high) != ends:
        return ""
    step = rating - scale.min + 1
    return words(language)[f"rating_{_WORDED_SCALE + 1 - step if scale.direction is Direction.LOW_IS_GOOD else step}"]


def rating_label(rating: int, survey: Survey, language: str, *, low: str = "", high: str = "") -> str:
    """A rating as it is said on its own, to a screen reader or in a list: "4 of 5, Good"; "7 of 10"."""
    said, word = words(language), rating_word(rating, survey, language, low=low, high=high)
    return said["rating_of_with_word" if word else "rating_of"].format(rating=rating, max=survey.scale.max, word=word)


@cache
def _words(language: str) -> Mapping[str, str]:
    return MappingProxyType(catalog(FALLBACK)["words"] | catalog(language)["words"])


@lru_cache(maxsize=1024)
def _canonical(tag: str) -> str:
    """The tag as one spelling: es_MX.UTF-8 is es-mx."""
    plain = tag.strip().partition(".")[0].partition("@")[0].replace("_", "-").lower()
    first, dash, rest = plain.partition("-")
    return _OLD_NAMES.get(first, first) + dash + rest


def _weight(parameters: str) -> float:
    for each in parameters.split(";"):
        name, _, value = each.partition("=")
        if name.strip().lower() == "q":
            try:
                return min(float(value), 1.0)
            except ValueError:
                return 0.0
    return 1.0
