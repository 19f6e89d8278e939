"""Who is outside: helpdesks that send and send again, customers and the machines that read their mail, providers with their
later words, the operator. What they were promised, by an answer that reached them, is written down as the truth to judge by.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any
from urllib.parse import urlencode

from hearback.domain.calendar import stamp
from tests.sim.cloud import Cloud
from tests.sim.internet import Send
from tests.sim.kernel import Kernel, Task
from tests.sim.weather import Weather
from tests.sim.workload import APP_SECRET, SOURCE_SECRET, ZENDESK_SECRET, Action, Event, Person, Workload

PATIENCE = 30.0
RESENDS = (5.0, 60.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 36000.0)
"""A sender's own waits between tries."""

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
_THANKED = 'class="mark"'
"""The tick on the page that says that the rating is kept."""

ASKED_AGAIN = 4
"""How often a person presses once more because the page asks to."""

Reply = dict[str, Any]


# --- what was promised ----------------------------------------------------------------------------------------------------------


@dataclass
class Told:
    """A webhook: each delivery that was answered with 2xx, and what the answer said."""

    event: Event
    bodies: list[bytes] = field(default_factory=list)
    acknowledged: list[tuple[float, Reply]] = field(default_factory=list)


@dataclass
class Press:
    """Somebody's answer: `acknowledged` when they were told that it is kept (-1: they never were)."""

    invitation: str
    rating: int
    details: dict[str, Any]
    via: str
    began: float
    address: str = ""
    """Of who typed a bare number: it belongs to the newest survey of theirs, whichever that is."""

    acknowledged: float = -1.0
    refused: int = 0


@dataclass
class MachinesRound:
    """A machine that opened the page and pressed one score after the other: when its first and last press were answered."""

    invitation: str
    began: float
    ended: float = -1.0
    """-1: some press was not answered at once, so that others may lie between, or arrived twice, as if a person had pressed it too."""


@dataclass
class OptedOut:
    invitation: str
    began: float
    acknowledged: float = -1.0


@dataclass
class Erasing:
    """A person's wish to be forgotten. `number` is theirs."""

    number: int
    email: str
    began: float
    acknowledged: float = -1.0


@dataclass
class Kept:
    """From `at` on the stack keeps stories for so many days."""

    days: int
    at: float


@dataclass
class Switched:
    """A configuration that was asked for: in force for certain only between two acknowledgements."""

    family: str
    subject: str
    body: dict[str, Any]
    began: float
    acknowledged: float = -1.0


@dataclass
class Truth:
    told: dict[str, Told] = field(default_factory=dict)
    presses: list[Press] = field(default_factory=list)
    rounds: list[MachinesRound] = field(default_factory=list)
    opt_outs: list[OptedOut] = field(default_factory=list)
    switched: list[Switched] = field(default_factory=list)
    erasures: list[Erasing] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    """Event ids and tokens that nobody may have believed."""

    replayed: list[tuple[str, str]] = field(default_factory=list)
    """(sink, invitation), or (sink, survey) for a whole day: what was asked to be brought once more."""

    brought_in: set[str] = field(default_factory=set)
    """Objects whose import was acknowledged."""

    scores: dict[str, Reply] = field(default_factory=dict)
    """By survey: what the published score said in the end."""

    failures: list[str] = field(default_factory=list)
    """What an actor saw that must never be seen."""


# --- the network -----------------------------------------------------------------------------------------------------------------


@dataclass
class Web:
    """HTTP from outside, through a network that loses, delays and repeats."""

    kernel: Kernel
    weather: Weather
    cloud: Cloud

    def call(
        self, task: Task, name: str, function: str, method: str, path: str, headers: dict[str, str], body: bytes = b""
    ) -> Reply | None:
        """None when no reply came: the request may have been carried out."""
        kernel, weather = self.kernel, self.weather
        stream = kernel.stream(f"{name}/net")
        lost, twice, late, pace = stream.random(), stream.random(), stream.random(), stream.random()
        fault = weather.pick(("web_request_lost", "web_reply_lost"), lost, name, kernel.now)
        task.sleep(0.02 + 0.1 * pace)
        if weather.strikes("web_late", late, name, kernel.now):
            task.sleep(20 * pace)
        if fault == "web_request_lost":
            task.sleep(10)
            return None
        event = http_event(method, path, headers, body)
        if weather.strikes("web_twice", twice, name, kernel.now):
            kernel.later(5 * pace**2, lambda: self.cloud.http(function, f"{name}+", event))
        signal = self.cloud.http(function, name, event)
        if fault == "web_reply_lost":
            task.sleep(10)
            return None
        if not task.wait(signal, PATIENCE):
            return None
        reply: Reply = signal.value
        kernel.note(name, f"{method} {path.partition('?')[0][:24]} -> {reply['statusCode']}")
        return reply


