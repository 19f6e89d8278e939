"""The life of a survey, many times over: the real handlers on DynamoDB Local; queues, stream and the outside stand in.

Assumed, because only AWS could tell: the traffic of `PER_TICK` surveys in `TICK`; queues and stream hand over `together` records
at once (ten when there is much to do, one by one when there is little: Lambda asks a queue with up to five hands); one warm
instance of each function; every survey is answered once, by a person who looked at the page once; both sinks take the answer at
the first try, side by side, one a tenth of a second after the other. Every second person has been asked before; the others
are new, with an e-mail address and the helpdesk's id.
"""

from __future__ import annotations

import json
import logging
import re
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from botocore.session import get_session

from functions.answer_forward.handler import make_handler as make_forward
from functions.due_sweeper.handler import make_handler as make_sweeper
from functions.forward_fanout.handler import make_handler as make_fanout
from functions.nightly_scoring.handler import make_handler as make_nightly
from functions.survey_dispatch.handler import make_handler as make_dispatch
from functions.survey_trigger.handler import make_handler as make_trigger
from hearback.adapters.aws.sqs import SqsOutbox
from hearback.adapters.dynamo.configs import DynamoConfigs
from hearback.adapters.dynamo.people import DynamoPeople
from hearback.domain.person import person_keys
from hearback.domain.trigger import Contact
from hearback.ports import Delivered, Delivery, Secret
from hearback.runtime import wiring
from hearback.runtime.entrypoint import Handler
from hearback.runtime.environment import Environment
from hearback.runtime.http import http_handler
from hearback.runtime.logs import log
from hearback.runtime.wiring import Wiring
from hearback.usecases.count_day import CountDay
from tests.builders import NOW, a_survey_body
from tests.contract.tables import definition
from tests.costs.meter import Meter, size_of
from tests.e2e.senders import conversation, standard
from tests.fakes import BlankSplitter, FixedClock, MemoryBlobs, MemoryLake, MemorySecrets, ScriptedSink
from tests.local.http_parts import Request
from tests.local.samples import STANDARD_SECRET

PER_TICK, TICK = 10, timedelta(seconds=8)
"""A million surveys in a month of office hours are 1.25 a second."""

UNTIL_ANSWERED = 12
"""Ticks: a person answers a minute and a half after being asked."""

