import json
from collections.abc import Callable
from threading import Event
from typing import Any

import pytest

from hearback.domain.errors import Duplicate, Invalid, Misconfigured, Unavailable
from hearback.runtime.queue import RESERVE_SECONDS, grouped_queue_handler, queue_handler


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


def grouped(work: Callable[[list[dict[str, Any]]], list[str | Exception]], bodies: list[str], context: Context | None = None) -> list[str]:
    event = {"Records": [record(n, body) for n, body in enumerate(bodies)]}
    handler = grouped_queue_handler(work, by=lambda message: str(message["of"]), reserve_seconds=RESERVE_SECONDS)
    return [each["itemIdentifier"] for each in handler(event, context or Context())["batchItemFailures"]]


def messages(*of: str) -> list[str]:
    return [json.dumps({"of": each, "n": n}) for n, each in enumerate(of)]


def test_records_of_one_group_are_worked_on_together_and_answered_one_by_one() -> None:
    seen: list[list[int]] = []

    def work(together: list[dict[str, Any]]) -> list[str | Exception]:
        seen.append([each["n"] for each in together])
        return [Unavailable("x") if each["n"] == 2 else "done" for each in together]

    assert grouped(work, messages("a", "b", "a", "a")) == ["m-2"]
    assert sorted(seen) == [[0, 2, 3], [1]]


def test_a_group_that_waits_holds_no_other_up() -> None:
    others_done, still_waiting = Event(), Event()

    def work(together: list[dict[str, Any]]) -> list[str | Exception]:
        if together[0]["of"] == "a":
            assert others_done.wait(10), "the group behind it was not begun"
            still_waiting.set()
        else:
            others_done.set()
        return ["done"]

    assert grouped(work, messages("a", "b")) == []
    assert still_waiting.is_set()


def test_a_group_that_fails_as_a_whole_goes_back_and_no_other_does() -> None:
    def work(together: list[dict[str, Any]]) -> list[str | Exception]:
        if together[0]["of"] == "a":
            raise Unavailable("x")
        return ["done"]

    assert grouped(work, messages("a", "b", "a")) == ["m-0", "m-2"]


def test_a_record_that_no_group_can_be_told_of_goes_back_by_itself() -> None:
    def work(together: list[dict[str, Any]]) -> list[str | Exception]:
        return ["done" for each in together if each["of"]]

    assert grouped(work, [*messages("a"), "nonsense", "{}", "[]", "7"]) == ["m-1", "m-2", "m-3", "m-4"]


def test_groups_are_not_begun_when_the_time_runs_out() -> None:
    assert grouped(lambda together: ["done"], messages("a"), Context(int(RESERVE_SECONDS * 1000) - 1)) == ["m-0"]
