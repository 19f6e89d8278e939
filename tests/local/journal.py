"""Everything that the functions sent to a vendor, in order, kept on disk; and which of it a customer would see."""

from __future__ import annotations

import base64
import email
import email.policy
import json
import re
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tests.local.http_parts import Request, Response

SECRET_HEADERS = re.compile(r"authori[sz]ation|token|secret|api-?key|cookie|signature|password", re.IGNORECASE)
LINK = re.compile(r"https?://[^\s\"'<>\\)\]]+")
MASK = "***"
MEANT_FOR = "x-hearback-meant-for"
"""Where a request was meant to go that the local stack diverted to a stub."""


class Journal:
    def __init__(self, file: Path, base_url: str) -> None:
        self._file = file
        self._base_url = base_url
        self._lock = threading.Lock()
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        self._entries: list[dict[str, Any]] = [json.loads(line) for line in lines]

    def record(self, at: datetime, vendor: str, request: Request, response: Response) -> None:
        entry = {
            "at": at.isoformat().replace("+00:00", "Z"),
            "vendor": vendor,
            **_as_message(vendor, request),
            "request": {
                "method": request.method,
                "url": request.headers.get(MEANT_FOR) or self._base_url + request.target,
                "headers": _shown(request.headers),
                "body": _readable(request.body),
            },
            "status": response.status,
            "response": _readable(response.body),
        }
        with self._lock:
            self._entries.append(entry)
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def requests(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._entries)

    def messages(self) -> list[dict[str, Any]]:
        """What a customer would have got: accepted sends of messaging vendors."""
        hidden = ("vendor", "status", "response")
        return [
            {name: value for name, value in entry.items() if name not in hidden}
            for entry in self.requests()
            if entry["vendor"] in MESSAGES and entry["request"]["method"] == "POST" and entry["status"] < 300
        ]


def _shown(headers: dict[str, str]) -> dict[str, str]:
    return {name: MASK if SECRET_HEADERS.search(name) else value for name, value in headers.items() if name != MEANT_FOR}


def _as_message(vendor: str, request: Request) -> dict[str, Any]:
    body = _readable(request.body)
    if vendor in MESSAGES and isinstance(body, dict):
        return MESSAGES[vendor](body)
    return {"channel": vendor, "to": "", "text": "", "links": []}


def _email(body: dict[str, Any]) -> dict[str, Any]:
    text, markup, headers = _mime_parts(body) if "Raw" in body.get("Content", {}) else _simple_parts(body)
    return {
        "channel": "email",
        "to": ", ".join(body.get("Destination", {}).get("ToAddresses", [])),
        "text": text,
        "links": _links(text, markup, headers),
        "html": markup,
        "subject": body.get("Content", {}).get("Simple", {}).get("Subject", {}).get("Data", ""),
        "attachments": [str(each.get("FileName", "")) for each in body.get("Content", {}).get("Simple", {}).get("Attachments", [])],
    }


def _simple_parts(body: dict[str, Any]) -> tuple[str, str, str]:
    content = body.get("Content", {}).get("Simple", {})
    parts = content.get("Body", {})
    headers = "\n".join(str(header.get("Value", "")) for header in content.get("Headers", []))
    return parts.get("Text", {}).get("Data", ""), parts.get("Html", {}).get("Data", ""), headers


def _mime_parts(body: dict[str, Any]) -> tuple[str, str, str]:
    message = email.message_from_bytes(base64.b64decode(body["Content"]["Raw"]["Data"]), policy=email.policy.default)
    text, markup = message.get_body(("plain",)), message.get_body(("html",))
    headers = "\n".join(str(value) for name, value in message.items() if name.lower().startswith("list-"))
    return text.get_content() if text else "", markup.get_content() if markup else "", headers


def _whatsapp(body: dict[str, Any]) -> dict[str, Any]:
    """An interactive message's rows are part of the text: they are what the customer reads and taps."""
    texts = [str(value) for name, value in _leaves(body) if name in ("text", "title", "description", "body")]
    if body.get("type") == "template":
        texts.insert(0, f"[template {body.get('template', {}).get('name', '')}]")
    text = "\n".join(texts)
    return {"channel": "whatsapp", "to": str(body.get("to", "")), "text": text, "links": _links(json.dumps(body, ensure_ascii=False))}


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value


def _links(*texts: str) -> list[str]:
    found = [link.rstrip(".,;").replace("&amp;", "&") for text in texts for link in LINK.findall(text)]
    return list(dict.fromkeys(found))


def _readable(body: bytes) -> Any:
    """JSON as a value, other text as it is, bytes as base64."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return base64.b64encode(body).decode()
    try:
        return json.loads(text)
    except ValueError:
        return text


MESSAGES = {"ses": _email, "whatsapp": _whatsapp}
