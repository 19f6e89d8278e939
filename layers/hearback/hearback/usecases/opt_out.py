"""A contact does not want to be asked again: at once, on every channel, for every survey."""

from __future__ import annotations

from dataclasses import dataclass

from hearback.domain.errors import Gone, NotFound
from hearback.domain.person import person_keys
from hearback.domain.story import Story
from hearback.ports import Clock, People, Stories


@dataclass(frozen=True)
class OptOut:
    stories: Stories
    people: People
    clock: Clock

    def __call__(self, invitation_id: str) -> Story:
        """All identities that the invitation knows of the person are opted out; doing it again changes nothing. Raises `NotFound`;
        `Gone` when the person was erased: nobody is known here any more who could be spared.
        """
        story = self.stories.get(invitation_id)
        if story is None:
            raise NotFound("this link no longer belongs to anything")
        if story.erased_at is not None:
            raise Gone("what this link belonged to has been erased", code="erased")
        keys = person_keys(story.trigger.contact, story.trigger.source)
        if keys:
            self.people.opt_out(keys, self.clock.now())
        return story