def http_event(method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """As the HTTP API hands it on: form bodies come encoded."""
    raw, _, query = path.partition("?")
    encoded = headers.get("content-type") == FORM
    return {
        "rawPath": raw,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": {"method": method, "sourceIp": "203.0.113.7"}},
        "body": base64.b64encode(body).decode() if encoded else body.decode(),
        "isBase64Encoded": encoded,
    }


def succeeded(reply: Reply | None) -> bool:
    return reply is not None and 200 <= reply["statusCode"] < 300


def worth_trying_again(reply: Reply | None) -> bool:
    return reply is None or reply["statusCode"] >= 500 or reply["statusCode"] == 401


@dataclass
class Actor:
    kernel: Kernel
    weather: Weather
    web: Web
    truth: Truth
    load: Workload

    def until_told(self, name: str, call: Callable[[Task, str], Reply | None], waits: Sequence[float] = RESENDS) -> Reply | None:
        """Again and again, as senders do. In a 4xx there is nothing to repeat, but for 401: our clocks may differ."""
        task = self.kernel.current
        assert task is not None
        reply = call(task, f"{name}/1")
        for number, wait in enumerate(waits, start=2):
            if not worth_trying_again(reply):
                return reply
            task.sleep(wait)
            reply = call(task, f"{name}/{number}")
        return reply


# --- helpdesks -------------------------------------------------------------------------------------------------------------------


@dataclass
class Helpdesk(Actor):
    def plan(self, event: Event) -> None:
        name = f"hook/{event.key}"
        self.kernel.at(event.at, lambda: self.kernel.spawn(name, lambda: self._tell(event)))
        stream = self.kernel.stream(f"{name}/tricks")
        for kind in ("event_twisted", "event_forged", "event_stale"):
            roll, when = stream.random(), event.at + 3600 * stream.random() ** 2
            if self.weather.strikes(kind, roll, name, self.kernel.now):
                self._trick(kind, event, when)

    def _trick(self, kind: str, event: Event, when: float) -> None:
        name = f"hook/{event.key}/{kind}"
        act = {"event_twisted": self._twist, "event_forged": self._forge, "event_stale": self._forge}[kind]
        self.kernel.at(when, lambda: self.kernel.spawn(name, lambda: act(name, event, kind)))

    def _tell(self, event: Event) -> None:
        told = self.truth.told.setdefault(event.key, Told(event))
        body = self.body(event, event.person)
        told.bodies.append(body)
        reply = self.until_told(f"hook/{event.key}", lambda task, name: self._post(task, name, event, body))
        self._note(told, reply)

    def _twist(self, name: str, event: Event, kind: str) -> None:
        """The same event once more, with another body: the first is kept."""
        others = [each for each in self.load.people if each is not event.person]
        told = self.truth.told.setdefault(event.key, Told(event))
        body = self.body(event, others[0] if others else event.person, subject="Another subject")
        told.bodies.append(body)
        self._note(told, self.until_told(name, lambda task, name: self._post(task, name, event, body), RESENDS[:3]))

    def _forge(self, name: str, event: Event, kind: str) -> None:
        """A signature that is wrong, or right but of an hour ago: refused, and nothing is stored."""
        forged = Event(
            *(event.key, event.source, f"evt_{kind}_{event.key}", event.kind, event.at, event.occurred_at),
            *(event.conversation, event.channel, event.person, event.knows, event.survey),
        )
        if forged.source == "manual":
            return
        self.truth.forged.append(forged.event_id)
        task = self.kernel.current
        assert task is not None
        reply = self._post(task, f"{name}/1", forged, self.body(forged, event.person), forged_as=kind)
        if reply is not None and reply["statusCode"] != 503 and reply["statusCode"] != 401 and reply["statusCode"] < 500:
            self.truth.failures.append(f"a webhook that was {kind} was answered with {reply['statusCode']}")

    def _note(self, told: Told, reply: Reply | None) -> None:
        if succeeded(reply):
            assert reply is not None
            told.acknowledged.append((self.kernel.now, json.loads(reply["body"])))
        elif reply is not None and 400 <= reply["statusCode"] < 500 and reply["statusCode"] != 401:
            self.truth.failures.append(f"a good webhook was answered with {reply['statusCode']}: {reply['body'][:200]}")

    def body(self, event: Event, person: Person, subject: str = "A question") -> bytes:
        occurred = stamp(self.kernel.start + timedelta(seconds=event.occurred_at))
        contact = person.contact(event.knows)
        if event.source == "tickets":
            return _ticket(event, contact, occurred, subject)
        conversation = {"id": event.conversation, "channel": event.channel, "subject": subject, "tags": ["kitchen"]}
        agent = {"id": "7", "name": "Grace", "team": "kitchenware"}
        if event.source == "manual":
            contact = {name: value for name, value in contact.items() if name != "name"} | {"name": contact["name"]}
            return json.dumps({"id": event.event_id, "contact": contact, "conversation": conversation, "agent": agent}).encode()
        data = {"conversation": conversation, "contact": contact, "agent": agent, "survey": event.survey}
        return json.dumps({"type": event.kind, "timestamp": occurred, "data": data}).encode()

    def _post(self, task: Task, name: str, event: Event, body: bytes, forged_as: str = "") -> Reply | None:
        if event.source == "manual":
            path = f"/admin/surveys/{event.survey}/invitations"
            return self.web.call(task, name, "admin_api", "POST", path, {"content-type": JSON}, body)
        signed_at = self.kernel.moment() - timedelta(seconds=3600 if forged_as == "event_stale" else 0)
        key = "wrong" if forged_as == "event_forged" else ""
        if event.source == "tickets":
            headers = _zendesk_headers(stamp(signed_at), body, key or ZENDESK_SECRET)
        else:
            headers = _standard_headers(event.event_id, int(signed_at.timestamp()), body, key)
        return self.web.call(task, name, "survey_trigger", "POST", f"/triggers/{event.source}", headers, body)


def _ticket(event: Event, contact: dict[str, Any], occurred: str, subject: str) -> bytes:
    """A Zendesk trigger's body, as its admin wrote it. The address is left out: it is looked up."""
    status, before = ("solved", "open") if event.kind == "conversation.closed" else ("open", "solved")
    requester = {name: contact[name] for name in ("id", "name", "phone") if name in contact}
    ticket = {
        "id": event.conversation,
        "status": status,
        "subject": subject,
        "updated_at": occurred,
        "requester": requester,
        "channel": event.channel,
    }
    return json.dumps({"event_id": event.event_id, "previous_status": before, "ticket": ticket}).encode()


def _standard_headers(event_id: str, timestamp: int, body: bytes, wrong: str) -> dict[str, str]:
    key = wrong.encode() or base64.b64decode(SOURCE_SECRET.removeprefix("whsec_"))
    digest = hmac.new(key, f"{event_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    signature = "v1," + base64.b64encode(digest).decode()
    return {"content-type": JSON, "webhook-id": event_id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def _zendesk_headers(signed_at: str, body: bytes, key: str) -> dict[str, str]:
    digest = hmac.new(key.encode(), signed_at.encode() + body, hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"content-type": JSON, "x-zendesk-webhook-signature-timestamp": signed_at, "x-zendesk-webhook-signature": signature}


# --- customers -------------------------------------------------------------------------------------------------------------------


@dataclass
class Customers(Actor):
    """`scale` tells a survey's first and last rating by invitation."""

    scale: Callable[[str], tuple[int, int]]
    messages: dict[str, int] = field(default_factory=dict)

    def receive(self, send: Send) -> None:
        """A message has been delivered to its address."""
        number = self.messages[send.invitation] = self.messages.get(send.invitation, 0) + 1
        self.meet(send.invitation, send.message, send.channel, f"customer/{send.invitation}/{number}", send.address)

    def meet(self, invitation: str, message: dict[str, Any], channel: str, name: str, address: str = "") -> None:
        stream = self.kernel.stream(name)
        if self.weather.strikes("scanned", stream.random(), name, self.kernel.now):
            self.kernel.spawn(f"{name}/scanner", lambda: self._scan(name, message), delay=1 + 5 * stream.random())
        token = next(iter(message["pages"]), "")
        if token and self.weather.strikes("token_forged", stream.random(), name, self.kernel.now):
            self.kernel.spawn(f"{name}/forger", lambda: self._forge(name, invitation, token), delay=60 * stream.random())
        if token and stream.random() < self.load.manners.get("machines", 0.0):
            self.kernel.spawn(f"{name}/machine", lambda: self._machine(f"{name}/machine", invitation, token), delay=10 * stream.random())
        if token and stream.random() < self.load.manners.get("readers", 0.0):
            delay = 3600 * stream.random() ** 2
            self.kernel.spawn(f"{name}/reader", lambda: self._reader(f"{name}/reader", invitation, token), delay=delay)
        if stream.random() < self.load.manners["ignores"]:
            return
        wait = min(stream.expovariate(1 / (self.load.manners["pace"] * 3600)), 3 * 86400)
        self.kernel.spawn(name, lambda: self._react(name, invitation, message, channel, address, stream), delay=20 + wait)

    def _react(self, name: str, invitation: str, message: dict[str, Any], channel: str, address: str, stream: Random) -> None:
        manners = self.load.manners
        low, high = self.scale(invitation)
        rating = stream.randint(low, high)
        if message["opt_out"] and stream.random() < manners.get("leaves", 0.0):
            self._leave(f"{name}/leave", invitation, message["opt_out"][0])
            return
        taps, types = stream.random() < manners["taps"], stream.random() < manners["types"]
        if channel == "whatsapp" and types:
            self._chat(f"{name}/typed", "", rating, _typed(address, str(rating), self.kernel), address)
        elif message["rows"] and taps:
            row = next(each for each in message["rows"] if each.endswith(f"|{rating}"))
            self._chat(f"{name}/tap", invitation, rating, _tapped(address, row, self.kernel))
        elif message["pages"]:
            self._visit(name, invitation, message["pages"][0], rating, stream)
        if message["opt_out"] and stream.random() < manners["opts_out"]:
            self._leave(f"{name}/leave", invitation, message["opt_out"][0])
        if message["pages"] and stream.random() < manners["edits"]:
            task = self._task()
            task.sleep(stream.choice((60.0, 1800.0, 6 * 3600.0, 30 * 3600.0)) * (0.2 + stream.random()))
            self._press(f"{name}/edit", invitation, message["pages"][0], stream.randint(low, high), {})

    def _visit(self, name: str, invitation: str, token: str, rating: int, stream: Random) -> None:
        manners, task = self.load.manners, self._task()
        low, high = self.scale(invitation)
        doubles, other, comments = stream.random() < manners["doubles"], stream.randint(low, high), stream.random() < manners["comments"]
        pause = 5 + 40 * stream.random()
        if doubles:
            second = stream.choice((rating, other))
            self.kernel.spawn(f"{name}/second", lambda: self._press(f"{name}/second", invitation, token, second, {}), delay=stream.random())
        self._press(f"{name}/press", invitation, token, rating, {})
        if comments:
            task.sleep(pause)
            self._press(f"{name}/comment", invitation, token, rating, {"comment": f"words of {name}"})

    def _press(self, name: str, invitation: str, token: str, rating: int, details: dict[str, Any]) -> None:
        """Open the page, read it, press; press again when the page asks to. A person tries some times and then gives up."""
        task = self._task()
        opened = self.web.call(task, f"{name}/open", "rating_callback", "GET", f"/r/{token}?rating={rating}", {"accept": "text/html"})
        hidden = _hidden(opened)
        task.sleep(4.0 + len(name) % 7)
        press = Press(invitation, rating, {**_carried(hidden), **details}, "page", self.kernel.now)
        self.truth.presses.append(press)
        for number in range(ASKED_AGAIN if self.load.manners.get("insists", 1.0) else 1):
            fields = {**hidden, "rating": str(rating), **({"asked": "1"} if details else {})}
            fields |= {f"details.{each}": value for each, value in details.items()}
            reply = self._post_form(f"{name}/{number}", token, fields)
            if reply is None or not succeeded(reply) or _THANKED in reply["body"]:
                break
            hidden = _hidden(reply) | ({"change": "1"} if 'name="change"' in reply["body"] else {})
            task.sleep(3.0 + 5 * len(name) % 7)
        if succeeded(reply) and reply is not None and _THANKED in reply["body"]:
            press.acknowledged = self.kernel.now
        elif reply is not None:
            press.refused = reply["statusCode"]

    def _post_form(self, name: str, token: str, fields: dict[str, str]) -> Reply | None:
        body = urlencode(fields).encode()
        headers = {"content-type": FORM, "user-agent": "Mozilla/5.0", "accept": "text/html"}
        return self.until_told(
            name,
            lambda task, name: self.web.call(task, name, "rating_callback", "POST", f"/r/{token}", headers, body),
            (3.0, 10.0, 60.0, 600.0),
        )

    def _chat(self, name: str, invitation: str, rating: int, body: bytes, address: str = "") -> None:
        press = Press(invitation, rating, {}, "chat", self.kernel.now, address)
        self.truth.presses.append(press)
        reply = self.until_told(name, lambda task, name: post_replies(self.web, task, name, body))
        if succeeded(reply):
            assert reply is not None
            if json.loads(reply["body"])["answers"]:
                press.acknowledged = self.kernel.now

    def _leave(self, name: str, invitation: str, token: str) -> None:
        left = OptedOut(invitation, self.kernel.now)
        self.truth.opt_outs.append(left)

        def post(task: Task, name: str) -> Reply | None:
            headers = {"content-type": FORM}
            return self.web.call(task, name, "rating_callback", "POST", f"/u/{token}", headers, b"List-Unsubscribe=One-Click")

        if succeeded(self.until_told(name, post, (3.0, 60.0, 600.0))):
            left.acknowledged = self.kernel.now

    def _scan(self, name: str, message: dict[str, Any]) -> None:
        """A mail scanner opens whatever it finds; opening writes nothing."""
        task = self._task()
        for number, token in enumerate(message["pages"][:1]):
            for method, path in (("HEAD", f"/r/{token}"), ("GET", f"/r/{token}?rating=1"), ("GET", f"/r/{token}?rating=3")):
                self.web.call(task, f"{name}/scan{number}{method}{path[-1]}", "rating_callback", method, path, {})
        for token in message["opt_out"][:1]:
            self.web.call(task, f"{name}/scan-out", "rating_callback", "GET", f"/u/{token}", {})

    def _machine(self, name: str, invitation: str, token: str) -> None:
        """Submits forms that it never opened, a score after the other."""
        task = self._task()
        headers = {"content-type": FORM}
        low, high = self.scale(invitation)
        for rating in range(low, high + 1):
            self.web.call(task, f"{name}/{rating}", "rating_callback", "POST", f"/r/{token}", headers, f"rating={rating}".encode())

    def _reader(self, name: str, invitation: str, token: str) -> None:
        """Opens the page as a browser does, and presses every score that it finds."""
        task = self._task()
        hidden = _hidden(self.web.call(task, f"{name}/open", "rating_callback", "GET", f"/r/{token}", {"accept": "text/html"}))
        low, high = self.scale(invitation)
        headers = {"content-type": FORM, "user-agent": "Mozilla/5.0", "accept": "text/html"}
        found = MachinesRound(invitation, self.kernel.now)
        answered = bool(hidden)
        for rating in range(low, high + 1):
            self.truth.presses.append(Press(invitation, rating, _carried(hidden), "machine", self.kernel.now))
            body = urlencode({**hidden, "rating": str(rating)}).encode()
            reply = self.web.call(task, f"{name}/press{rating}", "rating_callback", "POST", f"/r/{token}", headers, body)
            answered = answered and succeeded(reply)
        twice = any(each.kind == "web_twice" and each.where.startswith(f"{name}/press") for each in self.weather.struck)
        found.ended = self.kernel.now if answered and not twice else -1.0
        self.truth.rounds.append(found)

    def _forge(self, name: str, invitation: str, token: str) -> None:
        """Somebody who has seen a link makes up another one."""
        turned = token[:-1] + ("A" if token[-1] != "A" else "B")
        turned = turned if len(name) % 2 else turned.replace(".", ".x", 1)
        self.truth.forged.append(turned)
        headers = {"content-type": FORM}
        reply = self.web.call(self._task(), f"{name}/forged", "rating_callback", "POST", f"/r/{turned}", headers, b"rating=1")
        if succeeded(reply):
            self.truth.failures.append("a forged link was believed")

    def _task(self) -> Task:
        task = self.kernel.current
        assert task is not None
        return task


def _hidden(page: Reply | None) -> dict[str, str]:
    """What the page's form carries by itself."""
    if page is None or page["statusCode"] != 200:
        return {}
    return {name: value for name, value in _HIDDEN.findall(page["body"]) if name not in {"rating", "asked"}}


def _carried(hidden: dict[str, str]) -> dict[str, str]:
    """What the page itself repeats of an earlier answer."""
    return {name.removeprefix("details."): value for name, value in hidden.items() if name.startswith("details.")}


def _inbound(entries: dict[str, Any]) -> bytes:
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [{"field": "messages", "value": entries}]}]}).encode()


def _typed(address: str, text: str, kernel: Kernel) -> bytes:
    at = str(int(kernel.moment().timestamp()))
    return _inbound({"messages": [{"from": address, "timestamp": at, "type": "text", "text": {"body": text}}]})


def _tapped(address: str, row: str, kernel: Kernel) -> bytes:
    at = str(int(kernel.moment().timestamp()))
    interactive = {"type": "list_reply", "list_reply": {"id": row, "title": row[-1]}}
    return _inbound({"messages": [{"from": address, "timestamp": at, "type": "interactive", "interactive": interactive}]})


def post_replies(web: Web, task: Task, name: str, body: bytes) -> Reply | None:
    signature = "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": JSON, "x-hub-signature-256": signature}
    return web.call(task, name, "rating_callback", "POST", "/replies/wa", headers, body)


# --- providers' later words ---------------------------------------------------------------------------------------------------------


@dataclass
class Words(Actor):
    """What becomes of a message that a provider took, and what the provider says about it."""

    receive: Callable[[Send], None]
    said: int = 0

    def deliver(self, send: Send) -> None:
        number = self.said = self.said + 1
        name = f"word/{send.invitation}/{send.attempt[:8]}"
        stream = self.kernel.stream(f"word/{number}")
        if send.channel != "whatsapp":
            self.kernel.later(1 + 30 * stream.random(), lambda: self.receive(send))
            return
        wait = 0.05 + 60 * stream.random() ** 3
        if self.weather.strikes("word_failed", stream.random(), f"word/{number}", self.kernel.now) or send.doomed:
            code = stream.choice((131026, 131047, 131049))
            send.told_failed = self.kernel.now + wait
            self._say(send, name, "failed", wait, stream, number, errors=[{"code": code}])
            return
        self.kernel.later(wait, lambda: self.receive(send))
        for outcome in ("sent", "delivered", "read"):
            self._say(send, name, outcome, wait, stream, number)
            wait += 30 * stream.random() ** 2

    def _say(self, send: Send, name: str, outcome: str, wait: float, stream: Random, number: int, **more: Any) -> None:
        where = f"word/{number}/{outcome}"
        lost, late, twice, pace = stream.random(), stream.random(), stream.random(), stream.random()
        if self.weather.strikes("word_late", late, where, self.kernel.now):
            wait += stream.choice((3, 26, 60)) * 3600 * pace**2
        if outcome != "failed" and self.weather.strikes("word_lost", lost, where, self.kernel.now):
            return
        times = 2 if self.weather.strikes("word_twice", twice, where, self.kernel.now) else 1
        for time in range(times):
            which = f"{name}/{outcome}/{time}"
            self.kernel.spawn(which, partial(self._post, send, which, outcome, more), delay=wait + time * 600 * pace)

    def _post(self, send: Send, name: str, outcome: str, more: dict[str, Any]) -> None:
        status = {
            "id": f"wamid.of.{send.attempt}",
            "status": outcome,
            "timestamp": str(int(self.kernel.moment().timestamp())),
            "biz_opaque_callback_data": f"{send.invitation}:{send.attempt}",
            **more,
        }
        body = _inbound({"statuses": [status]})
        if outcome == "failed":
            send.told_failed = min(send.told_failed, self.kernel.now) if send.told_failed >= 0 else self.kernel.now
        elif send.told_sent < 0:
            send.told_sent = self.kernel.now
        reply = self.until_told(name, lambda task, name: post_replies(self.web, task, name, body))
        if outcome == "failed" and succeeded(reply) and send.failed_at < 0:
            send.failed_at = self.kernel.now


