"""What a local stack uses where AWS would need a vendor's credentials: its vendors are stubs, and take anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

StandIns = Mapping[tuple[str, str], Callable[[], Mapping[str, Any]]]

_ZENDESK = {"email": "agent@example.com", "api_token": "a-stub-takes-any-token"}


def stand_ins() -> StandIns:
    return {
        ("sources", "zendesk"): lambda: _ZENDESK,
        ("sinks", "zendesk"): lambda: _ZENDESK,
        ("sinks", "google-sheets"): lambda: {"spreadsheet_id": "local", "service_account": _service_account()},
    }


@cache
def _service_account() -> dict[str, str]:
    """A key of this process's own: a real one, so that the requests are signed as they would be."""
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - only a local stack comes here
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {"client_email": "local@example.com", "private_key": pem.decode()}
