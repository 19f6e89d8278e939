"""One seed, from the first webhook to the last report: faults while the work lasts, then calm, then everything is asked to end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from tests.sim.invariants import Judge
from tests.sim.kernel import Kernel
from tests.sim.weather import Fault, Weather, drawn_climate
from tests.sim.workload import STARTS, Workload, drawn, grown_old, sinks_leave
from tests.sim.world import DAY, HOUR, World, silence

CALM_AFTER = 3600.0
"""Faults end so long after the last thing that somebody planned."""

PATIENCE = 12 * DAY
"""In calm weather everything must have come to its end within this: a forward's schedule takes three days, a reminder one."""

NIGHTS = 3
SEARCHED = 1.25 * HOUR
"""Within this the hourly run of the erasures has come by."""

ROUND = 8 * DAY
"""Within this what has grown too old has been looked for."""


@dataclass
class Outcome:
    """What a run found. `violations` are (invariant, words)."""

    seed: int
    violations: list[tuple[str, str]]
    trace_hash: str
    steps: int
    days: float
    faults: list[Fault]
    counts: Counter[str]
    ends: Counter[str]
    """How many stories ended in each state."""

    stories: list[str]
    lines: list[str] = field(default_factory=list)
    scopes: list[tuple[str, str, str]] = field(default_factory=list)
    """(where, port, method) of every call."""


def simulate(
    seed: int,
    *,
    only: frozenset[str] | None = None,
    forced: Mapping[str, str] | None = None,
    load: Workload | None = None,
    climate: Mapping[str, float] | None = None,
    words: bool = False,
    prepare: Callable[[World], None] = lambda _: None,
    nights: bool = True,
    rougher: Mapping[str, float] | None = None,
    manners: Mapping[str, float] | None = None,
    change: Callable[[Workload], None] = lambda _: None,
) -> Outcome:
    """Run a seed. `only` these of its faults strike; `forced` ones strike whatever was drawn; `words` keeps a readable trace; without
    `nights` no report is written at the end. `rougher` and `manners` replace chances that the seed has drawn, `change` what happens in it.
    """
    with silence():
        kernel = Kernel(seed, (load or _BLANK).start)
        stream = kernel.stream("seed")
        if load is None:
            load = drawn(stream)
            grown_old(kernel.stream("old"), load)
            sinks_leave(kernel.stream("narrowed"), load)
        if "skew" not in load.manners:
            load.manners["skew"] = stream.choice((0.0, 2.0, 240.0))
        load.manners |= manners or {}
        change(load)
        drawn_here = drawn_climate(stream) if climate is None else dict(climate)
        weather = Weather({**drawn_here, **(rougher or {})}, only, forced or {})
        world = World(seed, load, weather)
        if words:
            world.kernel.lines = []
        _gaps(world)
        prepare(world)
        judge = Judge(world)
        return _run(world, judge, nights=nights)


_BLANK = Workload(STARTS[0], 0.0)


def _gaps(world: World) -> None:
    """Hours in which the stream, the sweeper, a sink or a provider is not there."""
    kernel, weather, horizon = world.kernel, world.weather, world.load.horizon

    def gap(kind: str, where: str, longest: float) -> list[tuple[float, float]]:
        stream = kernel.stream(f"gap/{where}")
        roll, start, length = stream.random(), stream.random() * horizon, longest * stream.random() ** 2
        return [(start, start + length)] if weather.strikes(kind, roll, where, 0.0) else []

    world.cloud.stream_down = gap("stream_down", "stream", 30 * 3600)
    world.cloud.sweeper_down = gap("sweeper_down", "sweeper", 8 * 3600)
    for sink in world.sinks:
        world.internet.down[f"{sink}.example"] = gap("sink_down", sink, 3.5 * DAY)
    for provider in ("graph.facebook.com", "ses", "acme.zendesk.com"):
        world.internet.down[provider] = gap("provider_down", provider, 6 * 3600)


def _run(world: World, judge: Judge, *, nights: bool) -> Outcome:
    kernel, weather = world.kernel, world.weather
    world.begin()
    planned = [*(each.at for each in world.load.events), *(each.at for each in world.load.actions)]
    kernel.run(max([world.load.horizon, *planned]) + CALM_AFTER)
    _calm(world)
    if world.truth.kept and nights:
        # The first night of all looks two weeks back, and these worlds last longer. One that has just died may still have the turn.
        world.cloud.invoke("nightly_scoring", "calm-night", {}, again=(1800, 3600))
    world.redrive()
    began = kernel.now
    if not kernel.run(began + PATIENCE, judge.at_rest):
        judge.unfinished()
    if world.redrive(sent_before=began):  # letters that were as good as dead when the weather cleared
        kernel.run(kernel.now + PATIENCE, judge.at_rest)
    judge.quiesced()
    if nights:
        _last_nights(world, judge)
    return Outcome(
        seed=world.seed,
        violations=world.problems,
        trace_hash=kernel.trace_hash,
        steps=len(world.operations),
        days=kernel.now / DAY,
        faults=weather.struck,
        counts=weather.counts,
        ends=judge.ends(),
        stories=list(world.events),
        lines=kernel.lines or [],
        scopes=[(each.where, each.port, each.method) for each in world.operations],
    )


def _calm(world: World) -> None:
    world.weather.clear = True
    world.cloud.stream_down, world.cloud.sweeper_down = [], []
    world.internet.down = {}


def _erasures_end(world: World) -> None:
    """A search, what the nights make of it, and the search that finds nothing; all before the next midnight anywhere. What has grown
    too old may be looked for just now, or again.
    """
    for number in range(3 + 2 * bool(world.truth.kept)):
        world.kernel.run(world.kernel.now + SEARCHED)
        world.cloud.invoke("nightly_scoring", f"after-erasing/{number}", {})
    world.kernel.run(world.kernel.now + SEARCHED)


def _last_nights(world: World, judge: Judge) -> None:
    """At a noon that is the same day everywhere in these worlds, when every day with anything in it is over; then once more,
    which must change nothing.
    """
    kernel = world.kernel
    if world.truth.kept:
        kernel.run(kernel.now + ROUND)
    noon = kernel.moment() + timedelta(days=2)
    kernel.run(kernel.seconds(noon.replace(hour=12, minute=0)))
    for number in range(NIGHTS):
        world.cloud.invoke("nightly_scoring", f"last-night/{number}", {})
        kernel.run(kernel.now + 600)
    if world.truth.erasures or world.truth.kept:
        _erasures_end(world)
    kernel.run(kernel.now + 60)
    world.look_at_scores("in the end")
    kernel.run(kernel.now + 60)
    judge.reported()
    before = dict(world.blobs.kept)
    world.count_again()
    kernel.run(kernel.now + 600)
    judge.unchanged(before)
