"""The whole HTTP API in one process: the real handlers and adapters over moto, with one of everything configured.

    python -m tests.fuzz.api PORT        serves it on 127.0.0.1, for a fuzzer that speaks HTTP

IAM, throttles and the API's own 404 are the HTTP API's, and not here.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import quote, urlsplit

from moto import mock_aws

from functions.survey_trigger.handler import make_handler
from hearback.runtime import wiring
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.docs_routes import DOCUMENT, docs_routes
from hearback.runtime.entrypoint import Handler
from hearback.runtime.environment import Environment
from hearback.runtime.http import http_handler
from hearback.runtime.score_routes import score_routes
from tests.contract.tables import definition
from tests.fuzz.everything import one_of_everything

ACCOUNT = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "eu-central-1"}
NAME = "hearback"
SPEC: dict[str, Any] = json.loads(DOCUMENT.read_text())


class Context:
    aws_request_id = "r-1"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 60_000


@dataclass(frozen=True)
class Said:
    status: int
    headers: dict[str, str]
    body: bytes


class Api:
    """`known`: ids and tokens of what is there, for whoever wants to get past the first 404."""

    def __init__(self) -> None:
        self.parts = wiring.Wiring(_environment())
        self.parts._session.register("provide-client-params.dynamodb.*", _as_strict_as_dynamodb)
        self._families: tuple[tuple[str, Handler], ...] = (
            ("/triggers/", make_handler(wiring.receive_trigger(self.parts))),
            ("/admin", http_handler(admin_routes(wiring.admin_uses(self.parts)))),
            ("/scores/", http_handler(score_routes(wiring.show_score(self.parts)))),
            ("/openapi.json", http_handler(docs_routes())),
            ("/docs", http_handler(docs_routes())),
            ("/", http_handler(wiring.answer_routes(self.parts).routes())),
        )
        self.known = one_of_everything(self.request, wiring.dispatch_survey(self.parts))

    def request(self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Said:
        url = urlsplit(target)
        event = {
            "rawPath": url.path,
            "rawQueryString": url.query,
            "headers": {"host": "api.example", **(headers or {})},
            "requestContext": {"http": {"method": method}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        handler = next(handler for prefix, handler in self._families if url.path.startswith(prefix))
        reply = handler(event, Context())
        return Said(reply["statusCode"], {name.lower(): value for name, value in reply["headers"].items()}, reply["body"].encode())


@contextmanager
def api() -> Iterator[Api]:
    """In a world of its own, which goes away."""
    before = dict(os.environ)
    os.environ.update(ACCOUNT)
    try:
        with mock_aws():
            yield Api()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _environment() -> Environment:
    session = wiring.Wiring(Environment.read({}))
    session.client("dynamodb").create_table(TableName=NAME, **definition())
    session.client("s3").create_bucket(Bucket=NAME, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    queues = {}
    for name in ("DISPATCH_QUEUE", "FORWARD_QUEUE", "FORWARD_DLQ", "IMPORT_QUEUE", "ERASURE_QUEUE"):
        queues[f"HEARBACK_{name}_URL"] = session.client("sqs").create_queue(QueueName=name.lower())["QueueUrl"]
    named = {"HEARBACK_TABLE": NAME, "HEARBACK_BUCKET": NAME, "HEARBACK_SECRETS_PREFIX": f"/{NAME}"}
    return Environment.read({**named, **queues, "HEARBACK_CONFIG_CACHE_SECONDS": "0", "HEARBACK_PUBLIC_URL": "https://ask.example"})


def _as_strict_as_dynamodb(params: dict[str, Any], **_: Any) -> None:
    """moto looks for keys that DynamoDB refuses to look for."""
    for name, most in (("pk", 2048), ("sk", 1024)):
        value = params.get("Key", {}).get(name, {"S": "-"})["S"]
        if not 0 < len(value.encode()) <= most:
            raise ValueError(f"DynamoDB takes no key of {len(value.encode())} bytes")


# --- over HTTP ----------------------------------------------------------------------------------------------------------------


def make_server(port: int, served: Api) -> HTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(int(headers.get("content-length") or 0))
            said = Said(200, {}, json.dumps(served.known).encode())
            if self.path != "/_fuzz/known":
                said = served.request(self.command, quote(self.path, safe="%/?&=+;:@!$'()*,~#[]"), headers, body)
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(said.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_TRACE = do_QUERY = answer  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """The fuzzer says what it did."""

    return HTTPServer(("127.0.0.1", port), Handler)


def main() -> None:
    with api() as served, make_server(int(sys.argv[1]), served) as server:
        print("ready", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
