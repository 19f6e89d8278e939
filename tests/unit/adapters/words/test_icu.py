import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.words.icu import IcuWords
from hearback.domain.scoring.words import LONGEST_WORD, MOST_WORDS

words = IcuWords()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It wasn't good, don’t buy; e-mail unanswered", ["it", "wasn't", "good", "don't", "buy", "mail", "unanswered"]),
        ("Die Straße war zu WEIT: Rückerstattung", ["die", "straße", "war", "zu", "weit", "rückerstattung"]),
        ("كان التوصيل بطيئًا جدًا، شكرا", ["كان", "التوصيل", "بطيئًا", "جدًا", "شكرا"]),
        ("物流太慢了，客服不回复", ["物流", "太慢", "了", "客", "服", "不", "回复"]),
        ("配送がとても遅い。対応は最悪", ["配送", "とても", "遅い", "対応", "最悪"]),
        ("จัดส่งช้ามาก พนักงานไม่สุภาพ", ["จัด", "ส่ง", "ช้า", "มาก", "พนักงาน", "ไม่", "สุภาพ"]),
        ("배송이 너무 늦었어요, 잘 안 돼요", ["배송이", "너무", "늦었어요", "잘", "안", "돼요"]),
        ("ການຈັດສົ່ງຊ້າຫຼາຍ", ["ການ", "ຈັດ", "ສົ່ງ", "ຊ້າ", "ຫຼາຍ"]),
        ("ការដឹកជញ្ជូនយឺតណាស់", ["ការ", "ដឹកជញ្ជូន", "យឺត", "ណាស់"]),
        ("ပို့ဆောင်မှုအလွန်နှေးသည်", ["ပို့ဆောင်", "မှု", "အလွန်", "နှေး", "သည်"]),
        ("डिलीवरी बहुत धीमी थी", ["डिलीवरी", "बहुत", "धीमी", "थी"]),
        ("Доставка и Сервис", ["доставка", "сервис"]),
        ("ΛΌΓΟΣ και Λόγος", ["λόγος", "και"]),
        ("iPhone很好用 wifi太差", ["iphone", "很好", "用", "wifi", "太", "差"]),
    ],
)
def test_a_comment_falls_into_words_in_any_language(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_thai_and_lao_words_with_the_vowel_am_stay_in_one_piece() -> None:
    assert words("ทำงานดี น้ำ") == ["ทำงาน", "ดี", "น้ำ"]
    assert words("ນ້ຳ") == ["ນ້ຳ"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bad😡😡👍🏽 👍", ["bad", "😡", "👍"]),
        ("❤️ ★★★", ["❤", "★"]),
        ("👨‍👩‍👧 ok", ["👨‍👩‍👧", "ok"]),
        ("© → § 5️⃣", []),
    ],
)
def test_a_face_is_a_word_whatever_its_skin(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_width_direction_and_soft_hyphens_make_no_other_word() -> None:
    assert words("ＦＡＳＴ fast \u202bfast\u202c fa\u00adst ｶｽﾀﾏｰ カスタマー") == ["fast", "カスタマー"]


@given(st.text(max_size=300))
def test_every_text_gives_words_that_keep_the_rules(text: str) -> None:
    found = words(text)
    assert len(found) == len(set(found)) <= MOST_WORDS
    for word in found:
        assert 0 < len(word) <= LONGEST_WORD
        assert not any(unicodedata.category(each) in {"Zs", "Cs"} for each in word)
        assert any(each.isalpha() or unicodedata.category(each) == "So" for each in word)
    assert words(text) == found


def test_ten_thousand_letters_without_a_blank_are_cut_into_words_in_any_script() -> None:
    for text in ("物流太慢" * 2_500, "จัดส่งช้ามาก" * 850, "配送が遅い" * 2_000, "a.b" * 3_333, "\u200d" * 10_000, "e\u0301" * 5_000):
        assert len(words(text)) <= MOST_WORDS
