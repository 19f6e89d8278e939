"""Zendesk tickets: an answer's values go into custom fields of the ticket that the conversation was.

An update sets fields to values, so that writing twice does no harm. It also carries a tag (`csat_recorded`): exclude
tickets with that tag in the Zendesk trigger that calls us, or the update of a solved ticket would ask again.
Facts: developer.zendesk.com/api-reference/ticketing/tickets/tickets and /introduction/rate-limits.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from hearback.adapters.sinks.replies import MASK, exchanged, judged
from hearback.domain.errors import Invalid
from hearback.domain.templates import render_value
from hearback.ports import Delivery, DeliveryResult, Http, HttpRequest, NotForThisSink, RetryLater, Secret, Undeliverable

RECORDED_TAG = "csat_recorded"
_CLOSED = 422


class ZendeskSink:
    kind: str = "zendesk"
    secret_fields: tuple[str, ...] = ("api_token",)

    def __init__(self, http: Http, base_url_default: str = "") -> None:
        self._http = http
        self._base_url_default = base_url_default

    def request(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest | NotForThisSink:  # noqa: ARG002
        return self._request(delivery, settings, MASK)

    def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
        token = str(secret.values.get("api_token") or "")
        credentials = base64.b64encode(f"{settings.get('email')}/token:{token}".encode()).decode()
        try:
            request = self._request(delivery, settings, f"Basic {credentials}")
        except Invalid as error:
            return Undeliverable(0, error.message)
        if isinstance(request, NotForThisSink):
            return request
        response = exchanged(self._http, request, trusted=not settings.get("base_url"))
        if isinstance(response, RetryLater):
            return response
        if response.status == _CLOSED:
            return Undeliverable(_CLOSED, "Zendesk takes no such change: the ticket is closed, or a field does not take the value")
        return judged(response, now, (token, credentials))

    def _request(self, delivery: Delivery, settings: Mapping[str, Any], authorization: str) -> HttpRequest | NotForThisSink:
        conversation = delivery.variables.get("conversation") or {}
        if not _is_ticket(delivery, conversation, settings):
            return NotForThisSink("the answer belongs to no Zendesk ticket")
        fields = [{"id": int(name), "value": render_value(value, delivery.variables)} for name, value in settings["fields"].items()]
        ticket: dict[str, Any] = {"custom_fields": fields, "additional_tags": [settings.get("tag") or RECORDED_TAG]}
        return HttpRequest(
            "PUT",
            f"{self._base_url(settings)}/api/v2/tickets/{quote(str(conversation['id']), safe='')}.json",
            {"authorization": authorization, "content-type": "application/json", "accept": "application/json"},
            json.dumps({"ticket": ticket}).encode(),
        )

    def _base_url(self, settings: Mapping[str, Any]) -> str:
        own = f"https://{settings['subdomain']}.zendesk.com" if settings.get("subdomain") else ""
        if base := settings.get("base_url") or self._base_url_default or own:
            return str(base).rstrip("/")
        raise Invalid("the sink names neither a subdomain nor a base_url")


def _is_ticket(delivery: Delivery, conversation: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """By the source that the sink names; else by the mark that a zendesk source leaves on its conversations. A sample's may be one."""
    ticket = str(conversation.get("id") or "")
    if not (ticket.isascii() and ticket.isdigit()):
        return False
    if delivery.sample:
        return True
    if settings.get("source"):
        return bool(delivery.source == settings["source"])
    return (conversation.get("attributes") or {}).get("system") == "zendesk"
