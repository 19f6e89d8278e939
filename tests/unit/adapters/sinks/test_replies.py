from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.adapters.sinks.replies import MASK, NOTE_BYTES, exchanged, judged, masked, note_of
from hearback.ports import Delivered, DeliveryResult, HttpRequest, HttpResponse, NoReply, NotSent, RetryLater, Undeliverable
from tests.builders import NOW
from tests.fakes import ScriptedHttp


def judge(status: int, **headers: str) -> DeliveryResult:
    return judged(HttpResponse(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"words"), NOW, ())


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_done(status: int) -> None:
    assert isinstance(judge(status), Delivered)


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 599])
def test_what_passes_by_itself_is_tried_again(status: int) -> None:
    found = judge(status)
    assert isinstance(found, RetryLater)
    assert not found.silence


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 413, 418, 422, 451])
def test_redirects_and_other_refusals_are_final(status: int) -> None:
    assert isinstance(judge(status), Undeliverable)


def test_the_other_side_says_how_long_to_wait_in_seconds_or_as_a_date() -> None:
    assert judge(429, retry_after="120") == RetryLater(429, "words", 120.0)
    assert judge(503, retry_after=format_datetime(NOW + timedelta(minutes=5), usegmt=True)) == RetryLater(503, "words", 300.0)
    assert judge(503, retry_after="soon") == RetryLater(503, "words", None)


def test_silence_is_told_from_not_sent() -> None:
    request = HttpRequest("POST", "https://example.com", {}, b"")
    assert exchanged(ScriptedHttp([NoReply("x")]), request, trusted=False) == RetryLater(0, "no reply in time", silence=True)
    refused = exchanged(ScriptedHttp([NotSent("refused")]), request, trusted=False)
    assert isinstance(refused, RetryLater)
    assert not refused.silence


@given(st.binary(max_size=3000))
def test_a_note_is_one_short_line_whatever_came_back(body: bytes) -> None:
    note = note_of(HttpResponse(200, {}, body), ())
    assert len(note.encode()) <= NOTE_BYTES
    assert note.isprintable()


def test_a_note_does_not_repeat_our_secrets() -> None:
    echo = HttpResponse(400, {}, b'{"you sent": "Bearer abcdef", "again": "abcdef"}')
    assert note_of(echo, ["abcdef"]) == f'{{"you sent": "Bearer {MASK}", "again": "{MASK}"}}'


@pytest.mark.parametrize("name", ["Authorization", "X-Api-Key", "x-auth-token", "Cookie", "api_secret", "X-Signature", "PRIVATE-TOKEN"])
def test_headers_that_tell_of_a_secret_are_masked(name: str) -> None:
    assert masked({name: "value", "accept": "json"}) == {name: MASK, "accept": "json"}
