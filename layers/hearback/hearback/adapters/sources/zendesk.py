"""Zendesk: webhooks that are subscribed to ticket events, and webhooks that a trigger or automation calls.

A trigger's or automation's body is whatever its author wrote. The form that is understood in full (further fields do no
harm; every field but the ticket's id may be missing; a trigger should also exclude tickets that carry the `csat_recorded`
tag, since the answer's own update of the ticket would fire it again):

    {"ticket": {"id": "{{ticket.id}}", "status": "{{ticket.status}}", "subject": "{{ticket.title}}", "tags": "{{ticket.tags}}",
                "channel": "{{ticket.via}}", "updated_at": "{{ticket.updated_at_with_timestamp}}",
                "requester": {"id": "{{ticket.requester.id}}", "name": "{{ticket.requester.name}}", "email": "{{ticket.requester.email}}",
                              "phone": "{{ticket.requester.phone}}", "language": "{{ticket.requester.language}}"},
                "assignee": {"id": "{{ticket.assignee.id}}", "name": "{{ticket.assignee.name}}"},
                "group": {"name": "{{ticket.group.name}}"}}}

Facts: developer.zendesk.com/documentation/webhooks/verifying and /api-reference/webhooks/event-types/ticket-events.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from hearback.adapters.sources.reading import attributes, first, iso, iso_time, part, text, texts
from hearback.domain.errors import Invalid, Misconfigured, Unavailable, Unverified
from hearback.domain.json_object import json_object
from hearback.domain.signatures import any_same, fresh, hmac_base64
from hearback.domain.trigger import Agent, Contact, Conversation, Ignored, Trigger, TriggerKind
from hearback.ports import Http, HttpRequest, HttpResponse, InboundRequest, NoReply, NotSent, Secret

RECORDED_TAG = "csat_recorded"
_EVENT = "zen:event-type:"
_STATUS_CHANGED = _EVENT + "ticket.status_changed"
_SIGNED_AT = "x-zendesk-webhook-signature-timestamp"
_OPEN = frozenset({"new", "open", "pending", "hold", "on-hold"})
_CHANNELS = {"email": "email", "whatsapp": "whatsapp", "telegram": "telegram", "line": "line", "facebook_messenger": "messenger"}
_CHANNELS |= {"mail": "email", "web": "web_form"}  # a web form is not our channel `web`, where somebody shows a link
_LOOKUP_SECONDS = 8.0


class Zendesk:
    kind: str = "zendesk"
    secret_fields: tuple[str, ...] = ("secret", "api_token")

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        """base64(HMAC-SHA256(secret, timestamp + body)); the timestamp is ISO-8601, the secret is used as it is shown."""
        stamp = request.headers.get(_SIGNED_AT, "")
        signed = stamp.encode(errors="surrogatepass") + request.body
        expected = [hmac_base64(each, signed) for each in secret.live("secret", now)]
        if not any_same(expected, [request.headers.get("x-zendesk-webhook-signature", "")]):
            raise Unverified("the X-Zendesk-Webhook-Signature header does not verify")
        signed_at = iso_time(stamp)
        if signed_at is None or not fresh(signed_at, now):
            raise Unverified("the signed time is more than 300 seconds away from our clock")

    def read(self, request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:
        body = json_object(request.body)
        if text(body.get("type")).startswith(_EVENT):
            return _event(body, source_id, settings, now)
        return _written_by_the_admin(body, request, source_id, settings, now)


def _event(body: dict[str, Any], source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:
    if text(body.get("type")) != _STATUS_CHANGED:
        return Ignored(f"the event is {text(body.get('type'))}")
    detail, change = part(body, "detail"), part(body, "event")
    kind = _kind(text(change.get("current")).lower(), text(change.get("previous")).lower())
    if isinstance(kind, Ignored):
        return kind
    ticket, event_id = first(detail.get("id"), text(body.get("subject")).removeprefix("zen:ticket:")), text(body.get("id"))
    if not ticket or not event_id:
        raise Invalid("the event names no ticket", fields={"detail.id" if not ticket else "id": "is required"})
    occurred_at = iso_time(body.get("time")) or iso_time(detail.get("updated_at")) or now
    known = {name: detail.get(name) for name in ("brand_id", "external_id", "form_id", "group_id", "organization_id")}
    return Trigger(
        source=source_id,
        event_id=event_id,
        kind=kind,
        occurred_at=occurred_at,
        conversation=Conversation(
            id=ticket,
            channel=_channel(part(detail, "via").get("channel")),
            closed_at=iso(occurred_at) if kind is TriggerKind.CLOSED else "",
            subject=text(detail.get("subject")),
            tags=texts(detail.get("tags")),
            attributes=attributes(_ticket_attributes(detail), {name: text(value) for name, value in known.items()}),
        ),
        contact=Contact(id=text(detail.get("requester_id"))),
        agent=Agent(id=text(detail.get("assignee_id")), team=text(detail.get("group_id"))),
        survey=settings.get("survey") or "",
    )


def _written_by_the_admin(
    body: dict[str, Any], request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime
) -> Trigger | Ignored:
    ticket = part(body, "ticket")
    ticket_id = first(ticket.get("id"), body.get("ticket_id"), body.get("id"))
    if not ticket_id:
        raise Invalid("the body names no ticket", fields={"ticket.id": "is required"})
    status = first(ticket.get("status"), body.get("ticket_status"), body.get("status")).lower()
    kind = _kind(status or "solved", first(body.get("previous_status"), "solved").lower())
    if isinstance(kind, Ignored):
        return kind
    tags = texts(ticket.get("tags") or body.get("tags"))
    recorded = (settings.get("recorded_tag") or RECORDED_TAG) in tags
    moment = first(ticket.get("solved_at"), body.get("solved_at"), ticket.get("updated_at"), body.get("updated_at"))
    signed_at = request.headers.get(_SIGNED_AT, "")
    occurred_at = iso_time(moment) or iso_time(signed_at) or now
    requester, assignee, group = (_person(ticket, body, name) for name in ("requester", "assignee", "group"))
    return Trigger(
        source=source_id,
        event_id=_given_id(body, ticket_id)
        or f"{ticket_id}:{status or 'solved'}:{moment or request.headers.get('x-zendesk-webhook-invocation-id') or signed_at}",
        kind=kind,
        occurred_at=occurred_at,
        conversation=Conversation(
            id=ticket_id,
            channel=_channel(first(ticket.get("channel"), part(ticket, "via").get("channel"), ticket.get("via"), body.get("channel"))),
            closed_at=iso(occurred_at) if kind is TriggerKind.CLOSED else "",
            subject=first(ticket.get("subject"), ticket.get("title"), body.get("subject"), body.get("ticket_title")),
            tags=tags,
            attributes=attributes(_ticket_attributes(ticket), part(body, "attributes")),
        ),
        contact=Contact(
            id=first(requester.get("id"), ticket.get("requester_id")),
            name=text(requester.get("name")),
            email=text(requester.get("email")),
            phone=text(requester.get("phone")),
            language=first(requester.get("language"), requester.get("locale")),
            timezone=text(requester.get("timezone")),
        ),
        agent=Agent(
            id=first(assignee.get("id"), ticket.get("assignee_id")),
            name=text(assignee.get("name")),
            team=first(group.get("name"), group.get("id")),
        ),
        survey=first(body.get("survey"), settings.get("survey")),
        excluded="the ticket carries the tag of an answer that was written back to it" if recorded else "",
    )


def _kind(current: str, previous: str) -> TriggerKind | Ignored:
    """SOLVED closes; CLOSED follows by itself some days later and means nothing new; only a solved ticket can be reopened."""
    if current == "solved":
        return TriggerKind.CLOSED
    if current in _OPEN and previous == "solved":
        return TriggerKind.REOPENED
    return Ignored(f"the ticket went from {previous or 'nothing'} to {current or 'nothing'}")


def _given_id(body: dict[str, Any], ticket_id: str) -> str:
    """The sender's own id of this event. A body's plain `id` is one only where the ticket's id stands elsewhere."""
    plain = text(body.get("id"))
    return text(body.get("event_id")) or (plain if plain != ticket_id else "")


