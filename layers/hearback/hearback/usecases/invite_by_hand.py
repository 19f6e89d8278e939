"""POST /admin/surveys/{id}/invitations: a person asks for a survey, and hears what was decided so far."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearback.domain.errors import Invalid, NotFound
from hearback.domain.story import Story
from hearback.domain.trigger import Agent, Contact, Conversation, Trigger, TriggerKind
from hearback.ports import Chance, Clock, Configs
from hearback.usecases.accept_trigger import Taken

SOURCE = "manual"
"""The source of every trigger that was asked for here; no configured source may have this id."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to be asked, and about what. The same `id` again is the same wish; empty: one is drawn."""

    id: str
    contact: Contact
    conversation: Conversation
    agent: Agent


@dataclass(frozen=True, slots=True)
class Invited:
    story: Story
    duplicate: bool


@dataclass(frozen=True)
class InviteByHand:
    """`accept` is what every other trigger goes through as well."""

    configs: Configs
    accept: Callable[[Trigger], Taken]
    clock: Clock
    chance: Chance

    def __call__(self, survey: str, wish: Wish) -> Invited:
        """Raises `NotFound` for a survey that is not there, `Invalid` for an id that was used for another one."""
        if self.configs.get("surveys", survey) is None:
            raise NotFound("there is no such survey")
        trigger = Trigger(
            source=SOURCE,
            event_id=wish.id or self.chance.token(),
            kind=TriggerKind.REQUESTED,
            occurred_at=self.clock.now(),
            conversation=wish.conversation,
            contact=wish.contact,
            agent=wish.agent,
            survey=survey,
        )
        taken = self.accept(trigger)
        if taken.story is None or taken.story.survey != survey:
            raise Invalid("this invitation cannot be made", fields={"id": "was used for another survey"})
        return Invited(taken.story, taken.duplicate)
