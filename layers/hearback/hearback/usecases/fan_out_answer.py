"""The stream says that an answer was written: one message for the sinks that are to get it. A hint; the sweeper guarantees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hearback.ports import ForwardMessage, Outbox


@dataclass(frozen=True)
class FanOutAnswer:
    """`fresh_forwards` reads the forwards that one stream record has just set to pending, if any."""

    fresh_forwards: Callable[[Mapping[str, Any]], ForwardMessage | None]
    outbox: Outbox

    def __call__(self, records: Sequence[Mapping[str, Any]]) -> int:
        """How many messages were sent. Sending one twice is harmless: the forward's state tells."""
        messages = [each for each in map(self.fresh_forwards, records) if each is not None]
        if messages:
            self.outbox.forward(messages)
        return len(messages)
