import json
from collections.abc import Callable
from threading import Barrier, Event
from typing import Any

import pytest

from hearback.domain.errors import Duplicate, Invalid, Misconfigured, Unavailable
from hearback.runtime.queue import RESERVE_SECONDS, queue_handler


class Context:
    aws_request_id = "r-1"

    def __init__(self, left: int = 60_000) -> None:
        self.left = left

    def get_remaining_time_in_millis(self) -> int:
        return self.left


def record(number: int, body: str) -> dict[str, Any]:
    return {
        "messageId": f"m-{number}",
        "receiptHandle": "h",
        "body": body,
        "attributes": {},
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:1:q",
        "awsRegion": "eu-central-1",
        "md5OfBody": "",
    }


def failed(work: Callable[[dict[str, Any]], str], bodies: list[str], context: Context | None = None) -> list[str]:
    event = {"Records": [record(n, body) for n, body in enumerate(bodies)]}
    return [each["itemIdentifier"] for each in queue_handler(work)(event, context or Context())["batchItemFailures"]]


@pytest.mark.parametrize(
    ("error", "given_back"),
    [(Invalid("x"), []), (Duplicate("x"), []), (Unavailable("x"), ["m-1"]), (Misconfigured("x"), ["m-1"]), (KeyError("x"), ["m-1"])],
)
def test_one_bad_record_fails_alone_and_only_if_trying_again_can_help(error: Exception, given_back: list[str]) -> None:
    def work(message: dict[str, Any]) -> str:
        if message["n"] == 1:
            raise error
        return "done"

    assert failed(work, [json.dumps({"n": n}) for n in range(3)]) == given_back


def test_a_record_that_is_not_json_goes_back_and_so_to_the_dead_letters() -> None:
    assert failed(lambda _message: "done", ["{}", "nonsense"]) == ["m-1"]


def test_when_every_record_fails_all_go_back_and_nothing_is_raised() -> None:
    def work(_message: dict[str, Any]) -> str:
        raise Unavailable("x")

    assert failed(work, ["{}", "{}"]) == ["m-0", "m-1"]


def test_records_are_not_begun_when_the_time_runs_out() -> None:
    done: list[dict[str, Any]] = []

    def work(message: dict[str, Any]) -> str:
        done.append(message)
        return "done"

    assert failed(work, ["{}"], Context(int(RESERVE_SECONDS * 1000) - 1)) == ["m-0"]
    assert done == []


def test_a_record_that_waits_holds_nobody_up_where_several_are_worked_on_at_once() -> None:
    others_done, still_waiting = Event(), Event()

    def work(message: dict[str, Any]) -> str:
        if message["n"] == 0:
            assert others_done.wait(10), "the record behind it was not begun"
            still_waiting.set()
        else:
            others_done.set()
        return "done"

    event = {"Records": [record(n, json.dumps({"n": n})) for n in range(2)]}
    assert queue_handler(work, at_once=2)(event, Context())["batchItemFailures"] == []
    assert still_waiting.is_set()


def test_records_that_are_worked_on_at_once_fail_one_by_one() -> None:
    together = Barrier(3, timeout=10)

    def work(message: dict[str, Any]) -> str:
        together.wait()
        if message["n"] == 1:
            raise Unavailable("x")
        return "done"

    event = {"Records": [record(n, json.dumps({"n": n})) for n in range(3)]}
    failures = queue_handler(work, at_once=3)(event, Context())["batchItemFailures"]
    assert failures == [{"itemIdentifier": "m-1"}]
