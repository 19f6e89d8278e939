"""What a report is made of, gathered from the digests in the bucket: of far days only as much as is needed is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from hearback.domain.scoring.digest import Digest, Group, Histogram, merged
from hearback.domain.scoring.report import Material
from hearback.domain.scoring.stored import Part, from_bytes, to_bytes
from hearback.domain.scoring.windows import Span, days_between
from hearback.domain.survey import Survey
from hearback.ports import Blobs

HELD_BYTES = 48_000_000
"""Of digests as they are stored: those of half a year, as a rule. A night's reports have most of their days in common."""


class GatherDigests:
    """One survey's digests. They are held as bytes and merged one by one, so that memory does not grow with a quarter's days."""

    def __init__(self, blobs: Blobs, survey: Survey) -> None:
        self._blobs, self._survey = blobs, survey.id
        self._group = Group.of_survey(survey)
        self._held: dict[date, bytes | None] = {}
        self._size = 0
        self._ratings: dict[date, Histogram] = {}

    def put(self, day: date, digest: Digest) -> bool:
        """Store a day's digest; whether that changed anything."""
        body = to_bytes(digest, self._survey, day.isoformat())
        self._hold(day, body)
        self._ratings.pop(day, None)
        return self._blobs.put(self._key(day), body, "application/json")

    def __call__(self, span: Span) -> Material:
        now = merged(self._read(span.days(), Part.COMMENTS))
        before = merged(self._read(span.before.days(), Part.PAIRS))
        return Material(now, before, {day: self._rated(day) for day in days_between(span.window_start, span.last)})

    def _read(self, days: Iterable[date], part: Part) -> Iterable[Digest]:
        for day in days:
            body = self._body(day)
            if body is not None:
                yield from_bytes(body, part)

    def _rated(self, day: date) -> Histogram:
        if day not in self._ratings:
            found = next(iter(self._read([day], Part.SCORES)), Digest())
            self._ratings[day] = found.groups[self._group].histogram if self._group in found.groups else Histogram()
        return self._ratings[day]

    def _body(self, day: date) -> bytes | None:
        if day not in self._held:
            self._hold(day, self._blobs.get(self._key(day)))
        return self._held[day]

    def _hold(self, day: date, body: bytes | None) -> None:
        """The days that came in first go first."""
        self._size -= len(self._held.pop(day, None) or b"")
        self._held[day] = body
        self._size += len(body or b"")
        while self._size > HELD_BYTES and len(self._held) > 1:
            self._size -= len(self._held.pop(next(iter(self._held))) or b"")

    def _key(self, day: date) -> str:
        return f"digests/survey={self._survey}/{day.isoformat()}.json"
