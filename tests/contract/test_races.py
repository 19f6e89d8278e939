"""Races on the real adapters: every interleaving drawn is one that a sequence of whole calls could have given."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from hearback.adapters.dynamo.people import DynamoPeople
from hearback.adapters.dynamo.stories import DynamoStories
from hearback.domain.errors import Unavailable
from hearback.domain.story import Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.ports import People, SlotRefused, SlotTaken
from tests.builders import NOW, a_decision, a_story, a_survey, an_answer, an_attempt
from tests.contract.conftest import TABLE, dynamodb_local_table, moto_client
from tests.contract.tables import definition
from tests.contract.turns import interleaved, one_call_at_a_time
from tests.fakes import MemoryPeople

WEEK = 7 * 86400.0
SURVEY = a_survey()
LEASE, EXPIRY = NOW + timedelta(minutes=5), NOW + timedelta(days=14)
EXAMPLES = int(os.environ.get("HEARBACK_TEST_EXAMPLES", "10"))
"""Of each race; the suite draws others every time, and a long night may draw thousands."""

drawn = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
turns = st.lists(st.integers(0, 5), max_size=60)


def endlessly(order: Sequence[int]) -> Any:
    return itertools.chain(order, itertools.repeat(0))


# --- one slot a person ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asking:
    """One invitation that wants the slot; `released`: it gives the slot back at once, as a send that was refused does."""

    keys: tuple[str, ...]
    cooldown: float
    released: bool = False

    def on(self, people: People, invitation: str) -> bool:
        slot = people.take_slot(self.keys, invitation, NOW, self.cooldown)
        if isinstance(slot, SlotTaken) and self.released:
            people.release_slot(slot.person, invitation)
        return isinstance(slot, SlotTaken)


@dataclass(frozen=True)
class OptingOut:
    keys: tuple[str, ...]

    def on(self, people: People, invitation: str) -> bool:
        people.opt_out(self.keys, NOW)
        return True


some_keys = st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True).map(tuple)
asking = st.builds(Asking, some_keys, st.sampled_from([WEEK, WEEK, WEEK, 0.0]))


def calls_of(acts: Sequence[Asking | OptingOut], people: People) -> list[Callable[[], bool]]:
    return [lambda act=act, n=n: act.on(people, f"i-{n}") for n, act in enumerate(acts)]  # type: ignore[misc]


def race(acts: Sequence[Asking | OptingOut], before: Sequence[Asking], order: Sequence[int]) -> tuple[list[bool], People]:
    client = moto_client("dynamodb")
    client.create_table(TableName=TABLE, **definition())
    people = DynamoPeople(client, TABLE)
    for n, each in enumerate(before):
        people.take_slot(each.keys, f"before-{n}", NOW - timedelta(days=6 + 2 * n), 1.0)
    return interleaved(client, calls_of(acts, people), endlessly(order)), people


@drawn
@given(st.lists(asking, min_size=2, max_size=4), st.lists(asking, max_size=2), turns)
def test_whoever_shares_an_identity_never_both_win(acts: list[Asking], before: list[Asking], order: list[int]) -> None:
    with mock_aws():
        won, _ = race(acts, before, order)
    event(f"{sum(won)} of {len(acts)} won")
    strict = [act for act, taken in zip(acts, won, strict=True) if taken and act.cooldown]
    for one, other in itertools.combinations(strict, 2):
        assert not set(one.keys) & set(other.keys)


@drawn
@given(st.lists(asking, min_size=2, max_size=3), st.lists(asking, max_size=2), turns)
def test_racing_invitations_end_as_some_order_of_them_would(acts: list[Asking], before: list[Asking], order: list[int]) -> None:
    with mock_aws():
        won, people = race(acts, before, order)
        after = [isinstance(people.take_slot([key], "late", NOW, WEEK), SlotTaken) for key in "abcd"]
    assert (won, after) in [in_turn(acts, before, each) for each in itertools.permutations(range(len(acts)))]


def in_turn(acts: Sequence[Asking], before: Sequence[Asking], order: Sequence[int]) -> tuple[list[bool], list[bool]]:
    people = MemoryPeople()
    for n, each in enumerate(before):
        people.take_slot(each.keys, f"before-{n}", NOW - timedelta(days=6 + 2 * n), 1.0)
    won = {n: acts[n].on(people, f"i-{n}") for n in order}
    after = [isinstance(people.take_slot([key], "late", NOW, WEEK), SlotTaken) for key in "abcd"]
    return [won[n] for n in range(len(acts))], after


@drawn
@given(st.lists(st.integers(0, 1), min_size=6, max_size=24))
def test_two_persons_joined_from_both_sides_at_once_become_one(order: list[int]) -> None:
    with mock_aws():
        sides = [Asking(("b", "d"), WEEK), Asking(("a", "b"), WEEK)]
        won, people = race(sides, [Asking(("a", "d"), WEEK)], order)
        later = [people.take_slot([key], "late", NOW + timedelta(days=30), WEEK) for key in "abd"]
    assert won == [False, False]
    assert later == [SlotTaken("a")] * 3


@drawn
@given(st.lists(asking, min_size=1, max_size=3), some_keys, turns)
def test_who_has_opted_out_stays_so_whatever_was_joined_meanwhile(acts: list[Asking], leaving: tuple[str, ...], order: list[int]) -> None:
    with mock_aws():
        _, people = race([*acts, OptingOut(leaving)], [], order)
        for key in leaving:
            assert people.opted_out([key])
            assert people.take_slot([key], "late", NOW + timedelta(days=90), 0) == SlotRefused(
                opted_out=True, last_invited_at=last_invited(people, key)
            )


def last_invited(people: People, key: str) -> Any:
    slot = people.take_slot([key], "probe", NOW + timedelta(days=90), 0)
    assert isinstance(slot, SlotRefused)
    return slot.last_invited_at


@drawn
@given(st.lists(some_keys, min_size=2, max_size=3), turns)
def test_slots_of_a_known_person_that_are_all_given_back_leave_them_free(keys: list[tuple[str, ...]], order: list[int]) -> None:
    with mock_aws():
        _, people = race([Asking(each, 60.0, released=True) for each in keys], [Asking(("a", "b", "c", "d"), 60.0)], order)
        assert [people.last_invitation(key) for key in "abcd"] == ["before-0"] * 4


def test_a_slot_that_is_given_back_while_its_person_is_joined_is_free_for_the_joined_person() -> None:
    acts = [Asking(each, WEEK, released=True) for each in (("a",), ("b",), ("a", "b"))]
    with mock_aws():
        _, people = race(acts, [], [1, 1, 2, 2, 2])
        assert [people.last_invitation(key) for key in "ab"] == [None, None]


@pytest.mark.parametrize("engine", ["moto", pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)])
def test_of_many_threads_that_ask_one_person_one_wins(engine: str) -> None:
    identities = [["a", "b"], ["b", "c"], ["c", "a"], ["b"], ["a"], ["c"], ["a", "b", "c"], ["c", "b"]]

    def ask(client: Any, table: str) -> list[bool]:
        people = DynamoPeople(client, table)
        people.take_slot(["a", "b", "c"], "long ago", NOW - timedelta(days=30), 0)
        with ThreadPoolExecutor(8) as pool:
            asked = pool.map(lambda n: people.take_slot(identities[n], f"i-{n}", NOW, WEEK), range(len(identities)))
            return [isinstance(each, SlotTaken) for each in asked]

    if engine == "moto":
        client = moto_client("dynamodb")
        with mock_aws(), one_call_at_a_time(client):
            client.create_table(TableName=TABLE, **definition())
            won = ask(client, TABLE)
    else:
        with dynamodb_local_table() as (client, table):
            won = ask(client, table)
    assert sum(won) == 1


# --- one story, many writers ------------------------------------------------------------------------------------------------


def with_stories(moto_table: Any, story: Story) -> DynamoStories:
    stories = DynamoStories(moto_table, TABLE)
    stories.add(story, due=NOW, asked_day=None)
    return stories


def found(stories: DynamoStories) -> Story:
    story = stories.get(a_story().invitation_id, consistent=True)
    assert story is not None
    return story


@drawn
@given(st.integers(2, 4), turns)
def test_of_many_dispatchers_one_claims(dispatchers: int, order: list[int]) -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        stories = with_stories(client, a_story())

        def dispatch(n: int) -> bool:
            attempt = an_attempt(f"attempt-{n}")
            return stories.claim(found(stories), attempt, lease_until=LEASE, expires_at=EXPIRY) is not None

        won = interleaved(client, [lambda n=n: dispatch(n) for n in range(dispatchers)], endlessly(order))  # type: ignore[misc]
        assert sum(won) == 1
        assert found(stories).attempts == (an_attempt(f"attempt-{won.index(True)}"),)


@drawn
@given(turns)
def test_a_send_two_presses_and_a_delivery_at_once_are_all_kept(order: list[int]) -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        stories = with_stories(client, a_story())
        held = stories.claim(found(stories), an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
        assert held is not None
        sent = replace(an_attempt(), outcome=SendOutcome.SENT)

        def settle() -> bool:
            return stories.settle(held, sent, State.SENT, a_decision(Reason.SENT), due=LEASE, asked_day=date(2026, 3, 2)) is not None

        def press(rating: int) -> bool:
            return stories.record_answer(
                held.invitation_id, SURVEY, an_answer(rating), at=NOW + timedelta(seconds=rating), channel="web", sinks=["crm", "sheet"]
            ).changed

        def deliver() -> bool:
            return stories.note_delivery(held, replace(sent, provider_id="m-1"), NOW)

        assert interleaved(client, [settle, lambda: press(2), lambda: press(5), deliver], endlessly(order)) == [True] * 4
        story = found(stories)
        assert story.state is State.SENT
        assert story.delivered_at == NOW
        assert sorted(each.answer.rating for each in story.answers) == [2, 5]
        assert {each.version for each in story.forwards.values()} == {2}
        assert story.revision == 5


@drawn
@given(turns)
def test_two_forwards_that_end_at_once_are_both_noted_by_reading_again(order: list[int]) -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        stories = with_stories(client, a_story(state=State.SENT))
        sinks = ["crm", "sheet", "hook"]
        stories.record_answer(a_story().invitation_id, SURVEY, an_answer(), at=NOW, channel="web", sinks=sinks)
        done = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")

        def note(sink: str) -> bool:
            for _ in range(len(sinks)):
                if stories.note_forwards(found(stories), {sink: done}):
                    return True
            raise Unavailable("lost every race")

        assert all(interleaved(client, [lambda sink=sink: note(sink) for sink in sinks], endlessly(order)))  # type: ignore[misc]
        assert found(stories).forwards == dict.fromkeys(sorted(sinks), done)
        assert list(stories.due_before(NOW + timedelta(days=9))) == []
