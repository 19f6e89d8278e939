"""Faults between botocore and an engine: the request that never arrives, and the reply that never comes back.

moto answers inside botocore's `before-send`. Raising there before asking it loses the request; asking it and then raising
loses the reply: the write is done and the client, told of a timeout, repeats it by itself. An engine behind a socket is asked
by a session of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from moto.core.models import botocore_stubber

Kind = Literal["request", "reply"]


def over_a_socket(_event_name: str, request: Any, **_: Any) -> None:
    """Ask whatever engine the request's address belongs to."""
    URLLib3Session().send(request.prepare() if hasattr(request, "prepare") else request)


@dataclass
class Wire:
    """What passes between a client and its engine. `calls` are the operations in order, repeats included; `lose` maps a call's
    place to what gets lost there; `between` runs after that call's effect and before the client repeats it; `arrive` asks the
    engine.
    """

    calls: list[str] = field(default_factory=list)
    lose: dict[int, Kind] = field(default_factory=dict)
    between: Callable[[], object] | None = None
    arrive: Callable[..., object] = botocore_stubber
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
            self.arrive(event_name, request, **rest)
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
