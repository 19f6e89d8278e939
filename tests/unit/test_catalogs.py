"""Adding a language is adding a file; these tests say whether the file is whole."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import hearback
from hearback.domain.languages import catalog_languages
from hearback.domain.survey import Metric

FILES = sorted((Path(hearback.__file__).parent / "catalogs").glob("*.json"))
ENGLISH = json.loads((FILES[0].parent / "en.json").read_text("utf-8"))
WHATSAPP_LIMITS = {"whatsapp_button": 20, "whatsapp_section": 24}
WHATSAPP_ROW = 24

each_catalog = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def read(file: Path) -> dict[str, Any]:
    def no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        assert len({key for key, _ in pairs}) == len(pairs), "a key is there twice"
        return dict(pairs)

    found: dict[str, Any] = json.loads(file.read_text("utf-8"), object_pairs_hook=no_key_twice)
    return found


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w*)\}", text))


def test_every_file_is_a_language_and_the_first_four_are_there() -> None:
    assert catalog_languages() == {file.stem for file in FILES} >= {"en", "zh", "es", "ar"}


@each_catalog
def test_a_catalog_has_every_word_and_no_other(file: Path) -> None:
    assert read(file).keys() == ENGLISH.keys()
    assert read(file)["words"].keys() == ENGLISH["words"].keys()
    assert all(isinstance(word, str) and word.strip() == word != "" for word in read(file)["words"].values())


@each_catalog
def test_a_translation_keeps_every_placeholder(file: Path) -> None:
    said = read(file)["words"]
    assert {key: placeholders(text) for key, text in said.items()} == {key: placeholders(text) for key, text in ENGLISH["words"].items()}
    assert not [key for key, text in said.items() if set("{}") & set(re.sub(r"\{\w+\}", "", text))]


@each_catalog
def test_words_have_no_markup_of_their_own(file: Path) -> None:
    assert not [key for key, text in read(file)["words"].items() if re.search(r"[<>&]", text)]


@each_catalog
def test_a_catalog_has_words_for_every_metric(file: Path) -> None:
    assert {f"{part}_{metric}" for part in ("question", "low", "high") for metric in Metric} <= read(file)["words"].keys()


@each_catalog
def test_typed_numbers_reach_from_zero_to_ten_and_mean_one_number_each(file: Path) -> None:
    numbers = read(file)["typed"]["numbers"]
    assert list(numbers) == [str(number) for number in range(11)]
    said = [word for each in numbers.values() for word in each]
    assert all(numbers.values())
    assert len(said) == len(set(said))
    assert read(file)["typed"].keys() == ENGLISH["typed"].keys()


def test_no_two_languages_mean_different_numbers_by_one_word() -> None:
    meanings: dict[str, set[str]] = {}
    for file in FILES:
        for number, said in read(file)["typed"]["numbers"].items():
            for word in said:
                meanings.setdefault(word, set()).add(number)
    assert not {word: numbers for word, numbers in meanings.items() if len(numbers) > 1}


@each_catalog
def test_words_fit_where_whatsapp_shows_them(file: Path) -> None:
    said = read(file)["words"]
    assert not {key: said[key] for key, limit in WHATSAPP_LIMITS.items() if len(said[key]) > limit}
    rows = [said["rating_of_with_word"].format(rating=n, max=5, word=said[f"rating_{n}"]) for n in range(1, 6)]
    assert not [row for row in rows if len(row) > WHATSAPP_ROW]
