"""The events in `events/`, and what is needed to believe them: they were signed at `NOW` with secrets that guard nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

from hearback.ports import InboundRequest, Secret
from hearback.runtime.http import inbound

EVENTS = Path(__file__).parents[1] / "events"
INVITATION = "AAAAAAAAAAAAAAAAAAAAAA"
"""The invitation that the WhatsApp samples answer."""

SECRETS: dict[str, dict[str, str]] = {
    "standard": {"secret": "whsec_" + base64.b64encode(b"test-only-standard-webhooks-key!").decode()},
    "zendesk": {"secret": "test-only-zendesk-signing-secret"},
    "chatwoot": {"secret": "test-only-chatwoot-webhook-secret"},
    "respondio": {"secret": "test-only-respondio-signing-key"},
    "whatsapp": {"app_secret": "test-only-meta-app-secret-0000001", "verify_token": "test-only-verify-token"},
}


def sample(function: str, case: str) -> InboundRequest:
    event: dict[str, Any] = json.loads((EVENTS / function / f"{case}.json").read_bytes())
    return inbound(event)


def secret_of(kind: str) -> Secret:
    return Secret(dict(SECRETS[kind]))


def sha256(key: str, signed: bytes) -> bytes:
    return hmac.new(key.encode(), signed, hashlib.sha256).digest()
