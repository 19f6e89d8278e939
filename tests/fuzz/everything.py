"""One of everything, configured and played through the API itself, so that a fuzzer can name what is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from tests.e2e.senders import conversation, standard
from tests.local.samples import STANDARD_SECRET

APP_SECRET = "app-secret-0001"
JSON = {"content-type": "application/json"}
CONFIGURATION: dict[str, dict[str, Any]] = {
    "surveys/support": {
        "metric": "csat",
        "texts": {"en": {"question": "How did {{ agent.name or 'we' }} do?"}},
        "follow_ups": [{"id": "comment", "kind": "text", "texts": {"en": "Anything to add?"}}],
        "policy": {"cooldown_days": 0},
        "published": True,
    },
    "sources/desk": {"kind": "standard", "secret": STANDARD_SECRET, "survey": "support"},
    "sinks/crm": {"kind": "http", "surveys": ["support"], "request": {"method": "POST", "url": "https://crm.example.com/", "body": "{}"}},
    "channels/wa": {
        "kind": "whatsapp",
        "credentials": {"access_token": "t", "phone_number_id": "1055", "app_secret": APP_SECRET, "verify_token": "v"},
    },
}


class Reply(Protocol):
    @property
    def status(self) -> int: ...

    @property
    def body(self) -> bytes: ...


Request = Callable[[str, str, Mapping[str, str], bytes], Reply]
"""Method, path with its query, headers, body."""


def one_of_everything(request: Request, dispatch: Callable[[str], object]) -> dict[str, str]:
    """Ids and tokens of what is there, for whoever wants to get past the first 404. `dispatch` sends what was asked for."""

    def told(method: str, path: str, body: Any) -> dict[str, Any]:
        said = request(method, path, JSON, json.dumps(body).encode())
        if said.status >= 300:
            raise RuntimeError(f"{method} {path} was to be taken: {said}")
        answer: dict[str, Any] = json.loads(said.body)
        return answer

    for path, body in CONFIGURATION.items():
        told("PUT", f"/admin/{path}", body)
    asked = told("POST", "/admin/surveys/support/invitations", {"channel": "web", "contact": {"email": "ada@example.com"}})
    dispatch(asked["invitation_id"])
    token = urlsplit(asked["link"]).path.removeprefix("/r/")
    told("POST", f"/r/{token}", {"rating": 4})
    now = datetime.now(UTC)
    closing = standard(conversation("closed", now, contact={"email": "ada@example.com"}, conversation_id="c-1"), now)
    event_id = json.loads(request("POST", "/triggers/desk", closing.headers, closing.body).body)["event_id"]
    page = request("GET", f"/r/{token}", {"accept-language": "en"}, b"").body.decode()
    opt_out = re.search(r"/u/([\w.-]+)", page)
    return {
        "survey": "support",
        "source": "desk",
        "sink": "crm",
        "channel": "wa",
        "token": token,
        "id": asked["invitation_id"],
        "event_id": event_id,
        "date": now.date().isoformat(),
        "opt_out": opt_out[1] if opt_out else "",
    }
