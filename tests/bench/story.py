"""One story as the bench plays it: configured through the admin API, triggered, sent, opened and answered, against moto.

What AWS said is kept, to be said again (canned.py); the requests of the two functions that somebody waits for are kept as events.
"""

from __future__ import annotations

import json
import os
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from moto import mock_aws

from functions.survey_trigger.handler import make_handler
from hearback.runtime import wiring
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.entrypoint import Handler
from hearback.runtime.environment import Environment
from hearback.runtime.http import http_handler
from tests.bench.canned import KEPT_HEADERS, Canned, CannedReply
from tests.contract.tables import definition
from tests.e2e.browsing import FORM, form_of
from tests.e2e.senders import conversation, standard
from tests.local.client import Answer
from tests.local.samples import STANDARD_SECRET

REGION = "eu-central-1"
ACCOUNT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": REGION, "AWS_REGION": REGION}
TABLE = "hearback"
FUNCTION_ENVIRONMENT = {
    "HEARBACK_TABLE": TABLE,
    "HEARBACK_BUCKET": "hearback",
    "HEARBACK_SECRETS_PREFIX": "/hearback",
    "HEARBACK_CONFIG_CACHE_SECONDS": "3600",
    "POWERTOOLS_SERVICE_NAME": "hearback",
    "POWERTOOLS_LOG_LEVEL": "INFO",
    "PYDANTIC_DISABLE_PLUGINS": "__all__",
}
QUESTIONS = {"plain": "How did we do?", "variables": "How did {{ agent.name or 'we' }} do?"}
"""What surveys ask. A question with variables is rendered by Jinja2, which a process loads when it first needs it."""


@dataclass(frozen=True)
class Story:
    """What was recorded. `pages` holds, by the question's kind, the path of the link; `forms` what its button sends."""

    canned: Canned
    environment: dict[str, str]
    pages: dict[str, str]
    forms: dict[str, bytes]

    def trigger(self) -> dict[str, Any]:
        """A new event each time: its signature is fresh, and so is its id."""
        return event("POST", "/triggers/desk", *_closing())

    def page(self, kind: str) -> dict[str, Any]:
        return event("GET", self.pages[kind], {"accept-language": "en"})

    def answer(self, kind: str) -> dict[str, Any]:
        return event("POST", self.pages[kind], FORM, self.forms[kind])


HOST = "bench.execute-api.amazonaws.com"
JSON = {"content-type": "application/json"}


