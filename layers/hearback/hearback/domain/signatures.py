"""HMAC signatures as vendors write them, and Standard Webhooks 1.0 (github.com/standard-webhooks/standard-webhooks).

Used both ways: sources and channels check with it, the http sink signs with it. Nothing here raises on bad input.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

TOLERANCE_SECONDS = 300
"""How far the sender's signed time may be from ours, both ways."""

SECRET_PREFIX = "whsec_"  # noqa: S105 - how every Standard Webhooks secret begins
_VERSION = "v1"
_LATEST_TIMESTAMP_DIGITS = 11
"""With one more, a time could lie beyond the year 9999, where dates end."""


def hmac_sha256(key: str | bytes, signed: bytes) -> bytes:
    return hmac.new(key.encode() if isinstance(key, str) else key, signed, hashlib.sha256).digest()


def hmac_hex(key: str, signed: bytes) -> str:
    return hmac_sha256(key, signed).hex()


def hmac_base64(key: str | bytes, signed: bytes) -> str:
    return base64.b64encode(hmac_sha256(key, signed)).decode()


def same(expected: str, given: str) -> bool:
    """Equal, in time that does not depend on where they differ. Takes any text, lone surrogates included."""
    return hmac.compare_digest(expected.encode(errors="surrogatepass"), given.encode(errors="surrogatepass"))


def any_same(expected: Iterable[str], given: Iterable[str]) -> bool:
    """Whether any expected value equals any given one; every pair is compared, whatever came before."""
    wanted, found = list(expected), False
    for each in given:
        for one in wanted:
            found |= same(one, each)
    return found


def fresh(moment: datetime, now: datetime) -> bool:
    return abs((now - moment).total_seconds()) <= TOLERANCE_SECONDS


def unix_seconds(text: str) -> int | None:
    """Whole unix seconds as signers write them: ASCII digits and nothing else; None otherwise."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _LATEST_TIMESTAMP_DIGITS else None


def standard_webhooks_key(secret: str) -> bytes | None:
    """The HMAC key of a secret `whsec_<base64>` (the prefix may be missing); None when it cannot be decoded."""
    try:
        text = secret.removeprefix(SECRET_PREFIX).encode("ascii")
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True) or None
    except (UnicodeEncodeError, binascii.Error):
        return None


def standard_webhooks_signature(key: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    return f"{_VERSION}," + hmac_base64(key, f"{message_id}.{timestamp}.".encode(errors="surrogatepass") + body)
