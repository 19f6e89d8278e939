"""Providers and sinks as they are: slow, busy, refusing, lying, silent after they took something. Each keeps its own log, which
the invariants are judged by.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from hearback.ports import HttpRequest, HttpResponse, NoReply, NotSent
from tests.sim.gates import History, Operation, begin, finish
from tests.sim.kernel import Act, Crash, Task

LINK = re.compile(r"https://feedback\.example/([ru])/([A-Za-z0-9._-]+)")
SEND_FAULTS = (
    *("crash_before", "crash_after", "not_sent", "request_unanswered", "reply_unanswered", "provider_slow"),
    *("provider_busy", "provider_error", "provider_refuses", "provider_lies"),
)


@dataclass(slots=True)
class Send:
    """One request to a messaging provider. `accepted`: it will be delivered. `heard`: what the caller was told in the end:
    "yes", "no" (certainly not sent), or "" (nothing, or nothing certain). `failed_at`: when our acknowledgement of the
    provider's word that it did not arrive came back.
    """

    channel: str
    invitation: str
    attempt: str
    address: str
    at: float
    began: float
    scope: str
    accepted: bool = False
    heard: str = ""
    heard_at: float = -1.0
    retry_after: float = 0.0
    busy: bool = False
    told_sent: float = -1.0
    told_failed: float = -1.0
    failed_at: float = -1.0
    doomed: bool = False
    message: dict[str, Any] = field(default_factory=dict)

    @property
    def may_have_happened(self) -> bool:
        return self.accepted or self.heard == ""


@dataclass(slots=True)
class SinkCall:
    sink: str
    invitation: str
    version: int
    rating: int
    details: Any
    delivery: str
    at: float
    began: float
    scope: str
    taken: bool = False
    status: int = 0
    heard: bool = False
    heard_at: float = -1.0
    retry_after: float = 0.0


@dataclass
class Fate:
    """What one request meets: the fault that struck (or none), and the stream that further choices are drawn from."""

    fault: str
    stream: Random
    began: float
    scope: str


Server = Callable[[HttpRequest, Fate], HttpResponse]


class Internet:
    """The `Http` port. `down` are spans of time in which a host answers nothing good."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.servers: dict[str, Server] = {}
        self.down: dict[str, list[tuple[float, float]]] = {}
        self.script: dict[str, list[str]] = {}
        """By host, for stories that are told: what happens to its requests, in turn."""

    def check_url(self, url: str) -> None:
        """Every address here may be called."""

    def send(self, request: HttpRequest, *, deadline_seconds: float = 20.0, trusted: bool = False) -> HttpResponse:
        host = urlsplit(request.url).hostname or ""
        answered: list[HttpResponse] = []

        def arrive(fate: Fate) -> None:
            answered.append(self.servers[host](request, fate))

        operation, _ = self.exchange(f"{request.method} {host}", host, arrive, deadline_seconds)
        if operation.fault == "not_sent":
            raise NotSent("connection refused")
        if not answered or operation.outcome == "info":
            raise NoReply("no reply in time")
        return answered[0]

    def exchange(self, what: str, host: str, arrive: Callable[[Fate], None], deadline: float) -> tuple[Operation, Fate]:
        """One request through the weather. The operation's outcome says what the caller knows of it."""
        kernel, weather = self.history.kernel, self.history.weather
        task = kernel.current
        assert task is not None
        stream = task.scope.stream
        roll, pace, turn = stream.random(), stream.random(), stream.random()
        operation = begin(self.history, task, "internet", what)
        try:
            operation.fault = weather.pick(SEND_FAULTS, roll, operation.where, kernel.now)
            if not operation.fault and self.script.get(host):
                operation.fault = self.script[host].pop(0)
            if not operation.fault and self._is_down(host, kernel.now) and not weather.clear:
                operation.fault = ("request_unanswered", "not_sent", "provider_error")[int(3 * turn)]
                weather.counts["while_down"] += 1
            began = task.owner.began if task.owner is not None else kernel.now
            fate = Fate(operation.fault, stream, began, task.scope.name)
            self._carry(task, operation, fate, arrive, deadline, pace)
        except Crash:
            task.crashed = True
            raise
        finally:
            finish(self.history, task, operation)
        return operation, fate

    def _carry(self, task: Task, operation: Operation, fate: Fate, arrive: Callable[[Fate], None], deadline: float, pace: float) -> None:
        fault = fate.fault
        if fault in {"crash_before", "not_sent"}:
            operation.outcome = "fail"
            if fault == "crash_before":
                raise Crash
            task.sleep(0.1 + pace)
            return
        if fault == "request_unanswered":
            task.sleep(deadline)
            return
        delay = 0.05 + 0.3 * pace if fault != "provider_slow" else deadline * 1.3 * pace
        effect: Act = lambda: arrive(fate)  # noqa: E731 - named for what it is
        task.in_flight = (task.kernel.now + delay, effect)
        task.sleep(delay)
        task.in_flight = None
        effect()
        if fault == "crash_after":
            raise Crash
        if fault == "reply_unanswered" or delay > deadline:
            task.sleep(max(deadline - delay, 0.0))
            return
        task.sleep(0.02 + 0.1 * pace)
        operation.outcome = "ok"

    def _is_down(self, host: str, now: float) -> bool:
        return any(start <= now < end for start, end in self.down.get(host, ()))


