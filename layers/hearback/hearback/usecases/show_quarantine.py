"""GET /admin/quarantine: the answers that nobody may have given, why they are doubted, and what stands in their place."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from hearback.domain.calendar import day_of, instant, stamp
from hearback.domain.errors import Invalid
from hearback.domain.quarantine import doubted_on, waits_on
from hearback.domain.story import Doubt, Doubted, Story
from hearback.ports import Configs, Quarantine, QuarantineMark, Stories

WHY = {
    Doubt.NO_PROOF: "It did not carry what the page gives, or the page had lain open for more than a week.",
    Doubt.BY_SCRIPT: "The browser itself said that no person's gesture sent the form.",
    Doubt.TOO_SOON: "It came faster after the sending than a message can arrive, be opened and be read.",
    Doubt.AT_ONCE: "It was asked for once more, and that page was answered faster than a person reads it.",
    Doubt.AFTER_ANSWER: "An answer stood already, and the form had not been opened to change it.",
    Doubt.REPEATED: "It repeated, in the middle of a burst, what had been said.",
    Doubt.ALL_SCORES: "It was one of several different scores pressed within seconds.",
    Doubt.BURST: "It was one of many presses within seconds.",
}
PAGE = 50
_PLACE = re.compile(r"([0-9TZ:.-]{27})~([A-Za-z0-9_-]{1,64})", re.ASCII)


@dataclass(frozen=True)
class ShowQuarantine:
    configs: Configs
    stories: Stories
    quarantine: Quarantine

    def __call__(self, *, survey: str = "", after: str = "", limit: int = PAGE) -> dict[str, Any]:
        """The newest first; an item is what waits of one invitation and day. Raises `Invalid` for a place that is none."""
        marks = list(islice(self._marks(survey, _place(after), limit + 1), limit + 1))
        items = [item for of, mark in marks[:limit] if (item := self._item(of, mark)) is not None]
        return {"items": items, "next": _name(marks[limit - 1][1]) if len(marks) > limit else None}

    def _marks(self, survey: str, place: QuarantineMark | None, limit: int) -> Iterator[tuple[str, QuarantineMark]]:
        """Of one survey, or of all that are configured."""
        surveys = [survey] if survey else [each.id for each in self.configs.all("surveys")]
        found = [[(of, mark) for mark in self.quarantine.newest(of, before=place, limit=limit)] for of in surveys]
        return heapq.merge(*found, key=lambda each: (each[1].at, each[1].invitation_id), reverse=True)

    def _item(self, survey: str, mark: QuarantineMark) -> dict[str, Any] | None:
        """None when a mark leads to nothing: its story was erased, or never written so, or what waited was said properly since; of
        two presses in the same moment both may have set one.
        """
        story = self.stories.get(mark.invitation_id, consistent=True)
        if story is None:
            return None
        item = self.configs.get("surveys", survey)
        timezone = str(item.body["timezone"]) if item else "UTC"
        day = day_of(mark.at, timezone)
        waiting = waits_on(story, day, timezone) if doubted_on(story, timezone).get(day) == mark.at else ()
        return _item(story, survey, mark, waiting) if waiting else None


def _item(story: Story, survey: str, mark: QuarantineMark, waiting: Sequence[Doubted]) -> dict[str, Any]:
    standing = story.answers[-1] if story.answered else None
    return {
        "invitation_id": story.invitation_id,
        "survey": survey,
        "source": story.trigger.source,
        "event_id": story.trigger.event_id,
        "at": stamp(mark.at),
        "answers": [quarantined(each) for each in waiting],
        "counts": standing and {"version": standing.version, "rating": standing.answer.rating, "at": stamp(standing.at)},
    }


def quarantined(entry: Doubted) -> dict[str, Any]:
    """One answer in quarantine, JSON-ready."""
    return {
        "number": entry.number,
        "rating": entry.answer.rating,
        "details": entry.answer.details,
        "at": stamp(entry.at),
        "channel": entry.channel,
        "doubts": [each.value for each in entry.doubts],
        "why": " ".join(WHY[each] for each in entry.doubts),
        "counted_as": entry.version or None,
        "restored_as": entry.restored_as or None,
    }


def _name(mark: QuarantineMark) -> str:
    return f"{stamp(mark.at)}~{mark.invitation_id}"


def _place(name: str) -> QuarantineMark | None:
    if not name:
        return None
    found = _PLACE.fullmatch(name)
    try:
        if found:
            return QuarantineMark(found[2], instant(found[1]))
    except ValueError:
        pass
    raise Invalid("there is no such page", fields={"after": "must be the `next` of the page before"})
