"""Promises that need a world of their own."""

from __future__ import annotations

import math
from datetime import timedelta

from hearback.domain.deciding import sampled_out
from tests.builders import a_survey, a_trigger
from tests.sim.simulation import simulate
from tests.sim.stories import asked_answered_forwarded
from tests.sim.weather import CALM
from tests.sim.world import FORWARD_DELAY, World


def test_a_sink_that_hangs_delays_no_other() -> None:
    """Invariant 9: ten seconds after the queue's own delay the healthy sink has it, whatever the other one does for three days."""
    worlds: list[World] = []

    def hang(world: World) -> None:
        worlds.append(world)
        world.internet.script = {"crm.example": ["request_unanswered"] * 50}

    outcome = simulate(1, load=asked_answered_forwarded(), climate=CALM, prepare=hang, nights=False)
    assert outcome.violations == []
    world = worlds[0]
    versions = {change.after.version: change.at for changes in world.changes.values() for change in reversed(changes)}
    taken = {call.version: call.at for call in reversed(world.sinks["sheet"].calls) if call.taken}
    assert max(versions) in taken
    assert all(at - versions[version] < FORWARD_DELAY + 10 for version, at in taken.items())
    assert world.kernel.now - versions[max(versions)] > timedelta(hours=72).total_seconds(), "the other one was tried for three days"


def test_the_share_that_is_asked_is_the_share_that_was_wished_for() -> None:
    """Invariant 6: within four standard deviations, over ten thousand triggers."""
    for percent in (1, 20, 50, 90):
        survey, many = a_survey(policy={"sample_percent": percent}), 10_000
        asked = sum(not sampled_out(a_trigger(f"event-{n}"), survey) for n in range(many))
        deviation = math.sqrt(many * percent / 100 * (1 - percent / 100))
        assert abs(asked - many * percent / 100) < 4 * deviation
