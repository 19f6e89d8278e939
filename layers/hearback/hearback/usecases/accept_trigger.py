"""A verified trigger becomes one stored story with one decision; a redelivery finds that story again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta

from hearback.domain.calendar import day_of
from hearback.domain.deciding import first_decision
from hearback.domain.errors import Unavailable
from hearback.domain.facts import facts_of
from hearback.domain.languages import choose_language
from hearback.domain.story import Outcome, State, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Trigger, TriggerKind
from hearback.ports import Clock, Configs, Conversations, Outbox, Stories

GUARD = timedelta(seconds=60)
"""How long the queue may take before the sweeper asks again for a send that is due now."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a trigger. `story` is None for a reopening, which is remembered but asks nobody."""

    story: Story | None
    duplicate: bool = False


@dataclass(frozen=True)
class AcceptTrigger:
    configs: Configs
    stories: Stories
    conversations: Conversations
    outbox: Outbox
    clock: Clock

    def __call__(self, trigger: Trigger) -> Taken:
        if trigger.kind is TriggerKind.REOPENED:
            self.conversations.reopen(trigger.source, trigger.conversation.id, trigger.occurred_at)
            return Taken(None)
        survey = self._survey(trigger.survey)
        story = self._new_story(trigger, survey)
        waiting = story.decision.outcome is Outcome.PENDING
        due = max(story.due_at or story.created_at, story.created_at + GUARD) if waiting else None
        there = self.stories.add(story, due=due, asked_day=None if waiting else self._day(story, survey))
        current = there or story
        if self._due_now(current):
            with suppress(Unavailable):  # the story is stored with a due mark: the sweeper sends what this could not
                self.outbox.dispatch(current.invitation_id)
        return Taken(current, duplicate=there is not None)

    def _survey(self, survey_id: str) -> Survey | None:
        item = self.configs.get("surveys", survey_id) if survey_id else None
        return Survey.from_plain(item.id, item.body) if item else None

    def _new_story(self, trigger: Trigger, survey: Survey | None) -> Story:
        now = self.clock.now()
        decision, due = first_decision(trigger, survey, now)
        pending = decision.outcome is Outcome.PENDING
        language = choose_language(trigger.contact.language, survey.texts, survey.default_language) if survey else ""
        return Story(
            invitation_id=trigger.invitation_id,
            trigger=trigger,
            survey=trigger.survey,
            decision=decision,
            state=State.PENDING if pending else State.SKIPPED,
            created_at=now,
            due_at=due if pending else None,
            expires_at=due + timedelta(days=survey.policy.expires_days) if survey and pending else None,
            language=language,
            facts=facts_of(trigger, survey, language=language),
        )

    def _due_now(self, story: Story) -> bool:
        return story.state is State.PENDING and (story.due_at or story.created_at) <= self.clock.now()

    def _day(self, story: Story, survey: Survey | None) -> date:
        return day_of(story.created_at, survey.timezone if survey else "UTC")
