"""What strangers send us, made up here and signed as they sign it: Standard Webhooks and WhatsApp with bodies of any content.

The four kinds of source with one plain closing each are in tests/local/samples.py.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from datetime import datetime
from typing import Any

from tests.local.http_parts import Request
from tests.local.samples import CHATWOOT_SECRET, RESPONDIO_SECRET, STANDARD_SECRET, ZENDESK_SECRET


def standard(body: Any, at: datetime, *, event_id: str = "", secret: str = STANDARD_SECRET) -> Request:
    """`body` is bytes, or a value that goes as JSON."""
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    event_id, stamp = event_id or f"msg_{uuid.uuid4().hex}", str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{event_id}.{stamp}.".encode() + raw, hashlib.sha256)).decode()
    headers = {"webhook-id": event_id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return Request("POST", "", {"content-type": "application/json", **headers}, raw)


def signed_again(kind: str, webhook: Request, raw: bytes) -> Request:
    """A sample's headers over another body, with the signature that fits."""
    headers = dict(webhook.headers)
    if kind == "zendesk":
        stamp = headers["x-zendesk-webhook-signature-timestamp"].encode()
        headers["x-zendesk-webhook-signature"] = base64.b64encode(_hmac(ZENDESK_SECRET, stamp + raw)).decode()
    elif kind == "chatwoot":
        stamp = headers["x-chatwoot-timestamp"].encode()
        headers["x-chatwoot-signature"] = "sha256=" + _hmac(CHATWOOT_SECRET, stamp + b"." + raw).hex()
    else:
        headers["x-webhook-signature"] = base64.b64encode(_hmac(RESPONDIO_SECRET, raw)).decode()
    return Request("POST", "", headers, raw)


def conversation(kind: str, at: datetime, *, contact: dict[str, Any], conversation_id: str, channel: str = "email") -> dict[str, Any]:
    """A Standard Webhooks body: `conversation.closed` or `conversation.reopened`."""
    about = {"id": conversation_id, "channel": channel, "subject": "A broken lamp", "tags": ["lamp"]}
    agent = {"id": "kim", "name": "Kim", "team": "Lamps"}
    return {
        "type": f"conversation.{kind}",
        "timestamp": at.isoformat(),
        "data": {"conversation": about, "contact": contact, "agent": agent},
    }


def whatsapp(app_secret: str, **parts: list[dict[str, Any]]) -> Request:
    """One webhook of Meta's with `messages` or `statuses`."""
    value = {"messaging_product": "whatsapp", "metadata": {"display_phone_number": "15550100", "phone_number_id": "1055"}, **parts}
    entry = {"id": "1", "changes": [{"field": "messages", "value": value}]}
    body = {"object": "whatsapp_business_account", "entry": [entry]}
    return signed_by_meta(app_secret, json.dumps(body, ensure_ascii=False).encode())


def signed_by_meta(app_secret: str, raw: bytes) -> Request:
    signature = _hmac(app_secret, raw).hex()
    return Request("POST", "", {"content-type": "application/json", "x-hub-signature-256": f"sha256={signature}"}, raw)


def typed(sender: str, text: str, at: datetime) -> dict[str, Any]:
    return {"from": sender, "id": f"wamid.{uuid.uuid4().hex}", "timestamp": _seconds(at), "type": "text", "text": {"body": text}}


def tapped(sender: str, row: dict[str, str], at: datetime) -> dict[str, Any]:
    reply = {"type": "list_reply", "list_reply": {"id": row["id"], "title": row["title"]}}
    return {"from": sender, "id": f"wamid.{uuid.uuid4().hex}", "timestamp": _seconds(at), "type": "interactive", "interactive": reply}


def status(word: str, sent: dict[str, Any], at: datetime, *errors: int) -> dict[str, Any]:
    """The provider's later word on a message of /_local/requests."""
    known = {"id": sent["response"]["messages"][0]["id"], "biz_opaque_callback_data": sent["request"]["body"]["biz_opaque_callback_data"]}
    said = {"status": word, "timestamp": _seconds(at), "recipient_id": sent["to"], **known}
    return {**said, **({"errors": [{"code": code} for code in errors]} if errors else {})}


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))


def _hmac(key: str, signed: bytes) -> bytes:
    return hmac.digest(key.encode(), signed, hashlib.sha256)
