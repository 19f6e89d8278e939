from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from hearback.domain.retry_after import LONGEST, retry_after_seconds
from hearback.domain.retrying import FORWARD_WAITS, JITTER, next_try

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_forwards_are_tried_for_at_least_three_days() -> None:
    assert sum(FORWARD_WAITS, timedelta()) >= timedelta(hours=72)


@given(tries=st.integers(1, len(FORWARD_WAITS)), asked=st.none() | st.floats(0, 86400), salt=st.text())
def test_no_try_comes_sooner_than_the_schedule_or_than_the_other_side_asked(tries: int, asked: float | None, salt: str) -> None:
    due = next_try(FORWARD_WAITS, tries, NOW, asked, salt=salt)
    assert due is not None
    floor = FORWARD_WAITS[tries - 1]
    assert due - NOW >= floor
    assert due - NOW >= timedelta(seconds=asked or 0)
    assert due - NOW <= max(floor * (1 + JITTER), timedelta(seconds=asked or 0))


def test_after_the_last_wait_nothing_more_is_tried() -> None:
    assert next_try(FORWARD_WAITS, len(FORWARD_WAITS) + 1, NOW, None, salt="x") is None


def test_two_forwards_that_failed_together_do_not_return_together() -> None:
    dues = {next_try(FORWARD_WAITS, 1, NOW, None, salt=f"s-{n}") for n in range(50)}
    assert len(dues) == 50


def test_retry_after_is_read_as_seconds_or_as_a_date_and_nonsense_is_none() -> None:
    assert retry_after_seconds(" 120 ", NOW) == 120
    assert retry_after_seconds("Mon, 02 Mar 2026 12:01:00 GMT", NOW) == 60
    assert retry_after_seconds("Mon, 02 Mar 2026 11:00:00 GMT", NOW) == 0
    assert retry_after_seconds("99999999999", NOW) == LONGEST
    for nonsense in ("", "soon", "-5", "1e3", "٣"):
        assert retry_after_seconds(nonsense, NOW) is None


def test_a_date_says_nothing_to_who_does_not_know_the_time() -> None:
    assert retry_after_seconds("120", None) == 120
    assert retry_after_seconds("Mon, 02 Mar 2026 12:01:00 GMT", None) is None


@given(st.text())
def test_no_header_makes_it_fail(text: str) -> None:
    seconds = retry_after_seconds(text, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST
