"""The words of report.html and of the digest mail: a file a language, the same keys in each. Adding a language is adding a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Words = Mapping[str, str]

_FOLDER = Path(__file__).with_name("languages")


def words_of(language: str) -> Words:
    """English where the language has no file."""
    return _tables().get(language) or _tables()["en"]


@cache
def _tables() -> dict[str, Words]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*.json"))}
