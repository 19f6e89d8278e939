"""POST /admin/surveys/{id}/invitations: a person asks for a survey, and hears what was decided so far."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from hearback.domain.errors import Invalid, NotFound
from hearback.domain.story import Story
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind
from hearback.ports import Chance, Clock, Configs
from hearback.usecases.accept_trigger import Taken

SOURCE = "manual"
"""The source of every trigger that was asked for here; no configured source may have this id."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be asked, and about what. The same `id` again is the same wish; empty: one is drawn. `channel` is meant to
    be used instead of the conversation's; empty: it is not.
    """

    id: str
    channel: str
    contact: Contact
    conversation: Conversation
    agent: Agent


@dataclass(frozen=True, slots=True)
class Invited:
    story: Story
    duplicate: bool


@dataclass(frozen=True)
class InviteByHand:
    """`accept` is what every other trigger goes through as well; `channel_kinds` are those that are part of this version."""

    configs: Configs
    accept: Callable[[Trigger], Taken]
    clock: Clock
    chance: Chance
    channel_kinds: Collection[str] = ()

    def __call__(self, survey: str, wish: Wish) -> Invited:
        """Raises `NotFound` for a survey that is not there, `Invalid` for an id that was used for another one."""
        item = self.configs.get("surveys", survey)
        if item is None:
            raise NotFound("there is no such survey")
        self._check_channel(wish.channel, item.body["channels"])
        trigger = Trigger(
            source=SOURCE,
            event_id=wish.id or self.chance.token(),
            kind=TriggerKind.REQUESTED,
            occurred_at=self.clock.now(),
            conversation=replace(wish.conversation, channel=wish.channel) if wish.channel else wish.conversation,
            contact=wish.contact,
            agent=wish.agent,
            survey=survey,
        )
        taken = self.accept(trigger)
        if taken.story is None or taken.story.survey != survey:
            raise Invalid("this invitation cannot be made", fields={"id": "was used for another survey"})
        return Invited(taken.story, taken.duplicate)

    def _check_channel(self, channel: str, ladder: Collection[str]) -> None:
        if not channel:
            return
        if channel not in self.channel_kinds and self.configs.get("channels", channel) is None:
            raise Invalid("this invitation cannot be made", fields={"channel": "is no channel here"})
        if "same" not in ladder and channel not in ladder:
            raise Invalid("this invitation cannot be made", fields={"channel": "is not among the survey's channels"})