def event(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> dict[str, Any]:
    """As the HTTP API hands a request to a function."""
    url = urlsplit(target)
    about = {"method": method, "path": url.path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.10", "userAgent": "bench"}
    return {
        "version": "2.0",
        "routeKey": f"{method} {url.path}",
        "rawPath": url.path,
        "rawQueryString": url.query,
        "headers": {"host": "bench.execute-api.amazonaws.com", "user-agent": "bench", "x-forwarded-for": "203.0.113.10", **headers},
        "requestContext": {
            "domainName": "bench.execute-api.amazonaws.com",
            "http": about,
            "requestId": uuid.uuid4().hex,
            "stage": "$default",
        },
        "isBase64Encoded": False,
        **({"body": body.decode()} if body else {}),
    }


def recorded() -> Story:
    os.environ.update(ACCOUNT)
    with mock_aws():
        return _Recording().story()


class _Recording:
    def __init__(self) -> None:
        session = wiring.Wiring(Environment.read({}))._session
        session.create_client("dynamodb").create_table(TableName=TABLE, **definition())
        queue = session.create_client("sqs").create_queue(QueueName="dispatch")["QueueUrl"]
        self.environment = {**FUNCTION_ENVIRONMENT, "HEARBACK_DISPATCH_QUEUE_URL": queue}
        self.canned = Canned()
        self._parts = wiring.Wiring(Environment.read({**self.environment, "HEARBACK_CONFIG_CACHE_SECONDS": "0"}))
        self._asked: tuple[Any, bytes] | None = None

    def story(self) -> Story:
        admin = http_handler(admin_routes(wiring.admin_uses(self._parts)))
        self._configure(admin)
        pages = {kind: self._link(admin, kind) for kind in QUESTIONS}
        triggers, answers = _handlers(self._recorded_parts())
        _told(triggers(event("POST", "/triggers/desk", *_closing()), None), 202)
        forms = {kind: _form(answers, path) for kind, path in pages.items()}
        for kind, path in pages.items():
            _told(answers(event("POST", path, FORM, forms[kind]), None), 200)
        return Story(self.canned, self.environment, pages, forms)

    def _configure(self, admin: Handler) -> None:
        for kind, question in QUESTIONS.items():
            self._put(admin, f"surveys/{kind}", {"metric": "csat", **_texts(question)})
        self._put(admin, "sources/desk", {"kind": "standard", "secret": STANDARD_SECRET, "survey": "plain"})
        for name in ("crm", "warehouse"):
            request = {"method": "POST", "url": f"https://{name}.example.com/ratings", "body": '{"rating": {{ answer.rating }}}'}
            self._put(admin, f"sinks/{name}", {"kind": "http", "surveys": list(QUESTIONS), "request": request})

    def _put(self, admin: Handler, path: str, body: Any) -> None:
        _told(admin(event("PUT", f"/admin/{path}", JSON, json.dumps(body).encode()), None), 200, 201)

    def _link(self, admin: Handler, survey: str) -> str:
        body = {"channel": "web", "contact": {"name": "Ada", "language": "en"}}
        reply = admin(event("POST", f"/admin/surveys/{survey}/invitations", JSON, json.dumps(body).encode()), None)
        told: dict[str, str] = json.loads(_told(reply, 200, 201, 202)["body"])
        wiring.dispatch_survey(self._parts)(told["invitation_id"])
        return str(urlsplit(told["link"]).path)

    def _recorded_parts(self) -> wiring.Wiring:
        parts = wiring.Wiring(self._parts.env)
        parts._session.register("before-send.*.*", self._sending)
        parts._session.register("response-received.*.*", self._received)
        return parts

    def _sending(self, request: Any, **_: Any) -> None:
        self._asked = (request.headers, request.body)

    def _received(self, response_dict: dict[str, Any], **_: Any) -> None:
        if self._asked and "X-Amz-Target" in self._asked[0]:
            headers = {name.lower(): value for name, value in response_dict["headers"].items() if name.lower() in KEPT_HEADERS}
            self.canned.keep(*self._asked, CannedReply(response_dict["status_code"], headers, response_dict["body"]))


def _handlers(parts: wiring.Wiring) -> tuple[Handler, Handler]:
    return make_handler(wiring.receive_trigger(parts)), http_handler(wiring.answer_routes(parts).routes())


def _texts(question: str) -> dict[str, Any]:
    return {
        "texts": {"en": {"question": question}, "es": {"question": "¿Qué tal lo hicimos?"}},
        "follow_ups": [{"id": "comment", "kind": "text", "texts": {"en": "Anything to add?", "es": "¿Algo más?"}}],
        "policy": {"cooldown_days": 0},
        "segments": ["agent", "team", "channel", "tag"],
    }


def _closing() -> tuple[dict[str, str], bytes]:
    now = datetime.now(UTC)
    contact = {"id": "c-1", "name": "Ada Winter", "email": "ada@example.com", "phone": "+4930901820", "language": "en"}
    request = standard(conversation("closed", now, contact=contact, conversation_id=uuid.uuid4().hex), now)
    return request.headers, request.body


def _form(answers: Handler, path: str) -> bytes:
    """What pressing a page's button sends, with the best rating chosen."""
    shown = _told(answers(event("GET", path, {}), None), 200)
    sent: list[bytes] = []

    class Web:
        def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
            sent.append(body)
            return Answer(200, _headers({}), b"")

    form_of(Answer(200, _headers(shown["headers"]), shown["body"].encode())).press(Web(), rating="5")
    return sent[0]


def _headers(given: dict[str, str]) -> Message:
    message = Message()
    for name, value in given.items():
        message[name] = value
    return message


def _told(reply: dict[str, Any], *statuses: int) -> dict[str, Any]:
    if reply["statusCode"] not in statuses:
        raise RuntimeError(f"the story went wrong: {reply}")
    return reply
