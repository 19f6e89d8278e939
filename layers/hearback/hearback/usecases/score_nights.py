"""Score the days that have ended: recount each from the ledger, then rebuild every report above it from the digests.

Nothing is marked as done before its reports are written, and all of it can be done again: the same ledger gives the same
bytes, and `Blobs.put` does not write bytes that are there already.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby

from hearback.domain.calendar import Period, day_of, days_of, stamp
from hearback.domain.errors import Invalid, NotFound, Unavailable
from hearback.domain.scoring.digest import Digest
from hearback.domain.scoring.latest import Latest
from hearback.domain.scoring.line import ReportLine
from hearback.domain.scoring.report import report_of
from hearback.domain.scoring.windows import Span, spans_holding, spans_looking_back_at
from hearback.domain.survey import Survey
from hearback.ports import Blobs, Clock, ConfigItem, Configs, Nights, ReportWriter, Stories, WordSplitter
from hearback.usecases.count_day import CountDay
from hearback.usecases.digest_day import DigestDay, Parted
from hearback.usecases.gather_digests import GatherDigests

RESERVE_SECONDS = 240.0
"""What is kept back for the reports of the days counted so far: no further day is begun with less."""

SETTLING = timedelta(minutes=1)
"""How far the ledger's index may lag behind what was written. A day is left alone that long after its end, and a mark that
is younger is counted but kept, so that the day is counted once more when the index has certainly caught up.
"""

LOOK_BACK_DAYS = 14
"""How far a survey's very first night looks for a day with something in it."""


TURN = timedelta(minutes=16)
"""Longer than a run can live: who finds a turn that has lasted so long finds a run that has died."""


