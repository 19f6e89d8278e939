"""Every function has a sample event, and every sample is one of a function's."""

import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))
EVENTS = sorted((ROOT / "events").glob("*/*.json"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_has_a_sample_event(function: str) -> None:
    assert any(path.parent.name == function for path in EVENTS)


@pytest.mark.parametrize("path", EVENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_sample_is_json_and_belongs_to_a_function(path: Path) -> None:
    assert isinstance(json.loads(path.read_text()), dict)
    assert path.parent.name in FUNCTIONS


def test_the_fan_out_s_sample_names_one_forward() -> None:
    from hearback.adapters.dynamo.stories import fresh_forwards

    event = json.loads((ROOT / "events/forward_fanout/answered.json").read_text())
    (named,) = map(fresh_forwards, event["Records"])
    assert named is not None
    assert (named.version, named.sinks) == (1, ("crm",))
