"""Vendors' bodies: whatever stands in them, a source answers with a trigger, with "ignored", or with an error of the sender's."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hearback.adapters.sources import REGISTRY
from hearback.adapters.sources.reading import ATTRIBUTE_BYTES, attributes, texts, unix_time
from hearback.domain.errors import Rejected
from hearback.domain.trigger import Ignored, Trigger
from hearback.ports import InboundRequest
from tests.builders import NOW
from tests.sample_events import sample

CASES = ["zendesk_solved", "zendesk_trigger_form", "chatwoot_resolved", "chatwoot_reopened", "respondio_closed"]
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
    max_leaves=8,
)


def outcome(kind: str, raw: bytes) -> Trigger | Ignored | Rejected:
    try:
        return REGISTRY[kind].read(InboundRequest("POST", "/", {}, {}, raw), kind, {}, NOW)
    except Rejected as error:
        return error


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for name, each in inner for found in places(each, (*path, name)))]


def put(value: Any, path: tuple[Any, ...], replacement: Any) -> Any:
    if not path:
        return replacement
    changed = copy.copy(value)
    changed[path[0]] = put(changed[path[0]], path[1:], replacement)
    return changed


@pytest.mark.parametrize("case", CASES)
@settings(max_examples=120)
@given(data=st.data())
def test_any_field_may_be_of_any_kind(case: str, data: st.DataObject) -> None:
    body = json.loads(sample("survey_trigger", case).body)
    changed = put(body, data.draw(st.sampled_from(places(body))), data.draw(odd))
    found = outcome(case.partition("_")[0], json.dumps(changed).encode())
    if isinstance(found, Trigger):
        assert Trigger.from_plain(json.loads(json.dumps(found.to_plain()))) == found
        assert len(json.dumps(found.to_plain())) < 200_000


@pytest.mark.parametrize("case", CASES)
def test_any_field_may_be_missing(case: str) -> None:
    body = json.loads(sample("survey_trigger", case).body)
    for path in places(body)[1:]:
        holder = copy.deepcopy(body)
        place = holder
        for name in path[:-1]:
            place = place[name]
        del place[path[-1]]
        assert outcome(case.partition("_")[0], json.dumps(holder).encode())


@pytest.mark.parametrize("kind", sorted(REGISTRY))
@settings(max_examples=80)
@given(raw=st.binary() | odd.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_at_all_make_a_reader_fail_in_another_way(kind: str, raw: bytes) -> None:
    assert outcome(kind, raw)


@pytest.mark.parametrize("kind", sorted(REGISTRY))
def test_half_an_emoji_in_a_name_is_replaced_because_no_store_takes_it(kind: str) -> None:
    cases = {
        "standard": "standard_closed",
        "zendesk": "zendesk_trigger_form",
        "chatwoot": "chatwoot_resolved",
        "respondio": "respondio_closed",
    }
    request = sample("survey_trigger", cases[kind])
    raw = request.body.replace(b"Grace", b"Gr\\ud83dace")
    found = REGISTRY[kind].read(InboundRequest("POST", "/", request.headers, {}, raw), kind, {}, NOW)
    assert isinstance(found, Trigger)
    assert "Gr\ufffdace" in found.agent.name


def test_attributes_are_kept_as_far_as_there_is_room() -> None:
    kept = attributes({"a": "x", "empty": "", "none": None}, {"big": "y" * ATTRIBUTE_BYTES, "after": 1})
    assert kept == {"a": "x"}


def test_tags_come_as_lists_or_as_words() -> None:
    assert texts(["a", 7, None, "a", {}]) == ("a", "7")
    assert texts("a b, c  a") == ("a", "b", "c")
    assert texts(3) == ()


@pytest.mark.parametrize("value", [0, -5, 1e300, "abc", "", None, True, [], float(10**18)])
def test_what_is_no_time_is_none(value: Any) -> None:
    assert unix_time(value) is None
