"""Query pages of a night, read by orjson, which only the night's layer holds."""

from __future__ import annotations

import json
from typing import Any

import orjson

from hearback.adapters.dynamo.fast_replies import EVENT, read_replies_fast


def read_pages_fast(client: Any) -> Any:
    """The same client, whose Query answers are read by orjson. Every other operation is left alone."""
    return read_replies_fast(client, orjson.loads, f"{EVENT}.Query")


def loads(text: str | bytes) -> Any:
    """As `json.loads`, ten times as fast; what orjson refuses (NaN, a lone surrogate) is read by the standard library."""
    try:
        return orjson.loads(text)
    except ValueError:
        return json.loads(text)
