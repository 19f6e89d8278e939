from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from hearback.adapters.sinks import REGISTRY
from hearback.adapters.sinks.settings import SETTINGS
from hearback.adapters.sources import REGISTRY as SOURCES
from hearback.adapters.sources.settings import SETTINGS as SOURCE_SETTINGS
from tests.fakes import ScriptedHttp
from tests.sample_events import SECRETS

HTTP: dict[str, Any] = {"kind": "http", "surveys": ["support"], "request": {"method": "POST", "url": "https://api.example.com/"}}
SHEET: dict[str, Any] = {
    "kind": "google-sheets",
    "surveys": ["support"],
    "spreadsheet_id": "abc",
    "columns": [{"header": "Rating", "value": "{{ answer.rating }}"}],
    "service_account": {"client_email": "a@b.c", "private_key": "-----BEGIN PRIVATE KEY-----\nx", "type": "service_account"},
}
TICKETS: dict[str, Any] = {
    "kind": "zendesk",
    "surveys": ["support"],
    "email": "a@b.c",
    "api_token": "t",
    "fields": {"360001": "{{ answer.rating }}"},
}


def with_request(**changes: Any) -> dict[str, Any]:
    return {**HTTP, "request": {**HTTP["request"], **changes}}


def problems(body: dict[str, Any], models: Any = SETTINGS) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        models[body["kind"]].model_validate(body)
    return {
        ".".join(str(part) for part in each["loc"] if part != "[key]"): each["msg"] for each in caught.value.errors(include_input=False)
    }


@pytest.mark.parametrize("body", [HTTP, SHEET, TICKETS], ids=lambda body: body["kind"])
def test_an_ordinary_sink_is_accepted_and_shown_as_it_will_be_kept(body: dict[str, Any]) -> None:
    kept = SETTINGS[body["kind"]].model_validate(body).model_dump(mode="json", by_alias=True)
    assert SETTINGS[body["kind"]].model_validate(kept).model_dump(mode="json", by_alias=True) == kept


def test_every_kind_has_settings_and_its_secrets_are_fields_of_them() -> None:
    assert set(SETTINGS) == set(REGISTRY)
    assert set(SOURCE_SETTINGS) == set(SOURCES)
    for kind, sink in REGISTRY.items():
        assert set(sink(ScriptedHttp(), "").secret_fields) <= set(SETTINGS[kind].model_fields)
    for kind, source in SOURCES.items():
        assert set(source.secret_fields) <= set(SOURCE_SETTINGS[kind].model_fields)


@pytest.mark.parametrize(
    ("body", "path", "problem"),
    [
        ({**HTTP, "colour": "red"}, "colour", "not permitted"),
        ({**HTTP, "surveys": []}, "surveys", "at least 1"),
        ({**HTTP, "surveys": ["Not An Id"]}, "surveys.0", "pattern"),
        ({**HTTP, "enabled": "yes"}, "enabled", "boolean"),
        ({**HTTP, "secret": "too short"}, "secret", "whsec_"),
        ({**HTTP, "secret_headers": {"Host": "x"}}, "secret_headers.Host", "may be set"),
        (with_request(url="http://api.example.com/"), "request.url", "https"),
        (with_request(url="https://{{ contact.id }}.example.com"), "request.url", "written out"),
        (with_request(url="https://api.example.com/{{ contact.nmae }}"), "request.url", "contact.nmae"),
        (with_request(method="BREW"), "request.method", "GET"),
        (with_request(headers={"X-A": "{{ nothing }}"}), "request.headers.X-A", "nothing"),
        (with_request(headers={"X-A": "a\r\nb"}), "request.headers.X-A", "line break"),
        (with_request(headers={"X A": "a"}), "request.headers.X A", "may be set"),
        (with_request(body='{"a": {{ answer.rating }},}'), "request.body", "JSON"),
        (with_request(body="{{ answer.raiting }}"), "request.body", "answer.raiting"),
        (with_request(body={"deep": ["{{ answer.raiting }}"]}), "request.body", "answer.raiting"),
        ({**SHEET, "columns": [{"header": "x", "value": "{{ nope }}"}]}, "columns.0.value", "nope"),
        ({**SHEET, "columns": []}, "columns", "at least 1"),
        ({**SHEET, "spreadsheet_id": "../x"}, "spreadsheet_id", "pattern"),
        ({**SHEET, "service_account": "not json"}, "service_account", "key file"),
        ({**SHEET, "service_account": {"client_email": "a@b.c"}}, "service_account.private_key", "required"),
        ({**SHEET, "base_url": "https://x.example/?a=1"}, "base_url", "before ?"),
        ({**TICKETS, "fields": {"rating": "{{ answer.rating }}"}}, "fields.rating", "number of a ticket field"),
        ({**TICKETS, "fields": {"1": "{{ answer.raiting }}"}}, "fields.1", "answer.raiting"),
        ({**TICKETS, "subdomain": "acme.evil.example/"}, "subdomain", "pattern"),
        ({**TICKETS, "tag": "two words"}, "tag", "pattern"),
    ],
)
def test_what_a_sink_cannot_be_is_named_by_its_path(body: dict[str, Any], path: str, problem: str) -> None:
    assert problem in problems(body)[path]


def test_a_service_accounts_key_file_may_be_pasted_and_only_what_is_used_is_kept() -> None:
    model = SETTINGS["google-sheets"].model_validate({**SHEET, "service_account": json.dumps(SHEET["service_account"])})
    assert set(model.model_dump()["service_account"]) == {"client_email", "private_key", "private_key_id"}


@pytest.mark.parametrize(
    ("token_uri", "token_url", "kept"),
    [
        ("https://oauth2.googleapis.com/token", None, None),
        ("https://tokens.example.com/token", None, "https://tokens.example.com/token"),
        ("https://tokens.example.com/token", "https://mine.example.com/t", "https://mine.example.com/t"),
    ],
)
def test_tokens_come_from_where_the_key_file_says(token_uri: str, token_url: str | None, kept: str | None) -> None:
    account = {**SHEET["service_account"], "token_uri": token_uri}
    model = SETTINGS["google-sheets"].model_validate({**SHEET, "service_account": account, "token_url": token_url}).model_dump()
    assert model["token_url"] == kept
    assert "token_uri" not in model["service_account"]


@pytest.mark.parametrize("kind", sorted(SOURCE_SETTINGS))
def test_a_source_needs_a_secret_worth_the_name(kind: str) -> None:
    secret = SECRETS[kind]["secret"]
    assert SOURCE_SETTINGS[kind].model_validate({"kind": kind, "secret": [secret, secret], "survey": "support"})
    for bad in ("short", "", ["short"], [], 7, None):
        assert set(problems({"kind": kind, "secret": bad}, SOURCE_SETTINGS)) == {"secret"}
    assert set(problems({"kind": kind}, SOURCE_SETTINGS)) == {"secret"}
    assert set(problems({"kind": kind, "secret": secret, "survey": "Not An Id"}, SOURCE_SETTINGS)) == {"survey"}


def test_a_standard_source_takes_a_decodable_secret_only() -> None:
    assert set(problems({"kind": "standard", "secret": "whsec_!!!not-base64-at-all!!!"}, SOURCE_SETTINGS)) == {"secret"}
