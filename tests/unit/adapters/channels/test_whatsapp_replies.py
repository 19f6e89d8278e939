from __future__ import annotations

import copy
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.channels import REGISTRY, REPLIES
from hearback.domain.errors import Rejected, Unverified
from hearback.ports import DeliveryWord, InboundRequest, Secret, TypedReply
from tests.builders import NOW
from tests.sample_events import EVENTS, INVITATION, SECRETS, sample, secret_of

READER = REPLIES["whatsapp"]
AT = datetime(2026, 3, 2, 11, 59, 58, tzinfo=UTC)


def read(case: str) -> list[TypedReply | DeliveryWord]:
    return READER.read(sample("rating_callback", case))


def changed(case: str, change: Any) -> list[TypedReply | DeliveryWord]:
    body = json.loads(sample("rating_callback", case).body)
    change(body)
    return READER.read(InboundRequest("POST", "/", {}, {}, json.dumps(body).encode()))


def value_of(body: dict[str, Any]) -> dict[str, Any]:
    value: dict[str, Any] = body["entry"][0]["changes"][0]["value"]
    return value


def test_a_reader_exists_only_for_channels_that_exist() -> None:
    assert set(REPLIES) <= set(REGISTRY)


@pytest.mark.parametrize(
    "case", sorted(each.stem for each in (EVENTS / "rating_callback").glob("whatsapp_*.json") if "handshake" not in each.stem)
)
def test_every_sample_is_signed_and_not_with_one_byte_changed(case: str) -> None:
    request = sample("rating_callback", case)
    READER.verify(request, secret_of("whatsapp"), {}, NOW)
    for body in (request.body + b"\n", json.dumps(json.loads(request.body), ensure_ascii=False).encode()):
        with pytest.raises(Unverified):
            READER.verify(replace(request, body=body), secret_of("whatsapp"), {}, NOW)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=abc", "\ud800", "sha256=" + "0" * 64])
def test_a_request_that_meta_did_not_sign_does_not_pass(header: str | None) -> None:
    request = sample("rating_callback", "whatsapp_text")
    headers = {} if header is None else {"x-hub-signature-256": header}
    with pytest.raises(Unverified):
        READER.verify(replace(request, headers=headers), secret_of("whatsapp"), {}, NOW)
    with pytest.raises(Unverified):
        READER.verify(request, Secret({"access_token": SECRETS["whatsapp"]["app_secret"]}), {}, NOW)


def test_the_handshake_gives_the_bare_challenge_back() -> None:
    answer = READER.handshake(sample("rating_callback", "whatsapp_handshake"), secret_of("whatsapp"), NOW)
    assert (answer.status, answer.body) == (200, "1158201444")
    assert answer.content_type.startswith("text/plain")


@pytest.mark.parametrize("change", [{"hub.mode": "unsubscribe"}, {"hub.verify_token": ""}, {"hub.verify_token": "wrong"}])
def test_a_handshake_without_the_token_is_not_answered(change: dict[str, str]) -> None:
    request = sample("rating_callback", "whatsapp_handshake")
    with pytest.raises(Unverified):
        READER.handshake(replace(request, query={**request.query, **change}), secret_of("whatsapp"), NOW)
    with pytest.raises(Unverified):
        READER.handshake(request, Secret({}), NOW)


def test_a_tap_on_our_row_names_its_invitation_and_rating() -> None:
    assert read("whatsapp_list_reply") == [TypedReply("4930901820", "5 of 5, Very good", AT, INVITATION, 5, "wamid.sample-question")]


def test_a_tap_on_a_templates_button_does_too() -> None:
    assert read("whatsapp_template_button") == [TypedReply("4930901820", "2", AT, INVITATION, 2, "wamid.sample-question")]


def test_a_reply_button_is_read_like_a_row() -> None:
    def as_button(body: dict[str, Any]) -> None:
        message = value_of(body)["messages"][0]
        message["interactive"] = {"type": "button_reply", "button_reply": message["interactive"]["list_reply"]}

    assert changed("whatsapp_list_reply", as_button) == read("whatsapp_list_reply")


def test_what_somebody_types_is_passed_on_as_it_is() -> None:
    assert read("whatsapp_text") == [TypedReply("4930901820", "٤", AT)]


