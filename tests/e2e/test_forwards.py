"""Where answers go when the other side is in trouble."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.e2e.receiver import ENDLESS, NONSENSE, SILENCE, Receiver, receiver
from tests.e2e.stage import Asked, Stage

MINUTE, HOUR = 60, 3600
SCHEDULE = timedelta(hours=83, minutes=30)
"""Ten tries over 75 h 36 min, each wait longer by up to a tenth."""


@pytest.fixture
def other_side() -> Iterator[Receiver]:
    with receiver() as made:
        yield made


def answered(stage: Stage) -> Asked:
    asked = stage.asked(stage.source())
    stage.answers(asked, 4)
    return asked


def outcome(stage: Stage, asked: Asked, sink: str) -> tuple[str, int, int]:
    forward = stage.forward(asked, stage.called(sink))
    return forward["state"], forward["attempts"], forward["status"]


def test_a_receiver_in_trouble_gets_the_answer_once_it_is_well(stage: Stage, other_side: Receiver) -> None:
    other_side.script = {"/ill": [500, 500, 200]}
    stage.survey()
    stage.http_sink("ill", other_side.url + "/ill")
    stage.http_sink("well", other_side.url + "/well")
    asked = answered(stage)
    stage.cloud.settle()
    assert outcome(stage, asked, "well") == ("delivered", 1, 200)
    assert outcome(stage, asked, "ill") == ("pending", 1, 500)
    stage.cloud.advance(2 * MINUTE)
    assert outcome(stage, asked, "ill") == ("pending", 2, 500)
    stage.cloud.advance(7 * MINUTE)
    assert outcome(stage, asked, "ill") == ("delivered", 3, 200)
    assert stage.forward(asked, stage.called("ill"))["response"] == "said"
    assert (other_side.count("/ill"), other_side.count("/well")) == (3, 1)
    assert len({body for path, body in other_side.came if path == "/ill"}) == 1, "every try says the same"


def test_a_receiver_that_names_a_time_is_not_called_before(stage: Stage, other_side: Receiver) -> None:
    other_side.script, other_side.headers = {"/busy": [429, 200]}, {"retry-after": str(HOUR)}
    stage.survey()
    stage.http_sink("busy", other_side.url + "/busy")
    asked = answered(stage)
    stage.cloud.settle()
    forward = stage.forward(asked, stage.called("busy"))
    assert datetime.fromisoformat(forward["next_at"]) - datetime.fromisoformat(forward["last_at"]) >= timedelta(hours=1)
    stage.cloud.advance(50 * MINUTE)
    assert outcome(stage, asked, "busy") == ("pending", 1, 429)
    stage.cloud.advance(12 * MINUTE)
    assert outcome(stage, asked, "busy") == ("delivered", 2, 200)


def test_one_that_hangs_floods_or_babbles_harms_only_its_own_forward(stage: Stage, other_side: Receiver) -> None:
    other_side.script = {"/a-silent": [SILENCE], "/b-endless": [ENDLESS], "/c-babbling": [NONSENSE], "/d-well": [200]}
    stage.survey()
    for path in other_side.script:
        stage.http_sink(path.strip("/"), other_side.url + path)
    asked = answered(stage)
    soon(lambda: outcome(stage, asked, "d-well") == ("delivered", 1, 200), within=10)
    assert outcome(stage, asked, "a-silent") == ("pending", 0, 0), "the others did not wait for it"
    other_side.released.set()
    stage.cloud.settle()
    assert outcome(stage, asked, "a-silent") == ("pending", 1, 0)
    assert outcome(stage, asked, "b-endless") == ("delivered", 1, 200)
    assert len(stage.forward(asked, stage.called("b-endless"))["response"]) <= 200
    assert outcome(stage, asked, "c-babbling") == ("pending", 1, 0)
    assert "no reply" in stage.forward(asked, stage.called("c-babbling"))["response"]


def soon(happens: Callable[[], bool], *, within: float) -> None:
    deadline = time.monotonic() + within
    while not happens():
        assert time.monotonic() < deadline, f"not within {within} s"
        time.sleep(0.2)


def test_after_three_days_a_forward_is_dead_and_a_replay_delivers_it(stage: Stage, other_side: Receiver) -> None:
    other_side.script = {"/closed": [503]}
    stage.survey()
    sink = stage.http_sink("closed", other_side.url + "/closed")
    asked = answered(stage)
    stage.cloud.advance(72 * HOUR)
    assert stage.forward(asked, sink)["state"] == "pending"
    stage.cloud.advance((SCHEDULE - timedelta(hours=72)).total_seconds())
    assert outcome(stage, asked, "closed") == ("dead", 10, 503)
    stage.cloud.advance(2 * HOUR)
    assert other_side.count("/closed") == 10
    other_side.script = {}
    replayed = stage.cloud.post("/admin/forwards/replay", {"sink": sink, "source": asked.source, "event_id": asked.event_id})
    assert (replayed.status, replayed.json()) == (202, {"replayed": 1, "skipped": 0, "next": None})
    stage.cloud.settle()
    assert outcome(stage, asked, "closed") == ("delivered", 1, 200)


def test_a_receiver_that_refuses_the_answer_is_not_asked_again(stage: Stage, other_side: Receiver) -> None:
    other_side.script = {"/refusing": [400], "/moved": [302]}
    stage.survey()
    stage.http_sink("refusing", other_side.url + "/refusing")
    stage.http_sink("moved", other_side.url + "/moved")
    asked = answered(stage)
    stage.cloud.advance(3 * HOUR)
    assert outcome(stage, asked, "refusing") == ("dead", 1, 400)
    assert outcome(stage, asked, "moved") == ("dead", 1, 302)


def test_a_dry_run_shows_the_very_request_and_sends_nothing(stage: Stage, other_side: Receiver) -> None:
    stage.survey()
    body = '{"rating": {{ answer.rating }}, "who": "{{ contact.name }}", "at": "{{ answer.answered_at }}"}'
    request = {"url": other_side.url + "/crm/{{ conversation.id }}", "method": "PUT", "body": body, "headers": {"x-kind": "csat"}}
    secret = {"authorization": "Bearer not-to-be-shown"}
    config: dict[str, Any] = {"kind": "http", "surveys": [stage.called("survey")], "request": {**request, "method": "POST"}}
    sink = stage.put("sinks", "crm", {**config, "secret_headers": secret})
    source = stage.source()
    asked = stage.asked(source, {"email": stage.email(), "name": 'Ann "the lamp" \\ O\'Neill'}, conversation_id="4711")
    stage.answers(asked, 2)
    stage.cloud.settle()
    [(path, sent)] = other_side.came
    real = stage.cloud.ok("POST", f"/admin/sinks/{sink}/dry-run", {"source": asked.source, "event_id": asked.event_id})
    assert real["request"]["body"].encode() == sent
    assert (path, real["request"]["url"]) == ("/crm/4711", other_side.url + "/crm/4711")
    assert (json.loads(sent)["rating"], json.loads(sent)["who"]) == (2, 'Ann "the lamp" \\ O\'Neill')
    assert (real["request"]["headers"]["authorization"], real["request"]["headers"]["x-kind"]) == ("***", "csat")
    made_up = stage.cloud.ok("POST", f"/admin/sinks/{sink}/dry-run")
    assert (made_up["rating"], json.loads(made_up["request"]["body"])["rating"]) == (5, 5)
    stage.cloud.settle()
    assert len(other_side.came) == 1
