"""What strangers and broken senders may send: nothing unsigned gets in, and nothing signed, however odd, breaks anything."""

from __future__ import annotations

import json
import os
import random
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
TIMES = [
    *("NaN", "Infinity", "-1", "0", "1e9", "1772452800.0", " 1772452800", "1772452800\n", "9" * 11, "9" * 12, "9" * 400, "٣", "²"),
    *("0x69a57a80", "1_772_452_800", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0999-06-01T00:00:00Z"),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2026-03-02T12:00:00", "2026-W10-1", "20260302T120000Z"),
]
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


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.sampled_from(TIMES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@senders
@patient
@given(body=st.dictionaries(st.text(max_size=12), JSON))
def test_signed_json_of_any_shape_is_taken_or_refused(sender: str, body: dict[str, Any]) -> None:
    hearing = Hearing()
    status, told = hearing.send_signed(sender, json.dumps(body).encode())
    assert status in TAKEN
    hearing.play_out(told)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in inner for found in [(value, key), *places(each)]]


def mutate(value: dict[str, Any], dice: random.Random, odd: list[Any]) -> None:
    """Some of its values become odd ones, change places, go away, or are said twice."""
    for _ in range(dice.randint(1, 4)):
        if not (there := places(value)):
            return
        container, key = dice.choice(there)
        match dice.randrange(4):
            case 0 | 1:
                container[key] = deepcopy(dice.choice(odd))
            case 2:
                del container[key]
            case 3:
                container[key] = [container[key], deepcopy(container[key])]


FOREIGN: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 10**400, 1e308, -0.0, "", " ", "\0", "\ud83d", "🙂" * 600, "a" * 70_000, *TIMES),
    *("null", "../..", "{{ agent }}", "=1+1", "<script>", [], {}, [[]], [None], {"": None}, [{"id": 1}, "x"]),
    *({"id": {"id": {"id": 1}}}, ["tag"] * 500, {str(n): n for n in range(300)}),
]


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
