"""GET /admin/contacts/{id}: everything that is kept about a person."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hearback.domain.calendar import stamp
from hearback.domain.erasing import is_imported, story_identities, story_keys
from hearback.domain.errors import Invalid, NotFound
from hearback.domain.person import keys_of
from hearback.domain.story import Story
from hearback.ports import Census, CensusPage, Clock, People, Stories
from hearback.usecases.show_quarantine import quarantined

TIME = timedelta(seconds=18)
"""How long one call searches: the HTTP API waits for 30 seconds."""

MOST = 200
"""Stories in one answer: a Lambda function answers with 6 MB at most."""


@dataclass(slots=True)
class _Search:
    """`after` and `keys` are what goes on in the next call; `grew`: an identity was learned on the way, which earlier pages may have."""

    keys: set[str]
    after: str = ""
    grew: bool = False
    searched: int = 0
    identities: dict[str, None] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)


@dataclass(frozen=True)
class ExportContact:
    """`describe` gives a story as the operator sees it."""

    census: Census
    stories: Stories
    people: People
    describe: Callable[[Story, str | None], dict[str, Any]]
    clock: Clock

    def __call__(self, contact: str, *, after: str = "") -> dict[str, Any]:
        """Invitations, and `next` to pass as `after` while there is more to be searched: a large table takes several calls.

        Raises `NotFound` for what can be no identity, and when everything was searched in this call and nothing is kept; `Invalid`
        for a place that is none.
        """
        asked = keys_of(contact)
        if not asked:
            raise _unknown()
        person = self.people.known(asked)
        search = _begun(after, set(person.keys))
        self._run(search, self.clock.now() + TIME)
        more = bool(search.after) or search.grew
        if not (more or after or search.stories or person.last_invited_at or person.opted_out_at):
            raise _unknown()
        return {
            "contact": contact,
            "identities": list(search.identities),
            "opted_out_at": _time(person.opted_out_at),
            "last_invited_at": _time(person.last_invited_at),
            "invitations": [self._described(each) for each in search.stories.values()],
            "next": _place(search) if more else None,
        }

    def _run(self, search: _Search, deadline: datetime) -> None:
        """Page by page; once more from the beginning when identities were learned that earlier pages were not searched for."""
        while True:
            page = self.census.page(search.after)
            search.after = page.next
            self._look_at(page, search)
            if not page.next:
                if not search.grew:
                    return
                search.grew = False
            if self.clock.now() >= deadline or len(search.stories) >= MOST:
                search.grew = search.grew or not page.next
                return

    def _look_at(self, page: CensusPage, search: _Search) -> None:
        for person in page.persons:
            known = {person.key, *person.belongs_to}
            if known & search.keys and known - search.keys:
                search.keys |= known
                search.grew = True
        for seen in page.stories:
            keys = set(story_keys(seen.trigger, seen.facts))
            if not keys & search.keys:
                continue
            if not is_imported(seen.trigger) and keys - search.keys:
                search.keys |= keys
                search.grew = True
            story = self.stories.get(seen.invitation_id, consistent=True)
            if story is not None:
                search.stories[seen.invitation_id] = story
                search.identities |= dict.fromkeys(story_identities(seen.trigger))

    def _described(self, story: Story) -> dict[str, Any]:
        return {**self.describe(story, None), "quarantined": [quarantined(each) for each in story.doubted]}


def _begun(after: str, keys: set[str]) -> _Search:
    if not after:
        return _Search(keys)
    try:
        plain = json.loads(base64.urlsafe_b64decode(after))
        return _Search(keys | set(map(str, plain["keys"])), str(plain["after"]), bool(plain["grew"]))
    except (ValueError, KeyError, TypeError):
        raise Invalid("there is no such page", fields={"after": "must be the `next` of the page before"}) from None


def _place(search: _Search) -> str:
    plain = {"after": search.after, "keys": sorted(search.keys), "grew": search.grew and bool(search.after)}
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode()


def _time(moment: datetime | None) -> str | None:
    return stamp(moment) if moment else None


def _unknown() -> NotFound:
    return NotFound("nobody is known by that", code="unknown_contact")
