"""What strangers and operators may get wrong: a precise refusal of one shape, nothing stored, never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e import senders
from tests.e2e.browsing import FORM, form_of, words_of
from tests.e2e.stage import WHATSAPP, Asked, Stage
from tests.local import samples
from tests.local.client import Answer, Client
from tests.local.http_parts import Request

MEGABYTE = 1024 * 1024


@pytest.fixture(scope="module")
def place(cloud: Client) -> Iterator[Stage]:
    """One survey with a source of each kind; nothing here changes it."""
    made = Stage(cloud)
    made.survey()
    for kind in ("standard", "zendesk", "chatwoot", "respondio"):
        made.source(kind)
    yield made
    made.clear()


def refused(answer: Answer, status: int, code: str) -> dict[str, str]:
    """The fields that are to blame."""
    assert answer.status == status, answer.text
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json().keys() == {"error"}
    error = answer.json()["error"]
    assert {"code", "message"} <= error.keys() <= {"code", "message", "fields"}
    assert (error["code"], bool(error["message"])) == (code, True)
    return dict(error.get("fields", {}))


def closing(place: Stage, at: datetime) -> dict[str, Any]:
    return senders.conversation("closed", at, contact={"email": place.email()}, conversation_id="1")


# --- triggers ----------------------------------------------------------------------------------------------------------------


def unsigned(webhook: Request) -> Request:
    names = [name for name in webhook.headers if name == "content-type"]
    return Request("POST", "", {name: webhook.headers[name] for name in names}, webhook.body)


def tampered(webhook: Request) -> Request:
    return Request("POST", "", webhook.headers, webhook.body.replace(b"lamp", b"lamb", 1))


@pytest.mark.parametrize("kind", ["standard", "zendesk", "chatwoot", "respondio"])
@pytest.mark.parametrize("spoil", [unsigned, tampered])
def test_what_is_not_signed_as_it_is_leaves_no_trace(place: Stage, kind: str, spoil: Callable[[Request], Request]) -> None:
    webhook = place.sample(kind, address=place.email(f"{kind}.{spoil.__name__}"))
    refused(place.send(place.called(kind), spoil(webhook)), 401, "unverified")
    genuine = place.send(place.called(kind), webhook)
    assert genuine.status == 202, "had anything been stored, this were a duplicate"


@pytest.mark.parametrize("kind", ["standard", "zendesk", "chatwoot"])
@pytest.mark.parametrize("minutes", [-6, 6])
def test_what_was_signed_long_ago_or_will_be_is_refused(place: Stage, kind: str, minutes: int) -> None:
    late = samples.trigger({"source": kind, "address": place.email()}, place.now() + timedelta(minutes=minutes))
    refused(place.send(place.called(kind), late), 401, "unverified")


def test_one_sources_signature_is_worth_nothing_at_another(place: Stage) -> None:
    refused(place.send(place.called("zendesk"), place.sample("standard")), 401, "unverified")


def test_an_unknown_source_is_not_found(place: Stage) -> None:
    for source in (place.called("nobody"), "a%00b", "x" * 300):
        refused(place.send(source, place.sample("standard")), 404, "unknown_source")


BODIES: dict[str, tuple[bytes, int, str]] = {
    "larger than a megabyte": (b'{"a": "' + b"x" * MEGABYTE + b'"}', 413, "too_large"),
    "not UTF-8": (b'{"a": "\xff\xfe"}', 400, "malformed"),
    "nested a hundred thousand deep": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed"),
    "nested a hundred deep": (b'{"a": ' + b"[" * 100 + b"]" * 100 + b"}", 400, "malformed"),
    "with a name twice": (b'{"type": "conversation.closed", "type": "conversation.reopened"}', 400, "malformed"),
    "empty": (b"", 400, "malformed"),
    "not JSON": (b"{'a': 1}", 400, "malformed"),
    "a list": (b"[]", 400, "malformed"),
    "not a number": (b'{"a": NaN}', 400, "malformed"),
    "a number beyond all": (b'{"a": 1e999}', 400, "malformed"),
    "of no known type": (b'{"type": "conversation.exploded", "timestamp": "2026-01-01T00:00:00Z", "data": {}}', 422, "invalid"),
}


def as_it_is(webhook: Request) -> Request:
    """Said to be bytes: what is said to be text and is no UTF-8 does not come through the HTTP API unharmed, and so not verified."""
    return Request("POST", "", {**webhook.headers, "content-type": "application/octet-stream"}, webhook.body)


@pytest.mark.parametrize("what", BODIES)
def test_a_body_is_refused_that_is(place: Stage, what: str) -> None:
    body, status, code = BODIES[what]
    event_id = place.called("msg_" + str(list(BODIES).index(what)))
    webhook = as_it_is(senders.standard(body, place.now(), event_id=event_id))
    refused(place.send(place.called("standard"), webhook), status, code)
    refused(place.cloud.get(f"/admin/triggers/{place.called('standard')}/{event_id}"), 404, "unknown_trigger")


def test_every_field_of_a_wrong_type_is_named_by_its_path(place: Stage) -> None:
    at = place.now()
    body = closing(place, at)
    body["data"]["contact"] |= {"email": 7, "nickname": "Al", "addresses": ["x"]}
    body["data"]["conversation"] |= {"tags": "lamp", "id": None, "closed_at": "yesterday"}
    body["more"] = 1
    fields = refused(place.send(place.called("standard"), senders.standard(body, at)), 422, "invalid")
    wrong = {"data.contact.email", "data.contact.nickname", "data.contact.addresses", "more"}
    assert fields.keys() == wrong | {f"data.conversation.{name}" for name in ("tags", "id", "closed_at")}


@pytest.mark.parametrize("kind", ["zendesk", "chatwoot", "respondio"])
def test_an_odd_body_of_a_vendor_is_no_error_of_ours(place: Stage, kind: str) -> None:
    """Signed rightly, and every value another type than ever before."""

    def odd(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: odd(each) for name, each in value.items()}
        return {"odd": [value]} if isinstance(value, str | int | float) else [value]

    webhook = place.sample(kind)
    usual = json.loads(webhook.body)
    kept = {name: usual[name] for name in ("type", "event", "event_type", "status") if name in usual}
    answer = place.send(place.called(kind), senders.signed_again(kind, webhook, json.dumps({**odd(usual), **kept}).encode()))
    assert answer.status in (200, 202, 422), answer.text


# --- links ------------------------------------------------------------------------------------------------------------------


def a_link(stage: Stage, **policy: Any) -> tuple[Asked, str]:
    stage.survey(policy=policy)
    made = stage.cloud.ok("POST", f"/admin/surveys/{stage.called('survey')}/invitations", {"channel": "web", "contact": {"name": "Ada"}})
    stage.cloud.settle()
    return Asked("manual", made["event_id"], made["invitation_id"]), made["link"].removeprefix(stage.cloud.url)


def test_every_wrong_link_gets_the_same_polite_page(stage: Stage) -> None:
    asked, link = a_link(stage)
    token = link.removeprefix("/r/")
    wrong = ["x", token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace(asked.invitation, "A" * 22), "%F0%9F%92%A1", "a" * 5000]
    pages = [stage.cloud.get(f"/r/{each}") for each in wrong] + [stage.cloud.get(f"/u/{token}")]
    pages += [stage.cloud.request("POST", f"/r/{wrong[1]}", b"rating=5", FORM)]
    assert {page.status for page in pages} == {404}
    assert len({words_of(page) for page in pages}) == 1
    refused(stage.cloud.post(f"/r/{wrong[1]}", {"rating": 5}), 404, "not_found")
    assert stage.story(asked)["answers"] == []


def test_an_expired_link_says_that_its_time_is_over(stage: Stage) -> None:
    asked, link = a_link(stage, expires_days=0.01)
    stage.cloud.advance(20 * 60)
    for page in (stage.cloud.get(link), stage.cloud.request("POST", link, b"rating=5", FORM)):
        assert page.status == 410
        assert page.headers["Content-Type"].startswith("text/html")
    assert stage.cloud.post(link, {"rating": 5}).status == 410
    assert stage.story(asked)["answers"] == []


def test_an_answer_that_does_not_fit_is_asked_for_again_and_not_recorded(stage: Stage) -> None:
    asked, link = a_link(stage)
    for body in (b"rating=6", b"rating=", b"", b"rating=0", b"rating=99999"):
        page = stage.cloud.request("POST", link, body, FORM)
        assert page.status == 422
        assert form_of(page).offered["rating"] == ["1", "2", "3", "4", "5"] if body != b"rating=99999" else True
    assert "rating" in refused(stage.cloud.post(link, {"rating": 6}), 422, "invalid")
    assert "rating" in refused(stage.cloud.post(link, {"rating": "5"}), 422, "invalid")
    assert "stars" in refused(stage.cloud.post(link, {"rating": 5, "stars": 5}), 422, "invalid")
    assert stage.cloud.request("POST", link, b"\xff=\xfe", FORM).status == 400
    assert stage.cloud.request("POST", link, b"rating=" + b"5" * MEGABYTE * 2, FORM).status == 413
    assert stage.cloud.request("POST", link, b"rating=5", {"content-type": "text/plain"}).status == 415
    assert stage.story(asked)["answers"] == []


# --- administration ----------------------------------------------------------------------------------------------------------

QUESTION = {"en": {"question": "How was it?"}}
SURVEYS: dict[str, tuple[dict[str, Any], str]] = {
    "an impossible scale": ({"scale": {"min": 5, "max": 1}}, "scale.min"),
    "a scale off the chart": ({"scale": {"min": 1, "max": 100}}, "scale.max"),
    "an unknown channel": ({"channels": ["email", "pigeon"]}, "channels.1"),
    "an unknown template variable": ({"texts": {"en": {"question": "Hi {{ contact.shoe_size }}"}}}, "texts.en.question"),
    "a template that reaches too far": ({"texts": {"en": {"question": "{{ contact.__class__ }}"}}}, "texts.en.question"),
    "a benchmark off the scale": ({"benchmark": 6}, "benchmark"),
    "an unknown time zone": ({"timezone": "Mars/Olympus"}, "timezone"),
    "an unknown field": ({"colour": "red"}, "colour"),
    "an unknown field of the policy": ({"policy": {"cooldown": 7}}, "policy.cooldown"),
    "an unknown metric": ({"metric": "smiles"}, "metric"),
    "no question": ({"texts": {}}, "texts"),
    "choices without a choice": ({"follow_ups": [{"id": "a", "kind": "choices", "texts": {"en": "?"}}]}, "follow_ups.0.choices"),
    "a text where a number belongs": ({"policy": {"delay_minutes": "ten"}}, "policy.delay_minutes"),
}


@pytest.mark.parametrize("what", SURVEYS)
def test_a_survey_is_refused_by_its_fields_path_with(place: Stage, what: str) -> None:
    changes, path = SURVEYS[what]
    answer = place.cloud.put(f"/admin/surveys/{place.called('bad')}", {"metric": "csat", "texts": QUESTION, **changes})
    assert refused(answer, 422, "invalid").keys() == {path}
    refused(place.cloud.get(f"/admin/surveys/{place.called('bad')}"), 404, "not_found")


OBJECTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "source of no kind": ("sources", {"kind": "fax", "secret": "s" * 20, "survey": "x"}, "kind"),
    "source without a secret": ("sources", {"kind": "respondio", "survey": "x"}, "secret"),
    "channel with half its credentials": ("channels", {"kind": "whatsapp", "credentials": {"access_token": "x"}}, "credentials.app_secret"),
    "sink that names an unknown variable": (
        "sinks",
        {"kind": "http", "surveys": ["x"], "request": {"url": "https://example.com", "body": "{{ answer.mood }}"}},
        "request.body",
    ),
    "sink that leads inside": ("sinks", {"kind": "http", "surveys": ["x"], "request": {"url": "https://169.254.169.254/"}}, "request.url"),
    "sink without encryption": ("sinks", {"kind": "http", "surveys": ["x"], "request": {"url": "http://example.com/"}}, "request.url"),
}


@pytest.mark.parametrize("what", OBJECTS)
def test_refused_by_its_fields_path_is_a(place: Stage, what: str) -> None:
    family, body, path = OBJECTS[what]
    assert path in refused(place.cloud.put(f"/admin/{family}/{place.called('bad')}", body), 422, "invalid")
    refused(place.cloud.get(f"/admin/{family}/{place.called('bad')}"), 404, "not_found")


def test_the_admin_api_refuses_what_is_no_json_object_or_names_nothing(place: Stage) -> None:
    path = f"/admin/surveys/{place.called('bad')}"
    for body in (b"", b"[]", b"{", b'{"metric": "csat", "metric": "nps"}', b"\xff"):
        refused(place.cloud.request("PUT", path, body, {"content-type": "application/json"}), 400, "malformed")
    refused(place.cloud.request("PUT", path, b"{}", {"content-type": "text/plain"}), 415, "wrong_media_type")
    refused(place.cloud.request("PUT", path, b'{"a": "' + b"x" * MEGABYTE + b'"}', {"content-type": "application/json"}), 413, "too_large")
    for missing in ("/admin/nothing", "/admin/surveys/none", "/admin/imports/none", "/admin/triggers/none/none"):
        answer = place.cloud.get(missing)
        refused(answer, 404, answer.json()["error"]["code"])
    refused(place.cloud.request("PATCH", path, b"{}", {"content-type": "application/json"}), 405, "method_not_allowed")
    assert refused(place.cloud.get(f"/admin/reports/{place.called('survey')}/someday"), 422, "invalid").keys() == {"date"}
    wish = {"object": "imports/none.csv", "survey": place.called("survey"), "columns": {"rating": "R", "answered_at": "A"}}
    assert refused(place.cloud.post("/admin/imports", wish), 422, "invalid").keys() == {"object"}
    assert refused(place.cloud.post(f"/admin/surveys/{place.called('survey')}/invitations", {}), 422, "invalid").keys() == {"contact"}


def test_what_a_messenger_sends_wrongly_is_refused_too(place: Stage, stage: Stage) -> None:
    path = f"/replies/{stage.whatsapp()}"
    for body in (b"", b"[]", b"\xff", b"{"):
        webhook = as_it_is(senders.signed_by_meta(WHATSAPP["app_secret"], body))
        refused(stage.cloud.request("POST", path, webhook.body, webhook.headers), 400, "malformed")
    refused(stage.cloud.request("POST", "/replies/nobody", b"{}", {}), 404, "unknown_channel")