def _person(ticket: dict[str, Any], body: dict[str, Any], role: str) -> dict[str, Any]:
    """A person's fields, nested ("requester": {"email"}) or flat ("requester_email")."""
    flat = {name: body.get(f"{role}_{name}") for name in ("id", "name", "email", "phone", "language", "timezone")}
    return flat | part(body, role) | part(ticket, role)


def _ticket_attributes(ticket: dict[str, Any]) -> dict[str, Any]:
    """`system` tells a zendesk sink that this conversation is a ticket, whatever the source was named."""
    named = {name: text(ticket.get(name)).lower() for name in ("priority", "type")}
    return {"system": "zendesk", **named}


def _channel(word: Any) -> str:
    plain = text(word).lower().replace(" ", "_")
    return _CHANNELS.get(plain, plain)


@dataclass(frozen=True)
class ZendeskContacts:
    """Asks the users API for the requester, whose address an event never carries."""

    http: Http
    base_url_default: str = ""

    def complete(self, trigger: Trigger, settings: Mapping[str, Any], secret: Secret) -> Contact:
        """The contact with what was empty filled in. Raises `Unavailable`, or `Misconfigured` when the token is refused."""
        contact, token = trigger.contact, secret.values.get("api_token")
        base = _base_url(settings, self.base_url_default)
        if contact.email or not (contact.id.isascii() and contact.id.isdigit()) or not (base and token and settings.get("email")):
            return contact
        credentials = base64.b64encode(f"{settings['email']}/token:{token}".encode()).decode()
        headers = {"authorization": f"Basic {credentials}", "accept": "application/json"}
        request = HttpRequest("GET", f"{base}/api/v2/users/{quote(contact.id)}.json", headers, b"")
        try:
            response = self.http.send(request, deadline_seconds=_LOOKUP_SECONDS, trusted=not settings.get("base_url"))
        except (NotSent, NoReply) as error:
            raise Unavailable("Zendesk cannot be reached for the contact's address", retry_after=60) from error
        return _completed(contact, response)


def _completed(contact: Contact, response: HttpResponse) -> Contact:
    match response.status:
        case 200:
            user = _user(response.body)
            known: dict[str, Any] = {
                "name": text(user.get("name")),
                "email": text(user.get("email")),
                "phone": text(user.get("phone")),
                "language": text(user.get("locale")),
                "timezone": text(user.get("iana_time_zone")),
            }
            return replace(contact, **{name: getattr(contact, name) or value for name, value in known.items()})
        case 401 | 403:
            raise Misconfigured("Zendesk refuses the source's e-mail and api_token")
        case 408 | 409 | 425 | 429 | 500 | 502 | 503 | 504:
            raise Unavailable(f"Zendesk answered {response.status} when asked for the contact's address", retry_after=60)
    return contact


def _user(body: bytes) -> dict[str, Any]:
    try:
        return part(json.loads(body), "user")
    except (ValueError, RecursionError):
        return {}


def _base_url(settings: Mapping[str, Any], default: str) -> str:
    subdomain = settings.get("subdomain")
    own = f"https://{subdomain}.zendesk.com" if subdomain else ""
    return str(settings.get("base_url") or default or own).rstrip("/")
