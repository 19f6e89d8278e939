from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.languages import (
    catalog_languages,
    choose_language,
    end_words,
    is_right_to_left,
    languages_in,
    rating_label,
    rating_word,
    words,
)
from hearback.domain.survey import DEFAULT_SCALES, Direction, Metric, Scale, Survey, Texts

SPOKEN = ["en", "zh", "es", "ar"]


def survey(metric: Metric = Metric.CSAT, scale: Scale | None = None) -> Survey:
    return Survey("support", metric, scale or DEFAULT_SCALES[metric], 4, 75.0, "UTC", {"en": Texts("How was it?")})


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("es", "es"),
        ("ES", "es"),
        ("es-MX", "es"),
        ("es_MX", "es"),
        ("es_MX.UTF-8", "es"),
        ("zh-Hans-CN", "zh"),
        ("zh_TW", "zh"),
        (" ar-EG ", "ar"),
        ("en-GB", "en"),
        ("fr", "en"),
        ("", "en"),
        ("-", "en"),
        ("Spanish", "en"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("fr-FR, ar;q=0.8, es;q=0.9", "es"),
        ("fr;q=1, *;q=0.5", "en"),
        ("es;q=0, ar;q=0.1", "ar"),
        ("es;q=x, ar;q=0.1", "ar"),
        ("es;q=nan, ar", "ar"),
        ("fr,,;q=1,zh", "zh"),
        ("es;level=1;q=0.3, ar;q=0.2", "es"),
    ],
)
def test_a_language_is_found_however_it_is_written(wanted: str, chosen: str) -> None:
    assert choose_language(wanted, SPOKEN, "en") == chosen


@pytest.mark.parametrize(
    ("wanted", "available", "chosen"),
    [
        ("pt-BR", ["pt", "pt-BR"], "pt-BR"),
        ("pt-PT", ["pt-BR", "en"], "pt-BR"),
        ("pt", ["en", "pt_BR"], "pt_BR"),
        ("zh-Hant-TW", ["zh-Hans", "zh-Hant"], "zh-Hant"),
        ("iw", ["he"], "he"),
        ("he-IL", ["iw"], "iw"),
        ("no", ["nb", "en"], "nb"),
        ("de", [], "en"),
    ],
)
def test_the_nearest_regional_form_serves(wanted: str, available: list[str], chosen: str) -> None:
    assert choose_language(wanted, available, "en") == chosen


@given(st.text())
def test_no_header_is_an_error(header: str) -> None:
    assert choose_language(header, SPOKEN, "en") in SPOKEN


def test_wishes_of_the_same_weight_keep_their_order() -> None:
    assert languages_in("ar, es;q=0.5, zh;q=0.5, en") == ["ar", "en", "es", "zh"]


@pytest.mark.parametrize("language", ["ar", "AR", "ar-EG", "he", "iw", "fa_IR", "ur", "az-Arab", "pa-Arab-PK"])
def test_scripts_that_run_from_the_right_are_known(language: str) -> None:
    assert is_right_to_left(language)


@pytest.mark.parametrize("language", ["en", "zh", "es", "az", "ar-Latn", "", "arabic"])
def test_scripts_that_run_from_the_left_are_known(language: str) -> None:
    assert not is_right_to_left(language)


def test_words_come_in_the_nearest_language_and_else_in_english() -> None:
    assert words("es-MX")["send"] == words("es")["send"] == "Enviar"
    assert words("fr")["send"] == words("")["send"] == "Send"
    assert {"en", "zh", "es", "ar"} <= catalog_languages()


def test_a_rating_is_said_with_its_words_where_it_has_some() -> None:
    assert [rating_label(n, survey(), "en") for n in (1, 4, 5)] == ["1 of 5, Very bad", "4 of 5, Good", "5 of 5, Very good"]
    assert rating_label(7, survey(Metric.NPS), "en") == "7 of 10"
    assert rating_label(0, survey(Metric.NPS), "en") == "0 of 10, Not at all likely"
    assert rating_label(4, survey(), "es-MX") == "4 de 5, Bien"


def test_a_survey_with_its_own_ends_gets_no_foreign_words_between_them() -> None:
    assert [rating_word(n, survey(), "en", low="Hard", high="Easy {x}") for n in range(1, 6)] == ["Hard", "", "", "", "Easy {x}"]
    assert rating_label(5, survey(), "en", low="Hard", high="Easy {x}") == "5 of 5, Easy {x}"


def test_where_low_is_good_the_words_change_places() -> None:
    grades = survey(scale=replace(DEFAULT_SCALES[Metric.CSAT], direction=Direction.LOW_IS_GOOD))
    assert end_words(grades, "en") == ("Very good", "Very bad")
    assert [rating_word(n, grades, "en") for n in range(1, 6)] == ["Very good", "Good", "Okay", "Bad", "Very bad"]


def test_a_scale_of_another_length_has_words_for_its_ends_only() -> None:
    assert [rating_word(n, survey(scale=Scale(1, 3)), "en") for n in (1, 2, 3)] == ["Very bad", "", "Very good"]
