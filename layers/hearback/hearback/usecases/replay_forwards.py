"""POST /admin/forwards/replay: bring an answer, or a day's answers, to a sink once more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from hearback.domain.errors import Invalid, NotFound, Unavailable
from hearback.domain.ids import invitation_id
from hearback.domain.story import Story
from hearback.ports import Configs, ForwardMessage, LedgerEntry, Outbox, Stories

MOST = 250
"""Answers of a day that one call replays: well within the time that the HTTP API gives it."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """`skipped` were not set back: erased or changed meanwhile. `next`: pass it as `after` for the rest of the day."""

    replayed: int
    skipped: int = 0
    next: str | None = None


@dataclass(frozen=True)
class ReplayForwards:
    configs: Configs
    stories: Stories
    outbox: Outbox
    most: int = MOST

    def one(self, sink: str, source: str, event_id: str) -> Replayed:
        """Raises `NotFound` for a trigger that never arrived, `Invalid` when there is no answer or no such sink, or one that does not
        take this survey's answers.
        """
        self._check_sink(sink)
        story = self.stories.get(invitation_id(source, event_id), consistent=True)
        if story is None:
            raise NotFound("no such trigger has arrived", code="unknown_trigger")
        if not story.answered:
            raise Invalid("there is nothing to forward", fields={"event_id": "has no answer yet"})
        self._check_sink(sink, story.survey)
        return self._replay([story.invitation_id], sink)

    def day(self, sink: str, survey: str, day: date, *, after: str = "") -> Replayed:
        """Every answer of that day in the survey's time zone, imported ones left out: they were never to be forwarded."""
        self._check_sink(sink)
        if self.configs.get("surveys", survey) is None:
            raise Invalid("nothing can be replayed", fields={"survey": "names no survey that is there"})
        self._check_sink(sink, survey)
        waiting = self._behind(self.stories.answers_of_day(survey, day), after)
        chosen = [entry.invitation_id for _, entry in zip(range(self.most), waiting, strict=False)]
        left = len(chosen) == self.most and next(waiting, None) is not None
        done = self._replay(chosen, sink)
        return Replayed(done.replayed, done.skipped, chosen[-1] if left else None)

    def _behind(self, entries: Iterator[LedgerEntry], after: str) -> Iterator[LedgerEntry]:
        """The entries after one that is named, in the ledger's own order, which does not change."""
        for entry in entries:
            if after:
                after = "" if entry.invitation_id == after else after
            elif not entry.answer.get("imported"):
                yield entry

    def _replay(self, invitation_ids: list[str], sink: str) -> Replayed:
        stories = (self.stories.get(each, consistent=True) for each in invitation_ids)
        set_back = [story for story in stories if story is not None and self.stories.replay_forward(story, sink)]
        with suppress(Unavailable):  # they are pending and due: the sweeper sends what this could not
            self.outbox.forward(_messages(set_back, sink))
        return Replayed(len(set_back), len(invitation_ids) - len(set_back))

    def _check_sink(self, sink: str, survey: str = "") -> None:
        item = self.configs.get("sinks", sink)
        if item is None:
            raise Invalid("nothing can be replayed", fields={"sink": "names no sink that is there"})
        if survey and survey not in item.body["surveys"]:
            raise Invalid("nothing can be replayed", fields={"sink": "does not take this survey's answers"})


def _messages(stories: list[Story], sink: str) -> list[ForwardMessage]:
    return [ForwardMessage(each.invitation_id, each.version, (sink,)) for each in stories]
