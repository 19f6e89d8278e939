"""Values that somebody will send one day, and samples with such values in odd places."""

from __future__ import annotations

import random
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st

TIMES = [
    *("NaN", "Infinity", "-1", "0", "1e9", "1772452800.0", " 1772452800", "1772452800\n", "9" * 11, "9" * 12, "9" * 400, "٣", "²"),
    *("0x69a57a80", "1_772_452_800", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "0999-06-01T00:00:00Z"),
    *("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "2026-03-02T12:00:00", "2026-W10-1", "20260302T120000Z"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text() | st.sampled_from(TIMES),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) inside a value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, each in inner for found in [(value, key), *places(each)]]


def mutate(value: dict[str, Any], dice: random.Random, odd: list[Any]) -> None:
    """Some of its values become odd ones, change places, go away, or are said twice."""
    for _ in range(dice.randint(1, 4)):
        if not (there := places(value)):
            return
        container, key = dice.choice(there)
        match dice.randrange(4):
            case 0 | 1:
                container[key] = deepcopy(dice.choice(odd))
            case 2:
                del container[key]
            case 3:
                container[key] = [container[key], deepcopy(container[key])]


FOREIGN: list[Any] = [
    *(None, True, False, 0, -1, 2**63, 10**400, 1e308, -0.0, "", " ", "\0", "\ud83d", "🙂" * 600, "a" * 70_000, *TIMES),
    *("null", "../..", "{{ agent }}", "=1+1", "<script>", [], {}, [[]], [None], {"": None}, [{"id": 1}, "x"]),
    *({"id": {"id": {"id": 1}}}, ["tag"] * 500, {str(n): n for n in range(300)}),
]
