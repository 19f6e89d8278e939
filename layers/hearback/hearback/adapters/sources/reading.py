"""Reads vendors' bodies without trusting a single type in them: what is missing or odd is empty, never an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

TEXT_LIMIT = 500
"""Characters of an id, a name, a subject or a tag that are kept."""

TAG_LIMIT = 100
ATTRIBUTE_BYTES = 32_000
"""Bytes of custom attributes that are kept, as JSON: a story is one table item of at most 400 kB."""


def part(value: Any, *path: str) -> dict[str, Any]:
    """The object at a path, empty when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def text(value: Any) -> str:
    """A text, or a whole number as text (vendors' ids are sometimes the one, sometimes the other); else empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    try:
        return str(value).strip()[:TEXT_LIMIT]
    except ValueError:  # an integer of more digits than Python prints
        return ""


def first(*values: Any) -> str:
    """The first value that is a text, and not empty."""
    return next((found for each in values if (found := text(each))), "")


def texts(value: Any) -> tuple[str, ...]:
    """A list of texts, or a text of words as Zendesk's placeholders write tags; each once, in their order."""
    given = value.replace(",", " ").split() if isinstance(value, str) else value if isinstance(value, list) else []
    return tuple(dict.fromkeys(found for each in given if (found := text(each))))[:TAG_LIMIT]


def attributes(*maps: Mapping[str, Any]) -> dict[str, Any]:
    """What is not empty in these maps, a later one winning, as far as `ATTRIBUTE_BYTES` reach."""
    kept: dict[str, Any] = {}
    room = ATTRIBUTE_BYTES
    for name, value in {key: each for one in maps for key, each in one.items()}.items():
        if value is None or value in ("", [], {}):
            continue
        room -= _size(name) + _size(value)
        if room < 0:
            break
        kept[name] = value
    return kept


def unix_time(value: Any) -> datetime | None:
    """Unix seconds as a number, or as text with nothing but a number in it."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:20])
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def iso_time(value: Any) -> datetime | None:
    """ISO-8601, in UTC where it names no offset."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
        return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment else ""


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False).encode(errors="replace"))
