import unicodedata
import xml.etree.ElementTree as ET
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.plain_text import plain_text


@given(st.text())
def test_what_is_left_is_one_line_that_xml_can_hold(text: str) -> None:
    plain = plain_text(text)
    assert len(plain.splitlines()) <= 1
    assert ET.fromstring(f"<x>{escape(plain)}</x>").text in (plain, None)
    assert plain_text(plain) == plain


@pytest.mark.parametrize("text", ["Support", "客服", "دعم العملاء", "می‌خواهم", "👩‍💻", "Zoë", "ไทย", "a-b_c.d"])
def test_ordinary_names_of_every_script_stay_as_they_are(text: str) -> None:
    assert plain_text(text) == text


def test_marks_that_turn_the_direction_of_what_follows_are_gone() -> None:
    turning = [
        chr(code) for code in range(0x2000, 0x2070) if unicodedata.bidirectional(chr(code)) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI"}
    ]
    assert len(turning) == 6
    assert plain_text("".join(f"a{mark}" for mark in turning)) == "a a a a a a"
