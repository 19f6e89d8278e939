"""How invitations travel and answers come back. A new channel is one module and one line in `REGISTRY`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearback.adapters.channels.email import Email, SesClient
from hearback.adapters.channels.web import Web
from hearback.adapters.channels.whatsapp import Whatsapp
from hearback.adapters.channels.whatsapp_replies import WhatsappReplies
from hearback.ports import Channel, Http, ReplyReader


@dataclass(frozen=True)
class Means:
    """What channels send with. `vendor_url` gives a vendor's base address in a local stack, and is empty elsewhere."""

    http: Http
    ses: SesClient
    vendor_url: Callable[[str], str] = lambda _: ""
    email_from: str = ""


REGISTRY: dict[str, Callable[[Means], Channel]] = {
    "email": lambda means: Email(means.ses, base_url_default=means.vendor_url("ses"), sender_default=means.email_from),
    "whatsapp": lambda means: Whatsapp(means.http, means.vendor_url("whatsapp")),
    "web": lambda _: Web(),
}

REPLIES: dict[str, ReplyReader] = {"whatsapp": WhatsappReplies()}
"""The inbound side, for channels that have one."""

NEEDS_NO_SETTINGS: dict[str, dict[str, str]] = {"email": {"kind": "email"}, "web": {"kind": "web"}}
"""Kinds that work before anybody has configured them, with the settings they then have."""
