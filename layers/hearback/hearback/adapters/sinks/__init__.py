"""Where answers go. A new sink is one module and one line in `REGISTRY`."""

from __future__ import annotations

from collections.abc import Callable

from hearback.adapters.sinks.google_sheets import GoogleSheets
from hearback.adapters.sinks.http import HttpSink
from hearback.adapters.sinks.zendesk import ZendeskSink
from hearback.ports import Http, Sink

REGISTRY: dict[str, Callable[[Http, str], Sink]] = {
    "http": HttpSink,
    "google-sheets": GoogleSheets,
    "zendesk": ZendeskSink,
}
"""By kind: the HTTP client and the vendor's base address in a local stack (else empty) make a sink."""

VENDORS: dict[str, str] = {"google-sheets": "google", "zendesk": "zendesk"}
"""What a kind's vendor is called where a local stack has a stand-in for it."""
