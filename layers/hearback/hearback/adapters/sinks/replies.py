"""What a sink's answer means for a forward, the same for every kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from hearback.ports import Delivered, DeliveryResult, Http, HttpRequest, HttpResponse, NoReply, NotSent, RetryLater, Undeliverable

NOTE_BYTES = 200
"""Of a reply's body, this much is kept to be shown."""

MASK = "***"
_LATER = frozenset({408, 409, 425, 429})
_GONE = 410
_TELLING = ("authorization", "cookie", "key", "password", "secret", "signature", "token")
_SHORTEST_MASKED = 4


def exchanged(http: Http, request: HttpRequest, *, trusted: bool, deadline_seconds: float = 20.0) -> HttpResponse | RetryLater:
    """The reply, or why there is none."""
    try:
        return http.send(request, deadline_seconds=deadline_seconds, trusted=trusted)
    except NotSent as error:
        return RetryLater(0, f"not sent: {error}"[:NOTE_BYTES])
    except NoReply:
        return RetryLater(0, "no reply in time", silence=True)


def judged(response: HttpResponse, now: datetime, secrets: Iterable[str]) -> DeliveryResult:
    """2xx is done; a redirect is not followed; what passes by itself is tried again; any other refusal is final."""
    status, note = response.status, note_of(response, secrets)
    if 200 <= status < 300:  # noqa: PLR2004
        return Delivered(status, note)
    if status in _LATER or status >= 500:  # noqa: PLR2004
        return RetryLater(status, note, response.retry_after(now))
    if 300 <= status < 400:  # noqa: PLR2004
        return Undeliverable(status, "redirects are not followed")
    return Undeliverable(status, f"the other side wants no more: {note}" if status == _GONE else note)


def note_of(response: HttpResponse, secrets: Iterable[str]) -> str:
    """The reply's beginning as one line of at most `NOTE_BYTES`, our own secrets masked wherever it echoes them."""
    text = response.body[: 4 * NOTE_BYTES].decode(errors="replace")
    for each in secrets:
        if len(each) >= _SHORTEST_MASKED:
            text = text.replace(each, MASK)
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line.encode()[:NOTE_BYTES].decode(errors="ignore")


def masked(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers as they may be shown: a value whose name tells of a secret is not."""
    return {name: MASK if any(word in name.lower() for word in _TELLING) else value for name, value in headers.items()}