@dataclass(slots=True)
class NightOutcome:
    """`days` counted by survey; `written` objects whose bytes changed; `failures` by survey, for the caller to raise once
    the others are done; `more`: the time ran out first, and another run goes on from there. `handed_over` are days by survey
    that a crew counts in parts; it has another run go on with them.
    """

    days: dict[str, list[date]] = field(default_factory=dict)
    written: int = 0
    failures: dict[str, Exception] = field(default_factory=dict)
    more: bool = False
    handed_over: dict[str, list[date]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ScoreNights:
    configs: Configs
    stories: Stories
    nights: Nights
    blobs: Blobs
    clock: Clock
    writers: Sequence[ReportWriter]
    index: Callable[[Survey, Sequence[ReportLine]], int] = lambda _survey, _lines: 0
    """Takes what was reported into the survey's index page; how many objects it changed."""
    digest_day: DigestDay | None = None
    """How days are counted, where that is more than reading them."""
    words: WordSplitter | None = None
    """Finds the words of a comment, so that examples can stand beside words."""
    quarantined: Callable[[Survey, date], int] = lambda _survey, _day: 0
    """How many invitations got doubtful answers on a day that nobody has restored."""

    def __call__(
        self,
        *,
        survey: str | None = None,
        day: date | None = None,
        parted: Parted | None = None,
        run: str = "by hand",
        seconds_left: Callable[[], float] = lambda: math.inf,
    ) -> NightOutcome:
        """Score every survey, or one; `day` forces the recount of one day of it, whether or not anything is due. `parted` is a
        day of it that was too large for one run and has been counted in parts. `run` names the run: whoever tries it again
        after it has died takes over its turn.

        Raises `NotFound` for a survey that does not exist, `Invalid` for a day without a survey or one that has not ended,
        `Unavailable` while another run writes the survey's reports.
        """
        outcome = NightOutcome()

        def score(item: ConfigItem) -> None:
            self._in_turn(item.id, run, lambda: _SurveyNight(self, item, outcome, seconds_left, parted).run(day))

        if survey is not None:
            item = self.configs.get("surveys", survey)
            if item is None:
                raise NotFound("there is no such survey")
            score(item)
            return outcome
        if day is not None:
            raise Invalid("a day is recounted for one survey", fields={"survey": "is missing"})
        for item in sorted(self.configs.all("surveys"), key=lambda each: each.id):
            try:
                score(item)
            except Exception as error:  # noqa: BLE001 - one survey's trouble, whatever it is, must not stop the others; the caller raises it
                outcome.failures[item.id] = error
        return outcome

    def _in_turn(self, survey: str, run: str, work: Callable[[], None]) -> None:
        """Two runs at once would name each other's half-written reports."""
        now = self.clock.now()
        if not self.nights.take_turn(survey, run, now, now + TURN):
            raise Unavailable("another run is writing this survey's reports", retry_after=60, code="busy")
        try:
            work()
        finally:
            self.nights.end_turn(survey, run)


class _SurveyNight:
    """One survey's share of one run."""

    def __init__(
        self, ports: ScoreNights, item: ConfigItem, outcome: NightOutcome, seconds_left: Callable[[], float], parted: Parted | None
    ) -> None:
        survey = Survey.from_plain(item.id, item.body)
        self._ports, self._survey, self._outcome, self._seconds_left = ports, survey, outcome, seconds_left
        self._version, self._parted = item.version, parted
        self._digest_day = ports.digest_day or DigestDay(CountDay(ports.stories, words=ports.words), ports.blobs)
        self._root = f"reports/survey={survey.id}"
        self._digests = GatherDigests(ports.blobs, survey)
        self._unscored: set[date] = set()
        settled = ports.clock.now() - SETTLING
        self._settled = stamp(settled)
        self._last_ended = day_of(settled, survey.timezone) - timedelta(days=1)

    def run(self, forced: date | None) -> None:
        if forced is not None and forced > self._last_ended:
            raise Invalid("a day is counted once it has ended", fields={"day": f"has not ended in {self._survey.timezone}"})
        stamps = {day: mark for day, mark in self._ports.nights.dirty_days(self._survey.id) if day <= self._last_ended}
        self._unscored = set(self._unscored_days())
        due = sorted(self._unscored | stamps.keys() | self._yesterday() | self._handed_back()) if forced is None else [forced]
        latest = Latest(self._survey.id, self._ports.blobs.get(self._latest_key))
        waiting = set(due)
        for _, month in groupby(due, key=lambda day: (day.year, day.month)):
            counted = list(self._count(month, stamps))
            if not counted:
                continue
            waiting -= set(counted)
            self._unscored -= set(counted)
            self._rebuild(counted, waiting, latest)
            self._settle(counted, stamps, scored=forced is None)

    def _unscored_days(self) -> Iterator[date]:
        until = self._ports.nights.scored_until(self._survey.id)
        day = self._first_day_ever() if until is None else until + timedelta(days=1)
        while day <= self._last_ended:
            yield day
            day += timedelta(days=1)

    def _yesterday(self) -> set[date]:
        """The day that ended last is counted by every run, also by one that comes after another: it costs little, and finds
        what a clock that was set back, or an index that lagged, had hidden.
        """
        return {self._last_ended} if self._has_something(self._last_ended) else set()

    def _handed_back(self) -> set[date]:
        return {self._parted.day} if self._parted is not None else set()

    def _first_day_ever(self) -> date:
        """A survey's reports begin with the first day that has something in it."""
        for back in range(LOOK_BACK_DAYS, -1, -1):
            day = self._last_ended - timedelta(days=back)
            if self._has_something(day):
                return day
        return self._last_ended + timedelta(days=1)

    def _has_something(self, day: date) -> bool:
        stories, survey = self._ports.stories, self._survey.id
        return any(True for _ in stories.answers_of_day(survey, day)) or any(True for _ in stories.asked_of_day(survey, day))

    def _count(self, days: Iterable[date], stamps: Mapping[date, str]) -> Iterator[date]:
        for day in days:
            if self._seconds_left() < RESERVE_SECONDS:
                self._outcome.more = True
                return
            digest = self._recount(day, stamps.get(day, ""))
            if digest is None:
                continue
            self._outcome.written += self._digests.put(day, digest)
            self._outcome.days.setdefault(self._survey.id, []).append(day)
            yield day

    def _recount(self, day: date, mark: str) -> Digest | None:
        """None when the day is too large for this run: it stays due, and its crew has the night go on with it."""
        found = self._digest_day(
            self._survey,
            day,
            version=self._version,
            wish=f"{mark} {self._last_ended}",
            parted=self._parted,
            hurry=lambda: self._seconds_left() < RESERVE_SECONDS,
        )
        if found is None:
            self._outcome.handed_over.setdefault(self._survey.id, []).append(day)
            return None
        digest, written = found
        digest.quarantined = self._ports.quarantined(self._survey, day)
        self._outcome.written += written
        return digest

    def _rebuild(self, counted: Sequence[date], waiting: set[date], latest: Latest) -> None:
        """Write every report that a counted day is in, the pointer last. A period with days that are still to be counted is
        left as it is: it comes with the last of them.
        """
        lines = [
            self._write_report(self._span(period, start), latest)
            for period, start in self._touched(counted)
            if waiting.isdisjoint(days_of(period, start))
        ]
        self._put(self._latest_key, latest.to_bytes(), "application/json")
        self._outcome.written += self._ports.index(self._survey, lines)

    def _touched(self, counted: Sequence[date]) -> list[tuple[Period, date]]:
        """The periods that hold a counted day, and those with a report already that looks back at one."""
        holding = {each for day in counted for each in spans_holding(day)}
        later = {each for day in counted for each in spans_looking_back_at(day, self._last_ended)} - holding
        reported = {each for each in later if self._ports.blobs.size(f"{self._folder(*each)}/{self._ports.writers[0].name}") is not None}
        return sorted(holding | reported, key=lambda each: (list(Period).index(each[0]), each[1]))

    def _span(self, period: Period, start: date) -> Span:
        days = days_of(period, start)
        complete = days[-1] <= self._last_ended and self._unscored.isdisjoint(days)
        return Span(period, start, complete, until=min(days[-1], self._last_ended))

    def _write_report(self, span: Span, latest: Latest) -> ReportLine:
        report = report_of(self._survey, span, self._digests(span), self._ports.words)
        folder = self._folder(span.period, span.start)
        files = {each.name: (f"{folder}/{each.name}", each.write(report)) for each in self._ports.writers}
        if latest.withdraw(span, files):
            self._put(self._latest_key, latest.to_bytes(), "application/json")
        for writer in self._ports.writers:
            key, body = files[writer.name]
            self._put(key, body, writer.content_type)
        latest.add(span, files)
        return ReportLine.of(report)

    def _settle(self, counted: Sequence[date], stamps: dict[date, str], *, scored: bool) -> None:
        """Note what needs no more work, now that everything above it is written."""
        for day in counted:
            if day in stamps and stamps[day] <= self._settled_for(day):
                self._ports.nights.clean(self._survey.id, day, stamps[day])
        if scored:
            done = min(self._unscored, default=self._last_ended + timedelta(days=1)) - timedelta(days=1)
            until = self._ports.nights.scored_until(self._survey.id)
            if until is None or done > until:
                self._ports.nights.set_scored_until(self._survey.id, done)

    def _settled_for(self, day: date) -> str:
        """What was written until then is in the day's count."""
        if self._parted is not None and self._parted.day == day:
            return stamp(self._parted.begun - SETTLING)
        return self._settled

    def _put(self, key: str, body: bytes, content_type: str) -> None:
        self._outcome.written += self._ports.blobs.put(key, body, content_type)

    def _folder(self, period: Period, start: date) -> str:
        return f"{self._root}/period={period.value}/{start.isoformat()}"

    @property
    def _latest_key(self) -> str:
        return f"{self._root}/latest.json"
