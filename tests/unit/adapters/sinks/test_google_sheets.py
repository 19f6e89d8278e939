from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from hearback.adapters.sinks.google_sheets import GoogleSheets
from hearback.ports import (
    Delivered,
    Delivery,
    DeliveryResult,
    HttpRequest,
    HttpResponse,
    NoReply,
    NotSent,
    RetryLater,
    Secret,
    Undeliverable,
)
from tests.builders import NOW
from tests.fakes import ScriptedHttp
from tests.unit.adapters.sinks.deliveries import a_delivery

SETTINGS: dict[str, Any] = {
    "kind": "google-sheets",
    "spreadsheet_id": "sheet-1",
    "range": "Answers!B:Z",
    "columns": [
        {"header": "Rating", "value": "{{ answer.rating }}"},
        {"header": "Comment", "value": "{{ answer.comment }}"},
        {"header": "Reasons", "value": "{{ answer.reasons }}"},
        {"header": "By", "value": "{{ agent.name }} of {{ agent.team }}"},
    ],
}
TOKEN = HttpResponse(200, {}, b'{"access_token": "ya29.token", "expires_in": 3599, "token_type": "Bearer"}')
WRITTEN = HttpResponse(200, {}, b'{"updates": {"updatedRange": "Answers!B7:F7", "updatedRows": 1}}')
SHAPE = HttpResponse(200, {}, b'{"sheets": [{"properties": {"title": "Answers", "gridProperties": {"rowCount": 5000}}}]}')


@cache
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def secret() -> Secret:
    pem = private_key().private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return Secret(
        {"service_account": {"client_email": "robot@example.iam.gserviceaccount.com", "private_key": pem, "private_key_id": "key-1"}}
    )


def deliver(*replies: Any, delivery: Delivery | None = None, **settings: Any) -> tuple[DeliveryResult, ScriptedHttp]:
    http = ScriptedHttp(list(replies))
    return GoogleSheets(http).deliver(delivery or a_delivery(), {**SETTINGS, **settings}, secret(), NOW), http


def row(request: HttpRequest) -> list[Any]:
    (only,) = json.loads(request.body)["values"]
    return list(only)


def test_an_answer_is_one_row_appended_as_it_is_with_its_id_at_the_end() -> None:
    result, http = deliver(TOKEN, WRITTEN)
    assert result == Delivered(200, "wrote Answers!B7:F7")
    parts = urlsplit(http.sent[1].url)
    assert parts.path == "/v4/spreadsheets/sheet-1/values/Answers!B:Z:append"
    assert parse_qs(parts.query) == {"valueInputOption": ["RAW"], "insertDataOption": ["INSERT_ROWS"]}
    assert http.sent[1].headers["authorization"] == "Bearer ya29.token"
    assert row(http.sent[1]) == [4, "fine", "slow", "Grace of kitchenware", "AAAAAAAAAAAAAAAAAAAAAA.crm.1"]


def test_words_that_look_like_a_formula_stay_words_and_the_id_may_be_left_out() -> None:
    _, http = deliver(TOKEN, WRITTEN, delivery=a_delivery('=HYPERLINK("http://x")'), id_header=None)
    assert row(http.sent[1])[1] == '=HYPERLINK("http://x")'
    assert len(row(http.sent[1])) == 4


def test_google_is_shown_a_signed_assertion_that_only_the_key_can_make() -> None:
    _, http = deliver(TOKEN, WRITTEN)
    form = parse_qs(http.sent[0].body.decode())
    assert form["grant_type"] == ["urn:ietf:params:oauth:grant-type:jwt-bearer"]
    options: Any = {"verify_exp": False, "verify_iat": False}
    audience = "https://oauth2.googleapis.com/token"
    claims = jwt.decode(form["assertion"][0], private_key().public_key(), algorithms=["RS256"], audience=audience, options=options)
    assert (claims["iss"], claims["scope"]) == ("robot@example.iam.gserviceaccount.com", "https://www.googleapis.com/auth/spreadsheets")
    assert (claims["iat"], claims["exp"] - claims["iat"]) == (int(NOW.timestamp()), 3600)


def test_a_token_is_kept_until_shortly_before_it_ends() -> None:
    http = ScriptedHttp([TOKEN, WRITTEN, WRITTEN, TOKEN, WRITTEN])
    sink = GoogleSheets(http)
    for minutes in (0, 50, 58):
        assert isinstance(sink.deliver(a_delivery(), SETTINGS, secret(), NOW + timedelta(minutes=minutes)), Delivered)
    assert [urlsplit(each.url).netloc for each in http.sent].count("oauth2.googleapis.com") == 2


def test_a_token_that_is_refused_is_not_used_again() -> None:
    http = ScriptedHttp([TOKEN, HttpResponse(401, {}, b""), TOKEN, WRITTEN])
    sink = GoogleSheets(http)
    assert isinstance(sink.deliver(a_delivery(), SETTINGS, secret(), NOW), RetryLater)
    assert isinstance(sink.deliver(a_delivery(), SETTINGS, secret(), NOW), Delivered)
    assert [urlsplit(each.url).netloc.partition(".")[0] for each in http.sent] == ["oauth2", "sheets", "oauth2", "sheets"]


