"""The port `WordSplitter`: what any splitter does with a language that puts blanks between words."""

import pytest

from hearback.adapters.words.icu import IcuWords
from hearback.domain.masking import masked
from hearback.domain.scoring.words import LONGEST_WORD, MOST_WORDS
from hearback.ports import WordSplitter
from tests.fakes import BlankSplitter


@pytest.fixture(params=[BlankSplitter, IcuWords])
def splitter(request: pytest.FixtureRequest) -> WordSplitter:
    made: WordSplitter = request.param()
    return made


def test_each_word_comes_once_in_the_order_of_the_text_and_in_small_letters(splitter: WordSplitter) -> None:
    assert list(splitter("The courier was LATE, the parcel (wet)!")) == ["the", "courier", "was", "late", "parcel", "wet"]


@pytest.mark.parametrize("text", ["", "   \n", "!!! ... ?", "5/5", "10 20 2024", "a I x", "\x00"])
def test_blanks_punctuation_numbers_and_single_letters_are_no_words(splitter: WordSplitter, text: str) -> None:
    assert list(splitter(text)) == []


def test_what_was_hidden_is_no_word(splitter: WordSplitter) -> None:
    assert list(splitter(masked("call +49 176 1234567 or mail jane@example.com"))) == ["call", "or", "mail"]


def test_what_is_too_long_for_a_word_is_left_out(splitter: WordSplitter) -> None:
    assert list(splitter(f"ok {'x' * (LONGEST_WORD + 1)} {'y' * LONGEST_WORD}")) == ["ok", "y" * LONGEST_WORD]


def test_a_long_comment_gives_its_first_words(splitter: WordSplitter) -> None:
    words = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(MOST_WORDS + 50)]
    assert list(splitter(" ".join(words))) == words[:MOST_WORDS]


def test_ten_kilobytes_are_no_trouble(splitter: WordSplitter) -> None:
    assert list(splitter("late parcel " * 900)) == ["late", "parcel"]
    assert list(splitter("x" * 10_000)) == []


def test_half_a_character_harms_nothing(splitter: WordSplitter) -> None:
    found = list(splitter("late \ud83d parcel \udc00"))
    assert found[0] == "late"
    assert "parcel" in found
