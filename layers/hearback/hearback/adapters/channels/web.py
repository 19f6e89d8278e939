"""A link that somebody hands out: in a chat widget, on a receipt, as a QR code. There is nothing to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import Accepted, Question, Secret, SendResult


class Web:
    kind: str = "web"
    secret_fields: tuple[str, ...] = ()

    def rungs(self, settings: Mapping[str, Any], survey: Survey) -> tuple[str, ...]:  # noqa: ARG002
        return ("link",)

    def address_of(self, contact: Contact) -> str:
        """Whoever is shown the link can answer; whether anybody will show it is for the use case to judge."""
        return contact.addresses.get("web") or "link"

    def send(self, question: Question, address: str, rung: str, settings: Mapping[str, Any], secret: Secret) -> SendResult:  # noqa: ARG002
        return Accepted(f"web:{question.invitation_id}")
