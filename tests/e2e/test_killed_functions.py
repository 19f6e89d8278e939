"""Functions die in the middle of stories (`kill -9` of the processes that they run in)."""

from tests.e2e.stage import Stage
from tests.load.killing import play

FEWEST_KILLS = 3


def test_whatever_was_acknowledged_is_there_although_functions_were_killed(stage: Stage) -> None:
    outcome = play(stage, people=6)
    assert outcome.killed.total() >= FEWEST_KILLS
    assert outcome.acknowledged == 6
    assert outcome.answered > 0
    assert outcome.wrong == []
