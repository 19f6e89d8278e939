"""Whatever a source's dialect: what the sender signed passes, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hearback.adapters.sources import REGISTRY
from hearback.domain.errors import Unverified
from hearback.domain.trigger import Ignored, Trigger
from hearback.ports import InboundRequest, Secret
from tests.builders import NOW
from tests.sample_events import EVENTS, SECRETS, sample, secret_of

SIGNED = {
    "standard": "standard_closed",
    "zendesk": "zendesk_solved",
    "chatwoot": "chatwoot_resolved",
    "respondio": "respondio_closed",
}
SIGNATURE = {
    "standard": "webhook-signature",
    "zendesk": "x-zendesk-webhook-signature",
    "chatwoot": "x-chatwoot-signature",
    "respondio": "x-webhook-signature",
}
SIGNED_TIME = {
    "standard": "webhook-timestamp",
    "zendesk": "x-zendesk-webhook-signature-timestamp",
    "chatwoot": "x-chatwoot-timestamp",
}
kinds = pytest.mark.parametrize("kind", sorted(SIGNED))
timed_kinds = pytest.mark.parametrize("kind", sorted(SIGNED_TIME))


def verify(kind: str, request: InboundRequest, secret: Secret | None = None, now: datetime = NOW) -> None:
    REGISTRY[kind].verify(request, secret or secret_of(kind), {}, now)


def with_headers(request: InboundRequest, **changes: str | None) -> InboundRequest:
    headers = {**request.headers, **{name.replace("_", "-"): value for name, value in changes.items()}}
    return replace(request, headers={name: value for name, value in headers.items() if value is not None})


def test_every_source_is_tested_here() -> None:
    assert set(SIGNED) == set(REGISTRY)
    assert all(REGISTRY[kind].kind == kind for kind in REGISTRY)


@kinds
def test_what_the_sender_signed_passes(kind: str) -> None:
    verify(kind, sample("survey_trigger", SIGNED[kind]))


@kinds
def test_a_body_that_was_touched_does_not_pass(kind: str) -> None:
    request = sample("survey_trigger", SIGNED[kind])
    for body in (request.body + b" ", request.body[:-1], request.body.replace(b"Grace", b"Grape").replace(b'"OPEN"', b'"HOLD"'), b""):
        with pytest.raises(Unverified):
            verify(kind, replace(request, body=body))


@kinds
def test_every_single_bit_of_the_signature_counts(kind: str) -> None:
    request = sample("survey_trigger", SIGNED[kind])
    right = request.headers[SIGNATURE[kind]]
    for place in range(len(right)):
        wrong = right[:place] + chr(ord(right[place]) ^ 1) + right[place + 1 :]
        if wrong.rstrip("=") == right.rstrip("="):
            continue
        with pytest.raises(Unverified):
            verify(kind, with_headers(request, **{SIGNATURE[kind]: wrong}))


@kinds
def test_a_missing_header_or_a_header_sent_twice_does_not_pass(kind: str) -> None:
    request = sample("survey_trigger", SIGNED[kind])
    for name in filter(None, (SIGNATURE[kind], SIGNED_TIME.get(kind))):
        right = request.headers[name]
        for value in (None, "", f"{right},{right}"):
            with pytest.raises(Unverified):
                verify(kind, with_headers(request, **{name: value}))


@kinds
def test_during_a_rotation_both_secrets_pass_and_afterwards_only_the_new_one(kind: str) -> None:
    request = sample("survey_trigger", SIGNED[kind])
    rotated = Secret({"secret": "whsec_bm90LXRoZS1zZWNyZXQtdGhhdC1zaWduZWQ="}, SECRETS[kind], NOW + timedelta(seconds=1))
    verify(kind, request, rotated)
    with pytest.raises(Unverified):
        verify(kind, request, replace(rotated, previous_until=NOW))


@kinds
def test_one_of_several_secrets_is_enough(kind: str) -> None:
    several = Secret({"secret": ["whsec_bm90LXRoZS1zZWNyZXQtdGhhdC1zaWduZWQ=", SECRETS[kind]["secret"]]})
    verify(kind, sample("survey_trigger", SIGNED[kind]), several)


@kinds
def test_a_source_without_a_secret_accepts_nobody(kind: str) -> None:
    with pytest.raises(Unverified):
        verify(kind, sample("survey_trigger", SIGNED[kind]), Secret({}))


@timed_kinds
@pytest.mark.parametrize("seconds", [-290, 290])
def test_a_clock_that_is_nearly_right_does_no_harm(kind: str, seconds: int) -> None:
    verify(kind, sample("survey_trigger", SIGNED[kind]), now=NOW + timedelta(seconds=seconds))


@timed_kinds
@pytest.mark.parametrize("seconds", [-302, 301, 86_400])
def test_what_was_signed_more_than_300_seconds_away_is_a_replay(kind: str, seconds: int) -> None:
    with pytest.raises(Unverified, match="300 seconds"):
        verify(kind, sample("survey_trigger", SIGNED[kind]), now=NOW + timedelta(seconds=seconds))


@timed_kinds
@pytest.mark.parametrize(
    "time", ["NaN", "1e9", "1772452800.9", " 1772452800 ", "-1", "٣", "²", "9" * 400, "2026-13-45T00:00:00Z", "\ud800"]
)
def test_a_time_that_is_none_is_unverified_and_never_a_crash(kind: str, time: str) -> None:
    with pytest.raises(Unverified):
        verify(kind, with_headers(sample("survey_trigger", SIGNED[kind]), **{SIGNED_TIME[kind]: time}))


@kinds
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(headers=st.dictionaries(st.sampled_from([*SIGNATURE.values(), *SIGNED_TIME.values(), "webhook-id"]), st.text()), body=st.binary())
def test_no_bytes_and_no_headers_make_verification_fail_in_another_way(kind: str, headers: dict[str, str], body: bytes) -> None:
    with pytest.raises(Unverified):
        verify(kind, InboundRequest("POST", "/triggers/x", headers, {}, body))


@pytest.mark.parametrize("path", sorted(each.stem for each in (EVENTS / "survey_trigger").glob("*.json")))
def test_every_sample_event_is_signed_and_understood(path: str) -> None:
    kind = path.partition("_")[0]
    request = sample("survey_trigger", path)
    configured = {"unsigned": True} if "unsigned" in path else {}
    REGISTRY[kind].verify(request, secret_of(kind), configured, NOW)
    if path != "standard_unknown_field":
        assert isinstance(REGISTRY[kind].read(request, kind, configured, NOW), Trigger | Ignored)
