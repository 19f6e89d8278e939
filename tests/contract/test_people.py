"""What every keeper of persons promises: one slot a person, however many identities they come with."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from hearback.ports import People, SlotRefused, SlotTaken
from tests.builders import NOW
from tests.contract.conftest import Store

WEEK = 7 * 86400.0
DAY = timedelta(days=1)


@pytest.fixture
def people(store: Store) -> People:
    return store.people


def won(people: People, keys: list[str], invitation: str, *, at: datetime = NOW, cooldown: float = WEEK) -> bool:
    return isinstance(people.take_slot(keys, invitation, at, cooldown), SlotTaken)


def person(people: People, keys: list[str], invitation: str, *, at: datetime = NOW, cooldown: float = WEEK) -> str:
    slot = people.take_slot(keys, invitation, at, cooldown)
    assert isinstance(slot, SlotTaken)
    return slot.person


# --- the slot ---------------------------------------------------------------------------------------------------------------


def test_a_person_is_asked_once_within_the_cooldown(people: People) -> None:
    assert won(people, ["mail"], "i-1")
    assert people.take_slot(["mail"], "i-2", NOW + DAY, WEEK) == SlotRefused(opted_out=False, last_invited_at=NOW)


def test_a_slot_that_is_claimed_again_for_its_invitation_counts_from_then_on(people: People) -> None:
    later = NOW + timedelta(hours=5)
    people.take_slot(["a", "b"], "i-0", NOW - timedelta(days=30), WEEK)
    assert people.take_slot(["a", "b"], "i-1", NOW, WEEK) == SlotTaken("a")
    assert people.take_slot(["b", "a"], "i-1", later, WEEK) == SlotTaken("a"), "a provider was busy for hours"
    assert people.take_slot(["a", "b"], "i-1", NOW, WEEK) == SlotTaken("a"), "a message that comes late sets nothing back"
    refused = SlotRefused(opted_out=False, last_invited_at=later)
    assert people.take_slot(["a"], "i-2", NOW + timedelta(seconds=WEEK), WEEK) == refused
    people.release_slot("a", "i-1")
    assert people.last_invitation("b") == "i-0"


def test_a_person_may_be_asked_again_at_the_instant_the_cooldown_is_over(people: People) -> None:
    assert won(people, ["mail"], "i-1")
    assert not won(people, ["mail"], "i-2", at=NOW + 7 * DAY - timedelta(microseconds=1))
    assert won(people, ["mail"], "i-3", at=NOW + 7 * DAY)
    assert not won(people, ["mail"], "i-4", at=NOW + 8 * DAY)


def test_the_same_invitation_takes_its_slot_as_often_as_it_likes(people: People) -> None:
    first = people.take_slot(["mail", "phone"], "i-1", NOW, WEEK)
    assert people.take_slot(["mail", "phone"], "i-1", NOW + DAY, WEEK) == first
    assert not won(people, ["phone"], "i-2", at=NOW + 8 * DAY - timedelta(seconds=1)), "from the last time"
    assert won(people, ["phone"], "i-2", at=NOW + 8 * DAY)


def test_without_a_cooldown_everybody_is_always_free_but_still_noted(people: People) -> None:
    assert won(people, ["mail"], "i-1", cooldown=0)
    assert won(people, ["mail"], "i-2", cooldown=0)
    assert not won(people, ["mail"], "i-3", at=NOW + DAY)
    assert people.last_invitation("mail") == "i-2"


def test_strangers_do_not_share_a_slot(people: People) -> None:
    assert won(people, ["mail-a", "phone-a"], "i-1")
    assert won(people, ["mail-b", "phone-b"], "i-2")


# --- identities -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [["b"], ["a", "b"], ["b", "a"], ["a", "b", "c"]])
@pytest.mark.parametrize("second", [["b"], ["b", "c"], ["c", "b"], ["a", "b", "c"]])
def test_whoever_shares_an_identity_is_the_same_person(people: People, first: list[str], second: list[str]) -> None:
    assert won(people, first, "i-1")
    assert people.take_slot(second, "i-2", NOW, WEEK) == SlotRefused(opted_out=False, last_invited_at=NOW)


def test_identities_that_were_joined_stay_joined(people: People) -> None:
    assert won(people, ["mail", "phone"], "i-1")
    assert won(people, ["phone"], "i-2", at=NOW + 7 * DAY)
    assert not won(people, ["mail"], "i-3", at=NOW + 8 * DAY)


def test_a_refusal_joins_identities_too(people: People) -> None:
    assert won(people, ["mail"], "i-1")
    assert not won(people, ["mail", "phone"], "i-2", at=NOW + DAY)
    assert not won(people, ["phone"], "i-3", at=NOW + DAY)


@pytest.mark.parametrize(("older", "newer"), [("a", "z"), ("z", "a")])
@pytest.mark.parametrize("bridge", [["a", "z"], ["z", "a"], ["m", "a", "z"]])
def test_two_persons_who_turn_out_to_be_one_keep_the_newer_slot(people: People, bridge: list[str], older: str, newer: str) -> None:
    assert won(people, [older], "i-1", at=NOW - 20 * DAY)
    assert won(people, [newer], "i-2", at=NOW)
    assert people.take_slot(bridge, "i-3", NOW + DAY, WEEK) == SlotRefused(opted_out=False, last_invited_at=NOW)
    assert not won(people, [older], "i-4", at=NOW + DAY)
    assert people.last_invitation("a") == people.last_invitation("z") == "i-2"


def test_a_survey_without_a_cooldown_does_not_hide_another_survey_s_slot_when_it_joins(people: People) -> None:
    assert won(people, ["z"], "i-1")
    assert won(people, ["a", "z"], "i-2", cooldown=0)
    assert not won(people, ["a"], "i-3", at=NOW + DAY)
    assert not won(people, ["z"], "i-4", at=NOW + DAY)


def test_chains_of_identities_are_one_person(people: People) -> None:
    pairs = [["e", "f"], ["d", "e"], ["c", "d"], ["b", "c"], ["a", "b"]]
    assert won(people, pairs[0], "i-0")
    for n, pair in enumerate(pairs[1:], start=1):
        assert not won(people, pair, f"i-{n}")
    assert won(people, ["f"], "late", at=NOW + 7 * DAY)
    assert not won(people, ["a"], "later", at=NOW + 8 * DAY)
    assert people.last_invitation("a") == "late"


def test_a_joined_person_has_one_name(people: People) -> None:
    name = person(people, ["mail", "phone"], "i-1")
    assert person(people, ["phone"], "i-2", at=NOW + 7 * DAY) == name
    assert person(people, ["phone", "mail"], "i-3", at=NOW + 14 * DAY) == name


# --- giving a slot back -----------------------------------------------------------------------------------------------------


def test_a_slot_given_back_is_free_for_the_next(people: People) -> None:
    people.release_slot(person(people, ["mail", "phone"], "i-1"), "i-1")
    assert people.last_invitation("mail") is None
    assert won(people, ["phone"], "i-2")


def test_giving_back_restores_the_slot_that_was_there_before(people: People) -> None:
    assert won(people, ["mail"], "i-1", at=NOW - 8 * DAY)
    people.release_slot(person(people, ["mail"], "i-2"), "i-2")
    assert people.last_invitation("mail") == "i-1"
    assert not won(people, ["mail"], "i-3", cooldown=2 * WEEK)
    assert won(people, ["mail"], "i-3")


def test_taking_a_slot_twice_and_giving_it_back_once_leaves_none(people: People) -> None:
    name = person(people, ["mail"], "i-1")
    assert person(people, ["mail"], "i-1", at=NOW + DAY) == name
    people.release_slot(name, "i-1")
    assert people.last_invitation("mail") is None


def test_nobody_gives_back_what_is_another_s(people: People) -> None:
    name = person(people, ["mail"], "i-1")
    people.release_slot(name, "i-2")
    people.release_slot("stranger", "i-1")
    assert not won(people, ["mail"], "i-3")
    assert people.last_invitation("stranger") is None


def test_giving_back_twice_is_giving_back_once(people: People) -> None:
    assert won(people, ["mail"], "i-1", at=NOW - 8 * DAY)
    name = person(people, ["mail"], "i-2")
    people.release_slot(name, "i-2")
    people.release_slot(name, "i-2")
    assert people.last_invitation("mail") == "i-1"


def test_slots_are_given_back_one_after_the_other(people: People) -> None:
    assert won(people, ["mail"], "i-1", at=NOW - 8 * DAY)
    name = person(people, ["mail"], "i-2")
    people.release_slot(name, "i-2")
    people.release_slot(name, "i-1")
    assert people.last_invitation("mail") is None
    assert won(people, ["mail"], "i-3", cooldown=2 * WEEK)


def test_a_slot_can_be_given_back_after_its_person_was_joined_to_another(people: People) -> None:
    name = person(people, ["z"], "i-1")
    assert not won(people, ["a", "z"], "i-2")
    people.release_slot(name, "i-1")
    assert won(people, ["a"], "i-3")


# --- opting out -------------------------------------------------------------------------------------------------------------


def test_who_has_opted_out_is_not_asked_whatever_the_cooldown(people: People) -> None:
    people.opt_out(["mail"], NOW)
    assert people.take_slot(["mail"], "i-1", NOW + 90 * DAY, 0) == SlotRefused(opted_out=True, last_invited_at=None)
    assert people.opted_out(["mail"])


def test_opting_out_holds_for_every_identity_of_the_person(people: People) -> None:
    assert won(people, ["mail", "phone"], "i-1")
    people.opt_out(["phone"], NOW)
    assert people.opted_out(["mail"])
    assert people.take_slot(["mail"], "i-2", NOW + 90 * DAY, WEEK) == SlotRefused(opted_out=True, last_invited_at=NOW)


def test_opting_out_holds_for_identities_that_join_later(people: People) -> None:
    people.opt_out(["z"], NOW)
    assert people.take_slot(["a", "z"], "i-1", NOW, WEEK) == SlotRefused(opted_out=True, last_invited_at=None)
    assert not won(people, ["a"], "i-2", at=NOW + 90 * DAY)
    assert people.opted_out(["a"])


def test_opting_out_beats_the_invitation_that_holds_the_slot(people: People) -> None:
    assert won(people, ["mail"], "i-1")
    people.opt_out(["mail"], NOW)
    assert people.take_slot(["mail"], "i-1", NOW, WEEK) == SlotRefused(opted_out=True, last_invited_at=NOW)


def test_opting_in_undoes_it_for_the_whole_person(people: People) -> None:
    assert won(people, ["mail", "phone"], "i-1")
    people.opt_out(["mail", "phone"], NOW)
    people.opt_in(["phone"])
    assert not people.opted_out(["mail", "phone"])
    assert won(people, ["mail"], "i-2", at=NOW + 7 * DAY)


def test_opting_in_without_having_opted_out_leaves_nothing_behind(people: People) -> None:
    people.opt_in(["mail"])
    assert not people.opted_out(["mail"])
    assert won(people, ["mail"], "i-1")


def test_one_opted_out_identity_among_strangers_is_found(people: People) -> None:
    people.opt_out(["b"], NOW)
    assert people.opted_out(["a", "b"])
    assert not people.opted_out(["a", "c"])


# --- finding the survey of a reply ------------------------------------------------------------------------------------------


def test_a_reply_finds_the_newest_invitation_by_any_identity(people: People) -> None:
    assert won(people, ["mail", "phone"], "i-1")
    assert won(people, ["mail"], "i-2", at=NOW + 7 * DAY)
    assert people.last_invitation("phone") == "i-2"


def test_a_stranger_s_reply_finds_nothing(people: People) -> None:
    assert people.last_invitation("stranger") is None
