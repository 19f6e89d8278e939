"""The link to one story's page, for a person to hand out or to put into a QR code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hearback.domain.links import LinkSigner
from hearback.domain.story import State, Story
from hearback.ports import Clock

_NO_PAGE = frozenset({State.SKIPPED, State.IMPORTED})


@dataclass(frozen=True)
class PageLink:
    """`signing` gives the signer with today's keys."""

    signing: Callable[[], LinkSigner]
    clock: Clock

    def __call__(self, story: Story, public_url: str) -> str | None:
        """None when the story has no page: nobody was to be asked, or its time is over."""
        if story.state in _NO_PAGE or not story.survey or story.expires_at is None or story.expires_at <= self.clock.now():
            return None
        return f"{public_url}/r/{self.signing().answer_token(story.invitation_id, story.survey, story.expires_at)}"
