"""One seed's world: the real functions, wired as in AWS, over the in-memory ports behind their gates."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from functions.answer_forward.handler import BATCH, LONGEST_FORWARD_SECONDS, message_of
from functions.due_sweeper.handler import make_handler as make_sweeper
from functions.forward_fanout.handler import make_handler as make_fanout
from functions.nightly_scoring.handler import make_handler as make_nightly
from functions.survey_dispatch.handler import LONGEST_SEND_SECONDS
from functions.survey_trigger.handler import make_handler as make_trigger
from hearback.domain.ids import invitation_id
from hearback.domain.story import Story
from hearback.ports import ForwardMessage
from hearback.runtime import wiring
from hearback.runtime.admin_routes import admin_routes
from hearback.runtime.environment import Environment
from hearback.runtime.http import http_handler
from hearback.runtime.score_routes import score_routes
from hearback.runtime.wiring import Wiring
from hearback.usecases.count_day import CountDay
from hearback.usecases.run_erasures import RunErasures
from tests.fakes import (
    BlankSplitter,
    MemoryBlobs,
    MemoryCensus,
    MemoryConfigs,
    MemoryConversations,
    MemoryNights,
    MemoryPeople,
    MemoryQuarantine,
    MemorySecrets,
    MemoryStories,
    MemoryWarden,
    RecordingOutbox,
)
from tests.sim.actors import Customers, Helpdesk, Operator, Truth, Visitors, Web, Words
from tests.sim.cloud import Cloud, Instance, Invocation, Message, Queue, Skewed, Threads
from tests.sim.gates import Gate, Operation
from tests.sim.internet import HelpdeskApi, Internet, Send, SesServer, SinkServer, WhatsappServer
from tests.sim.kernel import Kernel
from tests.sim.weather import Weather
from tests.sim.workload import Event, Workload

PUBLIC_URL = "https://feedback.example"
ENVIRONMENT = Environment.read(
    {"HEARBACK_PUBLIC_URL": PUBLIC_URL, "HEARBACK_EMAIL_FROM": "ask@acme.example", "HEARBACK_TIMEZONE": "Europe/Berlin"}
)
TIMEOUTS = {
    "survey_trigger": 10.0,
    "survey_dispatch": 120.0,
    "rating_callback": 10.0,
    "forward_fanout": 30.0,
    "answer_forward": 180.0,
    "due_sweeper": 55.0,
    "nightly_scoring": 900.0,
    "answer_import": 900.0,
    "erasure": 900.0,
    "published_score": 10.0,
    "admin_api": 29.0,
}
"""As template.yaml sets them (a test compares)."""

FORWARD_DELAY = 30.0
"""How long a fresh answer waits in its queue; as template.yaml has it by default."""

PAGE = 5
"""Items that one page of a search holds: a small one, so that searches have several."""

SEEN_AFTER = 6
"""Hours after which the simulation looks again for what has grown too old."""

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0


@dataclass(slots=True)
class Change:
    """One effect on a story: what it was, what it is, who did it."""

    at: float
    scope: str
    method: str
    before: Story | None
    after: Story


@dataclass
class Chance:
    """The tokens of one process."""

    stream: Any

    def token(self) -> str:
        return f"{self.stream.getrandbits(128):032x}"


class NoAws:
    """What a port that nothing stands in for would talk to."""

    def __getattr__(self, operation: str) -> Any:
        raise AssertionError(f"the simulation has nothing that stands in for {operation}")


class CheapPage:
    """Stands in for the page that people read: drawing it costs more than the rest of a run."""

    name = "report.html"
    content_type = "text/html"

    def write(self, report: Mapping[str, Any]) -> bytes:
        return repr(report.get("counts")).encode()


class World:
    """`problems` are violations seen while it ran; the invariants add to them."""

    def __init__(self, seed: int, load: Workload, weather: Weather) -> None:
        self.seed = seed
        self.load = load
        self.weather = weather
        self.kernel = Kernel(seed, load.start)
        self.operations: list[Operation] = []
        self.problems: list[tuple[str, str]] = []
        self.truth = Truth()
        self.changes: dict[str, list[Change]] = {}
        self.retention_days = 0
        self.dead_letters: list[tuple[str, str, int]] = []
        """(invitation, sink, version) of each forward that was given up."""

        self._keep()
        self._connect()
        self._set_up()
        self._next_sweep = 0.0
        self.sweeps = 0

    # --- what is kept -------------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        self.stories, self.people, self.conversations = MemoryStories(), MemoryPeople(), MemoryConversations()
        self.nights, self.configs, self.secrets, self.blobs = MemoryNights(), MemoryConfigs(), MemorySecrets(), MemoryBlobs()
        self.outbox, self.quarantine = RecordingOutbox(), MemoryQuarantine()
        self.gates: dict[str, Any] = {
            "stories": Gate(self, "stories", self.stories, observe=self._story_changed, stale=self._outdated),
            "people": Gate(self, "people", self.people, observe=self._person_changed),
            "conversations": Gate(self, "conversations", self.conversations),
            "nights": Gate(self, "nights", self.nights),
            "quarantine": Gate(self, "quarantine", self.quarantine),
            "census": Gate(self, "census", MemoryCensus(self.stories, self.people, PAGE)),
            "warden": Gate(self, "warden", MemoryWarden()),
            "configs": Gate(self, "configs", self.configs),
            "secrets": Gate(self, "secrets", self.secrets),
            "blobs": Gate(self, "blobs", self.blobs, observe=self._blob_changed),
            "outbox": Gate(self, "outbox", self.outbox, observe=self._post),
        }
        self.watchers: list[Any] = []
        """Called with each `Change` (story) at once: the cheap invariants."""

        self.blob_watchers: list[Any] = []
        self.intruders: list[Any] = []
        """Called with port, method and scope of every write."""

    def _connect(self) -> None:
        kernel, weather = self.kernel, self.weather
        self.cloud = Cloud(kernel, weather, TIMEOUTS, self._build, self._heard, most_skew=self.load.manners.get("skew", 0.0))
        self.internet = Internet(self)
        self.queues = {
            "dispatch": Queue(
                self.cloud, "dispatch", "survey_dispatch", lambda use, run: use, visibility=720, reserve=LONGEST_SEND_SECONDS
            ),
            "forward": Queue(
                *(self.cloud, "forward", "answer_forward", lambda use, run: use),
                visibility=1090,
                batch=BATCH,
                side_by_side=True,
                delay=FORWARD_DELAY,
                reserve=LONGEST_FORWARD_SECONDS,
            ),
            "erasure": Queue(self.cloud, "erasure", "erasure", _erasing, visibility=5400, batch=1),
            "import": Queue(self.cloud, "import", "answer_import", _importing, visibility=5400, batch=1),
        }
        self.web = Web(kernel, weather, self.cloud)
        outside: Any = {"kernel": kernel, "weather": weather, "web": self.web, "truth": self.truth, "load": self.load}
        self.customers = Customers(**outside, scale=self.scale_of)
        self.words = Words(**outside, receive=self.customers.receive)
        self.helpdesk, self.visitors = Helpdesk(**outside), Visitors(**outside)
        self.operator = Operator(
            **outside,
            store_object=lambda key, body: self.blobs.kept.__setitem__(key, (body, "text/csv")),
            redrive_all=self.redrive,
            night=lambda name, event: self.cloud.invoke("nightly_scoring", name, event, again=(60, 120)),
            invitation_of=self.invitation_of,
            deploy=self.deploy,
        )
        self.whatsapp = WhatsappServer(self, self.internet, self.words.deliver)
        self.ses = SesServer(self, self.internet, self.words.deliver)
        self.sinks = {sink: SinkServer(self, sink) for sink in self.load.sinks}
        self.internet.servers = {
            "graph.facebook.com": self.whatsapp,
            "acme.zendesk.com": HelpdeskApi({str(1000 + each.number): each.email for each in self.load.people}),
            **{f"{sink}.example": server for sink, server in self.sinks.items()},
        }
        self.events = {invitation_id(each.source, each.event_id): each for each in self.load.events}

    def _set_up(self) -> None:
        """Through the admin API's own use case, before the weather begins."""
        configure = wiring.admin_uses(self.parts(Instance("setup", Skewed(self.kernel, 0.0), 0))).configure
        for family in ("surveys", "sources", "channels", "sinks"):
            for subject, body in getattr(self.load, family).items():
                configure.put(family, subject, body)

    # --- functions ----------------------------------------------------------------------------------------------------------

    def parts(self, instance: Instance) -> Wiring:
        """The project's own composition, with gates where AWS would be."""
        parts: Any = Wiring(replace(ENVIRONMENT, retention_days=self.retention_days))
        parts.client, parts._dynamodb = lambda *_, **__: NoAws(), NoAws()
        parts.clock = instance.clock
        parts.chance = Chance(self.kernel.stream(f"chance/{instance.name}"))
        for port, gate in self.gates.items():
            setattr(parts, port, gate)
        parts.fresh_secrets, parts.ledger = self.gates["secrets"], self.gates["stories"]
        parts.words = BlankSplitter()
        parts.count_day = CountDay(parts.ledger, None, parts.words)
        parts.http = self.internet
        parts._ses_clients = {"": self.ses}
        done: Wiring = parts
        return done

    def _build(self, function: str, instance: Instance) -> Any:
        return _BUILDERS[function](self.parts(instance))

    def _heard(self, function: str, body: dict[str, Any], outcome: Any) -> None:
        if isinstance(outcome, Exception) and type(outcome).__module__ not in _EXPECTED_ERRORS:
            self.problem("no-bug", f"{function} raised {type(outcome).__name__}: {outcome}")

    # --- effects ------------------------------------------------------------------------------------------------------------

    def wrote(self, port: str, method: str) -> None:
        scope = self._scope()
        for watch in self.intruders:
            watch(port, method, scope)

    def _story_changed(self, method: str, args: tuple[Any, ...], value: Any) -> None:
        first = args[0]
        if method == "import_answers":
            return
        invitation = first.invitation_id if isinstance(first, Story) else str(first)
        after = self.stories.get(invitation)
        if after is None:
            return
        known = self.changes.setdefault(invitation, [])
        before = known[-1].after if known else None
        self.rearm_sweeper()
        if before is after:
            return
        change = Change(self.kernel.now, self._scope(), method, before, after)
        known.append(change)
        for watch in self.watchers:
            watch(change)
        if after.version > (before.version if before else 0) and after.forwards:
            self._stream(after)

    def _stream(self, story: Story) -> None:
        record = {"story": story}
        self.cloud.stream_record(f"stream/{story.invitation_id}/{story.version}", record)

    def _person_changed(self, method: str, args: tuple[Any, ...], value: Any) -> None:
        return

    def _blob_changed(self, method: str, args: tuple[Any, ...], value: Any) -> None:
        for watch in self.blob_watchers:
            watch(str(args[0]))

    def _post(self, method: str, args: tuple[Any, ...], value: Any) -> None:
        """What the outbox holds goes on its way."""
        outbox = self.outbox
        for invitation, delay in outbox.dispatched:
            self.queues["dispatch"].send({"invitation_id": invitation}, delay)
        for each in outbox.forwards:
            self.queues["forward"].send(_forward_body(each))
        for import_id in outbox.imports:
            self.queues["import"].send({"import_id": import_id})
        for each, _ in outbox.dead:
            self.queues["forward"].dead.append(self._letter(each))
            self.dead_letters += [(each.invitation_id, sink, each.version) for sink in each.sinks]
        for _ in range(outbox.erasures):
            self.queues["erasure"].send({"erasures": "go on"})
        outbox.erasures = 0
        outbox.dispatched.clear()
        outbox.forwards.clear()
        outbox.imports.clear()
        outbox.dead.clear()

    def _letter(self, message: ForwardMessage) -> Message:
        return Message(f"dead/{message.invitation_id}/{'+'.join(message.sinks)}", _forward_body(message), self.kernel.now, self.kernel.now)

    def _scope(self) -> str:
        task = self.kernel.current
        return task.scope.name if task else self.cloud.acting

    def _outdated(self, operation: Operation, method: str, args: tuple[Any, ...], named: dict[str, Any], value: Any, turn: float) -> Any:
        """An eventually consistent read may answer with what was true some seconds ago; an index may lag behind."""
        if method == "get":
            if named.get("consistent") or not self.weather.strikes("stale", turn, operation.where, self.kernel.now):
                return value
            operation.fault = "stale"
            since = self.kernel.now - 3 * turn
            known = self.changes.get(str(args[0]), [])
            return next((each.after for each in reversed(known) if each.at <= since), None)
        entries = list(value)
        if not self.weather.strikes("lagging", turn, operation.where, self.kernel.now):
            return iter(entries)
        operation.fault = "lagging"
        since = self.kernel.now - 20 * turn
        return iter([each for each in entries if not self._younger(_invitation_in(each), since)])

    def _younger(self, invitation: str, since: float) -> bool:
        known = self.changes.get(invitation)
        return bool(known) and known[-1].at > since  # type: ignore[index]

    # --- schedules ----------------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        for event in self.load.events:
            self.helpdesk.plan(event)
        for action in self.load.actions:
            self.operator.plan(action)
        if any(each.what in {"erase", "keep"} for each in self.load.actions):
            self.erasures_go_on()
        self._web_links()
        if self.load.nights:
            self._plan_night(0)

    def _web_links(self) -> None:
        """Who was invited by hand on the channel `web` is handed the link that the admin API answered."""

        def hand_out(event: Event) -> None:
            told = self.truth.told.get(event.key)
            link = next((reply["link"] for _, reply in told.acknowledged if reply.get("link")), None) if told else None
            if link:
                invitation = invitation_id(event.source, event.event_id)
                message = {"rows": [], "pages": [link.rpartition("/")[2]], "opt_out": []}
                self.customers.meet(invitation, message, "web", f"visitor/{event.key}")

        for event in self.load.events:
            if event.source == "manual" and event.channel == "web":
                self.kernel.at(event.at + 600, lambda event=event: hand_out(event))  # type: ignore[misc]

    def rearm_sweeper(self) -> None:
        """A minute that has nothing to sweep is not played; whatever moves a story wakes the sweeper's schedule again."""
        wanted = (self.kernel.now // MINUTE + 1) * MINUTE
        if not self._next_sweep or self._next_sweep > wanted:
            self._next_sweep = wanted
            self.kernel.at(wanted, lambda: self._sweep(wanted))

    def _sweep(self, minute: float) -> None:
        if minute != self._next_sweep:
            return
        self._next_sweep = 0.0
        reach = self.kernel.moment(self.cloud.most_skew)
        if any(True for _ in self.stories.due_before(reach)):
            self._run_sweeps(minute)
            self.rearm_sweeper()
        elif (wake := self._first_due()) is not None:
            self._next_sweep = max((wake // MINUTE) * MINUTE, minute + MINUTE)
            self.kernel.at(self._next_sweep, lambda at=self._next_sweep: self._sweep(at))  # type: ignore[misc]

    def _first_due(self) -> float | None:
        """Roughly when the next mark comes: asked by doubling, so that nothing depends on what marks look like."""
        step = MINUTE
        while step < 400 * DAY:
            if any(True for _ in self.stories.due_before(self.kernel.moment(step + self.cloud.most_skew))):
                return self.kernel.now + step / 2
            step *= 2
        return None

    def _run_sweeps(self, minute: float) -> None:
        name = f"sweep/{minute:.0f}"
        kernel, weather = self.kernel, self.weather
        if not weather.clear and any(start <= minute < end for start, end in self.cloud.sweeper_down):
            return
        stream = kernel.stream(name)
        missed, twice, late, pace = stream.random(), stream.random(), stream.random(), stream.random()
        if weather.strikes("sweep_missed", missed, name, kernel.now):
            return
        self.sweeps += 1
        wait = 90 * pace if weather.strikes("sweep_late", late, name, kernel.now) else pace
        kernel.after(wait, lambda: self.cloud.invoke("due_sweeper", name, {}))
        if weather.strikes("sweep_twice", twice, name, kernel.now):
            kernel.after(wait + 2 * pace, lambda: self.cloud.invoke("due_sweeper", f"{name}+", {}))

    def _plan_night(self, number: int) -> None:
        """03:30 of each day in the stack's time zone."""
        zone = ZoneInfo(ENVIRONMENT.timezone)
        day = (self.load.start.astimezone(zone) + timedelta(days=number)).date()
        at = self.kernel.seconds(datetime(day.year, day.month, day.day, 3, 30, tzinfo=zone))
        if at > self.kernel.now or number == 0:
            self.kernel.at(at, lambda: self._night_falls(number, at))
        else:
            self._plan_night(number + 1)

    def _night_falls(self, number: int, at: float) -> None:
        kernel, weather = self.kernel, self.weather
        self._plan_night(number + 1)
        if at <= 0 or (kernel.now > self.load.horizon + 5 * DAY):
            return
        name = f"night/{number}"
        stream = kernel.stream(name)
        missed, twice, late, pace = stream.random(), stream.random(), stream.random(), stream.random()
        if weather.strikes("night_missed", missed, name, kernel.now):
            return
        wait = 5 * 3600 * pace if weather.strikes("night_late", late, name, kernel.now) else 2 * pace
        kernel.after(wait + 8 * pace, lambda: self.look_at_scores(name))
        kernel.after(wait, lambda: self.cloud.invoke("nightly_scoring", name, {}, again=(60, 120)))
        if weather.strikes("night_twice", twice, name, kernel.now):
            kernel.after(wait + 2 * pace, lambda: self.cloud.invoke("nightly_scoring", f"{name}+", {}, again=(60, 120)))

    def count_again(self) -> None:
        """Once more, and some day of each survey that has a report already: a night that died may have left the digest of an empty one."""
        self.cloud.invoke("nightly_scoring", "same-night", {})
        for survey in self.load.surveys:
            root = f"reports/survey={survey}/period=day/"
            days = sorted({key.removeprefix(root).partition("/")[0] for key in self.blobs.keys(root)})
            if days:
                day = self.kernel.stream(f"again/{survey}").choice(days)
                self.cloud.invoke("nightly_scoring", f"same-night/{survey}", {"survey": survey, "day": day})

    def look_at_scores(self, name: str) -> None:
        for survey in self.load.surveys:
            which = f"score/{survey}/{name}"
            self.kernel.spawn(which, lambda survey=survey, which=which: self.visitors.look(survey, which))  # type: ignore[misc]

    def erasures_go_on(self, number: int = 0) -> None:
        """Each hour, once somebody has asked for one. Of the hours that have only to see whether anything has grown too old a few
        are played.
        """
        self.kernel.after(HOUR, lambda: self.erasures_go_on(number + 1))
        waiting = any(True for folder in ("asked", "open") for _ in self.blobs.keys(f"erasures/{folder}/"))
        if waiting or (self.retention_days and number % SEEN_AFTER == 0):
            self.cloud.invoke("erasure", f"erasing/{number}", {})

    def deploy(self, retention_days: int) -> None:
        self.retention_days = retention_days
        self.cloud.deploy("erasure")

    def redrive(self, sent_before: float = math.inf) -> int:
        return sum(queue.redrive(sent_before) for queue in self.queues.values())

    # --- looking ------------------------------------------------------------------------------------------------------------

    def problem(self, invariant: str, what: str) -> None:
        self.problems.append((invariant, what))
        self.kernel.note("VIOLATION", f"{invariant}: {what}")

    def idle(self) -> bool:
        """Nothing in any queue, and nothing that will ever be due."""
        return not any(not each.gone for queue in self.queues.values() for each in queue.messages) and self._first_due() is None

    def whats_left(self) -> str:
        waiting = [each.name for queue in self.queues.values() for each in queue.messages if not each.gone]
        due = [invitation for invitation, _ in self.stories.due_before(self.kernel.moment(400 * DAY))]
        return f"{self.kernel.tasks} tasks, messages {waiting[:5]}, due {due[:5]}"

    def invitation(self, source: str, event_id: str) -> str:
        """Worked out as the README says it: an invitation's name depends on source and event alone."""
        return invitation_id(source, event_id)

    def invitation_of(self, event: Event) -> str:
        return self.invitation(event.source, event.event_id)

    def everything(self) -> Iterator[tuple[str, str]]:
        """Every place where something is kept, and what it holds; files that operators brought are theirs."""
        for invitation, story in self.all_stories():
            yield f"the story {invitation}", repr(story)
        for key, (body, _) in self.blobs.kept.items():
            if not key.startswith("imports/"):
                yield key, body.decode(errors="replace")
        for key, bodies in self.blobs.old.items():
            for body in bodies if not key.startswith("imports/") else ():
                yield f"an earlier version of {key}", body.decode(errors="replace")
        for name, queue in self.queues.items():
            for message in (*queue.messages, *queue.dead):
                if not message.gone:
                    yield f"the queue {name}", repr(message.body)

    def scale_of(self, invitation: str) -> tuple[int, int]:
        event = self.events[invitation]
        return {"csat": (1, 5), "nps": (0, 10), "ces": (1, 7)}[self.load.surveys[event.survey]["metric"]]

    def all_stories(self) -> Iterator[tuple[str, Story]]:
        for invitation in self.events:
            story = self.stories.get(invitation)
            if story is not None:
                yield invitation, story

    @property
    def sends(self) -> Sequence[Send]:
        return sorted((*self.whatsapp.sends, *self.ses.sends), key=lambda each: each.at)


@dataclass(frozen=True)
class Erasing:
    """One use case behind a queue and behind a schedule."""

    run: RunErasures

    def __call__(self, event: Any = None, context: Any = None, *, seconds_left: Callable[[], float] = lambda: 900.0) -> str:
        return "busy" if self.run(seconds_left=seconds_left).busy else "done"


def _nightly(parts: Wiring) -> Any:
    """With one true report and one that only takes its place: the others cost more than the rest of a run."""
    score = wiring.score_nights(parts)
    cheap = [each for each in score.writers if each.name == "report.json"]
    return make_nightly(replace(score, writers=[*cheap, CheapPage()]), wiring.mail_digests(parts))


def _dispatching(parts: Wiring) -> Any:
    dispatch = wiring.dispatch_survey(parts)
    return lambda body: dispatch(body["invitation_id"])


def _forwarding(parts: Wiring) -> Any:
    clock: Any = parts.clock
    forward = replace(wiring.forward_answer(parts), side_by_side=Threads(clock.kernel))
    return lambda body: forward(message_of(body))


_BUILDERS: Mapping[str, Callable[[Wiring], Any]] = {
    "survey_trigger": lambda parts: make_trigger(wiring.receive_trigger(parts)),
    "survey_dispatch": _dispatching,
    "rating_callback": lambda parts: http_handler(wiring.answer_routes(parts).routes()),
    "forward_fanout": lambda parts: make_fanout(replace(wiring.fan_out_answer(parts), fresh_forwards=_fresh_forwards)),
    "answer_forward": _forwarding,
    "due_sweeper": lambda parts: make_sweeper(wiring.sweep_due(parts)),
    "nightly_scoring": _nightly,
    "answer_import": wiring.import_answers,
    "erasure": lambda parts: Erasing(wiring.run_erasures(parts)),
    "published_score": lambda parts: http_handler(score_routes(wiring.show_score(parts))),
    "admin_api": lambda parts: http_handler(admin_routes(replace(wiring.admin_uses(parts), public_url=PUBLIC_URL))),
}
_EXPECTED_ERRORS = frozenset({"hearback.domain.errors"})


def _erasing(use: Any, run: Invocation) -> Any:
    return lambda body: use(seconds_left=lambda: run.get_remaining_time_in_millis() / 1000)


def _importing(use: Any, run: Invocation) -> Any:
    return lambda body: use(body["import_id"], seconds_left=lambda: run.get_remaining_time_in_millis() / 1000)


def _forward_body(message: ForwardMessage) -> dict[str, Any]:
    return {"invitation_id": message.invitation_id, "version": message.version, "sinks": list(message.sinks)}


def _fresh_forwards(record: Mapping[str, Any]) -> ForwardMessage | None:
    """The stream's record of a write: what the adapter reads from the item's image, read from the story."""
    story: Story = record["story"]
    return ForwardMessage(story.invitation_id, story.version, tuple(sorted(story.forwards))) if story.forwards else None


def _invitation_in(entry: Any) -> str:
    return str(entry[0]) if isinstance(entry, tuple) else str(entry.invitation_id)


@contextmanager
def silence() -> Iterator[None]:
    """No log lines: a run has thousands."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)
