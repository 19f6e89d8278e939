"""Sample webhooks with made-up people, signed as the real senders sign. The playground and the demo send them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.local.http_parts import Request

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

STANDARD_SECRET = "whsec_" + base64.b64encode(b"playground-standard-secret-32-by").decode()
ZENDESK_SECRET = "playground-zendesk-secret"
CHATWOOT_SECRET = "playground-chatwoot-secret"
RESPONDIO_SECRET = "playground-respondio-secret"
WHATSAPP_APP_SECRET = "playground-whatsapp-app-secret"


@dataclass(frozen=True, slots=True)
class Conversation:
    """What somebody plays with. `channel` is `email` or `whatsapp`; `address` the customer's there."""

    source: str
    channel: str
    address: str
    name: str
    language: str
    agent: str
    team: str
    id: str
    at: datetime


def conversation(wish: dict[str, Any], now: datetime) -> Conversation:
    channel = wish.get("channel", "email")
    default = "+49 171 5550100" if channel == "whatsapp" else "ana@example.com"
    return Conversation(
        source=wish.get("source", "standard"),
        channel=channel,
        address=wish.get("address") or default,
        name=wish.get("name") or "Ana Example",
        language=wish.get("language") or "en",
        agent=wish.get("agent") or "Kim",
        team=wish.get("team") or "Support",
        id=str(wish.get("id") or uuid.uuid4().int % 10**9),
        at=now,
    )


def trigger(wish: dict[str, Any], now: datetime) -> Request:
    """A conversation has been closed at one of the four kinds of source."""
    closed = conversation(wish, now)
    if closed.source not in SOURCES:
        raise ValueError(f"source must be one of {', '.join(SOURCES)}")
    return SOURCES[closed.source](closed)


def whatsapp_reply(wish: dict[str, Any], now: datetime) -> Request:
    """The customer types `text`, or taps the row that has the id `row`."""
    sender = "".join(filter(str.isdigit, wish["from"]))
    said: dict[str, Any] = {"type": "text", "text": {"body": wish.get("text", "")}}
    if wish.get("row"):
        said = {
            "type": "interactive",
            "interactive": {"type": "list_reply", "list_reply": {"id": wish["row"], "title": wish.get("text", "")}},
        }
    message = {"from": sender, "id": f"wamid.{uuid.uuid4().hex}", "timestamp": str(int(now.timestamp())), **said}
    if wish.get("quoted"):
        message["context"] = {"id": wish["quoted"]}
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550100", "phone_number_id": "playground"},
        "contacts": [{"profile": {"name": "Ana Example"}, "wa_id": sender}],
        "messages": [message],
    }
    body = _json({"object": "whatsapp_business_account", "entry": [{"id": "0", "changes": [{"field": "messages", "value": value}]}]})
    return _post("/replies/playground-whatsapp", body, {"x-hub-signature-256": f"sha256={_hmac(WHATSAPP_APP_SECRET, body).hex()}"})


def _standard(closed: Conversation) -> Request:
    contact = {"id": f"c-{closed.address}", "name": closed.name, "language": closed.language}
    where = {"addresses": {"whatsapp": closed.address}} if closed.channel == "whatsapp" else {"email": closed.address}
    body = _json(
        {
            "type": "conversation.closed",
            "timestamp": _iso(closed.at),
            "data": {
                "conversation": {
                    "id": closed.id,
                    "channel": closed.channel,
                    "closed_at": _iso(closed.at),
                    "subject": "A lamp",
                    "tags": ["lamp"],
                },
                "contact": {**contact, **where},
                "agent": {"id": closed.agent.lower(), "name": closed.agent, "team": closed.team},
            },
        }
    )
    event, stamp = f"msg_{uuid.uuid4().hex}", str(int(closed.at.timestamp()))
    key = base64.b64decode(STANDARD_SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{event}.{stamp}.".encode() + body, hashlib.sha256)).decode()
    headers = {"webhook-id": event, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}
    return _post("/triggers/playground-standard", body, headers)


def _zendesk(closed: Conversation) -> Request:
    """A ticket event names the requester by number only; the source looks the address up."""
    requester = _number(closed.address)
    body = _json(
        {
            "id": str(uuid.uuid4()),
            "type": "zen:event-type:ticket.status_changed",
            "subject": f"zen:ticket:{closed.id}",
            "time": _iso(closed.at),
            "zendesk_event_version": "2022-11-06",
            "account_id": 1,
            "event": {"previous": "OPEN", "current": "SOLVED"},
            "detail": {
                "id": closed.id,
                "requester_id": str(requester),
                "assignee_id": "501",
                "group_id": "301",
                "status": "SOLVED",
                "subject": "A lamp",
                "tags": ["lamp"],
                "via": {"channel": "email"},
                "updated_at": _iso(closed.at),
            },
        }
    )
    stamp = _iso(closed.at)
    signature = base64.b64encode(_hmac(ZENDESK_SECRET, stamp.encode() + body)).decode()
    headers = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stamp}
    return _post("/triggers/playground-zendesk", body, headers)


