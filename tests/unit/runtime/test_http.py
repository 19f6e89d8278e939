import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from hearback.domain.errors import Gone, Misconfigured, NotFound, Unavailable
from hearback.ports import InboundRequest
from hearback.runtime.entrypoint import Handler
from hearback.runtime.http import BODY_LIMIT, Reply, http_handler, json_reply


class Context:
    aws_request_id = "r-1"


def event(method: str = "POST", path: str = "/things/a%20b", body: str = "", **more: object) -> dict[str, Any]:
    about = {"http": {"method": method, "path": path}}
    return {"version": "2.0", "rawPath": path, "rawQueryString": "", "headers": {}, "requestContext": about, "body": body, **more}


def answering(answer: Callable[[InboundRequest, Mapping[str, str]], Reply]) -> Handler:
    return http_handler([("POST", "/things/{name}", answer), ("GET", "/things/{name}", answer)])


def echo(request: InboundRequest, path: Mapping[str, str]) -> Reply:
    return json_reply(
        200, {"name": path["name"], "body": request.body.decode("latin-1"), "query": request.query, "headers": request.headers}
    )


def call(handler: Handler, sent: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    reply = handler(sent, Context())
    return reply["statusCode"], json.loads(reply["body"])


def test_the_path_is_matched_decoded_and_handed_over_with_the_raw_body() -> None:
    status, body = call(answering(echo), event(body="x=1", rawQueryString="a=1&a=2&b=", headers={"X-One": "1"}))
    assert status == 200
    assert body == {"name": "a b", "body": "x=1", "query": {"a": "2", "b": ""}, "headers": {"x-one": "1"}}


def test_a_body_that_the_api_encoded_is_decoded_to_the_bytes_that_were_sent() -> None:
    raw = bytes(range(256))
    _, body = call(answering(echo), event(body=base64.b64encode(raw).decode(), isBase64Encoded=True))
    assert body["body"].encode("latin-1") == raw


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (event(body="*not base64*", isBase64Encoded=True), 400, "malformed"),
        (event(body="x" * (BODY_LIMIT + 1)), 413, "too_large"),
        (event(body=base64.b64encode(b"x" * (BODY_LIMIT + 1)).decode(), isBase64Encoded=True), 413, "too_large"),
        (event(path="/nothing"), 404, "unknown_path"),
        (event("DELETE"), 405, "method_not_allowed"),
    ],
)
def test_what_no_route_takes_is_refused_precisely(sent: dict[str, Any], status: int, code: str) -> None:
    got, body = call(answering(echo), sent)
    assert (got, body["error"]["code"]) == (status, code)


def test_a_body_of_exactly_the_limit_is_taken() -> None:
    assert call(answering(echo), event(body="x" * BODY_LIMIT))[0] == 200


def test_405_names_what_the_path_takes() -> None:
    assert answering(echo)(event("DELETE"), Context())["headers"]["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFound("x"), 404), (Gone("x"), 410), (Unavailable("x"), 503), (Misconfigured("x"), 500), (ValueError("secret 123"), 500)],
)
def test_no_error_gets_out_and_none_of_ours_shows_its_inside(error: Exception, status: int) -> None:
    def fail(_request: InboundRequest, _path: Mapping[str, str]) -> Reply:
        raise error

    got, body = call(answering(fail), event())
    assert got == status
    assert set(body) == {"error"}
    assert "secret 123" not in json.dumps(body)


def test_head_is_get_without_a_body() -> None:
    reply = answering(echo)(event("HEAD"), Context())
    assert (reply["statusCode"], reply["body"]) == (200, "")


def test_an_event_with_nothing_in_it_is_an_unknown_path() -> None:
    assert call(answering(echo), {})[0] == 404
