"""POST /replies/{channel}: ratings given in the chat, and a provider's later word on a send. All else is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from hearback.domain.calendar import day_of, stamp
from hearback.domain.errors import Gone, Invalid, NotFound
from hearback.domain.person import address_keys
from hearback.domain.retrying import reminder_due
from hearback.domain.story import REMINDER, Attempt, Decision, Outcome, Reason, SendOutcome, State, Story
from hearback.domain.survey import Survey
from hearback.domain.typed import typed_rating
from hearback.ports import (
    Clock,
    ConfigItem,
    Configs,
    DeliveryWord,
    Handshake,
    InboundRequest,
    Nights,
    Outbox,
    People,
    ReplyReader,
    Secret,
    Secrets,
    Stories,
    TypedReply,
)
from hearback.usecases.record_answer import RecordAnswer

TYPED_WINDOW = timedelta(hours=72)
"""How long after the question a bare "5" in the chat is still an answer to it, and not the start of something else."""


@dataclass(frozen=True, slots=True)
class RepliesRead:
    """How many of a webhook's parts were answers, words on deliveries, or nothing of ours."""

    answers: int = 0
    deliveries: int = 0
    left_alone: int = 0


@dataclass(frozen=True)
class ReceiveReply:
    readers: Mapping[str, ReplyReader]
    configs: Configs
    stories: Stories
    people: People
    secrets: Secrets
    outbox: Outbox
    nights: Nights
    record: RecordAnswer
    clock: Clock

    def handshake(self, channel_id: str, request: InboundRequest) -> Handshake:
        item, reader = self._reader(channel_id)
        return reader.handshake(request, self._secret(item), self.clock.now())

    def __call__(self, channel_id: str, request: InboundRequest) -> RepliesRead:
        item, reader = self._reader(channel_id)
        reader.verify(request, self._secret(item), item.body, self.clock.now())
        answers = deliveries = left_alone = 0
        for each in reader.read(request):
            if isinstance(each, DeliveryWord):
                deliveries += self._note(each, item)
            elif self._answer(each, item):
                answers += 1
            else:
                left_alone += 1
        return RepliesRead(answers, deliveries, left_alone)

    def _reader(self, channel_id: str) -> tuple[ConfigItem, ReplyReader]:
        item = self.configs.get("channels", channel_id)
        reader = self.readers.get(item.body["kind"]) if item else None
        if item is None or reader is None:
            raise NotFound("there is no such channel", code="unknown_channel")
        return item, reader

    def _secret(self, item: ConfigItem) -> Secret:
        return self.secrets.get(f"channels/{item.id}") or Secret({})

    # --- answers ---------------------------------------------------------------------------------------------------

    def _answer(self, reply: TypedReply, item: ConfigItem) -> bool:
        """Record a reply that is certainly an answer to a survey of ours; leave any other message alone."""
        story = self._story_of(reply, item)
        if story is None:
            return False
        survey = self._survey(story.survey)
        rating = reply.rating if survey and reply.rating is not None else typed_rating(reply.text, survey.scale) if survey else None
        if rating is None:
            return False
        try:
            self.record(story.invitation_id, story.survey, rating, {}, channel=item.body["kind"])
        except (Gone, NotFound, Invalid):
            return False
        return True

    def _story_of(self, reply: TypedReply, item: ConfigItem) -> Story | None:
        if reply.invitation_id:
            return self._asked_here(reply.invitation_id, item)
        invitation_id = self._last_asked(item, reply.address)
        story = self._asked_here(invitation_id, item) if invitation_id else None
        if story is None or not story.attempts:
            return None
        if reply.quoted:
            return story if any(each.provider_id == reply.quoted for each in story.attempts) else None
        return story if self._expects_a_typed_reply(story) else None

    def _last_asked(self, item: ConfigItem, address: str) -> str | None:
        keys = address_keys(item.body["kind"], address)
        return next((found for key in keys if (found := self.people.last_invitation(key))), None)

    def _asked_here(self, invitation_id: str, item: ConfigItem) -> Story | None:
        """The story, if it went out on a channel of this kind: one app may receive for several of the company's numbers."""
        story = self.stories.get(invitation_id)
        return story if story and any(self._kind_of(each.channel) == item.body["kind"] for each in story.attempts) else None

    def _kind_of(self, channel_id: str) -> str:
        """A channel without configuration is called by its kind."""
        item = self.configs.get("channels", channel_id)
        return str(item.body["kind"]) if item else channel_id

    def _expects_a_typed_reply(self, story: Story) -> bool:
        return not story.answered and self.clock.now() - story.attempts[-1].at <= TYPED_WINDOW

    def _survey(self, survey_id: str) -> Survey | None:
        item = self.configs.get("surveys", survey_id)
        return Survey.from_plain(item.id, item.body) if item else None

    # --- deliveries ------------------------------------------------------------------------------------------------

    def _note(self, word: DeliveryWord, item: ConfigItem) -> int:
        invitation_id = word.invitation_id or self._perhaps_about(word, item)
        story = self.stories.get(invitation_id, consistent=True) if invitation_id else None
        attempt = next((each for each in story.attempts if _is_about(word, each)), None) if story else None
        if story is None or attempt is None:
            return 0
        if word.outcome == "failed":
            return int(self._did_not_arrive(story, attempt, word))
        return int(self._did_arrive(story, attempt, word))

    def _perhaps_about(self, word: DeliveryWord, item: ConfigItem) -> str | None:
        """Meta gives our mark back, what stands between it and us may not: then the message's id tells, among what its receiver was
        sent last. That a message left says nothing new where its id is known.
        """
        if not word.address or word.outcome == "sent":
            return None
        return self._last_asked(item, word.address)

    def _did_arrive(self, story: Story, attempt: Attempt, word: DeliveryWord) -> bool:
        outcome = SendOutcome.DELIVERED if word.outcome == "delivered" else SendOutcome.SENT
        heard = replace(attempt, outcome=outcome, provider_id=attempt.provider_id or word.provider_id)
        newest = story.attempts[-1].token == attempt.token
        if newest and story.state in {State.UNKNOWN, State.CLAIMED}:
            self._count_again(story)
            decision = Decision(Outcome.SURVEYED, Reason.SENT, self._counted_at(story), "the provider's word")
            settled = self.stories.settle(story, heard, State.SENT, decision, due=self._reminder(story), asked_day=self._day(story))
            if settled is None:
                return False
            story = settled
        if outcome is SendOutcome.DELIVERED and story.delivered_at is None:
            self._count_again(story)
            return self.stories.note_delivery(story, heard, word.at)
        return True

    def _did_not_arrive(self, story: Story, attempt: Attempt, word: DeliveryWord) -> bool:
        """The provider's word that this very attempt failed: the only thing that lets the ladder go on after a send, unless the
        provider has said that it arrived. A reminder that failed takes nothing back: what it reminds of has arrived.
        """
        if attempt.rung == REMINDER:
            refused = replace(attempt, outcome=SendOutcome.REFUSED, code=word.code)
            return self.stories.note_delivery(story, refused, None)
        newest = story.attempts[-1].token == attempt.token
        arrived = story.answered or attempt.outcome is SendOutcome.DELIVERED
        if not newest or arrived or story.state not in {State.SENT, State.UNKNOWN, State.CLAIMED}:
            return False
        refused = replace(attempt, outcome=SendOutcome.REFUSED, code=word.code, whole_channel=not word.same_channel)
        now = self.clock.now()
        self._count_again(story)
        decision = Decision(Outcome.PENDING, Reason.ACCEPTED, now, f"{attempt.channel}: {word.code}")
        if self.stories.settle(story, refused, State.PENDING, decision, due=now, asked_day=self._day(story)) is None:
            return False
        self.outbox.dispatch(story.invitation_id)
        return True

    def _reminder(self, story: Story) -> datetime | None:
        survey = self._survey(story.survey)
        return reminder_due(survey, story.channel, story.attempts[-1].at) if survey else None

    def _count_again(self, story: Story) -> None:
        """What is heard of a send on a later day changes what the report of the day says that it is counted on. To be asked before
        it is written down: a crash in between would hide it.
        """
        day, now = self._day(story), self.clock.now()
        survey = self._survey(story.survey)
        if survey and day < day_of(now, survey.timezone):
            self.nights.mark_dirty(survey.id, day, stamp(now))

    def _day(self, story: Story) -> date:
        survey = self._survey(story.survey)
        return day_of(self._counted_at(story), survey.timezone if survey else "UTC")

    def _counted_at(self, story: Story) -> datetime:
        """A send counts on the day on which its outcome, also an unknown one, was first decided, and stays there."""
        return story.decision.at if story.state in {State.SENT, State.UNKNOWN} else self.clock.now()


def _is_about(word: DeliveryWord, attempt: Attempt) -> bool:
    return attempt.token == word.attempt if word.invitation_id else attempt.provider_id == word.provider_id