def test_after_silence_a_row_that_is_there_is_not_written_again() -> None:
    there = HttpResponse(200, {}, b'{"values": [["other", "AAAAAAAAAAAAAAAAAAAAAA.crm.1"]]}')
    result, http = deliver(TOKEN, SHAPE, there, delivery=a_delivery(after_silence=True))
    assert isinstance(result, Delivered)
    assert [each.method for each in http.sent] == ["POST", "GET", "GET"]
    assert urlsplit(http.sent[2].url).path == "/v4/spreadsheets/sheet-1/values/Answers!F3000:F5000"


@pytest.mark.parametrize("found", [b"{}", b'{"values": [["other"]]}', b'{"values": []}', b'{"values": [7]}'])
def test_after_silence_a_row_that_is_not_there_is_written(found: bytes) -> None:
    result, http = deliver(TOKEN, SHAPE, HttpResponse(200, {}, found), WRITTEN, delivery=a_delivery(after_silence=True))
    assert isinstance(result, Delivered)
    assert http.sent[-1].method == "POST"


@pytest.mark.parametrize(
    "trouble", [NoReply("x"), NotSent("x"), HttpResponse(500, {}, b""), HttpResponse(429, {}, b""), HttpResponse(200, {}, b"[")]
)
def test_while_the_sheet_cannot_be_read_nothing_is_written_and_the_doubt_stays(trouble: Any) -> None:
    for replies in ([TOKEN, trouble], [TOKEN, SHAPE, trouble]):
        result, http = deliver(*replies, delivery=a_delivery(after_silence=True))
        assert isinstance(result, RetryLater)
        assert (result.status, result.silence) == (0, True)
        assert not any(":append" in each.url for each in http.sent)


@pytest.mark.parametrize(
    ("reply", "kind", "silence"),
    [
        (NoReply("x"), RetryLater, True),
        (HttpResponse(500, {}, b""), RetryLater, True),
        (HttpResponse(503, {}, b""), RetryLater, True),
        (NotSent("x"), RetryLater, False),
        (HttpResponse(429, {}, b""), RetryLater, False),
        (HttpResponse(403, {}, b"PERMISSION_DENIED"), Undeliverable, False),
        (HttpResponse(404, {}, b""), Undeliverable, False),
        (HttpResponse(400, {}, b""), Undeliverable, False),
    ],
)
def test_an_append_that_may_have_happened_is_silence(reply: Any, kind: type[DeliveryResult], silence: bool) -> None:
    result = deliver(TOKEN, reply)[0]
    assert type(result) is kind
    assert getattr(result, "silence", False) is silence
    assert not silence or result.status == 0  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (HttpResponse(400, {}, b'{"error": "invalid_grant"}'), Undeliverable),
        (HttpResponse(503, {}, b""), RetryLater),
        (HttpResponse(200, {}, b"{}"), RetryLater),
        (NoReply("x"), RetryLater),
        (NotSent("x"), RetryLater),
    ],
)
def test_without_a_token_no_row_can_have_been_written(reply: Any, kind: type[DeliveryResult]) -> None:
    result = deliver(reply)[0]
    assert type(result) is kind
    assert not getattr(result, "silence", False)


@pytest.mark.parametrize("account", [None, {}, "nonsense", {"client_email": "a@b.c", "private_key": "-----BEGIN PRIVATE KEY-----\nx"}])
def test_a_key_that_cannot_be_used_is_the_operators_to_mend(account: Any) -> None:
    result = GoogleSheets(ScriptedHttp()).deliver(a_delivery(), SETTINGS, Secret({"service_account": account}), NOW)
    assert isinstance(result, Undeliverable)


def test_a_dry_run_shows_the_row_and_no_token() -> None:
    http = ScriptedHttp([TOKEN, WRITTEN])
    sink = GoogleSheets(http)
    shown = sink.request(a_delivery(), SETTINGS, secret())
    sink.deliver(a_delivery(), SETTINGS, secret(), NOW)
    assert isinstance(shown, HttpRequest)
    assert (shown.url, shown.body) == (http.sent[1].url, http.sent[1].body)
    assert shown.headers["authorization"] == "***"


def test_a_stand_in_gives_tokens_too() -> None:
    http = ScriptedHttp([TOKEN, WRITTEN, TOKEN, WRITTEN])
    GoogleSheets(http, "http://127.0.0.1:3000/google").deliver(a_delivery(), SETTINGS, secret(), NOW)
    GoogleSheets(http, "http://x").deliver(a_delivery(), {**SETTINGS, "base_url": "https://sheets.example.com"}, secret(), NOW)
    assert [each.url.partition("/v4")[0] for each in http.sent] == [
        "http://127.0.0.1:3000/google/token",
        "http://127.0.0.1:3000/google",
        "https://sheets.example.com/token",
        "https://sheets.example.com",
    ]


def test_google_s_own_address_written_out_is_no_stand_in() -> None:
    _, http = deliver(TOKEN, WRITTEN, base_url="https://sheets.googleapis.com")
    assert [urlsplit(each.url).netloc for each in http.sent] == ["oauth2.googleapis.com", "sheets.googleapis.com"]
