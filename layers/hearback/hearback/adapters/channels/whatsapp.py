"""WhatsApp Cloud API, outbound: a list to tap within 24 hours of the customer's last message, an approved template after.

The API has no idempotency key: a send that was not answered is `Silence`. Facts: developers.facebook.com,
business-messaging/whatsapp/messages/interactive-list-messages and /support/error-codes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from hearback.domain.survey import Survey
from hearback.domain.trigger import Contact
from hearback.ports import (
    Accepted,
    Busy,
    Http,
    HttpRequest,
    HttpResponse,
    NoReply,
    NotSent,
    Question,
    Refusal,
    ScoreLink,
    Secret,
    SendResult,
    Silence,
)

GRAPH = "https://graph.facebook.com"
API_VERSION = "v25.0"
ROW_MARK = "hb1"
"""Begins the id of every row and button that is ours: `hb1|{invitation id}|{rating}`."""

MOST_ROWS = 10
_BODY, _SHORT_BODY, _BUTTON, _ROW_TITLE, _ROW_DESCRIPTION, _URL_BUTTON = 4096, 1024, 20, 24, 72, 20
_NUMBER_PUNCTUATION = re.compile(r"[+\s()./-]")
_BUSINESS_SCOPED = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
_SEND_SECONDS = 15.0

BUSY_CODES = frozenset({4, 80007, 130429, 131000, 131016, 131048, 131056, 131064, 133016})
"""Not taken, and would be later: rate limits and passing trouble."""

WINDOW_CLOSED = 131047
WHOLE_CHANNEL_CODES = frozenset({0, 3, 10, 190, 368, 131026, 131030, 131031, 131049, 131050, 130472, *range(200, 300)})
"""No rung of this channel can work: the token or account is refused, or this person cannot be reached."""


def row_id(invitation_id: str, rating: int) -> str:
    return f"{ROW_MARK}|{invitation_id}|{rating}"


class Whatsapp:
    kind: str = "whatsapp"
    secret_fields: tuple[str, ...] = ("access_token", "app_secret", "verify_token")

    def __init__(self, http: Http, base_url_default: str = "") -> None:
        self._http = http
        self._base_url_default = base_url_default

    def rungs(self, settings: Mapping[str, Any], survey: Survey) -> tuple[str, ...]:  # noqa: ARG002
        return ("question", "template") if settings.get("template") else ("question",)

    def address_of(self, contact: Contact) -> str:
        return contact.addresses.get("whatsapp") or contact.phone

    def send(self, question: Question, address: str, rung: str, settings: Mapping[str, Any], secret: Secret) -> SendResult:
        number_id = (settings.get("credentials") or {}).get("phone_number_id") or secret.values.get("phone_number_id")
        token = secret.values.get("access_token")
        if not token or not number_id:
            return Refusal("no_credentials", "the channel has no access token or phone number id", rest_of_channel=True)
        base = str(settings.get("base_url") or self._base_url_default or GRAPH).rstrip("/")
        request = HttpRequest(
            "POST",
            f"{base}/{settings.get('api_version') or API_VERSION}/{number_id}/messages",
            {"authorization": f"Bearer {token}", "content-type": "application/json"},
            json.dumps(message(question, address, rung, settings), ensure_ascii=False).encode(),
        )
        try:
            response = self._http.send(request, deadline_seconds=_SEND_SECONDS, trusted=not settings.get("base_url"))
        except NotSent as error:
            return Busy(f"not_sent: {error}"[:100])
        except NoReply:
            return Silence("no reply in time")
        return _result(response)


def message(question: Question, address: str, rung: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The body of POST /{phone number id}/messages. `biz_opaque_callback_data` comes back with every word on its delivery."""
    shown = _template(question, settings["template"]) if rung == "template" else _interactive(question)
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(address),
        "biz_opaque_callback_data": f"{question.invitation_id}:{question.attempt}",
        **shown,
    }


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, the last being an ellipsis when something was left out."""
    text = text.strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _recipient(address: str) -> dict[str, str]:
    """`to` takes a number's digits; people who hide their number are reached by their business-scoped id."""
    if _BUSINESS_SCOPED.fullmatch(address):
        return {"recipient": address}
    return {"to": _NUMBER_PUNCTUATION.sub("", address)}


def _interactive(question: Question) -> dict[str, Any]:
    rows = [_row(question, score) for score in question.scores]
    shown = _list(question, rows) if len(rows) <= MOST_ROWS else _link(question)
    return {"type": "interactive", "interactive": shown}


