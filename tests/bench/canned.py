"""AWS as a bench sees it: replies that moto once gave, given again in no time, over HTTP or below botocore."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

KEPT_HEADERS = ("content-type", "x-amz-crc32")
FLOOR_TABLE = "floor"
"""A table on which every write succeeds and says nothing: the yardsticks'."""


@dataclass(frozen=True, slots=True)
class CannedReply:
    status: int
    headers: dict[str, str]
    body: bytes


NOTHING = CannedReply(200, {"content-type": "application/x-amz-json-1.0"}, b"{}")
UNKNOWN = CannedReply(400, {"content-type": "application/x-amz-json-1.0"}, b'{"__type": "NotRecorded"}')


@dataclass
class Canned:
    """Replies by what was asked and about what, whatever a write holds: the first such request's is given again and again."""

    replies: dict[tuple[str, str], CannedReply] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    def keep(self, headers: Mapping[str, Any], body: bytes, reply: CannedReply) -> None:
        self.replies.setdefault(_asked(headers, body), reply)

    def to_plain(self) -> list[Any]:
        return [[*asked, reply.status, reply.headers, reply.body.decode()] for asked, reply in self.replies.items()]

    @staticmethod
    def from_plain(plain: list[Any]) -> Canned:
        return Canned({(what, about): CannedReply(status, headers, body.encode()) for what, about, status, headers, body in plain})

    def answer(self, headers: Mapping[str, Any], body: bytes) -> CannedReply:
        asked = _asked(headers, body)
        if asked[1] == FLOOR_TABLE:
            return NOTHING
        if asked not in self.replies:
            self.unknown.append(asked)
        return self.replies.get(asked, UNKNOWN)


def _asked(headers: Mapping[str, Any], body: bytes) -> tuple[str, str]:
    target = headers["X-Amz-Target"]
    operation = (target.decode() if isinstance(target, bytes) else target).rpartition(".")[2]
    request = json.loads(body)
    if request.get("TableName") == FLOOR_TABLE:
        return operation, FLOOR_TABLE
    about: dict[str, Callable[[], str]] = {
        "GetItem": lambda: _key(request["Key"]),
        "UpdateItem": lambda: _key(request["Key"]),
        "Query": lambda: json.dumps(request["ExpressionAttributeValues"], sort_keys=True),
        "GetParameter": lambda: request["Name"],
    }
    return operation, about[operation]() if operation in about else ""


def _key(key: dict[str, dict[str, str]]) -> str:
    return f"{key['pk']['S']} {key['sk']['S']}"


@contextmanager
def served(canned: Canned) -> Iterator[str]:
    """The URL of an endpoint that gives these replies."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            reply = canned.answer(dict(self.headers), self.rfile.read(int(self.headers["content-length"])))
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
