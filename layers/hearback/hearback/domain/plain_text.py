"""Somebody else's words where markup, line breaks and marks that turn the direction of writing would do harm."""

from __future__ import annotations

import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, and part of how Persian and emoji are written."""

_NO_XML = "\ufffe\uffff"
_HARMFUL = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def plain_text(text: str) -> str:
    """One line without control characters, direction marks, lone surrogates or anything else that XML forbids."""
    return " ".join("".join(each if _may_stand(each) else " " for each in text).split())


def _may_stand(letter: str) -> bool:
    return letter in _JOINERS or not (letter in _NO_XML or unicodedata.category(letter) in _HARMFUL)