# --- the operator -------------------------------------------------------------------------------------------------------------------


@dataclass
class Operator(Actor):
    """`store_object` puts a file into the bucket; `redrive_all` brings dead letters back; `night` runs the scoring by hand; `deploy` sets
    how many days the stack keeps stories.
    """

    store_object: Callable[[str, bytes], None]
    redrive_all: Callable[[], int]
    night: Callable[[str, dict[str, Any]], None]
    invitation_of: Callable[[Event], str]
    deploy: Callable[[int], None]

    def plan(self, action: Action) -> None:
        name = f"operator/{action.key}"
        self.kernel.at(action.at, lambda: self.kernel.spawn(name, lambda: getattr(self, action.what)(name, action)))

    def switch_sink(self, name: str, action: Action) -> None:
        self._put(name, "sinks", action.subject, {**self.load.sinks[action.subject], "enabled": action.value})

    def switch_survey(self, name: str, action: Action) -> None:
        self._put(name, "surveys", action.subject, {**self.load.surveys[action.subject], "enabled": action.value})

    def erase(self, name: str, action: Action) -> None:
        """Forget a person, by their e-mail address."""
        person = next(each for each in self.load.people if str(each.number) == action.subject)
        wish = Erasing(person.number, person.email, self.kernel.now)
        self.truth.erasures.append(wish)
        reply = self._call(name, "DELETE", f"/admin/contacts/{person.email}", {})
        if succeeded(reply):
            wish.acknowledged = self.kernel.now
        elif reply is not None and reply["statusCode"] < 500:
            self.truth.failures.append(f"an erasure was answered with {reply['statusCode']}: {reply['body'][:200]}")

    def keep(self, name: str, action: Action) -> None:
        self.truth.kept.append(Kept(int(action.subject), self.kernel.now))
        self.deploy(int(action.subject))

    def restore(self, name: str, action: Action) -> None:
        """Vouch for what lies in quarantine of one story."""
        event = next(each for each in self.load.events if each.key == action.subject)
        invitation = self.invitation_of(event)
        press = Press(invitation, action.value["rating"], {}, "operator", self.kernel.now)
        self.truth.presses.append(press)
        self._call(name, "POST", f"/admin/answers/{invitation}/restore", {"number": action.value["number"]})

    def vouch(self, name: str, action: Action) -> None:
        """Look into the quarantine of a survey, and vouch for what came last; the value says whether over a newer answer."""
        listed = self._call(f"{name}/look", "GET", f"/admin/quarantine?survey={action.subject}", {})
        items = json.loads(listed["body"])["items"] if succeeded(listed) and listed is not None else []
        for item in items[:1]:
            chosen = item["answers"][-1]
            press = Press(item["invitation_id"], chosen["rating"], chosen["details"], "operator", self.kernel.now)
            self.truth.presses.append(press)
            wish = {"number": chosen["number"], "force": action.value}
            reply = self._call(name, "POST", f"/admin/answers/{press.invitation}/restore", wish)
            if succeeded(reply):
                press.acknowledged = self.kernel.now
            elif reply is not None and reply["statusCode"] not in {409, 410, 422, 404, 500, 503}:
                self.truth.failures.append(f"vouching was answered with {reply['statusCode']}: {reply['body'][:200]}")

    def rotate(self, name: str, action: Action) -> None:
        """Another secret for a sink."""
        self._put(name, "sinks", action.subject, {**self.load.sinks[action.subject], "secret": action.value})

    def narrow_sink(self, name: str, action: Action) -> None:
        """As good as off for whatever is answered from now on: it takes another survey's answers, which nobody gives."""
        body = {**self.load.sinks[action.subject], "surveys": ["another"]}
        self._put(name, "sinks", action.subject, body, as_if={"enabled": False})

    def remove_sink(self, name: str, action: Action) -> None:
        change = Switched("sinks", action.subject, {"enabled": False}, self.kernel.now)
        self.truth.switched.append(change)
        reply = self._call(name, "DELETE", f"/admin/sinks/{action.subject}", {})
        if succeeded(reply) or (reply is not None and reply["statusCode"] == 404):
            change.acknowledged = self.kernel.now

    def _put(self, name: str, family: str, subject: str, body: dict[str, Any], as_if: dict[str, Any] | None = None) -> None:
        change = Switched(family, subject, as_if or body, self.kernel.now)
        self.truth.switched.append(change)
        reply = self._call(name, "PUT", f"/admin/{family}/{subject}", body)
        if succeeded(reply):
            change.acknowledged = self.kernel.now
        elif reply is not None and reply["statusCode"] < 500:
            self.truth.failures.append(f"PUT {family} was answered with {reply['statusCode']}: {reply['body'][:200]}")

    def replay(self, name: str, action: Action) -> None:
        event = next(each for each in self.load.events if each.key == action.value)
        self.truth.replayed.append((action.subject, self.invitation_of(event)))
        self._call(name, "POST", "/admin/forwards/replay", {"sink": action.subject, "source": event.source, "event_id": event.event_id})

    def replay_day(self, name: str, action: Action) -> None:
        day = self.kernel.moment().date() - timedelta(days=1)
        self.truth.replayed.append((action.subject, action.value))
        self._call(name, "POST", "/admin/forwards/replay", {"sink": action.subject, "survey": action.value, "day": day.isoformat()})

    def bring_in(self, name: str, action: Action) -> None:
        """A file of past answers, some of its rows not acceptable; the same file twice."""
        stream = self.kernel.stream(f"{name}/file")
        lines = ["id,rating,when,comment"]
        for number in range(action.value):
            moment = self.kernel.moment() - timedelta(days=stream.choice((1, 2, 2, 9)), seconds=3600 * stream.random())
            rating, given = stream.randint(1, 5), stream.random() > 0.1
            lines.append(f"r{number},{rating if given else 'n/a'},{moment.isoformat()},fine")
        key = f"imports/{action.key}.csv"
        self.store_object(key, "\n".join(lines).encode())
        columns = {"rating": "rating", "answered_at": "when", "comment": "comment", "id": "id"}
        body = {"object": key, "survey": action.subject, "columns": columns}
        for time in range(2):
            reply = self._call(f"{name}/{time}", "POST", "/admin/imports", body)
            if succeeded(reply):
                self.truth.brought_in.add(key)
            elif reply is not None and 400 <= reply["statusCode"] < 500:
                self.truth.failures.append(f"an import was answered with {reply['statusCode']}: {reply['body'][:200]}")

    def run_night(self, name: str, action: Action) -> None:
        self.night(name, {"survey": action.subject})

    def redrive(self, name: str, action: Action) -> None:
        self.redrive_all()

    def _call(self, name: str, method: str, path: str, body: dict[str, Any]) -> Reply | None:
        raw = json.dumps(body).encode()
        headers = {"content-type": JSON}
        return self.until_told(name, lambda task, name: self.web.call(task, name, "admin_api", method, path, headers, raw))


# --- whoever looks at a published score ----------------------------------------------------------------------------------------------


@dataclass
class Visitors(Actor):
    def look(self, survey: str, name: str) -> None:
        """While a night writes the month anew, the score may be away for a minute; it is never wrong, and never our error."""
        task = self.kernel.current
        assert task is not None
        reply = self.web.call(task, name, "published_score", "GET", f"/scores/{survey}.json", {"accept": JSON})
        if reply is None:
            return
        if reply["statusCode"] not in {200, 404, 503} and not self.weather.counts["denied"]:
            self.truth.failures.append(f"the score of {survey} was answered with {reply['statusCode']}: {reply['body'][:200]}")
        self.truth.scores[survey] = reply
