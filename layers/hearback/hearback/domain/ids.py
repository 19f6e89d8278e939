"""Identifiers. They are derived, not drawn, wherever that makes a repeat harmless."""

from __future__ import annotations

import base64
import hashlib
import re

SHARDS = 4
"""How many partitions the `due` index and each day's index are spread over."""

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""What an operator may call a survey, source, channel or sink: it appears in URLs, keys and secret names."""


def invitation_id(source: str, event_id: str) -> str:
    """22 URL-safe characters (132 bits) that depend on nothing but the trigger, so a redelivery finds its own story."""
    digest = hashlib.sha256(f"{source}\0{event_id}".encode()).digest()
    return base64.urlsafe_b64encode(digest)[:22].decode()


def shard_of(invitation: str) -> int:
    """A stable partition number, 0 to SHARDS-1."""
    return hashlib.sha256(invitation.encode()).digest()[0] % SHARDS


def fraction_of(*parts: str) -> float:
    """A number in [0, 1) that a redelivery cannot re-roll: the same parts give the same number in every process."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
