"""What each call to DynamoDB consumed, as the engine itself says; each by the step of the play that made it."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

_READS = {"GetItem", "Query"}
_METERED = _READS | {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem"}
"""Whatever else is called fails the play: above all a scan, which costs the more the more is kept."""

_UNIT = 1024


@dataclass
class Meter:
    """`units` and `calls` by (step, what). `index` is the part of the write units that went to indexes."""

    step: str = ""
    units: defaultdict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def attach(self, client: Any) -> None:
        client.meta.events.register("provide-client-params.dynamodb", self._ask)
        client.meta.events.register("after-call.dynamodb", self._note)

    @contextmanager
    def during(self, step: str) -> Iterator[None]:
        before, self.step = self.step, step
        try:
            yield
        finally:
            self.step = before

    def count(self, what: str, number: float = 1) -> None:
        with self._lock:
            self.units[self.step, what] += number

    def _ask(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        """Reading the settings is a step of its own: how often it happens depends on the traffic, not on the survey."""
        assert model.name in _METERED, f"{model.name} has no place on a survey's way"
        params["ReturnConsumedCapacity"] = "INDEXES"
        context["settings"] = "CONFIG#" in str(params)

    def _note(self, parsed: dict[str, Any], model: Any, context: dict[str, Any], **_: Any) -> None:
        step = "settings" if context.get("settings") else self.step
        found = parsed.get("ConsumedCapacity", [])
        what = "read units" if model.name in _READS else "write units"
        with self._lock:
            self.calls[step, model.name] += 1
            for used in found if isinstance(found, list) else [found]:
                self.units[step, what] += used["CapacityUnits"]
                self.units[step, "index"] += sum(each["CapacityUnits"] for each in used.get("GlobalSecondaryIndexes", {}).values())
            if parsed.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                self.units[step, "write units"] += _refused_units(parsed.get("Item", {}))
                self.calls[step, "refused"] += 1


def _refused_units(item: dict[str, Any]) -> int:
    """DynamoDB Local forgets them: a refused write costs what the item in its way would (at least one unit)."""
    return max(1, math.ceil(size_of(item) / _UNIT))


def size_of(item: dict[str, Any]) -> int:
    """Bytes of an item in the wire's form, as DynamoDB counts them, to a few."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: dict[str, Any]) -> int:
    ((kind, held),) = value.items()
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return len(held) // 2 + 2
        case "L":
            return 3 + sum(1 + _size(each) for each in held)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(each) for name, each in held.items())
        case "SS":
            return sum(len(each.encode()) for each in held)
        case _:
            return 1
