"""Days, weeks, months and quarters in a survey's own time zone. A day may have 23 or 25 hours; every instant has one day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Period(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


def instant(text: str) -> datetime:
    """An ISO-8601 time with an offset, as an aware UTC datetime. Raises ValueError when it has no offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time needs an offset, such as Z")
    return moment.astimezone(UTC)


def stamp(moment: datetime) -> str:
    """An instant as sortable text to the microsecond: 2026-11-21T20:00:00.000000Z. Years before 1000 keep their zeros, which
    strftime leaves out.
    """
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def day_of(moment: datetime, timezone: str) -> date:
    """The calendar day that an instant falls on in a time zone."""
    return moment.astimezone(ZoneInfo(timezone)).date()


def first_day(period: Period, day: date) -> date:
    """The first day of the period that holds a day; weeks begin on Monday (ISO 8601)."""
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return day - timedelta(days=day.weekday())
        case Period.MONTH:
            return day.replace(day=1)
        case Period.QUARTER:
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)


def next_first_day(period: Period, day: date) -> date:
    """The first day after the period that holds `day`."""
    start = first_day(period, day)
    match period:
        case Period.DAY:
            return start + timedelta(days=1)
        case Period.WEEK:
            return start + timedelta(days=7)
        case Period.MONTH:
            return (start + timedelta(days=31)).replace(day=1)
        case Period.QUARTER:
            return (start + timedelta(days=93)).replace(day=1)


def days_of(period: Period, day: date) -> list[date]:
    """Every day of the period that holds `day`, in order."""
    start, end = first_day(period, day), next_first_day(period, day)
    return [start + timedelta(days=n) for n in range((end - start).days)]
