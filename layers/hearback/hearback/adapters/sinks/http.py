"""Any HTTP API: method, address, headers and body written with variables. Without a body the whole answer is sent as an event.

With a secret, requests carry Standard Webhooks signatures; `webhook-id` is the same for every try of one answer version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from hearback.adapters.sinks.replies import MASK, exchanged, judged, masked
from hearback.domain.errors import Invalid
from hearback.domain.signatures import standard_webhooks_key, standard_webhooks_signature
from hearback.domain.templates import render_form, render_header, render_json, render_text, render_url, render_value
from hearback.ports import Delivered, Delivery, DeliveryResult, Http, HttpRequest, NotForThisSink, RetryLater, Secret, Undeliverable

EVENT, ERASED_EVENT = "answer.recorded", "answer.erased"
_NOT_THERE = frozenset({404, 410})
_BODILESS = frozenset({"GET", "HEAD", "DELETE"})
_FORM = "application/x-www-form-urlencoded"
_SHOWN = "set"


class HttpSink:
    kind: str = "http"
    secret_fields: tuple[str, ...] = ("secret", "secret_headers")

    def __init__(self, http: Http, base_url_default: str = "") -> None:  # noqa: ARG002 - every sink is made alike
        self._http = http

    def request(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest | NotForThisSink:
        written = _written(delivery, settings, secret)
        shown = masked(written.headers) | dict.fromkeys((name.lower() for name in secret.values.get("secret_headers") or {}), MASK)
        if secret.values.get("secret"):
            shown |= {"webhook-id": _message_id(delivery), "webhook-timestamp": "(time of sending)", "webhook-signature": MASK}
        return HttpRequest(written.method, written.url, shown, written.body)

    def deliver(self, delivery: Delivery, settings: Mapping[str, Any], secret: Secret, now: datetime) -> DeliveryResult:
        try:
            written = _written(delivery, settings, secret)
        except Invalid as error:
            return Undeliverable(0, error.message)
        signed = HttpRequest(
            written.method, written.url, {**written.headers, **_signature(delivery, written.body, secret, now)}, written.body
        )
        response = exchanged(self._http, signed, trusted=False)
        if isinstance(response, RetryLater):
            return response
        if delivery.erased and response.status in _NOT_THERE:
            return Delivered(response.status, "nothing was there to be erased")
        return judged(response, now, _secrets(secret, written.headers))


def _written(delivery: Delivery, settings: Mapping[str, Any], secret: Secret) -> HttpRequest:
    request, variables = settings["erase" if delivery.erased else "request"], delivery.variables
    method = str(request.get("method") or "POST").upper()
    templates = {
        name.lower(): value for name, value in {**(request.get("headers") or {}), **(secret.values.get("secret_headers") or {})}.items()
    }
    headers = {name: render_header(value, variables) for name, value in templates.items()}
    body, content_type = _body(request.get("body"), method, headers.get("content-type", ""), delivery)
    if content_type:
        headers.setdefault("content-type", content_type)
    return HttpRequest(method, render_url(request["url"], variables), headers, body)


def _body(template: Any, method: str, content_type: str, delivery: Delivery) -> tuple[bytes, str]:
    """The body's bytes, and the type that it has unless the headers name one.

    A JSON body may be given as a text, or as an object whose texts are templates; there, a text that is nothing but
    `{{ ... }}` becomes a value of its own kind.
    """
    variables = delivery.variables
    if template is None:
        return (b"", "") if method in _BODILESS else (_compact(_event(delivery)), "application/json")
    if not isinstance(template, str):
        return _compact(_filled(template, variables)), "application/json"
    if content_type.startswith(_FORM):
        return render_form(template, variables).encode(), _FORM
    if is_json_template(template, content_type):
        return render_json(template, variables).encode(), "application/json"
    return render_text(template, variables).encode(), "text/plain; charset=utf-8"


def is_json_template(template: str, content_type: str) -> bool:
    """By the content type where there is one; else by how it begins."""
    if content_type:
        return "json" in content_type.lower()
    start = template.lstrip()
    return start.startswith("[") or (start.startswith("{") and not start.startswith(("{{", "{%", "{#")))


def _filled(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return render_value(value, variables)
    if isinstance(value, list):
        return [_filled(each, variables) for each in value]
    return {name: _filled(each, variables) for name, each in value.items()} if isinstance(value, dict) else value


def _event(delivery: Delivery) -> dict[str, Any]:
    answer = delivery.variables.get("answer") or {}
    if delivery.erased:
        return {"type": ERASED_EVENT, "data": dict(delivery.variables)}
    return {"type": EVENT, "timestamp": answer.get("answered_at", ""), "data": dict(delivery.variables)}


def _compact(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"), default=str).encode()


def _signature(delivery: Delivery, body: bytes, secret: Secret, now: datetime) -> dict[str, str]:
    """One signature for each secret that is live, so that the receiver can change its own at leisure."""
    keys = [key for each in secret.live("secret", now) if (key := standard_webhooks_key(each))]
    if not keys:
        return {}
    message_id, timestamp = _message_id(delivery), int(now.timestamp())
    signatures = " ".join(standard_webhooks_signature(key, message_id, timestamp, body) for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": signatures}


def _message_id(delivery: Delivery) -> str:
    """The delivery's id without dots, which separate the parts of what is signed."""
    return delivery.id.replace(".", "_")


def _secrets(secret: Secret, headers: Mapping[str, str]) -> list[str]:
    shown = masked(headers)
    return [*(value for name, value in headers.items() if shown[name] != value), *(secret.values.get("secret_headers") or {}).values()]
