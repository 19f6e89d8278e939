from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.calendar import Period, day_of, days_of, first_day, instant, next_first_day, stamp

ZONES = ["Europe/Berlin", "America/New_York", "America/Santiago", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo"]
DAYS = st.dates(date(2000, 1, 1), date(2060, 12, 31))


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC)), zone=st.sampled_from(ZONES))  # noqa: DTZ001
def test_days_never_run_backwards_and_the_day_after_tomorrow_is_another(moment: datetime, zone: str) -> None:
    day = day_of(moment, zone)
    assert day <= day_of(moment + timedelta(hours=1), zone)
    assert day < day_of(moment + timedelta(hours=26), zone)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 7, 1), 24)])
def test_days_of_a_clock_change_have_23_or_25_hours(day: date, hours: int) -> None:
    noon_before = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
    assert sum(day_of(noon_before + timedelta(hours=n), "Europe/Berlin") == day for n in range(48)) == hours


@given(day=DAYS, period=st.sampled_from(Period))
def test_a_period_holds_its_day_and_its_days_follow_one_another(day: date, period: Period) -> None:
    days = days_of(period, day)
    assert day in days
    assert days[0] == first_day(period, day)
    assert days[-1] + timedelta(days=1) == next_first_day(period, day)
    assert all(first_day(period, each) == days[0] for each in days)
    assert first_day(period, next_first_day(period, day)) == next_first_day(period, day)


def test_weeks_begin_on_monday_and_quarters_in_january_april_july_october() -> None:
    assert first_day(Period.WEEK, date(2026, 11, 22)) == date(2026, 11, 16)
    assert first_day(Period.QUARTER, date(2026, 11, 22)) == date(2026, 10, 1)
    assert next_first_day(Period.QUARTER, date(2026, 12, 31)) == date(2027, 1, 1)


def test_stamps_sort_as_time_does_and_come_back_as_the_same_instant() -> None:
    early = datetime(2026, 11, 21, 20, 0, 0, 999_999, tzinfo=UTC)
    late = datetime(2026, 11, 21, 20, 0, 1, tzinfo=UTC)
    assert stamp(early) < stamp(late)
    assert instant(stamp(early)) == early


def test_a_time_without_an_offset_is_no_instant() -> None:
    with pytest.raises(ValueError, match="offset"):
        instant("2026-11-21T20:00:00")
