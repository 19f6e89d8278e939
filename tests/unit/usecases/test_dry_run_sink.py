"""A dry run of a sink that not every answer is for."""

from hearback.adapters.sinks.zendesk import ZendeskSink
from hearback.usecases.dry_run_sink import DryRunSink, RealAnswer, Sample
from tests.builders import a_trigger
from tests.fakes import ScriptedHttp
from tests.unit.usecases.world import World

SETTINGS = {"kind": "zendesk", "subdomain": "acme", "email": "bot@example.com", "fields": {"360001": "{{ answer.rating }}"}}


def dry_run(world: World) -> DryRunSink:
    world.add_sink("tickets", **SETTINGS)
    return DryRunSink(world.configs, world.stories, world.secrets, {"zendesk": ZendeskSink(ScriptedHttp([]))}, world.clock)


def test_a_sample_is_shown_as_the_ticket_s_change_that_it_would_be() -> None:
    shown = dry_run(World())("tickets", Sample())
    assert shown["request"]["url"] == "https://acme.zendesk.com/api/v2/tickets/1001.json"


def test_a_real_answer_that_is_not_for_this_sink_is_said_to_be_none() -> None:
    world = World()
    world.answered_story(5)
    shown = dry_run(world)("tickets", RealAnswer("helpdesk", a_trigger().event_id))
    assert (shown["request"], shown["note"]) == (None, "the answer belongs to no Zendesk ticket")
