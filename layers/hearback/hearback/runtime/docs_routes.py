"""GET /openapi.json and /docs: served from one file that was made when this version was, so nothing else is loaded."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

from hearback.adapters import admin
from hearback.adapters.admin.docs_page import docs_page
from hearback.ports import InboundRequest
from hearback.runtime.http import Reply, Route

DOCUMENT = Path(str(admin.__file__)).parent / "openapi.json"
_HOST = re.compile(r"[A-Za-z0-9.-]{1,255}(:[0-9]{1,5})?|\[[0-9A-Fa-f:]{2,45}\](:[0-9]{1,5})?")


def docs_routes() -> list[Route]:
    text = DOCUMENT.read_text(encoding="utf-8")

    def document(_: InboundRequest, __: Mapping[str, str]) -> Reply:
        headers = {
            "content-type": "application/json; charset=utf-8",
            "cache-control": "public, max-age=300",
            "access-control-allow-origin": "*",
            "x-content-type-options": "nosniff",
        }
        return Reply(200, text, headers)

    def page(request: InboundRequest, _: Mapping[str, str]) -> Reply:
        html, headers = docs_page(json.loads(text), _address(request))
        return Reply(200, html, headers)

    return [("GET", "/openapi.json", document), ("GET", "/docs", page)]


def _address(request: InboundRequest) -> str:
    host = request.headers.get("host", "")
    scheme = "http" if request.headers.get("x-forwarded-proto") == "http" else "https"
    return f"{scheme}://{host}" if _HOST.fullmatch(host) else "https://the-address-of-this-api"
