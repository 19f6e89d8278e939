"""Where triggers come from. A new source is one module and one line in `REGISTRY`."""

from __future__ import annotations

from collections.abc import Callable

from hearback.adapters.sources.chatwoot import Chatwoot
from hearback.adapters.sources.respondio import Respondio
from hearback.adapters.sources.standard import Standard
from hearback.adapters.sources.zendesk import Zendesk, ZendeskContacts
from hearback.ports import ContactLookup, Http, Source

REGISTRY: dict[str, Source] = {
    "standard": Standard(),
    "zendesk": Zendesk(),
    "chatwoot": Chatwoot(),
    "respondio": Respondio(),
}

LOOKUPS: dict[str, Callable[[Http, str], ContactLookup]] = {"zendesk": ZendeskContacts}
"""By source kind: the HTTP client and the vendor's base address in a local stack (else empty) make a lookup."""
