"""HTTP API events in, replies out, and the error table: what each branch of the tree means to a caller."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from hearback.domain.errors import (
    Conflict,
    Duplicate,
    Gone,
    HearbackError,
    Invalid,
    Malformed,
    Misconfigured,
    NotFound,
    Rejected,
    TooLarge,
    Unavailable,
    Unverified,
    WrongMediaType,
)
from hearback.ports import InboundRequest
from hearback.runtime.entrypoint import Event, Handler
from hearback.runtime.logs import begin, log

BODY_LIMIT = 1024 * 1024
"""Bytes of a request's body; more is refused before anything looks at it."""

STATUS: dict[type[HearbackError], int] = {
    Rejected: 422,
    Malformed: 400,
    Unverified: 401,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    WrongMediaType: 415,
    Invalid: 422,
    Duplicate: 200,
    Unavailable: 503,
    Misconfigured: 500,
}


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)


Route = tuple[str, str, Callable[[InboundRequest, Mapping[str, str]], Reply]]
"""Method, path pattern with {names} (a part of the path each; {name+} is all the rest of it), and what answers it."""


def json_reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    text = json.dumps(body, ensure_ascii=False, allow_nan=False)
    return Reply(status, text, {"content-type": "application/json; charset=utf-8", "cache-control": "no-store", **(headers or {})})


def status_of(error: HearbackError) -> int:
    """Resolved along the class's own line, so that a new leaf inherits its branch's status."""
    return next(STATUS[each] for each in type(error).__mro__ if each in STATUS)


def error_reply(error: HearbackError) -> Reply:
    """`{"error": {"code", "message"}}`, with `fields` where single fields are to blame."""
    described: dict[str, Any] = {"code": error.code, "message": error.message}
    if isinstance(error, Invalid) and error.fields:
        described["fields"] = error.fields
    if isinstance(error, Misconfigured):
        described = {"code": error.code, "message": "this service is not set up correctly; its operator has been told"}
    headers = {"retry-after": str(error.retry_after)} if isinstance(error, Unavailable) else {}
    return json_reply(status_of(error), {"error": described}, headers)


OUR_FAULT = json_reply(500, {"error": {"code": "internal", "message": "something went wrong on our side; it has been recorded"}})


def http_handler(routes: Sequence[Route]) -> Handler:
    """A handler that finds the route, answers, and never lets an error out."""
    table = [(method, re.compile(_pattern(path)), answer) for method, path, answer in routes]

    def handle(event: Event, context: Any) -> dict[str, Any]:
        begin(context)
        try:
            request = inbound(event)
            reply = _dispatch(table, request)
        except HearbackError as error:
            log_error(error)
            reply = error_reply(error)
        except Exception:  # noqa: BLE001 - the last line of defence; nothing of it reaches the caller
            log().exception("unhandled")
            reply = OUR_FAULT
        return outbound(reply, event)

    return handle


def inbound(event: Event) -> InboundRequest:
    """The request as it was sent. Bodies that the HTTP API encoded are decoded; a body over the limit is refused."""
    about = event.get("requestContext", {}).get("http", {})
    return InboundRequest(
        method=str(about.get("method", "GET")).upper(),
        path=unquote(event.get("rawPath", "/")),
        headers={str(name).lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        query=dict(parse_qsl(event.get("rawQueryString", "") or "", keep_blank_values=True)),
        body=_body(event),
    )


def outbound(reply: Reply, event: Event) -> dict[str, Any]:
    head = event.get("requestContext", {}).get("http", {}).get("method") == "HEAD"
    return {"statusCode": reply.status, "headers": dict(reply.headers), "body": "" if head else reply.body, "isBase64Encoded": False}


def _body(event: Event) -> bytes:
    body = event.get("body") or ""
    if len(body) > BODY_LIMIT * 4 // 3 + 4:
        raise TooLarge("the body is larger than 1 MB")
    if event.get("isBase64Encoded"):
        try:
            raw = base64.b64decode(body, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed("the body is not valid base64") from error
    else:
        raw = body.encode("utf-8", "surrogatepass")
    if len(raw) > BODY_LIMIT:
        raise TooLarge("the body is larger than 1 MB")
    return raw


def _dispatch(table: Sequence[tuple[str, re.Pattern[str], Any]], request: InboundRequest) -> Reply:
    method = "GET" if request.method == "HEAD" else request.method
    allowed: list[str] = []
    for wanted, pattern, answer in table:
        found = pattern.fullmatch(request.path)
        if found and wanted == method:
            reply: Reply = answer(request, found.groupdict())
            return reply
        if found:
            allowed.append(wanted)
    if allowed:
        body = {"error": {"code": "method_not_allowed", "message": f"this path takes {', '.join(sorted(allowed))}"}}
        return json_reply(405, body, {"allow": ", ".join(sorted(allowed))})
    raise NotFound("there is nothing at this path", code="unknown_path")


def _pattern(path: str) -> str:
    return re.sub(r"\{(\w+)(\+?)\}", lambda found: f"(?P<{found[1]}>{'.+' if found[2] else '[^/]+'})", path)


def log_error(error: HearbackError) -> None:
    """As loud as who must act: what only the operator can end is an error, and an alarm looks for those."""
    extra = {"code": error.code}
    if isinstance(error, Unavailable):
        log().warning(error.message, extra=extra)
    elif isinstance(error, Misconfigured):
        log().error(error.message, extra=extra)
    else:
        log().info(error.message, extra=extra)
