"""The canonical trigger: a conversation was closed or reopened, or a person asked for a survey by hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from hearback.domain.ids import invitation_id


class TriggerKind(StrEnum):
    CLOSED = "conversation.closed"
    REOPENED = "conversation.reopened"
    REQUESTED = "survey.requested"


@dataclass(frozen=True, slots=True)
class Conversation:
    """`channel` is one of our channel kinds where it maps to one ("whatsapp", "email"), else the vendor's own word.
    `closed_at` is ISO-8601 or empty.
    """

    id: str = ""
    channel: str = ""
    closed_at: str = ""
    subject: str = ""
    tags: tuple[str, ...] = ()
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """Who would be asked. `addresses` maps a channel kind to the address there; `phone` is E.164 where known."""

    id: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    language: str = ""
    timezone: str = ""
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Agent:
    id: str = ""
    name: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """`occurred_at` is the sender's time of the event (aware, UTC): it, not arrival, orders closings and reopenings.
    `excluded` says why the source's own settings leave this trigger out; empty: they do not.
    """

    source: str
    event_id: str
    kind: TriggerKind
    occurred_at: datetime
    conversation: Conversation = field(default_factory=Conversation)
    contact: Contact = field(default_factory=Contact)
    agent: Agent = field(default_factory=Agent)
    survey: str = ""
    excluded: str = ""

    @property
    def invitation_id(self) -> str:
        return invitation_id(self.source, self.event_id)

    def to_plain(self) -> dict[str, Any]:
        """JSON-ready, without what is empty; `from_plain` gives the same trigger back."""
        plain = asdict(self)
        plain["kind"] = self.kind.value
        plain["occurred_at"] = self.occurred_at.isoformat()
        plain["conversation"]["tags"] = list(self.conversation.tags)
        for part in ("conversation", "contact", "agent"):
            plain[part] = {name: value for name, value in plain[part].items() if value}
        if not self.excluded:
            del plain["excluded"]
        return plain

    @staticmethod
    def from_plain(plain: dict[str, Any]) -> Trigger:
        conversation = dict(plain.get("conversation") or {})
        conversation["tags"] = tuple(conversation.get("tags") or ())
        return Trigger(
            source=plain["source"],
            event_id=plain["event_id"],
            kind=TriggerKind(plain["kind"]),
            occurred_at=datetime.fromisoformat(plain["occurred_at"]),
            conversation=Conversation(**conversation),
            contact=Contact(**(plain.get("contact") or {})),
            agent=Agent(**(plain.get("agent") or {})),
            survey=plain.get("survey", ""),
            excluded=plain.get("excluded", ""),
        )


@dataclass(frozen=True, slots=True)
class Ignored:
    """A genuine event that starts nothing (another status, an outgoing message): acknowledged, not stored."""

    reason: str
