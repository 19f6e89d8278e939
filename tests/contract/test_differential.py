"""The fake and the table, moved by the same drawn script, answer the same at every step: what the simulator plays on the fake is
what the table would do.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from hearback.domain.errors import Gone, NotFound
from hearback.domain.moves import Guard, IllegalMove
from hearback.domain.quarantine import held, restored, waiting, without_round
from hearback.domain.rounds import CALM
from hearback.domain.story import Doubt, Forward, ForwardState, Reason, SendOutcome, State, Story
from hearback.ports import Stories
from tests.builders import NOW, a_decision, a_story, a_survey, a_trigger, an_answer, an_attempt, an_imported_answer
from tests.contract.conftest import TABLE, Store, memory_store, moto_client, store_on
from tests.contract.tables import definition

EXAMPLES = int(os.environ.get("HEARBACK_TEST_EXAMPLES", "10"))
DAY = date(2026, 3, 2)
SHORT = a_survey(policy={"edit_hours": 1})
EVENTS = ["one", "two", "three"]


MOVES = (
    *("add", "skip", "postpone", "claim", "settle", "settle", "deliver", "remind", "forgo"),
    *("answer", "answer", "press", "press", "judge", "judge", "restore", "forward", "replay", "push", "import"),
)


@dataclass(frozen=True)
class Step:
    """One call; `stale` uses the reading from before the last one, as a slower process would."""

    name: str
    event: str
    number: int
    minutes: int
    stale: bool


steps = st.builds(
    Step,
    st.sampled_from(MOVES),
    st.sampled_from(EVENTS),
    st.integers(0, 5),
    st.integers(0, 40),
    st.booleans(),
)


class Player:
    """Plays a script on one store, remembering for each story what it read last and before."""

    def __init__(self, store: Store) -> None:
        self.stories: Stories = store.stories
        self._read: dict[str, list[Story]] = {}
        self._now = NOW

    def play(self, step: Step) -> Any:
        self._now += timedelta(minutes=step.minutes)
        readings = self._read.setdefault(step.event, [a_story(step.event)])
        story = readings[-2 if step.stale and len(readings) > 1 else -1]
        try:
            answer = getattr(self, step.name)(story, step)
        except (Gone, NotFound, IllegalMove) as error:
            answer = type(error)
        current = self.stories.get(story.invitation_id, consistent=True)
        if current is not None and current != readings[-1]:
            readings.append(current)
        return answer, current

    def add(self, story: Story, step: Step) -> Any:
        decided = step.number == 0
        fresh = a_story(step.event, trigger=a_trigger(step.event), created_at=self._now, due_at=None if decided else self._now)
        if decided:
            fresh = replace(fresh, state=State.SKIPPED, decision=a_decision(Reason.SAMPLED_OUT))
        return self.stories.add(fresh, due=None if decided else self._now, asked_day=DAY if decided else None)

    def skip(self, story: Story, step: Step) -> Any:
        return self.stories.skip(story, a_decision(Reason.COOLDOWN, at=self._now), asked_day=DAY)

    def postpone(self, story: Story, step: Step) -> Any:
        return self.stories.postpone(story, a_decision(Reason.QUIET_HOURS, at=self._now), self._now + timedelta(hours=1))

    def claim(self, story: Story, step: Step) -> Any:
        prepared = replace(story, person=f"p-{step.number}", address="" if step.number % 2 else "a@example.com", language="de")
        lease, expiry = self._now + timedelta(minutes=5), self._now + timedelta(hours=6)
        return self.stories.claim(prepared, an_attempt(f"t-{self._now}", at=self._now), lease_until=lease, expires_at=expiry)

    def settle(self, story: Story, step: Step) -> Any:
        if not story.attempts:
            return None
        state = [State.SENT, State.UNKNOWN, State.REFUSED, State.PENDING, State.SENT, State.SKIPPED][step.number]
        attempt = replace(story.attempts[-1], outcome=SendOutcome.SENT, code=str(step.number))
        due = self._now + timedelta(hours=2) if step.number != 4 else None
        decision = a_decision(Reason.SENT, at=self._now)
        return self.stories.settle(story, attempt, state, decision, due=due, asked_day=DAY + timedelta(days=step.number % 2))

    def deliver(self, story: Story, step: Step) -> Any:
        if not story.attempts:
            return None
        attempt = replace(story.attempts[step.number % len(story.attempts)], outcome=SendOutcome.DELIVERED)
        return self.stories.note_delivery(story, attempt, self._now if step.number else None)

    def remind(self, story: Story, step: Step) -> Any:
        return self.stories.remind(story, an_attempt(f"r-{self._now}", at=self._now))

    def forgo(self, story: Story, step: Step) -> Any:
        return self.stories.forgo_reminder(story)

    def answer(self, story: Story, step: Step) -> Any:
        sinks = ["crm", "sheet", "hook"][: step.number % 4]
        survey = a_survey(policy={"edit_hours": 1})
        words = an_answer(1 + step.number % 3, **({"comment": "x"} if step.stale else {}))
        return self.stories.record_answer(story.invitation_id, survey, words, at=self._now, channel="web", sinks=sinks)

    def press(self, story: Story, step: Step) -> Any:
        """From a page that showed what this process read last, seconds after the one before."""
        self._now += timedelta(seconds=step.minutes)
        guard = Guard(story.version, self._now - CALM, self._now - timedelta(minutes=1) if step.number == 5 else None)
        answer = an_answer(1 + step.number % 4)
        sinks = ["crm", "sheet"][: step.number % 3]
        return self.stories.record_press(story.invitation_id, SHORT, answer, at=self._now, channel="web", sinks=sinks, guard=guard)

    def judge(self, story: Story, step: Step) -> Any:
        self._now += timedelta(seconds=step.minutes % 7)
        after = held(story, an_answer(1 + step.number), self._now, "web", (Doubt.AFTER_ANSWER,))
        return self.stories.judge(story, without_round(after, SHORT, ["crm"], self._now), SHORT)

    def restore(self, story: Story, step: Step) -> Any:
        entry = next(iter(waiting(story)), None)
        return entry and self.stories.judge(story, restored(story, entry, ["crm", "hook"][: step.number % 3], self._now), SHORT)

    def forward(self, story: Story, step: Step) -> Any:
        state = [ForwardState.PENDING, ForwardState.DELIVERED, ForwardState.DEAD][step.number % 3]
        again = self._now + timedelta(minutes=step.number) if state is ForwardState.PENDING else None
        noted = Forward(state, story.version, step.number + 1, again, self._now, 200 + step.number, "said")
        return self.stories.note_forwards(story, {["crm", "sheet"][step.number % 2]: noted})

    def replay(self, story: Story, step: Step) -> Any:
        return self.stories.replay_forward(story, ["crm", "new"][step.number % 2])

    def push(self, story: Story, step: Step) -> Any:
        due = list(self.stories.due_before(self._now))
        pushed = [
            self.stories.push_due(each, mark, self._now + timedelta(minutes=step.number) if step.number else None) for each, mark in due[:2]
        ]
        return due, pushed

    def Import(self, step: Step) -> None:  # noqa: N802 - "import" is a keyword
        row = an_imported_answer(f"row-{step.number}", rating=1 + step.minutes % 5, at=NOW + timedelta(hours=step.number))
        self.stories.import_answers(a_survey(), [row, row])

    def everything(self) -> Any:
        days = [DAY + timedelta(days=n) for n in range(3)]
        return (
            list(self.stories.due_before(datetime(9999, 1, 1, tzinfo=UTC), limit=4000)),
            [list(self.stories.answers_of_day("support", day)) for day in days],
            [list(self.stories.asked_of_day("support", day)) for day in days],
        )


setattr(Player, "import", lambda self, story, step: self.Import(step))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(steps, min_size=10, max_size=30))
def test_the_fake_and_the_table_answer_every_step_alike(script: list[Step]) -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        fake, table = Player(memory_store()), Player(store_on(client, TABLE))
        for event in EVENTS:
            add = Step("add", event, 1, 0, stale=False)
            assert fake.play(add) == table.play(add)
        for n, step in enumerate(script):
            assert fake.play(step) == table.play(step), f"step {n}: {step}"
        assert fake.everything() == table.everything()


people_steps = st.tuples(
    st.sampled_from(["take", "take", "take", "release", "out", "in"]),
    st.lists(st.sampled_from("abcdef"), min_size=1, max_size=3, unique=True),
    st.sampled_from([0.0, 3600.0, 86400.0]),
    st.integers(0, 2000),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(people_steps, min_size=4, max_size=25))
def test_the_fake_and_the_table_know_the_same_of_every_person(script: list[tuple[str, list[str], float, int]]) -> None:
    with mock_aws():
        client = moto_client("dynamodb")
        client.create_table(TableName=TABLE, **definition())
        answers = [people_answers(store, script) for store in (memory_store(), store_on(client, TABLE))]
    assert answers[0] == answers[1]


def people_answers(store: Store, script: list[tuple[str, list[str], float, int]]) -> list[Any]:
    people, now = store.people, NOW
    answers: list[Any] = []
    for n, (name, keys, cooldown, minutes) in enumerate(script):
        now += timedelta(minutes=minutes)
        if name == "take":
            answers.append(people.take_slot(keys, f"i-{n if minutes % 5 else n - 1}", now, cooldown))
        elif name == "release":
            newest = people.last_invitation(keys[0])
            people.release_slot(keys[0], newest if newest and minutes % 3 else "nobody's")
        elif name == "out":
            people.opt_out(keys, now)
        else:
            people.opt_in(keys)
        answers.append([(people.last_invitation(key), people.opted_out([key])) for key in "abcdef"])
    return answers
