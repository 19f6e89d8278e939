"""Talks to a running local cloud over HTTP, as a test, the demo or the seed does. Standard library only."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import quote

LONGEST_ANSWER_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    def __init__(self, url: str) -> None:
        self.url = url

    def request(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """`body` is bytes, or a value that goes as JSON. Every status is an answer; redirects are not followed."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if body is None or isinstance(body, bytes) else {"Content-Type": "application/json"}
        url = path if path.startswith("http") else self.url + path
        request = urllib.request.Request(url, data, {**kind, **(headers or {})}, method=method)
        try:
            with _opener.open(request, timeout=LONGEST_ANSWER_SECONDS) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as answer:
            return Answer(answer.code, answer.headers, answer.read())

    def get(self, path: str) -> Answer:
        return self.request("GET", path)

    def put(self, path: str, body: Any) -> Answer:
        return self.request("PUT", path, body)

    def post(self, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        return self.request("POST", path, b"" if body is None else body, headers)

    def ok(self, method: str, path: str, body: Any = None) -> Any:
        """The decoded JSON of an answer that must be a success."""
        answer = self.request(method, path, body)
        if answer.status >= 300:
            raise UnexpectedAnswerError(f"{method} {path}: {answer.status} {answer.text[:500]}")
        return answer.json() if answer.body else None

    def messages(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("GET", "/_local/messages")
        return found

    def requests(self, vendor: str = "") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ok("GET", "/_local/requests")
        return [each for each in found if not vendor or each["vendor"] == vendor]

    def settle(self, timeout_seconds: float = 60) -> None:
        self.ok("POST", f"/_local/settle?timeout_seconds={timeout_seconds}")

    def advance(self, seconds: float) -> Any:
        return self.ok("POST", "/_local/clock", {"advance_seconds": seconds})

    def set_clock(self, now: str) -> Any:
        return self.ok("POST", "/_local/clock", {"now": now})

    def invoke(self, function: str, event: Any) -> Any:
        return self.ok("POST", f"/_local/functions/{function}", event)

    def object(self, key: str) -> Answer:
        return self.get(f"/_local/objects/{quote(key)}")


class UnexpectedAnswerError(AssertionError):
    pass


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


_opener = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
