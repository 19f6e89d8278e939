"""Every write of the table, with its request or its reply lost: the client repeats it, and it counts once, as our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from moto.core.models import botocore_stubber

from hearback.domain.calendar import day_of
from hearback.domain.erasing import erased
from hearback.domain.moves import Guard
from hearback.domain.quarantine import held, restored, without_round
from hearback.domain.story import Doubt, Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.ports import Held, QuarantineMark, Recorded, SlotTaken
from tests.builders import NOW, a_decision, a_story, a_survey, an_answer, an_attempt, an_imported_answer
from tests.contract.conftest import TABLE, Store, dynamodb_local_table, memory_store, store_on
from tests.contract.faults import Kind, Wire, over_a_socket, wire
from tests.contract.writes import Noted, writes_of

DAY = date(2026, 3, 2)
LEASE, EXPIRY = NOW + timedelta(minutes=5), NOW + timedelta(days=14)
SURVEY = a_survey()
ID = a_story().invitation_id
MARK = QuarantineMark(ID, NOW)
SENT = replace(an_attempt(), outcome=SendOutcome.SENT)
DELIVERED = Forward(ForwardState.DELIVERED, 1, 1, None, NOW, 200, "OK")


@dataclass(frozen=True)
class Write:
    """`arrange` prepares, `act` is the write under test; `writes` is how many calls it takes undisturbed. `sure`: its answer is right
    also after a lost reply; what is there afterwards always is.
    """

    name: str
    arrange: Callable[[Store], Any]
    act: Callable[[Store, Any], object]
    writes: int = 1
    sure: bool = True


def added(store: Store) -> Story:
    story = a_story()
    store.stories.add(story, due=NOW, asked_day=None)
    return story


def claimed(store: Store) -> Story:
    story = store.stories.claim(added(store), an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert story is not None
    return story


def sent(store: Store) -> Story:
    story = store.stories.settle(claimed(store), SENT, State.SENT, a_decision(Reason.SENT), due=LEASE, asked_day=DAY)
    assert story is not None
    return story


def answered(store: Store) -> Story:
    return say(store, sent(store)).story


def say(store: Store, story: Story, rating: int = 5) -> Recorded:
    return store.stories.record_answer(
        story.invitation_id, SURVEY, an_answer(rating), at=NOW + timedelta(minutes=rating), channel="web", sinks=["crm", "sheet"]
    )


def press(store: Store, guard: Guard, rating: int = 5) -> Recorded | Held:
    at = NOW + timedelta(hours=1)
    return store.stories.record_press(ID, SURVEY, an_answer(rating), at=at, channel="web", sinks=["crm"], guard=guard)


def doubted(story: Story, rating: int = 1, seconds: int = 0) -> Story:
    return held(story, an_answer(rating), NOW + timedelta(minutes=5, seconds=seconds), "web", (Doubt.AFTER_ANSWER,))


def rounded(store: Store) -> Story:
    story = answered(store)
    first = store.stories.judge(story, doubted(story), SURVEY)
    assert first is not None
    second = store.stories.judge(first, doubted(first, 2, seconds=1), SURVEY)
    assert second is not None
    return second


def marked(store: Store) -> str:
    added(store)
    ((_, mark),) = store.stories.due_before(NOW)
    return mark


def opted_out(store: Store) -> None:
    store.people.take_slot(["a", "b"], "i-0", NOW - timedelta(days=9), 1)
    store.people.opt_out(["a", "b"], NOW)


def known(store: Store) -> None:
    store.people.take_slot(["a", "b", "c"], "i-0", NOW - timedelta(days=9), 1)


def taken(store: Store) -> str:
    known(store)
    slot = store.people.take_slot(["a", "b", "c"], "i-1", NOW, 1)
    assert isinstance(slot, SlotTaken)
    return slot.person


def two_persons(store: Store) -> None:
    store.people.take_slot(["a"], "i-a", NOW - timedelta(days=9), 1)
    store.people.take_slot(["z", "y"], "i-z", NOW - timedelta(days=8), 1)
    store.people.opt_out(["q"], NOW)


def configured(store: Store) -> None:
    store.configs.put("sinks", "crm", {"n": 1})


def imported(store: Store) -> Story:
    store.stories.import_answers(SURVEY, [an_imported_answer("a")])
    (entry,) = store.stories.answers_of_day("support", day_of(an_imported_answer("a").at, SURVEY.timezone))
    story = store.stories.get(entry.invitation_id)
    assert story is not None
    return story


def erase(store: Store, story: Story) -> Story | None:
    return store.stories.erase(story, erased(story, NOW, segments=(), tell=True), asked_day=DAY)


def reopened(store: Store) -> None:
    store.conversations.reopen("helpdesk", "42", NOW)


def mail_claimed(store: Store) -> None:
    store.nights.claim_digest("support", "week", DAY, "t-1")


def night_begun(store: Store, _: object = None) -> bool:
    return store.nights.take_turn("support", "t-1", NOW, LEASE)


def dirty(store: Store) -> None:
    store.nights.mark_dirty("support", DAY, "1")


WRITES = [
    Write("add", lambda s: None, lambda s, _: s.stories.add(a_story(), due=NOW, asked_day=None)),
    Write("skip", added, lambda s, story: s.stories.skip(story, a_decision(Reason.COOLDOWN), asked_day=DAY)),
    Write("postpone", added, lambda s, story: s.stories.postpone(story, a_decision(Reason.QUIET_HOURS), LEASE)),
    Write("claim", added, lambda s, story: s.stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY)),
    Write(
        "settle",
        claimed,
        lambda s, story: s.stories.settle(story, SENT, State.SENT, a_decision(Reason.SENT), due=LEASE, asked_day=DAY),
    ),
    Write("note_delivery", sent, lambda s, story: s.stories.note_delivery(story, replace(SENT, outcome=SendOutcome.DELIVERED), NOW)),
    Write("remind", sent, lambda s, story: s.stories.remind(story, an_attempt("reminder"))),
    Write("forgo_reminder", sent, lambda s, story: s.stories.forgo_reminder(story)),
    Write("record_answer", sent, say),
    Write("record_answer again", answered, lambda s, story: say(s, story, 3)),
    Write("note_forwards", answered, lambda s, story: s.stories.note_forwards(story, {"crm": DELIVERED})),
    Write("replay_forward", answered, lambda s, story: s.stories.replay_forward(story, "crm")),
    Write("record_press", sent, lambda s, _: press(s, Guard(0))),
    Write("record_press, a change", answered, lambda s, _: press(s, Guard(1), 2)),
    Write("record_press, held", answered, lambda s, _: press(s, Guard(0), 2)),
    Write("judge, doubted", answered, lambda s, story: s.stories.judge(story, doubted(story), SURVEY)),
    Write("judge, taken back", rounded, lambda s, story: s.stories.judge(story, without_round(story, SURVEY, [], NOW), SURVEY)),
    Write("judge, restored", rounded, lambda s, story: s.stories.judge(story, restored(story, story.doubted[0], ["crm"], NOW), SURVEY)),
    Write("quarantine.add", lambda s: None, lambda s, _: s.quarantine.add("support", MARK)),
    Write("quarantine.remove", lambda s: s.quarantine.add("support", MARK), lambda s, _: s.quarantine.remove("support", MARK)),
    Write("push_due", marked, lambda s, mark: s.stories.push_due(ID, mark, LEASE)),
    Write("push_due away", marked, lambda s, mark: s.stories.push_due(ID, mark, None)),
    Write(
        "import",
        lambda s: None,
        lambda s, _: s.stories.import_answers(SURVEY, [an_imported_answer("a"), an_imported_answer("b")]),
        writes=2,
    ),
    Write("take_slot, new", lambda s: None, lambda s, _: s.people.take_slot(["c", "a", "b"], "i-1", NOW, 1), writes=4),
    Write("take_slot, known", known, lambda s, _: s.people.take_slot(["c", "a", "b"], "i-1", NOW, 1)),
    Write("take_slot, joining", two_persons, lambda s, _: s.people.take_slot(["z", "a"], "i-1", NOW, 1), writes=6),
    Write("take_slot, opted out", two_persons, lambda s, _: s.people.take_slot(["q", "a"], "i-1", NOW, 1), writes=6),
    Write("take_slot, again", taken, lambda s, _: s.people.take_slot(["c", "a", "b"], "i-1", LEASE, 1), writes=2),
    Write("release_slot", taken, lambda s, person: s.people.release_slot(person, "i-1")),
    Write("opt_out", known, lambda s, _: s.people.opt_out(["c", "a"], NOW), writes=2),
    Write("opt_in", opted_out, lambda s, _: s.people.opt_in(["b", "a"]), writes=2),
    Write("erase", answered, erase, writes=2),
    Write("erase, imported", imported, erase, writes=3),
    Write("forget", known, lambda s, _: s.people.forget("a"), writes=2),
    Write("forget, opted out", opted_out, lambda s, _: s.people.forget("a"), writes=2),
    Write("forget a conversation", reopened, lambda s, _: s.conversations.forget("helpdesk", "42")),
    Write("take_turn", lambda s: None, lambda s, _: s.warden.take_turn("mine", NOW, LEASE)),
    Write("end_turn", lambda s: s.warden.take_turn("mine", NOW, LEASE), lambda s, _: s.warden.end_turn("mine")),
    Write("see_ledger", lambda s: None, lambda s, _: s.warden.see_ledger("e-1")),
    Write("reopen", lambda s: None, lambda s, _: s.conversations.reopen("helpdesk", "42", NOW)),
    Write("take_turn, a night's", lambda s: None, night_begun),
    Write("end_turn, a night's", night_begun, lambda s, _: s.nights.end_turn("support", "t-1")),
    Write("mark_dirty", lambda s: None, lambda s, _: s.nights.mark_dirty("support", DAY, "1")),
    Write("clean", dirty, lambda s, _: s.nights.clean("support", DAY, "1")),
    Write("claim_digest", lambda s: None, lambda s, _: s.nights.claim_digest("support", "week", DAY, "t-1")),
    Write("release_digest", mail_claimed, lambda s, _: s.nights.release_digest("support", "week", DAY, "t-1")),
    Write("set_scored_until", lambda s: None, lambda s, _: s.nights.set_scored_until("support", DAY)),
    Write("put config", configured, lambda s, _: s.configs.put("sinks", "crm", {"n": 2})),
    Write("delete config", configured, lambda s, _: s.configs.delete("sinks", "crm"), sure=False),
]


@dataclass(frozen=True)
class Engine:
    """A table, and how its engine is asked below botocore."""

    client: Any
    table: str
    arrive: Callable[..., object]

    @property
    def store(self) -> Store:
        """The table through the eyes of one more process."""
        return store_on(self.client, self.table)

    def wire(self, **how: Any) -> AbstractContextManager[Wire]:
        return wire(self.client, arrive=self.arrive, **how)


@pytest.fixture(params=["moto", pytest.param("dynamodb_local", marks=pytest.mark.dynamodb_local)])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    if request.param == "moto":
        yield Engine(request.getfixturevalue("moto_table"), TABLE, botocore_stubber)
    else:
        with dynamodb_local_table() as (client, table):
            yield Engine(client, table, over_a_socket)


def rows(engine: Engine) -> list[Any]:
    """The whole table, but for what is random by design."""
    items = engine.client.scan(TableName=engine.table)["Items"]
    return sorted(({name: value for name, value in item.items() if name != "nonce"} for item in items), key=lambda item: item["pk"]["S"])


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.name)
def test_an_undisturbed_write_takes_as_many_calls_as_it_says(engine: Engine, write: Write) -> None:
    store = engine.store
    arranged = write.arrange(store)
    with engine.wire() as tapped:
        write.act(store, arranged)
    assert len(tapped.calls) == write.writes, tapped.calls


@pytest.mark.parametrize("lost", ["request", "reply"])
@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.name)
def test_a_write_answers_and_leaves_the_same_when_any_of_its_messages_is_lost(engine: Engine, write: Write, lost: Kind) -> None:
    store = engine.store
    expected = write.act(store, write.arrange(store))
    left = rows(engine)
    for place in range(write.writes):
        empty(engine)
        arranged = write.arrange(store)
        with engine.wire(lose={place: lost}) as tapped:
            answer = write.act(store, arranged)
        assert len(tapped.calls) > place + 1, "the client repeats"
        assert answer == expected or not write.sure, f"{lost} of call {place} lost"
        assert rows(engine) == left, f"{lost} of call {place} lost"


def empty(engine: Engine) -> None:
    for item in engine.client.scan(TableName=engine.table)["Items"]:
        engine.client.delete_item(TableName=engine.table, Key={"pk": item["pk"], "sk": item["sk"]})


def test_every_write_of_every_port_that_the_table_stands_behind_is_among_them() -> None:
    called: set[str] = set()
    for write in WRITES:
        inner = memory_store()
        arranged = write.arrange(inner)
        noted: Any = {each.name: Noted(each.name, getattr(inner, each.name), called) for each in fields(inner)}
        write.act(Store(**noted), arranged)
    assert set[str]().union(*(writes_of(each.name) for each in fields(Store))) - called == set()


# --- a lost reply, and somebody else's write before the repeat ------------------------------------------------------------------


def test_a_claim_is_still_ours_when_the_answer_came_before_its_repeat(engine: Engine) -> None:
    others = engine.store
    story = added(others)
    with engine.wire(lose={0: "reply"}, between=lambda: say(others, story)):
        after = engine.store.stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY)
    assert after is not None
    assert (after.state, after.version) == (State.CLAIMED, 1)


def test_a_claim_whose_lease_was_ended_before_its_repeat_is_lost(engine: Engine) -> None:
    others = engine.store
    story = added(others)

    def end_the_lease() -> None:
        found = others.stories.get(ID)
        assert found is not None
        given_up = replace(found.attempts[-1], outcome=SendOutcome.UNKNOWN)
        others.stories.settle(found, given_up, State.UNKNOWN, a_decision(Reason.SEND_UNKNOWN), due=None, asked_day=DAY)

    with engine.wire(lose={0: "reply"}, between=end_the_lease):
        assert engine.store.stories.claim(story, an_attempt(), lease_until=LEASE, expires_at=EXPIRY) is None


def test_a_claim_lost_to_another_while_its_request_was_lost_is_lost(engine: Engine) -> None:
    others = engine.store
    story = added(others)
    others.stories.claim(story, an_attempt("theirs"), lease_until=LEASE, expires_at=EXPIRY)
    with engine.wire(lose={0: "request"}):
        assert engine.store.stories.claim(story, an_attempt("ours"), lease_until=LEASE, expires_at=EXPIRY) is None


def test_a_redelivery_during_a_lost_reply_finds_the_story_and_the_first_is_still_new(engine: Engine) -> None:
    others = engine.store
    story = a_story()
    found: list[Story | None] = []

    def redeliver() -> None:
        found.append(others.stories.add(replace(story, created_at=NOW + timedelta(seconds=1)), due=NOW, asked_day=None))

    with engine.wire(lose={0: "reply"}, between=redeliver):
        assert engine.store.stories.add(story, due=NOW, asked_day=None) is None
    assert found == [story]


def test_a_sent_mark_whose_reply_was_lost_survives_the_answer_that_came_before_its_repeat(engine: Engine) -> None:
    others = engine.store
    story = claimed(others)
    with engine.wire(lose={0: "reply"}, between=lambda: say(others, story)):
        after = engine.store.stories.settle(story, SENT, State.SENT, a_decision(Reason.SENT), due=None, asked_day=DAY)
    assert after is not None
    assert (after.state, after.version) == (State.SENT, 1)


def test_a_press_repeated_by_the_client_is_one_version(engine: Engine) -> None:
    others = engine.store
    story = sent(others)
    with engine.wire(lose={0: "reply", 1: "reply"}) as tapped:
        recorded = engine.store.stories.record_answer(ID, SURVEY, an_answer(5), at=NOW, channel="web", sinks=["crm"])
    assert len(tapped.calls) == 3
    assert (recorded.version, recorded.changed) == (1, True)
    found = others.stories.get(story.invitation_id)
    assert found is not None
    assert len(found.answers) == 1
