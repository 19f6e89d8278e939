"""Reads a JSON object that a stranger wrote. Stricter than the json module: what two readers could understand differently,
and what would break a store further on, never gets past here.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any, NoReturn

from hearback.domain.errors import Malformed

DEEPEST = 64
"""Objects and lists inside each other."""

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def json_object(raw: bytes) -> dict[str, Any]:
    """The object in these bytes. Half of a cut emoji (a lone surrogate) becomes U+FFFD, since no store takes it.

    Raises `Malformed` for anything but UTF-8, anything but one JSON object, NaN, Infinity, a number too large for a
    float, a name that is there twice, and nesting deeper than `DEEPEST`.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed("the body is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise Malformed(f"the body is nested deeper than {DEEPEST} levels") from None
    except ValueError:
        raise Malformed("the body is not JSON") from None
    if not isinstance(value, dict):
        raise Malformed("the body is not a JSON object")
    _measure(value)
    return _whole_text(value) if _SURROGATE_ESCAPE.search(raw) else value


def whole_text(text: str) -> str:
    """The text with every lone surrogate replaced: what is left can be encoded."""
    return _SURROGATE.sub("\ufffd", text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("an object in the body has the same name twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise Malformed("the body holds NaN or Infinity, which JSON does not know")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise Malformed("the body holds a number that is too large")
    return number


def _measure(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise Malformed(f"the body is nested deeper than {DEEPEST} levels")
        inner = (each for container in level for each in (container.values() if isinstance(container, dict) else container))
        level = [each for each in inner if isinstance(each, dict | list)]


def _whole_text(value: Any) -> Any:
    if isinstance(value, str):
        return whole_text(value)
    if isinstance(value, list):
        return [_whole_text(each) for each in value]
    if isinstance(value, dict):
        return {whole_text(name): _whole_text(each) for name, each in value.items()}
    return value
