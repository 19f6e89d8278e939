"""WhatsApp Cloud API, inbound: taps on our rows and buttons, what people type, and what became of what we sent.

A business's webhook carries all of its conversations: what names nothing of ours is left alone. Meta may leave out
`wa_id` and `from` (people with a user name, 2026): then the business-scoped `user_id` is the address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from hearback.adapters.channels.whatsapp import ROW_MARK, WINDOW_CLOSED
from hearback.domain.errors import Unverified
from hearback.domain.json_object import json_object
from hearback.domain.signatures import any_same, hmac_hex, unix_seconds
from hearback.ports import DeliveryWord, Handshake, InboundRequest, Secret, TypedReply

_TEXT_LIMIT = 2000
_CHALLENGE_LIMIT = 500
_OUTCOMES = {"sent": "sent", "delivered": "delivered", "read": "delivered", "failed": "failed"}


class WhatsappReplies:
    kind: str = "whatsapp"

    def handshake(self, request: InboundRequest, secret: Secret, now: datetime) -> Handshake:
        """Meta asks once, when the webhook is set up, and wants its bare challenge back."""
        query = request.query
        known = any_same(secret.live("verify_token", now), [query.get("hub.verify_token", "")])
        if query.get("hub.mode") != "subscribe" or not known:
            raise Unverified("hub.mode and hub.verify_token do not verify")
        return Handshake(200, query.get("hub.challenge", "")[:_CHALLENGE_LIMIT])

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        """`sha256=` and hex(HMAC-SHA256(app secret, body as it was sent)). There is no signed time."""
        expected = ["sha256=" + hmac_hex(each, request.body) for each in secret.live("app_secret", now)]
        if not any_same(expected, [request.headers.get("x-hub-signature-256", "")]):
            raise Unverified("the X-Hub-Signature-256 header does not verify")

    def read(self, request: InboundRequest) -> list[TypedReply | DeliveryWord]:
        return list(_read(json_object(request.body)))


def _read(body: dict[str, Any]) -> Iterator[TypedReply | DeliveryWord]:
    for entry in _objects(body.get("entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            if change.get("field") != "messages" or not isinstance(value, dict):
                continue
            contacts = _objects(value.get("contacts"))
            for each in _objects(value.get("messages")):
                if reply := _reply(each, contacts):
                    yield reply
            for each in _objects(value.get("statuses")):
                if word := _word(each):
                    yield word


def _reply(message: dict[str, Any], contacts: list[dict[str, Any]]) -> TypedReply | None:
    at, address = _moment(message.get("timestamp")), _address(message, contacts)
    said = _said(message)
    if at is None or not address or said is None:
        return None
    payload, text = said
    mark, invitation_id, rating = _ours(payload)
    if payload and not mark and message.get("type") == "interactive":
        return None
    quoted = _object(message.get("context")).get("id")
    return TypedReply(
        address=address,
        text=text[:_TEXT_LIMIT],
        at=at,
        invitation_id=invitation_id,
        rating=rating,
        quoted=quoted if isinstance(quoted, str) else "",
    )


def _said(message: dict[str, Any]) -> tuple[str, str] | None:
    """(payload, words) of a tap or a text; None for pictures, reactions, orders and whatever comes next year."""
    kind = message.get("type")
    if kind == "text":
        return "", _text(_object(message.get("text")).get("body"))
    if kind == "button":
        button = _object(message.get("button"))
        return _text(button.get("payload")), _text(button.get("text"))
    if kind == "interactive":
        interactive = _object(message.get("interactive"))
        tapped = _object(interactive.get(_text(interactive.get("type"))))
        return _text(tapped.get("id")), _text(tapped.get("title"))
    return None


def _ours(payload: str) -> tuple[bool, str, int | None]:
    mark, _, rest = payload.partition("|")
    invitation_id, _, rating = rest.partition("|")
    if mark != ROW_MARK or not invitation_id or not (rating.isascii() and rating.isdigit() and len(rating) <= 3):  # noqa: PLR2004
        return False, "", None
    return True, invitation_id, int(rating)


def _word(status: dict[str, Any]) -> DeliveryWord | None:
    outcome, at = _OUTCOMES.get(_text(status.get("status"))), _moment(status.get("timestamp"))
    provider_id = _text(status.get("id"))
    if outcome is None or at is None or not provider_id:
        return None
    invitation_id, _, attempt = _text(status.get("biz_opaque_callback_data")).partition(":")
    code = next((each.get("code") for each in _objects(status.get("errors"))), None)
    return DeliveryWord(
        provider_id=provider_id,
        outcome=outcome,
        at=at,
        invitation_id=invitation_id,
        attempt=attempt,
        code=str(code)[:50] if isinstance(code, int | str) else "",
        same_channel=code == WINDOW_CLOSED,
        address=_text(status.get("recipient_id")) or _text(status.get("recipient_user_id")),
    )


def _address(message: dict[str, Any], contacts: list[dict[str, Any]]) -> str:
    contact = contacts[0] if len(contacts) == 1 else {}
    named = (message.get("from"), contact.get("wa_id"), message.get("from_user_id"), message.get("user_id"), contact.get("user_id"))
    return next((found for each in named if (found := _text(each))), "")


def _moment(value: Any) -> datetime | None:
    seconds = unix_seconds(str(value)) if isinstance(value, int | str) else None
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds is not None else None
    except (OverflowError, ValueError, OSError):
        return None


def _objects(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
