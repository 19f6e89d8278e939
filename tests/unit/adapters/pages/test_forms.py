import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.pages.forms import FORM, Submission, is_one_click, parse_form
from hearback.domain.errors import Invalid, Malformed, Rejected, WrongMediaType

JSON = "application/json"


def refused(body: bytes, content_type: str) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        parse_form(body, content_type)
    return caught.value.fields


@pytest.mark.parametrize(
    ("body", "submission"),
    [
        ("rating=4", Submission(4, {})),
        ("rating=0&proof=abc", Submission(0, {}, "abc")),
        ("", Submission(None, {})),
        ("rating=", Submission(None, {})),
        ("rating=2&details.why=slow", Submission(2, {"why": "slow"})),
        ("rating=2&details.why=slow&details.why=rude&details.why=x", Submission(2, {"why": ["slow", "rude", "x"]})),
        ("rating=2&details.comment=two+lines%0D%0A%E2%9C%93&proof=", Submission(2, {"comment": "two lines\n✓"})),
        ("rating=-1", Submission(-1, {})),
    ],
)
def test_a_form_is_read(body: str, submission: Submission) -> None:
    assert parse_form(body.encode(), FORM) == submission
    assert parse_form(body.encode(), f"{FORM.upper()}; charset=UTF-8") == submission


@pytest.mark.parametrize(
    ("given", "submission"),
    [
        ({"rating": 5, "details": {"why": ["slow"], "comment": "..."}}, Submission(5, {"why": ["slow"], "comment": "..."})),
        ({"rating": 0, "proof": "p"}, Submission(0, {}, "p")),
        ({}, Submission(None, {})),
        ({"rating": None}, Submission(None, {})),
    ],
)
def test_json_is_read(given: Any, submission: Submission) -> None:
    assert parse_form(json.dumps(given).encode(), "application/json; charset=utf-8") == submission


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("rating=4&score=3", "score"),
        ("rating=4&rating=3", "rating"),
        ("rating=5.0", "rating"),
        ("rating=five", "rating"),
        ("rating=%D9%A4", "rating"),
        ("rating=+5", "rating"),
        ("rating=99999", "rating"),
        ("details=x", "details"),
        ("details.=x", "details."),
        ("my+address%40mail.example=x", "(unknown)"),
    ],
)
def test_a_form_with_what_is_not_ours_is_refused_by_name(body: str, field: str) -> None:
    assert list(refused(body.encode(), FORM)) == [field]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"rating": "5"}, "rating"),
        ({"rating": 5.0}, "rating"),
        ({"rating": True}, "rating"),
        ({"rating": 5, "details": []}, "details"),
        ({"rating": 5, "details": {"why": 1}}, "details.why"),
        ({"rating": 5, "details": {"why": [1]}}, "details.why"),
        ({"rating": 5, "details": {"why": {"a": "b"}}}, "details.why"),
        ({"rating": 5, "proof": 1}, "proof"),
        ({"rating": 5, "extra": 1}, "extra"),
        ({"rating": 5, "anna@mail.example": 1}, "(unknown)"),
    ],
)
def test_json_of_the_wrong_shape_is_refused_by_name(given: Any, field: str) -> None:
    assert list(refused(json.dumps(given).encode(), JSON)) == [field]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"rating=\xff", FORM),
        (b"rating=%FF", FORM),
        (b"rating", FORM),
        (b"&&&", FORM),
        (b"a=1&" * 300, FORM),
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"5", JSON),
        (b"null", JSON),
        (b'{"rating": 5, "rating": 4}', JSON),
        (b'{"rating": 5, "details": {"a": "x", "a": "y"}}', JSON),
        (b'{"rating": NaN}', JSON),
        (b'{"rating": Infinity}', JSON),
        (b'{"details": {"comment": "\\ud800"}}', JSON),
        (b'{"rating": "\xff"}', JSON),
        (b"\xef\xbb\xbf{}", JSON),
        (b"[" * 100_000, JSON),
        (b'{"rating": ' + b"1" * 5000 + b"}", JSON),
    ],
)
def test_bytes_that_are_no_form_are_malformed(body: bytes, content_type: str) -> None:
    with pytest.raises(Malformed):
        parse_form(body, content_type)


@pytest.mark.parametrize("content_type", ["text/plain", "", "multipart/form-data; boundary=x", "application/jsonp"])
def test_another_kind_of_body_is_refused_as_such(content_type: str) -> None:
    with pytest.raises(WrongMediaType):
        parse_form(b"rating=5", content_type)


def test_the_form_with_the_follow_ups_is_told_from_the_one_without() -> None:
    assert parse_form(b"rating=2&asked=1", FORM).asked
    assert not parse_form(b"rating=2&details.comment=x", FORM).asked


@given(st.binary(), st.sampled_from([FORM, JSON, "multipart/form-data; boundary=b", ""]))
def test_no_bytes_are_an_error_of_ours(body: bytes, content_type: str) -> None:
    is_one_click(body, content_type)
    try:
        submission = parse_form(body, content_type)
    except Rejected:
        return
    json.dumps([submission.rating, submission.details], ensure_ascii=False).encode()


ONE_CLICK_PART = b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"List-Unsubscribe=One-Click", FORM),
        (b"List-Unsubscribe=One-Click\r\n", "application/x-www-form-urlencoded; charset=utf-8"),
        (ONE_CLICK_PART, 'multipart/form-data; boundary="b"'),
        (ONE_CLICK_PART.replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n\r\n"), "multipart/form-data; boundary=b"),
        (ONE_CLICK_PART.replace(b"\r\n", b"\n"), "multipart/form-data; boundary=b"),
    ],
)
def test_one_click_is_taken_in_both_encodings(body: bytes, content_type: str) -> None:
    assert is_one_click(body, content_type)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"List-Unsubscribe=Two-Click", FORM),
        (b"rating=5", FORM),
        (b"List-Unsubscribe=One-Click", "text/plain"),
        (ONE_CLICK_PART.replace(b"One-Click", b"No"), "multipart/form-data; boundary=b"),
        (ONE_CLICK_PART.replace(b"List-Unsubscribe", b"Other"), "multipart/form-data; boundary=b"),
        (b"\r\n" * 50_000, "multipart/form-data; boundary=b"),
    ],
)
def test_anything_else_is_not_one_click(body: bytes, content_type: str) -> None:
    assert not is_one_click(body, content_type)
