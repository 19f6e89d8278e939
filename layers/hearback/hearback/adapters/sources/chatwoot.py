"""Chatwoot: account webhooks, automation rules and agent bots, all with the conversation at the top of the body.

Chatwoot calls once, waits 5 seconds and never tries again. Versions before 2025 do not sign: a source that is set to
`"unsigned": true` takes its secret from the address instead (`/triggers/{source}?secret=...`).

Facts: chatwoot/chatwoot app/listeners/webhook_listener.rb and lib/webhooks/trigger.rb.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hearback.adapters.sources.reading import attributes, first, iso, iso_time, part, text, texts, unix_time
from hearback.domain.errors import Invalid, Unverified
from hearback.domain.json_object import json_object
from hearback.domain.signatures import any_same, fresh, hmac_hex, unix_seconds
from hearback.domain.trigger import Agent, Contact, Conversation, Ignored, Trigger, TriggerKind
from hearback.ports import InboundRequest, Secret

_AUTOMATION = "automation_event."
_SIGNED_AT = "x-chatwoot-timestamp"
_CHANNELS = {
    "Channel::Email": "email",
    "Channel::FacebookPage": "messenger",
    "Channel::Line": "line",
    "Channel::Telegram": "telegram",
    "Channel::TwilioSms": "twilio",
    "Channel::Whatsapp": "whatsapp",
}
_RESOLVED = frozenset({"conversation_resolved"})
_OPENED = frozenset({"conversation_opened", "conversation_reopened"})


class Chatwoot:
    kind: str = "chatwoot"
    secret_fields: tuple[str, ...] = ("secret",)

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:
        """`sha256=` and hex(HMAC-SHA256(secret, timestamp + "." + body)); the timestamp is in unix seconds."""
        secrets = secret.live("secret", now)
        if settings.get("unsigned") is True and any_same(secrets, [request.query.get("secret", "")]):
            return
        stamp = request.headers.get(_SIGNED_AT, "")
        signed = stamp.encode(errors="surrogatepass") + b"." + request.body
        expected = ["sha256=" + hmac_hex(each, signed) for each in secrets]
        if not any_same(expected, [request.headers.get("x-chatwoot-signature", "")]):
            raise Unverified("the X-Chatwoot-Signature header does not verify")
        seconds = unix_seconds(stamp)
        if seconds is None or not fresh(datetime.fromtimestamp(seconds, UTC), now):
            raise Unverified("the signed time is more than 300 seconds away from our clock")

    def read(self, request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:
        body = json_object(request.body)
        kind = _kind(body)
        if isinstance(kind, Ignored):
            return kind
        conversation_id, status = text(body.get("id")), text(body.get("status"))
        if not conversation_id:
            raise Invalid("the event names no conversation", fields={"id": "is required"})
        signed_at = unix_time(request.headers.get(_SIGNED_AT, ""))
        changed_at = unix_time(body.get("updated_at")) or iso_time(body.get("updated_at"))
        occurred_at = changed_at or signed_at or unix_time(body.get("timestamp")) or now
        moment = first(_number(body.get("updated_at")), body.get("timestamp"), body.get("last_activity_at"))
        assignee, team = part(body, "meta", "assignee"), part(body, "meta", "team")
        return Trigger(
            source=source_id,
            event_id=text(request.headers.get("x-chatwoot-delivery", "")) or f"{conversation_id}:{moment}:{status}",
            kind=kind,
            occurred_at=occurred_at,
            conversation=Conversation(
                id=conversation_id,
                channel=_channel(body),
                closed_at=iso(occurred_at) if kind is TriggerKind.CLOSED else "",
                subject=text(part(body, "additional_attributes").get("mail_subject")),
                tags=texts(body.get("labels")),
                attributes=attributes(
                    {"inbox_id": text(body.get("inbox_id")), "priority": text(body.get("priority"))}, part(body, "custom_attributes")
                ),
            ),
            contact=_contact(body),
            agent=Agent(
                id=text(assignee.get("id")), name=first(assignee.get("name"), assignee.get("available_name")), team=first(team.get("name"))
            ),
            survey=settings.get("survey") or "",
        )


def _kind(body: dict[str, Any]) -> TriggerKind | Ignored:
    named, status = text(body.get("event")), text(body.get("status")).lower()
    event = named.removeprefix(_AUTOMATION)
    judged_by_status = event == "conversation_status_changed" or named != event
    if event in _RESOLVED or (judged_by_status and status == "resolved" and event not in _OPENED):
        return TriggerKind.CLOSED
    if event in _OPENED or (event == "conversation_status_changed" and status == "open" and _was_resolved(body)):
        return TriggerKind.REOPENED
    return Ignored(f"the event is {named or 'unnamed'}, the status {status or 'unknown'}")


def _was_resolved(body: dict[str, Any]) -> bool:
    """Whether the change was from "resolved". Older versions do not say what changed: then it may have been."""
    changes = body.get("changed_attributes")
    listed = changes if isinstance(changes, list) else [changes]
    before = [part(each, "status").get("previous_value") for each in listed if part(each, "status")]
    return not before or "resolved" in before


def _contact(body: dict[str, Any]) -> Contact:
    sender = part(body, "meta", "sender")
    channel, at_source = _channel(body), text(part(body, "contact_inbox").get("source_id"))
    phone, more = text(sender.get("phone_number")), part(sender, "additional_attributes")
    address = at_source or (phone if channel == "whatsapp" else "")
    browser = part(body, "additional_attributes")
    return Contact(
        id=text(sender.get("id")),
        name=text(sender.get("name")),
        email=text(sender.get("email")),
        phone=phone,
        language=first(browser.get("conversation_language"), more.get("language"), browser.get("browser_language")),
        timezone=text(more.get("timezone")),
        addresses={channel: address} if address and channel in _CHANNELS.values() and channel != "email" else {},
    )


def _channel(body: dict[str, Any]) -> str:
    word = first(body.get("channel"), part(body, "meta").get("channel"))
    return _CHANNELS.get(word, word)


def _number(value: Any) -> str:
    return repr(value) if isinstance(value, float) else text(value)
