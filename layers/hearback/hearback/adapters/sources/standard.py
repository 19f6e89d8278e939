"""Standard Webhooks (github.com/standard-webhooks/standard-webhooks, 1.0): our own dialect, read strictly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from hearback.adapters.sources.reading import ATTRIBUTE_BYTES, TAG_LIMIT, TEXT_LIMIT
from hearback.domain.calendar import instant
from hearback.domain.errors import Invalid, Unverified
from hearback.domain.json_object import json_object
from hearback.domain.signatures import any_same, fresh, standard_webhooks_key, standard_webhooks_signature, unix_seconds
from hearback.domain.trigger import Agent, Contact, Conversation, Ignored, Trigger, TriggerKind
from hearback.ports import InboundRequest, Secret

ID_LIMIT = 256
_REFUSED = "the webhook-id, webhook-timestamp and webhook-signature headers do not verify"


class Standard:
    """`{"type", "timestamp", "data": {"conversation", "contact", "agent", "survey"}}`; the event's id is `webhook-id`."""

    kind: str = "standard"
    secret_fields: tuple[str, ...] = ("secret",)

    def verify(self, request: InboundRequest, secret: Secret, settings: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        headers = request.headers
        message_id, timestamp = headers.get("webhook-id", ""), unix_seconds(headers.get("webhook-timestamp", ""))
        if not message_id or len(message_id) > ID_LIMIT or "." in message_id or timestamp is None:
            raise Unverified(_REFUSED)
        keys = [key for each in secret.live("secret", now) if (key := standard_webhooks_key(each))]
        expected = [standard_webhooks_signature(key, message_id, timestamp, request.body) for key in keys]
        if not any_same(expected, headers.get("webhook-signature", "").split(" ")):
            raise Unverified(_REFUSED)
        if not fresh(datetime.fromtimestamp(timestamp, UTC), now):
            raise Unverified("the webhook-timestamp is more than 300 seconds away from our clock")

    def read(self, request: InboundRequest, source_id: str, settings: Mapping[str, Any], now: datetime) -> Trigger | Ignored:  # noqa: ARG002
        body = _Fields("", json_object(request.body))
        kind = body.one_of("type", [each.value for each in TriggerKind])
        occurred_at, data = body.time("timestamp"), body.inner("data")
        conversation, contact, agent = data.inner("conversation"), data.inner("contact"), data.inner("agent")
        trigger = Trigger(
            source=source_id,
            event_id=request.headers.get("webhook-id", ""),
            kind=TriggerKind(kind or TriggerKind.CLOSED),
            occurred_at=occurred_at or datetime.min.replace(tzinfo=UTC),
            conversation=Conversation(
                id=conversation.text("id", required=kind != TriggerKind.REQUESTED),
                channel=conversation.text("channel"),
                closed_at=conversation.time_text("closed_at"),
                subject=conversation.text("subject"),
                tags=conversation.texts("tags"),
                attributes=conversation.open_map("attributes"),
            ),
            contact=Contact(
                **{name: contact.text(name) for name in ("id", "name", "email", "phone", "language", "timezone")},
                addresses=contact.text_map("addresses"),
            ),
            agent=Agent(**{name: agent.text(name) for name in ("id", "name", "team")}),
            survey=data.text("survey") or settings.get("survey") or "",
        )
        for each in (conversation, contact, agent, data, body):
            each.refuse_the_rest()
        if body.problems:
            raise Invalid("the event's body does not fit", fields=body.problems)
        return trigger


class _Fields:
    """One object of the body. Takes its fields one by one, collecting what is wrong under each field's path; null is "not there"."""

    def __init__(self, path: str, value: dict[str, Any], problems: dict[str, str] | None = None) -> None:
        self.path = path
        self.left = dict(value)
        self.problems: dict[str, str] = {} if problems is None else problems

    def inner(self, name: str) -> _Fields:
        value = self._take(name, dict, "an object")
        return _Fields(self._path(name), value if isinstance(value, dict) else {}, self.problems)

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._take(name, str, "a text")
        if required and not value and self._path(name) not in self.problems:
            self._refuse(name, "is required")
        return self._bounded(name, value) if isinstance(value, str) else ""

    def one_of(self, name: str, allowed: list[str]) -> str:
        found = self.text(name, required=True)
        if found and found not in allowed:
            self._refuse(name, f"must be one of {', '.join(allowed)}")
        return found if found in allowed else ""

    def time(self, name: str) -> datetime | None:
        return self._instant(name, self.text(name, required=True))

    def time_text(self, name: str) -> str:
        found = self._instant(name, self.text(name))
        return found.isoformat() if found else ""

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._take(name, list, "a list of texts")
        return tuple(self._each_text(f"{name}.{place}", each) for place, each in enumerate(self._few(name, value or [])))

    def text_map(self, name: str) -> dict[str, str]:
        value = self._take(name, dict, "an object of texts")
        return {key: found for key, each in self._few(name, value or {}).items() if (found := self._each_text(f"{name}.{key}", each))}

    def open_map(self, name: str) -> dict[str, Any]:
        """An object of anything: whose names are the sender's own."""
        value = self._take(name, dict, "an object")
        if not isinstance(value, dict):
            return {}
        if len(json.dumps(value, ensure_ascii=False).encode()) > ATTRIBUTE_BYTES:
            self._refuse(name, f"must be at most {ATTRIBUTE_BYTES} bytes of JSON")
        return value

    def refuse_the_rest(self) -> None:
        for name in self.left:
            self._refuse(name, "is not a field that is known here")

    def _take(self, name: str, kind: type, called: str) -> Any:
        value = self.left.pop(name, None)
        if value is not None and not isinstance(value, kind):
            self._refuse(name, f"must be {called}")
            return None
        return value

    def _each_text(self, name: str, value: Any) -> str:
        if isinstance(value, str):
            return self._bounded(name, value)
        self._refuse(name, "must be a text")
        return ""

    def _bounded(self, name: str, value: str) -> str:
        if len(value) > TEXT_LIMIT:
            self._refuse(name, f"must be at most {TEXT_LIMIT} characters")
        return value

    def _few(self, name: str, value: Any) -> Any:
        if len(value) > TAG_LIMIT:
            self._refuse(name, f"must hold at most {TAG_LIMIT}")
            return type(value)()
        return value

    def _instant(self, name: str, value: str) -> datetime | None:
        return self._read(name, value, instant, "must be an ISO-8601 time with its offset") if value else None

    def _read(self, name: str, value: str, reader: Callable[[str], datetime], problem: str) -> datetime | None:
        try:
            return reader(value)
        except (ValueError, OverflowError):
            self._refuse(name, problem)
            return None

    def _refuse(self, name: str, problem: str) -> None:
        self.problems.setdefault(self._path(name)[:TEXT_LIMIT], problem)

    def _path(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name
