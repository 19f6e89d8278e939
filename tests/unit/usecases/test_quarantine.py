"""What becomes of doubtful answers: listed, counted apart, restored; and what a crash or a lost race leaves of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast

import pytest

from hearback.domain.doubt import Press
from hearback.domain.errors import Conflict, Gone, Invalid, NotFound
from hearback.domain.links import Look, PageProof
from hearback.domain.moves import Guard
from hearback.domain.quarantine import MOST, MOST_WORDS, waiting
from hearback.domain.story import Doubt
from hearback.domain.survey import Survey
from hearback.ports import QuarantineMark, Recorded
from hearback.usecases.count_quarantine import CountQuarantine
from hearback.usecases.restore_answer import RestoreAnswer
from hearback.usecases.show_quarantine import WHY, ShowQuarantine
from hearback.usecases.take_press import Taken, TakePress
from tests.builders import NOW, a_contact, a_trigger
from tests.fakes import MemoryStories
from tests.unit.usecases.world import World

ID = a_trigger().invitation_id
TODAY = date(2026, 3, 2)


@pytest.fixture
def world() -> World:
    world = World()
    world.add_sink("crm")
    world.sent_story()
    return world


class Meanwhile:
    """Stories to which something happens right before one call of a method."""

    def __init__(self, inner: MemoryStories, method: str, act: Callable[[], object], call: int) -> None:
        self._inner, self._method, self._act, self._left = inner, method, act, call

    def __getattr__(self, name: str) -> Any:
        if name == self._method:
            self._left -= 1
            if not self._left:
                self._act()
        return getattr(self._inner, name)


def before(world: World, method: str, act: Callable[[], object], call: int = 1) -> None:
    world.stories = cast("MemoryStories", Meanwhile(world.stories, method, act, call))


def blindly(world: World, rating: int, event_id: str = "event-1", **details: Any) -> Taken:
    """A press that no page of ours has seen."""
    press = TakePress(world.record, world.judge)
    return press(a_trigger(event_id).invitation_id, "support", Press(None, world.clock.now()), rating, details)


def properly(world: World, rating: int, **details: Any) -> Taken:
    now = world.clock.now()
    proof = PageProof(Look.PAGE, world.story().version, now)
    return TakePress(world.record, world.judge)(ID, "support", Press(proof, now), rating, details)


def listed(world: World, **query: Any) -> dict[str, Any]:
    return ShowQuarantine(world.configs, world.stories, world.quarantine)(**query)


def counted(world: World, day: date = TODAY) -> int:
    item = world.configs.get("surveys", "support")
    assert item
    return CountQuarantine(world.stories, world.quarantine)(Survey.from_plain(item.id, item.body), day)


def restore(world: World, number: int | None = None, *, force: bool = False) -> dict[str, Any]:
    return RestoreAnswer(world.record, world.judge)(ID, number, force=force)


def others(world: World, *names: str) -> None:
    for n, name in enumerate(names):
        world.clock.advance(minutes=1)
        trigger = a_trigger(name, contact=a_contact(id=name, email=f"{name}@example.com", phone="", addresses={}))
        world.sent_story(trigger)
        blindly(world, 1 + n % 5, name)


# --- the list -------------------------------------------------------------------------------------------------------------------


def test_every_doubt_has_words() -> None:
    assert set(WHY) == set(Doubt)


def test_an_item_says_what_was_pressed_why_it_is_doubted_and_what_counts_instead(world: World) -> None:
    properly(world, 5)
    world.clock.advance(minutes=1)
    blindly(world, 2, comment="slow")
    [item] = listed(world)["items"]
    assert (item["invitation_id"], item["survey"], item["source"], item["event_id"]) == (ID, "support", "helpdesk", "event-1")
    assert item["counts"] == {"version": 1, "rating": 5, "at": "2026-03-02T12:00:00.000000Z"}
    [entry] = item["answers"]
    assert (entry["number"], entry["rating"], entry["details"], entry["doubts"]) == (
        1,
        2,
        {"comment": "slow"},
        ["no_proof", "after_answer"],
    )
    assert entry["why"].startswith("It did not carry what the page gives")


def test_the_list_is_newest_first_page_after_page_over_all_surveys_or_one(world: World) -> None:
    world.survey("other")
    blindly(world, 2)
    others(world, "b", "c", "d")
    order = [a_trigger(name).invitation_id for name in ("d", "c", "b", "event-1")]
    found, after = [], ""
    while True:
        page = listed(world, limit=1, after=after)
        found += [each["invitation_id"] for each in page["items"]]
        if page["next"] is None:
            break
        after = page["next"]
    assert found == order == [each["invitation_id"] for each in listed(world)["items"]]
    assert len(listed(world, survey="support")["items"]) == 4
    assert listed(world, survey="other") == {"items": [], "next": None}


@pytest.mark.parametrize("after", ["x", "2026~a", "9" * 27 + "~a", "2026-03-02T12:00:00.000000Z~", "2026-03-02T12:00:00.000000Z~a b"])
def test_a_place_that_is_none_is_refused(world: World, after: str) -> None:
    with pytest.raises(Invalid):
        listed(world, after=after)


def test_an_invitation_is_listed_once_a_day(world: World) -> None:
    for rating in (1, 2, 3):
        blindly(world, rating)
        world.clock.advance(minutes=1)
    world.clock.advance(days=1)
    blindly(world, 4)
    assert [[each["rating"] for each in item["answers"]] for item in listed(world)["items"]] == [[4], [1, 2, 3]]


def test_a_mark_that_leads_to_nothing_is_passed_over_and_counted_nowhere(world: World) -> None:
    """What a crash between the mark and its story leaves, or an erased story."""
    world.quarantine.add("support", QuarantineMark(ID, NOW))
    world.quarantine.add("support", QuarantineMark("erased", NOW))
    assert listed(world) == {"items": [], "next": None}
    assert counted(world) == 0


def test_what_is_in_quarantine_is_marked_before_it_is_written(world: World) -> None:

    def die() -> None:
        raise RuntimeError

    before(world, "judge", die)
    with pytest.raises(RuntimeError):
        blindly(world, 2)
    assert world.quarantine.newest("support", before=None, limit=9) == [QuarantineMark(ID, NOW)]
    blindly(world, 2)
    assert len(listed(world)["items"]) == 1


def test_a_race_lost_to_a_person_s_answer_leaves_it_standing(world: World) -> None:
    before(world, "judge", lambda: properly(world, 5))
    taken = blindly(world, 2)
    assert taken.doubts == (Doubt.NO_PROOF, Doubt.AFTER_ANSWER)
    assert [each.answer.rating for each in world.story().answers] == [5]


def test_an_answer_that_comes_between_the_look_and_the_write_is_not_displaced(world: World) -> None:
    """The guard let a second look through; while it was taken, somebody answered."""
    blindly(world, 4)
    world.clock.advance(seconds=1)
    before(world, "record_press", lambda: properly(world, 5), call=2)
    taken = properly(world, 2)
    assert taken.doubts == (Doubt.AFTER_ANSWER,)
    assert [each.answer.rating for each in world.story().answers] == [5]


# --- bounds -----------------------------------------------------------------------------------------------------------------


def test_a_flood_of_doubtful_answers_stays_small_and_keeps_nobody_out(world: World) -> None:
    for n in range(MOST + 9):
        blindly(world, 1 + n % 5, comment=f"{n}" * 2000)
        world.clock.advance(minutes=1)
    assert len(world.story().doubted) == MOST
    assert sum(len(each.answer.canonical()) for each in world.story().doubted) < MOST_WORDS + MOST * 100
    assert properly(world, 4).doubts == ()
    assert world.story().version == 1


def test_an_answer_that_could_not_be_given_or_is_too_late_is_not_kept_in_quarantine_either(world: World) -> None:
    with pytest.raises(Invalid):
        blindly(world, 6)
    world.clock.advance(days=15)
    with pytest.raises(Gone):
        blindly(world, 5)
    with pytest.raises(NotFound):
        blindly(world, 5, "never sent")
    assert world.story().doubted == ()
    assert listed(world)["items"] == []


# --- counting ---------------------------------------------------------------------------------------------------------------


def test_invitations_are_counted_not_presses_and_only_what_waits(world: World) -> None:
    for rating in (1, 2, 3):
        blindly(world, rating)
    others(world, "b", "c")
    assert counted(world) == 3
    restore(world, 2)
    assert counted(world) == 3, "two of its answers still wait"
    properly(world, 1)
    world.clock.advance(minutes=1)
    properly(world, 3)
    assert counted(world) == 2
    assert counted(world, date(2026, 3, 3)) == 0


def test_a_day_is_the_survey_s_own(world: World) -> None:
    world.clock.advance(hours=11, minutes=30)
    blindly(world, 2)
    assert (counted(world), counted(world, date(2026, 3, 3))) == (0, 1), "half past midnight in Berlin"


def test_saying_properly_on_a_later_day_what_was_doubted_has_the_first_day_counted_again(world: World) -> None:
    blindly(world, 2)
    world.clock.advance(days=2)
    properly(world, 2)
    assert [day for day, _ in world.nights.dirty_days("support")] == [TODAY]


# --- restoring --------------------------------------------------------------------------------------------------------------


def test_a_restored_answer_counts_on_its_own_day_is_passed_on_and_waits_no_more(world: World) -> None:
    blindly(world, 2, comment="slow")
    world.clock.advance(days=3)
    told = restore(world)
    assert (told["rating"], told["restored_as"], told["version"], told["forwarded_to"]) == (2, 1, 1, ["crm"])
    assert [each.answer["rating"] for each in world.stories.answers_of_day("support", TODAY)] == [2]
    assert [day for day, _ in world.nights.dirty_days("support")] == [TODAY]
    assert (listed(world)["items"], counted(world)) == ([], 0)
    assert world.quarantine.newest("support", before=None, limit=9) == []
    world.sweep()
    world.clock.advance(minutes=2)
    world.sweep()
    assert world.outbox.forwards == [world.message()]


def test_restoring_again_changes_nothing(world: World) -> None:
    blindly(world, 2)
    first = restore(world)
    assert restore(world) == first == restore(world, 1)
    assert world.story().version == 1


def test_of_several_one_must_be_named(world: World) -> None:
    blindly(world, 2)
    blindly(world, 3)
    with pytest.raises(Invalid) as refused:
        restore(world)
    assert refused.value.fields == {"number": "is needed: one of 1, 2"}
    assert restore(world, 2)["rating"] == 3
    assert [each.number for each in waiting(world.story())] == [1]


@pytest.mark.parametrize("number", [2, 99])
def test_a_number_that_is_none_is_not_found(world: World, number: int) -> None:
    blindly(world, 2)
    with pytest.raises(NotFound):
        restore(world, number)


def test_where_nothing_is_in_quarantine_nothing_is_found(world: World) -> None:
    with pytest.raises(NotFound):
        restore(world)
    properly(world, 5)
    with pytest.raises(NotFound):
        restore(world)


def test_a_newer_answer_stands_unless_it_is_forced_away(world: World) -> None:
    blindly(world, 2)
    world.clock.advance(minutes=1)
    properly(world, 5)
    with pytest.raises(Conflict):
        restore(world)
    assert world.story().answers[-1].answer.rating == 5
    assert restore(world, force=True)["version"] == 2
    assert [each.answer.rating for each in world.story().answers] == [5, 2]


def test_over_an_older_answer_it_counts_without_force(world: World) -> None:
    properly(world, 5)
    world.clock.advance(minutes=1)
    blindly(world, 2)
    assert restore(world)["version"] == 2


def test_a_survey_that_was_changed_may_no_longer_hold_the_answer(world: World) -> None:
    blindly(world, 5)
    world.survey(scale={"min": 1, "max": 3, "style": "stars", "direction": "high_is_good"})
    with pytest.raises(Invalid):
        restore(world)


def test_restoring_is_possible_when_the_time_to_answer_is_over(world: World) -> None:
    blindly(world, 2)
    world.clock.advance(days=30)
    assert restore(world)["version"] == 1


# --- a lost reply -----------------------------------------------------------------------------------------------------------


def test_a_press_that_was_recorded_and_is_repeated_is_no_doubt(world: World) -> None:
    now = world.clock.now()
    press = Press(PageProof(Look.PAGE, 0, now - timedelta(seconds=30)), now)
    take = TakePress(world.record, world.judge)
    assert take(ID, "support", press, 4, {}).changed
    again = take(ID, "support", replace(press, at=now + timedelta(seconds=1)), 4, {})
    assert (again.doubts, again.changed, world.story().version, world.story().doubted) == ((), False, 1, ())
    assert isinstance(
        world.stories.record_press(ID, again.survey, world.story().answers[-1].answer, at=now, channel="web", sinks=[], guard=Guard(0)),
        Recorded,
    )
