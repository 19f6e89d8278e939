"""A contact does not want to be asked again: at once, on every channel, for every survey."""

from __future__ import annotations

from dataclasses import dataclass

from hearback.domain.errors import NotFound
from hearback.domain.person import person_keys
from hearback.domain.story import Story
from hearback.ports import Clock, People, Stories


@dataclass(frozen=True)
class OptOut:
    stories: Stories
    people: People
    clock: Clock

    def __call__(self, invitation_id: str) -> Story:
        """All identities that the invitation knows of the person are opted out; doing it again changes nothing."""
        story = self.stories.get(invitation_id)
        if story is None:
            raise NotFound("this link no longer belongs to anything")
        keys = person_keys(story.trigger.contact, story.trigger.source)
        if keys:
            self.people.opt_out(keys, self.clock.now())
        return story
