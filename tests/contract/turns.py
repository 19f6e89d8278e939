"""Several callers of one botocore client, moved call by call in an order that the test draws: interleavings that can be repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from moto.core.models import botocore_stubber

Result = TypeVar("Result")
PATIENCE_SECONDS = 30


class _Caller(threading.Thread):
    """Stops before each of its calls until it is given a turn."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self._turn = threading.Semaphore(0)
        self._waiting = threading.Semaphore(0)
        self.result: object = None
        self.error: BaseException | None = None
        self.done = False

    def run(self) -> None:
        self._turn.acquire()
        try:
            self.result = self._act()
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            self.error = error
        self.done = True
        self._waiting.release()

    def pause(self) -> None:
        self._waiting.release()
        assert self._turn.acquire(timeout=PATIENCE_SECONDS)

    def step(self) -> None:
        """Let it run to its next call, or to its end."""
        self._turn.release()
        assert self._waiting.acquire(timeout=PATIENCE_SECONDS)


def interleaved(client: Any, acts: Sequence[Callable[[], Result]], order: Iterator[int]) -> list[Result]:
    """The acts' results. `order` says who moves next, counted among those who are not done."""
    callers = [_Caller(act) for act in acts]
    with _paused_before_each_call(client):
        for each in callers:
            each.start()
        while active := [each for each in callers if not each.done]:
            active[next(order) % len(active)].step()
    for each in callers:
        each.join()
        if each.error is not None:
            raise each.error
    return [each.result for each in callers]  # type: ignore[misc]


@contextmanager
def _paused_before_each_call(client: Any) -> Iterator[None]:
    def pause(**_: Any) -> None:
        caller = threading.current_thread()
        if isinstance(caller, _Caller):
            caller.pause()

    client.meta.events.register_first("before-send.dynamodb", pause)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb", pause)


@contextmanager
def one_call_at_a_time(client: Any) -> Iterator[None]:
    """DynamoDB treats one item's writes one after the other; moto, called by threads, may check two conditions at once."""
    lock = threading.Lock()

    def answer(event_name: str, request: Any, **rest: Any) -> Any:
        with lock:
            return botocore_stubber(event_name, request, **rest)

    client.meta.events.register_first("before-send.dynamodb", answer)
    try:
        yield
    finally:
        client.meta.events.unregister("before-send.dynamodb", answer)
