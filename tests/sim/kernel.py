"""Simulated time, and tasks that stop at every call to the world: one moves at a time, the next one being whose time has come.

A task is a greenlet, so the code under test stays as it is: synchronous. All that is random comes from `Kernel.stream`, a
generator per name: what is drawn in one place does not depend on how often something was drawn elsewhere.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import greenlet  # type: ignore[import-untyped]

Act = Callable[[], object]


class Crash(BaseException):
    """The process that ran this task is gone. No code under test may catch it."""


class Scope:
    """What a task is at, under a name that stays the same when faults are taken out of a run: its own random stream, and how
    many calls it has made.
    """

    __slots__ = ("calls", "name", "stream")

    def __init__(self, name: str, stream: Random) -> None:
        self.name = name
        self.stream = stream
        self.calls = 0


class Task:
    """Runs `act` until it ends, crashes, or is killed; `ended` hears of it. `deadline` is a moment in kernel seconds."""

    def __init__(self, kernel: Kernel, name: str, act: Act, ended: Callable[[Task], object] | None = None) -> None:
        self.kernel = kernel
        self.name = name
        self.scope = Scope(name, kernel.stream(name))
        self.result: Any = None
        self.error: BaseException | None = None
        self.done = False
        self.crashed = False
        self.owner: Any = None
        self.in_flight: tuple[float, Act] | None = None
        """The request that is on its way, and when it arrives: it does whether or not its sender still lives."""
        self._act = act
        self._ended = ended
        self._turn = 0
        self._greenlet = greenlet.greenlet(self._run)

    def _run(self) -> None:
        try:
            self.result = self._act()
        except Crash as crash:
            self.error, self.crashed = crash, True
        except Exception as error:  # noqa: BLE001 - a bug, or the handler's way to say that it failed: `ended` judges
            self.error = error
        self.done = True
        if self.owner is None and not self.crashed and self.error is not None:
            self.kernel.broken = self.error
        if self._ended is not None:
            self._ended(self)

    def sleep(self, seconds: float) -> None:
        """Let others move, and go on after so many seconds. To be called by the task itself."""
        turn = self._turn
        self.kernel.after(seconds, lambda: self._resume(turn))
        self.kernel.to_hub()
        if self.crashed:
            raise Crash

    def wait(self, signal: Signal, timeout: float) -> bool:
        """Until the signal is there; False when the time is over first."""
        if signal.is_set:
            return True
        turn = self._turn
        signal.waiting.append(lambda: self.kernel.after(0, lambda: self._resume(turn)))
        self.kernel.after(timeout, lambda: self._resume(turn))
        self.kernel.to_hub()
        if self.crashed:
            raise Crash
        return signal.is_set

    def start(self) -> None:
        self._switch()

    def kill(self) -> None:
        """From the hub. A task that has not begun never will; one that waits unwinds."""
        if self.done or self.crashed:
            return
        self.crashed = True
        if self._greenlet:
            self._switch()
        else:
            self.error, self.done = Crash(), True
            if self._ended is not None:
                self._ended(self)

    def _resume(self, turn: int) -> None:
        if turn == self._turn and not self.done:
            self._switch()

    def _switch(self) -> None:
        self._turn += 1
        kernel = self.kernel
        before, kernel.current = kernel.current, self
        self._greenlet.parent = kernel.hub
        self._greenlet.switch()
        kernel.current = before


class Signal:
    """Something that happens once."""

    __slots__ = ("is_set", "value", "waiting")

    def __init__(self) -> None:
        self.is_set = False
        self.value: Any = None
        self.waiting: list[Act] = []

    def set(self, value: Any = None) -> None:
        if self.is_set:
            return
        self.is_set, self.value = True, value
        for each in self.waiting:
            each()
        self.waiting.clear()


class Kernel:
    """`now` counts seconds since `start`. What happens at the same moment happens in the order in which it was planned."""

    def __init__(self, seed: int, start: datetime) -> None:
        self.seed = seed
        self.start = start
        self.now = 0.0
        self.current: Task | None = None
        self.tasks = 0
        self.busy_until = 0.0
        self.broken: BaseException | None = None
        """An actor's own failure: the simulation is wrong, not what it tests."""

        self._planned: list[tuple[float, int, Act]] = []
        self._count = 0
        self.hub = greenlet.getcurrent()
        self._trace = hashlib.sha256()
        self.lines: list[str] | None = None
        """The trace in words, when somebody is to read it."""

    def stream(self, name: str) -> Random:
        """The same for the same seed and name, in any process."""
        digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
        return Random(int.from_bytes(digest[:8], "big"))

    def moment(self, skew: float = 0.0) -> datetime:
        return self.start + timedelta(seconds=self.now + skew)

    def seconds(self, moment: datetime) -> float:
        return (moment - self.start).total_seconds()

    def at(self, when: float, act: Act) -> None:
        self._count += 1
        heapq.heappush(self._planned, (max(when, self.now), self._count, act))

    def after(self, seconds: float, act: Act) -> None:
        self.at(self.now + seconds, act)

    def later(self, seconds: float, act: Act) -> None:
        """As `after`, for what is still to come when everything seems to be over."""
        self.busy_until = max(self.busy_until, self.now + seconds)
        self.after(seconds, act)

    def spawn(self, name: str, act: Act, ended: Callable[[Task], object] | None = None, *, delay: float = 0.0) -> Task:
        task = Task(self, name, act, self._counted(ended))
        self.tasks += 1
        self.after(delay, lambda: None if task.done else task.start())
        return task

    def _counted(self, ended: Callable[[Task], object] | None) -> Callable[[Task], object]:
        def end(task: Task) -> None:
            self.tasks -= 1
            if ended is not None:
                ended(task)

        return end

    def to_hub(self) -> None:
        self.hub.switch()

    def run(self, until: float, enough: Callable[[], bool] = lambda: False) -> bool:
        """Let what is planned happen, up to a moment or until it is enough; True when it was."""
        self.hub = greenlet.getcurrent()
        planned = self._planned
        while planned and planned[0][0] <= until:
            if enough():
                return True
            self.now, _, act = heapq.heappop(planned)
            act()
            if self.broken is not None:
                raise self.broken
        if not enough():
            self.now = max(self.now, until)
            return False
        return True

    # --- the trace ------------------------------------------------------------------------------------------------------------

    def note(self, who: str, what: str) -> None:
        line = f"{self.now:.3f} {who} {what}"
        self._trace.update(line.encode())
        if self.lines is not None:
            self.lines.append(f"{self.moment():%m-%d %H:%M:%S.%f} {who}: {what}")

    @property
    def trace_hash(self) -> str:
        return self._trace.hexdigest()
