"""Lambda, SQS, the table's stream and the scheduler as their documentation says they are: at least once, in no order, late, and
gone in the middle. Functions run the project's own handlers; what becomes of a record is asked of the real queue handler.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hearback.adapters.threads import PATIENCE
from hearback.domain.errors import HearbackError, Unavailable
from hearback.ports import K, V
from hearback.runtime.queue import queue_handler
from tests.sim.kernel import Act, Kernel, Scope, Signal, Task
from tests.sim.weather import Weather

RECEIVES = 5
"""maxReceiveCount of every queue."""

RETENTION = 4 * 86400.0
STREAM_TRIES = 6
STREAM_AGE = 3600.0


@dataclass
class Skewed:
    """The clock of one machine."""

    kernel: Kernel
    skew: float

    def now(self) -> datetime:
        return self.kernel.moment(self.skew)


@dataclass
class Instance:
    """One process of a function, of its n-th deployment; a crash ends it, with whatever it had cached."""

    name: str
    clock: Skewed
    deployed: int
    built: Any = None


class Invocation:
    """One run of a function: its tasks end together when one of them crashes or the time is over."""

    def __init__(self, cloud: Cloud, function: str, name: str, done: Callable[[Invocation], object]) -> None:
        self.cloud = cloud
        self.function = function
        self.name = name
        self.began = cloud.kernel.now
        self.deadline = self.began + cloud.timeouts[function]
        self.instance = cloud.take_instance(function)
        self.tasks: list[Task] = []
        self.over = False
        self.failed = False
        self._done = done
        self._left = 0
        cloud.kernel.at(self.deadline, self._time_is_over)

    @property
    def aws_request_id(self) -> str:
        """Lambda's tries of one event share it."""
        return self.name.rstrip("'")

    def get_remaining_time_in_millis(self) -> float:
        return max(self.deadline - self.cloud.kernel.now, 0.0) * 1000

    def run(self, acts: Mapping[str, Act]) -> None:
        self._left = len(acts)
        for name, act in acts.items():
            task = self.cloud.kernel.spawn(name, act, self._ended)
            task.owner = self
            self.tasks.append(task)

    def beside(self, name: str, act: Act, ended: Signal) -> Task:
        """A thread of the function's own, which ends with it. `ended` is set when the act is done."""

        def end(task: Task) -> None:
            if task.crashed:
                self.cloud.kernel.after(0, self._die)
            ended.set()

        task = self.cloud.kernel.spawn(name, act, end)
        task.owner = self
        self.tasks.append(task)
        return task

    def _ended(self, task: Task) -> None:
        self._left -= 1
        if task.crashed:
            self.cloud.kernel.after(0, self._die)
        elif not self._left and not self.over:
            self.over = True
            self.cloud.give_back(self.function, self.instance)
            self._done(self)

    def _time_is_over(self) -> None:
        if not self.over:
            self.cloud.weather.counts["timeout"] += 1
            self._die()

    def _die(self) -> None:
        if self.over:
            return
        self.over = self.failed = True
        for task in self.tasks:
            flying = task.in_flight
            task.kill()
            if flying is not None:
                self.cloud.kernel.at(flying[0], lambda task=task, effect=flying[1]: self.cloud.late(task.scope.name, effect))  # type: ignore[misc]
        self._done(self)


BESIDE = "~"
"""Stands between the name of a function's run and that of a thread of it."""