# --- messaging providers ------------------------------------------------------------------------------------------------------


@dataclass
class Provider:
    """What WhatsApp and SES have in common: a log of what they were asked, and what becomes of a message they took."""

    history: History
    internet: Internet
    deliver: Callable[[Send], None]
    sends: list[Send] = field(default_factory=list)
    messages: int = 0

    def asked(self, channel: str, invitation: str, attempt: str, address: str, fate: Fate, message: dict[str, Any]) -> Send:
        send = Send(channel, invitation, attempt, address, self.history.kernel.now, fate.began, fate.scope, message=message)
        self.sends.append(send)
        told_failed(send, fate)
        return send

    def take(self, send: Send) -> str:
        self.messages += 1
        send.accepted = True
        self.deliver(send)
        return f"wamid.{self.messages}"


def _wait(send: Send, choice: float) -> dict[str, str]:
    """How long the provider wants to be left alone."""
    send.busy = True
    send.retry_after = float(int(1 + 600 * choice)) if choice < 0.7 else 0.0
    return {"retry-after": str(int(send.retry_after))} if send.retry_after else {}


def told_failed(send: Send, fate: Fate) -> None:
    """In a story that is told: the provider will say that this one did not arrive."""
    send.doomed = fate.fault == "told_failed"


def hear(send: Send, heard: str, now: float) -> None:
    if not send.heard:
        send.heard, send.heard_at = heard, now


@dataclass
class WhatsappServer(Provider):
    """POST /{version}/{number}/messages."""

    host: str = "graph.facebook.com"

    def __call__(self, request: HttpRequest, fate: Fate) -> HttpResponse:
        body = json.loads(request.body)
        invitation, _, attempt = body["biz_opaque_callback_data"].partition(":")
        send = self.asked("whatsapp", invitation, attempt, body["to"], fate, _whatsapp_message(body))
        response, certain = self._answer(send, fate, interactive=body["type"] == "interactive")
        lost = fate.fault in {"crash_after", "reply_unanswered"}
        if certain == "no" or not lost:
            hear(send, certain, self.history.kernel.now)
        return response

    def _answer(self, send: Send, fate: Fate, *, interactive: bool) -> tuple[HttpResponse, str]:
        choice = fate.stream.random()
        match fate.fault:
            case "provider_busy":
                headers = _wait(send, choice)
                code = (130429, 131056, 4)[int(3 * choice)]
                return _json((429, 400, 503)[int(3 * choice)], {"error": {"code": code, "message": "slow down"}}, headers), "no"
            case "provider_error":
                if choice < 0.4:
                    self.take(send)
                return _json(500, {} if choice < 0.7 else {"error": {"code": 1}}), ""
            case "provider_refuses":
                code = (131026, 131047 if interactive else 131026, 100, 190)[int(4 * choice)]
                return _json(401 if code == 190 else 400, {"error": {"code": code}}), "no"
            case "provider_lies":
                if choice < 0.5:
                    return _json(200, {"error": {"code": 131026 if choice < 0.3 else 131047}}), "no"
                self.take(send)
                return (_json(200, {}) if choice < 0.8 else HttpResponse(200, {}, b'{"messages": [{"id": "wam')), ""
        return _json(200, {"messages": [{"id": self.take(send)}]}), "yes"


