"""Handlers that are built during Lambda's init phase, and not at import anywhere else."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

from hearback.runtime.environment import inside_lambda

Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


def entrypoint(build: Callable[[], Handler]) -> Handler:
    """The function's handler. Inside Lambda it is built now, and the collector, at rest since the package was imported (measured: a
    sixth of the start), works again; elsewhere (tests) on the first call, so that importing a handler does nothing.
    """
    built: list[Handler] = []
    if inside_lambda():
        built.append(build())
        gc.enable()
        gc.freeze()

    def handler(event: Event, context: Any) -> Any:
        if not built:
            built.append(build())
        return built[0](event, context)

    return handler