class Threads:
    """`SideBySide` in simulated time, as patient as the real one. An act's calls are made under its task's name and its own."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    def __call__(self, acts: Mapping[K, Callable[[], V]]) -> Iterator[Mapping[K, V]]:
        here = self._kernel.current
        assert here is not None, "only a function has threads"
        run: Invocation = here.owner
        if len(acts) == 1:
            yield {name: act() for name, act in acts.items()}
            return
        ends = {name: Signal() for name in acts}
        running = {name: run.beside(f"{here.scope.name}{BESIDE}{name}", act, ends[name]) for name, act in acts.items()}
        while running:
            any_ended = Signal()
            for name in running:
                ends[name].waiting.append(any_ended.set)
            if not any(task.done for task in running.values()):
                here.wait(any_ended, run.get_remaining_time_in_millis() / 1000)
            since = self._kernel.now
            for name in running:
                here.wait(ends[name], max(0.0, since + PATIENCE - self._kernel.now))
            done = [name for name, task in running.items() if task.done]
            yield {name: running.pop(name).result for name in done}


@dataclass
class Message:
    name: str
    body: dict[str, Any]
    sent_at: float
    visible_at: float
    receives: int = 0
    gone: bool = False
    copy: bool = False
    """Another delivery of a message that is in the queue in its own right."""


class Queue:
    """A standard queue with its function behind it. `work` makes the function that is given each record's body."""

    def __init__(
        self,
        cloud: Cloud,
        name: str,
        function: str,
        work: Callable[[Any, Invocation], Callable[[dict[str, Any]], object]],
        *,
        visibility: float,
        batch: int = 10,
        side_by_side: bool = False,
        reserve: float = 8.0,
        delay: float = 0.0,
    ) -> None:
        self.cloud = cloud
        self.name = name
        self.function = function
        self.visibility = visibility
        self.batch = batch
        self.side_by_side = side_by_side
        self.reserve = reserve
        self.delay = delay
        self.messages: list[Message] = []
        self.dead: list[Message] = []
        self.retired: list[dict[str, Any]] = []
        """Bodies of messages that nobody took within the queue's retention."""
        self._work = work
        self._sent: Counter[str] = Counter()

    def send(self, body: dict[str, Any], delay: float = 0.0) -> None:
        label = "/".join(str(each) for each in body.values())
        self._sent[label] += 1
        kernel = self.cloud.kernel
        name = f"{self.name}/{label}/{self._sent[label]}"
        stream = kernel.stream(name)
        wait = max(delay, self.delay) + 0.05 + stream.random()
        if self.cloud.weather.strikes("delivered_late", stream.random(), name, kernel.now):
            wait += 900 * stream.random() ** 2
        self.messages.append(Message(name, dict(body), kernel.now, kernel.now + wait))
        kernel.after(wait, self.poll)

    def redrive(self, sent_before: float) -> int:
        """The dead letters go back, as an operator would have it."""
        letters = [each for each in self.dead if each.sent_at < sent_before]
        self.dead = [each for each in self.dead if each.sent_at >= sent_before]
        for each in letters:
            self.send(each.body)
        return len(letters)

    def poll(self) -> None:
        now = self.cloud.kernel.now
        self.messages = [each for each in self.messages if not each.gone]
        ready = [each for each in self.messages if each.visible_at <= now]
        for each in ready:
            if now - each.sent_at > RETENTION:
                each.gone = True
                self.retired.append(each.body)
            elif each.receives >= RECEIVES:
                each.gone = True
                self.dead += [] if each.copy else [each]
        ready = [each for each in ready if not each.gone][: self.batch]
        if ready:
            self._deliver(ready)

    def _deliver(self, messages: Sequence[Message]) -> None:
        kernel, weather = self.cloud.kernel, self.cloud.weather
        for each in messages:
            each.receives += 1
            where = f"{each.name}@{each.receives}"
            stream = kernel.stream(f"{where}/delivery")
            hidden = self.visibility
            if weather.strikes("visible_late", stream.random(), where, kernel.now):
                hidden += 3600 * stream.random()
            if weather.strikes("visible_early", stream.random(), where, kernel.now):
                hidden = 30 * stream.random()
            if not each.copy and weather.strikes("delivered_twice", stream.random(), where, kernel.now):
                wait = stream.choice((0.0, 1.0, 60.0, 7200.0)) * stream.random()
                copy = Message(f"{where}+", each.body, each.sent_at, kernel.now + wait, each.receives - 1, copy=True)
                self.messages.append(copy)
                kernel.after(wait, self.poll)
            each.visible_at = kernel.now + hidden
            kernel.at(each.visible_at, self.poll)
        self._invoke(messages)

    def _invoke(self, messages: Sequence[Message]) -> None:
        outcomes: dict[int, Any] = {}
        names = [f"{each.name}@{each.receives}" for each in messages]
        run = Invocation(self.cloud, self.function, names[0], lambda done: self._settle(messages, outcomes, done))
        work = self._work(self.cloud.built(run), run)

        def one(number: int) -> None:
            if run.get_remaining_time_in_millis() < self.reserve * 1000:
                outcomes[number] = Unavailable("not enough time is left for this record")
                return
            try:
                outcomes[number] = work(messages[number].body)
            except Exception as error:  # noqa: BLE001 - the real handler judges it
                outcomes[number] = error

        def in_turn() -> None:
            task = self.cloud.kernel.current
            assert task is not None
            for number, name in enumerate(names):
                task.scope = Scope(name, self.cloud.kernel.stream(name))
                one(number)

        if self.side_by_side:
            run.run({name: lambda number=number: one(number) for number, name in enumerate(names)})  # type: ignore[misc]
        else:
            run.run({names[0]: in_turn})

    def _settle(self, messages: Sequence[Message], outcomes: Mapping[int, Any], run: Invocation) -> None:
        if run.failed:
            return
        kernel = self.cloud.kernel
        for number, given_back in enumerate(given_back_of(outcomes)):
            message, outcome = messages[number], outcomes[number]
            kernel.note(f"{message.name}@{message.receives}", f"{'given back' if given_back else 'done'}: {said(outcome)}")
            self.cloud.heard(self.function, message.body, outcome)
            message.gone = message.gone or not given_back


