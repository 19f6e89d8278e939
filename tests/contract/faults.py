"""Faults between botocore and moto: the request that never arrives, and the reply that never comes back.

moto answers inside botocore's `before-send`. Raising there before asking it loses the request; asking it and then raising
loses the reply: the write is done and the client, told of a timeout, repeats it by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ReadTimeoutError
from moto.core.models import botocore_stubber

Kind = Literal["request", "reply"]


@dataclass
class Wire:
    """What passes between a client and moto. `calls` are the operations in order, repeats included; `lose` maps a call's
    place to what gets lost there; `between` runs after that call's effect and before the client repeats it.
    """

    calls: list[str] = field(default_factory=list)
    lose: dict[int, Kind] = field(default_factory=dict)
    between: Callable[[], object] | None = None
    _inside: bool = False

    def __call__(self, event_name: str, request: Any, **rest: Any) -> Any:
        if self._inside:
            return None
        place = len(self.calls)
        self.calls.append(event_name.rsplit(".", 1)[-1])
        lost = self.lose.get(place)
        if lost is None:
            return None
        if lost == "reply":
            botocore_stubber(event_name, request, **rest)
            self._meanwhile()
        raise ReadTimeoutError(endpoint_url=request.url)

    def _meanwhile(self) -> None:
        if self.between is not None:
            self._inside = True
            self.between()
            self._inside = False


@contextmanager
def wire(client: Any, service: str = "dynamodb", **how: Any) -> Iterator[Wire]:
    tapped = Wire(**how)
    client.meta.events.register_first(f"before-send.{service}", tapped)
    try:
        yield tapped
    finally:
        client.meta.events.unregister(f"before-send.{service}", tapped)
