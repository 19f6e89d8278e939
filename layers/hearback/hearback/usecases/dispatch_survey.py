"""Ask one contact: judge what can only be judged now, claim, send down the ladder, record what happened.

Guarantee: at most one send whose outcome is unknown, and never another one after it unless the provider says that it
did not arrive. A crash between claim and record is such an unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from hearback.domain.calendar import day_of
from hearback.domain.deciding import after_quiet_hours
from hearback.domain.facts import facts_of
from hearback.domain.person import person_keys
from hearback.domain.retrying import SEND_WAITS, next_try, reminder_due
from hearback.domain.story import REMINDER, Attempt, Decision, Outcome, Reason, SendOutcome, State, Story
from hearback.domain.survey import Survey
from hearback.domain.trigger import Trigger, TriggerKind
from hearback.ports import (
    Accepted,
    Busy,
    Chance,
    Clock,
    Configs,
    ContactLookup,
    Conversations,
    People,
    Refusal,
    Secret,
    Secrets,
    SendResult,
    Silence,
    SlotRefused,
    Stories,
)
from hearback.usecases.compose_question import compose_question
from hearback.usecases.ladder import Ladder, Rung
from hearback.usecases.signing import Signing

LEASE = timedelta(minutes=5)
"""Longer than a dispatcher can live (its function's timeout), so that a lapsed lease means a dead dispatcher."""

EARLY = timedelta(seconds=2)
"""Clocks differ: a story due within this time is due."""


class Dispatched(StrEnum):
    NOTHING_TO_DO = "nothing_to_do"
    NOT_DUE = "not_due"
    SKIPPED = "skipped"
    POSTPONED = "postponed"
    SENT = "sent"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    REMINDED = "reminded"
    LOST_RACE = "lost_race"


@dataclass(frozen=True)
class DispatchSurvey:
    configs: Configs
    stories: Stories
    people: People
    conversations: Conversations
    secrets: Secrets
    ladder: Ladder
    lookups: Mapping[str, ContactLookup]
    signing: Signing
    public_url: str
    clock: Clock
    chance: Chance

    def __call__(self, invitation_id: str) -> Dispatched:
        story = self.stories.get(invitation_id, consistent=True)
        if story is None:
            return Dispatched.NOTHING_TO_DO
        now = self.clock.now()
        match story.state:
            case State.PENDING:
                if (story.due_at or story.created_at) > now + EARLY:
                    return Dispatched.NOT_DUE
                return self._ask(story, now)
            case State.CLAIMED:
                return self._look_after(story, now)
            case State.SENT:
                return self._remind(story, now)
            case _:
                return Dispatched.NOTHING_TO_DO

    # --- the first message ---------------------------------------------------------------------------------------

    def _ask(self, story: Story, now: datetime) -> Dispatched:
        survey = self._survey(story.survey)
        if survey is None or not survey.enabled:
            return self._skip(story, Reason.NO_SURVEY if survey is None else Reason.SURVEY_DISABLED, now, survey)
        trigger = story.trigger
        if self._reopened(trigger):
            return self._skip(story, Reason.REOPENED, now, survey)
        if now > story.created_at + timedelta(days=survey.policy.expires_days, minutes=survey.policy.delay_minutes):
            return self._skip(story, Reason.EXPIRED, now, survey)
        if trigger.kind is not TriggerKind.REQUESTED:
            loud = after_quiet_hours(now, survey.policy, trigger.contact, survey.timezone)
            if loud > now:
                return self._postpone(story, Reason.QUIET_HOURS, now, loud)
        story = self._with_contact(story)
        ladder = list(self.ladder(story, survey))
        if not ladder:
            return self._skip(story, Reason.REFUSED if story.attempts else Reason.NO_ADDRESS, now, survey)
        return self._take_slot_and_climb(story, survey, ladder, now)

    def _take_slot_and_climb(self, story: Story, survey: Survey, ladder: list[Rung], now: datetime) -> Dispatched:
        keys = person_keys(story.trigger.contact, story.trigger.source)
        if keys:
            slot = self.people.take_slot(keys, story.invitation_id, now, survey.policy.cooldown_days * 86400)
            if isinstance(slot, SlotRefused):
                return self._skip(story, Reason.OPTED_OUT if slot.opted_out else Reason.COOLDOWN, now, survey)
            story = replace(story, person=slot.person)
        return self._climb(story, survey, ladder, now)

    def _climb(self, story: Story, survey: Survey, ladder: list[Rung], now: datetime) -> Dispatched:
        expires_at = now + timedelta(days=survey.policy.expires_days)
        closed: set[str] = set()
        for place, rung in enumerate(ladder):
            if rung.channel_id in closed:
                continue
            attempt = Attempt(self.chance.token(), rung.channel_id, rung.name, now)
            prepared = replace(
                story,
                channel=rung.channel_id,
                address=rung.address,
                facts=facts_of(story.trigger, survey, rung.adapter.kind, story.language),
            )
            send = self._prepare(prepared, survey, rung, attempt, expires_at)
            claimed = self.stories.claim(prepared, attempt, lease_until=now + LEASE, expires_at=expires_at)
            if claimed is None:
                return Dispatched.LOST_RACE
            result = send()
            if not isinstance(result, Refusal):
                return self._record(claimed, survey, attempt, result, now)
            closed |= {rung.channel_id} if result.rest_of_channel else set()
            left = any(each.channel_id not in closed for each in ladder[place + 1 :])
            settled = self._refused(claimed, survey, attempt, result, now, left=left)
            if settled is None:
                return Dispatched.LOST_RACE
            story = settled
        self._release(story)
        return Dispatched.REFUSED

    def _refused(self, story: Story, survey: Survey, attempt: Attempt, said: Refusal, now: datetime, *, left: bool) -> Story | None:
        """This rung would not carry it: pending again while others are left, else the end of the story."""
        refused = replace(attempt, outcome=SendOutcome.REFUSED, code=said.code, detail=said.detail, whole_channel=said.rest_of_channel)
        detail = f"{attempt.channel}: {said.code}"
        if left:
            decision = Decision(Outcome.PENDING, Reason.ACCEPTED, now, detail)
            return self._settle(story, refused, State.PENDING, decision, survey, due=now)
        return self._settle(story, refused, State.REFUSED, Decision(Outcome.NOT_SURVEYED, Reason.REFUSED, now, detail), survey, due=None)

    def _record(self, story: Story, survey: Survey, attempt: Attempt, result: Accepted | Busy | Silence, now: datetime) -> Dispatched:
        if isinstance(result, Accepted):
            sent = replace(attempt, outcome=SendOutcome.SENT, provider_id=result.provider_id)
            decision = Decision(Outcome.SURVEYED, Reason.SENT, now)
            self._settle(story, sent, State.SENT, decision, survey, due=reminder_due(survey, story.channel, now))
            return Dispatched.SENT
        if isinstance(result, Silence):
            silent = replace(attempt, outcome=SendOutcome.UNKNOWN, detail=result.detail)
            self._settle(story, silent, State.UNKNOWN, Decision(Outcome.SURVEYED, Reason.SEND_UNKNOWN, now), survey, due=None)
            return Dispatched.UNKNOWN
        busy = replace(attempt, outcome=SendOutcome.BUSY, code=result.code)
        tries = 1 + sum(each.outcome is SendOutcome.BUSY for each in story.attempts[:-1])
        due = next_try(SEND_WAITS, tries, self.clock.now(), result.retry_after, salt=story.invitation_id)
        if due is None:
            decision = Decision(Outcome.NOT_SURVEYED, Reason.REFUSED, now, f"{attempt.channel}: busy too long")
            self._settle(story, busy, State.REFUSED, decision, survey, due=None)
            self._release(story)
            return Dispatched.REFUSED
        self._settle(story, busy, State.PENDING, Decision(Outcome.PENDING, Reason.PROVIDER_BUSY, now, result.code), survey, due=due)
        return Dispatched.POSTPONED

    # --- afterwards ------------------------------------------------------------------------------------------------

    def _look_after(self, story: Story, now: datetime) -> Dispatched:
        """A claim somebody else holds: theirs while the lease runs, and due again when it lapses; after it, nobody knows whether
        the message went out.
        """
        if story.lease_until is not None and story.lease_until > now:
            return Dispatched.LOST_RACE
        survey = self._survey(story.survey)
        silent = replace(story.attempts[-1], outcome=SendOutcome.UNKNOWN, detail="the dispatcher died between claim and record")
        decision = Decision(Outcome.SURVEYED, Reason.SEND_UNKNOWN, now)
        self._settle(story, silent, State.UNKNOWN, decision, survey, due=None)
        return Dispatched.UNKNOWN

    def _remind(self, story: Story, now: datetime) -> Dispatched:
        if story.reminded or story.answered or story.reminder_at is None or story.reminder_at > now + EARLY:
            return Dispatched.NOTHING_TO_DO
        survey = self._survey(story.survey)
        if survey is None or story.expires_at is None or story.expires_at <= now:
            return self._no_reminder(story)
        rung = next((each for each in self.ladder(story, survey, again=True) if each.channel_id == story.channel), None)
        if rung is None or self.people.opted_out(person_keys(story.trigger.contact, story.trigger.source)):
            return self._no_reminder(story)
        attempt = Attempt(self.chance.token(), rung.channel_id, REMINDER, now)
        send = self._prepare(story, survey, rung, attempt, story.expires_at)
        claimed = self.stories.remind(story, attempt)
        if claimed is None:
            return Dispatched.LOST_RACE
        result = send()
        self.stories.note_delivery(claimed, _reminder_outcome(attempt, result), None)
        return Dispatched.REMINDED

    def _no_reminder(self, story: Story) -> Dispatched:
        """It would come too late, or to who has left: written down, or the sweeper would ask for it for ever."""
        self.stories.forgo_reminder(story)
        return Dispatched.NOTHING_TO_DO

    # --- parts -----------------------------------------------------------------------------------------------------

    def _survey(self, survey_id: str) -> Survey | None:
        item = self.configs.get("surveys", survey_id)
        return Survey.from_plain(item.id, item.body) if item else None

    def _reopened(self, trigger: Trigger) -> bool:
        if trigger.kind is TriggerKind.REQUESTED or not trigger.conversation.id:
            return False
        at = self.conversations.reopened_at(trigger.source, trigger.conversation.id)
        return at is not None and at > trigger.occurred_at

    def _with_contact(self, story: Story) -> Story:
        """Ask the helpdesk for what its webhook left out, where the source is set up for it."""
        item = self.configs.get("sources", story.trigger.source)
        lookup = self.lookups.get(item.body["kind"]) if item else None
        if item is None or lookup is None:
            return story
        secret = self.secrets.get(f"sources/{item.id}") or Secret({})
        contact = lookup.complete(story.trigger, item.body, secret)
        return replace(story, trigger=replace(story.trigger, contact=contact))

    def _prepare(self, story: Story, survey: Survey, rung: Rung, attempt: Attempt, expires_at: datetime) -> Callable[[], SendResult]:
        """Everything that can fail before the provider is spoken to, done before the claim: what fails here was never sent."""
        question = compose_question(story, survey, self.signing(), self.public_url, attempt.token, expires_at)
        secret = self.secrets.get(f"channels/{rung.channel_id}") or Secret({})
        return lambda: rung.adapter.send(question, rung.address, rung.name, rung.settings, secret)

    def _settle(
        self, story: Story, attempt: Attempt, state: State, decision: Decision, survey: Survey | None, *, due: datetime | None
    ) -> Story | None:
        day = day_of(decision.at, survey.timezone if survey else "UTC")
        return self.stories.settle(story, attempt, state, decision, due=due, asked_day=day)

    def _skip(self, story: Story, reason: Reason, now: datetime, survey: Survey | None) -> Dispatched:
        decision = Decision(Outcome.NOT_SURVEYED, reason, now)
        moved = self.stories.skip(story, decision, asked_day=day_of(now, survey.timezone if survey else "UTC"))
        if moved:
            self._release(story)
        return Dispatched.SKIPPED if moved else Dispatched.LOST_RACE

    def _postpone(self, story: Story, reason: Reason, now: datetime, due: datetime) -> Dispatched:
        moved = self.stories.postpone(story, Decision(Outcome.PENDING, reason, now), due)
        return Dispatched.POSTPONED if moved else Dispatched.LOST_RACE

    def _release(self, story: Story) -> None:
        if story.person:
            self.people.release_slot(story.person, story.invitation_id)


def _reminder_outcome(attempt: Attempt, result: SendResult) -> Attempt:
    """One reminder is tried once: whatever came of it is written down, and nothing is tried again."""
    match result:
        case Accepted(provider_id):
            return replace(attempt, outcome=SendOutcome.SENT, provider_id=provider_id)
        case Silence(detail):
            return replace(attempt, outcome=SendOutcome.UNKNOWN, detail=detail)
        case Refusal(code, detail, _):
            return replace(attempt, outcome=SendOutcome.REFUSED, code=code, detail=detail)
        case Busy(code, _):
            return replace(attempt, outcome=SendOutcome.BUSY, code=code)
