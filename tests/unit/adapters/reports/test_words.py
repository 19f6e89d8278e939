"""The words of the reports: every language says everything, and nothing is said that nobody asks for."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest

from hearback.adapters import reports
from hearback.adapters.reports.words import words_of
from hearback.domain.scoring.methods import methods
from hearback.domain.story import Reason
from hearback.domain.survey import Metric
from tests.builders import a_survey
from tests.sample_report import YARDSTICKS

HERE = Path(reports.__file__).parent
LANGUAGES = sorted(path.stem for path in (HERE / "languages").glob("*.json"))
SOURCES = "\n".join(path.read_text("utf-8") for path in sorted(HERE.rglob("*")) if path.suffix in (".py", ".jinja"))
NEVER_A_REASON = {Reason.ACCEPTED, Reason.DELAYED, Reason.PROVIDER_BUSY, Reason.SENT, Reason.SEND_UNKNOWN, Reason.IMPORTED}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_with_the_same_gaps(language: str) -> None:
    """But for methods: the report itself tells them in English."""
    english = words_of("en")
    table = {key: text for key, text in words_of(language).items() if not key.startswith("method_text_")}
    assert list(table) == list(english)
    assert {key for key in english if fields(table[key]) != fields(english[key])} <= {"short_date", "date"}
    assert all(text.strip() for text in table.values())


def test_a_file_names_no_word_twice() -> None:
    for language in LANGUAGES:
        pairs = json.loads((HERE / "languages" / f"{language}.json").read_text("utf-8"), object_pairs_hook=list)
        assert len(dict(pairs)) == len(pairs)


def test_every_word_is_used() -> None:
    families = {
        re.sub(r"\{[^}]*\}", "[a-z_]+", made) for made in re.findall(r'f"([a-z_]*_?\{[^"]*\}[a-z_]*(?:\{[^"]*\})?[a-z_]*)"', SOURCES)
    }
    named = set(re.findall(r'"([a-z_]+)"', SOURCES)) | set(re.findall(r"\bw\.([a-z_]+)", SOURCES))
    unused = [
        key
        for key in words_of("en")
        if key not in named and not any(re.fullmatch(family, key) for family in families if family != "[a-z_]+")
    ]
    assert unused == []


def test_every_reason_for_not_asking_has_words() -> None:
    for language in LANGUAGES:
        assert {reason for reason in Reason if reason not in NEVER_A_REASON and f"why_{reason}" not in words_of(language)} == set()


@pytest.mark.parametrize("metric", YARDSTICKS)
def test_every_method_is_told_in_every_language(metric: str) -> None:
    names = {each["name"] for each in methods(a_survey(metric=Metric(metric)))} | {"trend", "drivers"}
    for language in LANGUAGES:
        table = words_of(language)
        assert {name for name in names if f"method_title_{name}" not in table} == set()
        told = {name for name in names if f"method_text_{name}" in table or f"method_text_{name}_{metric}" in table}
        assert told == (set() if language == "en" else names)


def test_a_language_without_words_is_spoken_to_in_english() -> None:
    assert words_of("tlh") is words_of("en")
