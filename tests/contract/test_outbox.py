"""What reaches the queues, and what is said when they cannot be reached."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto import mock_aws

from functions.answer_forward.handler import message_of
from hearback.adapters.aws.sqs import SqsOutbox
from hearback.domain.errors import Misconfigured, Unavailable
from hearback.ports import ForwardMessage, Outbox
from tests.builders import a_forward_message
from tests.contract.conftest import moto_client
from tests.contract.faults import wire
from tests.fakes import RecordingOutbox


class Queues:
    """An outbox and what it has put where, whichever it is."""

    outbox: Outbox

    def dispatched(self) -> list[tuple[str, int]]: ...  # type: ignore[empty-body]
    def forwards(self) -> list[ForwardMessage]: ...  # type: ignore[empty-body]
    def dead(self) -> list[tuple[ForwardMessage, str]]: ...  # type: ignore[empty-body]
    def imports(self) -> list[str]: ...  # type: ignore[empty-body]


class FakeQueues(Queues):
    def __init__(self) -> None:
        self.outbox = self._fake = RecordingOutbox()

    def dispatched(self) -> list[tuple[str, int]]:
        return self._fake.dispatched

    def forwards(self) -> list[ForwardMessage]:
        return self._fake.forwards

    def dead(self) -> list[tuple[ForwardMessage, str]]:
        return self._fake.dead

    def imports(self) -> list[str]:
        return self._fake.imports


class MotoQueues(Queues):
    def __init__(self) -> None:
        self.client = moto_client("sqs")
        self.urls = {name: self.client.create_queue(QueueName=name)["QueueUrl"] for name in ("dispatch", "forward", "dead", "imports")}
        self.slept: list[float] = []
        self.outbox = SqsOutbox(
            self.client,
            dispatch=self.urls["dispatch"],
            forward=self.urls["forward"],
            dead_forward=self.urls["dead"],
            imports=self.urls["imports"],
            sleep=self.slept.append,
        )

    def messages(self, queue: str) -> list[Any]:
        found: list[Any] = []
        while page := self.client.receive_message(QueueUrl=self.urls[queue], MaxNumberOfMessages=10, MessageAttributeNames=["All"]).get(
            "Messages"
        ):
            found += page
        return found

    def bodies(self, queue: str) -> list[dict[str, Any]]:
        return [json.loads(each["Body"]) for each in self.messages(queue)]

    def dispatched(self) -> list[tuple[str, int]]:
        return [(each["invitation_id"], 0) for each in self.bodies("dispatch")]

    def forwards(self) -> list[ForwardMessage]:
        return [message_of(each) for each in self.bodies("forward")]

    def dead(self) -> list[tuple[ForwardMessage, str]]:
        return [
            (message_of(json.loads(each["Body"])), each["MessageAttributes"]["Reason"]["StringValue"]) for each in self.messages("dead")
        ]

    def imports(self) -> list[str]:
        return [each["import_id"] for each in self.bodies("imports")]


@pytest.fixture
def moto_queues(aws: None) -> MotoQueues:
    return MotoQueues()


@pytest.fixture(params=["fake", "moto"])
def queues(request: pytest.FixtureRequest) -> Iterator[Queues]:
    if request.param == "fake":
        yield FakeQueues()
    else:
        with mock_aws():
            yield MotoQueues()


def test_each_message_reaches_its_own_queue(queues: Queues) -> None:
    message = a_forward_message("i-1")
    queues.outbox.dispatch("i-1")
    queues.outbox.forward([message])
    queues.outbox.forward_is_dead(message, "refused for three days")
    queues.outbox.continue_import("past-1")
    assert queues.dispatched() == [("i-1", 0)]
    assert queues.forwards() == [message]
    assert queues.dead() == [(message, "refused for three days")]
    assert queues.imports() == ["past-1"]


@pytest.mark.parametrize("many", [0, 1, 10, 11, 25])
def test_any_number_of_forwards_arrives_whole(queues: Queues, many: int) -> None:
    messages = [a_forward_message(f"i-{n}", version=n) for n in range(many)]
    queues.outbox.forward(iter(messages))
    assert sorted(queues.forwards(), key=lambda each: each.version) == messages


def test_a_message_holds_ids_alone(moto_queues: MotoQueues) -> None:
    moto_queues.outbox.forward([a_forward_message("i-1")])
    assert moto_queues.bodies("forward") == [{"invitation_id": "i-1", "version": 1, "sinks": ["crm"]}]


@pytest.mark.parametrize(("asked", "given"), [(0, 0), (30, 30), (900, 900), (901, 900), (86_400, 900), (-5, 0)])
def test_a_delay_is_cut_to_what_the_queue_allows(moto_queues: MotoQueues, asked: int, given: int) -> None:
    sent: list[Any] = []
    moto_queues.client.meta.events.register_first("provide-client-params.sqs.SendMessage", lambda params, **_: sent.append(dict(params)))
    moto_queues.outbox.dispatch("i-1", delay_seconds=asked)
    assert sent[0]["DelaySeconds"] == given


@pytest.mark.parametrize("reason", ["", "\x00\x07", "line\nbreak\ttab", "x" * 1000, "é👋"])
def test_any_reason_can_go_with_a_dead_forward(moto_queues: MotoQueues, reason: str) -> None:
    moto_queues.outbox.forward_is_dead(a_forward_message("i-1"), reason)
    ((_, said),) = moto_queues.dead()
    assert 0 < len(said) <= 200


def test_what_a_batch_leaves_over_is_sent_again(moto_queues: MotoQueues) -> None:
    messages = [a_forward_message(f"i-{n}", version=n) for n in range(10)]
    with refusing(moto_queues, [{"3", "7"}, {"7"}]) as batches:
        moto_queues.outbox.forward(messages)
    assert [sorted(batch) for batch in batches] == [[str(n) for n in range(10)], ["3", "7"], ["7"]]
    assert moto_queues.slept == sorted(moto_queues.slept)


def test_a_queue_that_goes_on_refusing_is_unavailable(moto_queues: MotoQueues) -> None:
    with refusing(moto_queues, [{"0"}] * 100), pytest.raises(Unavailable):
        moto_queues.outbox.forward([a_forward_message("i-1")])
    assert 2 <= len(moto_queues.slept) <= 6


def test_a_queue_that_cannot_be_reached_is_unavailable(moto_queues: MotoQueues) -> None:
    impatient = moto_client("sqs", retries=0)
    outbox = SqsOutbox(impatient, dispatch=moto_queues.urls["dispatch"], forward=moto_queues.urls["forward"])
    calls: list[Callable[[], object]] = [lambda: outbox.dispatch("i-1"), lambda: outbox.forward([a_forward_message("i-1")])]
    for call in calls:
        with wire(impatient, "sqs", lose={0: "request"}), pytest.raises(Unavailable):
            call()


def test_a_queue_that_is_not_there_is_the_operator_s(moto_queues: MotoQueues) -> None:
    moto_queues.client.delete_queue(QueueUrl=moto_queues.urls["dispatch"])
    with pytest.raises(Misconfigured):
        moto_queues.outbox.dispatch("i-1")


def test_a_queue_that_the_function_was_not_given_is_the_operator_s(aws: None) -> None:
    outbox = SqsOutbox(moto_client("sqs"))
    calls: list[Callable[[], object]] = [lambda: outbox.dispatch("i-1"), lambda: outbox.forward([]), lambda: outbox.continue_import("i")]
    for call in calls:
        with pytest.raises(Misconfigured):
            call()


class refusing:  # noqa: N801 - used like a function
    """Lets the queue refuse these entries, call by call; gives the ids of every batch that was sent."""

    def __init__(self, queues: MotoQueues, refused: list[set[str]]) -> None:
        self._events = queues.client.meta.events
        self._refused = list(refused)
        self._batches: list[list[str]] = []

    def __enter__(self) -> list[list[str]]:
        self._events.register_first("provide-client-params.sqs.SendMessageBatch", self._note)
        self._events.register_first("after-call.sqs.SendMessageBatch", self._refuse)
        return self._batches

    def __exit__(self, *_: object) -> None:
        self._events.unregister("provide-client-params.sqs.SendMessageBatch", self._note)
        self._events.unregister("after-call.sqs.SendMessageBatch", self._refuse)

    def _note(self, params: Any, **_: Any) -> None:
        self._batches.append([each["Id"] for each in params["Entries"]])

    def _refuse(self, parsed: Any, **_: Any) -> None:
        refused = self._refused.pop(0) if self._refused else set()
        parsed["Failed"] = [{"Id": each, "SenderFault": False, "Code": "InternalError"} for each in refused]