_JUDGED: dict[tuple[type, ...], list[bool]] = {}


def given_back_of(outcomes: Mapping[int, Any]) -> list[bool]:
    """What the real handler does with records whose work ended so; asked once for each sequence of kinds of ends."""

    def work(body: dict[str, Any]) -> str:
        outcome = outcomes[body["n"]]
        if isinstance(outcome, Exception):
            raise outcome
        return str(outcome)

    kinds = tuple(type(outcomes[n]) for n in range(len(outcomes)))
    if kinds not in _JUDGED:
        records = [{**_RECORD, "messageId": str(n), "body": json.dumps({"n": n})} for n in range(len(outcomes))]
        failures = {each["itemIdentifier"] for each in queue_handler(work)({"Records": records}, None)["batchItemFailures"]}
        _JUDGED[kinds] = [str(n) in failures for n in range(len(outcomes))]
    return _JUDGED[kinds]


_RECORD = {
    "receiptHandle": "",
    "attributes": {},
    "messageAttributes": {},
    "md5OfBody": "",
    "eventSource": "aws:sqs",
    "eventSourceARN": "arn:aws:sqs:eu-central-1:1:queue",
    "awsRegion": "eu-central-1",
}


def said(outcome: Any) -> str:
    return f"{type(outcome).__name__}: {outcome}" if isinstance(outcome, Exception) else str(outcome)


