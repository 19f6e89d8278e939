"""How long answers wait before they are passed on: long enough for a round to show, not so long that the sweeper grows impatient."""

from hearback.domain.moves import FORWARD_GUARD
from hearback.domain.rounds import CALM, MANY_CHANGES, MANY_SCORES
from tests.stack_template import expanded


def test_a_round_that_a_machine_makes_shows_before_its_first_press_is_passed_on() -> None:
    delay = expanded()["Parameters"]["ForwardDelaySeconds"]
    assert delay["Default"] >= CALM.seconds * (max(MANY_SCORES, MANY_CHANGES) - 1)
    assert delay["MaxValue"] < FORWARD_GUARD.seconds
    assert expanded()["Resources"]["ForwardQueue"]["Properties"]["DelaySeconds"] == {"Ref": "ForwardDelaySeconds"}


def test_only_the_page_s_function_knows_what_is_too_soon() -> None:
    functions = {
        name
        for name, each in expanded()["Resources"].items()
        if "HEARBACK_TOO_SOON_SECONDS" in each.get("Properties", {}).get("Environment", {}).get("Variables", {})
    }
    assert functions == {"RatingCallback"}
