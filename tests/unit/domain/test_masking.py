import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.masking import HIDDEN, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Write to jane.doe+shop@mail.example.co.uk, please.", "Write to •••, please."),
        ("Mail: jürgen.müller@web.de!", "Mail: •••!"),
        ("我的邮箱是zhang_san@qq.com，请回复", "我的邮箱是•••，请回复"),
        ("邮箱 12345@163.com", "邮箱 •••"),
        ("메일은 kim@naver.com입니다", "메일은 •••입니다"),
        ("пишите на ivan@почта.рф.", "пишите на •••."),
        ("jane (at) example (dot) com is me", "••• is me"),
        ("jane[at]example.com", "•••"),
        ("jane @ example.com", "•••"),
        ("全角jane＠example.com", "全角•••"),
        ("a@b.de@c.de", "•••"),
    ],
)
def test_an_e_mail_address_is_hidden_in_any_language(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("see https://x.example/order?id=7&mail=a%40b.", "see •••."),
        ("(www.example.com)", "(•••)"),
        ("请看https://a.cn/b，谢谢", "请看•••，谢谢"),
        ("instagram.com/jane.doe ok", "••• ok"),
        ("t.me/jane", "•••"),
        ("tel:+4930123 now", "••• now"),
        ("HTTP://EXAMPLE.COM/A", "•••"),
    ],
)
def test_a_web_address_is_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("thanks @jane_doe!", "thanks •••!"),
        ("谢谢@小王，很好", "谢谢•••，很好"),
        ("@प्रिया जी", "••• जी"),
        ("شكرا @ahmed، ممتاز", "شكرا •••، ممتاز"),
        ("ขอบคุณ@สมชาย ครับ", "ขอบคุณ••• ครับ"),
    ],
)
def test_a_handle_is_hidden(text: str, shown: str) -> None:
    assert masked(text) == shown


@pytest.mark.parametrize(
    "number",
    [
        "+49 (0) 176 - 1234567",
        "+1 (555) 123-4567",
        "555.123.4567",
        "06 12 34 56 78",
        "13800138000",
        "٠٥٠ ١٢٣ ٤٥٦٧",
        "०९८७६५४३२१",
        "๐๘๑-๒๓๔-๕๖๗๘",
        "１２３-４５６７-８９０１",
        "4111 1111 1111 1111",
        "4111–1111–1111–1111",
        "1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7",
        "\u202a+49 176 1234567",
        "DE89 3704 0044 0532 0130 00",
        "GB29 NWBK 6016 1331 9268 19",
        "FR1420041010050500013M02606",
        "INV2024-00123",
        "INV-12345",
        "AB12345",
        "1Z999AA10123456784",
        "550e8400-e29b-41d4-a716-446655440000",
        "482913",
        "#4829",
        "№ 4829",
        "089/1234567",
    ],
)
def test_a_telephone_card_account_or_order_number_is_hidden_in_the_digits_of_any_script(number: str) -> None:
    shown = masked(f"so, {number} is it")
    assert HIDDEN in shown
    assert not any(map(str.isdecimal, shown))
    assert shown.startswith("so, ")
    assert shown.endswith(" is it")


@pytest.mark.parametrize(
    "text",
    [
        "5/5",
        "10/10 10/10 10/10 would buy again",
        "5/5 4/5 3/5 5/5",
        "5 out of 5, 100%",
        "in 2019, 2020 and 2024",
        "2019-2024",
        "2019 – 2024",
        "since 2023/2024",
        "12.05.2024 10:30",
        "2024-05-12",
        "12.05.2024 - 15.05.2024",
        "٢٠١٩-٢٠٢٤",
        "05/12/2024",
        "in 2023. 2024 was better",
        "1.299,00 €",
        "120 000 km, 12 34 56",
        "19.99 EUR",
        "WH-1000XM5, iPhone15, A320, COVID-19, B2B, 24/7",
        "3@2€",
        "5 @ 3",
        "z.B. und/oder",
        "Gut.Schnell/freundlich",
        "and so on... etc. (really!)",
        "e.g. this: that",
        "a@",
        "@",
        "@@@ !!!",
        "售后服务很好,物流太慢了",
        "とても良い😀👍",
        "don't! L'été; naïve",
        "example.com is slow",
        "",
        "\ud800",
    ],
)
def test_ordinary_words_ratings_years_and_dates_stay(text: str) -> None:
    assert masked(text) == text


hostile = st.text(
    st.one_of(
        st.sampled_from("aZ0519 @.-_+/:#•()[]{}\t\n'%&٣๕é王ขé्\u200b\ufe0f\u20e3＠。，😀\ud800"),
        st.characters(),
    ),
    max_size=60,
)
pieces = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "a@b.de",
                "@x",
                "http://",
                "www.",
                "de/",
                "x.de/y",
                "123",
                "1234567",
                "DE89",
                "3704",
                "INV-12345",
                "2024",
                "12.05.",
                " at ",
                "(at)",
                "(dot)",
                "#",
                "+",
                " - ",
                "•••",
                ".",
                " ",
            ]
        ),
        hostile,
    ),
    max_size=12,
).map("".join)


@given(st.one_of(hostile, pieces))
def test_hiding_twice_hides_nothing_more(text: str) -> None:
    once = masked(text)
    assert masked(once) == once


@given(st.one_of(hostile, pieces))
def test_whatever_is_hidden_the_rest_stays_in_its_order(text: str) -> None:
    rest = iter(text)
    assert all(any(each == kept for each in rest) for kept in masked(text).replace("•", ""))


@given(st.text(max_size=40), st.text(max_size=40), st.text(st.characters(categories=["Nd"]), min_size=6, max_size=30))
def test_no_run_of_six_digits_of_any_script_is_ever_left(before: str, after: str, digits: str) -> None:
    run = 0
    for each in masked(before + digits + after):
        run = run + 1 if unicodedata.category(each) == "Nd" else 0
        assert run < 6


@pytest.mark.parametrize(
    "text",
    [
        "a" * 10_000,
        "a." * 5_000,
        "a-" * 5_000,
        "-" * 10_000,
        "@" * 10_000,
        "a@" * 5_000,
        "1@" * 5_000,
        "1 " * 5_000,
        "1-.(" * 2_500,
        "1    " * 2_000,
        "5 " * 4_999 + "x",
        "http://" * 1_400,
        "http://" + ")" * 10_000,
        "x.de/" + "." * 10_000,
        "a.b" * 3_000 + "/",
        "a(at)b" * 1_600,
        "a@b" + "." * 10_000,
        "A1-" * 3_300,
        "AB12" * 2_500,
        "AB12 " * 2_000,
        "2024-" * 2_000 + "x",
        "12.05.2024 " * 900 + "1234",
        "# " * 5_000,
        "[ " * 5_000,
        "a [ at " * 1_400,
        "\u200b" * 10_000,
        "1\u200b" * 5_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_ten_thousand_hostile_characters_are_read_in_linear_time(text: str) -> None:
    def seconds(sample: str) -> float:
        start = time.process_time()
        masked(sample)
        return time.process_time() - start

    masked("warm")
    assert min(seconds(text) for _ in range(2)) < 0.25
