"""A rating that somebody typed into a chat: digits of any script, number words, "5/5", "4 stars", a row of stars, a face.

The whole message must be the rating. Anything else is an ordinary message, and is left alone.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from hearback.domain.languages import catalog, catalog_languages
from hearback.domain.survey import Scale, Style
from hearback.domain.symbols import faces

_LONGEST = 40
_FIVE = range(1, 6)
_STARS = "⭐🌟★"
_HOLLOW_STAR = "☆"
_KEYCAP_TEN = "🔟"
_PAIRS = dict(zip("([{\"'*_`“«「【", ")]}\"'*_`”»」】", strict=True))
_AFTER = ".!,、،؛。"
_BEFORE = "¡"
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def typed_rating(text: str, scale: Scale) -> int | None:
    """The rating that this message says and nothing besides, if the scale holds it; else None."""
    if len(text) > _LONGEST:
        return None
    bare = _unwrapped(_without_marks(text))
    rating = _drawn(bare, scale)
    if rating is None:
        rating = _said(bare, scale)
    return rating if rating is not None and scale.holds(rating) else None


def _without_marks(text: str) -> str:
    """ASCII digits for the digits of every script, one spelling for case, width and accents, no invisible signs."""
    plain = "".join(_one_spelling(each) for each in text.replace(_KEYCAP_TEN, "10")).casefold()
    return "".join(each for each in plain if unicodedata.category(each) not in _INVISIBLE)


def _one_spelling(character: str) -> str:
    if unicodedata.category(character) == "No":
        return character  # a superscript or a fraction is no digit: 1⁰ is not ten
    return unicodedata.normalize("NFKD", str(unicodedata.decimal(character, character)))


def _unwrapped(text: str) -> str:
    """Without blanks, the punctuation that ends a sentence, and quotes or brackets around the whole."""
    before = ""
    while text != before:
        before = text
        text = text.strip().rstrip(_AFTER).lstrip(_BEFORE).strip()
        if len(text) > 1 and _PAIRS.get(text[0]) == text[-1]:
            text = text[1:-1]
    return text


def _drawn(text: str, scale: Scale) -> int | None:
    """Four stars are a 4, with or without a hollow fifth, where stars can be meant; a face counts where faces were shown."""
    shown = faces(scale)
    if text in shown:
        return scale.min + shown.index(text)
    if scale.style is not Style.STARS and scale.ratings != _FIVE:
        return None
    drawn = text.replace("\n", "").replace(" ", "")
    full = len(drawn.rstrip(_HOLLOW_STAR))
    hollow = len(drawn) - full
    if not full or set(drawn[:full]) - set(_STARS) or (hollow and len(drawn) != scale.max):
        return None
    return full


def _said(text: str, scale: Scale) -> int | None:
    """A number, alone or "of" the scale's highest, with or without "stars" or "points" behind it."""
    numbers, sentence = _grammar()
    parts = sentence.fullmatch(text)
    if parts is None or (parts["of"] and _number(parts["of"], numbers) != scale.max):
        return None
    return _number(parts["rating"], numbers)


def _number(text: str, numbers: dict[str, int]) -> int:
    return int(text) if text.isdigit() else numbers[text]


@cache
def _grammar() -> tuple[dict[str, int], re.Pattern[str]]:
    """Number words of all catalogs to numbers, and the one sentence that a rating is."""
    typed = [catalog(language)["typed"] for language in sorted(catalog_languages())]
    numbers = {_without_marks(word): int(number) for each in typed for number, said in each["numbers"].items() for word in said}
    number = rf"(?:0|[1-9]\d?|{_any_of(numbers)})"
    unit = _any_of({_without_marks(word) for each in typed for word in each["units"]} | set(_STARS))
    of = _any_of({_without_marks(word) for each in typed for word in each["of"]})
    return numbers, re.compile(rf"(?P<rating>{number})(?:\s*(?:/|(?:{of})\s)\s*(?P<of>{number}))?(?:\s*(?:{unit}))?", re.ASCII)


def _any_of(said: dict[str, int] | set[str]) -> str:
    return "|".join(re.escape(each) for each in sorted(said, key=lambda word: (-len(word), word)))
