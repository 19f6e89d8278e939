from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.errors import Malformed
from hearback.domain.json_object import DEEPEST, json_object, whole_text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b'\xff{"a": 1}',
        '{"a": "ü"}'.encode("latin-1"),
        b'\xef\xbb\xbf{"a": 1}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 1}}',
        b'{"a": 1} {}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": ' * DEEPEST + b"{}" + b"}" * DEEPEST,
        b'{"a": ' + b"[" * 200_000,
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ],
    ids=lambda raw: repr(raw[:24]),
)
def test_what_two_readers_could_understand_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(Malformed):
        json_object(raw)


def test_sixty_four_levels_are_deep_enough() -> None:
    raw = b'{"a": ' * (DEEPEST - 1) + b"{}" + b"}" * (DEEPEST - 1)
    assert json_object(raw) == json.loads(raw)


def test_half_an_emoji_becomes_a_replacement_mark_and_a_whole_one_stays() -> None:
    assert json_object(b'{"a": "x\\ud83d", "b\\udc00": ["\\ud83d\\ude00"]}') == {"a": "x\ufffd", "b\ufffd": ["😀"]}


@given(st.text(st.characters()))
def test_whole_text_can_always_be_encoded(text: str) -> None:
    whole_text(text).encode()


@given(st.dictionaries(st.text(), st.integers() | st.text() | st.lists(st.booleans())))
def test_an_ordinary_object_is_read_as_it_is(value: dict[str, object]) -> None:
    assert json_object(json.dumps(value, ensure_ascii=False).encode(errors="replace")) is not None
    assert json_object(json.dumps(value).encode()) == json.loads(whole_text(json.dumps(value, ensure_ascii=False)))