SINKS = ("crm", "sheet")
ENVIRONMENT = {"HEARBACK_PUBLIC_URL": "https://feedback.example", "HEARBACK_EMAIL_FROM": "ask@acme.example"}
_LINK = re.compile(r"https://feedback\.example/r/([\w.~-]+)")
_PROOF = re.compile(r'name="proof" value="([^"]+)"')
_NO_ACCOUNT: dict[str, Any] = {"region_name": "eu-central-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@dataclass
class Played:
    """`units` by step and what; `calls` by step and operation; `sizes` of the stories as they were in the end, in bytes."""

    surveys: int
    together: int
    meter: Meter
    sizes: list[int]
    mails: int


def play(url: str, surveys: int, *, together: int = 10) -> Played:
    """On a table of its own, which is gone afterwards. `together`: how many records a function is given at once."""
    client: Any = get_session().create_client("dynamodb", endpoint_url=url, **_NO_ACCOUNT)
    table = f"t{uuid.uuid4().hex}"
    client.create_table(TableName=table, **definition())
    try:
        stage = _Stage(url, table, together)
        with _log_bytes(stage.meter):
            stage.play(surveys)
        sizes = [size_of(stage.item(each)) for each in stage.asked]
        return Played(surveys, together, stage.meter, sizes, len(stage.ses.mails))
    finally:
        client.delete_table(TableName=table)


# --- what stands in ---------------------------------------------------------------------------------------------------------------


@dataclass
class _Sqs:
    """Counts requests as they are charged: a send or a batch of sends, a receive and a delete of up to ten each."""

    meter: Meter
    together: int
    waiting: dict[str, deque[str]] = field(default_factory=lambda: {"dispatch": deque(), "forward": deque()})

    def send_message(self, QueueUrl: str, MessageBody: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        self.meter.count("queue requests")
        self.waiting[QueueUrl].append(MessageBody)
        return {}

    def send_message_batch(self, QueueUrl: str, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803
        self.meter.count("queue requests")
        self.waiting[QueueUrl].extend(each["MessageBody"] for each in Entries)
        return {}

    def batches(self, queue: str) -> Iterator[dict[str, Any]]:
        held = self.waiting[queue]
        while held:
            self.meter.count("queue requests", 2)
            bodies = [held.popleft() for _ in range(min(self.together, len(held)))]
            yield {"Records": [{"messageId": str(n), "body": body, "attributes": {}} for n, body in enumerate(bodies)]}


@dataclass
class _Ses:
    mails: list[str] = field(default_factory=list)

    def send_email(self, **mail: Any) -> dict[str, Any]:
        self.mails.append(mail["Content"]["Simple"]["Body"]["Text"]["Data"])
        return {"MessageId": f"mail-{len(self.mails):016}-0000-0000"}


class _Sink(ScriptedSink):
    def deliver(self, delivery: Delivery, *_: Any) -> Delivered:
        time.sleep(0.1 if delivery.id.endswith(f".{SINKS[1]}.1") else 0.01)
        return Delivered(200, '{"status":"ok"}')


class _Parts(Wiring):
    """One function's own instance: its settings are remembered by nobody else."""

    def __init__(self, stage: _Stage) -> None:
        super().__init__(Environment.read({**ENVIRONMENT, "HEARBACK_TABLE": stage.table}))
        self.stage = stage
        self.clock = stage.clock  # type: ignore[assignment]

    @cached_property
    def _dynamodb(self) -> Any:
        client = get_session().create_client("dynamodb", endpoint_url=self.stage.url, **_NO_ACCOUNT)
        self.stage.meter.attach(client)
        return client

    @cached_property
    def secrets(self) -> Any:
        return self.stage.secrets

    @cached_property
    def outbox(self) -> Any:
        return SqsOutbox(self.stage.sqs, dispatch="dispatch", forward="forward")  # type: ignore[arg-type]

    @cached_property
    def blobs(self) -> Any:
        return self.stage.blobs

    @cached_property
    def count_day(self) -> CountDay:
        return CountDay(self.ledger, MemoryLake(), BlankSplitter())

    @cached_property
    def words(self) -> Any:
        return BlankSplitter()

    @cached_property
    def sinks(self) -> Any:
        return {"http": _Sink()}

    def ses(self, endpoint: str) -> Any:
        return self.stage.ses


class _Blobs(MemoryBlobs):
    def __init__(self, meter: Meter) -> None:
        super().__init__()
        self._meter = meter

    def get(self, key: str) -> bytes | None:
        self._meter.count("S3 reads")
        return super().get(key)

    def put(self, key: str, body: bytes, content_type: str) -> bool:
        self._meter.count("S3 writes")
        return super().put(key, body, content_type)


# --- the play -----------------------------------------------------------------------------------------------------------------------


class _Stage:
    def __init__(self, url: str, table: str, together: int) -> None:
        self.url, self.table, self.together = url, table, together
        self.meter, self.clock, self.ses = Meter(), FixedClock(NOW), _Ses()
        self.sqs, self.secrets, self.blobs = _Sqs(self.meter, together), MemorySecrets(), _Blobs(self.meter)
        self.asked: list[str] = []
        self._unmetered: Any = get_session().create_client("dynamodb", endpoint_url=url, **_NO_ACCOUNT)
        self._configure()
        self.trigger = make_trigger(wiring.receive_trigger(_Parts(self)))
        self.dispatch = make_dispatch(wiring.dispatch_survey(_Parts(self)))
        self.callback = http_handler(wiring.answer_routes(_Parts(self)).routes())
        self.fan_out = make_fanout(wiring.fan_out_answer(_Parts(self)))
        self.forward = make_forward(wiring.forward_answer(_Parts(self)))
        self.sweep = make_sweeper(wiring.sweep_due(_Parts(self)))
        night = _Parts(self)
        self.night = make_nightly(wiring.score_nights(night), wiring.mail_digests(night))

    def play(self, surveys: int) -> None:
        """A tick brings ten triggers and their sends, and the answers to what was asked a while ago. Each minute is swept."""
        coming: deque[str] = deque()
        for tick in range(-(-surveys // PER_TICK) + UNTIL_ANSWERED):
            for n in range(tick * PER_TICK, min((tick + 1) * PER_TICK, surveys)):
                self._trigger(n)
            self._drain("send", "dispatch", self.dispatch)
            coming.extend(_LINK.search(each)[1] for each in self.ses.mails[self._answered + len(coming) :])  # type: ignore[index]
            if tick >= UNTIL_ANSWERED:
                self._answer([coming.popleft() for _ in range(min(PER_TICK, len(coming)))])
            self._drain("forward", "forward", self.forward)
            self.clock.at += TICK
            if self.clock.at.second < TICK.seconds:
                self._minute()
        assert not coming
        self.clock.advance(minutes=5)
        self._minute()
        self._score()

    _answered = 0

    def _trigger(self, n: int) -> None:
        contact: dict[str, Any] = {"id": f"c-{n}", "name": "Ada Winter", "email": f"ada.winter.{n}@example.com", "language": "en"}
        if n % 2:
            self._asked_before(contact)
        body = conversation("closed", self.clock.at, contact=contact, conversation_id=f"conv-{n}")
        with self.meter.during("trigger"):
            told = self._http(self.trigger, "/triggers/helpdesk", standard(body, self.clock.at, event_id=f"msg_{uuid.UUID(int=n).hex}"))
        assert told["statusCode"] == 202, told
        self.asked.append(json.loads(told["body"])["invitation_id"])

    def _asked_before(self, contact: dict[str, Any]) -> None:
        """A month ago, and on nobody's bill."""
        people = DynamoPeople(self._unmetered, self.table)
        people.take_slot(person_keys(Contact(**contact), "helpdesk"), "before", self.clock.at - timedelta(days=30), 0)

    def _answer(self, tokens: list[str]) -> None:
        done = self.asked[self._answered : self._answered + len(tokens)]
        self._answered += len(tokens)
        for token in tokens:
            with self.meter.during("page"):
                page = self._http(self.callback, f"/r/{token}", Request("GET", "", {}, b""))
            proof = _PROOF.search(page["body"])
            assert proof, page
            form = {"rating": "5", "proof": proof[1]}
            headers = {"content-type": "application/x-www-form-urlencoded"}
            with self.meter.during("answer"):
                thanks = self._http(self.callback, f"/r/{token}", Request("POST", "", headers, urlencode(form).encode()))
            assert thanks["statusCode"] == 200, thanks
        images = [self.item(each) for each in done]
        records = [{"eventName": "MODIFY", "dynamodb": {"NewImage": each}} for each in images if "outbox" in each]
        with self.meter.during("fan-out"):
            for start in range(0, len(records), self.together):
                self._invoke(self.fan_out, {"Records": records[start : start + self.together]})

    def _drain(self, step: str, queue: str, handler: Handler) -> None:
        with self.meter.during(step):
            for event in self.sqs.batches(queue):
                failed = self._invoke(handler, event)["batchItemFailures"]
                assert not failed, failed

    def _minute(self) -> None:
        with self.meter.during("sweeper"):
            self._invoke(self.sweep, {})
        self._drain("sweeper", "dispatch", self.dispatch)
        self._drain("sweeper", "forward", self.forward)

    def _score(self) -> None:
        self.clock.at = NOW + timedelta(hours=15)
        with self.meter.during("score"):
            told = self._invoke(self.night, {})
        assert told["days"], told

    def _http(self, handler: Handler, path: str, request: Request) -> dict[str, Any]:
        self.meter.count("HTTP requests")
        about = {"http": {"method": request.method, "path": path}, "domainName": "feedback.example"}
        event = {"rawPath": path, "headers": request.headers, "requestContext": about, "body": request.body.decode()}
        told: dict[str, Any] = self._invoke(handler, event)
        return told

    def _invoke(self, handler: Handler, event: dict[str, Any]) -> Any:
        self.meter.count("invocations")
        return handler(event, _CONTEXT)

    def item(self, invitation_id: str) -> dict[str, Any]:
        """A story as the table's stream would show it, on nobody's bill."""
        found = self._unmetered.get_item(TableName=self.table, Key={"pk": {"S": f"INV#{invitation_id}"}, "sk": {"S": "STORY"}})
        item: dict[str, Any] = found["Item"]
        return item

    def _configure(self) -> None:
        configs = DynamoConfigs(self._unmetered, self.table)
        configs.put("surveys", "support", a_survey_body(timezone="UTC"))
        configs.put("sources", "helpdesk", {"kind": "standard", "survey": "support"})
        configs.put("channels", "email", {"kind": "email"})
        for sink in SINKS:
            configs.put("sinks", sink, {"kind": "http", "surveys": ["support"], "enabled": True})
        self.secrets.put("links/keys", Secret({"keys": ["0123456789abcdef0123456789abcdef"]}))
        self.secrets.put("sources/helpdesk", Secret({"secret": STANDARD_SECRET}))


_CONTEXT = SimpleNamespace(aws_request_id=str(uuid.UUID(int=0)), get_remaining_time_in_millis=lambda: 600_000)


@contextmanager
def _log_bytes(meter: Meter) -> Iterator[None]:
    """Our own lines are counted instead of shown."""

    class Counting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            meter.count("log bytes", len(self.format(record).encode()) + 1)

    logger = log()
    counting = Counting()
    counting.setFormatter(logger.registered_formatter)
    handlers, logger.handlers[:] = logger.handlers[:], [counting]
    try:
        yield
    finally:
        logger.handlers[:] = handlers