def _chatwoot(closed: Conversation) -> Request:
    whatsapp = closed.channel == "whatsapp"
    sender = {
        "id": _number(closed.address),
        "name": closed.name,
        "email": "" if whatsapp else closed.address,
        "phone_number": closed.address if whatsapp else None,
    }
    body = _json(
        {
            "event": "conversation_status_changed",
            "id": int(closed.id),
            "status": "resolved",
            "channel": "Channel::Whatsapp" if whatsapp else "Channel::Email",
            "inbox_id": 3,
            "labels": ["lamp"],
            "updated_at": closed.at.timestamp(),
            "timestamp": int(closed.at.timestamp()),
            "changed_attributes": [{"status": {"previous_value": "open", "current_value": "resolved"}}],
            "additional_attributes": {"conversation_language": closed.language},
            "meta": {"sender": sender, "assignee": {"id": 5, "name": closed.agent}, "team": {"id": 2, "name": closed.team}},
        }
    )
    stamp = str(int(closed.at.timestamp()))
    signature = _hmac(CHATWOOT_SECRET, f"{stamp}.".encode() + body).hex()
    headers = {"x-chatwoot-signature": f"sha256={signature}", "x-chatwoot-timestamp": stamp, "x-chatwoot-delivery": str(uuid.uuid4())}
    return _post("/triggers/playground-chatwoot", body, headers)


def _respondio(closed: Conversation) -> Request:
    first, _, last = closed.name.partition(" ")
    whatsapp = closed.channel == "whatsapp"
    contact = {
        "id": int(closed.id),
        "firstName": first,
        "lastName": last,
        "email": None if whatsapp else closed.address,
        "phone": closed.address if whatsapp else None,
        "language": closed.language,
        "tags": ["lamp"],
        "assignee": {"id": 5, "firstName": closed.agent, "lastName": ""},
    }
    moment = int(closed.at.timestamp())
    closing = {"category": "Order", "closedTime": moment, "closedBySource": "user", "assigneeTeam": {"name": closed.team}}
    body = _json({"event_type": "conversation.closed", "event_id": str(uuid.uuid4()), "contact": contact, "conversation": closing})
    headers = {"x-webhook-signature": base64.b64encode(_hmac(RESPONDIO_SECRET, body)).decode()}
    return _post("/triggers/playground-respondio", body, headers)


def _post(path: str, body: bytes, headers: dict[str, str]) -> Request:
    return Request("POST", path, {"content-type": "application/json", **headers}, body)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _number(address: str) -> int:
    """The same person has the same number at a source, and nobody else has it."""
    return int(hashlib.sha256(address.encode()).hexdigest()[:8], 16)


def _hmac(key: str, signed: bytes) -> bytes:
    return hmac.digest(key.encode(), signed, hashlib.sha256)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


SOURCES: dict[str, Callable[[Conversation], Request]] = {
    "standard": _standard,
    "zendesk": _zendesk,
    "chatwoot": _chatwoot,
    "respondio": _respondio,
}