def test_people_without_a_number_are_known_by_their_user_id() -> None:
    assert read("whatsapp_no_number") == [TypedReply("DE.10000000000000000001", "5", AT)]


@pytest.mark.parametrize("payload", ["sv_1|5", "", "hb1|", "hb1||5", "hb1|x|", "hb1|x|5.5", "hb1|x|-1", "hb1|x|9999", "hb1|x|٥", 7, None])
def test_a_tap_on_somebody_elses_list_is_left_alone(payload: Any) -> None:
    def other(body: dict[str, Any]) -> None:
        value_of(body)["messages"][0]["interactive"]["list_reply"]["id"] = payload

    found = changed("whatsapp_list_reply", other)
    assert all(isinstance(each, TypedReply) and not each.invitation_id and each.rating is None for each in found)
    if payload:
        assert payload == 7 or found == []


def test_pictures_reactions_and_other_fields_are_left_alone() -> None:
    def picture(body: dict[str, Any]) -> None:
        value_of(body)["messages"] = [
            {"from": "49", "id": "a", "timestamp": "1772452798", "type": "image", "image": {"id": "1"}},
            {"from": "49", "id": "b", "timestamp": "1772452798", "type": "reaction", "reaction": {"emoji": "👍"}},
            {"from": "49", "id": "c", "timestamp": "soon", "type": "text", "text": {"body": "5"}},
        ]

    def other_field(body: dict[str, Any]) -> None:
        body["entry"][0]["changes"][0]["field"] = "message_template_status_update"

    assert changed("whatsapp_text", picture) == []
    assert changed("whatsapp_text", other_field) == []


def test_one_request_may_hold_many_entries_changes_and_messages() -> None:
    def many(body: dict[str, Any]) -> None:
        value = value_of(body)
        value["messages"] = [copy.deepcopy(value["messages"][0]) for _ in range(3)]
        body["entry"][0]["changes"] = [copy.deepcopy(body["entry"][0]["changes"][0]) for _ in range(2)]
        body["entry"] = [copy.deepcopy(body["entry"][0]) for _ in range(2)]

    assert len(changed("whatsapp_text", many)) == 12


def test_a_closed_window_is_told_with_the_attempt_that_met_it() -> None:
    assert read("whatsapp_status_failed") == [
        DeliveryWord("wamid.sample-question", "failed", AT, INVITATION, "attempt-1", "131047", same_channel=True, address="4930901820")
    ]


def test_any_other_failure_closes_the_channel() -> None:
    def unreachable(body: dict[str, Any]) -> None:
        value_of(body)["statuses"][0]["errors"][0]["code"] = 131026

    (word,) = changed("whatsapp_status_failed", unreachable)
    assert isinstance(word, DeliveryWord)
    assert (word.outcome, word.code, word.same_channel) == ("failed", "131026", False)


@pytest.mark.parametrize(
    ("status", "outcome"), [("sent", "sent"), ("delivered", "delivered"), ("read", "delivered"), ("deleted", None), (3, None)]
)
def test_metas_words_on_a_delivery_are_ours(status: Any, outcome: str | None) -> None:
    def with_status(body: dict[str, Any]) -> None:
        value_of(body)["statuses"][0]["status"] = status

    found = changed("whatsapp_status_delivered", with_status)
    assert [each.outcome for each in found if isinstance(each, DeliveryWord)] == ([outcome] if outcome else [])


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, each in inner for found in places(each, (*path, name)))]


odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3),
)


@pytest.mark.parametrize("case", ["whatsapp_list_reply", "whatsapp_template_button", "whatsapp_status_failed", "whatsapp_no_number"])
@settings(max_examples=100)
@given(data=st.data())
def test_any_field_may_be_of_any_kind(case: str, data: st.DataObject) -> None:
    body = json.loads(sample("rating_callback", case).body)
    *way, last = data.draw(st.sampled_from([path for path in places(body) if path]))
    place = body
    for name in way:
        place = place[name]
    place[last] = data.draw(odd)
    with suppress(Rejected):
        READER.read(InboundRequest("POST", "/", {}, {}, json.dumps(body).encode()))


@settings(max_examples=60)
@given(st.binary())
def test_no_bytes_make_the_reader_fail_in_another_way(raw: bytes) -> None:
    with suppress(Rejected):
        READER.read(InboundRequest("POST", "/", {}, {}, raw))