def _whatsapp_message(body: dict[str, Any]) -> dict[str, Any]:
    """What a customer can do with it: rows to tap, a page to open."""
    text = json.dumps(body, ensure_ascii=False)
    rows = re.findall(r'"(?:id|payload)": "(hb1\|[^"]+)"', text)
    pages = [token for kind, token in LINK.findall(text) if kind == "r"]
    suffixes = re.findall(r'"type": "text", "text": "(1[A-Za-z0-9_-]{4}\.[^"]+)"', text)
    return {"rows": rows, "pages": pages or suffixes, "opt_out": []}


@dataclass
class SesServer(Provider):
    """The SES v2 client: raises what botocore raises."""

    mails: list[str] = field(default_factory=list)
    """What the company's own people were sent, by the name of what was attached."""

    def send_email(self, **request: Any) -> dict[str, Any]:
        if "EmailTags" not in request:
            return self._to_the_company(request)
        tags = {each["Name"]: each["Value"] for each in request["EmailTags"]}
        links = LINK.findall(request["Content"]["Simple"]["Body"]["Text"]["Data"])
        message = {
            "rows": [],
            "pages": list(dict.fromkeys(token for kind, token in links if kind == "r")),
            "opt_out": [token for kind, token in links if kind == "u"],
        }
        sent: list[Send] = []
        replies: list[dict[str, Any] | Exception] = []

        def arrive(fate: Fate) -> None:
            address = request["Destination"]["ToAddresses"][0]
            send = self.asked("email", tags["invitation"], tags["attempt"], address, fate, message)
            sent.append(send)
            replies.append(self._answer(send, fate))

        reply = self._exchanged(arrive, replies)
        hear(sent[0], "yes", self.history.kernel.now)
        return reply

    def _to_the_company(self, request: dict[str, Any]) -> dict[str, Any]:
        replies: list[dict[str, Any] | Exception] = []

        def arrive(fate: Fate) -> None:
            if fate.fault in {"provider_busy", "provider_refuses"}:
                replies.append(_ses_error("TooManyRequestsException" if fate.fault == "provider_busy" else "MessageRejected", 429, {}))
                return
            self.mails.append(request["Content"]["Simple"]["Attachments"][0]["FileName"])
            replies.append({"MessageId": "m"})

        return self._exchanged(arrive, replies)

    def _exchanged(self, arrive: Callable[[Fate], None], replies: list[dict[str, Any] | Exception]) -> dict[str, Any]:
        operation, _ = self.internet.exchange("SES SendEmail", "ses", arrive, 20.0)
        if operation.fault == "not_sent":
            raise EndpointConnectionError(endpoint_url="https://email.example")
        if operation.outcome == "info" or not replies:
            raise ReadTimeoutError(endpoint_url="https://email.example")
        if isinstance(replies[0], Exception):
            raise replies[0]
        return replies[0]

    def _answer(self, send: Send, fate: Fate) -> dict[str, Any] | Exception:
        choice = fate.stream.random()
        match fate.fault:
            case "provider_busy":
                hear(send, "no", send.at)
                headers = _wait(send, choice)
                return _ses_error("TooManyRequestsException" if choice < 0.5 else "Throttling", 429, headers)
            case "provider_error":
                if choice < 0.4:
                    self.take(send)
                return _ses_error("InternalFailure", 500, {})
            case "provider_refuses":
                hear(send, "no", send.at)
                return _ses_error("MessageRejected" if choice < 0.7 else "AccountSuspendedException", 400, {})
            case "provider_lies":
                self.take(send)
                return {}
        return {"MessageId": self.take(send)}


