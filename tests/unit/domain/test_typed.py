import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.languages import catalog, catalog_languages
from hearback.domain.survey import Direction, Scale, Style
from hearback.domain.symbols import faces
from hearback.domain.typed import typed_rating

STARS = Scale(1, 5, Style.STARS)
EMOJI = Scale(1, 5, Style.EMOJI)
NPS = Scale(0, 10)
CES = Scale(1, 7)

EVERY_ZERO = [chr(point) for point in range(0x110000) if unicodedata.decimal(chr(point), None) == 0]


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("5", 5),
        (" 5 ", 5),
        ("5.", 5),
        ("5!!!", 5),
        ("5…", 5),
        ("(5)", 5),
        ('"5"', 5),
        ("*5*", 5),
        ("**5**", 5),
        ("「5」", 5),
        ("（5）", 5),
        ("5。", 5),
        ("５", 5),
        ("٤", 4),
        ("۴", 4),
        ("४", 4),
        ("৩", 3),
        ("5️⃣", 5),
        ("5⃣", 5),
        ("\u200f5\u200f", 5),
        ("5/5", 5),
        ("4 / 5", 4),
        ("٤/٥", 4),
        ("４／５", 4),
        ("4 of 5", 4),
        ("4 out of 5", 4),
        ("4 out of 5 stars", 4),
        ("4/5 stars", 4),
        ("4 de 5", 4),
        ("4 sobre 5", 4),
        ("4 من 5", 4),
        ("5 stars", 5),
        ("1 star", 1),
        ("5stars", 5),
        ("5 ⭐", 5),
        ("5⭐️", 5),
        ("5 points", 5),
        ("FIVE", 5),
        ("Five stars!", 5),
        ("one star", 1),
        ("five out of five", 5),
        ("cinco", 5),
        ("¡Cinco!", 5),
        ("cuatro estrellas", 4),
        ("una estrella", 1),
        ("五", 5),
        ("五星", 5),
        ("五颗星", 5),
        ("5颗星", 5),
        ("5分", 5),
        ("四分。", 4),
        ("两分", 2),
        ("خمسة", 5),
        ("خمسه", 5),
        ("أربع نجوم", 4),
        ("اربع نجوم", 4),
        ("نجمتان", 2),
        ("نجمة واحدة", 1),
        ("٣ نجوم", 3),
        ("⭐⭐⭐⭐", 4),
        ("⭐️⭐️⭐️⭐️⭐️", 5),
        ("★★★★☆", 4),
        ("★ ★ ★", 3),
        ("🌟🌟🌟", 3),
    ],
)
def test_a_message_that_is_nothing_but_a_rating_is_one(text: str, rating: int) -> None:
    assert typed_rating(text, STARS) == rating


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "!",
        "Thanks",
        "Thank you, all good",
        "call me at 5",
        "5 minutes",
        "5 min",
        "5分钟",
        "5点",
        "5 o'clock",
        "5pm",
        "5%",
        "$5",
        "5€",
        "#5",
        "-5",
        "−5",
        "+5",
        "~5",
        "5?",
        "5-",
        ".5",
        "4.5",
        "4,5",
        "5.0",
        "4-5",
        "4 5",
        "4 or 5",
        "4\n5",
        "1. 5",
        "5/10",
        "5 of 7",
        "5/5/2026",
        "of 5",
        "/5",
        "5/",
        "05",
        "555",
        "+49 170 5551234",
        "5551234",
        "room 5",
        "I give you 5",
        "5 but slow",
        "5 :)",
        "five minutes",
        "at five",
        "once",
        "no",
        "none",
        "star",
        "stars",
        "a star",
        "the one",
        "一般",
        "一点",
        "五一",
        "十分满意",
        "一星期",
        "خمس دقائق",
        "👍",
        "👎",
        "👍👍👍👍👍",
        "❤️❤️❤️",
        "😂😂😂",
        "🙂",
        "⭐👍",
        "⭐ thanks",
        "★★★☆",
        "☆☆☆☆☆",
        "⭐⭐⭐⭐⭐⭐",
        "5²",
        "²",
        "½",
        "5" * 41,
        "0",
        "6",
        "10",
        "zero",
        "six",
    ],
)
def test_an_ordinary_message_is_never_swallowed(text: str) -> None:
    assert typed_rating(text, STARS) is None


@pytest.mark.parametrize(
    ("text", "rating"),
    [("0", 0), ("zero", 0), ("零", 0), ("10", 10), ("ten", 10), ("10/10", 10), ("🔟", 10), ("١٠", 10), ("十分", 10), ("7 de 10", 7)],
)
def test_a_scale_from_zero_to_ten_takes_its_ends(text: str, rating: int) -> None:
    assert typed_rating(text, NPS) == rating


@pytest.mark.parametrize("text", ["⭐⭐⭐", "11", "1⁰", "5/5", "-1", "100"])
def test_a_scale_from_zero_to_ten_takes_no_praise_for_a_low_score(text: str) -> None:
    assert typed_rating(text, NPS) is None


def test_one_of_the_faces_that_were_shown_is_an_answer() -> None:
    assert [typed_rating(face, EMOJI) for face in faces(EMOJI)] == [1, 2, 3, 4, 5]
    assert typed_rating(f" {faces(EMOJI)[3]} ", EMOJI) == 4
    assert typed_rating(faces(EMOJI)[3] * 2, EMOJI) is None


def test_where_low_is_good_the_happiest_face_is_the_lowest_rating() -> None:
    german_grades = Scale(1, 5, Style.EMOJI, Direction.LOW_IS_GOOD)
    assert typed_rating(faces(EMOJI)[-1], german_grades) == 1


def test_faces_stand_only_on_scales_where_they_can_be_told_apart() -> None:
    assert faces(STARS) == ()
    assert faces(Scale(0, 10, Style.EMOJI)) == ()
    for steps in range(2, 8):
        shown = faces(Scale(1, steps, Style.EMOJI))
        assert len(shown) == len(set(shown)) == steps


@given(st.sampled_from([STARS, NPS, CES]), st.integers(0, 99), st.sampled_from(EVERY_ZERO))
def test_a_number_counts_in_every_script_and_only_on_its_scale(scale: Scale, number: int, zero: str) -> None:
    typed = "".join(chr(ord(zero) + int(digit)) for digit in str(number))
    assert typed_rating(typed, scale) == (number if scale.holds(number) else None)


@given(st.integers(0, 4), st.text(st.characters(categories=["L", "N", "S", "M"]), min_size=1, max_size=8))
def test_a_number_with_anything_else_beside_it_is_a_message(number: int, other: str) -> None:
    beside = f"{number} {other} {number}"
    assert typed_rating(beside, STARS) is None


@given(st.text(max_size=60))
def test_no_text_is_an_error_and_no_rating_leaves_the_scale(text: str) -> None:
    for scale in (STARS, EMOJI, NPS, CES):
        rating = typed_rating(text, scale)
        assert rating is None or scale.holds(rating)


@pytest.mark.parametrize("language", sorted(catalog_languages()))
def test_every_number_word_of_every_catalog_is_understood(language: str) -> None:
    for number, said in catalog(language)["typed"]["numbers"].items():
        for word in said:
            assert typed_rating(word, NPS) == int(number)
