"""The one address of the local cloud: its own pages under `/` and `/_local`, everything else goes to the deployed API."""

from __future__ import annotations

import contextlib
import http.client
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tests.local import samples, vendors
from tests.local.clock import SETTLE_SECONDS, UnsettledError
from tests.local.http_parts import Request, Response, error_response, json_response
from tests.local.stack import QueryFailedError, UnknownFunctionError

if TYPE_CHECKING:
    from tests.local.cloud import Cloud

PLAYGROUND = Path(__file__).with_name("playground.html")
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length", "te", "trailer", "upgrade", "proxy-connection"}
ANYBODY = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/execute-api/aws4_request, SignedHeaders=host, Signature=local"
"""What /admin gets when the caller signed nothing: on 127.0.0.1 anybody may administer."""
PROXY_SECONDS = 35
Sample = Callable[[dict[str, Any], datetime], Request]


WHILE_STARTING = frozenset(("GET", path) for path in ("/", "/_local/health", "/_local/messages", "/_local/requests", "/_local/clock"))
"""What needs no stack."""


class LocalServer:
    """Answers requests; knows nothing of sockets."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._routes: tuple[tuple[str, Any], ...] = (
            (r"GET /", self._page),
            (r"GET /_local/health", self._health),
            (r"GET /_local/messages", lambda _: json_response(200, cloud.journal.messages())),
            (r"GET /_local/requests", lambda _: json_response(200, cloud.journal.requests())),
            (r"GET /_local/clock", lambda _: json_response(200, {"now": _iso(cloud.clock.now())})),
            (r"POST /_local/clock", self._move_clock),
            (r"POST /_local/settle", self._settle),
            (r"POST /_local/functions/([\w-]+)", self._invoke),
            (r"POST /_local/workers/kill", self._kill_worker),
            (r"PUT /_local/queues", self._set_queues),
            (r"POST /_local/query", self._query),
            (r"GET /_local/objects/?", self._list_objects),
            (r"GET /_local/objects/(.+)", self._get_object),
            (r"PUT /_local/objects/(.+)", self._put_object),
            (r"POST /_local/play/trigger", self._play(samples.trigger)),
            (r"POST /_local/play/whatsapp-reply", self._play(samples.whatsapp_reply)),
        )

    def answer(self, request: Request) -> Response:
        if self._is_of_a_strange_page(request):
            return error_response(403, "foreign_origin", "Only the local cloud's own pages may do this")
        if request.path.startswith(vendors.PREFIX):
            return self._vendor(request)
        if not self._cloud.ready and not self._cloud.seeding and (request.method, request.path) not in WHILE_STARTING:
            return error_response(503, "starting", self._cloud.doing)
        for pattern, reply in self._routes:
            if match := re.fullmatch(pattern, f"{request.method} {request.path}"):
                return self._careful(reply, request, *map(unquote, match.groups()))
        if request.path.startswith("/_local/"):
            return error_response(404, "not_found", f"The local cloud has no {request.method} {request.path}")
        return self._proxy(request)

    def _is_of_a_strange_page(self, request: Request) -> bool:
        """Whatever site a browser has open may send requests here; it shall not administer."""
        own = (self._cloud.settings.url, self._cloud.settings.url.replace("127.0.0.1", "localhost"))
        return request.path.startswith(("/_local", "/admin")) and request.headers.get("origin", own[0]) not in own

    def _careful(self, reply: Any, request: Request, *arguments: str) -> Response:
        try:
            answer: Response = reply(request, *arguments)
        except UnsettledError as problem:
            return json_response(504, {"error": {"code": "not_settled", "message": "Still at work"}, "left": problem.left})
        except (ValueError, KeyError, TypeError) as problem:
            return error_response(400, "malformed", f"{type(problem).__name__}: {problem}")
        return answer

    def _page(self, _: Request) -> Response:
        return Response(200, PLAYGROUND.read_bytes(), {"Content-Type": "text/html; charset=utf-8"})

    def _health(self, _: Request) -> Response:
        ready = self._cloud.ready
        return json_response(200 if ready else 503, {"ready": ready, **({} if ready else {"doing": self._cloud.doing})})

    def _vendor(self, request: Request) -> Response:
        response = vendors.answer(request)
        vendor = request.path.removeprefix(vendors.PREFIX).partition("/")[0]
        self._cloud.journal.record(self._cloud.clock.now(), vendor, request, response)
        return response

    def _move_clock(self, request: Request) -> Response:
        wish = request.json()
        clock = self._cloud.clock
        if "now" in wish:
            target = datetime.fromisoformat(wish["now"])
            target = target if target.tzinfo else target.replace(tzinfo=UTC)
        else:
            target = clock.now() + timedelta(seconds=float(wish["advance_seconds"]))
        with self._cloud.moving:
            steps = self._cloud.time.move_to(target)
        return json_response(200, {"now": _iso(clock.now()), "steps": steps})

    def _settle(self, request: Request) -> Response:
        with self._cloud.moving:
            self._cloud.time.settle(float(request.query("timeout_seconds") or SETTLE_SECONDS))
        return json_response(200, {"settled": True, "now": _iso(self._cloud.clock.now())})

    def _invoke(self, request: Request, name: str) -> Response:
        try:
            succeeded, answer = self._cloud.stack.invoke(name, request.json())
        except UnknownFunctionError:
            return error_response(404, "unknown_function", f"There is no function {name!r}")
        return json_response(200 if succeeded else 502, answer)

    def _query(self, request: Request) -> Response:
        """Ask Athena: {"sql": ...}."""
        try:
            return json_response(200, self._cloud.stack.query(request.json()["sql"]))
        except QueryFailedError as problem:
            return error_response(422, "query_failed", str(problem))

    def _kill_worker(self, request: Request) -> Response:
        """`kill -9`, for tests: one of {"functions": [...]} ends in the middle of whatever it is doing."""
        return json_response(200, {"killed": self._cloud.engine.kill_worker(request.json()["functions"])})

    def _set_queues(self, request: Request) -> Response:
        """Queues by name, with the seconds after which they give out again what a dead function had; answers what it was before."""
        seconds = {queue: int(wanted) for queue, wanted in request.json().items()}
        return json_response(200, self._cloud.stack.give_out_again_after(seconds))

    def _list_objects(self, request: Request) -> Response:
        return json_response(200, self._cloud.stack.objects(request.query("prefix")))

    def _get_object(self, _: Request, key: str) -> Response:
        found = self._cloud.stack.get_object(key)
        if found is None:
            return error_response(404, "not_found", "No such object")
        content_type, body = found
        return Response(200, body, {"Content-Type": content_type})

    def _put_object(self, request: Request, key: str) -> Response:
        self._cloud.stack.put_object(key, request.body, request.headers.get("content-type", "application/octet-stream"))
        return json_response(200, {"key": key, "size": len(request.body)})

    def _play(self, sample: Sample) -> Callable[[Request], Response]:
        """What a browser cannot do: sign a webhook as its sender would, and send it."""
        return lambda request: self._proxy(sample(request.json(), self._cloud.clock.now()))

    def _proxy(self, request: Request) -> Response:
        headers = {name: value for name, value in request.headers.items() if name not in HOP_BY_HOP}
        if request.path.startswith("/admin"):
            headers.setdefault("authorization", ANYBODY)
        where = urlsplit(self._cloud.stack.endpoint)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=PROXY_SECONDS)
        with contextlib.closing(connection):
            connection.request(request.method, self._cloud.stack.api_path + request.target, request.body or None, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            return Response(answer.status, answer.read(), kept)


def make_http_server(port: int, cloud: Cloud) -> ThreadingHTTPServer:
    local = LocalServer(cloud)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        server_version = "hearback-local"
        sys_version = ""

        def handle_request(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, self.path, headers, self._body(headers))
            response = local.answer(request)
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = handle_request  # noqa: N815

        def _body(self, headers: dict[str, str]) -> bytes:
            if headers.get("transfer-encoding", "").lower() == "chunked":
                return b"".join(self._chunks())
            return self.rfile.read(int(headers.get("content-length") or 0))

        def _chunks(self) -> Any:
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass

        def log_message(self, *_: Any) -> None:
            """The functions' own logs say more."""

    return _Server(("127.0.0.1", port), Handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
