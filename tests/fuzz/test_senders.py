"""What strangers and broken senders may send: nothing unsigned gets in, and nothing signed, however odd, breaks anything."""

from __future__ import annotations

import json
import os
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.odd import FOREIGN, JSON, TIMES, mutate
from tests.fuzz.senders import SENDERS, Hearing, asked_in_whatsapp, signed_headers
from tests.sample_events import EVENTS, sample

REFUSED = {400, 401}
TAKEN = {200, 202, 400, 422}
EXAMPLES = int(os.environ.get("HEARBACK_FUZZ_EXAMPLES", "150"))
SAMPLES = {sender: [each.stem for each in sorted((EVENTS / "survey_trigger").glob(f"{sender}_*.json"))] for sender in SENDERS}
SAMPLES["whatsapp"] = [
    each.stem for each in sorted((EVENTS / "rating_callback").glob("whatsapp_*.json")) if sample("rating_callback", each.stem).body
]
senders = pytest.mark.parametrize("sender", SENDERS)
patient = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])

HEADERS = sorted({name for sender in SENDERS for name in signed_headers(sender, b"")})
ODD_TEXT = st.text() | st.sampled_from(
    ["\0", "\ud800", "v1,", "v1a,x v1,y", "sha256=", "sha256=" + "0" * 64, "v1," + "A" * 43 + "=", ",", "=", *TIMES]
)


def body_of(sender: str, case: str) -> bytes:
    return sample("rating_callback" if sender == "whatsapp" else "survey_trigger", case).body


# --- nothing unsigned gets in ------------------------------------------------------------------------------------------------


@senders
@patient
@given(headers=st.dictionaries(st.sampled_from(HEADERS), ODD_TEXT), body=st.binary(), query=st.text(max_size=20))
def test_no_headers_that_a_stranger_makes_up_are_accepted(sender: str, headers: dict[str, str], body: bytes, query: str) -> None:
    status, told = Hearing().send(sender, headers, body, query)
    assert status in REFUSED
    assert told["error"]["code"] in {"unverified", "malformed"}


@senders
@patient
@given(data=st.data())
def test_no_genuine_headers_that_were_touched_are_accepted(sender: str, data: st.DataObject) -> None:
    body = body_of(sender, data.draw(st.sampled_from(SAMPLES[sender])))
    headers = signed_headers(sender, body)
    name = data.draw(st.sampled_from(sorted(headers)))
    right = headers[name]
    touched = data.draw(
        st.sampled_from([f"{right},{right}", f"{right}, {right}", f"x,{right}", f"{right}x", right[:-1], right.upper(), right[::-1], ""])
        | ODD_TEXT
    )
    if right not in touched.split(" "):  # Standard Webhooks lists several signatures, parted by a blank
        assert Hearing().send(sender, {**headers, name: touched}, body)[0] in REFUSED


@senders
@patient
@given(body=st.binary(), other=st.binary())
def test_a_signature_is_for_one_body_only(sender: str, body: bytes, other: bytes) -> None:
    if body != other:
        assert Hearing().send(sender, signed_headers(sender, body), other)[0] in REFUSED


# --- nothing signed breaks anything --------------------------------------------------------------------------------------------


@senders
@patient
@given(body=st.binary() | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_signed_bytes_that_are_no_event_are_refused_and_nothing_worse(sender: str, body: bytes) -> None:
    assert Hearing().send_signed(sender, body)[0] in TAKEN


@pytest.mark.parametrize("time", TIMES)
@senders
def test_a_signed_time_of_any_kind_is_verified_or_it_is_not(sender: str, time: str) -> None:
    status, _ = Hearing().send_signed(sender, body_of(sender, SAMPLES[sender][0]), stamp=time)
    assert status in TAKEN | REFUSED


@senders
@patient
@given(body=st.dictionaries(st.text(max_size=12), JSON))
def test_signed_json_of_any_shape_is_taken_or_refused(sender: str, body: dict[str, Any]) -> None:
    hearing = Hearing()
    status, told = hearing.send_signed(sender, json.dumps(body).encode())
    assert status in TAKEN
    hearing.play_out(told)


@senders
@patient
@given(data=st.data())
def test_a_sample_with_odd_values_in_odd_places_is_taken_or_refused(sender: str, data: st.DataObject) -> None:
    body = json.loads(body_of(sender, data.draw(st.sampled_from(SAMPLES[sender]))))
    dice = random.Random(data.draw(st.integers(0, 2**32)))
    mutate(body, dice, [*FOREIGN, data.draw(JSON)])
    hearing = asked_in_whatsapp()
    status, told = hearing.send_signed(sender, json.dumps(body).encode(errors="surrogatepass"))
    assert status in TAKEN
    hearing.play_out(told)


@senders
@patient
@given(event_id=st.text(max_size=300))
def test_an_id_of_any_kind_in_the_headers_is_taken_or_refused(sender: str, event_id: str) -> None:
    body = body_of(sender, SAMPLES[sender][0])
    headers = {
        **signed_headers(sender, body, event_id=event_id),
        "x-chatwoot-delivery": event_id,
        "x-zendesk-webhook-invocation-id": event_id,
    }
    hearing = Hearing()
    status, told = hearing.send(sender, headers, body)
    assert status in TAKEN | REFUSED
    hearing.play_out(told)