@dataclass
class Cloud:
    """`build` makes a function's handler, or use case, for one process of it; `heard` is told how each record ended."""

    kernel: Kernel
    weather: Weather
    timeouts: Mapping[str, float]
    build: Callable[[str, Instance], Any]
    heard: Callable[[str, dict[str, Any], Any], None]
    most_skew: float = 0.0
    acting: str = ""
    """Whose request arrives although nobody waits for it any more."""

    idle: dict[str, list[Instance]] = field(default_factory=dict)
    started: Counter[str] = field(default_factory=Counter)
    deployed: Counter[str] = field(default_factory=Counter)
    stream_down: list[tuple[float, float]] = field(default_factory=list)
    sweeper_down: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.idle = {name: [] for name in self.timeouts}

    def late(self, scope: str, effect: Act) -> None:
        """A request that was on its way when its sender died."""
        self.acting = scope
        try:
            effect()
        except HearbackError:
            self.kernel.note(scope, "too late")  # nobody is there to be told
        self.acting = ""

    def take_instance(self, function: str) -> Instance:
        if self.idle[function]:
            return self.idle[function].pop()
        self.started[function] += 1
        name = f"{function}-{self.started[function]}"
        stream = self.kernel.stream(f"instance/{name}")
        skew = 0.0
        if self.most_skew and self.weather.strikes("skewed", stream.random(), f"instance/{name}", self.kernel.now):
            skew = self.most_skew * (2 * stream.random() - 1)
        return Instance(name, Skewed(self.kernel, skew), self.deployed[function])

    def give_back(self, function: str, instance: Instance) -> None:
        if instance.deployed == self.deployed[function]:
            self.idle[function].append(instance)

    def deploy(self, function: str) -> None:
        """Processes that are at work end with what they knew; the next ones know better."""
        self.deployed[function] += 1
        self.idle[function].clear()

    def built(self, run: Invocation) -> Any:
        instance = run.instance
        if instance.built is None:
            instance.built = self.build(run.function, instance)
        return instance.built

    # --- over HTTP ----------------------------------------------------------------------------------------------------------

    def http(self, function: str, name: str, event: dict[str, Any]) -> Signal:
        """The reply comes as the signal's value; 503 when the function did not live to give one."""
        answered = Signal()

        def done(run: Invocation) -> None:
            task = run.tasks[0]
            if run.failed or task.error is not None:
                answered.set({"statusCode": 503, "headers": {}, "body": ""})
            else:
                answered.set(task.result)

        run = Invocation(self, function, name, done)
        handler = self.built(run)
        run.run({name: lambda: handler(event, run)})
        return answered

    # --- events that are handed to a function, and tried again --------------------------------------------------------------

    def invoke(self, function: str, name: str, event: dict[str, Any], *, again: Sequence[float] = ()) -> None:
        """Asynchronously; a run that failed is repeated after each of these waits."""

        def done(run: Invocation) -> None:
            error = run.tasks[0].error
            self.kernel.note(name, "crashed" if run.failed else "failed" if error else "done")
            if (run.failed or error) and again:
                self.kernel.after(again[0], lambda: self.invoke(function, f"{name}'", event, again=again[1:]))

        run = Invocation(self, function, name, done)
        handler = self.built(run)
        run.run({name: lambda: handler(event, run)})

    def stream_record(self, name: str, record: dict[str, Any]) -> None:
        """One record of the table's stream, on its way to the fan-out."""
        kernel, weather = self.kernel, self.weather
        stream = kernel.stream(name)
        if weather.strikes("stream_lost", stream.random(), name, kernel.now):
            return
        wait = 0.1 + stream.random()
        if weather.strikes("stream_late", stream.random(), name, kernel.now):
            wait += 3 * 3600 * stream.random() ** 2
        if weather.strikes("stream_twice", stream.random(), name, kernel.now):
            kernel.later(wait + 600 * stream.random() ** 2, lambda: self._fan_out(f"{name}+", record, kernel.now, 1))
        began = kernel.now
        kernel.later(wait, lambda: self._fan_out(name, record, began, 1))

    def _fan_out(self, name: str, record: dict[str, Any], written: float, tries: int) -> None:
        kernel = self.kernel
        down = next((end for start, end in self.stream_down if start <= kernel.now < end), None)
        if down is not None:
            kernel.at(down, lambda: self._fan_out(name, record, written, tries))
            return
        if kernel.now - written > STREAM_AGE or tries > STREAM_TRIES:
            return

        def done(run: Invocation) -> None:
            if run.failed or run.tasks[0].error is not None:
                kernel.after(2.0**tries, lambda: self._fan_out(name, record, written, tries + 1))

        run = Invocation(self, "forward_fanout", f"{name}@{tries}", done)
        handler = self.built(run)
        run.run({f"{name}@{tries}": lambda: handler({"Records": [record]}, run)})
