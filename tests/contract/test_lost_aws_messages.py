"""Every write to bucket, queues, secret store and state machine, its request or its reply lost: done once, or harmlessly twice."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from moto import mock_aws

from hearback.adapters.aws.sqs import SqsOutbox
from hearback.adapters.aws.ssm import SsmSecrets
from hearback.adapters.aws.states import StateMachineCrew
from hearback.adapters.s3.blobs import S3Blobs
from hearback.ports import HandOver, Secret
from tests.builders import NOW, a_forward_message
from tests.contract.conftest import moto_client
from tests.contract.faults import Kind, wire
from tests.contract.writes import Noted, writes_of
from tests.fakes import FixedClock, MemoryBlobs, MemorySecrets, RecordingCrew, RecordingOutbox

BUCKET, KEY, PREFIX = "hearback-bucket", "reports/a.json", "/hearback"
QUEUES = ("dispatch", "forward", "dead_forward", "imports", "erasures")
TASK = HandOver("support", date(2026, 3, 9), "support-2026-03-09-0123456789abcdef", 3, ("000", "001"))
DEFINITION = {"StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}}
MINE, THEIRS = Secret({"secret": "mine"}), Secret({"secret": "theirs"})


@dataclass(frozen=True)
class Write:
    """One method of a port. `sure`: its answer is right also after a lost reply; what is there afterwards always is."""

    port: str
    name: str
    act: Callable[[Any], object]
    arrange: Callable[[Any], object] = lambda _: None
    sure: bool = True


WRITES = [
    Write("blobs", "put", lambda blobs: blobs.put(KEY, b"new", "text/plain"), sure=False),
    Write("blobs", "put, over another", lambda blobs: blobs.put(KEY, b"new", "text/plain"), lambda blobs: blobs.put(KEY, b"old", "a/b")),
    Write("blobs", "put, the same", lambda blobs: blobs.put(KEY, b"old", "text/plain"), lambda blobs: blobs.put(KEY, b"old", "a/b")),
    Write("blobs", "delete", lambda blobs: blobs.delete(KEY), lambda blobs: blobs.put(KEY, b"old", "text/plain")),
    Write("blobs", "purge", lambda blobs: blobs.purge(KEY, current=True), lambda blobs: blobs.put(KEY, b"old", "text/plain")),
    Write("secrets", "put", lambda secrets: secrets.put("sinks/crm", MINE), lambda secrets: secrets.put("sinks/crm", THEIRS)),
    Write("secrets", "create", lambda secrets: secrets.create("links/keys", MINE)),
    Write("secrets", "create, second", lambda s: s.create("links/keys", MINE), lambda s: s.create("links/keys", THEIRS)),
    Write("secrets", "delete", lambda secrets: secrets.delete("sinks/crm"), lambda secrets: secrets.put("sinks/crm", MINE)),
    Write("outbox", "dispatch", lambda outbox: outbox.dispatch("i-1")),
    Write("outbox", "forward", lambda outbox: outbox.forward([a_forward_message(f"i-{n}") for n in range(12)])),
    Write("outbox", "forward_is_dead", lambda outbox: outbox.forward_is_dead(a_forward_message("i-1"), "refused")),
    Write("outbox", "continue_import", lambda outbox: outbox.continue_import("past-1")),
    Write("outbox", "continue_erasures", lambda outbox: outbox.continue_erasures()),
    Write("crew", "begin", lambda crew: crew.begin(TASK)),
]


class Account:
    """An empty account, its adapters, and what is in it."""

    def __init__(self) -> None:
        self.s3, self.sqs, self.ssm = moto_client("s3"), moto_client("sqs"), moto_client("ssm")
        self.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        self.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        self.states = moto_client("stepfunctions")
        described = {"definition": json.dumps(DEFINITION), "roleArn": "arn:aws:iam::123456789012:role/machine"}
        self.machine = self.states.create_state_machine(name="day-counting", **described)["stateMachineArn"]
        self.urls = {name: self.sqs.create_queue(QueueName=name)["QueueUrl"] for name in QUEUES}

    def of(self, port: str) -> tuple[Any, Any, str]:
        """The port's adapter, its client, and the service's name."""
        if port == "blobs":
            return S3Blobs(self.s3, BUCKET), self.s3, "s3"
        if port == "secrets":
            return SsmSecrets(self.ssm, PREFIX, FixedClock(NOW)), self.ssm, "ssm"
        if port == "crew":
            return StateMachineCrew(self.states, self.machine), self.states, "sfn"
        return SqsOutbox(self.sqs, **self.urls, sleep=lambda _: None), self.sqs, "sqs"

    def left(self, port: str) -> object:
        if port == "blobs":
            listed = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
            return {each["Key"]: self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read() for each in listed}
        if port == "secrets":
            found = self.ssm.get_parameters_by_path(Path=PREFIX, Recursive=True, WithDecryption=True)["Parameters"]
            return {each["Name"]: json.loads(each["Value"]) for each in found}
        if port == "crew":
            return [each["name"] for each in self.states.list_executions(stateMachineArn=self.machine)["executions"]]
        return {name: self._bodies(url) for name, url in self.urls.items()}

    def _bodies(self, url: str) -> set[str]:
        """Each once: a queue may deliver twice anyway."""
        found: set[str] = set()
        while page := self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found |= {each["Body"] for each in page}
        return found


def played(write: Write, lost: dict[int, Kind]) -> tuple[object, object, list[str]]:
    """Answer, what is there afterwards, and the calls that were made."""
    with mock_aws():
        account = Account()
        adapter, client, service = account.of(write.port)
        write.arrange(adapter)
        with wire(client, service, lose=lost) as tapped:
            answer = write.act(adapter)
        return answer, account.left(write.port), tapped.calls


@pytest.mark.parametrize("lost", ["request", "reply"])
@pytest.mark.parametrize("write", WRITES, ids=lambda write: f"{write.port}.{write.name}")
def test_a_write_answers_and_leaves_the_same_when_any_of_its_messages_is_lost(write: Write, lost: Kind) -> None:
    expected, left, calls = played(write, {})
    assert calls
    for place in range(len(calls)):
        answer, found, made = played(write, {place: lost})
        assert len(made) > len(calls), "the client repeats"
        assert answer == expected or not write.sure, f"{lost} of {calls[place]} lost"
        assert found == left, f"{lost} of {calls[place]} lost"


def fakes() -> Iterator[tuple[str, Any]]:
    yield from (("blobs", MemoryBlobs()), ("secrets", MemorySecrets()), ("outbox", RecordingOutbox()), ("crew", RecordingCrew()))


def test_every_write_to_the_bucket_the_queues_the_secret_store_and_the_state_machine_is_among_them() -> None:
    called: set[str] = set()
    for write in WRITES:
        inner = dict(fakes())[write.port]
        write.arrange(inner)
        write.act(Noted(write.port, inner, called))
    assert set[str]().union(*(writes_of(port) for port, _ in fakes())) - called == set()
