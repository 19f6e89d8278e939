"""What stands between the code under test and a port: it stops the caller, lets others move, loses messages, ends the process,
and keeps the history: which call was begun, and whether it is known to have been done (ok), not done (fail), or neither (info).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from hearback.domain.errors import HearbackError, Misconfigured, Unavailable
from tests.sim.kernel import Crash, Kernel, Task
from tests.sim.weather import Weather

READS: dict[str, frozenset[str]] = {
    "stories": frozenset({"get", "due_before", "answers_of_day", "asked_of_day"}),
    "people": frozenset({"opted_out", "last_invitation", "known"}),
    "conversations": frozenset({"reopened_at"}),
    "nights": frozenset({"dirty_days", "scored_until"}),
    "quarantine": frozenset({"newest", "between"}),
    "census": frozenset({"page"}),
    "warden": frozenset({"ledger_seen"}),
    "configs": frozenset({"get", "all"}),
    "secrets": frozenset({"get"}),
    "blobs": frozenset({"get", "open", "size", "keys"}),
    "outbox": frozenset(),
}
"""By port. Any other method counts as a write: one that is new is treated with care before anybody has named it."""

OWN_REPEATS = frozenset(
    {
        *("claim", "settle", "remind", "note_delivery", "note_forwards", "postpone", "skip", "replay_forward", "push_due"),
        *("take_slot", "release_slot", "opt_out", "mark_dirty", "clean", "reopen", "create"),
    }
)
"""Writes that a client may repeat by itself after a lost reply: answer and effect must be those of one write. (`add` and
`record_answer` tell a repeat by what only the adapter sees; tests/contract has those.)"""

_WRITE_FAULTS = ("crash_before", "crash_after", "lost_request", "lost_reply", "throttled", "denied", "slow")
_READ_FAULTS = ("crash_before", "crash_after", "lost_request", "throttled", "denied", "slow")

Observer = Callable[[str, tuple[Any, ...], Any], None]


@dataclass(slots=True)
class Operation:
    """One call of the history. `outcome`: ok, fail, or info (nobody knows)."""

    scope: str
    number: int
    port: str
    method: str
    began: float
    ended: float = -1.0
    outcome: str = "info"
    fault: str = ""

    @property
    def where(self) -> str:
        return f"{self.scope}#{self.number}"


class History(Protocol):
    kernel: Kernel
    weather: Weather
    operations: list[Operation]

    def wrote(self, port: str, method: str) -> None: ...


class Gate:
    """Any port object, seen through the weather. `observe` hears of every effect; `stale` may answer a read with the past."""

    def __init__(
        self, history: History, port: str, inner: Any, *, observe: Observer | None = None, stale: Callable[..., Any] | None = None
    ) -> None:
        self._history = history
        self._port = port
        self._inner = inner
        self._observe = observe
        self._stale = stale
        self._reads = READS[port]

    def __getattr__(self, method: str) -> Any:
        inner = getattr(self._inner, method)
        if not callable(inner):
            return inner

        def call(*args: Any, **named: Any) -> Any:
            return self._call(method, args, named)

        self.__dict__[method] = call
        return call

    def _call(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        history = self._history
        kernel = history.kernel
        task = kernel.current
        if task is None or task.owner is None:
            return self._effect(method, args, named)
        operation = begin(history, task, self._port, method)
        try:
            return self._pass(task, operation, method, args, named)
        except Crash:
            task.crashed = True
            raise
        except HearbackError:
            if operation.outcome == "info" and not operation.fault:
                operation.outcome = "ok"  # the port's own answer, such as `Gone`
            raise
        finally:
            finish(history, task, operation)

    def _pass(self, task: Task, operation: Operation, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        weather, now = self._history.weather, task.kernel.now
        stream = task.scope.stream
        roll, pace, turn = stream.random(), stream.random(), stream.random()
        reading = method in self._reads
        kinds = _READ_FAULTS if reading else (*_WRITE_FAULTS, "repeated") if method in OWN_REPEATS else _WRITE_FAULTS
        if method == "forward" and self._port == "outbox":
            kinds = ("partial", *kinds)
            args = (list(args[0]),)
        fault = operation.fault = weather.pick(kinds, roll, operation.where, now)
        if fault == "crash_before":
            operation.outcome = "fail"
            raise Crash
        delay = 0.002 + 0.02 * pace if fault != "slow" else 0.5 + 40 * pace**3
        effect: Callable[[], Any] = lambda: self._effect(method, args, named)  # noqa: E731 - named for what it is
        if not reading and turn < 0.5 and fault != "lost_request":
            task.in_flight = (now + delay, effect)
        task.sleep(delay)
        task.in_flight = None
        self._refuse(task, operation, fault, pace)
        if fault == "partial":
            self._effect(method, (args[0][: int(turn * len(args[0]))],), named)
            raise Unavailable("some messages were left over")
        value = self._answered(operation, method, args, named, turn) if reading else effect()
        if fault == "repeated":
            task.sleep(0.2 + pace)
            value = effect()
        if fault == "crash_after":
            raise Crash
        if fault == "lost_reply":
            task.sleep(2 + 6 * pace)
            raise Unavailable("no reply in time")
        if turn > 0.75:
            task.sleep(0.002 + 0.05 * pace)
        operation.outcome = "ok"
        return value

    def _refuse(self, task: Task, operation: Operation, fault: str, pace: float) -> None:
        if fault not in {"lost_request", "throttled", "denied"}:
            return
        operation.outcome = "fail"
        task.sleep((2 + 6 * pace) if fault == "lost_request" else 0.3)
        if fault == "denied":
            raise Misconfigured("AccessDenied")
        raise Unavailable("no reply in time" if fault == "lost_request" else "throttled")

    def _effect(self, method: str, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        value = getattr(self._inner, method)(*args, **named)
        if isinstance(value, Iterator) and not hasattr(value, "read"):
            return iter(list(value))
        if method not in self._reads:
            self._history.wrote(self._port, method)
            if self._observe is not None:
                self._observe(method, args, value)
        return value

    def _answered(self, operation: Operation, method: str, args: tuple[Any, ...], named: dict[str, Any], turn: float) -> Any:
        value = self._effect(method, args, named)
        if self._stale is None:
            return value
        return self._stale(operation, method, args, named, value, turn)


def begin(history: History, task: Task, port: str, method: str) -> Operation:
    """The next call of a function's task. What is dead calls nobody."""
    if task.crashed:
        raise Crash
    scope = task.scope
    scope.calls += 1
    operation = Operation(scope.name, scope.calls, port, method, task.kernel.now)
    history.operations.append(operation)
    return operation


def finish(history: History, task: Task, operation: Operation) -> None:
    kernel = history.kernel
    operation.ended = kernel.now
    kernel.note(
        operation.where, f"{operation.port}.{operation.method} {operation.outcome}{' !' if operation.fault else ''}{operation.fault}"
    )
