"""Hide what identifies a person in a comment, in any language, before it stands in a digest, a report or a mail."""

from __future__ import annotations

import re
import unicodedata

HIDDEN = "•••"
"""Stands for whatever was hidden: of no language, no word, and never hidden again."""

_LONG_NUMBER = 6
"""Digits in a row from which a number is hidden: years and most prices are shorter, telephone and order numbers are not."""

_LONG_GROUPS = 7
"""The same for digits in groups ("030 123 45")."""

_IBAN_DIGITS = 9

_BLANK = r" \t\u00a0\u2000-\u200a\u202f\u3000"
_INVISIBLE = r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\u20e3\ufeff"
_DASH = r"\-\u2010-\u2015\u2212\uff0d"

_NO_WORD = (
    r"\s\x00-/:-@\[-^`{-\u00bf\u060c\u061b\u061f\u06d4\u0964\u0965\u2000-\u2bff\u3000-\u303f"
    r"\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\ud800-\udfff\ufe0f\ufeff\U0001f000-\U0001faff"
)
"""Blanks, punctuation, symbols, emoji: what no word holds. Said this way round, because \\w leaves out vowel signs."""

_UNSPACED = (
    r"\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3040-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    r"\uf900-\ufaff\uff66-\uffdc\U00020000-\U000323af"
)
"""Scripts in which a sentence runs right up to an address and on behind it: they are no part of an address in other scripts."""

_WORD = rf"[^{_NO_WORD}]"
_LETTER = rf"[^{_NO_WORD}\d_]"
_SPACED_WORD = rf"[^{_NO_WORD}{_UNSPACED}]"
_JOINER = r"[.+%&'\-]"
_LOCAL = rf"(?:{_SPACED_WORD}|{_JOINER})"
_AT = r"[@\uff20\ufe6b]"
_JOINT = rf"(?:{_JOINER}|{_AT})"
_LABEL = r"[A-Za-z\d\-]++"
_SPELLED_AT = r"[(\[{]\s?(?:at|AT)\s?[)\]}]"
_SPELLED_DOT = rf"[{_BLANK}]?[(\[{{]\s?(?:dot|DOT)\s?[)\]}}][{_BLANK}]?"

_ENDS_SENTENCE = r".,!?;:)'\]"
_URL_BODY = rf"(?:[{_ENDS_SENTENCE}]*+[^\s{_ENDS_SENTENCE}<>\"\u2018-\u203a\u3001-\u3011\uff01-\uff0f\uff1a-\uff20«»])++"
_TOP_DOMAIN = r"(?:[a-z]{2}|com|net|org|info|biz|app|dev|shop|store|online|site|xyz|link|page)"

# Texts, compiled at their first use: that takes 13 ms, and whoever waits for a page's cold start masks nothing.
_URL = (
    rf"(?i:[a-z]{{2,12}}://{_URL_BODY}"
    rf"|(?<![a-z])(?:mailto|tel|sms):{_URL_BODY}"
    rf"|www\.{_URL_BODY}"
    rf"|(?<![a-z\d.\-])(?:[a-z\d\-]++\.)++{_TOP_DOMAIN}/{_URL_BODY})"
)
_ADDRESS = (
    rf"(?:(?<!{_LOCAL}){_LOCAL}++)?+{_AT}(?=[\d._\-]*+{_LETTER})(?:(?:{_JOINT}*+{_SPACED_WORD})++|(?:{_JOINT}*+{_WORD})++)"
    rf"|(?<!{_LOCAL}){_JOINER}*+{_SPACED_WORD}{_LOCAL}*+[{_BLANK}]?(?:{_AT}|{_SPELLED_AT})[{_BLANK}]?{_LABEL}(?:(?:\.|{_SPELLED_DOT}){_LABEL})++"
)
_IBAN = r"(?<![A-Za-z\d])[A-Z]{2}\d{2}(?:[ \-]?[A-Z\d]{4}){2,7}(?:[ \-]?[A-Z\d]{1,3})?(?![A-Za-z\d])"
_CODE = r"(?<![A-Za-z\d_\-])[A-Za-z_\-]*+\d[A-Za-z\d_\-]*+"
_PREFIXED = r"[A-Za-z][_\-]?\d{5}"
_NUMBERED = r"[#№\uff03]\s?\d{4,}+"
_DIGITS = rf"(?<![A-Za-z\d])\+?\d(?:(?:\.(?=\d)|/(?=\d\d\d)|[{_BLANK}{_DASH}{_INVISIBLE}()+]{{1,4}}+)?\d)*+"

_YEAR = r"(?:19|20)\d\d"
_SHORT = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = "|".join([rf"{_SHORT}{dot}{_SHORT}{dot}(?:{_YEAR}|\d\d)|{_YEAR}{dot}{_SHORT}{dot}{_SHORT}" for dot in (r"\.", "-")])
_DATES = rf"(?:(?:{_DATE}|{_YEAR}|{_SHORT}/{_YEAR}) ?[\-/] ?|(?:{_DATE}) )*(?:{_DATE}|{_YEAR}|{_SHORT}/{_YEAR})(?: \d\d?)?"
"""Days and years, and spans of them, maybe with the hour that follows: no secret, however many digits."""


def masked(text: str) -> str:
    """The text with e-mail addresses, URLs, @handles and long numbers (telephone, card, IBAN, order) hidden as `HIDDEN`.

    Numbers count in the digits of every script, grouped with blanks, dashes, points or brackets; ratings ("5/5"), years
    and dates stay. Hiding twice changes nothing more. Takes time in proportion to the text's length.

    It goes by form alone. So it cannot see names of persons, postal addresses, numbers in words or below six digits,
    sites without a path ("example.com"), nor an address that its writer disguised further than "(at)"; and it hides
    some harmless numbers of six digits and more.
    """
    text = re.sub(_URL, HIDDEN, text)
    text = re.sub(_ADDRESS, HIDDEN, text)
    text = re.sub(_IBAN, lambda found: _hidden_if(_digits(found[0]) >= _IBAN_DIGITS, found[0]), text)
    text = re.sub(_CODE, lambda found: _hidden_if(_is_code(found[0]), found[0]), text)
    text = re.sub(_NUMBERED, HIDDEN, text)
    return re.sub(_DIGITS, lambda found: _hidden_if(_is_long_number(found[0]), found[0]), text)


def _hidden_if(secret: bool, text: str) -> str:  # noqa: FBT001 - reads as a sentence where it is used
    return HIDDEN if secret else text


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _is_code(token: str) -> bool:
    """Letters and digits: "INV-12345", "1Z999AA10123456784", but no "WH-1000XM5"."""
    return bool(re.search(_PREFIXED, token)) or (_digits(token) >= _LONG_NUMBER and any(map(str.isalpha, token)))


def _is_long_number(run: str) -> bool:
    count = _digits(run)
    if count < _LONG_NUMBER:
        return False
    if run.isdecimal() or run[0] == "+":
        return True
    return count >= _LONG_GROUPS and not re.fullmatch(_DATES, "".join(map(_plain, run)))


def _plain(character: str) -> str:
    """ASCII for a digit, a dash or a blank of any script."""
    if character.isdecimal():
        return str(unicodedata.decimal(character))
    kind = unicodedata.category(character)
    return "-" if kind == "Pd" or character == "\u2212" else " " if character.isspace() else "" if kind == "Cf" else character
