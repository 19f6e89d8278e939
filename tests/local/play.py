"""Signs the sample webhooks that the playground and the demo send, as the real senders would."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.local.http_parts import Request

if TYPE_CHECKING:
    from datetime import datetime


def request_for(what: str, wish: dict[str, Any], now: datetime) -> Request:
    raise ValueError(what)
