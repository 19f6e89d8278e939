"""The two values that every part of the local server speaks in."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Request:
    """`target` is the raw path with its query, as the caller wrote it; header names are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    def query(self, name: str, default: str = "") -> str:
        return parse_qs(self.target.partition("?")[2]).get(name, [default])[0]

    def json(self) -> Any:
        """The body decoded, {} when there is none; ValueError when it is not JSON."""
        return json.loads(self.body) if self.body else {}


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def json_response(status: int, value: Any) -> Response:
    return Response(status, json.dumps(value, ensure_ascii=False, default=str).encode(), {"Content-Type": "application/json"})


def error_response(status: int, code: str, message: str) -> Response:
    return json_response(status, {"error": {"code": code, "message": message}})
