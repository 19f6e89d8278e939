"""E-mail through SES v2: one message, its scores being links. Nothing is fetched when it is opened: no image, no pixel.

SES has no idempotency key, so the client that wiring passes in must try once only (`total_max_attempts` 1): whether to send
again is decided by what `send` answers, never by the SDK.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from hearback.adapters.aws.ses import send_email, utf8
from hearback.adapters.channels.email_parts import html_part, one_line, text_part
from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import Question, Refusal, Secret, SendResult

SesClient = Callable[[str], Any]
"""The SES v2 client for an endpoint (empty: AWS's own)."""

_SUBJECT_LIMIT = 200


class Email:
    kind: str = "email"
    secret_fields: tuple[str, ...] = ()

    def __init__(self, client: SesClient, *, base_url_default: str = "", sender_default: str = "") -> None:
        self._client = client
        self._base_url_default = base_url_default
        self._sender_default = sender_default

    def rungs(self, settings: Mapping[str, Any], survey: Survey) -> tuple[str, ...]:  # noqa: ARG002
        return ("message",)

    def address_of(self, contact: Contact) -> str:
        return (contact.addresses.get("email") or contact.email).strip()

    def send(self, question: Question, address: str, rung: str, settings: Mapping[str, Any], secret: Secret) -> SendResult:  # noqa: ARG002
        sender = settings.get("from") or self._sender_default
        if not sender:
            return Refusal("no_sender", "neither the channel nor the stack names a sender", rest_of_channel=True)
        client = self._client(settings.get("base_url") or self._base_url_default)
        return send_email(client, email_request(question, address, sender, settings))


def email_request(question: Question, address: str, sender: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of SES v2 SendEmail."""
    headers = {"List-Unsubscribe": f"<{question.unsubscribe}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    content = {
        "Subject": utf8(one_line(question.subject)[:_SUBJECT_LIMIT]),
        "Body": {"Text": utf8(text_part(question)), "Html": utf8(html_part(question))},
        "Headers": [{"Name": name, "Value": value} for name, value in headers.items()],
    }
    tags = {"invitation": question.invitation_id, "attempt": question.attempt}
    request: dict[str, Any] = {
        "FromEmailAddress": sender,
        "Destination": {"ToAddresses": [address]},
        "Content": {"Simple": content},
        "EmailTags": [{"Name": name, "Value": value} for name, value in tags.items()],
    }
    if settings.get("reply_to"):
        request["ReplyToAddresses"] = [settings["reply_to"]]
    if settings.get("configuration_set"):
        request["ConfigurationSetName"] = settings["configuration_set"]
    return request