def _ses_error(code: str, status: int, headers: Mapping[str, str]) -> ClientError:
    metadata: Any = {"HTTPStatusCode": status, "HTTPHeaders": dict(headers)}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": metadata}, "SendEmail")


def _json(status: int, body: Any, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(status, {"content-type": "application/json", **(headers or {})}, json.dumps(body).encode())


# --- sinks and the helpdesk's own API ------------------------------------------------------------------------------------------


@dataclass
class SinkServer:
    """Takes events; keeps the highest version of each answer, as a careful receiver does."""

    history: History
    sink: str
    calls: list[SinkCall] = field(default_factory=list)
    view: dict[str, tuple[int, int, Any]] = field(default_factory=dict)
    forgotten: set[str] = field(default_factory=set)
    """Answers that it was told to erase, and did."""

    def __call__(self, request: HttpRequest, fate: Fate) -> HttpResponse:
        event = json.loads(request.body)
        answer = event["data"]["answer"]
        if event["type"] == "answer.erased":
            return self._erase(answer["id"], fate)
        call = SinkCall(
            *(self.sink, answer["id"], answer["version"], answer["rating"], answer["details"]),
            *(request.headers.get("webhook-id", ""), self.history.kernel.now, fate.began, fate.scope),
        )
        self.calls.append(call)
        response = self._answer(call, fate)
        call.status = response.status
        if fate.fault not in {"crash_after", "reply_unanswered", "provider_slow"}:
            call.heard, call.heard_at = True, self.history.kernel.now
        return response

    def _erase(self, invitation: str, fate: Fate) -> HttpResponse:
        choice = fate.stream.random()
        if fate.fault == "provider_busy":
            return _json(429, {}, {"retry-after": str(int(1 + 600 * choice))})
        if fate.fault in {"provider_error", "provider_refuses"}:
            return _json(500 if fate.fault == "provider_error" else 400, {"error": "no"})
        self.view.pop(invitation, None)
        self.forgotten.add(invitation)
        return _json(200 if choice < 0.7 else 404, {})

    def _answer(self, call: SinkCall, fate: Fate) -> HttpResponse:
        choice = fate.stream.random()
        match fate.fault:
            case "provider_busy":
                call.retry_after = float(int(1 + 7200 * choice)) if choice < 0.8 else 0.0
                headers = {"retry-after": str(int(call.retry_after))} if call.retry_after else {}
                return _json(429 if choice < 0.5 else 503, {}, headers)
            case "provider_error":
                if choice < 0.4:
                    self._take(call)
                return _json(500, {"error": "oops"})
            case "provider_refuses":
                return _json(410 if choice < 0.3 else 400, {"error": "no"})
        self._take(call)
        return _json(200, {"ok": True})

    def _take(self, call: SinkCall) -> None:
        call.taken = True
        held = self.view.get(call.invitation)
        if held is None or call.version >= held[0]:
            self.view[call.invitation] = (call.version, call.rating, call.details)


@dataclass
class HelpdeskApi:
    """GET /api/v2/users/{id}.json: the address that the webhook left out."""

    emails: Mapping[str, str]

    def __call__(self, request: HttpRequest, fate: Fate) -> HttpResponse:
        match fate.fault:
            case "provider_busy":
                return _json(429, {}, {"retry-after": "30"})
            case "provider_error" | "provider_lies":
                return _json(502, {})
            case "provider_refuses":
                return _json(404, {})
        user = urlsplit(request.url).path.rpartition("/")[2].removesuffix(".json")
        return _json(200, {"user": {"id": int(user), "email": self.emails.get(user, ""), "name": f"User {user}"}})
