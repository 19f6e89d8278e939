"""Every sender of webhooks as the whole handler sees it, in memory: sources of all kinds, and WhatsApp's replies."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from functions.survey_trigger.handler import make_handler
from hearback.adapters.channels import REPLIES
from hearback.adapters.dynamo.story_item import decode, encode, pk_of
from hearback.adapters.sources import REGISTRY
from hearback.domain.calendar import instant, stamp
from hearback.domain.signatures import standard_webhooks_key
from hearback.domain.story import Story
from hearback.ports import Secret
from hearback.runtime.answer_routes import AnswerRoutes
from hearback.runtime.http import http_handler
from hearback.usecases.receive_reply import ReceiveReply
from hearback.usecases.receive_trigger import ReceiveTrigger
from tests.builders import NOW, a_trigger
from tests.sample_events import SECRETS, sha256
from tests.unit.usecases.world import World

SOURCES = sorted(REGISTRY)
SENDERS = [*SOURCES, *sorted(REPLIES)]
ITEM_LIMIT = 400_000
"""Bytes that one item of the table may have."""


class Context:
    aws_request_id = "r-1"


def signed_headers(sender: str, body: bytes, stamp: str | None = None, event_id: str = "msg_1") -> dict[str, str]:
    """As the vendor signs this body, at `NOW` unless a signed time is given."""
    secret = SECRETS[sender].get("secret") or SECRETS[sender]["app_secret"]
    at = str(int(NOW.timestamp())) if stamp is None else stamp
    match sender:
        case "standard":
            key = standard_webhooks_key(secret) or b""
            signature = base64.b64encode(_hmac(key, f"{event_id}.{at}.".encode(errors="surrogatepass") + body)).decode()
            return {"webhook-id": event_id, "webhook-timestamp": at, "webhook-signature": f"v1,{signature}"}
        case "zendesk":
            moment = "2026-03-02T12:00:00Z" if stamp is None else stamp
            signature = base64.b64encode(sha256(secret, moment.encode(errors="surrogatepass") + body)).decode()
            return {"x-zendesk-webhook-signature-timestamp": moment, "x-zendesk-webhook-signature": signature}
        case "chatwoot":
            signature = sha256(secret, at.encode(errors="surrogatepass") + b"." + body).hex()
            return {"x-chatwoot-timestamp": at, "x-chatwoot-signature": f"sha256={signature}"}
        case "respondio":
            return {"x-webhook-signature": base64.b64encode(sha256(secret, body)).decode()}
        case _:
            return {"x-hub-signature-256": f"sha256={sha256(secret, body).hex()}"}


@dataclass
class Hearing:
    """Takes what senders send; remembers nothing between two examples."""

    world: World = field(default_factory=World)

    def __post_init__(self) -> None:
        for kind in SOURCES:
            self.world.configs.put("sources", kind, {"kind": kind, "survey": "support"})
            self.world.secrets.put(f"sources/{kind}", Secret(dict(SECRETS[kind])))
        self.world.secrets.put("channels/wa", Secret(dict(SECRETS["whatsapp"])))
        world = self.world
        receive = ReceiveTrigger(REGISTRY, world.configs, world.secrets, world.accept, world.clock)
        replies = ReceiveReply(
            *(REPLIES, world.configs, world.stories, world.people, world.secrets, world.outbox, world.nights, world.record, world.clock)
        )
        nobody: Any = None
        routes = [each for each in AnswerRoutes(nobody, nobody, nobody, replies).routes() if each[1].startswith("/replies/")]
        self._handlers: dict[str, Callable[[Any, Any], Any]] = {"triggers": make_handler(receive), "replies": http_handler(routes)}

    def send(self, sender: str, headers: dict[str, str], body: bytes, query: str = "") -> tuple[int, dict[str, Any]]:
        family, name = ("triggers", sender) if sender in SOURCES else ("replies", "wa")
        event = {
            "rawPath": f"/{family}/{name}",
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {"http": {"method": "POST"}},
            "body": base64.b64encode(body).decode(),
            "isBase64Encoded": True,
        }
        reply = self._handlers[family](event, Context())
        json.dumps(reply)
        return reply["statusCode"], json.loads(reply["body"])

    def send_signed(self, sender: str, body: bytes, **more: str) -> tuple[int, dict[str, Any]]:
        return self.send(sender, signed_headers(sender, body, **more), body)

    def play_out(self, told: dict[str, Any]) -> None:
        """Whatever was let in can be stored, read back as it was, and sent."""
        if invitation_id := told.get("invitation_id"):
            storable(self.world.stories.get(invitation_id))
            self.world.clock.advance(days=3)
            self.world.dispatch(invitation_id)
            storable(self.world.stories.get(invitation_id))


def storable(story: Story | None) -> None:
    assert story is not None
    item = encode(story)
    assert sum(len(json.dumps(value, ensure_ascii=False).encode()) for value in item.values()) < ITEM_LIMIT
    assert decode({**item, "pk": {"S": pk_of(story.invitation_id)}}) == story
    assert instant(stamp(story.trigger.occurred_at)) == story.trigger.occurred_at


def asked_in_whatsapp() -> Hearing:
    """Somebody was asked a minute ago, so that replies have something to be about."""
    hearing = Hearing()
    hearing.world.sent_story(a_trigger())
    return hearing


def _hmac(key: bytes, signed: bytes) -> bytes:
    import hashlib
    import hmac

    return hmac.new(key, signed, hashlib.sha256).digest()
