"""Which days a report looks at: its own period, the period before, and the window in which its trend is judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from hearback.domain.calendar import Period, first_day, next_first_day

DAYS_BACK, WEEKS_BACK, MONTHS_BACK = 27, 11, 2
"""How many periods before its own the window of a day's, a week's and a month's report holds; a quarter's holds one."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """One period of one survey. `complete` once the period has ended and every day of it has been counted; until then
    `until` is the last day that has ended.
    """

    period: Period
    start: date
    complete: bool
    until: date | None = None

    @property
    def end(self) -> date:
        """The last day, included."""
        return next_first_day(self.period, self.start) - _DAY

    @property
    def last(self) -> date:
        """The last day that can have answers so far."""
        return min(self.end, self.until) if self.until is not None else self.end

    @property
    def before(self) -> Span:
        """The period of the same kind before this one."""
        return Span(self.period, first_day(self.period, self.start - _DAY), complete=True)

    @property
    def window_start(self) -> date:
        """The first day of the trend's window, which ends with the period. The period before lies in it."""
        match self.period:
            case Period.DAY:
                return self.start - DAYS_BACK * _DAY
            case Period.WEEK:
                return self.start - 7 * WEEKS_BACK * _DAY
            case Period.MONTH:
                return _back(Period.MONTH, self.start, MONTHS_BACK)
            case Period.QUARTER:
                return _back(Period.QUARTER, self.start, 1)

    def days(self) -> Iterator[date]:
        """Every day of the period so far."""
        return days_between(self.start, self.last)

    def points(self) -> Iterator[tuple[date, date]]:
        """First and last day of each point of the trend: days for a day's report, else ISO weeks, cut where the window or the
        period begins and ends.
        """
        day = self.window_start
        while day <= self.last:
            following = day + _DAY if self.period is Period.DAY else next_first_day(Period.WEEK, day)
            if day < self.start < following:
                following = self.start
            yield day, min(following - _DAY, self.last)
            day = following


def spans_holding(day: date) -> Iterator[tuple[Period, date]]:
    """The periods that a day is in, by kind and first day."""
    for period in Period:
        yield period, first_day(period, day)


def spans_looking_back_at(day: date, until: date) -> Iterator[tuple[Period, date]]:
    """The later periods, begun by `until`, in whose window the day is."""
    for period in Period:
        start = next_first_day(period, day)
        while start <= until and Span(period, start, complete=True).window_start <= day:
            yield period, start
            start = next_first_day(period, start)


def days_between(first: date, last: date) -> Iterator[date]:
    """Both included."""
    for n in range((last - first).days + 1):
        yield first + n * _DAY


def _back(period: Period, start: date, times: int) -> date:
    for _ in range(times):
        start = first_day(period, start - _DAY)
    return start