def _list(question: Question, rows: list[dict[str, str]]) -> dict[str, Any]:
    button = question.words.get("whatsapp_button") or "1 - 5"
    section = cut(question.words.get("whatsapp_section", ""), _ROW_TITLE)
    return {
        "type": "list",
        "body": {"text": cut(question.question, _BODY)},
        "action": {"button": cut(button, _BUTTON), "sections": [{**({"title": section} if section else {}), "rows": rows}]},
    }


def _row(question: Question, score: ScoreLink) -> dict[str, str]:
    """The rating as title; its words below, where the title has no room for them."""
    row = {"id": row_id(question.invitation_id, score.rating)}
    if len(score.label) <= _ROW_TITLE:
        return {**row, "title": score.label}
    return {**row, "title": str(score.rating), "description": cut(score.label, _ROW_DESCRIPTION)}


def _link(question: Question) -> dict[str, Any]:
    """A list has ten rows at most: a 0-10 question is answered on the page, or by typing a number."""
    first, last = question.scores[0].rating, question.scores[-1].rating
    typing = question.words.get("chat_reply", "").format(min=first, max=last)
    ends = "\n".join(f"{rating} = {words}" for rating, words in ((first, question.low), (last, question.high)) if words)
    text = "\n\n".join(filter(None, (cut(question.question, _SHORT_BODY - len(ends) - len(typing) - 4), ends, typing)))
    button = question.words.get("whatsapp_button") or f"{first} - {last}"
    parameters = {"display_text": cut(button, _URL_BUTTON), "url": question.page}
    return {"type": "cta_url", "body": {"text": cut(text, _SHORT_BODY)}, "action": {"name": "cta_url", "parameters": parameters}}


def _template(question: Question, settings: Mapping[str, Any]) -> dict[str, Any]:
    """An approved template: its body's {{1}}, {{2}}, ... from `body`, and its buttons as `buttons` says."""
    said = {"question": question.question, "low": question.low, "high": question.high, "subject": question.subject, "page": question.page}
    components: list[dict[str, Any]] = []
    if texts := [said[name] for name in settings.get("body") or ()]:
        parameters = [{"type": "text", "text": cut(" ".join(text.split()), _SHORT_BODY)} for text in texts]
        components.append({"type": "body", "parameters": parameters})
    if settings.get("buttons", "link") == "link":
        suffix = question.page.rpartition("/")[2]
        components.append({"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": suffix}]})
    elif settings["buttons"] == "ratings":
        for index, score in enumerate(question.scores[:MOST_ROWS]):
            payload = {"type": "payload", "payload": row_id(question.invitation_id, score.rating)}
            components.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": [payload]})
    language = (settings.get("languages") or {}).get(question.language) or settings.get("language") or question.language.replace("-", "_")
    shown: dict[str, Any] = {"name": settings["name"], "language": {"code": language}}
    return {"type": "template", "template": {**shown, "components": components} if components else shown}


# --- what came back -----------------------------------------------------------------------------------------------------------


def _result(response: HttpResponse) -> SendResult:
    body = _object(response.body)
    error = body.get("error")
    if isinstance(error, dict):
        return _error(error.get("code"), response)
    if 200 <= response.status < 300:  # noqa: PLR2004
        provider_id = _provider_id(body)
        return Accepted(provider_id) if provider_id else Silence("a reply without a message id")
    return _error(None, response)


def _error(code: Any, response: HttpResponse) -> SendResult:
    """By code where there is one. Without one, a server error may have come after the message was taken."""
    status = response.status
    number = code if isinstance(code, int) and not isinstance(code, bool) else None
    if number in BUSY_CODES or status in {429, 503}:
        return Busy(str(number if number is not None else status), response.retry_after(None))
    if number is None and (status >= 500 or status < 400):  # noqa: PLR2004
        return Silence(f"the answer was {status}")
    if number is None:
        return Refusal(str(status), f"the answer was {status}", rest_of_channel=status in {401, 403})
    if number in {1, 2} and status >= 500:  # noqa: PLR2004
        return Silence(f"the answer was {status}, code {number}")
    return Refusal(str(number), f"the answer was {status}", rest_of_channel=number in WHOLE_CHANNEL_CODES)


def _provider_id(body: dict[str, Any]) -> str:
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    found = first.get("id") if isinstance(first, dict) else None
    return found if isinstance(found, str) else ""


def _object(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
