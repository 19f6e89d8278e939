"""What the docstrings say each access costs, measured: DynamoDB Local counts capacity as AWS does, moto does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from hearback.domain.erasing import erased
from hearback.domain.moves import Guard
from hearback.domain.quarantine import held, restored
from hearback.domain.story import Doubt, Doubted, Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.domain.trigger import Agent, Contact, Conversation
from hearback.ports import QuarantineMark
from tests.builders import NOW, a_decision, a_story, a_survey, a_trigger, an_answer, an_attempt, an_imported_answer
from tests.contract.conftest import LOCAL_URL, Store, dynamodb_local_table, store_on
from tests.costs.account import BUDGET, account
from tests.costs.play import play

DAY, LEASE, EXPIRY = date(2026, 3, 2), NOW + timedelta(minutes=5), NOW + timedelta(days=14)
SENT = replace(an_attempt(), outcome=SendOutcome.SENT)
ADAPTERS = Path(__file__).parents[2] / "layers" / "hearback" / "hearback" / "adapters" / "dynamo"


def added(store: Store) -> Story:
    """A story of less than 1 KB, the unit in which writes are counted: an ordinary one is half as long again."""
    lean = a_trigger(conversation=Conversation("42", "email"), agent=Agent("7"), contact=Contact("c-1", "Ada", "ada@example.com"))
    story = a_story(trigger=lean, facts={"agent": "7"})
    store.stories.add(story, due=NOW, asked_day=None)
    return story


def claimed(store: Store) -> Story:
    story = store.stories.claim(added(store), an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert story is not None
    return story


def sent(store: Store, due: Any = LEASE) -> Story:
    story = store.stories.settle(claimed(store), SENT, State.SENT, a_decision(Reason.SENT), due=due, asked_day=DAY)
    assert story is not None
    return story


def answered(store: Store) -> Story:
    story = sent(store)
    return store.stories.record_answer(story.invitation_id, a_survey(), an_answer(), at=NOW, channel="web", sinks=["crm", "sheet"]).story


def known(store: Store) -> None:
    store.people.take_slot(["a", "b", "c"], "i-0", NOW - timedelta(days=30), 0)


Arrange = Callable[[Store], Any]
Act = Callable[[Store, Any], object]

COSTS: list[tuple[str, Arrange, Act, float, float]] = [
    ("add", lambda s: None, lambda s, _: added(s), 1, 1),
    ("claim", added, lambda s, story: s.stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY), 1, 0),
    (
        "settle with a reminder",
        claimed,
        lambda s, story: s.stories.settle(story, SENT, State.SENT, a_decision(Reason.SENT), due=EXPIRY, asked_day=DAY),
        1,
        1 + 2,
    ),
    ("skip", added, lambda s, story: s.stories.skip(story, a_decision(Reason.COOLDOWN), asked_day=DAY), 1, 1 + 1),
    (
        "record_answer",
        sent,
        lambda s, story: s.stories.record_answer(story.invitation_id, a_survey(), an_answer(), at=NOW, channel="web", sinks=["crm"]),
        2,
        1 + 2,
    ),
    (
        "record_press",
        sent,
        lambda s, story: s.stories.record_press(
            story.invitation_id, a_survey(), an_answer(), at=NOW, channel="web", sinks=["crm"], guard=Guard(0, NOW, NOW)
        ),
        2,
        1 + 2,
    ),
    (
        "judge, doubted",
        sent,
        lambda s, story: s.stories.judge(story, held(story, an_answer(), NOW, "web", (Doubt.NO_PROOF,)), a_survey()),
        2,
        0,
    ),
    (
        "judge, restored",
        sent,
        lambda s, story: s.stories.judge(
            story, restored(held(story, an_answer(), NOW, "web", ()), Doubted(1, an_answer(), NOW, "web", ()), ["crm"], NOW), a_survey()
        ),
        2,
        1 + 2,
    ),
    ("quarantine.add", lambda s: None, lambda s, _: s.quarantine.add("support", QuarantineMark("i-1", NOW)), 1, 0),
    (
        "note_forwards, one of two",
        answered,
        lambda s, story: s.stories.note_forwards(story, {"crm": Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")}),
        2,
        0,
    ),
    ("take_slot, known", known, lambda s, _: s.people.take_slot(["c", "a", "b"], "i-1", NOW, 60), 1, 0),
    ("take_slot, alone", lambda s: None, lambda s, _: s.people.take_slot(["a"], "i-1", NOW, 60), 1, 0),
    ("take_slot, three new", lambda s: None, lambda s, _: s.people.take_slot(["c", "a", "b"], "i-1", NOW, 60), 4, 0),
    ("import two", lambda s: None, lambda s, _: s.stories.import_answers(a_survey(), [an_imported_answer(n) for n in "ab"]), 1 + 2, 2),
    (
        "erase",
        answered,
        lambda s, story: s.stories.erase(story, erased(story, NOW, segments=(), tell=True), asked_day=DAY),
        1 + 2,
        1 + 2 + 1,
    ),
    ("forget", known, lambda s, _: s.people.forget("b"), 1 + 1 + 1, 0),
    ("census, a page", added, lambda s, _: s.census.page(), 1, 0),
    ("get", added, lambda s, story: s.stories.get(story.invitation_id), 0.5, 0),
]
"""Name, what is there before, what is done, units of the table, units of its indexes."""


@contextmanager
def metered(client: Any) -> Iterator[list[Any]]:
    """Every call's consumed capacity."""
    used: list[Any] = []

    def ask(params: Any, **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "INDEXES"

    def note(parsed: Any, **_: Any) -> None:
        found = parsed.get("ConsumedCapacity", [])
        used.extend(found if isinstance(found, list) else [found])

    events = client.meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", note)
    try:
        yield used
    finally:
        events.unregister("provide-client-params.dynamodb", ask)
        events.unregister("after-call.dynamodb", note)


@pytest.mark.dynamodb_local
@pytest.mark.parametrize(("name", "arrange", "act", "table_units", "index_units"), COSTS, ids=[each[0] for each in COSTS])
def test_an_access_costs_what_its_docstring_says(name: str, arrange: Arrange, act: Act, table_units: float, index_units: float) -> None:
    with dynamodb_local_table() as (client, table):
        store = store_on(client, table)
        arranged = arrange(store)
        with metered(client) as used:
            act(store, arranged)
    of_table = sum(each["Table"]["CapacityUnits"] for each in used)
    of_indexes = sum(index["CapacityUnits"] for each in used for index in each.get("GlobalSecondaryIndexes", {}).values())
    # A condition that fails is not counted by DynamoDB Local; AWS counts it as a write.
    assert of_table <= table_units
    assert of_indexes <= index_units


def test_every_access_pattern_has_its_own_number_and_none_is_missing() -> None:
    found = [
        int(number)
        for path in sorted(ADAPTERS.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef)
        for number in re.findall(r"^Access pattern (\d+),", ast.get_docstring(node) or "")
    ]
    assert sorted(found) == list(range(1, len(found) + 1))


@pytest.mark.dynamodb_local
def test_an_answered_survey_takes_no_more_than_its_budget() -> None:
    """`make cost` shows where each of them goes, and what a million cost."""
    if not LOCAL_URL:
        pytest.skip("no DynamoDB Local: `make test-dynamodb-local` runs these")
    used = account(play(LOCAL_URL, 40))["total"]
    assert {name: used[name] for name in BUDGET if used[name] > BUDGET[name]} == {}
